/* Options of the HTML; what each node becomes is in tests/render/cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/html.h"
#include "tests/unit/render/render_rig.h"

static bool contains(const struct buf *b, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= b->len; i++) {
        if (memcmp(b->data + i, text, len) == 0) {
            return true;
        }
    }
    return false;
}

static void a_page_has_one_h1(void **state)
{
    static const struct {
        const char *tree, *has, *has_not;
    } cases[] = {
        {"heading level=1\n  \"Un\"\nheading level=2\n  \"Deux\"\n", "<h1 id=\"un\">Un</h1>", "<header>"},
        {"heading level=2\n  \"Un\"\n", "<header><h1>Titre</h1></header>", "<h1 id"},
        {"heading level=1\n  \"Un\"\nheading level=1\n  \"Deux\"\n", "<h2 id=\"deux\" data-level=\"1\">", "<h1 id"},
        {"heading level=6\n  \"a\"\nheading level=1\n  \"b\"\nheading level=1\n  \"c\"\n",
         "<h6 id=\"a\" data-level=\"6\">", "<h7"},
        {"paragraph\n  \"a\"\n", "<header><h1>Titre</h1></header>", "<h1 id"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct html_options o = {.page = true, .title = span_str("Titre")};
        struct sheet s;
        struct buf b = {0};

        sheet_init(&s, cases[i].tree);
        assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
        assert_true(contains(&b, cases[i].has));
        assert_false(contains(&b, cases[i].has_not));
        buf_finish(&b);
        sheet_finish(&s);
    }
}

static void labels_and_language_follow_the_options(void **state)
{
    struct html_options o = {.page = true, .french = true, .lang = span_str("fr-\"CA"), .title = span_str("<t>")};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "details\n  paragraph\n    \"a\"\n");
    assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
    assert_true(contains(&b, "<html lang=\"fr-&quot;CA\">"));
    assert_true(contains(&b, "<title>&lt;t&gt;</title>"));
    assert_true(contains(&b, "<details open><summary>Détails</summary>"));
    buf_finish(&b);
    sheet_finish(&s);
}

static void data_images_are_kept_only_when_asked(void **state)
{
    struct html_options o = {0};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "image src=\"data:image/png;base64,AA\" alt=a\n");
    assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
    sheet_expect(&b, "<figure><span class=\"image\">a</span></figure>\n");
    o.images = true;
    assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
    sheet_expect(&b, "<figure><img src=\"data:image/png;base64,AA\" alt=\"a\"></figure>\n");
    sheet_finish(&s);
}

static void compact_html_has_no_empty_line_and_no_anchor(void **state)
{
    struct html_options o = {.compact = true};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "blockquote\n  heading level=2\n    \"a\"\n  codeBlock\n    \"x\\n\\ny\"\n");
    assert_int_equal(html_write(s.tree.doc->first, &o, &b), RC_OK);
    sheet_expect(&b, "<blockquote>\n<h2>a</h2>\n<pre><code>x&#10;&#10;y</code></pre>\n</blockquote>\n");
    sheet_finish(&s);
}

/* Words of 24 letters and fewer stay whole; letters beyond ASCII end a word. */
static void long_words_in_cells_of_a_page_may_break(void **state)
{
    struct html_options o = {.page = true};
    struct sheet s;
    struct buf b = {0};

    (void)state;
    sheet_init(&s, "table\n  tableRow\n    tableCell\n      paragraph\n"
                   "        \"a 123456789012345678901234 1234567890123456789012345\"\n"
                   "    tableCell\n      paragraph\n        \"12345678901234567890&a<bcdé\"\n"
                   "paragraph\n  \"1234567890123456789012345\"\n");
    assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
    assert_true(
        contains(&b, "<td>a 123456789012345678901234 <span class=\"long\">1234567890123456789012345</span></td>"));
    assert_true(contains(&b, "<td><span class=\"long\">12345678901234567890&amp;a&lt;bcd</span>é</td>"));
    assert_true(contains(&b, "<p>1234567890123456789012345</p>"));
    buf_clear(&b);
    o.page = false;
    assert_int_equal(html_write(s.tree.doc, &o, &b), RC_OK);
    assert_false(contains(&b, "long"));
    buf_finish(&b);
    sheet_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_one_h1),
        cmocka_unit_test(labels_and_language_follow_the_options),
        cmocka_unit_test(data_images_are_kept_only_when_asked),
        cmocka_unit_test(compact_html_has_no_empty_line_and_no_anchor),
        cmocka_unit_test(long_words_in_cells_of_a_page_may_break),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
