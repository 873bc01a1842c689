#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"
#include "tests/unit/types/script.h"

static struct crdt_doc *history(bool keep_deleted, struct crdt_type *root)
{
    struct crdt_doc_options options = {.client = 1, .keep_deleted = keep_deleted};
    struct crdt_doc *doc;

    assert_int_equal(crdt_doc_create(&options, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("r"), CRDT_TEXT, root), RC_OK);
    return doc;
}

/* Each line one step; behind each the text is what the snapshot taken there gives back later. */
static void a_snapshot_gives_the_document_back(void **state)
{
    static const char *const steps[] = {
        "text 0 hello",
        "text 5  world",
        "delete 0 6",
        "text 0 \xf0\x9f\x98\x80",
        "text 1 x",
        "format 0 3 {\"b\":true}",
        "embed 2 {\"i\":[1,2]}",
        "delete 0 4",
    };
    enum { STEPS = sizeof(steps) / sizeof(steps[0]) };
    struct buf snapshots[STEPS] = {{0}}, deltas[STEPS] = {{0}};
    struct crdt_type root;
    struct crdt_doc *doc = history(true, &root), *then;

    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        assert_int_equal(script_run(doc, root, steps[i], NULL), RC_OK);
        assert_int_equal(crdt_encode_snapshot(doc, &snapshots[i]), RC_OK);
        assert_int_equal(crdt_text_to_delta(doc, root, &deltas[i]), RC_OK);
    }
    for (size_t i = 0; i < STEPS; i++) {
        struct buf delta = {0};
        assert_int_equal(crdt_doc_at(doc, buf_span(&snapshots[i]), &then), RC_OK);
        assert_null(crdt_check(then));
        if (i != 3) { /* its pair was cut later, for good */
            assert_int_equal(crdt_text_to_delta(then, crdt_root(then, span_str("r")), &delta), RC_OK);
            assert_true(span_equal(buf_span(&delta), buf_span(&deltas[i])));
        }
        buf_finish(&delta);
        crdt_doc_destroy(then);
        buf_finish(&snapshots[i]);
        buf_finish(&deltas[i]);
    }
    crdt_doc_destroy(doc);
}

static void a_snapshot_that_is_not_contained_is_refused(void **state)
{
    static const struct {
        const char *what;
        bool keep_deleted;
        const char *snapshot; /* delete set, state vector */
        int rc;
    } table[] = {
        {"the empty one", true, "00 00", RC_OK},
        {"all of it", true, "00 01 01 05", RC_OK},
        {"a part, part of it deleted", true, "01 01 01 01 02 01 01 03", RC_OK},
        {"more than there is", true, "00 01 01 06", RC_NOTFOUND},
        {"another author", true, "00 01 02 01", RC_NOTFOUND},
        {"deletes beyond its state", true, "01 01 01 02 02 01 01 03", RC_NOTFOUND},
        {"a document that collects", false, "00 00", RC_STATE},
        {"cut off", true, "00 01 01", RC_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = history(table[i].keep_deleted, &root), *then = NULL;
        struct span snapshot = bytes_from_hex(table[i].snapshot);

        assert_int_equal(script_run(doc, root, "text 0 hello", NULL), RC_OK);
        check_rc(table[i].what, crdt_doc_at(doc, snapshot, &then), table[i].rc);
        crdt_doc_destroy(then);
        bytes_free(snapshot);
        crdt_doc_destroy(doc);
    }
}

static void without_memory_there_is_no_document(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = history(true, &root), *then = NULL;
    struct buf snapshot = {0};
    unsigned faults = 0;
    int rc = RC_NOMEM;

    (void)state;
    assert_int_equal(script_run(doc, root, "text 0 hello\ndelete 1 2", NULL), RC_OK);
    assert_int_equal(crdt_encode_snapshot(doc, &snapshot), RC_OK);
    assert_int_equal(script_run(doc, root, "text 3 \xf0\x9f\x98\x80\ndelete 0 1", NULL), RC_OK);
    for (unsigned n = 1; rc == RC_NOMEM; n++) {
        alloc_fault_at(n);
        rc = crdt_doc_at(doc, buf_span(&snapshot), &then);
        alloc_fault_at(0);
        faults += rc == RC_NOMEM;
        assert_true(rc == RC_OK || !then);
    }
    assert_int_equal(rc, RC_OK);
    assert_true(faults > 10);
    crdt_doc_destroy(then);
    crdt_doc_destroy(doc);
    buf_finish(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_gives_the_document_back),
        cmocka_unit_test(a_snapshot_that_is_not_contained_is_refused),
        cmocka_unit_test(without_memory_there_is_no_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
