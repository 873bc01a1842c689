#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/plan.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

static void structs_wait_for_what_they_need(void **state)
{
    static const struct {
        const char *update, *structs;
        bool waits;
    } steps[] = {
        {"7:3 text d after 7:2", "", true},                      /* its own clocks before */
        {"8:0 text x after 7:3", "", true},                      /* another's struct that waits too */
        {"9:0 type 2 root m; 9:1 text y in 6:4", "9:0+1", true}, /* a parent; the update's own part goes in */
        {"7:1 text bc after 7:0", "9:0+1", true},                /* a gap is left */
        {"7:0 text a root t", "9:0+1 8:0+1 7:0+4", true},        /* sets free what it can */
        {"6:0 gc 4", "9:0+1 8:0+1 7:0+4 6:0+4gc", true},
        {"6:4 type 2 root m key k", "9:0+1 9:1+1 8:0+1 7:0+4 6:0+4gc 6:4+1", false},
    };
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rig_must(doc, steps[i].update);
        assert_string_equal(rig_structs(doc), steps[i].structs);
        assert_int_equal(crdt_has_pending(doc), steps[i].waits);
    }
    assert_string_equal(rig_text(doc, "t"), "abcdx");
    crdt_doc_destroy(doc);
}

static void deletes_wait_for_their_structs(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct crdt_stat stat;

    (void)state;
    rig_must(doc, "delete 7:1+3; delete 8:0+1");
    crdt_doc_stat(doc, &stat);
    assert_int_equal(stat.pending_deletes, 2);
    rig_must(doc, "7:0 text abc root t");
    assert_string_equal(rig_structs(doc), "7:0+1 7:1+2~");
    rig_must(doc, "7:3 text de after 7:2; 8:0 text x after 7:0");
    assert_string_equal(rig_structs(doc), "8:0+1~ 7:0+1 7:1+3~ 7:4+1");
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

/* The halves of a pair, deleted by two updates before the pair comes in: they are deleted as one, so that it stays
 * whole where deleted content is kept, as in yjs. */
static void deletes_that_waited_become_one(void **state)
{
    struct crdt_doc *doc = rig_doc(true);

    (void)state;
    rig_must(doc, "7:2 text \xf0\x9f\x98\x80 after 7:1");
    rig_must(doc, "delete 7:2+1");
    rig_must(doc, "7:0 text ab root t; delete 7:3+1");
    assert_string_equal(rig_structs(doc), "7:0+2 7:2+2~");
    struct buf whole = rig_state(doc);
    assert_non_null(memchr(whole.data, 0xf0, whole.len));
    assert_null(memchr(whole.data, 0xef, whole.len)); /* as U+FFFD, what halves become, begins */
    buf_finish(&whole);
    crdt_doc_destroy(doc);
}

static void order_within_an_update_does_not_matter(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "9:0 text c after 8:0; 8:0 text b after 7:1; 7:1 text a after 7:0; 7:0 text - root t");
    assert_string_equal(rig_text(doc, "t"), "-abc");
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

static void structs_come_twice_or_overlap(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "7:2 text cd after 7:1");
    rig_must(doc, "7:2 text cd after 7:1");
    rig_must(doc, "7:1 text bcd after 7:0");
    rig_must(doc, "7:3 text def after 7:2");
    rig_must(doc, "7:0 text ab root t");
    rig_must(doc, "7:0 text abcdef root t");
    assert_string_equal(rig_structs(doc), "7:0+6");
    assert_string_equal(rig_text(doc, "t"), "abcdef");
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

/* What is refused leaves everything as it was: `update` comes to a document with text and something that waits. */
static const struct {
    const char *what, *update;
    int rc;
} refused[] = {
    {"an origin of its own later clock", "8:0 text x root t; 7:3 text a after 7:3", RC_FORMAT},
    {"a parent of its own later clock", "7:3 text a in 7:9", RC_FORMAT},
    {"clocks beyond 32 bits", "8:0 gc 4294967290; 8:4294967290 gc 100", RC_LIMIT},
};

static void a_refused_update_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        struct buf before, after;

        print_message("%s\n", refused[i].what);
        rig_must(doc, "7:0 text abc root t; 9:1 text z after 9:0; delete 9:3+1");
        before = rig_state(doc);
        assert_int_equal(rig_apply(doc, refused[i].update), refused[i].rc);
        assert_null(crdt_check(doc));
        after = rig_state(doc);
        assert_true(span_equal(buf_span(&before), buf_span(&after)));
        buf_finish(&before);
        buf_finish(&after);
        crdt_doc_destroy(doc);
    }
}

static void not_inside_a_local_transaction(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(rig_apply(doc, "7:0 text a root t"), RC_STATE);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    rig_must(doc, "7:0 text a root t");
    crdt_doc_destroy(doc);
}

static void failing_allocations_change_nothing(void **state)
{
    static const char *const updates[] = {
        "7:3 text d after 7:2; 8:0 text \xf0\x9f\x98\x80 after 7:3; 10:5 text q after 10:4; delete 10:7+1",
        "7:1 text bc after 7:0; 9:0 type 2 root m key k; 9:1 text in in 9:0; delete 7:0+1",
        "7:0 text a root t; 8:2 text x after 8:0 before 8:1; delete 9:0+1",
    };
    struct crdt_doc *doc = rig_doc(false);
    unsigned refusals = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(updates) / sizeof(updates[0]); i++) {
        int rc = RC_NOMEM;

        for (unsigned n = 1; rc == RC_NOMEM; n++) {
            struct buf before = rig_state(doc), after;

            /* The rig's own allocations are the first. */
            rc = rig_apply_failing(doc, updates[i], n);
            if (rc == RC_NOMEM) {
                refusals++;
                after = rig_state(doc);
                assert_true(span_equal(buf_span(&before), buf_span(&after)));
                buf_finish(&after);
            }
            assert_null(crdt_check(doc));
            buf_finish(&before);
        }
        assert_int_equal(rc, RC_OK);
    }
    assert_true(refusals > 20);
    assert_false(crdt_state(doc, 7) != 4);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs_wait_for_what_they_need), cmocka_unit_test(deletes_wait_for_their_structs),
        cmocka_unit_test(deletes_that_waited_become_one),  cmocka_unit_test(order_within_an_update_does_not_matter),
        cmocka_unit_test(structs_come_twice_or_overlap),   cmocka_unit_test(a_refused_update_changes_nothing),
        cmocka_unit_test(not_inside_a_local_transaction),  cmocka_unit_test(failing_allocations_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
