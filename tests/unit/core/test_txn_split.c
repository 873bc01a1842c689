#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/txn_split.h"
#include "tests/unit/core/core_rig.h"

enum cut { AT, END, START };

/* Client 7 wrote "abcdef", of which "ef" is deleted, then garbage; where a cut of it leaves two structs. */
static const struct {
    const char *what;
    enum cut cut;
    uint32_t clock;
    const char *during; /* structs before the transaction ends */
} cuts[] = {
    {"a cut", AT, 1, "7:0+1 7:1+3 7:4+2~ 7:6+1gc"},
    {"an item that is to end within another", END, 1, "7:0+2 7:2+2 7:4+2~ 7:6+1gc"},
    {"an item that ends there", END, 3, "7:0+4 7:4+2~ 7:6+1gc"},
    {"an item that is to begin within another", START, 1, "7:0+1 7:1+3 7:4+2~ 7:6+1gc"},
    {"an item that begins there", START, 4, "7:0+4 7:4+2~ 7:6+1gc"},
    {"within what is deleted", START, 5, "7:0+4 7:4+1~ 7:5+1~ 7:6+1gc"},
    {"garbage is no item", START, 6, "7:0+4 7:4+2~ 7:6+1gc"},
    {"garbage is none at its end either", END, 6, "7:0+4 7:4+2~ 7:6+1gc"},
};

static uint32_t cut(struct crdt_doc *doc, enum cut how, uint32_t clock)
{
    uint32_t client = client_find(doc, 7);
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t item, rest;

    switch (how) {
    case AT:
        return txn_split(doc, ids_item(doc, &pos), clock - ids_clock(doc, &pos));
    case END:
        item = txn_part_end(doc, client, clock, &rest);
        if (rest) { /* nothing comes between */
            txn_join_later(doc, client, item_at(doc, rest)->clock);
        }
        return item;
    default:
        return txn_clean_start(doc, client, clock);
    }
}

static void what_is_cut_is_joined_again_in_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        const struct item *it;
        uint32_t item;

        print_message("%s\n", cuts[i].what);
        rig_must(doc, "7:0 text abcdef root t; 7:6 gc 1");
        rig_must(doc, "delete 7:4+2");
        assert_int_equal(doc_reserve(doc, &(struct reserve){.splits = 1}), RC_OK);
        txn_open(doc, true);
        item = cut(doc, cuts[i].cut, cuts[i].clock);
        it = item_at(doc, item);
        assert_true(item == 0 ? cuts[i].clock == 6 : cuts[i].cut == END || it->clock == cuts[i].clock);
        assert_true(item == 0 || cuts[i].cut != END || it->clock + it->len == cuts[i].clock + 1);
        assert_string_equal(rig_structs(doc), cuts[i].during);
        txn_close(doc);
        assert_string_equal(rig_structs(doc), "7:0+4 7:4+2~ 7:6+1gc");
        assert_null(crdt_check(doc));
        crdt_doc_destroy(doc);
    }
}

/* Nothing is left to do at the end, unless the struct behind may then join the right part. */
static void parts_stay_apart(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct id_pos pos;
    uint32_t right, rest;

    (void)state;
    rig_must(doc, "7:0 text abcdef root t");
    assert_int_equal(doc_reserve(doc, &(struct reserve){.splits = 3, .overlapped = 2}), RC_OK);
    txn_open(doc, true);
    pos = ids_find(doc, client_find(doc, 7), 2);
    right = txn_part_end(doc, client_find(doc, 7), 3, &rest);
    assert_int_equal(item_at(doc, rest)->clock, 4);
    txn_delete(doc, rest);
    right = txn_part(doc, right, 2);
    assert_int_equal(item_at(doc, right)->clock, 2);
    assert_int_equal(doc->txn.split_count, 0);
    (void)txn_part(doc, ids_item(doc, &pos), 1);
    assert_int_equal(doc->txn.split_count, 1);
    txn_delete(doc, right);
    txn_close(doc);
    assert_string_equal(rig_structs(doc), "7:0+2 7:2+4~");
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_cut_is_joined_again_in_the_end),
        cmocka_unit_test(parts_stay_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
