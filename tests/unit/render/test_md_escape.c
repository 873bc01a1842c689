/* Text that reads as itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "render/md_escape.h"
#include "tests/support/bytes.h"

static void expect(struct buf *b, const char *text, const char *expected)
{
    if (b->len != strlen(expected) || (b->len > 0 && memcmp(b->data, expected, b->len) != 0)) {
        fail_msg("%s: got %.*s, expected %s", text, (int)b->len, (const char *)b->data, expected);
    }
    buf_finish(b);
}

static void text_is_escaped_where_it_must_be(void **state)
{
    static const struct {
        const char *text, *plain;
        unsigned how;
    } cases[] = {
        {"", "", 0},
        {"mot à mot.", "mot à mot.", 0},
        {"*a* `b` ~c~ [d]", "\\*a\\* \\`b\\` \\~c\\~ \\[d\\]", 0},
        {"a_b _c", "a_b \\_c", 0},
        {"é_à", "é\\_à", 0},
        {"&amp; & b&", "\\&amp; & b\\&", 0},
        {"&#1;", "\\&#1;", 0},
        {"<b> a<b", "\\<b> a\\<b", 0},
        {"a\\b \\* \\", "a\\b \\\\\\* \\\\", 0},
        {"!a a!", "!a a\\!", 0},
        {"^a b^", "\\^a b^", 0},
        {"$5", "\\$5", 0},
        {"a|b", "a|b", 0},
        {"a|b", "a\\|b", MD_IN_CELL},
        {"http://a https://b ftp://c xhttp:/d", "http\\://a https\\://b ftp\\://c xhttp:/d", 0},
        {"www.a awww.b ww.c", "www\\.a awww\\.b ww.c", 0},
        {" a ", " a ", 0},
        {" a \t ", "&#32;a", MD_TRIM_START | MD_TRIM_END},
        {"\ta", "&#9;a", MD_TRIM_START},
        {"   ", "", MD_TRIM_START | MD_TRIM_END},
        {"   ", "&#32;", MD_LINE_START | MD_TRIM_START | MD_TRIM_END},
        {"a # ", "a \\#", MD_TRIM_END | MD_IN_HEADING},
        {"a\\ ", "a\\\\", MD_TRIM_END},
        {"# a", "# a", 0},
        {"# a", "\\# a", MD_LINE_START},
        {"#a", "#a", MD_LINE_START},
        {"####### a", "####### a", MD_LINE_START},
        {"#", "\\#", MD_LINE_START},
        {"> a", "\\> a", MD_LINE_START},
        {"- a", "\\- a", MD_LINE_START},
        {"-a", "-a", MD_LINE_START},
        {"-é", "-é", MD_LINE_START},
        {"---", "\\---", MD_LINE_START},
        {"+", "\\+", MD_LINE_START},
        {"===", "\\===", MD_LINE_START},
        {"=a", "=a", MD_LINE_START},
        {"|-|", "\\|-|", MD_LINE_START},
        {":-", "\\:-", MD_LINE_START},
        {"1. a", "1\\. a", MD_LINE_START},
        {"12)", "12\\)", MD_LINE_START},
        {"1.a 1234567890. a", "1.a 1234567890. a", MD_LINE_START},
        {"123456789. a", "123456789\\. a", MD_LINE_START},
        {"1234567890. a", "1234567890. a", MD_LINE_START},
        {"a #", "a \\#", MD_IN_HEADING | MD_TRIM_END},
        {"a # b", "a # b", MD_IN_HEADING | MD_TRIM_END},
        {"a\nb\rc", "a b c", 0},
        {"a\x01\x7f", "a\xef\xbf\xbd\xef\xbf\xbd", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = bytes_copy_str(cases[i].text);
        struct buf b = {0};

        md_escape_text(&b, text, cases[i].how);
        expect(&b, cases[i].text, cases[i].plain);
        bytes_free(text);
    }
}

/* Copied or not, and then with nothing changed, at every length: words pass by sixteen bytes and by eight. */
static void words_are_copied_when_they_stand_as_they_are(void **state)
{
    static const struct {
        const char *end;
        bool copied;
    } ends[] = {{"", true},        {".", true},       {". B. C", true}, {"...", true},    {", d'\xc3\xa9", true},
                {" (a).", true},   {"*.", false},     {".*", false},    {". a_", false},  {"www.", false},
                {"awww.b", false}, {" WWW. ", false}, {"\x7f.", false}, {".\x01", false}, {"ww.", false}};
    static const char letters[] = "abcdefghijklmnopqrstuvxyzabcdefghijklm";

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        for (size_t len = 1; len < sizeof(letters); len++) {
            char line[64];
            uint8_t to[64];
            struct span text;

            (void)snprintf(line, sizeof(line), "%.*s%s", (int)len, letters, ends[i].end);
            text = bytes_copy_str(line);
            if (md_escape_copied(to, text, MD_LINE_START | MD_TRIM_START) != ends[i].copied ||
                (ends[i].copied && memcmp(to, text.data, text.len) != 0)) {
                fail_msg("%s", line);
            }
            bytes_free(text);
        }
    }
}

