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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_continues_the_run_that_grew_last),
        cmocka_unit_test(backspaces_move_the_border_that_moved_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
