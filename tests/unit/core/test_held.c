#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/held.h"
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

/* ---- letters ------------------------------------------------------------------------------------------ */

static struct block letter(uint64_t clock)
{
    return (struct block){.id = {7, clock},
                          .len = 1,
                          .ref = BLOCK_STRING,
                          .flags = BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN,
                          .origin = {7, clock - 1},
                          .right_origin = {9, 1},
                          .content = span_str("x")};
}

static void letters_typed_on_are_kept_together(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct block first = letter(3), next = letter(4), other;
    struct held *h;

    (void)state;
    first.origin = (struct id){8, 5};
    assert_int_equal(held_create(doc, &first, &h), RC_OK);
    assert_int_equal(held_count(h), 1);
    for (uint32_t i = 1; i < HELD_LETTERS_MAX; i++) {
        next = letter(3 + i);
        assert_true(held_goes_on(h, &next));
        assert_true(held_add_letter(doc, &h, (uint8_t)('a' + i % 26)));
    }
    assert_false(held_add_letter(doc, &h, 'x'));
    assert_int_equal(held_count(h), HELD_LETTERS_MAX);
    other = held_struct(h, 0);
    assert_int_equal(other.origin.client, 8);
    assert_int_equal(other.flags, first.flags);
    assert_true(span_equal(other.content, span_str("x")));
    other = held_struct(h, 27);
    next = letter(30);
    assert_int_equal(other.id.clock, 30);
    assert_int_equal(other.len, 1);
    assert_int_equal(other.flags, next.flags);
    assert_int_equal(other.origin.client, 7);
    assert_int_equal(other.origin.clock, 29);
    assert_int_equal(other.right_origin.client, 9);
    assert_true(span_equal(other.content, span_str("b")));
    size_t used = doc->mem.used;
    held_destroy(doc, h);
    assert_int_equal(doc->mem.used, used - sizeof(struct held) - HELD_LETTERS_MAX);
    crdt_doc_destroy(doc);
}

static void anything_else_is_kept_apart(void **state)
{
    static const struct {
        const char *what;
        struct block next;
    } cases[] = {
        {"a gap", {.id = {7, 5}, .origin = {7, 4}, .len = 1, .flags = 1, .content = {(const uint8_t *)"x", 1}}},
        {"a word", {.id = {7, 4}, .origin = {7, 3}, .len = 2, .flags = 1, .content = {(const uint8_t *)"xy", 2}}},
        {"no ASCII",
         {.id = {7, 4}, .origin = {7, 3}, .len = 1, .flags = 1, .content = {(const uint8_t *)"\xc3\xa9", 2}}},
        {"elsewhere", {.id = {7, 4}, .origin = {7, 2}, .len = 1, .flags = 1, .content = {(const uint8_t *)"x", 1}}},
        {"of another", {.id = {6, 4}, .origin = {6, 3}, .len = 1, .flags = 1, .content = {(const uint8_t *)"x", 1}}},
        {"before another",
         {.id = {7, 4},
          .origin = {7, 3},
          .right_origin = {9, 2},
          .len = 1,
          .flags = 3,
          .content = {(const uint8_t *)"x", 1}}},
    };
    struct crdt_doc *doc = rig_doc(false);
    struct block first = letter(3), good = letter(4), root = letter(3);
    struct held *h;

    (void)state;
    first.flags = good.flags = BLOCK_HAS_ORIGIN;
    assert_int_equal(held_create(doc, &first, &h), RC_OK);
    assert_true(held_goes_on(h, &good));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct block next = cases[i].next;
        next.ref = BLOCK_STRING;
        print_message("%s\n", cases[i].what);
        assert_false(held_goes_on(h, &next));
    }
    held_destroy(doc, h);
    root.flags = BLOCK_PARENT_ROOT;
    root.parent_name = span_str("t");
    assert_int_equal(held_create(doc, &root, &h), RC_OK);
    assert_false(held_goes_on(h, &good));
    held_destroy(doc, h);
    crdt_doc_destroy(doc);
}

static void a_letter_for_which_there_is_no_room_changes_nothing(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct block first = letter(3), last = letter(UINT32_MAX - 1);
    struct held *h;

    (void)state;
    assert_int_equal(held_create(doc, &first, &h), RC_OK);
    alloc_fault_at(1);
    assert_false(held_add_letter(doc, &h, 'y'));
    alloc_fault_at(0);
    size_t limit = doc->mem.limit;
    doc->mem.limit = doc->mem.used + 2;
    assert_false(held_add_letter(doc, &h, 'y'));
    doc->mem.limit = limit;
    assert_int_equal(held_count(h), 1);
    assert_int_equal(h->block.flags, first.flags);
    assert_true(span_equal(h->block.content, span_str("x")));
    held_destroy(doc, h);
    assert_int_equal(held_create(doc, &last, &h), RC_OK);
    assert_false(held_add_letter(doc, &h, 'y')); /* no clock is left */
    held_destroy(doc, h);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_copied_within_the_budget),
        cmocka_unit_test(letters_typed_on_are_kept_together),
        cmocka_unit_test(anything_else_is_kept_apart),
        cmocka_unit_test(a_letter_for_which_there_is_no_room_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
