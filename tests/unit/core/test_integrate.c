#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/integrate.h"
#include "tests/unit/core/core_rig.h"

/* Each update is one transaction. */
static const struct {
    const char *what;
    const char *updates[5];
    const char *text, *list;
} cases[] = {
    {"typing makes one item", {"7:0 text ab root t", "7:2 text c after 7:1", "7:3 text d after 7:2"}, "abcd", "7:0+4"},
    {"an insert between cuts", {"7:0 text ad root t", "8:0 text bc after 7:0 before 7:1"}, "abcd", "7:0+1 8:0+2 7:1+1"},
    {"of two at one place the lower client stands first",
     {"7:0 text x root t", "9:0 text c after 7:0", "8:0 text b after 7:0"},
     "xbc",
     "7:0+1 8:0+1 9:0+1"},
    {"runs do not interleave",
     {"8:0 text aaa root t", "9:0 text bbb root t", "8:3 text aa after 8:2", "9:3 text bb after 9:2"},
     "aaaaabbbbb",
     "8:0+5 9:0+5"},
    {"prepending runs do not interleave",
     {"5:0 text x root t", "8:0 text b before 5:0; 8:1 text a before 8:0",
      "9:0 text d before 5:0; 9:1 text c before 9:0"},
     "abcdx",
     NULL},
    {"right origins keep order",
     {"7:0 text ac root t", "9:0 text 2 after 7:0 before 7:1", "8:0 text 1 after 7:0 before 7:1"},
     "a12c",
     "7:0+1 8:0+1 9:0+1 7:1+1"},
    {"an insert behind an item that is deleted",
     {"7:0 text abc root t", "delete 7:1+1", "8:0 text x after 7:1 before 7:2"},
     "axc",
     "7:0+1 7:1+1~ 8:0+1 7:2+1"},
    {"what is known already is left out", {"7:0 text abc root t", "7:1 text bcd after 7:0"}, "abcd", "7:0+4"},
    {"text behind garbage is garbage",
     {"7:0 type 2 root m", "7:1 text in in 7:0", "delete 7:0+1", "8:0 text x after 7:2"},
     "",
     ""},
    {"a child of what is no type is garbage", {"7:0 text a root t", "8:0 text x in 7:0"}, "a", "7:0+1"},
    {"a cut pair becomes two U+FFFD",
     {"7:0 text a\xf0\x9f\x98\x80z root t", "8:0 text - after 7:1 before 7:2"},
     "a\xef\xbf\xbd-\xef\xbf\xbdz",
     "7:0+2 8:0+1 7:2+2"},
    {"a known struct cuts a pair too",
     {"8:0 text x root t", "7:0 text \xf0\x9f\x98\x80 root t", "8:0 text x after 7:0"},
     "\xef\xbf\xbd\xef\xbf\xbdx",
     "7:0+2 8:0+1"},
    {"another right origin keeps runs apart",
     {"7:0 text ac root t", "7:2 text b after 7:0 before 7:1; 7:3 text b after 7:2"},
     "abbc",
     NULL},
};

static void places_are_those_of_yata(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);

        print_message("%s\n", cases[i].what);
        for (size_t j = 0; j < 5 && cases[i].updates[j] != NULL; j++) {
            rig_must(doc, cases[i].updates[j]);
        }
        assert_string_equal(rig_text(doc, "t"), cases[i].text);
        if (cases[i].list != NULL) {
            assert_string_equal(rig_list(doc, "t", NULL), cases[i].list);
        }
        crdt_doc_destroy(doc);
    }
}

/* Concurrent updates, of which any order must lead to one document. */
static const char *const concurrent[][4] = {
    {"9:0 text c after 5:0 before 5:1", "8:0 text b after 5:0 before 5:1", "7:0 text a after 5:0 before 5:1",
     "delete 5:0+1"},
    {"9:0 text c after 5:0", "8:0 text b before 5:1", "7:0 text a after 5:0 before 5:1", "6:0 text z root t"},
    {"9:0 any 1 root m key k", "8:0 any 2 root m key k", "7:0 type 1 root m key k", "5:2 any 4 root m key k"},
    {"9:0 text c after 5:1; 9:1 text d after 9:0 ", "8:0 text b after 5:1",
     "7:0 text a after 5:1; 7:1 text e after 5:1 before 7:0", "delete 5:0+2"},
};

static void apply_in_order(struct crdt_doc *doc, const char *const *updates, unsigned order)
{
    unsigned left[4] = {0, 1, 2, 3};

    rig_must(doc, "5:0 text xy root t");
    for (unsigned n = 4; n > 0; n--) {
        unsigned which = order % n;

        order /= n;
        rig_must(doc, updates[left[which]]);
        for (unsigned i = which; i + 1 < n; i++) {
            left[i] = left[i + 1];
        }
    }
}

static void any_order_leads_to_one_document(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(concurrent) / sizeof(concurrent[0]); i++) {
        struct crdt_doc *first = rig_doc(false);
        struct buf expected;

        apply_in_order(first, concurrent[i], 0);
        expected = rig_state(first);
        for (unsigned order = 1; order < 24; order++) {
            struct crdt_doc *doc = rig_doc(false);
            struct buf got;

            apply_in_order(doc, concurrent[i], order);
            got = rig_state(doc);
            assert_true(span_equal(buf_span(&got), buf_span(&expected)));
            buf_finish(&got);
            crdt_doc_destroy(doc);
        }
        buf_finish(&expected);
        crdt_doc_destroy(first);
    }
}

static void of_a_key_only_the_last_item_lives(void **state)
{
    struct crdt_doc *doc = rig_doc(true);

    (void)state;
    rig_must(doc, "7:0 any 1 root m key k");
    rig_must(doc, "9:0 any 2 root m key k");
    rig_must(doc, "8:0 any 3 root m key k");
    assert_string_equal(rig_list(doc, "m", "k"), "7:0+1~ 8:0+1~ 9:0+1");
    rig_must(doc, "7:1 any 4 after 9:0");
    assert_string_equal(rig_list(doc, "m", "k"), "7:0+1~ 8:0+1~ 9:0+1~ 7:1+1");
    assert_string_equal(rig_list(doc, "m", "other"), "");
    crdt_doc_destroy(doc);
}

static void what_comes_into_a_deleted_type_is_deleted(void **state)
{
    struct crdt_doc *keeps = rig_doc(true), *collects = rig_doc(false);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct crdt_doc *doc = i == 0 ? keeps : collects;
        rig_must(doc, "7:0 type 2 root t; 7:1 text abc in 7:0");
        rig_must(doc, "delete 7:0+1");
        rig_must(doc, "8:0 text new in 7:0");
    }
    assert_string_equal(rig_structs(keeps), "8:0+3~ 7:0+1~ 7:1+3~");
    assert_string_equal(rig_structs(collects), "8:0+3gc 7:0+1~ 7:1+3gc");
    crdt_doc_destroy(keeps);
    crdt_doc_destroy(collects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_those_of_yata),
        cmocka_unit_test(any_order_leads_to_one_document),
        cmocka_unit_test(of_a_key_only_the_last_item_lives),
        cmocka_unit_test(what_comes_into_a_deleted_type_is_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
