#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/core/direct.h"
#include "crdt/crdt.h"
#include "tests/unit/core/core_rig.h"

#define BLOCK(own, from)                                                                                               \
    {                                                                                                                  \
        .id = own, .len = 1, .ref = BLOCK_STRING, .flags = BLOCK_HAS_ORIGIN, .origin = from, .content = {              \
            (const uint8_t *)"x",                                                                                      \
            1                                                                                                          \
        }                                                                                                              \
    }
#define ID(client, clock)                                                                                              \
    {                                                                                                                  \
        client, clock                                                                                                  \
    }

/* A letter `block`, unless its length is 0, and a deleted range, unless its length is 0, after the updates. */
static const struct {
    const char *what;
    const char *updates[3];
    struct block block;
    struct idset_range deleted;
    const char *structs; /* NULL: it wants a plan */
} cases[] = {
    {"nothing at all", {"7:0 text abc root t"}, {.len = 0}, {0, 0, 0}, "7:0+3"},
    {"a letter that goes on", {"7:0 text abc root t"}, BLOCK(ID(7, 3), ID(7, 2)), {0, 0, 0}, "7:0+4"},
    {"a letter in between", {"7:0 text abc root t"}, BLOCK(ID(7, 3), ID(7, 0)), {0, 0, 0}, "7:0+1 7:1+2 7:3+1"},
    {"a letter that is known", {"7:0 text abc root t"}, BLOCK(ID(7, 2), ID(7, 1)), {0, 0, 0}, NULL},
    {"a letter too early", {"7:0 text abc root t"}, BLOCK(ID(7, 4), ID(7, 3)), {0, 0, 0}, NULL},
    {"a letter behind one to come",
     {"7:0 text abc root t; 8:0 text d root t"},
     BLOCK(ID(8, 1), ID(7, 3)),
     {0, 0, 0},
     NULL},
    {"a new author", {"7:0 text abc root t"}, BLOCK(ID(8, 0), ID(7, 2)), {0, 0, 0}, NULL},
    {"a deletion", {"7:0 text abc root t"}, {.len = 0}, {7, 1, 1}, "7:0+1 7:1+1~ 7:2+1"},
    {"a backspace", {"7:0 text abc root t", "delete 7:2+1"}, {.len = 0}, {7, 1, 1}, "7:0+1 7:1+2~"},
    {"a deletion that reaches too far", {"7:0 text abc root t"}, {.len = 0}, {7, 1, 3}, NULL},
    {"one of a stranger", {"7:0 text abc root t"}, {.len = 0}, {9, 0, 1}, NULL},
    {"a letter for another", {"7:0 text abc root t"}, BLOCK(ID(7, 3), ID(7, 2)), {7, 2, 1}, "7:0+2 7:2+1~ 7:3+1"},
    {"with something else waiting",
     {"7:0 text abc root t", "9:5 text z after 9:4"},
     BLOCK(ID(7, 3), ID(7, 2)),
     {0, 0, 0},
     "7:0+4"},
    {"what something waits for",
     {"7:0 text abc root t", "9:0 text z after 7:3"},
     BLOCK(ID(7, 3), ID(7, 2)),
     {0, 0, 0},
     NULL},
    {"what a deletion waits for", {"7:0 text abc root t", "delete 7:3+1"}, BLOCK(ID(7, 3), ID(7, 2)), {0, 0, 0}, NULL},
    {"behind what waits",
     {"7:0 text abc root t", "9:5 text z after 9:4"},
     BLOCK(ID(9, 6), ID(9, 5)),
     {0, 0, 0},
     "7:0+3"},
    {"before what waits", {"7:0 text abc root t", "9:5 text z after 9:4"}, BLOCK(ID(9, 4), ID(9, 3)), {0, 0, 0}, NULL},
};

