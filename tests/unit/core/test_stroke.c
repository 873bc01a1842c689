#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/core/client.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/crdt.h"
#include "tests/unit/core/core_rig.h"

/* "b" between "a" and "c". */
#define BETWEEN "7:0 text ac root t; 8:0 text y root y", "8:1 text b after 7:0 before 7:1"

/* Each update is one transaction; then comes a letter `id`, behind `origin`, before `right` if that has a client. */
static const struct {
    const char *what;
    const char *updates[4];
    struct id id, origin, right;
    bool continues;
} letters[] = {
    {"the next letter", {"7:0 text a root t", "7:1 text b after 7:0"}, {7, 2}, {7, 1}, {0, 0}, true},
    {"of an author's first update, which was planned", {"7:0 text ab root t"}, {7, 2}, {7, 1}, {0, 0}, true},
    {"after somebody typed elsewhere",
     {"7:0 text a root t; 8:0 text y root y", "7:1 text b after 7:0", "8:1 text z after 8:0"},
     {7, 2},
     {7, 1},
     {0, 0},
     true},
    {"with the same right origin", {BETWEEN}, {8, 2}, {8, 1}, {7, 1}, true},
    {"with another", {BETWEEN}, {8, 2}, {8, 1}, {7, 0}, false},
    {"with none", {BETWEEN}, {8, 2}, {8, 1}, {0, 0}, false},
    {"with one where there was none", {"7:0 text a root t", "7:1 text b after 7:0"}, {7, 2}, {7, 1}, {7, 0}, false},
    {"behind another letter", {"7:0 text a root t", "7:1 text b after 7:0"}, {7, 2}, {7, 0}, {0, 0}, false},
    {"by somebody else", {"7:0 text a root t", "7:1 text b after 7:0"}, {8, 0}, {7, 1}, {0, 0}, false},
    {"that is known already", {"7:0 text a root t", "7:1 text b after 7:0"}, {7, 1}, {7, 0}, {0, 0}, false},
    {"with a gap before it", {"7:0 text a root t", "7:1 text b after 7:0"}, {7, 3}, {7, 2}, {0, 0}, false},
    {"where somebody came between",
     {"7:0 text a root t", "7:1 text b after 7:0", "8:0 text x after 7:1"},
     {7, 2},
     {7, 1},
     {0, 0},
     false},
    {"where another stands before the right origin",
     {"9:0 text b root t; 8:0 text y root y", "8:1 text a root t"},
     {8, 2},
     {8, 1},
     {0, 0},
     false},
    {"behind what is deleted",
     {"7:0 text a root t", "7:1 text b after 7:0", "delete 7:0+2"},
     {7, 2},
     {7, 1},
     {0, 0},
     false},
    {"behind a mark", {"7:0 text a root t", "7:1 format b true after 7:0"}, {7, 2}, {7, 1}, {0, 0}, false},
    {"under a key", {"7:0 text a root t", "7:1 text a root m key k"}, {7, 2}, {7, 1}, {0, 0}, false},
    {"of a text whose author has garbage since",
     {"9:0 type 2 root m", "7:0 text a root t; delete 9:0+1", "7:1 text b after 7:0", "7:2 text x in 9:0"},
     {7, 2},
     {7, 1},
     {0, 0},
     false},
};

static void a_letter_continues_the_run_that_grew_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        struct block b = {.id = letters[i].id, .len = 1, .ref = BLOCK_STRING, .flags = BLOCK_HAS_ORIGIN};

        print_message("%s\n", letters[i].what);
        for (size_t j = 0; j < 4 && letters[i].updates[j] != NULL; j++) {
            rig_must(doc, letters[i].updates[j]);
        }
        b.origin = letters[i].origin;
        b.right_origin = letters[i].right;
        b.flags |= b.right_origin.client != 0 ? BLOCK_HAS_RIGHT_ORIGIN : 0;
        assert_int_equal(stroke_continues(doc, &b), letters[i].continues);
        crdt_doc_destroy(doc);
    }
}

/* After the updates, `len` clocks of client 7 from `clock` on go; NULL: that is not the stroke's affair. */
static const struct {
    const char *what;
    bool keep;
    const char *updates[4];
    uint32_t clock, len;
    const char *structs;
} erasures[] = {
    {"backspace", false, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 3, 1, "7:0+3 7:3+3~"},
    {"several at once", false, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 1, 3, "7:0+1 7:1+5~"},
    {"forward", false, {"7:0 text abcdef root t", "delete 7:0+1", "delete 7:1+1"}, 2, 1, "7:0+3~ 7:3+3"},
    {"elsewhere", false, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 1, 1, NULL},
    {"all that is left", false, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 0, 4, NULL},
    {"what is deleted", false, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 4, 1, NULL},
    {"half a pair", false, {"7:0 text a\xf0\x9f\x98\x80zz root t", "delete 7:4+1", "delete 7:3+1"}, 2, 1, NULL},
    {"a whole pair",
     false,
     {"7:0 text a\xf0\x9f\x98\x80zz root t", "delete 7:4+1", "delete 7:3+1"},
     1,
     2,
     "7:0+1 7:1+4~"},
    {"after the first only", false, {"7:0 text abcdef root t", "delete 7:5+1"}, 4, 1, "7:0+4 7:4+2~"},
    {"the first", false, {"7:0 text abcdef root t"}, 5, 1, NULL},
    {"after a change elsewhere",
     false,
     {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1", "8:0 text x root u"},
     3,
     1,
     "8:0+1 7:0+3 7:3+3~"},
    {"where the deleted is kept", true, {"7:0 text abcdef root t", "delete 7:5+1", "delete 7:4+1"}, 3, 1, NULL},
};

static void backspaces_move_the_border_that_moved_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(erasures) / sizeof(erasures[0]); i++) {
        struct crdt_doc *doc = rig_doc(erasures[i].keep);

        print_message("%s\n", erasures[i].what);
        for (size_t j = 0; j < 4 && erasures[i].updates[j] != NULL; j++) {
            rig_must(doc, erasures[i].updates[j]);
        }
        struct buf before = rig_state(doc);
        txn_open(doc, true);
        assert_int_equal(stroke_erase(doc, client_find(doc, 7), erasures[i].clock, erasures[i].len),
                         erasures[i].structs != NULL);
        txn_close(doc);
        assert_null(crdt_check(doc));
        if (erasures[i].structs != NULL) {
            assert_string_equal(rig_structs(doc), erasures[i].structs);
        } else {
            struct buf after = rig_state(doc);
            assert_true(span_equal(buf_span(&after), buf_span(&before)));
            buf_finish(&after);
        }
        buf_finish(&before);
        crdt_doc_destroy(doc);
    }
}

