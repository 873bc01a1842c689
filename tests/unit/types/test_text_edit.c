#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"
#include "tests/unit/types/script.h"

struct edit_case {
    const char *what, *script, *delta;
};

/* What yjs gives for the same calls. */
static const struct edit_case cases[] = {
    {"nothing", "", "[]"},
    {"inserting", "text 0 world\ntext 0 hello \ntext 11 !", "[{\"insert\":\"hello world!\"}]"},
    {"inserting nothing", "text 0 a\ntext 1 ", "[{\"insert\":\"a\"}]"},
    {"inserting into a run", "text 0 ac\ncommit\ntext 1 b", "[{\"insert\":\"abc\"}]"},
    {"deleting", "text 0 abcdef\ndelete 1 3\ndelete 1 1", "[{\"insert\":\"af\"}]"},
    {"deleting over several runs", "text 0 ad\ncommit\ntext 1 bc\ncommit\ndelete 0 3", "[{\"insert\":\"d\"}]"},
    {"deleting all", "text 0 abc\ncommit\ndelete 0 3", "[]"},
    {"inserting behind what was deleted", "text 0 abc\ncommit\ndelete 1 1\ncommit\ntext 1 x", "[{\"insert\":\"axc\"}]"},
    {"cutting a pair", "text 0 \xf0\x9f\x98\x80\ntext 1 x", "[{\"insert\":\"\xef\xbf\xbdx\xef\xbf\xbd\"}]"},
    {"deleting half a pair", "text 0 a\xf0\x9f\x98\x80\ncommit\ndelete 2 1", "[{\"insert\":\"a\xef\xbf\xbd\"}]"},
    {"formatting", "text 0 abcd\nformat 1 2 {\"b\":true}",
     "[{\"insert\":\"a\"},{\"insert\":\"bc\",\"attributes\":{\"b\":true}},{\"insert\":\"d\"}]"},
    {"taking over the format inside", "text 0 abcd\nformat 1 2 {\"b\":true}\ntext 2 x",
     "[{\"insert\":\"a\"},{\"insert\":\"bxc\",\"attributes\":{\"b\":true}},{\"insert\":\"d\"}]"},
    {"… at its end", "text 0 abcd\nformat 1 2 {\"b\":true}\ntext 3 x",
     "[{\"insert\":\"a\"},{\"insert\":\"bcx\",\"attributes\":{\"b\":true}},{\"insert\":\"d\"}]"},
    {"… but not at its head", "text 0 abcd\nformat 1 2 {\"b\":true}\ntext 1 x",
     "[{\"insert\":\"ax\"},{\"insert\":\"bc\",\"attributes\":{\"b\":true}},{\"insert\":\"d\"}]"},
    {"inserting unformatted", "text 0 abcd\nformat 0 4 {\"b\":true}\ntext+ 2 x {}",
     "[{\"insert\":\"ab\",\"attributes\":{\"b\":true}},{\"insert\":\"x\"},{\"insert\":\"cd\",\"attributes\":{\"b\":"
     "true}}]"},
    {"inserting with another format", "text 0 abcd\nformat 0 4 {\"b\":true}\ntext+ 2 x {\"i\":1}",
     "[{\"insert\":\"ab\",\"attributes\":{\"b\":true}},{\"insert\":\"x\",\"attributes\":{\"i\":1}},"
     "{\"insert\":\"cd\",\"attributes\":{\"b\":true}}]"},
    {"changing a format", "text 0 abcd\nformat 0 4 {\"c\":\"red\"}\nformat 1 2 {\"c\":\"blue\"}",
     "[{\"insert\":\"a\",\"attributes\":{\"c\":\"red\"}},{\"insert\":\"bc\",\"attributes\":{\"c\":\"blue\"}},"
     "{\"insert\":\"d\",\"attributes\":{\"c\":\"red\"}}]"},
    {"removing a format", "text 0 abcd\nformat 0 4 {\"b\":true}\nformat 0 4 {\"b\":null}", "[{\"insert\":\"abcd\"}]"},
    {"formats of numbers come first", "text 0 a\nformat 0 1 {\"b\":1,\"10\":1,\"9\":1}",
     "[{\"insert\":\"a\",\"attributes\":{\"9\":1,\"10\":1,\"b\":1}}]"},
    {"deleting formatted text", "text 0 abc\nformat 1 1 {\"b\":true}\ndelete 1 1\ntext 1 x", "[{\"insert\":\"axc\"}]"},
    {"embeds", "text 0 ab\nembed 1 {\"image\":\"u\"} {\"w\":3}",
     "[{\"insert\":\"a\"},{\"insert\":{\"image\":\"u\"},\"attributes\":{\"w\":3}},{\"insert\":\"b\"}]"},
    {"an embed takes over no format", "text 0 ab\nformat 0 2 {\"b\":true}\nembed 1 {\"i\":1}",
     "[{\"insert\":\"a\",\"attributes\":{\"b\":true}},{\"insert\":{\"i\":1}},{\"insert\":\"b\",\"attributes\":{\"b\":"
     "true}}]"},
    {"types", "text 0 ab\ntype 1 1\nenter 1\nset k 1\nleave\ntext 3 c",
     "[{\"insert\":\"a\"},{\"insert\":{\"k\":1}},{\"insert\":\"bc\"}]"},
    {"objects as formats", "text 0 ab\nformat 0 2 {\"l\":{\"x\":1,\"y\":2}}\nformat 0 1 {\"l\":{\"y\":2,\"x\":1}}",
     "[{\"insert\":\"ab\",\"attributes\":{\"l\":{\"x\":1,\"y\":2}}}]"},
};

