/* Escaping, and the grammars of URLs and styles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "render/escape.h"
#include "tests/support/bytes.h"

static void expect(struct buf *b, const char *expected)
{
    if (b->len != strlen(expected) || (b->len > 0 && memcmp(b->data, expected, b->len) != 0)) {
        fail_msg("got %.*s, expected %s", (int)b->len, (const char *)b->data, expected);
    }
    buf_finish(b);
}

static void html_has_no_markup_of_the_text(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        const char *html, *line, *json;
    } cases[] = {
        {"", 0, "", "", "\"\""},
        {"abc é", 6, "abc é", "abc é", "\"abc é\""},
        {"<a href=\"x\">&amp;", 17, "&lt;a href=&quot;x&quot;&gt;&amp;amp;", "&lt;a href=&quot;x&quot;&gt;&amp;amp;",
         "\"<a href=\\\"x\\\">&amp;\""},
        {"a\n\tb", 4, "a\n\tb", "a&#10;&#9;b", "\"a\\n\\tb\""},
        {"\0\x1b\x7f\r", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
         "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\"\\u0000\\u001b\x7f\\r\""},
        {"\\\b\f\v", 4, "\\\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\\\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
         "\"\\\\\\b\\f\\u000b\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = bytes_copy(cases[i].text, cases[i].len);
        struct buf b = {0};

        escape_html(&b, text);
        expect(&b, cases[i].html);
        escape_html_line(&b, text);
        expect(&b, cases[i].line);
        escape_json(&b, text);
        expect(&b, cases[i].json);
        bytes_free(text);
    }
}

static void the_first_special_byte_is_found_wherever_it_stands(void **state)
{
    static const bool special[256] = {['*'] = true, [200] = true};
    uint8_t text[20];

    (void)state;
    for (size_t len = 0; len <= sizeof(text); len++) {
        for (size_t at = 0; at <= len; at++) {
            memset(text, 'a', sizeof(text));
            if (at < len) {
                text[at] = at % 2 == 0 ? '*' : 200;
            }
            struct span copy = bytes_copy(text, len);

            for (size_t from = 0; from <= len; from++) {
                assert_int_equal(escape_find(special, copy, from), from <= at ? at : len);
            }
            bytes_free(copy);
        }
    }
}

/* Whatever is special but the ordinary bytes: the same as looking at one byte after the other. */
static void words_are_copied_up_to_the_same_byte(void **state)
{
    static const bool special[256] = {ESCAPE_CONTROLS, ['.'] = true, ['`'] = true, ['{'] = true, ['@'] = true};
    static const char *const letters[] = {"a", "Z", " ", ",", "'", "\xc3", "\xbf", "0",   "-",
                                          "(", "[", ".", "`", "{", "@",    "\x1f", "\x7f"};
    static const char filler[] = "L'\xc3\xa9l\xc3\xa8ve, zz AZ az \xf0\x9f\x8e\x92 Les lacs";
    size_t copies = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        bool found = special[(uint8_t)letters[i][0]];

        for (size_t at = 0; at < sizeof(filler) - 1; at++) {
            for (size_t from = 0; from < sizeof(filler); from++, copies++) {
                struct span copy = bytes_copy(filler + from, sizeof(filler) - 1 - from);
                size_t expected = found && from <= at ? at - from : copy.len;
                struct buf b = {0};

                if (from <= at) {
                    ((uint8_t *)copy.data)[at - from] = (uint8_t)letters[i][0];
                }
                buf_put_str(&b, "x");
                assert_int_equal(escape_copy(&b, special, copy), expected);
                assert_int_equal(b.len, 1 + expected);
                assert_true(span_equal(buf_slice(&b, 1, expected), span_of(copy.data, expected)));
                buf_finish(&b);
                bytes_free(copy);
            }
        }
    }
    print_message("%zu copies\n", copies);
    assert_true(copies > 0);
}

static void strange_bytes_are_seen_wherever_they_stand(void **state)
{
    uint8_t text[40];

    (void)state;
    for (size_t len = 0; len <= sizeof(text); len++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            bool strange = (byte < 32 && byte != '\t' && byte != '\n') || byte == 127;

            for (size_t at = 0; at < len; at++) {
                memset(text, 'a', sizeof(text));
                text[at] = (uint8_t)byte;
                struct span copy = bytes_copy(text, len);

                assert_int_equal(escape_may_be_strange(copy), strange || len < 16);
                bytes_free(copy);
            }
        }
    }
}

