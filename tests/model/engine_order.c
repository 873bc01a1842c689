/* Where concurrent items go: nests (crdt/core/nest.h) beside the scan that they stand in for, on input that is made to
 * be awkward: many authors, long chains, wide spots, right origins that no editor would send.
 *
 * Each run feeds the same updates to two documents. One forgets its nests before each update, so it scans; the other
 * has a nest for each list from its second item on, sometimes dropped and built anew. After each update the order must
 * be the same and crdt_check must hold. Where every right origin stands behind its origin, the plain model of yata.h is
 * asked as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/core/nest.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/enc.h"
#include "tests/model/yata.h"
#include "tests/support/rng.h"

#define RUNS     400
#define UPDATES  160
#define ELEMENTS (4 * UPDATES)

enum { TEXT = 4, EMBED = 5, ORIGIN = 0x80, RIGHT = 0x40, KEY = 0x20 };
enum place { LIST, OTHER_LIST, MAP_KEY, PLACES };
enum event { LETTERS, EMBEDS, DELETES, CUT_RUNS, STRAYS, COVERED, CROSSED, ELSEWHERE, REBUILT, MODELLED, EVENTS };
static const char *const event_names[EVENTS] = {"letters", "embeds",  "deletes",   "cut runs", "strays",
                                                "covered", "crossed", "elsewhere", "rebuilt",  "modelled"};

struct element {
    uint64_t client, clock;
    enum place place;
};

struct run {
    struct rng rng;
    uint64_t clients[32];
    uint64_t clocks[32];
    size_t client_count;
    struct element elements[ELEMENTS];
    size_t count;
    size_t last_origin, last_right; /* elements chosen last: spots are used again */
    unsigned again, deep, right;    /* percent */
    bool orderly;                   /* right origins stand behind origins */
    struct crdt_doc *scanning, *nesting;
    struct yata *model;
};

static unsigned long met[EVENTS];
static uint64_t seed;

#define CHECK(condition, what)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fail_run(what);                                                                                            \
        }                                                                                                              \
    } while (0)

static void fail_run(const char *what)
{
    (void)fprintf(stderr, "%s; repeat with CAHIER_SEED=%llu\n", what, (unsigned long long)seed);
    abort();
}

/* ---- nests ---------------------------------------------------------------------------------------- */

static void build_all(struct crdt_doc *doc)
{
    for (uint32_t seq = 1; seq < doc->seq_count; seq++) {
        if (doc->seqs[seq].branch && doc->seqs[seq].first && !nest_is_built(doc, seq)) {
            CHECK(nest_build(doc, seq) == RC_OK, "no memory for a nest");
        }
    }
}

static void count_nodes(const struct crdt_doc *doc)
{
    for (uint32_t i = 1; i < doc->nest_count; i++) {
        const struct nest_tree *t = &doc->nests[i].tree;
        for (uint32_t node = t->root ? nest_tree_next(t, 0) : 0; node; node = nest_tree_next(t, node)) {
            met[STRAYS] += t->node[node].cover == NEST_STRAY;
            met[COVERED] += t->node[node].cover != NEST_STRAY && t->node[node].cover != NEST_OPEN;
        }
    }
}

/* ---- updates ---------------------------------------------------------------------------------------- */

static void put_id(struct buf *b, const struct element *e)
{
    lib0_put_varuint(b, e->client);
    lib0_put_varuint(b, e->clock);
}

/* One in three at the place of the choice before. */
static size_t choose(struct run *r, size_t *last, enum place place)
{
    if (r->count == 0) {
        return 0;
    }
    if (!rng_chance(&r->rng, r->again) || *last >= r->count) {
        size_t span = rng_chance(&r->rng, r->deep) && r->count > 4 ? 4 : r->count;
        *last = r->count - 1 - rng_below(&r->rng, span);
    }
    for (unsigned tries = 0; tries < 20 && r->elements[*last].place != place; tries++) {
        *last = rng_below(&r->rng, r->count);
    }
    return *last;
}

static void put_parent(struct buf *b, enum place place)
{
    lib0_put_varuint(b, 1);
    lib0_put_varstring(b, span_str(place == LIST ? "t" : place == OTHER_LIST ? "u" : "m"));
    if (place == MAP_KEY) {
        lib0_put_varstring(b, span_str("key"));
    }
}

static void put_content(struct run *r, struct buf *b, bool embed, size_t len)
{
    if (embed) {
        lib0_put_varstring(b, span_str("1"));
        met[EMBEDS]++;
    } else {
        static const char letters[] = "abcdefgh";
        lib0_put_varstring(b, span_of(letters, len));
        met[LETTERS]++;
    }
    (void)r;
}

/* What an insertion hangs on. */
struct hold {
    bool origin, right;
    size_t origin_at, right_at;
};

static struct hold choose_hold(struct run *r, enum place place)
{
    struct hold h = {.origin_at = choose(r, &r->last_origin, place), .right_at = choose(r, &r->last_right, place)};
    const struct element *o = &r->elements[h.origin_at], *right = &r->elements[h.right_at];

    h.origin = r->count > 0 && o->place == place && rng_chance(&r->rng, 95);
    h.right = r->count > 0 && rng_chance(&r->rng, r->right);
    if (h.right && right->place != place) {
        h.right = h.origin; /* it does not say the place then */
        met[ELSEWHERE] += h.right;
    }
    if (h.right && h.origin && right->client == o->client && right->clock <= o->clock) {
        h.right = !r->orderly;
        met[CROSSED] += h.right;
    }
    return h;
}

