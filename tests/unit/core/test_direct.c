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
        int rc = RC_STATE;

        print_message("%s\n", cases[i].what);
        for (size_t j = 0; j < 3 && cases[i].updates[j] != NULL; j++) {
            rig_must(doc, cases[i].updates[j]);
        }
        assert_int_equal(direct_apply(doc, block, deleted, &rc), cases[i].structs != NULL);
        assert_null(crdt_check(doc));
        if (cases[i].structs != NULL) {
            assert_int_equal(rc, RC_OK);
            assert_string_equal(rig_structs(doc), cases[i].structs);
        }
        crdt_doc_destroy(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_depends_on_nothing_new_goes_in_directly)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
