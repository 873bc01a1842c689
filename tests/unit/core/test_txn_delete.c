#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "crdt/core/client.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"
#include "tests/unit/core/core_rig.h"

/* A transaction of its own in which clocks of client 7 may be deleted. */
static uint32_t begin(struct crdt_doc *doc)
{
    assert_int_equal(doc_reserve(doc, &(struct reserve){.splits = 2, .overlapped = 8}), RC_OK);
    txn_open(doc, true);
    return client_find(doc, 7);
}

#define CUT_TAIL "7:0 text abcdef root t", "delete 7:4+2"
#define CUT_HEAD "7:0 text abcdef root t", "delete 7:0+2"

/* Clocks of client 7 to be deleted; then what all structs are. */
static const struct {
    const char *what;
    bool keep;
    const char *updates[3];
    uint32_t clock, len;
    bool moves;
    const char *structs;
} borders[] = {
    {"a letter before the deleted run", false, {CUT_TAIL}, 3, 1, true, "7:0+3 7:3+3~"},
    {"several letters before it", false, {CUT_TAIL}, 1, 3, true, "7:0+1 7:1+5~"},
    {"all letters before it", false, {CUT_TAIL}, 0, 4, false, "7:0+4 7:4+2~"},
    {"a letter behind the deleted run", false, {CUT_HEAD}, 2, 1, true, "7:0+3~ 7:3+3"},
    {"all letters behind it", false, {CUT_HEAD}, 2, 4, false, "7:0+2~ 7:2+4"},
    {"letters within a run", false, {CUT_TAIL}, 1, 1, false, "7:0+4 7:4+2~"},
    {"the end of a run with nothing behind it", false, {CUT_HEAD}, 5, 1, false, "7:0+2~ 7:2+4"},
    {"what is deleted already", false, {CUT_TAIL}, 4, 1, false, "7:0+4 7:4+2~"},
    {"where somebody came between",
     false,
     {CUT_TAIL, "8:0 text x after 7:3 before 7:4"},
     3,
     1,
     false,
     "8:0+1 7:0+4 7:4+2~"},
    {"where deleted content is kept", true, {CUT_TAIL}, 3, 1, false, "7:0+4 7:4+2~"},
    {"half a pair", false, {"7:0 text ab\xf0\x9f\x98\x80zz root t", "delete 7:4+2"}, 3, 1, false, "7:0+4 7:4+2~"},
};

static void a_border_moves_where_that_is_all_that_happens(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
        struct crdt_doc *doc = rig_doc(borders[i].keep);

        print_message("%s\n", borders[i].what);
        for (size_t j = 0; j < 3 && borders[i].updates[j] != NULL; j++) {
            rig_must(doc, borders[i].updates[j]);
        }
        uint32_t client = begin(doc);
        assert_int_equal(txn_delete_border(doc, client, borders[i].clock, borders[i].len), borders[i].moves);
        txn_close(doc);
        assert_string_equal(rig_structs(doc), borders[i].structs);
        assert_null(crdt_check(doc));
        crdt_doc_destroy(doc);
    }
}

/* The same, without minding how it happens. */
static void any_range_may_be_deleted(void **state)
{
    (void)state;
    for (uint32_t clock = 0; clock < 6; clock++) {
        for (uint32_t len = 1; clock + len <= 6; len++) {
            struct crdt_doc *doc = rig_doc(false);

            rig_must(doc, "7:0 text abcdef root t");
            rig_must(doc, "8:0 text xy after 7:1 before 7:2");
            rig_must(doc, "delete 7:3+1");
            uint32_t client = begin(doc);
            txn_delete_range(doc, client, clock, len);
            txn_close(doc);
            assert_null(crdt_check(doc));
            assert_int_equal(crdt_type_length(doc, crdt_root(doc, span_str("t"))),
                             8 - len - (clock > 3 || clock + len <= 3));
            crdt_doc_destroy(doc);
        }
    }
}

/* Whole runs of client 7 go in one transaction; `mid`: what its structs are before that ends, `after`: then. */
static const struct {
    const char *what;
    bool keep, eager;
    const char *updates[3];
    uint32_t clock, len;
    const char *mid, *after;
} wholes[] = {
    {"a run alone", false, true, {"7:0 text abc root t"}, 0, 3, "7:0+3~", "7:0+3~"},
    {"what is left before a deleted run", false, true, {CUT_TAIL}, 0, 4, "7:0+6~", "7:0+6~"},
    {"what is left behind one", false, true, {CUT_HEAD}, 2, 4, "7:0+6~", "7:0+6~"},
    {"what is left between two", false, true, {CUT_HEAD, "delete 7:5+1"}, 2, 3, "7:0+6~", "7:0+6~"},
    {"where somebody came between",
     false,
     true,
     {CUT_TAIL, "8:0 text x after 7:3 before 7:4"},
     0,
     4,
     "8:0+1 7:0+4~ 7:4+2~",
     "8:0+1 7:0+4~ 7:4+2~"},
    {"where deleted content is kept", true, true, {CUT_TAIL}, 0, 4, "7:0+4~ 7:4+2~", "7:0+6~"},
    {"where all new structs are joined at the end", false, false, {CUT_TAIL}, 0, 4, "7:0+4~ 7:4+2~", "7:0+6~"},
    {"under a key", false, true, {"7:0 text abc root m key k"}, 0, 3, "7:0+3~", "7:0+3~"},
};

static void a_whole_run_joins_what_is_deleted_beside_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        struct crdt_doc *doc = rig_doc(wholes[i].keep);

        print_message("%s\n", wholes[i].what);
        for (size_t j = 0; j < 3 && wholes[i].updates[j] != NULL; j++) {
            rig_must(doc, wholes[i].updates[j]);
        }
        assert_int_equal(doc_reserve(doc, &(struct reserve){.splits = 2, .overlapped = 8}), RC_OK);
        txn_open(doc, wholes[i].eager);
        txn_delete_range(doc, client_find(doc, 7), wholes[i].clock, wholes[i].len);
        assert_string_equal(rig_structs(doc), wholes[i].mid);
        txn_close(doc);
        assert_string_equal(rig_structs(doc), wholes[i].after);
        assert_null(crdt_check(doc));
        crdt_doc_destroy(doc);
    }
}

/* 2,000 types, one in the other: deleting and collecting do not recurse, so more would do as well. */
static void a_deep_tree_is_deleted_and_collected(void **state)
{
    enum { DEPTH = 2000 };
    struct crdt_doc *doc = rig_doc(false);
    char update[64];
    struct crdt_stat stat;

    (void)state;
    rig_must(doc, "7:0 type 0 root t");
    for (unsigned i = 1; i < DEPTH; i++) {
        (void)snprintf(update, sizeof(update), "7:%u type 0 in 7:%u", i, i - 1);
        assert_int_equal(rig_apply(doc, update), RC_OK);
    }
    rig_must(doc, "delete 7:0+1");
    crdt_doc_stat(doc, &stat);
    assert_int_equal(stat.structs, 2);
    assert_int_equal(stat.items, 1);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_border_moves_where_that_is_all_that_happens),
        cmocka_unit_test(any_range_may_be_deleted),
        cmocka_unit_test(a_whole_run_joins_what_is_deleted_beside_it),
        cmocka_unit_test(a_deep_tree_is_deleted_and_collected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