static void put_insert(struct run *r, struct buf *b)
{
    size_t who = rng_below(&r->rng, r->client_count);
    enum place place = rng_chance(&r->rng, 90) ? LIST : rng_chance(&r->rng, 50) ? OTHER_LIST : MAP_KEY;
    struct hold h = choose_hold(r, place);
    bool embed = place == MAP_KEY || rng_chance(&r->rng, 40), parent = !h.origin && !h.right;
    size_t len = embed ? 1 : 1 + rng_below(&r->rng, 3);

    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, r->clients[who]);
    lib0_put_varuint(b, r->clocks[who]);
    buf_put_u8(b, (uint8_t)((embed ? EMBED : TEXT) | (h.origin ? ORIGIN : 0) | (h.right ? RIGHT : 0) |
                            (place == MAP_KEY ? KEY : 0)));
    if (h.origin) {
        put_id(b, &r->elements[h.origin_at]);
    }
    if (h.right) {
        put_id(b, &r->elements[h.right_at]);
    }
    if (parent) {
        put_parent(b, place);
    }
    put_content(r, b, embed, len);
    lib0_put_varuint(b, 0);
    for (size_t i = 0; i < len; i++) {
        r->elements[r->count++] = (struct element){r->clients[who], r->clocks[who]++, place};
    }
}

static void put_delete(struct run *r, struct buf *b)
{
    const struct element *e = &r->elements[rng_below(&r->rng, r->count)];
    size_t who = 0;

    while (r->clients[who] != e->client) {
        who++;
    }
    uint64_t len = 1 + rng_below(&r->rng, r->clocks[who] - e->clock);
    lib0_put_varuint(b, 0);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, e->client);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, e->clock);
    lib0_put_varuint(b, len < 4 ? len : 4);
    met[DELETES]++;
}

/* ---- runs --------------------------------------------------------------------------------------------- */

static void apply(struct crdt_doc *doc, const struct buf *update)
{
    CHECK(crdt_apply(doc, CRDT_V1, buf_span(update), NULL) == RC_OK, "an update is refused");
    const char *broken = crdt_check(doc);
    CHECK(broken == NULL, broken);
}

static void compare(const struct run *r)
{
    const struct crdt_doc *a = r->scanning, *b = r->nesting;

    for (uint32_t seq = 1; seq < a->seq_count; seq++) {
        struct seq_at at = seq_begin(a, seq), bt = seq_begin(b, seq);
        for (;; seq_step(a, &at), seq_step(b, &bt)) {
            uint32_t x = seq_item(a, at), y = seq_item(b, bt);
            CHECK(!x == !y, "a list ends too early");
            if (!x) {
                break;
            }
            const struct item *i = item_at(a, x), *j = item_at(b, y);
            CHECK(a->clients[i->client].id == b->clients[j->client].id && i->clock == j->clock && i->len == j->len,
                  "the nest has another order than the scan");
        }
    }
}

static void step(struct run *r)
{
    struct buf update = {0};

    if (r->count > 0 && rng_chance(&r->rng, 12)) {
        put_delete(r, &update);
    } else {
        put_insert(r, &update);
    }
    nest_drop_all(r->scanning);
    apply(r->scanning, &update);
    if (rng_chance(&r->rng, 3)) {
        nest_drop_all(r->nesting);
        met[REBUILT]++;
    }
    build_all(r->nesting);
    uint64_t structs = r->nesting->struct_count;
    apply(r->nesting, &update);
    met[CUT_RUNS] += r->nesting->struct_count > structs + 1;
    compare(r);
    if (r->model) {
        CHECK(yata_apply(r->model, CRDT_V1, buf_span(&update)), "the model cannot read an update");
    }
    buf_finish(&update);
}

static void begin(struct run *r, uint64_t run_seed)
{
    memset(r, 0, sizeof(*r));
    rng_init(&r->rng, run_seed);
    r->client_count = 1 + rng_below(&r->rng, 32);
    for (size_t i = 0; i < r->client_count; i++) {
        r->clients[i] = 10 * i + rng_below(&r->rng, 10) + (rng_chance(&r->rng, 10) ? UINT64_C(1) << 40 : 0);
    }
    r->again = (unsigned)rng_below(&r->rng, 100);
    r->deep = (unsigned)rng_below(&r->rng, 100);
    r->right = (unsigned)rng_below(&r->rng, 100);
    r->orderly = rng_chance(&r->rng, 50);
    struct crdt_doc_options options = {.client = 5, .keep_deleted = rng_chance(&r->rng, 30)};
    CHECK(crdt_doc_create(&options, &r->scanning) == RC_OK && crdt_doc_create(&options, &r->nesting) == RC_OK,
          "no memory");
    r->model = r->orderly ? yata_create() : NULL;
}

static void run_once(uint64_t run_seed)
{
    struct run r;

    begin(&r, run_seed);
    for (unsigned i = 0; i < UPDATES; i++) {
        step(&r);
    }
    build_all(r.nesting);
    count_nodes(r.nesting);
    if (r.model) {
        const char *broken = yata_compare(r.model, r.nesting);
        CHECK(broken == NULL, broken);
        met[MODELLED]++;
        yata_destroy(r.model);
    }
    crdt_doc_destroy(r.scanning);
    crdt_doc_destroy(r.nesting);
}

int main(void)
{
    uint64_t first = rng_test_seed(1);
    bool one = getenv("CAHIER_SEED") != NULL;

    for (uint64_t i = 0; i < (one ? 1 : RUNS); i++) {
        seed = first + i;
        run_once(seed);
    }
    for (size_t i = 0; i < EVENTS; i++) {
        printf("%s: %lu\n", event_names[i], met[i]);
        if (met[i] == 0 && !one) {
            (void)fprintf(stderr, "met no %s\n", event_names[i]);
            return 1;
        }
    }
    return 0;
}
