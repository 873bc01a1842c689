/* Documents of ours that edit and exchange updates over a bad network, beside the plain model of yata.h. At the end all
 * have everything: the same snapshot, the same elements in the same order, and among those that collect the same bytes;
 * loading a state gives the same state. crdt_check holds after every step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/model/yata.h"
#include "tests/support/bytes.h"
#include "tests/support/random_edits.h"

#define REPLICAS 8
#define MESSAGES 512
#define RUNS     600

enum event { EDITED, DELIVERED, EARLY, TWICE, LOST, RESYNC, WAITED, DELETES_WAITED, EVENTS };
static const char *const event_names[EVENTS] = {"edited", "delivered", "early",  "twice",
                                                "lost",   "resync",    "waited", "deletes waited"};

struct replica {
    struct crdt_doc *doc;
    struct span inbox[MESSAGES]; /* copies */
    size_t count;
};

struct world {
    struct rng rng;
    struct replica replica[REPLICAS];
    size_t replicas;
    struct yata *model;
    bool all_collect;
};

static unsigned long met[EVENTS];
static unsigned edits[RANDOM_EDIT_KINDS];
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

static void check(const struct crdt_doc *doc)
{
    const char *broken = crdt_check(doc);

    CHECK(broken == NULL, broken);
}

/* ---- the network ---------------------------------------------------------------------------------------- */

static void post(struct replica *to, struct span update)
{
    if (to->count < MESSAGES) {
        to->inbox[to->count++] = bytes_copy(update.data, update.len);
    }
}

static void apply(struct world *w, struct replica *r, struct span update)
{
    struct crdt_stat stat;

    CHECK(crdt_apply(r->doc, CRDT_V1, update, NULL) == RC_OK, "an update is refused");
    check(r->doc);
    crdt_doc_stat(r->doc, &stat);
    met[WAITED] += stat.pending_structs > 0;
    met[DELETES_WAITED] += stat.pending_deletes > 0;
    (void)w;
}

static void deliver(struct world *w, struct replica *r)
{
    size_t at;
    struct span update;

    if (r->count == 0) {
        return;
    }
    at = rng_chance(&w->rng, 60) ? 0 : rng_below(&w->rng, r->count);
    update = r->inbox[at];
    met[EARLY] += at > 0;
    if (rng_chance(&w->rng, 10)) { /* it stays, and comes again */
        apply(w, r, update);
        met[TWICE]++;
        return;
    }
    memmove(r->inbox + at, r->inbox + at + 1, (r->count - at - 1) * sizeof(*r->inbox));
    r->count--;
    if (rng_chance(&w->rng, 4)) {
        met[LOST]++;
    } else {
        apply(w, r, update);
        met[DELIVERED]++;
    }
    bytes_free(update);
}

static void edit(struct world *w, struct replica *r)
{
    struct buf update = {0};

    CHECK(random_edits(r->doc, &w->rng, 1 + (unsigned)rng_below(&w->rng, 3), CRDT_V1, &update, edits) == RC_OK,
          "an edit is refused");
    check(r->doc);
    if (update.len > 0) {
        met[EDITED]++;
        CHECK(yata_apply(w->model, CRDT_V1, buf_span(&update)), "the model cannot read an update");
        CHECK(!yata_waits(w->model), "an author's update lacks something");
    }
    for (size_t i = 0; update.len > 0 && i < w->replicas; i++) {
        if (&w->replica[i] != r) {
            post(&w->replica[i], buf_span(&update));
        }
    }
    buf_finish(&update);
}

/* `to` gets what it lacks of what `from` has. */
static void resync(struct world *w, struct replica *from, struct replica *to)
{
    struct buf vector = {0}, diff = {0};
    enum crdt_format format = rng_chance(&w->rng, 50) ? CRDT_V1 : CRDT_V2;

    CHECK(crdt_encode_state_vector(to->doc, &vector) == RC_OK, "no state vector");
    CHECK(crdt_encode_state(from->doc, format, buf_span(&vector), &diff) == RC_OK, "no state");
    CHECK(crdt_apply(to->doc, format, buf_span(&diff), NULL) == RC_OK, "a state is refused");
    check(to->doc);
    met[RESYNC]++;
    buf_finish(&vector);
    buf_finish(&diff);
}

/* ---- a run ------------------------------------------------------------------------------------------------- */

static void open_world(struct world *w, uint64_t run_seed)
{
    memset(w, 0, sizeof(*w));
    rng_init(&w->rng, run_seed);
    w->replicas = 2 + rng_below(&w->rng, REPLICAS - 1);
    w->all_collect = rng_chance(&w->rng, 60);
    w->model = yata_create();
    for (size_t i = 0; i < w->replicas; i++) {
        struct crdt_doc_options options = {.client = rng_chance(&w->rng, 50) ? i : rng_next(&w->rng) >> 11};
        options.keep_deleted = !w->all_collect && rng_chance(&w->rng, 50);
        CHECK(crdt_doc_create(&options, &w->replica[i].doc) == RC_OK, "no document");
    }
}