static void edits_give_the_same_text_as_in_yjs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(CRDT_TEXT, cases[i].script, &root);
        struct buf delta = {0};

        assert_int_equal(crdt_text_to_delta(doc, root, &delta), RC_OK);
        check_text(cases[i].what, buf_span(&delta), cases[i].delta);
        buf_finish(&delta);
        crdt_doc_destroy(doc);
    }
}

/* Marks alive in the text. */
static unsigned count_marks(const struct crdt_doc *doc, struct crdt_type text)
{
    struct crdt_iter it;
    struct crdt_run run;
    unsigned count = 0;

    crdt_iter_init(&it, doc, text);
    while (crdt_iter_next(&it, &run)) {
        count += run.content == CRDT_CONTENT_FORMAT;
    }
    return count;
}

static void deleting_formatted_text_deletes_marks_that_say_nothing(void **state)
{
    static const struct {
        const char *script;
        unsigned marks;
    } table[] = {
        {"text 0 abc\nformat 1 1 {\"b\":true}", 2},
        {"text 0 abc\nformat 1 1 {\"b\":true}\ndelete 1 1", 0},
        {"text 0 abcd\nformat 1 2 {\"b\":true}\ndelete 1 1", 2},
        {"text 0 abcd\nformat 0 4 {\"b\":true}\ntext+ 2 x {}\ndelete 2 1", 2},
        {"text 0 abcd\nformat 0 2 {\"b\":true}\nformat 2 2 {\"b\":false}\ndelete 0 4", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(CRDT_TEXT, table[i].script, &root);

        if (count_marks(doc, root) != table[i].marks) {
            print_error("%s: %u marks\n", table[i].script, count_marks(doc, root));
        }
        assert_int_equal(count_marks(doc, root), table[i].marks);
        crdt_doc_destroy(doc);
    }
}

static struct buf state_of(const struct crdt_doc *doc)
{
    struct buf state = {0};

    assert_int_equal(crdt_encode_state(doc, CRDT_V1, (struct span){0}, &state), RC_OK);
    return state;
}

/* Typing that goes on is not looked at closely; what it is in may have been declared meanwhile. */
static void typing_stops_where_a_text_turns_out_to_be_none(void **state)
{
    struct crdt_doc *doc = NULL;
    struct crdt_type root;

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("r"), CRDT_UNKNOWN, &root), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(crdt_text_insert(doc, root, i, span_str("a"), NULL, 0), RC_OK);
    }
    assert_int_equal(crdt_text_insert(doc, root, 4, span_str("a"), NULL, 0), RC_RANGE);
    assert_int_equal(crdt_root_declare(doc, span_str("r"), CRDT_ARRAY, &root), RC_OK);
    assert_int_equal(crdt_text_insert(doc, root, 3, span_str("a"), NULL, 0), RC_TYPE);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(crdt_text_insert(doc, root, 3, span_str("a"), NULL, 0), RC_STATE);
    assert_int_equal(crdt_type_length(doc, root), 3);
    crdt_doc_destroy(doc);
}

