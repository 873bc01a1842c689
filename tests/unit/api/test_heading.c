#include "server/api/heading.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static struct crdt_doc *doc_new(void)
{
    struct crdt_doc *doc;

    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    return doc;
}

/* A block at the end of the fragment `default`. */
static void add_block(struct crdt_doc *doc, const char *name, const char *words)
{
    struct crdt_type root, block, text;

    assert_int_equal(crdt_root_declare(doc, span_str("default"), CRDT_XML_FRAGMENT, &root), RC_OK);
    assert_int_equal(
        crdt_list_insert_type(doc, root, crdt_type_length(doc, root), CRDT_XML_ELEMENT, span_str(name), &block), RC_OK);
    assert_int_equal(crdt_list_insert_type(doc, block, 0, CRDT_XML_TEXT, span_of(NULL, 0), &text), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str(words), NULL, 0), RC_OK);
}

/* Ends the transaction, checks, destroys. */
static void expect(struct crdt_doc *doc, const char *title, const char *excerpt)
{
    struct buf t = {0}, e = {0};

    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(heading_describe(doc, 512, 300, &t, &e), RC_OK);
    buf_put_u8(&t, '\0');
    buf_put_u8(&e, '\0');
    assert_string_equal((char *)t.data, title);
    assert_string_equal((char *)e.data, excerpt);
    buf_finish(&t);
    buf_finish(&e);
    crdt_doc_destroy(doc);
}

static void the_title_is_the_first_heading_else_the_first_words(void **state)
{
    struct crdt_doc *doc = doc_new();

    (void)state;
    expect(doc, "", "");
    doc = doc_new();
    add_block(doc, "paragraph", "Words  before\n it");
    add_block(doc, "heading", "The title");
    add_block(doc, "heading", "Not this");
    expect(doc, "The title", "Words before it The title Not this");
    doc = doc_new();
    add_block(doc, "paragraph", "");
    add_block(doc, "paragraph", "Only words");
    expect(doc, "Only words", "Only words");
}

static void a_large_note_is_looked_at_in_part(void **state)
{
    struct crdt_doc *doc = doc_new();
    struct buf t = {0}, e = {0};

    (void)state;
    add_block(doc, "heading", "");
    for (int i = 0; i < 4000; i++) {
        add_block(doc, "paragraph", "\xc3\xa9t\xc3\xa9 and words");
    }
    add_block(doc, "heading", "Too far away");
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(heading_describe(doc, 512, 300, &t, &e), RC_OK);
    assert_true(t.len > 40 && t.len <= 80);
    assert_memory_equal(t.data, "\xc3\xa9t\xc3\xa9 and words \xc3\xa9t\xc3\xa9", 21);
    assert_true(e.len > 280 && e.len <= 300);
    buf_finish(&t);
    buf_finish(&e);
    crdt_doc_destroy(doc);
}

static void a_title_becomes_a_heading_and_comes_back(void **state)
{
    static const char title[] = "Compte rendu \xf0\x9f\x98\x80 <1>";
    struct buf update = {0}, xml = {0};
    struct crdt_doc *doc;

    (void)state;
    assert_int_equal(heading_update(span_str(title), &update), RC_OK);
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_apply(doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    assert_int_equal(crdt_xml_to_string(doc, crdt_root(doc, span_str("default")), &xml), RC_OK);
    assert_true(
        span_equal(buf_span(&xml), span_str("<heading level=\"1\">Compte rendu \xf0\x9f\x98\x80 <1></heading>")));
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    expect(doc, title, title);
    buf_finish(&update);
    buf_finish(&xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_title_is_the_first_heading_else_the_first_words),
        cmocka_unit_test(a_large_note_is_looked_at_in_part),
        cmocka_unit_test(a_title_becomes_a_heading_and_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
