/* Which root is the note, its title, and what happens when something fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/render/render_rig.h"

static void expect_text(const struct crdt_doc *doc, const char *root, int rc, const char *expected)
{
    struct render_options o = {.root = span_str(root)};
    struct buf b = {0};

    buf_put_str(&b, "before:");
    assert_int_equal(render_note(doc, &o, RENDER_TEXT, &b), rc);
    if (b.len != 7 + strlen(expected) || memcmp(b.data + 7, expected, b.len - 7) != 0) {
        fail_msg("got %.*s, expected %s", (int)b.len, (const char *)b.data, expected);
    }
    buf_finish(&b);
}

static void add_paragraph(struct crdt_doc *doc, struct crdt_type root, const char *node, const char *words)
{
    struct crdt_type text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, node), CRDT_XML_TEXT, "");

    add_text(doc, text, words, NULL, NULL);
}

static void the_root_with_the_note_is_found(void **state)
{
    struct crdt_doc *doc = new_doc();

    (void)state;
    expect_text(doc, "", RC_OK, "");
    expect_text(doc, "nowhere", RC_NOTFOUND, "");
    add_text(doc, root_of(doc, "one", CRDT_TEXT), "un", NULL, NULL);
    set_attr(doc, root_of(doc, "map", CRDT_MAP), "k", "1");
    root_of(doc, "empty", CRDT_TEXT);
    expect_text(doc, "", RC_OK, "un");
    expect_text(doc, "map", RC_TYPE, "");
    expect_text(doc, "empty", RC_OK, "");
    add_text(doc, root_of(doc, "two", CRDT_TEXT), "deux", NULL, NULL);
    expect_text(doc, "", RC_STATE, "");
    expect_text(doc, "two", RC_OK, "deux");
    add_text(doc, root_of(doc, "codemirror", CRDT_TEXT), "trois", NULL, NULL);
    expect_text(doc, "", RC_OK, "trois");
    add_text(doc, root_of(doc, "quill", CRDT_TEXT), "quatre\n", NULL, NULL);
    expect_text(doc, "", RC_OK, "quatre\n");
    add_paragraph(doc, root_of(doc, "b", CRDT_XML_FRAGMENT), "paragraph", "B");
    add_paragraph(doc, root_of(doc, "a", CRDT_XML_FRAGMENT), "paragraph", "A");
    expect_text(doc, "", RC_OK, "A\n\nB\n");
    expect_text(doc, "b", RC_OK, "B\n");
    expect_text(doc, "codemirror", RC_OK, "trois");
    crdt_doc_destroy(doc);
}

static void a_root_that_only_an_update_named_is_inferred(void **state)
{
    struct crdt_doc *doc = new_doc(), *other = NULL;
    struct buf update = {0};

    (void)state;
    add_paragraph(doc, root_of(doc, "some name", CRDT_XML_FRAGMENT), "paragraph", "mots");
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, &update), RC_OK);
    assert_int_equal(crdt_doc_create(NULL, &other), RC_OK);
    assert_int_equal(crdt_apply(other, CRDT_V1, buf_span(&update), NULL), RC_OK);
    expect_text(other, "", RC_OK, "mots\n");
    buf_finish(&update);
    crdt_doc_destroy(doc);
    crdt_doc_destroy(other);
}

static void the_title_is_the_first_heading_or_the_first_words(void **state)
{
    static const struct {
        const char *nodes[3], *words[3], *title;
    } cases[] = {
        {{"paragraph", "heading"}, {"avant", "Le  titre\n"}, "Le titre"},
        {{"paragraph", "paragraph"}, {"  ", " un\tdeux "}, "un deux"},
        {{"heading", "paragraph"}, {" ", "x"}, "x"},
        {{"codeBlock"}, {"int x;"}, "int x;"},
        {{"paragraph"}, {""}, ""},
        {{"paragraph"},
         {"éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"},
         "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_doc *doc = new_doc();
        struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
        struct buf b = {0};

        for (size_t k = 0; k < 3 && cases[i].nodes[k] != NULL; k++) {
            add_paragraph(doc, root, cases[i].nodes[k], cases[i].words[k]);
        }
        assert_int_equal(render_title(doc, NULL, &b), RC_OK);
        if (b.len != strlen(cases[i].title) || memcmp(b.len > 0 ? (char *)b.data : "", cases[i].title, b.len) != 0) {
            fail_msg("got %.*s, expected %s", (int)b.len, (const char *)b.data, cases[i].title);
        }
        buf_finish(&b);
        crdt_doc_destroy(doc);
    }
}

static struct crdt_doc *some_note(void)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT), table, row, text;

    add_paragraph(doc, root, "heading", "Titre");
    add_paragraph(doc, root, "blockquote", "cité");
    add_paragraph(doc, root, "listItem", "un");
    table = add_child(doc, root, CRDT_XML_ELEMENT, "table");
    row = add_child(doc, table, CRDT_XML_ELEMENT, "tableRow");
    add_paragraph(doc, row, "tableHeader", "a");
    set_attr(doc, row, "colwidth", "[1,2]");
    text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_TEXT, "");
    add_text(doc, text, "gras", "bold", "{}");
    add_text(doc, text, "lien", "link", "{\"href\":\"/x\"}");
    return doc;
}

static void dates_are_those_of_the_readers_zone(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT), date;
    struct render_options o = {.zone = 60};
    struct buf b = {0};

    (void)state;
    date = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_ELEMENT, "date");
    set_attr(doc, date, "timestamp", "\"1591657200000\""); /* 2020-06-08, 23:00 UTC */
    expect_text(doc, "", RC_OK, "2020-06-08\n");
    assert_int_equal(render_note(doc, &o, RENDER_TEXT, &b), RC_OK);
    assert_memory_equal(b.data, "2020-06-09\n", 11);
    assert_int_equal(render_note(doc, &o, RENDER_HTML, &b), RC_OK);
    buf_put_u8(&b, 0);
    assert_non_null(strstr((char *)b.data, "datetime=\"2020-06-09\" data-ts=\"1591657200000\">2020-06-09<"));
    buf_finish(&b);
    crdt_doc_destroy(doc);
}