static void urls_have_schemes_of_the_list(void **state)
{
    static const struct {
        const char *url, *safe; /* NULL: refused */
    } cases[] = {
        {"https://example.org/a?b=c#d", "https://example.org/a?b=c#d"},
        {"HTTP://x", "HTTP://x"},
        {"mailto:a@b.c", "mailto:a@b.c"},
        {"tel:+33", "tel:+33"},
        {"/a/b", "/a/b"},
        {"a.png", "a.png"},
        {"#top", "#top"},
        {"?q", "?q"},
        {"//host/x", "//host/x"},
        {"/a:b", "/a:b"},
        {"?a:b", "?a:b"},
        {"  /a\t", "/a"},
        {"", NULL},
        {"   ", NULL},
        {"javascript:alert(1)", NULL},
        {"JaVaScRiPt:alert(1)", NULL},
        {" javascript:alert(1)", NULL},
        {"java\nscript:alert(1)", NULL},
        {"java\tscript:alert(1)", NULL},
        {"\x01javascript:alert(1)", NULL},
        {"java\x01script:alert(1)", NULL},
        {"javascript\x0a:alert(1)", NULL},
        {"\xc2\xa0javascript:alert(1)", NULL},
        {"javascript&colon;alert(1)", "javascript&colon;alert(1)"}, /* relative: & is escaped when written */
        {"vbscript:x", NULL},
        {"data:text/html,<script>", NULL},
        {"data:image/png;base64,AAAA", NULL},
        {"data:image/svg+xml;base64,AAAA", NULL},
        {"blob:x", NULL},
        {"file:///etc/passwd", NULL},
        {"ftp://x", NULL},
        {":x", NULL},
        {"x:y", NULL},
        {"view-source:x", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span url = bytes_copy_str(cases[i].url);
        struct buf b = {0};

        assert_int_equal(escape_url(&b, url, false), cases[i].safe != NULL);
        expect(&b, cases[i].safe != NULL ? cases[i].safe : "");
        bytes_free(url);
    }
}

static void images_may_be_raster_data_when_asked(void **state)
{
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"data:image/png;base64,AAAA", true},
        {"DATA:image/JPEG;base64,AA", true},
        {"data:image/svg+xml;base64,AA", false},
        {"data:text/html;base64,AA", false},
        {"data:image/png", false},
        {"data:", false},
        {"javascript:x", false},
        {"data:image/png;base64,\"><b>", true}, /* escaped when written */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};

        assert_int_equal(escape_url(&b, span_str(cases[i].url), true), cases[i].good);
        buf_finish(&b);
    }
}

static void colours_pass_a_grammar(void **state)
{
    static const struct {
        const char *color;
        bool good;
    } cases[] = {
        {"#fff", true},
        {"#FFF0", true},
        {"#00ff00", true},
        {"#00ff0080", true},
        {"rgb(1,2,3)", true},
        {"rgb(1 2 3 / 50%)", true},
        {"RGBA(1,2,3,.5)", true},
        {"hsl(120, 50%, 50%)", true},
        {"red", true},
        {"rebeccapurple", true},
        {"", false},
        {"#", false},
        {"#ff", false},
        {"#ggg", false},
        {"#fffff", false},
        {"red;x", false},
        {"url(x)", false},
        {"var(--x)", false},
        {"rgb(1,2,3", false},
        {"rgb(1,2,3)x", false},
        {"rgb(url(x))", false},
        {"expression(1)", false},
        {"re d", false},
        {"rouge vif", false},
        {"é", false},
        {"rgb(1;2)", false},
        {"re", false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span color = bytes_copy_str(cases[i].color);

        if (escape_is_color(color) != cases[i].good) {
            fail_msg("%s", cases[i].color);
        }
        bytes_free(color);
    }
    assert_false(escape_is_color(span_of("rgb(1\0,2)", 9)));
}

static void text_styles_keep_what_passes(void **state)
{
    static const struct {
        const char *color, *size, *family, *css;
    } cases[] = {
        {"#f00", "12px", "Arial", "color:#f00;font-size:12px;font-family:Arial"},
        {"", "12", "", "font-size:12px"},
        {"", "1.5em", "", "font-size:1.5em"},
        {"", "huge", "", "font-size:xx-large"},
        {"", "12px;x", "", ""},
        {"", "calc(1px)", "", ""},
        {"", "px", "", ""},
        {"", "", "\"Times New Roman\", serif", "font-family:Times New Roman, serif"},
        {"", "", "a;b", ""},
        {"", "", "url(x)", ""},
        {"x;y", "", "serif", "font-family:serif"},
        {"", "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = {0};
        bool any = escape_text_style(&b, span_str(cases[i].color), span_str(cases[i].size), span_str(cases[i].family));

        assert_int_equal(any, cases[i].css[0] != 0);
        expect(&b, cases[i].css);
    }
}

static void words_end_at_the_first_other_character(void **state)
{
    static const char *const cases[][2] = {
        {"c", "c"}, {"c++", "c++"}, {"objective-c x", "objective-c"}, {"\">", ""}, {"", ""}, {"é", ""}, {"a`b", "a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span word = escape_word(span_str(cases[i][0]));

        assert_int_equal(word.len, strlen(cases[i][1]));
        assert_memory_equal(word.data, cases[i][1], word.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_has_no_markup_of_the_text),
        cmocka_unit_test(the_first_special_byte_is_found_wherever_it_stands),
        cmocka_unit_test(words_are_copied_up_to_the_same_byte),
        cmocka_unit_test(strange_bytes_are_seen_wherever_they_stand),
        cmocka_unit_test(urls_have_schemes_of_the_list),
        cmocka_unit_test(images_may_be_raster_data_when_asked),
        cmocka_unit_test(colours_pass_a_grammar),
        cmocka_unit_test(text_styles_keep_what_passes),
        cmocka_unit_test(words_end_at_the_first_other_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
