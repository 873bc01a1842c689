#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/pending.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

static void what_is_held_is_copied_within_the_budget(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char text[] = "content", name[] = "root";
    struct block b = {.id = {7, 3}, .len = 7, .ref = BLOCK_STRING, .flags = BLOCK_PARENT_ROOT};
    struct held *h = NULL;

    (void)state;
    b.content = span_str(text);
    b.parent_name = span_str(name);
    assert_int_equal(held_create(doc, &b, 0, &h), RC_OK);
    memset(text, 'x', sizeof(text) - 1);
    memset(name, 'x', sizeof(name) - 1);
    assert_true(span_equal(h->block.content, span_str("content")));
    assert_true(span_equal(h->block.parent_name, span_str("root")));
    held_destroy(doc, h);
    alloc_fault_at(1);
    assert_int_equal(held_create(doc, &b, 0, &h), RC_NOMEM);
    alloc_fault_at(0);
    doc->mem.limit = doc->mem.used + 8;
    assert_int_equal(held_create(doc, &b, 0, &h), RC_LIMIT);
    crdt_doc_destroy(doc);
}

static void a_slice_hangs_on_the_clock_before(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct block b = {.id = {7, 3}, .len = 4, .ref = BLOCK_STRING, .flags = BLOCK_PARENT_ROOT};
    struct held *h = NULL;

    (void)state;
    b.content = span_str("ab\xf0\x9f\x98\x80");
    b.parent_name = span_str("t");
    assert_int_equal(held_create(doc, &b, 1, &h), RC_OK);
    assert_int_equal(h->block.id.clock, 4);
    assert_int_equal(h->block.len, 3);
    assert_int_equal(h->block.flags, BLOCK_HAS_ORIGIN);
    assert_int_equal(h->block.origin.client, 7);
    assert_int_equal(h->block.origin.clock, 3);
    assert_true(span_equal(h->block.content, span_str("b\xf0\x9f\x98\x80")));
    held_destroy(doc, h);
    assert_int_equal(held_create(doc, &b, 3, &h), RC_OK); /* half a pair */
    assert_true(span_equal(h->block.content, span_str("\xef\xbf\xbd")));
    held_destroy(doc, h);
    crdt_doc_destroy(doc);
}

static void what_waits_is_counted_until_it_is_known(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint64_t structs, deletes;

    (void)state;
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs + deletes, 0);
    rig_must(doc, "7:1 text b after 7:0; 7:2 text c after 8:0; delete 7:1+1; delete 9:4+2");
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs, 2);
    assert_int_equal(deletes, 2);
    rig_must(doc, "7:0 text a root t");
    pending_count(doc, &structs, &deletes);
    assert_int_equal(structs, 1);
    assert_int_equal(deletes, 1);
    rig_must(doc, "8:0 text x after 7:0; 9:0 gc 6");
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

/* Whoever is waited for by many wakes those that can go on, and only those. */
static void many_wait_for_one(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char update[64];
    uint64_t structs, deletes;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(update, sizeof(update), "%u:0 text x after 7:%u", 100 + i, i);
        rig_must(doc, update);
    }
    for (unsigned i = 0; i < 100; i++) {
        pending_count(doc, &structs, &deletes);
        assert_int_equal(structs, 100 - i);
        (void)snprintf(update, sizeof(update), i == 0 ? "7:0 text a root t" : "7:%u text a after 7:%u", i, i - 1);
        rig_must(doc, update);
    }
    assert_false(crdt_has_pending(doc));
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_hangs_on_the_clock_before),
        cmocka_unit_test(what_is_held_is_copied_within_the_budget),
        cmocka_unit_test(what_waits_is_counted_until_it_is_known),
        cmocka_unit_test(many_wait_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