/* Units of a text go, after others have; the same, by index. `text`: what it says then, NULL: not the stroke's affair.
 */
static const struct {
    const char *what, *start;
    uint32_t at, gone; /* the edit before */
    uint64_t index, len;
    const char *text;
} unit_erasures[] = {
    {"backspace", "abcdef", 5, 1, 4, 1, "abcd"},
    {"several", "abcdef", 5, 1, 2, 3, "ab"},
    {"in the middle", "abcdef", 3, 1, 2, 1, "abef"},
    {"forward from the head", "abcdef", 0, 1, 0, 2, "def"},
    {"all that is left", "abcdef", 5, 1, 0, 5, NULL},
    {"none", "abcdef", 5, 1, 5, 0, NULL},
    {"elsewhere", "abcdef", 5, 1, 1, 1, NULL},
    {"beyond the end", "abcdef", 5, 1, 5, 1, NULL},
    {"an index that wraps", "abcdef", 5, 1, UINT64_MAX, 6, NULL},
    {"a length that wraps", "abcdef", 5, 1, 6, UINT64_MAX, NULL},
    {"half a pair", "a\xf0\x9f\x98\x80z", 3, 1, 2, 1, NULL},
    {"a whole pair", "a\xf0\x9f\x98\x80z", 3, 1, 1, 2, "a"},
};

static void units_are_erased_where_others_went(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(unit_erasures) / sizeof(unit_erasures[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        struct crdt_type text;

        print_message("%s\n", unit_erasures[i].what);
        assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text), RC_OK);
        assert_int_equal(crdt_txn_begin(doc), RC_OK);
        assert_int_equal(crdt_text_insert(doc, text, 0, span_str(unit_erasures[i].start), NULL, 0), RC_OK);
        assert_int_equal(crdt_text_delete(doc, text, unit_erasures[i].at, unit_erasures[i].gone), RC_OK);
        assert_false(stroke_erase_units(doc, 0, unit_erasures[i].index, unit_erasures[i].len));
        assert_int_equal(stroke_erase_units(doc, text.ref, unit_erasures[i].index, unit_erasures[i].len),
                         unit_erasures[i].text != NULL);
        assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
        assert_null(crdt_check(doc));
        if (unit_erasures[i].text != NULL) {
            assert_string_equal(rig_text(doc, "t"), unit_erasures[i].text);
        }
        crdt_doc_destroy(doc);
    }
}

/* Marks beside what goes may have to go with it: that is no stroke. */
static void formatted_texts_are_not_plain(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct crdt_type text;

    (void)state;
    assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str("abcdef"), NULL, 0), RC_OK);
    assert_true(doc->stroke.plain);
    assert_int_equal(crdt_text_format(doc, text, 1, 2, &(struct crdt_attr){span_str("b"), span_str("\x78")}, 1), RC_OK);
    assert_false(stroke_known(doc));
    assert_int_equal(crdt_text_insert(doc, text, 6, span_str("g"), NULL, 0), RC_OK);
    assert_false(stroke_known(doc) && doc->stroke.plain);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

/* The pool's end, then the room behind a run that has moved, then no room at all: always the same text. */
static void letters_go_wherever_there_is_room(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    unsigned quick = 0, slow = 0;

    (void)state;
    rig_must(doc, "7:0 text a root t");
    rig_must(doc, "7:1 text b after 7:0");
    for (unsigned i = 0; i < 2000; i++) {
        if (i == 1000) {
            rig_must(doc, "8:0 text x root u");
            rig_must(doc, "7:1002 text b after 7:1001");
        }
        txn_open(doc, true);
        bool done = stroke_letter(doc, 'c');
        quick += done;
        slow += !done && stroke_append(doc, span_str("c"), 1);
        txn_close(doc);
    }
    print_message("%u letters at once, %u after making room\n", quick, slow);
    assert_int_equal(quick + slow, 2000);
    assert_in_range(slow, 1, 100);
    assert_int_equal(crdt_state(doc, 7), 2003);
    assert_int_equal(crdt_type_length(doc, crdt_root(doc, span_str("t"))), 2003);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_continues_the_run_that_grew_last),
        cmocka_unit_test(backspaces_move_the_border_that_moved_last),
        cmocka_unit_test(units_are_erased_where_others_went),
        cmocka_unit_test(formatted_texts_are_not_plain),
        cmocka_unit_test(letters_go_wherever_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
