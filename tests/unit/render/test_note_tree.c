/* The content model holds for whatever a builder reports, and no word changes its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/note_tree.h"
#include "tests/support/rng.h"

/* ---- The model ---------------------------------------------------------------------------------------- */

static bool may_hold(const struct note_node *parent, const struct note_node *child)
{
    enum note_class class = note_class_of(child);

    switch (note_content_of(parent)) {
    case NOTE_HOLDS_BLOCKS:
        return (class == NOTE_AS_BLOCK || class == NOTE_AS_EITHER ||
                (class == NOTE_AS_SUMMARY && parent->first == child) ||
                (class == NOTE_AS_CAPTION && parent->kind == NOTE_FIGURE)) &&
               !child->is_inline;
    case NOTE_HOLDS_INLINES:
        return child->is_inline;
    case NOTE_HOLDS_TEXT:
        return child->kind == NOTE_TEXT;
    case NOTE_HOLDS_ITEMS:
        return class == NOTE_AS_ITEM;
    case NOTE_HOLDS_ROWS:
        return class == NOTE_AS_ROW;
    case NOTE_HOLDS_CELLS:
        return class == NOTE_AS_CELL;
    case NOTE_HOLDS_COLUMNS:
        return class == NOTE_AS_COLUMN;
    default:
        return false;
    }
}

/* Walks the tree; the words met, which are numbers, must be 0, 1, 2… Returns how many there were. */
static unsigned check(const struct note_node *doc)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;
    unsigned words = 0;
    int depth = 0;

    note_walk_init(&walk, doc);
    while (note_walk_next(&walk, &node, &entering)) {
        depth += !note_has_exit(node) ? 0 : entering ? 1 : -1;
        if (!entering) {
            continue;
        }
        assert_true(node == doc || may_hold(node->parent, node));
        if (node->kind == NOTE_TEXT && node->text.len > 0 && node->text.data[0] >= '0') {
            unsigned number = 0;

            assert_int_equal(sscanf((const char *)node->text.data, "%u", &number), 1);
            assert_int_equal(number, words++);
        }
    }
    assert_int_equal(depth, 0);
    return words;
}

static void any_order_of_nodes_becomes_a_tree(void **state)
{
    struct rng rng;
    unsigned long words = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(5));
    for (int run = 0; run < 3000; run++) {
        struct arena arena;
        struct note_tree t;
        unsigned count = 0, depth = 0;

        arena_init(&arena, 0);
        assert_int_equal(note_tree_init(&t, &arena, false), RC_OK);
        for (int step = 0; step < 60; step++) {
            uint64_t roll = rng_below(&rng, 100);

            if (roll < 35) {
                char *word = note_tree_alloc(&t, 16);

                snprintf(word, 16, "%u", count++);
                note_tree_text(&t, span_str(word), NULL);
            } else if (roll < 40) {
                note_tree_text(&t, span_str("\n \n"), NULL);
            } else if (roll < 75) {
                note_tree_open(&t,
                               rng_chance(&rng, 10)
                                   ? NULL
                                   : note_tree_node(&t, (enum note_kind)(2 + rng_below(&rng, NOTE_KIND_COUNT - 2))));
                depth++;
            } else if (depth > 0) {
                note_tree_close(&t);
                depth--;
            }
        }
        for (; depth > 0; depth--) {
            note_tree_close(&t);
        }
        assert_int_equal(note_tree_finish(&t), RC_OK);
        assert_int_equal(check(t.doc), count);
        words += count;
        arena_finish(&arena);
    }
    assert_true(words > 50000);
}

static void a_limit_on_memory_is_kept(void **state)
{
    struct arena arena;
    struct note_tree t;

    (void)state;
    arena_init(&arena, 10000);
    assert_int_equal(note_tree_init(&t, &arena, false), RC_OK);
    for (int i = 0; i < 1000; i++) {
        note_tree_open(&t, note_tree_node(&t, NOTE_QUOTE));
        note_tree_text(&t, span_str("a\nb"), NULL);
    }
    for (int i = 0; i < 1000; i++) {
        note_tree_close(&t);
    }
    assert_int_equal(note_tree_finish(&t), RC_LIMIT);
    arena_finish(&arena);
}

static void a_plain_tree_stays_as_it_was_built(void **state)
{
    struct arena arena;
    struct note_tree t;

    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(note_tree_init(&t, &arena, true), RC_OK);
    note_tree_open(&t, note_tree_node(&t, NOTE_PARAGRAPH));
    note_tree_open(&t, note_tree_node(&t, NOTE_CELL));
    note_tree_text(&t, span_str("a\nb"), NULL);
    note_tree_close(&t);
    note_tree_close(&t);
    assert_int_equal(note_tree_finish(&t), RC_OK);
    assert_int_equal(t.doc->first->kind, NOTE_PARAGRAPH);
    assert_int_equal(t.doc->first->first->kind, NOTE_CELL);
    assert_int_equal(t.doc->first->first->first->text.len, 3);
    arena_finish(&arena);
}

static void a_walk_can_skip(void **state)
{
    struct arena arena;
    struct note_tree t;
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;
    int met = 0;

    (void)state;
    arena_init(&arena, 0);
    assert_int_equal(note_tree_init(&t, &arena, false), RC_OK);
    for (int i = 0; i < 3; i++) {
        note_tree_open(&t, note_tree_node(&t, NOTE_QUOTE));
        note_tree_text(&t, span_str("a"), NULL);
        note_tree_close(&t);
    }
    assert_int_equal(note_tree_finish(&t), RC_OK);
    note_walk_init(&walk, t.doc);
    while (note_walk_next(&walk, &node, &entering)) {
        met++;
        if (node->kind == NOTE_QUOTE) {
            assert_true(entering);
            note_walk_skip(&walk, node);
        }
    }
    assert_int_equal(met, 5); /* the document twice, three quotes */
    note_walk_init(&walk, t.doc->first);
    for (met = 0; note_walk_next(&walk, &node, &entering); met++) {
    }
    assert_int_equal(met, 5); /* quote and paragraph twice, a text */
    arena_finish(&arena);
}

static void marks_differ_in_their_first_step(void **state)
{
    static const struct note_marks bold = {.steps = 1u << NOTE_BOLD},
                                   both = {.steps = 1u << NOTE_BOLD | 1u << NOTE_INLINE_CODE};
    static const struct note_marks a = {.steps = 1u << NOTE_LINK, .href = {(const uint8_t *)"a", 1}};
    static const struct note_marks b = {.steps = 1u << NOTE_LINK, .href = {(const uint8_t *)"b", 1}};
    static const struct note_marks unused = {.steps = 1u << NOTE_BOLD, .href = {(const uint8_t *)"b", 1}};

    (void)state;
    assert_int_equal(note_marks_differ(NULL, NULL), NOTE_STEPS);
    assert_int_equal(note_marks_differ(NULL, &bold), NOTE_BOLD);
    assert_int_equal(note_marks_differ(&bold, &both), NOTE_INLINE_CODE);
    assert_int_equal(note_marks_differ(&a, &b), NOTE_LINK);
    assert_int_equal(note_marks_differ(&bold, &unused), NOTE_STEPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_nodes_becomes_a_tree),  cmocka_unit_test(a_limit_on_memory_is_kept),
        cmocka_unit_test(a_plain_tree_stays_as_it_was_built), cmocka_unit_test(a_walk_can_skip),
        cmocka_unit_test(marks_differ_in_their_first_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
