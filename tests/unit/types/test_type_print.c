#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"
#include "tests/unit/types/script.h"

struct print_case {
    const char *what;
    enum crdt_kind kind;
    const char *script, *json, *xml; /* NULL: not asked for */
};

static const struct print_case cases[] = {
    {"an empty array", CRDT_ARRAY, "", "[]", NULL},
    {"values", CRDT_ARRAY, "list 0 [1,\"\xc3\xa9\\n\",null,{\"b\":[],\"1\":-0.5}]",
     "[1,\"\xc3\xa9\\n\",null,{\"1\":-0.5,\"b\":[]}]", NULL},
    {"nested types", CRDT_ARRAY,
     "node 0 0\nnode 1 1\nnode 2 2\nnode 3 3 P\nenter 0\nlist 0 [1]\nleave\nenter 1\nset k 1\nleave\nenter 2\ntext 0 t",
     "[[1],{\"k\":1},\"t\",\"<p></p>\"]", NULL},
    {"keys in UTF-16 order", CRDT_MAP,
     "set b 1\nset a 2\nset \xef\xbf\xbd 3\nset \xf0\x9f\x98\x80 4\nset 10 5\nset 9 6",
     "{\"10\":5,\"9\":6,\"a\":2,\"b\":1,\"\xf0\x9f\x98\x80\":4,\"\xef\xbf\xbd\":3}", NULL},
    {"a deleted entry", CRDT_MAP, "set a 1\nset b 2\nunset a", "{\"b\":2}", NULL},
    {"a text", CRDT_TEXT, "text 0 a\"b\nembed 1 {\"x\":1}", "\"a\\\"b\"", NULL},
    {"elements", CRDT_XML_FRAGMENT,
     "node 0 3 Para\nenter 0\nset b 2\nset a \"x\\\"y\"\nnode 0 6\nenter 0\ntext 0 hi\nformat 0 1 "
     "{\"i\":{\"z\":1,\"a\":null}}",
     "\"<para a=\\\"x\\\"y\\\" b=\\\"2\\\"><i a=\\\"null\\\" z=\\\"1\\\">h</i>i</para>\"",
     "<para a=\"x\"y\" b=\"2\"><i a=\"null\" z=\"1\">h</i>i</para>"},
    {"attributes through String()", CRDT_XML_FRAGMENT,
     "node 0 3 a\nenter 0\nset a [1,[2,null],\"x\"]\nset b {\"x\":1}\nset c true\nset d null\nset e 1e21", NULL,
     "<a a=\"1,2,,x\" b=\"[object Object]\" c=\"true\" d=\"null\" e=\"1e+21\"></a>"},
    {"attributes that are types", CRDT_XML_FRAGMENT,
     "node 0 3 a\nenter 0\nput t 2\nput m 1\nput x 6\nenter t\ntext 0 T", NULL,
     "<a m=\"[object Object]\" t=\"T\" x=\"\"></a>"},
    {"formats in order", CRDT_XML_TEXT, "text+ 0 a {\"b\":true,\"a\":true,\"B\":1}", NULL, "<B><a><b>a</b></a></B>"},
    {"a string as format", CRDT_XML_TEXT, "text+ 0 a {\"c\":\"\xf0\x9f\x98\x80-\"}", NULL,
     "<c 0=\"\xef\xbf\xbd\" 1=\"\xef\xbf\xbd\" 2=\"-\">a</c>"},
    {"an array as format", CRDT_XML_TEXT, "text+ 0 a {\"c\":[1,[2,3],null]}", NULL,
     "<c 0=\"1\" 1=\"2,3\" 2=\"null\">a</c>"},
    {"types in a text", CRDT_XML_TEXT,
     "text 0 a\ntype 1 6\nenter 1\ntext 0 b\nleave\ntype 2 1\ntype 3 2\nenter 3\ntext 0 c", "\"ab[object Object]c\"",
     "ab[object Object]c"},
    {"embeds in a text", CRDT_XML_TEXT, "embed 0 {\"x\":1} {\"b\":1}\nembed 1 \"s\"", NULL, "<b>[object Object]</b>s"},
    {"a hook", CRDT_XML_FRAGMENT, "node 0 5 hook", "\"[object Object]\"", "[object Object]"},
    {"a fragment in a fragment", CRDT_XML_FRAGMENT, "node 0 4\nenter 0\nnode 0 3 a", NULL, "<a></a>"},
    {"a root element", CRDT_XML_ELEMENT, "set k 1", NULL, "<undefined k=\"1\"></undefined>"},
};

static void types_print_as_in_yjs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct print_case *c = &cases[i];
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(c->kind, c->script, &root);
        struct buf out = {0};

        if (c->json) {
            assert_int_equal(crdt_type_to_json(doc, root, &out), RC_OK);
            check_text(c->what, buf_span(&out), c->json);
        }
        buf_clear(&out);
        if (c->xml) {
            assert_int_equal(crdt_xml_to_string(doc, root, &out), RC_OK);
            check_text(c->what, buf_span(&out), c->xml);
        }
        buf_finish(&out);
        crdt_doc_destroy(doc);
    }
}

