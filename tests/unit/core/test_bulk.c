/* A state loaded in bulk beside the same bytes taken struct by struct: crdt_apply goes the latter way whenever it is
 * asked for changes. Random documents of several authors, in both formats, collected or not; what does not fit; memory
 * that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/bulk.h"
#include "crdt/wire/update_dec.h"
#include "tests/support/random_edits.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

#define AUTHORS 4
#define RUNS    60

static const struct span everything = {NULL, 0};

static struct buf encode(const struct crdt_doc *doc, enum crdt_format format)
{
    struct buf out = {0};

    assert_int_equal(crdt_encode_state(doc, format, everything, &out), RC_OK);
    return out;
}

static void assert_fine(const struct crdt_doc *doc)
{
    const char *broken = crdt_check(doc);

    if (broken) {
        fail_msg("%s", broken);
    }
}

/* Both documents hold the same, to the byte. */
static void assert_same(const struct crdt_doc *a, const struct crdt_doc *b)
{
    struct buf x = encode(a, CRDT_V1), y = encode(b, CRDT_V1);
    struct span name = span_str("text");

    assert_fine(a);
    assert_fine(b);
    assert_true(span_equal(buf_span(&x), buf_span(&y)));
    assert_int_equal(crdt_type_length(a, crdt_root(a, name)), crdt_type_length(b, crdt_root(b, name)));
    buf_finish(&x);
    buf_finish(&y);
}

static void apply(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    struct buf changes = {0};

    assert_int_equal(crdt_apply(doc, format, update, &changes), RC_OK);
    buf_finish(&changes);
}

/* ---- random states ------------------------------------------------------------------------------- */

static void sync(struct crdt_doc *from, struct crdt_doc *to)
{
    struct buf state = encode(from, CRDT_V1);

    apply(to, CRDT_V1, buf_span(&state));
    buf_finish(&state);
}

/* A document that some have edited at the same time, now and then hearing of each other. */
static struct crdt_doc *edited_doc(struct rng *rng, bool keep_deleted)
{
    struct crdt_doc *docs[AUTHORS];
    struct buf update = {0};

    for (uint64_t i = 0; i < AUTHORS; i++) {
        struct crdt_doc_options o = {.client = 1 + rng_below(rng, 1000) * AUTHORS + i, .keep_deleted = keep_deleted};
        assert_int_equal(crdt_doc_create(&o, &docs[i]), RC_OK);
    }
    for (int step = 0; step < 24; step++) {
        size_t who = (size_t)rng_below(rng, AUTHORS);
        assert_int_equal(random_edits(docs[who], rng, 6, CRDT_V1, &update, NULL), RC_OK);
        if (rng_below(rng, 3) == 0) {
            sync(docs[rng_below(rng, AUTHORS)], docs[who]);
        }
    }
    for (size_t i = 1; i < AUTHORS; i++) {
        sync(docs[i], docs[0]);
        crdt_doc_destroy(docs[i]);
    }
    buf_finish(&update);
    return docs[0];
}

/* The bytes into one document with bulk.h alone. */
static int load(struct crdt_doc *doc, enum crdt_format format, struct span state, struct arena *scratch)
{
    struct idset deletes = {0};
    struct update_dec dec;
    struct block block;
    struct bulk bulk;
    int got = 1, rc = bulk_begin(&bulk, doc, state.len, scratch);

    assert_int_equal(rc, RC_OK);
    assert_int_equal(update_dec_init(&dec, format, state, scratch), RC_OK);
    while (rc == RC_OK && (got = update_dec_next(&dec, &block)) > 0) {
        rc = bulk_add(&bulk, &block, block.len % 3);
    }
    assert_true(got >= 0);
    if (rc == RC_OK) {
        assert_int_equal(update_dec_deletes(&dec, &deletes), RC_OK);
        assert_int_equal(idset_normalize(&deletes), RC_OK);
        rc = bulk_end(&bulk, &deletes);
    }
    update_dec_finish(&dec);
    bulk_finish(&bulk);
    idset_finish(&deletes);
    return rc;
}

