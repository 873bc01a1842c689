/* Values of attributes, in every form in which editors store them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "render/note_props.h"
#include "tests/unit/render/render_rig.h"

static struct note_node *with(enum note_kind kind, enum note_prop prop, const char *json)
{
    static struct buf encoded;
    struct crdt_value v = rig_value(json, &encoded);
    struct note_node *node = note_tree_node(&blank_sheet.tree, kind);

    note_prop_set(&blank_sheet.tree, node, prop, &v);
    return node;
}

static void numbers_are_clamped_and_strings_understood(void **state)
{
    static const struct {
        const char *json;
        uint32_t level;
    } levels[] = {{"2", 2},      {"\"3\"", 3}, {"\"h4\"", 4}, {"0", 1},    {"99", 6},
                  {"-1e300", 1}, {"\"x\"", 0}, {"null", 0},   {"true", 0}, {"{}", 0}};
    static const struct {
        const char *json;
        uint32_t colspan;
    } spans[] = {{"1", 0}, {"3", 3}, {"0", 1}, {"1e9", NOTE_COLSPAN_MAX}, {"\"2\"", 2}, {"[]", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        assert_int_equal(with(NOTE_HEADING, NOTE_PROP_LEVEL, levels[i].json)->props->level, levels[i].level);
    }
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        assert_int_equal(with(NOTE_CELL, NOTE_PROP_COLSPAN, spans[i].json)->props->colspan, spans[i].colspan);
    }
    assert_int_equal(with(NOTE_ORDERED, NOTE_PROP_START, "0")->props->start, 0);
    assert_true(with(NOTE_ORDERED, NOTE_PROP_START, "0")->props->has_start);
    assert_false(with(NOTE_ORDERED, NOTE_PROP_START, "null")->props->has_start);
    assert_int_equal(with(NOTE_ORDERED, NOTE_PROP_START, "1e12")->props->start, NOTE_START_MAX);
}

static void truth_has_many_forms(void **state)
{
    static const char *const yes[] = {"true", "1", "\"true\"", "\"DONE\"", "\"checked\""};
    static const char *const no[] = {"false", "0", "\"false\"", "\"todo\"", "\"\"", "null", "{}", "[1]"};

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        assert_true(with(NOTE_TASK, NOTE_PROP_CHECKED, yes[i])->props->checked);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(with(NOTE_TASK, NOTE_PROP_CHECKED, no[i])->props->checked);
    }
    assert_int_equal(with(NOTE_CELL, NOTE_PROP_HEADER_STATE, "3")->kind, NOTE_HEADER);
    assert_int_equal(with(NOTE_CELL, NOTE_PROP_HEADER_STATE, "0")->kind, NOTE_CELL);
}

static void alignments_and_panels_have_names(void **state)
{
    (void)state;
    assert_int_equal(with(NOTE_PARAGRAPH, NOTE_PROP_ALIGN, "\"center\"")->props->align, NOTE_CENTER);
    assert_int_equal(with(NOTE_PARAGRAPH, NOTE_PROP_ALIGN, "\"end\"")->props->align, NOTE_RIGHT);
    assert_int_equal(with(NOTE_PARAGRAPH, NOTE_PROP_ALIGN, "4")->props->align, NOTE_JUSTIFY);
    assert_int_equal(with(NOTE_PARAGRAPH, NOTE_PROP_ALIGN, "\"x\"")->props->align, NOTE_ALIGN_NONE);
    assert_int_equal(with(NOTE_PANEL, NOTE_PROP_PANEL, "\"danger\"")->props->panel, NOTE_PANEL_ERROR);
    assert_int_equal(with(NOTE_PANEL, NOTE_PROP_PANEL, "\"x\"")->props->panel, NOTE_PANEL_INFO);
}

static void widths_are_numbers_or_lists(void **state)
{
    const struct note_props *p = with(NOTE_CELL, NOTE_PROP_WIDTHS, "[100,null,\"50\"]")->props;

    (void)state;
    assert_int_equal(p->widths_count, 3);
    assert_true(p->widths[0] == 100 && p->widths[1] == 0 && p->widths[2] == 50);
    p = with(NOTE_CELL, NOTE_PROP_WIDTHS, "80")->props;
    assert_int_equal(p->widths_count, 1);
    assert_true(p->widths[0] == 80);
    assert_int_equal(with(NOTE_CELL, NOTE_PROP_WIDTHS, "[]")->props->widths_count, 0);
}

static void the_first_of_two_names_counts(void **state)
{
    struct note_node *node = with(NOTE_IMAGE, NOTE_PROP_URL, "\"/a\"");
    struct crdt_value v = {.kind = CRDT_STRING, .bytes = span_str("/b")};

    (void)state;
    note_prop_set(&blank_sheet.tree, node, NOTE_PROP_URL, &v);
    assert_true(span_equal(node->props->url, span_str("/a")));
    assert_true(span_equal(with(NOTE_MENTION, NOTE_PROP_ID, "42")->props->id, span_str("42")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_clamped_and_strings_understood),
        cmocka_unit_test(truth_has_many_forms),
        cmocka_unit_test(alignments_and_panels_have_names),
        cmocka_unit_test(widths_are_numbers_or_lists),
        cmocka_unit_test(the_first_of_two_names_counts),
    };

    return cmocka_run_group_tests(tests, blank_sheet_open, blank_sheet_close);
}