static void a_refused_edit_changes_nothing(void **state)
{
    static const struct {
        const char *what;
        enum crdt_kind kind;
        const char *before, *script;
        int rc;
    } table[] = {
        {"inserting beyond the end", CRDT_TEXT, "text 0 abc", "text 4 x", RC_RANGE},
        {"deleting beyond the end", CRDT_TEXT, "text 0 abc", "delete 1 3", RC_RANGE},
        {"deleting a length that wraps", CRDT_TEXT, "text 0 abc", "delete 2 18446744073709551615", RC_RANGE},
        {"formatting beyond the end", CRDT_TEXT, "text 0 abc", "format 2 2 {\"b\":1}", RC_RANGE},
        {"deleting formatted text beyond the end", CRDT_TEXT, "text 0 abc\nformat 0 1 {\"b\":1}", "delete 1 3",
         RC_RANGE},
        {"text that is not UTF-8", CRDT_TEXT, "text 0 abc", "text 0 \xff", RC_ARG},
        {"text in an array", CRDT_ARRAY, "list 0 [1]", "text 0 x", RC_TYPE},
        {"elements in a text", CRDT_TEXT, "text 0 abc", "list 0 [1]", RC_TYPE},
        {"elements in a map", CRDT_MAP, "set k 1", "list 0 [1]", RC_TYPE},
        {"an entry in an array", CRDT_ARRAY, "list 0 [1]", "set k 1", RC_TYPE},
        {"elements beyond the end", CRDT_ARRAY, "list 0 [1]", "list 2 [1]", RC_RANGE},
        {"removing beyond the end", CRDT_ARRAY, "list 0 [1,2]", "remove 1 2", RC_RANGE},
        {"a type of no kind", CRDT_ARRAY, "list 0 [1]", "node 0 7 x", RC_ARG},
        {"a key that is not UTF-8", CRDT_MAP, "set k 1", "set \xff 1", RC_ARG},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct crdt_type root;
        struct crdt_doc *doc = script_doc(table[i].kind, table[i].before, &root);
        struct buf before = state_of(doc), update = {0};

        check_rc(table[i].what, script_run(doc, root, table[i].script, &update), table[i].rc);
        struct buf after = state_of(doc);
        assert_true(span_equal(buf_span(&before), buf_span(&after)));
        assert_int_equal(update.len, 0);
        assert_null(crdt_check(doc));
        buf_finish(&before);
        buf_finish(&after);
        crdt_doc_destroy(doc);
    }
}

static void edits_belong_into_a_transaction(void **state)
{
    struct crdt_type root, made;
    struct crdt_doc *doc = script_doc(CRDT_UNKNOWN, "", &root);
    struct span x = span_str("x");

    (void)state;
    assert_int_equal(crdt_text_insert(doc, root, 0, x, NULL, 0), RC_STATE);
    assert_int_equal(crdt_text_delete(doc, root, 0, 0), RC_STATE);
    assert_int_equal(crdt_list_insert_type(doc, root, 0, CRDT_MAP, x, &made), RC_STATE);
    assert_int_equal(crdt_map_delete(doc, root, x), RC_STATE);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_STATE);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_STATE);
    assert_int_equal(crdt_apply(doc, CRDT_V1, span_of("\0\0", 2), NULL), RC_STATE);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    crdt_doc_destroy(doc);
}

static void a_deleted_type_cannot_be_edited(void **state)
{
    struct crdt_type root, child;
    struct crdt_doc *doc = script_doc(CRDT_ARRAY, "", &root);

    (void)state;
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_list_insert_type(doc, root, 0, CRDT_TEXT, (struct span){0}, &child), RC_OK);
    assert_int_equal(crdt_text_insert(doc, child, 0, span_str("x"), NULL, 0), RC_OK);
    assert_int_equal(crdt_list_delete(doc, root, 0, 1), RC_OK);
    assert_int_equal(crdt_text_insert(doc, child, 0, span_str("x"), NULL, 0), RC_NOTFOUND);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(crdt_type_length(doc, child), 0);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_text_insert(doc, child, 0, span_str("x"), NULL, 0), RC_NOTFOUND);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

static void text_may_be_copied_from_the_document_itself(void **state)
{
    struct crdt_type root;
    struct crdt_doc *doc = script_doc(CRDT_TEXT, "text 0 abc", &root);
    struct buf text = {0};

    (void)state;
    for (int i = 0; i < 12; i++) {
        struct crdt_iter it;
        struct crdt_run run;
        crdt_iter_init(&it, doc, root);
        assert_true(crdt_iter_next(&it, &run));
        assert_int_equal(crdt_txn_begin(doc), RC_OK);
        assert_int_equal(crdt_text_insert(doc, root, 0, run.bytes, NULL, 0), RC_OK);
        assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    }
    assert_int_equal(crdt_text_to_string(doc, root, &text), RC_OK);
    assert_int_equal(text.len, crdt_type_length(doc, root));
    for (size_t i = 0; i < text.len; i++) {
        assert_int_equal(text.data[i], "abc"[i % 3]);
    }
    buf_finish(&text);
    crdt_doc_destroy(doc);
}

