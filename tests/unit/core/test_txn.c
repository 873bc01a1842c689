#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/txn.h"
#include "tests/unit/core/core_rig.h"

/* What a document looks like after each transaction, with and without garbage collection: yjs's structs. */
static const struct {
    const char *what;
    bool keep;
    const char *updates[4];
    const char *structs;
} cases[] = {
    {"neighbours that are deleted are joined",
     false,
     {"7:0 text abcdef root t", "delete 7:1+1", "delete 7:2+2"},
     "7:0+1 7:1+3~ 7:4+2"},
    {"one delete set may hold several ranges",
     false,
     {"7:0 text abcdef root t", "delete 7:0+1; delete 7:2+1; delete 7:5+1"},
     "7:0+1~ 7:1+1 7:2+1~ 7:3+2 7:5+1~"},
    {"a range may cover several structs",
     false,
     {"7:0 text ac root t", "8:0 text b after 7:0 before 7:1; 7:2 format b true after 7:1", "delete 7:0+3"},
     "8:0+1 7:0+1~ 7:1+2~"},
    {"content that is deleted is kept when it is to be kept",
     true,
     {"7:0 text abc root t", "7:3 format b true after 7:2", "delete 7:1+3"},
     "7:0+1 7:1+2~ 7:3+1~"},
    {"children of a deleted type are garbage",
     false,
     {"7:0 type 2 root t; 7:1 text abc in 7:0; 7:4 any 1 in 7:0 key k",
      "8:0 type 1 in 7:0 key m; 8:1 any 2 in 8:0 key n", "delete 7:0+1"},
     "8:0+2gc 7:0+1~ 7:1+4gc"},
    {"they are kept when they are to be kept",
     true,
     {"7:0 type 2 root t; 7:1 text abc in 7:0; 7:4 any 1 in 7:0 key k", "delete 7:0+1"},
     "7:0+1~ 7:1+3~ 7:4+1~"},
    {"deleted twice is deleted once",
     false,
     {"7:0 text abc root t", "delete 7:0+2", "delete 7:0+3", "delete 7:1+1"},
     "7:0+3~"},
    {"a value that is replaced is deleted", false, {"7:0 any 1 root m key k", "7:1 any 2 after 7:0"}, "7:0+1~ 7:1+1"},
    {"what was cut for nothing is joined again",
     false,
     {"7:0 text abcd root t", "8:0 text x after 7:1 before 7:2", "delete 8:0+1"},
     "8:0+1~ 7:0+2 7:2+2"},
};

static void structs_are_yjs_s_after_each_transaction(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct crdt_doc *doc = rig_doc(cases[i].keep);

        print_message("%s\n", cases[i].what);
        for (size_t j = 0; j < 4 && cases[i].updates[j] != NULL; j++) {
            rig_must(doc, cases[i].updates[j]);
        }
        assert_string_equal(rig_structs(doc), cases[i].structs);
        crdt_doc_destroy(doc);
    }
}

static void a_change_is_told_from_none(void **state)
{
    static const struct {
        const char *update;
        bool changes;
    } steps[] = {
        {"7:0 text abc root t", true}, {"7:0 text abc root t", false},  {"delete 7:1+1", true},
        {"delete 7:1+1", false},       {"9:5 text x after 9:4", false}, /* waits */
    };
    struct crdt_doc *doc = rig_doc(false);

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rig_must(doc, steps[i].update);
        assert_int_equal(txn_changed(doc), steps[i].changes);
    }
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs_are_yjs_s_after_each_transaction),
        cmocka_unit_test(a_change_is_told_from_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
