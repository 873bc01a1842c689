/* What strangers may send to make a document slow, large or deep: all of it must be refused or done in time that grows
 * with the bytes sent, and every invariant must hold. Processor time is compared between a size and four times that
 * size: linear work takes four times as long, quadratic work sixteen. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "crdt/crdt.h"
#include "crdt/lib0/enc.h"
#include "tests/support/bytes.h"
#include "tests/support/rng.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#define TOO_STEEP  11.0 /* between 4 and 16 */
#define NOTICEABLE 0.1  /* seconds; below, no ratio is taken */

static struct crdt_doc *doc_of(bool keep_deleted)
{
    struct crdt_doc *doc;

    CHECK(crdt_doc_create(&(struct crdt_doc_options){.client = 1, .keep_deleted = keep_deleted}, &doc) == RC_OK);
    return doc;
}

static void apply(struct crdt_doc *doc, const struct buf *update, int expected)
{
    struct span copy = bytes_copy(update->data, update->len);

    CHECK(update->rc == RC_OK);
    CHECK(crdt_apply(doc, CRDT_V1, copy, NULL) == expected);
    bytes_free(copy);
}

static void check_and_destroy(struct crdt_doc *doc)
{
    const char *broken = crdt_check(doc);

    if (broken != NULL) {
        (void)fprintf(stderr, "%s\n", broken);
        abort();
    }
    crdt_doc_destroy(doc);
}

/* ---- updates, v1 ------------------------------------------------------------------------------------------ */

enum { GC = 0, TEXT = 4, TYPE = 7, ORIGIN = 0x80, RIGHT = 0x40 };

static void put_id(struct buf *b, uint64_t client, uint64_t clock)
{
    lib0_put_varuint(b, client);
    lib0_put_varuint(b, clock);
}

static void put_head(struct buf *b, uint64_t client, uint64_t clock, uint64_t structs)
{
    buf_clear(b);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, structs);
    put_id(b, client, clock);
}

static void put_root_text(struct buf *b, uint64_t client, const char *text)
{
    put_head(b, client, 0, 1);
    buf_put_u8(b, TEXT);
    lib0_put_varuint(b, 1);
    lib0_put_varstring(b, span_str("t"));
    lib0_put_varstring(b, span_str(text));
    lib0_put_varuint(b, 0);
}

/* One struct of one letter behind (or before) another. */
static void put_letter(struct buf *b, uint64_t client, uint64_t clock, uint8_t flag, uint64_t other,
                       uint64_t other_clock)
{
    put_head(b, client, clock, 1);
    buf_put_u8(b, (uint8_t)(TEXT | flag));
    put_id(b, other, other_clock);
    lib0_put_varstring(b, span_str("x"));
    lib0_put_varuint(b, 0);
}

static void put_delete(struct buf *b, uint64_t client, uint64_t clock, uint64_t len)
{
    buf_clear(b);
    lib0_put_varuint(b, 0);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, client);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, clock);
    lib0_put_varuint(b, len);
}

/* ---- attacks that take a size --------------------------------------------------------------------------------- */

/* Many clients insert at the same place without knowing of each other, the lowest first. */
static void inserts_at_one_place(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    put_root_text(&update, 1, "ab");
    apply(doc, &update, RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 2 + i, 0, ORIGIN, 1, 0);
        apply(doc, &update, RC_OK);
    }
    buf_finish(&update);
    check_and_destroy(doc);
}

/* One client's letters come in any order: nearly all of them wait for long. */
static void letters_in_any_order(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};
    size_t *order = malloc(n * sizeof(*order));
    struct rng rng;

    CHECK(order != NULL);
    rng_init(&rng, n);
    for (size_t i = 0; i < n; i++) {
        size_t other = rng_below(&rng, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i < n; i++) {
        if (order[i] == 0) {
            put_root_text(&update, 7, "x");
        } else {
            put_letter(&update, 7, order[i], ORIGIN, 7, order[i] - 1);
        }
        apply(doc, &update, RC_OK);
    }
    CHECK(crdt_state(doc, 7) == n && !crdt_has_pending(doc));
    free(order);
    buf_finish(&update);
    check_and_destroy(doc);
}

