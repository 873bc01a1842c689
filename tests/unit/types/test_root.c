#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/unit/lib0/lib0_check.h"
#include "tests/unit/types/script.h"

static void roots_come_in_utf16_order(void **state)
{
    static const char *const names[] = {"b", "\xf0\x9f\x98\x80", "", "a", "\xef\xbf\xbd", "ab", "\xc3\xa9"};
    static const char *const sorted[] = {"", "a", "ab", "b", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"};
    struct crdt_doc *doc;
    struct crdt_type type = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_true(crdt_type_is_none(crdt_root_next(doc, type)));
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(crdt_root_declare(doc, span_str(names[i]), CRDT_TEXT, &type), RC_OK);
        assert_int_equal(crdt_root(doc, span_str(names[i])).ref, type.ref);
    }
    for (type = crdt_root_next(doc, (struct crdt_type){0}); !crdt_type_is_none(type);
         type = crdt_root_next(doc, type)) {
        assert_true(at < 7);
        check_text("root", crdt_type_name(doc, type), sorted[at++]);
    }
    assert_int_equal(at, 7);
    assert_true(crdt_type_is_none(crdt_root(doc, span_str("c"))));
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

#define MANY 30000

/* Asked for while more come in, which orders them anew. */
static void many_roots_come_in_order(void **state)
{
    struct crdt_doc *doc;
    struct crdt_type type;
    unsigned met = 0;

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    for (unsigned i = 0; i < MANY; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%u", i * 7919 % MANY);
        assert_int_equal(crdt_root_declare(doc, span_str(name), CRDT_TEXT, &type), RC_OK);
        if (i % 5000 == 0) {
            assert_false(crdt_type_is_none(crdt_root_next(doc, (struct crdt_type){0})));
        }
    }
    struct crdt_type last = {0};
    while (!crdt_type_is_none(type = crdt_root_next(doc, last))) {
        struct span before = crdt_type_name(doc, last), name = crdt_type_name(doc, type);
        size_t len = before.len < name.len ? before.len : name.len;
        int order = len > 0 ? memcmp(before.data, name.data, len) : 0;
        assert_true(order < 0 || (order == 0 && before.len < name.len));
        last = type;
        met++;
    }
    assert_int_equal(met, MANY);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

static void a_root_has_one_kind(void **state)
{
    struct crdt_doc *doc;
    struct crdt_type a, b;

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("a"), CRDT_UNKNOWN, &a), RC_OK);
    assert_int_equal(crdt_type_kind(doc, a), CRDT_UNKNOWN);
    assert_int_equal(crdt_root_declare(doc, span_str("a"), CRDT_MAP, &b), RC_OK);
    assert_int_equal(a.ref, b.ref);
    assert_int_equal(crdt_type_kind(doc, a), CRDT_MAP);
    assert_int_equal(crdt_root_declare(doc, span_str("a"), CRDT_TEXT, &b), RC_TYPE);
    assert_int_equal(crdt_root_declare(doc, span_str("a"), CRDT_UNKNOWN, &b), RC_OK);
    assert_int_equal(crdt_type_kind(doc, b), CRDT_MAP);
    assert_int_equal(crdt_root_declare(doc, span_of("\xff", 1), CRDT_TEXT, &b), RC_ARG);
    crdt_doc_destroy(doc);
}

static void no_type_is_empty(void **state)
{
    static const struct crdt_type strangers[] = {{0}, {77}};
    struct crdt_doc *doc;
    struct crdt_iter it;
    struct crdt_map_iter entries;
    struct crdt_run run;
    struct span key;
    struct buf out = {0};

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    for (size_t i = 0; i < 2; i++) {
        struct crdt_type none = strangers[i];
        assert_int_equal(crdt_type_kind(doc, none), CRDT_UNKNOWN);
        assert_int_equal(crdt_type_infer(doc, none), CRDT_UNKNOWN);
        assert_int_equal(crdt_type_length(doc, none), 0);
        assert_int_equal(crdt_type_name(doc, none).len, 0);
        assert_true(crdt_type_is_none(crdt_type_parent(doc, none)));
        crdt_iter_init(&it, doc, none);
        assert_false(crdt_iter_next(&it, &run));
        assert_false(crdt_iter_next(&it, &run));
        crdt_map_iter_init(&entries, doc, none);
        assert_false(crdt_map_iter_next(&entries, &key, &run));
        assert_false(crdt_map_get(doc, none, span_str("k"), &run));
        assert_int_equal(crdt_type_to_json(doc, none, &out), RC_OK);
    }
    check_text("JSON", buf_span(&out), "nullnull");
    buf_finish(&out);
    crdt_doc_destroy(doc);
}

