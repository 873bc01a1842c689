/* Real editing histories: every update one by one, and out of order, leads to the bytes that yjs recorded. Without the
 * shared data the test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "crdt/lib0/dec.h"
#include "tests/support/rng.h"
#include "tests/support/shared_data.h"

struct updates {
    struct buf file;
    struct span *update;
    size_t count;
};

static void read_updates(const char *name, struct updates *out)
{
    struct span cursor;
    uint32_t count;

    *out = (struct updates){0};
    shared_data_read("traces", name, &out->file);
    cursor = buf_span(&out->file);
    assert_true(shared_data_count(&cursor, &count));
    out->update = malloc((count + 1) * sizeof(*out->update));
    assert_non_null(out->update);
    while (shared_data_next(&cursor, &out->update[out->count])) {
        out->count++;
    }
    assert_int_equal(out->count, count);
}

static void free_updates(struct updates *u)
{
    free(u->update);
    buf_finish(&u->file);
}

static void assert_state(const struct crdt_doc *doc, enum crdt_format format, const char *name)
{
    struct buf expected = {0}, state = {0};

    shared_data_read("traces", name, &expected);
    assert_int_equal(crdt_encode_state(doc, format, span_of(NULL, 0), &state), RC_OK);
    assert_int_equal(state.len, expected.len);
    assert_memory_equal(state.data, expected.data, expected.len);
    buf_finish(&expected);
    buf_finish(&state);
}

/* Applies all, checks now and then and in the end, compares with the recorded states (NULL: there is none). */
static void replay(const struct updates *u, enum crdt_format format, const char *v1, const char *v2)
{
    struct crdt_doc *doc;
    size_t step = u->count / 8 + 1;

    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    for (size_t i = 0; i < u->count; i++) {
        assert_int_equal(crdt_apply(doc, format, u->update[i], NULL), RC_OK);
        if (i % step == step - 1) {
            assert_null(crdt_check(doc));
        }
    }
    assert_null(crdt_check(doc));
    assert_false(crdt_has_pending(doc));
    if (v1 != NULL) {
        assert_state(doc, CRDT_V1, v1);
    }
    if (v2 != NULL) {
        assert_state(doc, CRDT_V2, v2);
    }
    crdt_doc_destroy(doc);
}

static const struct {
    const char *updates;
    enum crdt_format format;
    const char *v1, *v2;
} traces[] = {
    {"friendsforever.yjs.updates.v1.gz", CRDT_V1, "friendsforever.yjs.v1.gz", "friendsforever.yjs.v2.gz"},
    {"sveltecomponent.yjs.updates.v1.gz", CRDT_V1, "sveltecomponent.yjs.v1.gz", "sveltecomponent.yjs.v2.gz"},
    {"sveltecomponent.yjs.updates.v2.gz", CRDT_V2, "sveltecomponent.yjs.v1.gz", "sveltecomponent.yjs.v2.gz"},
    {"json-crdt-blog-post.yjs.updates.v1.gz", CRDT_V1, "json-crdt-blog-post.yjs.v1.gz",
     "json-crdt-blog-post.yjs.v2.gz"},
    {"automerge-paper.yjs.updates.v1.gz", CRDT_V1, "automerge-paper.yjs.v1.gz", "automerge-paper.yjs.v2.gz"},
    {"automerge-paper.yjs.updates.v2.gz", CRDT_V2, "automerge-paper.yjs.v1.gz", "automerge-paper.yjs.v2.gz"},
    {"seph-blog1.yjs.updates.v1.gz", CRDT_V1, "seph-blog1.yjs.v1.gz", "seph-blog1.yjs.v2.gz"},
    {"note30.updates.v1.gz", CRDT_V1, "note30.v1.gz", "note30.v2.gz"},
    {"note30.updates.v2.gz", CRDT_V2, "note30.v1.gz", "note30.v2.gz"},
    {"clients10k.yjs.updates.v1.gz", CRDT_V1, NULL, NULL},
};

static void traces_lead_to_the_recorded_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        struct updates u;

        print_message("%s\n", traces[i].updates);
        read_updates(traces[i].updates, &u);
        replay(&u, traces[i].format, traces[i].v1, traces[i].v2);
        free_updates(&u);
    }
}

/* The author of a v1 update's first struct, or UINT64_MAX. */
static uint64_t author(struct span update)
{
    struct lib0_dec in = lib0_dec_of(update);
    uint64_t clients = lib0_dec_varuint(&in);

    (void)lib0_dec_varuint(&in);
    return clients > 0 ? lib0_dec_varuint(&in) : UINT64_MAX;
}

static void one_person_first_leads_to_the_same_bytes(void **state)
{
    struct updates u, turned = {0};
    uint64_t first;

    (void)state;
    read_updates("friendsforever.yjs.updates.v1.gz", &u);
    turned.update = malloc(u.count * sizeof(*turned.update));
    assert_non_null(turned.update);
    first = author(u.update[u.count - 1]);
    for (size_t i = 0; i < u.count; i++) {
        if (author(u.update[i]) == first) {
            turned.update[turned.count++] = u.update[i];
        }
    }
    assert_in_range(turned.count, 1, u.count - 1);
    for (size_t i = 0; i < u.count; i++) {
        if (author(u.update[i]) != first) {
            turned.update[turned.count++] = u.update[i];
        }
    }
    replay(&turned, CRDT_V1, "friendsforever.yjs.v1.gz", "friendsforever.yjs.v2.gz");
    free_updates(&turned);
    free_updates(&u);
}

/* Each update comes up to `distance` places late or early. */
static void shuffle(struct updates *u, struct rng *rng, size_t distance)
{
    for (size_t i = 0; i + 1 < u->count; i++) {
        size_t left = u->count - i, other = i + rng_below(rng, left < distance ? left : distance);
        struct span swapped = u->update[i];

        u->update[i] = u->update[other];
        u->update[other] = swapped;
    }
}

static void shuffled_updates_lead_to_the_same_bytes(void **state)
{
    static const struct {
        const char *updates;
        enum crdt_format format;
        size_t distance;
        const char *v1, *v2;
    } cases[] = {
        {"note30.updates.v1.gz", CRDT_V1, SIZE_MAX, "note30.v1.gz", "note30.v2.gz"},
        {"note30.updates.v2.gz", CRDT_V2, 50, "note30.v1.gz", "note30.v2.gz"},
        {"friendsforever.yjs.updates.v1.gz", CRDT_V1, SIZE_MAX, "friendsforever.yjs.v1.gz", "friendsforever.yjs.v2.gz"},
        {"sveltecomponent.yjs.updates.v2.gz", CRDT_V2, SIZE_MAX, "sveltecomponent.yjs.v1.gz",
         "sveltecomponent.yjs.v2.gz"},
    };
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(30));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct updates u;

        print_message("%s\n", cases[i].updates);
        read_updates(cases[i].updates, &u);
        shuffle(&u, &rng, cases[i].distance);
        replay(&u, cases[i].format, cases[i].v1, cases[i].v2);
        free_updates(&u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_lead_to_the_recorded_bytes),
        cmocka_unit_test(one_person_first_leads_to_the_same_bytes),
        cmocka_unit_test(shuffled_updates_lead_to_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