static void random_states_load_as_they_apply(void **state)
{
    struct rng rng;
    unsigned structs = 0, met = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(11));
    for (int run = 0; run < RUNS; run++) {
        bool kept = run % 3 == 0, keep = run % 6 == 0;
        enum crdt_format format = run % 2 ? CRDT_V2 : CRDT_V1;
        struct crdt_doc *source = edited_doc(&rng, kept), *a = rig_doc(keep), *b = rig_doc(keep);
        struct buf bytes = encode(source, format);
        struct arena scratch;
        struct crdt_type text;

        arena_init(&scratch, 0);
        assert_int_equal(crdt_root_declare(a, span_str("text"), CRDT_TEXT, &text), RC_OK);
        assert_int_equal(load(a, format, buf_span(&bytes), &scratch), RC_OK);
        assert_int_equal(crdt_type_kind(a, text), CRDT_TEXT);
        apply(b, format, buf_span(&bytes));
        assert_same(a, b);
        structs += (unsigned)a->struct_count;
        met |= kept ? 1u : 2u;

        apply(a, format, buf_span(&bytes)); /* known already: nothing changes, and edits go on */
        assert_same(a, b);
        bytes.len = 0;
        assert_int_equal(random_edits(a, &rng, 6, format, &bytes, NULL), RC_OK);
        if (bytes.len > 0) {
            apply(b, format, buf_span(&bytes));
        }
        assert_same(a, b);
        arena_finish(&scratch);
        buf_finish(&bytes);
        crdt_doc_destroy(source);
        crdt_doc_destroy(a);
        crdt_doc_destroy(b);
    }
    print_message("%u structs in %d states\n", structs, RUNS);
    assert_int_equal(met, 3);
    assert_true(structs > 100 * RUNS);
}

/* ---- single cases ---------------------------------------------------------------------------------- */

/* Up to three blocks, and what comes of them. */
struct bulk_case {
    const char *what;
    struct block blocks[3];
    int rc;
};

#define TEXT(id_client, id_clock, length, text)                                                                        \
    .id = {id_client, id_clock}, .len = (length), .ref = BLOCK_STRING, .content = {(const uint8_t *)(text), length}
#define IN_ROOT              .flags = BLOCK_PARENT_ROOT, .parent_name = {(const uint8_t *)"t", 1}
#define AFTER(client, clock) .flags = BLOCK_HAS_ORIGIN, .origin = {client, clock}

static const struct bulk_case cases[] = {
    {"text", {{TEXT(7, 0, 2, "ab"), IN_ROOT}}, RC_OK},
    {"behind a later author's", {{TEXT(9, 0, 1, "b"), AFTER(7, 0)}, {TEXT(7, 0, 1, "a"), IN_ROOT}}, RC_OK},
    {"within an item", {{TEXT(9, 0, 1, "x"), AFTER(7, 0)}, {TEXT(7, 0, 2, "ab"), IN_ROOT}}, RC_OK},
    {"a gap before it", {{TEXT(7, 1, 2, "ab"), IN_ROOT}}, BULK_UNFIT},
    {"a gap within", {{TEXT(7, 0, 1, "a"), IN_ROOT}, {TEXT(7, 2, 1, "b"), AFTER(7, 0)}}, BULK_UNFIT},
    {"an author in two groups",
     {{TEXT(7, 0, 1, "a"), IN_ROOT}, {TEXT(8, 0, 1, "b"), IN_ROOT}, {TEXT(7, 1, 1, "c"), AFTER(7, 0)}},
     BULK_UNFIT},
    {"Skip", {{.id = {7, 0}, .len = 1, .ref = BLOCK_SKIP}}, BULK_UNFIT},
    {"an unknown origin", {{TEXT(7, 0, 1, "a"), AFTER(9, 0)}}, BULK_UNFIT},
    {"an origin that comes later", {{TEXT(7, 0, 1, "a"), AFTER(7, 1)}, {TEXT(7, 1, 1, "b"), IN_ROOT}}, BULK_UNFIT},
    {"its own origin", {{TEXT(7, 0, 1, "a"), AFTER(7, 0)}}, BULK_UNFIT},
    {"each other's origins", {{TEXT(9, 0, 1, "a"), AFTER(7, 0)}, {TEXT(7, 0, 1, "b"), AFTER(9, 0)}}, BULK_UNFIT},
    {"behind garbage", {{.id = {7, 0}, .len = 2, .ref = BLOCK_GC}, {TEXT(7, 2, 1, "a"), AFTER(7, 1)}}, BULK_UNFIT},
    {"in what is no type",
     {{TEXT(7, 0, 1, "a"), IN_ROOT}, {TEXT(7, 1, 1, "b"), .flags = BLOCK_PARENT_ID, .parent = {7, 0}}},
     BULK_UNFIT},
    {"in an unknown type", {{TEXT(7, 0, 1, "b"), .flags = BLOCK_PARENT_ID, .parent = {9, 0}}}, BULK_UNFIT},
    {"clocks beyond 32 bits", {{.id = {7, 0}, .len = UINT64_C(1) << 32, .ref = BLOCK_GC}}, BULK_UNFIT},
    {"an origin beyond 32 bits", {{TEXT(7, 0, 1, "a"), AFTER(9, UINT64_C(1) << 32)}}, BULK_UNFIT},
};