/* Every second clock is missing; then the gaps are filled one by one, from the first. */
static void gaps(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    put_root_text(&update, 7, "x");
    apply(doc, &update, RC_OK);
    for (size_t i = 2; i < n; i += 2) {
        put_letter(&update, 7, i, ORIGIN, 7, i - 1);
        apply(doc, &update, RC_OK);
    }
    for (size_t i = 1; i < n; i += 2) {
        put_letter(&update, 7, i, ORIGIN, 7, i - 1);
        apply(doc, &update, RC_OK);
    }
    CHECK(crdt_state(doc, 7) >= n - 1 && !crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

/* A chain of clients each of whom waits for the next one; the last comes last and sets all free at once. */
static void chain_of_clients(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    for (size_t i = 0; i + 1 < n; i++) {
        put_letter(&update, 10 + i, 0, ORIGIN, 11 + i, 0);
        apply(doc, &update, RC_OK);
    }
    CHECK(crdt_has_pending(doc));
    put_root_text(&update, 9 + n, "x");
    apply(doc, &update, RC_OK);
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

/* Many wait for different clocks of one client, who comes letter by letter. */
static void all_wait_for_one(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 100 + i, 0, ORIGIN, 7, n - 1 - i);
        apply(doc, &update, RC_OK);
    }
    put_root_text(&update, 7, "x");
    apply(doc, &update, RC_OK);
    for (size_t i = 1; i < n; i++) {
        put_letter(&update, 7, i, ORIGIN, 7, i - 1);
        apply(doc, &update, RC_OK);
    }
    CHECK(!crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

/* Deletes of clocks that never come, each in an update of its own. */
static void deletes_of_nothing(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, 3 * i, 1);
        apply(doc, &update, RC_OK);
    }
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

/* One long text cut into pieces by deletes from its middle outwards. */
static void cuts_of_one_text(size_t n)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0}, text = {0};

    for (size_t i = 0; i < n; i++) {
        buf_put_str(&text, i % 50 == 0 ? "\xf0\x9f\x98\x80" : "ab");
    }
    put_head(&update, 7, 0, 1);
    buf_put_u8(&update, TEXT);
    lib0_put_varuint(&update, 1);
    lib0_put_varstring(&update, span_str("t"));
    lib0_put_varstring(&update, buf_span(&text));
    lib0_put_varuint(&update, 0);
    apply(doc, &update, RC_OK);
    for (size_t i = 0; i + 1 < n; i += 2) {
        put_delete(&update, 7, i % 4 == 0 ? n - i : n + i, 1);
        apply(doc, &update, RC_OK);
    }
    buf_finish(&text);
    buf_finish(&update);
    check_and_destroy(doc);
}

/* Types in types, in one update, deleted and (unless kept) collected; read before, too. */
static void nest(size_t n, bool keep)
{
    struct crdt_doc *doc = doc_of(keep);
    struct buf update = {0}, out = {0};
    struct crdt_stat stat;

    put_head(&update, 7, 0, n);
    for (size_t i = 0; i < n; i++) {
        buf_put_u8(&update, TYPE);
        if (i == 0) {
            lib0_put_varuint(&update, 1);
            lib0_put_varstring(&update, span_str("t"));
        } else {
            lib0_put_varuint(&update, 0);
            put_id(&update, 7, i - 1);
        }
        lib0_put_varuint(&update, i == 0 ? 2 : 0); /* a text, then arrays */
    }
    lib0_put_varuint(&update, 0);
    apply(doc, &update, RC_OK);
    CHECK(crdt_type_to_json(doc, crdt_root(doc, span_str("t")), &out) != RC_NOMEM);
    put_delete(&update, 7, 0, 1);
    apply(doc, &update, RC_OK);
    crdt_doc_stat(doc, &stat);
    CHECK(keep ? stat.items == n : stat.items == 1 && stat.structs == 2);
    buf_finish(&update);
    buf_finish(&out);
    check_and_destroy(doc);
}

static void nest_collected(size_t n)
{
    nest(n, false);
}

static void nest_kept(size_t n)
{
    nest(n, true);
}

static const struct {
    const char *what;
    void (*run)(size_t n);
    size_t n;
    bool quadratic; /* with a small factor: only the absolute time counts */
} attacks[] = {
    {"inserts at one place", inserts_at_one_place, 10000, true},
    {"letters in any order", letters_in_any_order, 10000, false},
    {"gaps", gaps, 10000, false},
    {"chain of clients", chain_of_clients, 10000, false},
    {"all wait for one", all_wait_for_one, 10000, true},
    {"deletes of nothing", deletes_of_nothing, 10000, true},
    {"cuts of one text", cuts_of_one_text, 10000, false},
    {"nested types, collected", nest_collected, 100000, false},
    {"nested types, kept", nest_kept, 100000, false},
};

