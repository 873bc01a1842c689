#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/doc.h"
#include "tests/support/random_edits.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

static void options_are_checked(void **state)
{
    struct crdt_doc *doc = NULL;

    (void)state;
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = (uint64_t)1 << 53}, &doc), RC_RANGE);
    assert_null(doc);
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = ((uint64_t)1 << 53) - 1}, &doc), RC_OK);
    assert_int_equal(crdt_doc_client(doc), ((uint64_t)1 << 53) - 1);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
    crdt_doc_destroy(NULL);
    for (unsigned n = 1; n < 4; n++) {
        alloc_fault_at(n);
        doc = NULL;
        assert_int_equal(crdt_doc_create(NULL, &doc), RC_NOMEM);
        assert_null(doc);
    }
    alloc_fault_at(0);
}

static void statistics_count_what_there_is(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct crdt_stat s;

    (void)state;
    rig_must(doc, "7:0 text abc root t; 7:3 type 2 root m key k; 7:4 text in in 7:3; 8:0 gc 5");
    rig_must(doc, "delete 7:1+1; delete 7:3+1");
    rig_must(doc, "9:1 text x after 9:0; delete 10:0+1");
    crdt_doc_stat(doc, &s);
    assert_int_equal(s.clients, 2);
    assert_int_equal(s.structs, 6);
    assert_int_equal(s.items, 4);
    assert_int_equal(s.gc, 2);
    assert_int_equal(s.deleted_items, 2);
    assert_int_equal(s.types, 2);
    assert_int_equal(s.text_units, 2);
    assert_int_equal(s.pending_structs, 1);
    assert_int_equal(s.pending_deletes, 1);
    assert_true(s.memory > 0);
    assert_int_equal(crdt_state(doc, 7), 6);
    assert_int_equal(crdt_state(doc, 99), 0);
    crdt_doc_destroy(doc);
}

static void trimming_gives_memory_back_and_changes_nothing(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct crdt_stat before, after;
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(9));
    for (unsigned round = 0; round < 30; round++) {
        struct buf was, is;

        for (unsigned i = 0; i < 20; i++) {
            assert_int_equal(random_edits(doc, &rng, 3, CRDT_V1, NULL, NULL), RC_OK);
        }
        was = rig_state(doc);
        crdt_doc_stat(doc, &before);
        crdt_doc_trim(doc);
        crdt_doc_stat(doc, &after);
        assert_true(after.memory <= before.memory);
        assert_null(crdt_check(doc));
        is = rig_state(doc);
        assert_true(span_equal(buf_span(&was), buf_span(&is)));
        buf_finish(&was);
        buf_finish(&is);
    }
    crdt_doc_destroy(doc);
}

/* The budget is met before the machine's memory is, and the document goes on as it was. */
static void a_document_stays_within_its_budget(void **state)
{
    struct crdt_doc_options options = {.client = 1, .memory_limit = 60000};
    struct crdt_doc *doc;
    struct crdt_stat s;
    struct rng rng;
    unsigned refused = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(10));
    assert_int_equal(crdt_doc_create(&options, &doc), RC_OK);
    for (unsigned i = 0; i < 2000; i++) {
        refused += random_edits(doc, &rng, 2, CRDT_V1, NULL, NULL) == RC_LIMIT;
        crdt_doc_stat(doc, &s);
        assert_true(s.memory <= options.memory_limit);
        if (i % 100 == 0) {
            assert_null(crdt_check(doc));
        }
    }
    assert_true(refused > 0);
    crdt_doc_destroy(doc);
}

/* A document that claims to have room for so many keystrokes. */
static struct crdt_doc *doc_with_credit(uint32_t credit, bool pairs)
{
    struct crdt_doc *doc = rig_doc(false);

    doc->credit = credit;
    doc->pairs = pairs;
    return doc;
}

static void keystrokes_are_spent_one_by_one_while_no_pairs_may_be_cut(void **state)
{
    struct crdt_doc *doc = doc_with_credit(2, false), *wide = doc_with_credit(2, true);

    (void)state;
    assert_true(doc_spend_keystroke(doc));
    assert_true(doc_spend_keystroke(doc));
    assert_int_equal(doc->credit, 0);
    assert_false(doc_spend_keystroke(doc));
    assert_int_equal(doc->credit, 0);
    assert_false(doc_spend_keystroke(wide));
    assert_int_equal(wide->credit, 2);
    crdt_doc_destroy(doc);
    crdt_doc_destroy(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(statistics_count_what_there_is),
        cmocka_unit_test(trimming_gives_memory_back_and_changes_nothing),
        cmocka_unit_test(a_document_stays_within_its_budget),
        cmocka_unit_test(keystrokes_are_spent_one_by_one_while_no_pairs_may_be_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
