#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/unit/lib0/lib0_check.h"
#include "tests/unit/types/script.h"

/* crdt_iter_step and what goes with it tell what crdt_iter_next puts into a run. */

static void check_span(struct span a, struct span b)
{
    assert_int_equal(a.len, b.len);
    assert_true(a.data == b.data);
}

static size_t count_runs(struct crdt_iter it)
{
    struct crdt_run run;
    size_t count = 0;

    while (crdt_iter_next(&it, &run)) {
        count++;
    }
    return count;
}

/* `it` stands at the type that `run` is. */
static void check_type(const struct crdt_doc *doc, const struct crdt_iter *it, const struct crdt_run *run)
{
    struct crdt_iter inner, same;

    assert_int_equal(crdt_iter_type(it).ref, run->type.ref);
    assert_int_equal(crdt_iter_kind(it), run->kind);
    check_span(crdt_iter_name(it), run->key);
    crdt_iter_enter(&inner, it);
    crdt_iter_init(&same, doc, run->type);
    assert_int_equal(count_runs(inner), count_runs(same));
}

/* A key and, behind it, a value. */
static void check_format(struct span format, const struct crdt_run *run)
{
    struct span key = {0};

    assert_true(crdt_value_read_key(&format, &key));
    check_span(key, run->key);
    check_span(format, run->bytes);
}

/* Returns how many runs there were. */
static size_t check_type_view(const struct crdt_doc *doc, struct crdt_type type)
{
    struct crdt_iter runs, steps;
    struct crdt_run run;
    bool last = false;
    size_t count = 0;

    crdt_iter_init(&runs, doc, type);
    crdt_iter_init(&steps, doc, type);
    for (; crdt_iter_next(&runs, &run); count++) {
        assert_false(last);
        assert_int_equal(crdt_iter_step(&steps), run.content);
        last = crdt_iter_is_last(&steps);
        if (run.content == CRDT_CONTENT_TYPE) {
            check_type(doc, &steps, &run);
        } else if (run.content == CRDT_CONTENT_FORMAT) {
            check_format(crdt_iter_bytes(&steps), &run);
        } else {
            check_span(crdt_iter_bytes(&steps), run.bytes);
        }
    }
    assert_int_equal(crdt_iter_step(&steps), CRDT_CONTENT_NONE);
    assert_int_equal(crdt_iter_step(&steps), CRDT_CONTENT_NONE);
    return count;
}

static void steps_tell_what_runs_hold(void **state)
{
    static const struct {
        enum crdt_kind kind;
        const char *script;
        size_t runs;
    } table[] = {
        {CRDT_TEXT, "", 0},
        {CRDT_TEXT, "text 0 abc\ndelete 0 3", 0},
        {CRDT_TEXT, "text 0 hello\nformat 1 2 {\"bold\":true}\ndelete 0 1", 4},
        {CRDT_TEXT, "text 0 ab\nembed 1 {\"i\":1} {\"b\":1}\ntype 0 2\ntype 0 1", 7},
        {CRDT_XML_FRAGMENT, "node 0 3 p\nnode 1 6\nnode 2 5 hook\nnode 3 1\nlist 4 [1,null]\nnode 0 3 gone\nremove 0 1",
         5},
        {CRDT_XML_FRAGMENT, "node 0 3 ul\nenter 0\nnode 0 3 li\nnode 1 3 li\nleave\nnode 1 3 p", 2},
        {CRDT_ARRAY, "list 0 [1,\"a\",{\"b\":[]}]\nremove 1 1", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(table[i].kind, table[i].script, &root);

        assert_int_equal(check_type_view(doc, root), table[i].runs);
        crdt_doc_destroy(doc);
    }
}

static void the_last_run_is_known(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_XML_FRAGMENT, "node 0 6\nnode 1 3 p", &root);
    struct crdt_iter it;

    (void)state;
    crdt_iter_init(&it, doc, root);
    assert_int_equal(crdt_iter_step(&it), CRDT_CONTENT_TYPE);
    assert_false(crdt_iter_is_last(&it));
    assert_int_equal(crdt_iter_step(&it), CRDT_CONTENT_TYPE);
    assert_true(crdt_iter_is_last(&it));
    crdt_doc_destroy(doc);
}

/* More than one leaf, with deleted runs between. */
static void steps_go_through_all_leaves(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_XML_FRAGMENT, "", &root);

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(script_run(doc, root, "node 0 3 li\nnode 0 6\nnode 0 3 gone\nremove 0 1", NULL), RC_OK);
    }
    assert_int_equal(check_type_view(doc, root), 400);
    crdt_doc_destroy(doc);
}