/* Each script makes a root of a declared kind; a second document gets its update and declares nothing. */
static void the_kind_of_a_root_shows_in_what_it_holds(void **state)
{
    static const struct {
        const char *what;
        enum crdt_kind kind;
        const char *script;
        enum crdt_kind inferred;
    } table[] = {
        {"text", CRDT_TEXT, "text 0 a", CRDT_TEXT},
        {"an embed", CRDT_TEXT, "embed 0 {\"a\":1}", CRDT_TEXT},
        {"marks alone", CRDT_TEXT,
         "text 0 a\nformat 0 1 {\"b\":1}\ncommit\nformat 0 1 {\"c\":1}\ndelete 0 1\ntext+ 0 a {\"b\":1}", CRDT_TEXT},
        {"values", CRDT_ARRAY, "list 0 [1]", CRDT_ARRAY},
        {"nested maps", CRDT_ARRAY, "node 0 1", CRDT_ARRAY},
        {"entries", CRDT_MAP, "set a 1", CRDT_MAP},
        {"entries, deleted", CRDT_MAP, "set a 1\nunset a", CRDT_MAP},
        {"elements", CRDT_XML_FRAGMENT, "node 0 3 p\nnode 1 6", CRDT_XML_FRAGMENT},
        {"XML texts", CRDT_XML_FRAGMENT, "node 0 6", CRDT_XML_FRAGMENT},
        {"Lexical", CRDT_XML_TEXT, "type 0 6\nenter 0\nset __type \"paragraph\"\nleave\ntext 1 x", CRDT_XML_TEXT},
        {"an element with attributes", CRDT_XML_ELEMENT, "set a 1\nnode 0 3 p", CRDT_XML_FRAGMENT},
        {"deleted text", CRDT_TEXT, "text 0 abc\ncommit\ndelete 0 3", CRDT_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(table[i].kind, table[i].script, &root), *other;
        struct buf update = {0};

        assert_int_equal(crdt_encode_state(doc, CRDT_V2, (struct span){0}, &update), RC_OK);
        assert_int_equal(crdt_doc_create(NULL, &other), RC_OK);
        assert_int_equal(crdt_apply(other, CRDT_V2, buf_span(&update), NULL), RC_OK);
        struct crdt_type same = crdt_root(other, span_str("r"));
        assert_int_equal(crdt_type_kind(other, same), CRDT_UNKNOWN);
        if (crdt_type_infer(other, same) != table[i].inferred) {
            print_error("%s: kind %d\n", table[i].what, (int)crdt_type_infer(other, same));
        }
        assert_int_equal(crdt_type_infer(other, same), table[i].inferred);
        assert_int_equal(crdt_type_infer(doc, root), table[i].kind);
        buf_finish(&update);
        crdt_doc_destroy(doc);
        crdt_doc_destroy(other);
    }
}

static void a_root_that_lost_all_keeps_its_kind(void **state)
{
    static const struct {
        const char *name;
        bool keep_deleted;
        enum crdt_kind inferred;
    } table[] = {
        {"r", false, CRDT_UNKNOWN},
        {"r", true, CRDT_TEXT},
        {"quill", false, CRDT_TEXT},
        {"default", false, CRDT_XML_FRAGMENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_doc_options options = {.client = 1, .keep_deleted = table[i].keep_deleted};
        struct crdt_doc *doc;
        struct crdt_type root;

        assert_int_equal(crdt_doc_create(&options, &doc), RC_OK);
        assert_int_equal(crdt_root_declare(doc, span_str(table[i].name), CRDT_UNKNOWN, &root), RC_OK);
        assert_int_equal(script_run(doc, root, "text 0 abc\ndelete 0 3", NULL), RC_OK);
        assert_int_equal(crdt_type_infer(doc, root), table[i].inferred);
        crdt_doc_destroy(doc);
    }
}

/* `run` is what the iterator gave last. */
static void check_type_run(const struct crdt_iter *it, const struct crdt_run *run, enum crdt_kind kind,
                           const char *name, bool keys)
{
    const struct crdt_doc *doc = it->doc;

    assert_int_equal(run->content, CRDT_CONTENT_TYPE);
    assert_int_equal(run->kind, kind);
    assert_int_equal(crdt_type_kind(doc, run->type), kind);
    check_text("name", run->key, name);
    check_text("name", crdt_type_name(doc, run->type), name);
    assert_int_equal(run->bytes.len, 0);
    assert_int_equal(crdt_iter_has_keys(it), keys);
}

/* More types than one leaf holds, some of them deleted. */
static void a_run_tells_what_type_it_is(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_XML_FRAGMENT, "node 0 3 p\nnode 1 6\nnode 2 5 hook\nlist 3 [1]\n", &root);
    struct crdt_iter it;
    struct crdt_run run;
    size_t count = 0;

    (void)state;
    assert_int_equal(script_run(doc, root, "enter 0\nset k {\"any\":1}\nunset k", NULL), RC_OK);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(script_run(doc, root, "node 4 3 li\nnode 4 3 gone\nremove 4 1", NULL), RC_OK);
    }
    crdt_iter_init(&it, doc, root);
    assert_true(crdt_iter_next(&it, &run));
    check_type_run(&it, &run, CRDT_XML_ELEMENT, "p", true); /* it had one */
    assert_true(crdt_iter_next(&it, &run));
    check_type_run(&it, &run, CRDT_XML_TEXT, "", false);
    assert_true(crdt_iter_next(&it, &run));
    check_type_run(&it, &run, CRDT_XML_HOOK, "hook", false);
    assert_true(crdt_iter_next(&it, &run));
    assert_int_equal(run.content, CRDT_CONTENT_ANY);
    assert_int_equal(run.kind, CRDT_UNKNOWN);
    assert_int_equal(run.key.len, 0);
    for (; crdt_iter_next(&it, &run); count++) {
        check_type_run(&it, &run, CRDT_XML_ELEMENT, "li", false);
    }
    assert_int_equal(count, 100);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_come_in_utf16_order),
        cmocka_unit_test(many_roots_come_in_order),
        cmocka_unit_test(a_root_has_one_kind),
        cmocka_unit_test(no_type_is_empty),
        cmocka_unit_test(a_run_tells_what_type_it_is),
        cmocka_unit_test(the_kind_of_a_root_shows_in_what_it_holds),
        cmocka_unit_test(a_root_that_lost_all_keeps_its_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
