#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "tests/unit/core/core_rig.h"
#include "tests/unit/lib0/alloc_fault.h"

static uint32_t text_item(struct crdt_doc *doc, uint32_t seq, uint32_t client, const char *text)
{
    uint32_t item = item_new(doc), len = (uint32_t)strlen(text);

    *item_at(doc, item) = (struct item){.client = client,
                                        .clock = doc->clients[client].state,
                                        .len = len,
                                        .origin_client = NONE32,
                                        .right_client = NONE32,
                                        .off = pool_put(doc, span_str(text)),
                                        .bytes = len,
                                        .flags = BLOCK_STRING | ITEM_COUNTABLE};
    ids_append(doc, client, item, len);
    seq_insert(doc, seq, seq_last(doc, seq), item);
    return item;
}

static void assert_content(const struct crdt_doc *doc, uint32_t item, const char *expected)
{
    const struct item *it = item_at(doc, item);

    assert_true(span_equal(pool_span(doc, it->off, it->bytes), span_str(expected)));
}

/* Two who type in turns, each at the end of a text of their own. */
static void typists_who_alternate_extend_in_place(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char expected[2][201] = {"a", "b"};
    uint32_t item[2], seq, moves = 0;

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(client_make(doc, 10 + i, &item[i]), RC_OK);
    }
    assert_int_equal(
        doc_reserve(doc,
                    &(struct reserve){.inserts = 2, .lists = 1, .types = 1, .roots = 1, .bytes = 100, .clients = 2}),
        RC_OK);
    seq = branch_list_make(doc, branch_root_make(doc, span_str("t"), CRDT_TEXT));
    for (uint32_t i = 0; i < 2; i++) {
        item[i] = text_item(doc, seq, i, expected[i]);
    }
    for (uint32_t n = 1; n < 200; n++) {
        for (uint32_t i = 0; i < 2; i++) {
            uint32_t before = item_at(doc, item[i])->off;

            assert_true(pool_room(doc, pool_append_cost(doc, item[i], 1)));
            expected[i][n] = (char)('a' + n % 26);
            pool_append(doc, item[i], span_of(expected[i] + n, 1));
            item_at(doc, item[i])->len++;
            moves += item_at(doc, item[i])->off != before;
        }
    }
    assert_content(doc, item[0], expected[0]);
    assert_content(doc, item[1], expected[1]);
    assert_in_range(moves, 1, 16); /* doubling, not every time */
    crdt_doc_destroy(doc);
}

static void compaction_keeps_what_is_referred_to(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct buf before, after;
    uint32_t len;

    (void)state;
    rig_must(doc, "7:0 text abcdefgh root t; 7:8 any 1,\"two\",3 root m key k; 7:9 type 3 root xml");
    rig_must(doc, "8:0 text xyz after 7:3; delete 7:1+2");
    rig_must(doc, "delete 7:5+2");
    assert_true(doc->pool_dead > 0);
    before = rig_state(doc);
    alloc_fault_at(1);
    assert_int_equal(pool_compact(doc), RC_NOMEM);
    alloc_fault_at(0);
    len = doc->pool_len - doc->pool_dead;
    assert_int_equal(pool_compact(doc), RC_OK);
    assert_int_equal(doc->pool_dead, 0);
    assert_int_equal(doc->pool_len, len);
    assert_null(crdt_check(doc));
    after = rig_state(doc);
    assert_true(span_equal(buf_span(&before), buf_span(&after)));
    rig_must(doc, "7:10 text i after 7:7");
    buf_finish(&before);
    buf_finish(&after);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typists_who_alternate_extend_in_place),
        cmocka_unit_test(compaction_keeps_what_is_referred_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
