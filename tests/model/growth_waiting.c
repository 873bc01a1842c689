/* Attacks by what must wait. */
#include "crdt/lib0/enc.h"
#include "tests/model/attacks.h"
#include "tests/support/rng.h"
#include "tests/model/growth.h"

/* ---- what waits ------------------------------------------------------------------------------------ */

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

static void put_nth_letter(struct buf *b, uint64_t client, uint64_t clock)
{
    if (clock == 0) {
        put_root_text(b, client, "x");
    } else {
        put_letter(b, client, clock, ORIGIN, client, clock - 1);
    }
}

/* One client's letters come in any order: nearly all of them wait for long. */
static void letters_in_any_order(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};
    size_t *order = shuffled(n);

    for (size_t i = 0; i < n; i++) {
        put_nth_letter(&update, 7, order[i]);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_state(doc, 7) == n && !crdt_has_pending(doc));
    free(order);
    buf_finish(&update);
    attacked_destroy(doc);
}

static void letters_backwards(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = n; i-- > 0;) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_state(doc, 7) == n && !crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Every second clock is missing; then the gaps are filled one by one, from the first. */
static void gaps(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i += 2) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 1; i < n; i += 2) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_state(doc, 7) == n && !crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* A chain of clients each of whom waits for the next one; the last comes last and sets all free at once. */
static void chain_of_clients(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i + 1 < n; i++) {
        put_letter(&update, 10 + i, 0, ORIGIN, 11 + i, 0);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_has_pending(doc));
    put_root_text(&update, 9 + n, "x");
    attack(doc, &update, RC_OK);
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Many wait for different clocks of one client, who comes letter by letter. */
static void all_wait_for_one(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 100 + i, 0, ORIGIN, 7, n - 1 - i);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* A queue whose every struct waits for another clock of one client. */
static void one_waits_for_each(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 9, i, ORIGIN, 7, i);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Many clients wait; what they sent comes again and again, one by one. */
static void waiting_twice(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++) {
            put_letter(&update, 100 + i, 1, ORIGIN, 100 + i, 0);
            attack(doc, &update, RC_OK);
        }
    }
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* The same, but what comes again is of another kind. */
static void waiting_otherwise(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 100 + i, 1, ORIGIN, 100 + i, 0);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_head(&update, 100 + i, 1, 1);
        buf_put_u8(&update, GC);
        lib0_put_varuint(&update, 1);
        put_no_deletes(&update);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

/* One update in which many clients wait, twice. */
static void all_waiting_twice(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    lib0_put_varuint(&update, n);
    for (size_t i = n; i-- > 0;) {
        lib0_put_varuint(&update, 1);
        put_id(&update, 100 + i, 1);
        buf_put_u8(&update, TEXT | ORIGIN);
        put_id(&update, 100 + i, 0);
        lib0_put_varstring(&update, span_str("x"));
    }
    put_no_deletes(&update);
    attack(doc, &update, RC_OK);
    attack(doc, &update, RC_OK);
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Deletes of clocks that never come, each in an update of its own. */
static void deletes_of_nothing(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, 3 * i, 1);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Deletes in any order, then what they delete, letter by letter. */
static void deletes_come_true(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};
    size_t *order = shuffled(n);

    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, 2 * order[i], 1);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < 2 * n; i++) {
        put_nth_letter(&update, 7, i);
        attack(doc, &update, RC_OK);
    }
    CHECK(!crdt_has_pending(doc));
    free(order);
    buf_finish(&update);
    attacked_destroy(doc);
}

/* The same with a client for each delete. */
static void deletes_of_many_come_true(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7 + i, 0, 1);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_root_text(&update, 7 + i * 7919 % n, "x");
        attack(doc, &update, RC_OK);
    }
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
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
