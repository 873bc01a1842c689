/* The public interface as its manual describes it (crdt/crdt.h). What it does in depth is tested by header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/support/bytes.h"
#include "tests/support/random_edits.h"

static struct crdt_doc *doc_of(uint64_t client)
{
    struct crdt_doc *doc = NULL;

    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = client}, &doc), RC_OK);
    return doc;
}

static void hello_reaches_the_others(void **state)
{
    static const enum crdt_format formats[] = {CRDT_V1, CRDT_V2};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct crdt_doc *here = doc_of(7), *there = doc_of(8);
        struct crdt_type text;
        struct buf update = {0}, changes = {0}, shown = {0};

        assert_int_equal(crdt_root_declare(here, span_str("t"), CRDT_TEXT, &text), RC_OK);
        assert_int_equal(crdt_txn_begin(here), RC_OK);
        assert_int_equal(crdt_text_insert(here, text, 0, span_str("Hello"), NULL, 0), RC_OK);
        assert_int_equal(crdt_txn_commit(here, formats[i], &update), RC_OK);
        assert_int_equal(crdt_apply(there, formats[i], buf_span(&update), &changes), RC_OK);
        assert_true(changes.len > 0);
        assert_int_equal(crdt_text_to_string(there, crdt_root(there, span_str("t")), &shown), RC_OK);
        assert_true(span_equal(buf_span(&shown), span_str("Hello")));
        buf_clear(&changes);
        assert_int_equal(crdt_apply(there, formats[i], buf_span(&update), &changes), RC_OK);
        assert_int_equal(changes.len, 0);
        buf_finish(&update);
        buf_finish(&changes);
        buf_finish(&shown);
        crdt_doc_destroy(here);
        crdt_doc_destroy(there);
    }
}

/* A document with a bit of everything, encoded. */
static struct buf random_state(enum crdt_format format)
{
    struct crdt_doc *doc = doc_of(7);
    struct buf state = {0};
    struct rng rng;

    rng_init(&rng, 11);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(random_edits(doc, &rng, 2, CRDT_V1, NULL, NULL), RC_OK);
    }
    assert_int_equal(crdt_encode_state(doc, format, span_of(NULL, 0), &state), RC_OK);
    crdt_doc_destroy(doc);
    return state;
}

static void cut_off_updates_are_refused_and_change_nothing(void **state)
{
    static const enum crdt_format formats[] = {CRDT_V1, CRDT_V2};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct buf whole = random_state(formats[i]);
        struct crdt_doc *doc = doc_of(8);
        struct buf changes = {0};

        for (size_t len = 0; len < whole.len; len++) {
            struct span cut = bytes_copy(whole.data, len);
            int rc = crdt_apply(doc, formats[i], cut, &changes);

            assert_true(rc == RC_FORMAT || rc == RC_RANGE);
            bytes_free(cut);
        }
        assert_int_equal(changes.len, 0);
        assert_null(crdt_check(doc));
        assert_int_equal(crdt_state(doc, 7), 0);
        assert_int_equal(crdt_apply(doc, formats[i], buf_span(&whole), &changes), RC_OK);
        assert_true(crdt_state(doc, 7) > 0);
        buf_finish(&whole);
        buf_finish(&changes);
        crdt_doc_destroy(doc);
    }
}

static void what_lies_beyond_a_state_vector_is_enough(void **state)
{
    struct crdt_doc *here = doc_of(7), *there = doc_of(8);
    struct buf vector = {0}, diff = {0}, a = {0}, b = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(12));
    for (int i = 0; i < 50; i++) {
        assert_int_equal(random_edits(here, &rng, 3, CRDT_V1, NULL, NULL), RC_OK);
        buf_clear(&vector);
        buf_clear(&diff);
        assert_int_equal(crdt_encode_state_vector(there, &vector), RC_OK);
        assert_int_equal(crdt_encode_state(here, CRDT_V2, buf_span(&vector), &diff), RC_OK);
        assert_int_equal(crdt_apply(there, CRDT_V2, buf_span(&diff), NULL), RC_OK);
        assert_false(crdt_has_pending(there));
        assert_null(crdt_check(there));
    }
    assert_int_equal(crdt_encode_snapshot(here, &a), RC_OK);
    assert_int_equal(crdt_encode_snapshot(there, &b), RC_OK);
    assert_true(span_equal(buf_span(&a), buf_span(&b)));
    buf_finish(&vector);
    buf_finish(&diff);
    buf_finish(&a);
    buf_finish(&b);
    crdt_doc_destroy(here);
    crdt_doc_destroy(there);
}

static void bad_state_vectors_are_refused(void **state)
{
    struct crdt_doc *doc = doc_of(7);
    struct span bad = bytes_from_hex("02 07");
    struct buf out = {0};

    (void)state;
    assert_int_equal(crdt_encode_state(doc, CRDT_V1, bad, &out), RC_FORMAT);
    assert_int_equal(out.len, 0);
    bytes_free(bad);
    buf_finish(&out);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_reaches_the_others),
        cmocka_unit_test(cut_off_updates_are_refused_and_change_nothing),
        cmocka_unit_test(what_lies_beyond_a_state_vector_is_enough),
        cmocka_unit_test(bad_state_vectors_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
