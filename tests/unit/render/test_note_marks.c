/* Values of marks, in every form in which editors store them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "render/note_marks.h"
#include "tests/unit/render/render_rig.h"

static void marks_take_their_values_where_they_are(void **state)
{
    static const struct {
        enum note_mark mark;
        const char *json;
        bool palette;
        unsigned steps;
        const char *value;
    } cases[] = {
        {NOTE_MARK_BOLD, "{}", false, 1u << NOTE_BOLD, ""},
        {NOTE_MARK_BOLD, "true", false, 1u << NOTE_BOLD, ""},
        {NOTE_MARK_BOLD, "false", false, 0, ""},
        {NOTE_MARK_LINK, "{\"href\":\"/x\",\"title\":null}", false, 1u << NOTE_LINK, "/x"},
        {NOTE_MARK_LINK, "\"/x\"", false, 1u << NOTE_LINK, "/x"},
        {NOTE_MARK_LINK, "{\"href\":\"\"}", false, 0, ""},
        {NOTE_MARK_LINK, "{}", false, 0, ""},
        {NOTE_MARK_STYLE, "{\"color\":\"red\",\"fontSize\":null}", false, 1u << NOTE_STYLE, "red"},
        {NOTE_MARK_STYLE, "{\"color\":null}", false, 0, ""},
        {NOTE_MARK_COLOR, "{\"stringValue\":\"red\"}", true, 1u << NOTE_STYLE, "#e03e3e"},
        {NOTE_MARK_COLOR, "{\"stringValue\":\"default\"}", true, 0, ""},
        {NOTE_MARK_COLOR, "\"#123456\"", false, 1u << NOTE_STYLE, "#123456"},
        {NOTE_MARK_BACKGROUND, "{\"stringValue\":\"yellow\"}", true, 1u << NOTE_BACKGROUND, "#fbf3db"},
        {NOTE_MARK_BACKGROUND, "{\"color\":null}", false, 1u << NOTE_BACKGROUND, ""},
        {NOTE_MARK_BACKGROUND, "{\"stringValue\":\"default\"}", true, 0, ""},
        {NOTE_MARK_STYLE, "{\"backgroundColor\":\"default\"}", false, 0, ""},
        {NOTE_MARK_SCRIPT, "\"super\"", false, 1u << NOTE_SUP, ""},
        {NOTE_MARK_SCRIPT, "{\"type\":\"sub\"}", false, 1u << NOTE_SUB, ""},
        {NOTE_MARK_SCRIPT, "3", false, 0, ""},
        {NOTE_MARK_COMMENT, "{\"threadId\":\"7\"}", false, 1u << NOTE_COMMENT, "7"},
        {NOTE_MARK_UNKNOWN, "{}", false, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf encoded = {0};
        struct crdt_value v = rig_value(cases[i].json, &encoded);
        struct note_marks m = {0};
        struct span values[4];

        note_mark_set(&blank_sheet.tree, &m, cases[i].mark, &v, cases[i].palette);
        assert_int_equal(m.steps, cases[i].steps);
        memcpy(values, (struct span[]){m.href, m.color, m.background, m.comment}, sizeof(values));
        for (int k = 0; k < 4; k++) {
            assert_true(values[k].len == 0 || span_equal(values[k], span_str(cases[i].value)));
        }
        buf_finish(&encoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_take_their_values_where_they_are),
    };

    return cmocka_run_group_tests(tests, blank_sheet_open, blank_sheet_close);
}