static void bytes_undefined_and_big_integers_print_with_their_kind(void **state)
{
    static const uint8_t values[] = {127, 122, 0, 0, 0, 0, 0, 0, 1, 0, 116, 2, 1, 255};
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_ARRAY, "", &root);
    struct buf out = {0};

    (void)state;
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_list_insert(doc, root, 0, span_of(values, sizeof(values))), RC_OK);
    assert_int_equal(crdt_list_insert_bytes(doc, root, 3, span_of(values, 1)), RC_OK);
    assert_int_equal(crdt_list_insert_doc(doc, root, 4, span_str("guid"), (struct span){0}), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(crdt_type_to_json(doc, root, &out), RC_OK);
    check_text("list", buf_span(&out),
               "[{\"$undefined\":true},{\"$bigint\":\"256\"},{\"$bytes\":\"Af8=\"},{\"$bytes\":\"fw==\"},{}]");
    buf_finish(&out);
    crdt_doc_destroy(doc);
}

#define DEPTH 20000

/* Types within each other, each the only element of the one around it. */
static struct crdt_doc *deep(enum crdt_kind kind, bool text, struct crdt_type *root)
{
    struct crdt_doc *doc = script_doc(kind, "", root);
    struct crdt_type type = *root;

    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    for (int i = 0; i < DEPTH; i++) {
        struct span name = span_str("p");
        assert_int_equal(text ? crdt_text_insert_type(doc, type, 0, kind, name, &type)
                              : crdt_list_insert_type(doc, type, 0, kind, name, &type),
                         RC_OK);
    }
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    return doc;
}

static void nesting_does_not_exhaust_the_stack(void **state)
{
    static const struct {
        enum crdt_kind kind;
        bool text;
        size_t json, xml; /* lengths */
    } table[] = {
        {CRDT_ARRAY, false, 2 * (DEPTH + 1), 0},
        {CRDT_XML_FRAGMENT, false, 2, 0},
        {CRDT_XML_TEXT, true, 2, 0},
        {CRDT_XML_ELEMENT, false, 7 * DEPTH + 2 + 23, 7 * DEPTH + 23},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = deep(table[i].kind, table[i].text, &root);
        struct buf out = {0};

        assert_int_equal(crdt_type_to_json(doc, root, &out), RC_OK);
        assert_int_equal(out.len, table[i].json);
        buf_clear(&out);
        if (table[i].kind != CRDT_ARRAY) {
            assert_int_equal(crdt_xml_to_string(doc, root, &out), RC_OK);
            assert_int_equal(out.len, table[i].xml);
        }
        buf_finish(&out);
        crdt_doc_destroy(doc);
    }
}

/* Letter i of the text carries i keys. */
static int delta_of_staircase(unsigned letters, struct buf *out)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_TEXT, "", &root);
    static const uint8_t one[] = {125, 1};

    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    for (unsigned i = 0; i < letters; i++) {
        assert_int_equal(crdt_text_insert(doc, root, 0, span_str("a"), NULL, 0), RC_OK);
    }
    for (unsigned i = 0; i < letters; i++) {
        char key[16];
        int len = snprintf(key, sizeof(key), "k%u", i);
        struct crdt_attr attr = {span_of(key, (size_t)len), span_of(one, sizeof(one))};
        assert_int_equal(crdt_text_format(doc, root, i, letters - i, &attr, 1), RC_OK);
    }
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    int rc = crdt_text_to_delta(doc, root, out);
    crdt_doc_destroy(doc);
    return rc;
}

static void output_that_grows_with_the_square_of_a_text_is_refused(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_int_equal(delta_of_staircase(300, &out), RC_OK);
    assert_true(out.len > 300 * 300 / 2 * 6);
    buf_clear(&out);
    assert_int_equal(delta_of_staircase(2000, &out), RC_LIMIT);
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

static void printing_without_memory_leaves_the_buffer_as_it_was(void **state)
{
    static int (*const printers[])(const struct crdt_doc *, struct crdt_type, struct buf *) = {
        crdt_type_to_json, crdt_xml_to_string, crdt_text_to_delta, crdt_text_to_string};
    unsigned faults = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(cases[i].kind, cases[i].script, &root);
        for (size_t k = 0; k < sizeof(printers) / sizeof(printers[0]); k++) {
            int rc = RC_NOMEM;
            for (unsigned n = 1; rc == RC_NOMEM; n++) {
                struct buf out = {0};
                buf_put_str(&out, "kept");
                alloc_fault_at(n);
                rc = printers[k](doc, root, &out);
                alloc_fault_at(0);
                assert_true(out.len >= 4 && memcmp(out.data, "kept", 4) == 0);
                assert_true(rc == RC_OK || out.len == 4);
                faults += rc == RC_NOMEM;
                buf_finish(&out);
            }
            assert_int_equal(rc, RC_OK);
        }
        crdt_doc_destroy(doc);
    }
    print_message("%u allocations failed\n", faults);
    assert_true(faults > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_print_as_in_yjs),
        cmocka_unit_test(bytes_undefined_and_big_integers_print_with_their_kind),
        cmocka_unit_test(nesting_does_not_exhaust_the_stack),
        cmocka_unit_test(output_that_grows_with_the_square_of_a_text_is_refused),
        cmocka_unit_test(printing_without_memory_leaves_the_buffer_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
