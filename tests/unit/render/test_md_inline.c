/* Inlines as Markdown, piece by piece; whole documents are in tests/render. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "render/md_inline.h"

#define B (1u << NOTE_BOLD)
#define I (1u << NOTE_ITALIC)
#define S (1u << NOTE_STRIKE)
#define C (1u << NOTE_INLINE_CODE)

struct piece {
    const char *text; /* "\n": a break; NULL: no more */
    unsigned steps;
};

static void segments_become_markdown(void **state)
{
    static const struct {
        enum md_where where;
        struct piece pieces[5];
        const char *expected;
        const char *prefix;
    } cases[] = {
        {MD_PARAGRAPH, {{"", 0}}, "", ""},
        {MD_PARAGRAPH, {{"a", 0}, {"b", 0}}, "ab", ""},
        {MD_PARAGRAPH, {{"1", 0}, {". a", 0}}, "1\\. a", ""},
        {MD_PARAGRAPH, {{"a", B}}, "**a**", ""},
        {MD_PARAGRAPH, {{"a", B | I}}, "**_a_**", ""},
        {MD_PARAGRAPH, {{"a", B}, {"b", B | I}, {"c", B}}, "**a*b*c**", ""},
        {MD_PARAGRAPH, {{"a", I}, {"b", 0}, {"c", I}}, "*a*b*c*", ""},
        {MD_PARAGRAPH, {{"a", B}, {"b", I}}, "**a**_b_", ""},
        {MD_PARAGRAPH, {{"a", B}, {"b", I}, {"c", 0}}, "**a**<em>b</em>c", ""},
        {MD_PARAGRAPH, {{"a ", B}, {"b", I}}, "**a** *b*", ""},
        {MD_PARAGRAPH, {{"x", 0}, {".", B}}, "x<strong>.</strong>", ""},
        {MD_PARAGRAPH, {{"a", 0}, {".b", S}}, "a<del>.b</del>", ""},
        {MD_PARAGRAPH, {{"a", C}, {"b", C}}, "`ab`", ""},
        {MD_PARAGRAPH, {{"a", C}, {"b", C | B}}, "`a`**`b`**", ""},
        {MD_PARAGRAPH, {{" ", B}, {"a", 0}}, "&#32;a", ""},
        {MD_PARAGRAPH, {{"a", B}, {"\n", 0}, {"b", B}}, "**a**\\\n**b**", ""},
        {MD_PARAGRAPH, {{"a", 0}, {"\n", 0}}, "a<br>", ""},
        {MD_PARAGRAPH, {{"\n", 0}, {"# a", 0}}, "\\\n\\# a", ""},
        {MD_PARAGRAPH, {{"a", B}, {"\n", 0}, {"b", B}}, "**a**\\\n> **b**", "> "},
        {MD_HEADING, {{"a", 0}, {"\n", 0}, {"- b #", 0}}, "a<br>- b \\#", ""},
        {MD_CELL, {{"a|", 0}, {"\n", 0}, {"|", C}}, "a\\|<br>`\\|`", ""},
    };
    struct md_inline m = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};

        md_inline_begin(&m, cases[i].where, span_str(cases[i].prefix));
        for (const struct piece *p = cases[i].pieces; p->text != NULL; p++) {
            if (strcmp(p->text, "\n") == 0) {
                md_inline_add_break(&m);
            } else {
                md_inline_add_text(&m, span_str(p->text), p->steps);
            }
        }
        assert_int_equal(md_inline_end(&m, &b), RC_OK);
        if (b.len != strlen(cases[i].expected) || (b.len > 0 && memcmp(b.data, cases[i].expected, b.len) != 0)) {
            fail_msg("%zu: got %.*s, expected %s", i, (int)b.len, (const char *)b.data, cases[i].expected);
        }
        buf_finish(&b);
    }
    md_inline_finish(&m);
    md_inline_finish(&m);
    md_inline_finish(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_become_markdown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