static void destinations_and_titles_end_where_they_should(void **state)
{
    static const struct {
        const char *text, *url, *title;
    } cases[] = {
        {"", "<>", ""},
        {"/a", "/a", " \"/a\""},
        {"a b", "<a b>", " \"a b\""},
        {"a(b)c", "a(b)c", " \"a(b)c\""},
        {"a(b", "<a(b>", " \"a(b\""},
        {"a)b(", "<a)b(>", " \"a)b(\""},
        {"a<b>", "<a\\<b\\>>", " \"a<b>\""},
        {"a\\b", "a\\\\b", " \"a\\\\b\""},
        {"a\\", "a\\\\", " \"a&#92;\""},
        {"?a=b&c=d", "?a=b&c=d", " \"?a=b&amp;c=d\""},
        {"a&colon;b", "a&amp;colon;b", " \"a&amp;colon;b\""},
        {"\"", "\"", " \"\\\"\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = bytes_copy_str(cases[i].text);
        struct buf b = {0};

        md_escape_url(&b, text, false);
        expect(&b, cases[i].text, cases[i].url);
        md_escape_title(&b, text, false);
        expect(&b, cases[i].text, cases[i].title);
        bytes_free(text);
    }
}

static void code_and_mathematics_are_not_changed(void **state)
{
    static const struct {
        const char *text, *code, *math;
    } cases[] = {
        {"a", "`a`", "$a$"},
        {"`", "`` ` ``", "$`` ` ``$"},
        {"a`b", "``a`b``", "$``a`b``$"},
        {"a``b", "`a``b`", "$`a``b`$"},
        {"` `` ```", "```` ` `` ``` ````", "$```` ` `` ``` ````$"},
        {" a ", "`  a  `", "$`  a  `$"},
        {" a", "` a`", "$` a`$"},
        {"  ", "`  `", "$`  `$"},
        {"x_1 \\frac{a}{b}", "`x_1 \\frac{a}{b}`", "$x_1 \\frac{a}{b}$"},
        {"a_{i}\\,", "`a_{i}\\,`", "$`a_{i}\\,`$"},
        {"a*b", "`a*b`", "$`a*b`$"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = bytes_copy_str(cases[i].text);
        struct buf b = {0};

        md_escape_code(&b, text, false);
        expect(&b, cases[i].text, cases[i].code);
        md_escape_math(&b, text, false);
        expect(&b, cases[i].text, cases[i].math);
        bytes_free(text);
    }
}

static void in_a_cell_pipes_are_escaped_everywhere(void **state)
{
    struct buf b = {0};

    (void)state;
    md_escape_code(&b, span_str("a|b"), true);
    expect(&b, "code", "`a\\|b`");
    md_escape_url(&b, span_str("/a|b"), true);
    expect(&b, "url", "/a\\|b");
    md_escape_title(&b, span_str("a|b"), true);
    expect(&b, "title", " \"a\\|b\"");
    md_escape_tag(&b, span_str("<img alt=\"a|b\">"), true);
    expect(&b, "tag", "<img alt=\"a\\|b\">");
    md_escape_math(&b, span_str("a|b"), true);
    expect(&b, "math", "$`a\\|b`$");
}

static void the_longest_run_is_found(void **state)
{
    (void)state;
    assert_int_equal(md_longest_run(span_str(""), '`'), 0);
    assert_int_equal(md_longest_run(span_str("a`b``c"), '`'), 2);
    assert_int_equal(md_longest_run(span_str("```"), '`'), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_run_is_found),
        cmocka_unit_test(text_is_escaped_where_it_must_be),
        cmocka_unit_test(words_are_copied_when_they_stand_as_they_are),
        cmocka_unit_test(destinations_and_titles_end_where_they_should),
        cmocka_unit_test(code_and_mathematics_are_not_changed),
        cmocka_unit_test(in_a_cell_pipes_are_escaped_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
