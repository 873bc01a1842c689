/* Names of the editors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "render/note_schema.h"
#include "tests/support/bytes.h"

static const struct note_schema *schema;

static void every_editor_is_understood(void **state)
{
    static const struct {
        const char *name;
        enum note_kind kind;
    } cases[] = {
        {"heading", NOTE_HEADING},
        {"bulletList", NOTE_BULLETS},
        {"bullet_list", NOTE_BULLETS},
        {"ordered_list", NOTE_ORDERED},
        {"listitem", NOTE_ITEM},
        {"checkbox_item", NOTE_TASK},
        {"decisionItem", NOTE_DECISION},
        {"code_fence", NOTE_CODE},
        {"container_notice", NOTE_PANEL},
        {"expand", NOTE_DETAILS},
        {"td", NOTE_CELL},
        {"tablerow", NOTE_ROW},
        {"mediaSingle", NOTE_FIGURE},
        {"attachment", NOTE_FILE},
        {"inlineCard", NOTE_EMBED},
        {"mathInline", NOTE_MATH},
        {"math_block", NOTE_MATH_BLOCK},
        {"layoutSection", NOTE_COLUMNS},
        {"page-break", NOTE_PAGE_BREAK},
        {"horizontal_rule", NOTE_RULE},
        {"linebreak", NOTE_BREAK},
        {"bulletListItem", NOTE_PARAGRAPH},
        {"blockGroup", NOTE_NONE},
        {"detailsContent", NOTE_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span name = bytes_copy_str(cases[i].name);
        const struct note_name *row = note_schema_node(schema, name);

        assert_non_null(row);
        assert_string_equal(row->name, cases[i].name);
        assert_int_equal(row->kind, cases[i].kind);
        bytes_free(name);
    }
}

static void other_names_are_unknown(void **state)
{
    static const char *const names[] = {
        "", "Heading", "headin", "headings", "zork", "__proto__", "a name that is longer than any row of the table",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct span name = bytes_copy_str(names[i]);

        assert_null(note_schema_node(schema, name));
        assert_int_equal(note_schema_mark(schema, name), NOTE_MARK_UNKNOWN);
        assert_int_equal(note_schema_prop(schema, name, NOTE_PARAGRAPH), NOTE_PROP_UNKNOWN);
        bytes_free(name);
    }
}

static void marks_lose_the_suffix_of_overlapping_ones(void **state)
{
    static const struct {
        const char *name, *bare;
        enum note_mark mark;
    } cases[] = {
        {"bold", "bold", NOTE_MARK_BOLD},
        {"strong", "strong", NOTE_MARK_BOLD},
        {"comment--Afz55Xrl", "comment", NOTE_MARK_COMMENT},
        {"comment--Afz5+/r=", "comment", NOTE_MARK_COMMENT},
        {"comment--Afz55Xr", "comment--Afz55Xr", NOTE_MARK_UNKNOWN},
        {"comment--Afz55Xr!", "comment--Afz55Xr!", NOTE_MARK_UNKNOWN},
        {"comment-Afz55Xrll", "comment-Afz55Xrll", NOTE_MARK_UNKNOWN},
        {"--Afz55Xrl", "", NOTE_MARK_UNKNOWN},
        {"ychange", "ychange", NOTE_MARK_INTERNAL},
        {"code_inline", "code_inline", NOTE_MARK_CODE},
        {"subsup", "subsup", NOTE_MARK_SCRIPT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span name = bytes_copy_str(cases[i].name), bare = note_schema_mark_name(name);

        assert_true(span_equal(bare, span_str(cases[i].bare)));
        assert_int_equal(note_schema_mark(schema, name), cases[i].mark);
        bytes_free(name);
    }
}

static void attributes_depend_on_their_node(void **state)
{
    (void)state;
    assert_int_equal(note_schema_prop(schema, span_str("level"), NOTE_HEADING), NOTE_PROP_LEVEL);
    assert_int_equal(note_schema_prop(schema, span_str("type"), NOTE_ORDERED), NOTE_PROP_LIST_STYLE);
    assert_int_equal(note_schema_prop(schema, span_str("type"), NOTE_PANEL), NOTE_PROP_PANEL);
    assert_int_equal(note_schema_prop(schema, span_str("type"), NOTE_PARAGRAPH), NOTE_PROP_UNKNOWN);
    assert_int_equal(note_schema_prop(schema, span_str("text"), NOTE_EMOJI), NOTE_PROP_ICON);
    assert_int_equal(note_schema_prop(schema, span_str("text"), NOTE_MATH), NOTE_PROP_LATEX);
    assert_int_equal(note_schema_prop(schema, span_str("text"), NOTE_MENTION), NOTE_PROP_LABEL);
    assert_int_equal(note_schema_prop(schema, span_str("__headerState"), NOTE_CELL), NOTE_PROP_HEADER_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_editor_is_understood),
        cmocka_unit_test(other_names_are_unknown),
        cmocka_unit_test(marks_lose_the_suffix_of_overlapping_ones),
        cmocka_unit_test(attributes_depend_on_their_node),
    };

    schema = note_schema_get();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