static void notes_of_docs_are_linked_by_their_id(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "document-store", CRDT_XML_FRAGMENT), link;
    struct buf b = {0};

    (void)state;
    link =
        add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_ELEMENT, "interlinkingLinkInline");
    set_attr(doc, link, "docId", "\"a-1\"");
    set_attr(doc, link, "title", "\"Le lac\"");
    assert_int_equal(render_note(doc, NULL, RENDER_MARKDOWN, &b), RC_OK);
    assert_int_equal(b.len, strlen("[Le lac](/n/a-1)\n"));
    assert_memory_equal(b.data, "[Le lac](/n/a-1)\n", b.len);
    buf_finish(&b);
    crdt_doc_destroy(doc);
}

static void a_limit_on_memory_gives_its_code(void **state)
{
    struct crdt_doc *doc = some_note();
    struct render_options o = {.memory_limit = 2000};
    struct buf b = {0};

    (void)state;
    assert_int_equal(render_note(doc, &o, RENDER_HTML, &b), RC_LIMIT);
    assert_int_equal(render_title(doc, &o, &b), RC_LIMIT);
    assert_int_equal(render_text(doc, &o, &b), RC_LIMIT);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
    crdt_doc_destroy(doc);
}

static int render_all(const struct crdt_doc *doc, struct buf *out)
{
    static const struct render_options page = {.page = true};
    int rc = render_note(doc, NULL, RENDER_MARKDOWN, out);

    rc = rc != RC_OK ? rc : render_note(doc, &page, RENDER_HTML, out);
    rc = rc != RC_OK ? rc : render_note(doc, NULL, RENDER_TEXT, out);
    rc = rc != RC_OK ? rc : render_note(doc, NULL, RENDER_JSON, out);
    rc = rc != RC_OK ? rc : render_title(doc, NULL, out);
    return rc != RC_OK ? rc : render_text(doc, NULL, out);
}

static void every_allocation_may_fail(void **state)
{
    struct crdt_doc *doc = some_note();
    struct buf whole = {0}, b = {0};
    unsigned failures = 0;
    int rc = RC_NOMEM;

    (void)state;
    assert_int_equal(render_all(doc, &whole), RC_OK);
    for (unsigned n = 1; rc != RC_OK; n++) {
        buf_finish(&b);
        alloc_fault_at(n);
        rc = render_all(doc, &b);
        alloc_fault_at(0);
        assert_true(rc == RC_OK || rc == RC_NOMEM);
        failures += rc == RC_NOMEM ? 1 : 0;
        assert_true(n < 10000);
    }
    assert_true(span_equal(buf_span(&b), buf_span(&whole)));
    assert_true(failures > 20);
    buf_finish(&whole);
    buf_finish(&b);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_with_the_note_is_found),
        cmocka_unit_test(a_root_that_only_an_update_named_is_inferred),
        cmocka_unit_test(the_title_is_the_first_heading_or_the_first_words),
        cmocka_unit_test(dates_are_those_of_the_readers_zone),
        cmocka_unit_test(notes_of_docs_are_linked_by_their_id),
        cmocka_unit_test(a_limit_on_memory_gives_its_code),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