/* Each allocation of each edit fails in turn: the edit then says so and has not happened. */
static void an_edit_without_memory_changes_nothing(void **state)
{
    static const struct {
        enum crdt_kind kind;
        const char *before, *script;
    } table[] = {
        {CRDT_TEXT, "text 0 abc", "text 1 x"},
        {CRDT_TEXT, "text 0 a\xf0\x9f\x98\x80z\nformat 1 3 {\"b\":true}", "text+ 2 x {\"i\":1,\"b\":2}"},
        {CRDT_TEXT, "text 0 abcdef\nformat 1 3 {\"b\":true}", "delete 0 5"},
        {CRDT_TEXT, "text 0 abcdef\nformat 1 3 {\"b\":true}", "format 0 4 {\"b\":null,\"i\":{\"x\":1}}"},
        {CRDT_TEXT, "text 0 abc", "embed 1 {\"x\":1} {\"b\":1}"},
        {CRDT_TEXT, "text 0 abc", "type 1 3 p"},
        {CRDT_ARRAY, "list 0 [1,2,3]", "list 1 [4,{\"a\":5}]"},
        {CRDT_ARRAY, "list 0 [1,2,3]", "node 2 1"},
        {CRDT_ARRAY, "list 0 [1,2,3]\nnode 0 0\nenter 0\nlist 0 [1]", "remove 0 2"},
        {CRDT_MAP, "set a 1", "set a 2"},
        {CRDT_MAP, "set a 1", "put b 2"},
        {CRDT_MAP, "set a 1\nput b 2\nenter b\ntext 0 x", "unset b"},
    };
    unsigned faults = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int rc = RC_NOMEM;
        for (unsigned n = 1; rc == RC_NOMEM; n++) {
            struct crdt_type root;
            struct crdt_doc *doc = script_doc(table[i].kind, table[i].before, &root);
            crdt_doc_trim(doc);
            struct buf before = state_of(doc);
            assert_int_equal(crdt_txn_begin(doc), RC_OK);
            assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
            alloc_fault_at(n);
            rc = script_run(doc, root, table[i].script, NULL);
            alloc_fault_at(0);
            struct buf after = state_of(doc);
            assert_null(crdt_check(doc));
            assert_int_equal(rc != RC_OK, span_equal(buf_span(&before), buf_span(&after)));
            faults += rc == RC_NOMEM;
            buf_finish(&before);
            buf_finish(&after);
            crdt_doc_destroy(doc);
        }
        assert_int_equal(rc, RC_OK);
    }
    print_message("%u allocations failed\n", faults);
    assert_true(faults > 20);
}

/* A document that may hold so much and no more refuses what would not fit, and stays whole. */
static void an_edit_over_the_budget_changes_nothing(void **state)
{
    struct crdt_doc *doc;
    struct crdt_type root;
    uint64_t edits = 0;
    int rc;

    (void)state;
    struct crdt_doc_options options = {.client = 1, .memory_limit = 40000};
    assert_int_equal(crdt_doc_create(&options, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("r"), CRDT_TEXT, &root), RC_OK);
    do {
        rc = script_run(doc, root, "text 0 word\nformat 0 2 {\"b\":true}\nformat 0 1 {\"b\":false}", NULL);
        edits += rc == RC_OK;
        assert_null(crdt_check(doc));
    } while (rc == RC_OK);
    assert_int_equal(rc, RC_LIMIT);
    assert_true(edits > 10);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_give_the_same_text_as_in_yjs),
        cmocka_unit_test(deleting_formatted_text_deletes_marks_that_say_nothing),
        cmocka_unit_test(typing_stops_where_a_text_turns_out_to_be_none),
        cmocka_unit_test(a_refused_edit_changes_nothing),
        cmocka_unit_test(edits_belong_into_a_transaction),
        cmocka_unit_test(a_deleted_type_cannot_be_edited),
        cmocka_unit_test(text_may_be_copied_from_the_document_itself),
        cmocka_unit_test(an_edit_without_memory_changes_nothing),
        cmocka_unit_test(an_edit_over_the_budget_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
