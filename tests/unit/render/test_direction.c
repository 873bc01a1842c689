/* Which way blocks are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "render/direction.h"
#include "tests/render/tree_text.h"

/* Whether the first block of a tree written by hand is read from the right. */
static bool first_is_rtl(const char *source)
{
    struct arena arena;
    struct note_tree tree;
    bool rtl;

    arena_init(&arena, 0);
    assert_int_equal(note_tree_init(&tree, &arena, false), RC_OK);
    tree_text_read(&tree, span_str(source));
    assert_int_equal(note_tree_finish(&tree), RC_OK);
    rtl = direction_is_rtl(tree.doc->first);
    arena_finish(&arena);
    return rtl;
}

static void the_first_letter_decides(void **state)
{
    static const struct {
        const char *words;
        bool rtl;
    } cases[] = {
        {"lac", false},           {"1. ", false},      {"", false},          {"שלום", true},
        {"سلام", true},           {"(1) שלום", true},  {"😀 שלום lac", true}, {"lac שלום", false},
        {"ܫܠܡܐ", true},           {"(é) שלום", false}, {"湖", false},        {"१२३ סוף", false},
        {"12 34 \\u{5d0}", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char source[200];

        snprintf(source, sizeof(source), "paragraph\n  \"%s\"\n", cases[i].words);
        if (first_is_rtl(source) != cases[i].rtl) {
            fail_msg("%s", cases[i].words);
        }
    }
    printf("%zu words\n", sizeof(cases) / sizeof(cases[0]));
}

static void a_container_is_read_as_its_first_words(void **state)
{
    (void)state;
    assert_true(first_is_rtl("bulletList\n  listItem\n    paragraph\n      \"א\"\n"));
    assert_true(first_is_rtl("table\n  tableRow\n    tableCell\n      paragraph\n        \"א\"\n"));
    assert_false(
        first_is_rtl("bulletList\n  listItem\n    paragraph\n      \"a\"\n  listItem\n    paragraph\n      \"א\"\n"));
}

static void marks_and_leaves_do_not_hide_the_first_letter(void **state)
{
    (void)state;
    assert_true(first_is_rtl("paragraph\n  image src=/a.png\n  \" 1 \" bold\n  hardBreak\n  \"א\" italic\n"));
}

static void deep_containers_are_not_looked_through(void **state)
{
    (void)state;
    assert_false(first_is_rtl(
        "blockquote\n  blockquote\n    blockquote\n      blockquote\n        paragraph\n          \"א\"\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_letter_decides),
        cmocka_unit_test(a_container_is_read_as_its_first_words),
        cmocka_unit_test(marks_and_leaves_do_not_hide_the_first_letter),
        cmocka_unit_test(deep_containers_are_not_looked_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