/* A key whose text takes two bytes to measure. */
static void a_format_may_have_a_long_key(void **state)
{
    char script[400] = "text+ 0 a {\"";
    size_t len = strlen(script);
    struct crdt_type root;
    struct crdt_doc *doc;
    struct crdt_iter it;
    struct span format, key = {0};

    (void)state;
    memset(script + len, 'k', 300);
    strcpy(script + len + 300, "\":1}");
    doc = script_doc(CRDT_TEXT, script, &root);
    assert_int_equal(check_type_view(doc, root), 3);
    crdt_iter_init(&it, doc, root);
    assert_int_equal(crdt_iter_step(&it), CRDT_CONTENT_FORMAT);
    format = crdt_iter_bytes(&it);
    assert_true(crdt_value_read_key(&format, &key));
    assert_int_equal(key.len, 300);
    crdt_doc_destroy(doc);
}

static void only_plain_values_are_handed_out(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(
        CRDT_XML_ELEMENT,
        "set a 1\nput map 1\nset gone 2\nunset gone\nset b \"x\"\nset b \"y\"\nput text 2\nset c null", &root);
    static const struct {
        const char *key, *hex;
    } table[] = {{"a", "7d01"}, {"b", "770179"}, {"c", "7e"}};
    struct crdt_map_iter it;
    struct crdt_attr attr;

    (void)state;
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_map_set_bytes(doc, root, span_str("bytes"), span_str("z")), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    crdt_map_iter_init(&it, doc, root);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_true(crdt_map_iter_next_value(&it, &attr));
        check_text("key", attr.key, table[i].key);
        check_hex("value", attr.value, table[i].hex);
    }
    assert_false(crdt_map_iter_next_value(&it, &attr));
    assert_false(crdt_map_iter_next_value(&it, &attr));
    crdt_doc_destroy(doc);
}

static void null_is_told_by_its_first_byte(void **state)
{
    static const struct {
        const char *hex;
        bool null;
    } table[] = {{"", true},      {"7e", true},    {"7f", true},     {"79", false},
                 {"7d00", false}, {"7600", false}, {"77017e", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct span value = bytes_from_hex(table[i].hex);

        assert_int_equal(crdt_value_is_null(value), table[i].null);
        bytes_free(value);
    }
}

static void small_numbers_are_told_by_their_bytes(void **state)
{
    static const struct {
        const char *hex;
        uint8_t number;
        bool same;
    } table[] = {{"7d01", 1, true},    {"7d01", 2, false},   {"7d00", 0, true}, {"7d3f", 63, true}, {"7d41", 1, false},
                 {"7d8101", 1, false}, {"770131", 1, false}, {"78", 1, false},  {"7d", 1, false},   {"", 1, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct span value = bytes_from_hex(table[i].hex);

        assert_int_equal(crdt_value_is_small(value, table[i].number), table[i].same);
        bytes_free(value);
    }
}

/* A text is all there is in an element, or it is not. */
static void a_text_alone_is_known(void **state)
{
    static const struct {
        const char *inside;
        bool alone;
    } table[] = {
        {"", false},
        {"node 0 6", true},
        {"node 0 2", true},
        {"node 0 3 p", false},
        {"list 0 [1]", false},
        {"node 0 6\nnode 1 6", false},
        {"node 0 6\nnode 1 6\nremove 1 1", true},
        {"node 0 6\nnode 1 3 p\nremove 0 1", false},
        {"node 0 6\nremove 0 1", false},
        {"node 0 6\nset k {\"any\":1}", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root, text;
        struct crdt_doc *doc = script_doc(CRDT_XML_FRAGMENT, "node 0 3 p\n", &root);
        struct crdt_iter it, inner;
        char script[64];

        assert_true(snprintf(script, sizeof(script), "enter 0\n%s", table[i].inside) < (int)sizeof(script));
        assert_int_equal(script_run(doc, root, script, NULL), RC_OK);
        crdt_iter_init(&it, doc, root);
        assert_int_equal(crdt_iter_step(&it), CRDT_CONTENT_TYPE);
        text = crdt_iter_only_text(&it);
        assert_int_equal(!crdt_type_is_none(text), table[i].alone);
        crdt_iter_enter(&inner, &it);
        if (table[i].alone) {
            assert_int_equal(crdt_iter_step(&inner), CRDT_CONTENT_TYPE);
            assert_int_equal(crdt_iter_type(&inner).ref, text.ref);
            assert_int_equal(crdt_iter_step(&inner), CRDT_CONTENT_NONE);
        }
        crdt_doc_destroy(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_tell_what_runs_hold),
        cmocka_unit_test(the_last_run_is_known),
        cmocka_unit_test(steps_go_through_all_leaves),
        cmocka_unit_test(a_format_may_have_a_long_key),
        cmocka_unit_test(only_plain_values_are_handed_out),
        cmocka_unit_test(null_is_told_by_its_first_byte),
        cmocka_unit_test(a_text_alone_is_known),
        cmocka_unit_test(small_numbers_are_told_by_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