static int load_case(struct crdt_doc *doc, const struct bulk_case *c)
{
    struct idset none = {0};
    struct arena scratch;
    struct bulk bulk;
    int rc;

    arena_init(&scratch, 0);
    rc = bulk_begin(&bulk, doc, 0, &scratch);
    for (size_t i = 0; rc == RC_OK && i < sizeof(c->blocks) / sizeof(*c->blocks) && c->blocks[i].len > 0; i++) {
        rc = bulk_add(&bulk, &c->blocks[i], 0);
    }
    rc = rc == RC_OK ? bulk_end(&bulk, &none) : rc;
    bulk_finish(&bulk);
    arena_finish(&scratch);
    return rc;
}

static void what_states_do_not_have_is_unfit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct crdt_doc *doc = rig_doc(false);
        int rc = load_case(doc, &cases[i]);

        if (rc != cases[i].rc) {
            fail_msg("%s: %d", cases[i].what, rc);
        }
        assert_fine(doc);
        assert_int_equal(doc->struct_count > 0, rc == RC_OK);
        crdt_doc_destroy(doc);
    }
}

static void only_empty_documents_suit(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct crdt_type root;

    (void)state;
    assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &root), RC_OK);
    assert_true(bulk_suits(doc));
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_false(bulk_suits(doc));
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    rig_must(doc, "7:1 text b after 7:0");
    assert_false(bulk_suits(doc)); /* something waits */
    rig_must(doc, "7:0 text a root t");
    assert_false(bulk_suits(doc));
    crdt_doc_destroy(doc);
}

/* ---- no memory --------------------------------------------------------------------------------------- */

static void without_memory_nothing_happens(void **state)
{
    struct rng rng;
    unsigned refused = 0;

    (void)state;
    rng_init(&rng, 5);
    for (int run = 0; run < 4; run++) {
        struct crdt_doc *source = edited_doc(&rng, run % 2 == 0), *doc = rig_doc(false);
        struct buf bytes = encode(source, run < 2 ? CRDT_V1 : CRDT_V2);
        int rc = RC_NOMEM;

        for (unsigned n = 1; rc == RC_NOMEM; n++) {
            alloc_fault_at(n);
            rc = crdt_apply(doc, run < 2 ? CRDT_V1 : CRDT_V2, buf_span(&bytes), NULL);
            alloc_fault_at(0);
            assert_fine(doc);
            assert_true(rc == RC_OK || (rc == RC_NOMEM && bulk_suits(doc)));
            refused += rc == RC_NOMEM;
        }
        assert_int_equal(rc, RC_OK);
        buf_finish(&bytes);
        crdt_doc_destroy(source);
        crdt_doc_destroy(doc);
    }
    print_message("%u refusals\n", refused);
    assert_true(refused > 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_states_load_as_they_apply),
        cmocka_unit_test(what_states_do_not_have_is_unfit),
        cmocka_unit_test(only_empty_documents_suit),
        cmocka_unit_test(without_memory_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