static void what_depends_on_nothing_new_goes_in_directly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct block *block = cases[i].block.len > 0 ? &cases[i].block : NULL;
        const struct idset_range *deleted = cases[i].deleted.len > 0 ? &cases[i].deleted : NULL;
        struct crdt_doc *doc = rig_doc(false);
        struct piece piece = {block, 1};
        int rc = RC_STATE;

        print_message("%s\n", cases[i].what);
        for (size_t j = 0; j < 3 && cases[i].updates[j] != NULL; j++) {
            rig_must(doc, cases[i].updates[j]);
        }
        assert_int_equal(direct_apply(doc, &piece, block != NULL, deleted, deleted != NULL, &rc),
                         cases[i].structs != NULL);
        assert_null(crdt_check(doc));
        if (cases[i].structs != NULL) {
            assert_int_equal(rc, RC_OK);
            assert_string_equal(rig_structs(doc), cases[i].structs);
        }
        crdt_doc_destroy(doc);
    }
}

/* Three letters and two ranges behind "abc": the second letter hangs on the first, the third is another author's. */
static const struct block letters[] = {BLOCK(ID(8, 1), ID(7, 2)), BLOCK(ID(8, 2), ID(8, 1)), BLOCK(ID(7, 3), ID(8, 2))};
static const struct block early[] = {BLOCK(ID(8, 1), ID(7, 3)), BLOCK(ID(7, 3), ID(7, 2))};

static void a_few_go_in_directly_in_their_order(void **state)
{
    const struct piece pieces[] = {{letters, 2}, {letters + 2, 1}};
    const struct idset_range ranges[] = {{8, 1, 1}, {7, 0, 1}};
    struct crdt_doc *doc = rig_doc(false);
    int rc = RC_STATE;

    (void)state;
    rig_must(doc, "7:0 text abc root t; 8:0 text d root t");
    assert_true(direct_apply(doc, pieces, 2, ranges, 2, &rc));
    assert_int_equal(rc, RC_OK);
    assert_null(crdt_check(doc));
    assert_string_equal(rig_structs(doc), "8:0+1 8:1+1~ 8:2+1 7:0+1~ 7:1+2 7:3+1");
    crdt_doc_destroy(doc);
}

static void few_that_are_out_of_order_or_too_many_want_a_plan(void **state)
{
    const struct piece wrong[] = {{early, 1}, {early + 1, 1}}, many = {letters, 1000};
    const struct idset_range ranges[] = {{7, 0, 1}, {7, 2, 2}};
    struct crdt_doc *doc = rig_doc(false);
    int rc;

    (void)state;
    rig_must(doc, "7:0 text abc root t; 8:0 text d root t");
    assert_false(direct_apply(doc, wrong, 2, NULL, 0, &rc));
    assert_false(direct_apply(doc, &many, 1, NULL, 0, &rc));
    assert_false(direct_apply(doc, NULL, 0, ranges, 2, &rc));
    assert_string_equal(rig_structs(doc), "8:0+1 7:0+3");
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

static void a_letter_alone_goes_where_typing_goes_on(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "7:0 text abc root t");
    rig_must(doc, "7:3 text d after 7:2");
    assert_true(direct_letter(doc, 'e'));
    assert_string_equal(rig_structs(doc), "7:0+5");
    assert_string_equal(rig_text(doc, "t"), "abcde");
    rig_must(doc, "9:5 text z after 9:4"); /* what waits for others does not matter … */
    assert_true(direct_letter(doc, 'f'));
    rig_must(doc, "8:0 text y after 7:6"); /* … but this waits for the letter */
    assert_false(direct_letter(doc, 'g'));
    rig_must(doc, "7:6 text g after 7:5");
    assert_string_equal(rig_structs(doc), "8:0+1 7:0+7");
    assert_string_equal(rig_text(doc, "t"), "abcdefgy");
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

static void a_letter_that_a_deletion_waits_for_does_not(void **state)
{
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    rig_must(doc, "7:0 text abc root t");
    rig_must(doc, "7:3 text d after 7:2");
    rig_must(doc, "delete 7:5+1");
    assert_true(direct_letter(doc, 'e'));
    assert_false(direct_letter(doc, 'f'));
    rig_must(doc, "7:5 text f after 7:4");
    assert_string_equal(rig_text(doc, "t"), "abcde");
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_depends_on_nothing_new_goes_in_directly),
        cmocka_unit_test(a_few_go_in_directly_in_their_order),
        cmocka_unit_test(few_that_are_out_of_order_or_too_many_want_a_plan),
        cmocka_unit_test(a_letter_alone_goes_where_typing_goes_on),
        cmocka_unit_test(a_letter_that_a_deletion_waits_for_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