static double seconds_of(void (*run)(size_t n), size_t n)
{
    clock_t start = clock();

    run(n);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static int run_attacks(void)
{
    int slow = 0;

    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        double small = seconds_of(attacks[i].run, attacks[i].n / 4), large = seconds_of(attacks[i].run, attacks[i].n);
        bool steep = !attacks[i].quadratic && large > NOTICEABLE && large > TOO_STEEP * small;

        printf("%s, %zu: %.3f s, %.3f s for a quarter%s\n", attacks[i].what, attacks[i].n, large, small,
               steep ? ": too steep" : "");
        slow += steep || large > 20;
    }
    return slow;
}

/* ---- attacks of a few bytes ---------------------------------------------------------------------------------------
 */

static void clients_that_wait_for_each_other(void)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};
    struct crdt_stat stat;

    for (uint64_t i = 0; i < 3; i++) {
        put_letter(&update, 10 + i, 0, ORIGIN, 10 + (i + 1) % 3, 0);
        apply(doc, &update, RC_OK);
    }
    put_letter(&update, 20, 0, RIGHT, 10, 0);
    apply(doc, &update, RC_OK);
    crdt_doc_stat(doc, &stat);
    CHECK(stat.structs == 0 && stat.pending_structs == 4);
    put_root_text(&update, 7, "still alive");
    apply(doc, &update, RC_OK);
    CHECK(crdt_state(doc, 7) == 11);
    buf_finish(&update);
    check_and_destroy(doc);
}

/* A struct that can never be integrated must not wait, or it would spoil the update that reaches it. */
static void a_waiting_struct_spoils_nothing(void)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    put_letter(&update, 7, 3, ORIGIN, 7, 9);
    apply(doc, &update, RC_FORMAT);
    put_root_text(&update, 7, "abc");
    apply(doc, &update, RC_OK);
    put_letter(&update, 7, 3, ORIGIN, 7, 2);
    apply(doc, &update, RC_OK);
    CHECK(crdt_state(doc, 7) == 4 && !crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

static void huge_delete_ranges(void)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};
    uint64_t most = ((uint64_t)1 << 53) - 1;

    put_root_text(&update, 7, "abc");
    apply(doc, &update, RC_OK);
    put_delete(&update, 7, 1, most - 1);
    apply(doc, &update, RC_OK);
    put_delete(&update, 8, 0, most);
    apply(doc, &update, RC_OK);
    put_delete(&update, 8, 1, most);
    apply(doc, &update, RC_RANGE);
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    check_and_destroy(doc);
}

static void huge_garbage(void)
{
    struct crdt_doc *doc = doc_of(false);
    struct buf update = {0};

    for (int i = 0; i < 2; i++) {
        put_head(&update, 7, (uint64_t)i * UINT32_MAX, 1);
        buf_put_u8(&update, GC);
        lib0_put_varuint(&update, UINT32_MAX);
        lib0_put_varuint(&update, 0);
        apply(doc, &update, i == 0 ? RC_OK : RC_LIMIT);
    }
    CHECK(crdt_state(doc, 7) == UINT32_MAX);
    buf_finish(&update);
    check_and_destroy(doc);
}

/* Runs in v2 columns that unfold to far more than was sent. */
static void run_length_bombs(void)
{
    static const char *const bombs[] = {
        /* the update that hangs mergeUpdatesV2: 2^31 structs from one run */
        "00 00 05 07 ff ff ff ff 07 00 00 05 04 ff ff ff ff 0f 00 00 00 00 01 ff ff ff ff 07 00 00",
        "00 00 02 41 00 00 00 04 00 fe ff 3f 00 00 00 04 41 fe ff 3f 01 ff ff ff 7f 00 00",
        "00 00 01 07 00 00 05 00 ff ff ff 1f 00 00 00 05 41 ff ff ff 1f 01 ff ff ff 1f 00 00",
    };
    struct crdt_doc *doc = doc_of(false);

    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        struct span bomb = bytes_from_hex(bombs[i]);
        clock_t start = clock();

        CHECK(crdt_apply(doc, CRDT_V2, bomb, NULL) != RC_NOMEM);
        CHECK(clock() - start < 2 * CLOCKS_PER_SEC);
        bytes_free(bomb);
    }
    check_and_destroy(doc);
}

int main(void)
{
    clients_that_wait_for_each_other();
    a_waiting_struct_spoils_nothing();
    huge_delete_ranges();
    huge_garbage();
    run_length_bombs();
    return run_attacks() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
