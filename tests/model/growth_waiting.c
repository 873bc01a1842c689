/* Attacks by what must wait. Each is phases, one after the other; each phase is updates, made one by one and sent at
 * once. */
#include "crdt/lib0/enc.h"
#include "tests/model/attacks.h"
#include "tests/support/rng.h"
#include "tests/model/growth.h"

struct phase {
    void (*put)(struct buf *update, size_t i, size_t n); /* the update number `i` */
    size_t count, step;                                  /* i = 0, step, 2 * step, … below `count`; step 0: 1 */
    const size_t *order;                                 /* NULL, or order[i] in place of i */
};

/* A new document gets all phases of an attack of size `n`. At the end it has so many letters of client 7, and something
 * waits in it or not. */
static void attack_in_phases(size_t n, const struct phase *phase, size_t phases, size_t letters, bool waits)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (const struct phase *p = phase; p < phase + phases; p++) {
        for (size_t i = 0; i < p->count; i += p->step ? p->step : 1) {
            p->put(&update, p->order ? p->order[i] : i, n);
            attack(doc, &update, RC_OK);
        }
    }
    CHECK(crdt_state(doc, 7) == letters && crdt_has_pending(doc) == waits);
    buf_finish(&update);
    attacked_destroy(doc);
}

static size_t *shuffled(size_t n)
{
    size_t *order = malloc(n * sizeof(*order));
    struct rng rng;

    CHECK(order != NULL);
    rng_init(&rng, n);
    for (size_t i = 0; i < n; i++) {
        size_t other = rng_below(&rng, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    return order;
}

/* Letters of client 7. */
static void letter(struct buf *b, size_t clock, size_t n)
{
    (void)n;
    if (clock == 0) {
        put_root_text(b, 7, "x");
    } else {
        put_letter(b, 7, clock, ORIGIN, 7, clock - 1);
    }
}

/* One client's letters come in any order: nearly all of them wait for long. */
static void letters_in_any_order(size_t n)
{
    size_t *order = shuffled(n);

    attack_in_phases(n, (struct phase[]){{letter, n, 1, order}}, 1, n, false);
    free(order);
}

static void letter_from_the_end(struct buf *b, size_t i, size_t n)
{
    letter(b, n - 1 - i, n);
}

static void letters_backwards(size_t n)
{
    attack_in_phases(n, (struct phase[]){{letter_from_the_end, n, 1, NULL}}, 1, n, false);
}

static void next_letter(struct buf *b, size_t i, size_t n)
{
    letter(b, i + 1, n);
}

/* Every second clock is missing; then the gaps are filled one by one, from the first. */
static void gaps(size_t n)
{
    attack_in_phases(n, (struct phase[]){{letter, n, 2, NULL}, {next_letter, n - 1, 2, NULL}}, 2, n, false);
}

static void link_of_chain(struct buf *b, size_t i, size_t n)
{
    if (i + 1 < n) {
        put_letter(b, 10 + i, 0, ORIGIN, 11 + i, 0);
    } else {
        put_root_text(b, 10 + i, "x");
    }
}

/* A chain of clients each of whom waits for the next one; the last comes last and sets all free at once. */
static void chain_of_clients(size_t n)
{
    attack_in_phases(n, (struct phase[]){{link_of_chain, n, 1, NULL}}, 1, 0, false);
}

static void wait_for_one(struct buf *b, size_t i, size_t n)
{
    put_letter(b, 100 + i, 0, ORIGIN, 7, n - 1 - i);
}

/* Many wait for different clocks of one client, who comes letter by letter. */
static void all_wait_for_one(size_t n)
{
    attack_in_phases(n, (struct phase[]){{wait_for_one, n, 1, NULL}, {letter, n, 1, NULL}}, 2, n, false);
}

static void wait_for_each(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_letter(b, 9, i, ORIGIN, 7, i);
}

/* A queue whose every struct waits for another clock of one client. */
static void one_waits_for_each(size_t n)
{
    attack_in_phases(n, (struct phase[]){{wait_for_each, n, 1, NULL}, {letter, n, 1, NULL}}, 2, n, false);
}

static void wait_for_oneself(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_letter(b, 100 + i, 1, ORIGIN, 100 + i, 0);
}

/* Many clients wait; what they sent comes again and again, one by one. */
static void waiting_twice(size_t n)
{
    const struct phase all = {wait_for_oneself, n, 1, NULL};

    attack_in_phases(n, (struct phase[]){all, all}, 2, 0, true);
}

static void wait_as_gc(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_head(b, 100 + i, 1, 1);
    buf_put_u8(b, GC);
    lib0_put_varuint(b, 1);
    put_no_deletes(b);
}

/* The same, but what comes again is of another kind. */
static void waiting_otherwise(size_t n)
{
    attack_in_phases(n, (struct phase[]){{wait_for_oneself, n, 1, NULL}, {wait_as_gc, n, 1, NULL}}, 2, 0, true);
}

static void all_wait(struct buf *b, size_t i, size_t n)
{
    (void)i;
    buf_clear(b);
    lib0_put_varuint(b, n);
    for (size_t k = n; k-- > 0;) {
        lib0_put_varuint(b, 1);
        put_id(b, 100 + k, 1);
        buf_put_u8(b, TEXT | ORIGIN);
        put_id(b, 100 + k, 0);
        lib0_put_varstring(b, span_str("x"));
    }
    put_no_deletes(b);
}

/* One update in which many clients wait, twice. */
static void all_waiting_twice(size_t n)
{
    attack_in_phases(n, (struct phase[]){{all_wait, 2, 1, NULL}}, 1, 0, true);
}

static void delete_of_nothing(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_delete(b, 7, 3 * i, 1);
}

/* Deletes of clocks that never come, each in an update of its own. */
static void deletes_of_nothing(size_t n)
{
    attack_in_phases(n, (struct phase[]){{delete_of_nothing, n, 1, NULL}}, 1, 0, true);
}

static void delete_every_second(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_delete(b, 7, 2 * i, 1);
}

/* Deletes in any order, then what they delete, letter by letter. */
static void deletes_come_true(size_t n)
{
    size_t *order = shuffled(n);

    attack_in_phases(n, (struct phase[]){{delete_every_second, n, 1, order}, {letter, 2 * n, 1, NULL}}, 2, 2 * n,
                     false);
    free(order);
}

static void delete_of_one(struct buf *b, size_t i, size_t n)
{
    (void)n;
    put_delete(b, 7 + i, 0, 1);
}

static void text_of_some_client(struct buf *b, size_t i, size_t n)
{
    put_root_text(b, 7 + i * 7919 % n, "x");
}

/* The same with a client for each delete. */
static void deletes_of_many_come_true(size_t n)
{
    attack_in_phases(n, (struct phase[]){{delete_of_one, n, 1, NULL}, {text_of_some_client, n, 1, NULL}}, 2, 1, false);
}

const struct growth growth_waiting[] = {
    {"letters in any order", letters_in_any_order, 4000},
    {"letters backwards", letters_backwards, 4000},
    {"gaps", gaps, 4000},
    {"chain of clients", chain_of_clients, 2000},
    {"all wait for one", all_wait_for_one, 2000},
    {"one waits for each", one_waits_for_each, 2000},
    {"waiting twice", waiting_twice, 2000},
    {"waiting otherwise", waiting_otherwise, 2000},
    {"all waiting twice", all_waiting_twice, 2000},
    {"deletes of nothing", deletes_of_nothing, 4000},
    {"deletes come true", deletes_come_true, 2000},
    {"deletes of many come true", deletes_of_many_come_true, 2000},
    {NULL, NULL, 0},
};