static void close_world(struct world *w)
{
    for (size_t i = 0; i < w->replicas; i++) {
        for (size_t j = 0; j < w->replica[i].count; j++) {
            bytes_free(w->replica[i].inbox[j]);
        }
        crdt_doc_destroy(w->replica[i].doc);
    }
    yata_destroy(w->model);
}

static void step(struct world *w)
{
    struct replica *r = &w->replica[rng_below(&w->rng, w->replicas)];
    uint64_t what = rng_below(&w->rng, 100);

    if (what < 35) {
        edit(w, r);
    } else if (what < 95) {
        deliver(w, r);
    } else {
        resync(w, &w->replica[rng_below(&w->rng, w->replicas)], r);
    }
}

static struct buf state_of(const struct crdt_doc *doc, enum crdt_format format)
{
    struct buf state = {0};

    CHECK(crdt_encode_state(doc, format, span_of(NULL, 0), &state) == RC_OK, "no state");
    return state;
}

static void compare_with_model(const struct world *w, const struct crdt_doc *doc)
{
    struct buf snapshot = {0}, expected = {0};
    const char *broken = yata_compare(w->model, doc);

    CHECK(broken == NULL, broken);
    CHECK(!crdt_has_pending(doc), "something still waits");
    CHECK(crdt_encode_snapshot(doc, &snapshot) == RC_OK, "no snapshot");
    yata_snapshot(w->model, &expected);
    CHECK(span_equal(buf_span(&snapshot), buf_span(&expected)), "another snapshot than the model's");
    buf_finish(&snapshot);
    buf_finish(&expected);
}

/* The state once it has been loaded into an empty document, where all garbage that can be joined is. */
static struct buf loaded(const struct world *w, const struct crdt_doc *doc, enum crdt_format format)
{
    struct buf state = state_of(doc, format), again = state_of(doc, format), normal;
    struct crdt_doc *copy;

    CHECK(span_equal(buf_span(&state), buf_span(&again)), "encoding twice gives other bytes");
    CHECK(crdt_doc_create(NULL, &copy) == RC_OK, "no document");
    CHECK(crdt_apply(copy, format, buf_span(&state), NULL) == RC_OK, "a state is refused");
    check(copy);
    compare_with_model(w, copy);
    normal = state_of(copy, CRDT_V2);
    crdt_doc_destroy(copy);
    buf_finish(&state);
    buf_finish(&again);
    return normal;
}

/* Garbage joins its neighbours only where a transaction passes by, as in yjs; loading joins the rest. */
static void compare_bytes(const struct world *w)
{
    struct buf first = loaded(w, w->replica[0].doc, CRDT_V1);

    for (size_t i = 0; i < w->replicas; i++) {
        struct buf state = loaded(w, w->replica[i].doc, CRDT_V2);

        CHECK(!w->all_collect || span_equal(buf_span(&state), buf_span(&first)), "replicas have other bytes");
        buf_finish(&state);
    }
    buf_finish(&first);
}

static void finish(struct world *w)
{
    for (size_t i = 1; i < w->replicas; i++) {
        resync(w, &w->replica[i], &w->replica[0]);
    }
    for (size_t i = 1; i < w->replicas; i++) {
        resync(w, &w->replica[0], &w->replica[i]);
    }
    for (size_t i = 0; i < w->replicas; i++) {
        compare_with_model(w, w->replica[i].doc);
    }
    compare_bytes(w);
}

static void run(uint64_t run_seed)
{
    static struct world w;
    size_t steps;

    seed = run_seed;
    open_world(&w, run_seed);
    for (steps = 10 + rng_below(&w.rng, 150); steps > 0; steps--) {
        step(&w);
    }
    finish(&w);
    close_world(&w);
}

int main(void)
{
    uint64_t first = rng_test_seed(20240914);
    int missed = 0;

    for (uint64_t i = 0; i < RUNS; i++) {
        run(first + i);
    }
    printf("%d runs", RUNS);
    for (size_t i = 0; i < EVENTS; i++) {
        printf(", %s %lu", event_names[i], met[i]);
        missed += met[i] == 0;
    }
    for (size_t i = 0; i < RANDOM_EDIT_KINDS; i++) {
        printf(", %s %u", random_edit_name((enum random_edit)i), edits[i]);
        missed += edits[i] == 0;
    }
    printf("\n");
    return missed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
