/* Tables as pipes, and which are simple enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/md_table.h"
#include "tests/unit/render/render_rig.h"

#define ROW(kind, a, b) "  tableRow\n    " kind "\n      \"" a "\"\n    " kind "\n      \"" b "\"\n"

static void only_simple_tables_are_pipes(void **state)
{
    static const struct {
        const char *what, *table;
        bool simple;
    } cases[] = {
        {"a head and a row", "table\n" ROW("th", "a", "b") ROW("td", "c", "d"), true},
        {"a head alone", "table\n" ROW("th", "a", "b"), true},
        {"no head", "table\n" ROW("td", "a", "b"), false},
        {"two head rows", "table\n" ROW("th", "a", "b") ROW("th", "c", "d"), false},
        {"no row", "table\n", false},
        {"numbered", "table isNumberColumnEnabled=true\n" ROW("th", "a", "b"), true},
        {"a span", "table\n  tr\n    th colspan=2\n      \"a\"\n", false},
        {"a colour", "table\n  tr\n    th background=red\n      \"a\"\n", false},
        {"two blocks", "table\n  tr\n    th\n      paragraph\n        \"a\"\n      paragraph\n        \"b\"\n", false},
        {"a list", "table\n  tr\n    th\n      bulletList\n        listItem\n          \"a\"\n", false},
        {"a short row", "table\n" ROW("th", "a", "b") "  tr\n    td\n      \"c\"\n", false},
        {"an empty cell", "table\n" ROW("th", "a", "b") "  tr\n    td\n    td\n", true},
        {"one alignment", "table\n  tr\n    th align=right\n      \"a\"\n  tr\n    td align=right\n      \"b\"\n",
         true},
        {"two alignments", "table\n  tr\n    th align=right\n      \"a\"\n  tr\n    td\n      \"b\"\n", false},
        {"left or nothing", "table\n  tr\n    th align=left\n      \"a\"\n  tr\n    td\n      \"b\"\n", true},
        {"a long row", "table\n  tr\n    th\n      \"a\"\n" ROW("td", "c", "d"), false},
        {"a row without cells", "table\n" ROW("th", "a", "b") "  tr\n", false},
        {"a blank head says nothing",
         "table\n  tr\n    th\n  tr\n    td align=right\n      \"a\"\n  tr\n    td align=center\n      \"b\"\n", true},
        {"a blank cell says nothing",
         "table\n  tr\n    th align=right\n      \"a\"\n  tr\n    td\n  tr\n    td align=right\n      \"b\"\n", true},
        {"the head against the third row",
         "table\n  tr\n    th align=left\n      \"a\"\n  tr\n    td\n      \"b\"\n  tr\n    td align=center\n      "
         "\"c\"\n",
         false},
        {"a justified head without words", "table\n  tr\n    th align=justify\n  tr\n    td\n      \"b\"\n", false},
        {"justified", "table\n  tr\n    th align=justify\n      \"a\"\n", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sheet s;
        struct md_inline inlines = {0};
        struct buf b = {0};

        sheet_init(&s, cases[i].table);
        if (md_table_write(s.tree.doc->first, false, &inlines, &b) != (cases[i].simple ? RC_OK : RC_LIMIT) ||
            (b.len > 0) != cases[i].simple) {
            fail_msg("%s", cases[i].what);
        }
        buf_finish(&b);
        md_inline_finish(&inlines);
        sheet_finish(&s);
    }
}

static void columns_are_as_wide_as_their_cells(void **state)
{
    struct sheet s;
    struct md_inline inlines = {0};
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "table\n" ROW("th", "a", "中文字") ROW("td", "é🎒", "x"));
    assert_int_equal(md_table_write(s.tree.doc->first, false, &inlines, &b), RC_OK);
    sheet_expect(&b, "| a   | 中文字 |\n| --- | ------ |\n| é🎒 | x      |\n");
    md_inline_finish(&inlines);
    sheet_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_simple_tables_are_pipes),
        cmocka_unit_test(columns_are_as_wide_as_their_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
