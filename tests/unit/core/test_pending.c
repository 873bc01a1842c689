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

static struct held *hold(struct crdt_doc *doc, uint64_t clock, uint64_t len)
{
    struct block b = {.id = {7, clock}, .len = len, .ref = BLOCK_GC};
    struct held *h = NULL;

    assert_int_equal(held_create(doc, &b, &h), RC_OK);
    return h;
}

static void a_queue_is_sorted_and_drops_what_it_covers(void **state)
{
    static const struct {
        uint64_t clock, len;
        bool put;
    } given[] = {{10, 5, true}, {2, 3, true}, {10, 5, false}, {11, 2, false},
                 {12, 9, true}, {5, 5, true}, {3, 2, false}};
    struct crdt_doc *doc = rig_doc(false);
    struct held *room[8];
    struct pending_queue q = {.cap = 8, .held = room};
    size_t used = doc->mem.used;

    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        struct held *h = hold(doc, given[i].clock, given[i].len);

        assert_int_equal(pending_queue_put(&q, h), given[i].put);
        if (!given[i].put) {
            held_destroy(doc, h);
        }
    }
    assert_int_equal(q.count, 4);
    for (uint32_t i = 0; i < q.count; i++) {
        assert_true(i == 0 || q.held[i - 1]->block.id.clock <= q.held[i]->block.id.clock);
    }
    while (q.count > 0) {
        held_destroy(doc, q.held[--q.count]);
    }
    assert_int_equal(doc->mem.used, used);
    crdt_doc_destroy(doc);
}

static void what_is_held_is_copied_within_the_budget(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char text[] = "content", name[] = "root";
    struct block b = {.id = {7, 3}, .len = 7, .ref = BLOCK_STRING, .flags = BLOCK_PARENT_ROOT};
    struct held *h = NULL;

    (void)state;
    b.content = span_str(text);
    b.parent_name = span_str(name);
    assert_int_equal(held_create(doc, &b, &h), RC_OK);
    memset(text, 'x', sizeof(text) - 1);
    memset(name, 'x', sizeof(name) - 1);
    assert_true(span_equal(h->block.content, span_str("content")));
    assert_true(span_equal(h->block.parent_name, span_str("root")));
    held_destroy(doc, h);
    alloc_fault_at(1);
    assert_int_equal(held_create(doc, &b, &h), RC_NOMEM);
    alloc_fault_at(0);
    doc->mem.limit = doc->mem.used + 8;
    assert_int_equal(held_create(doc, &b, &h), RC_LIMIT);
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
        cmocka_unit_test(a_queue_is_sorted_and_drops_what_it_covers),
        cmocka_unit_test(what_is_held_is_copied_within_the_budget),
        cmocka_unit_test(what_waits_is_counted_until_it_is_known),
        cmocka_unit_test(many_wait_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
