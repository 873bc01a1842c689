#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/branch.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

/* The model: items in order in a plain array. */
#define ITEMS 4000

struct model {
    uint32_t item[ITEMS];
    uint32_t count;
};

static uint32_t list_with_room(struct crdt_doc *doc)
{
    struct reserve r = {.inserts = 3 * ITEMS, .lists = 4 * ITEMS, .types = 1, .roots = 1, .bytes = 1};

    assert_int_equal(doc_reserve(doc, &r), RC_OK);
    return branch_list_make(doc, branch_root_make(doc, span_str("t"), CRDT_TEXT));
}

static uint32_t new_item(struct crdt_doc *doc, uint32_t len)
{
    uint32_t item = item_new(doc);

    *item_at(doc, item) = (struct item){.len = len, .flags = BLOCK_STRING | ITEM_COUNTABLE};
    return item;
}

static void insert(struct crdt_doc *doc, uint32_t seq, struct model *m, uint32_t at, uint32_t len)
{
    uint32_t item = new_item(doc, len);

    seq_insert(doc, seq, at > 0 ? m->item[at - 1] : 0, item);
    memmove(m->item + at + 1, m->item + at, (m->count - at) * sizeof(uint32_t));
    m->item[at] = item;
    m->count++;
}

static void take_out(struct crdt_doc *doc, struct model *m, uint32_t at)
{
    seq_remove(doc, m->item[at]);
    item_free(doc, m->item[at]);
    memmove(m->item + at, m->item + at + 1, (m->count - at - 1) * sizeof(uint32_t));
    m->count--;
}

static void assert_order(const struct crdt_doc *doc, uint32_t seq, const struct model *m)
{
    struct seq_at place = seq_begin(doc, seq);

    assert_null(seq_check(doc, seq));
    assert_int_equal(seq_first(doc, seq), m->count > 0 ? m->item[0] : 0);
    assert_int_equal(seq_last(doc, seq), m->count > 0 ? m->item[m->count - 1] : 0);
    for (uint32_t i = 0; i < m->count; i++) {
        assert_int_equal(seq_item(doc, place), m->item[i]);
        assert_int_equal(seq_next(doc, m->item[i]), i + 1 < m->count ? m->item[i + 1] : 0);
        assert_int_equal(seq_prev(doc, m->item[i]), i > 0 ? m->item[i - 1] : 0);
        assert_int_equal(seq_of(doc, m->item[i]), seq);
        seq_step(doc, &place);
    }
    assert_int_equal(seq_item(doc, place), 0);
}

static void assert_positions(struct crdt_doc *doc, uint32_t seq, const struct model *m)
{
    uint32_t before = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t visible = item_visible(item_at(doc, m->item[i])), item, offset;

        assert_int_equal(seq_index_of(doc, m->item[i]), before);
        for (uint32_t unit = 0; unit<visible; unit += visible> 1 ? visible - 1 : 1) {
            assert_int_equal(seq_find(doc, seq, before + unit, &item, &offset), RC_OK);
            assert_int_equal(item, m->item[i]);
            assert_int_equal(offset, unit);
        }
        before += visible;
    }
    assert_int_equal(doc->seqs[seq].length, before);
}

/* `positions`: from the start, so that the sums follow every change; else only in the end. */
static void change_at_random(struct rng *rng, bool positions)
{
    struct model *m = calloc(1, sizeof(*m));
    struct crdt_doc *doc = rig_doc(false);
    uint32_t seq = list_with_room(doc), item, offset;

    assert_non_null(m);
    for (uint32_t step = 0; m->count < ITEMS / 2; step++) {
        uint32_t at = (uint32_t)rng_below(rng, m->count + 1);

        if (m->count > 0 && at < m->count && rng_chance(rng, 25)) {
            item_at(doc, m->item[at])->flags ^= ITEM_DELETED;
            seq_update(doc, m->item[at]);
        } else if (m->count > 0 && at < m->count && rng_chance(rng, 20)) {
            take_out(doc, m, at);
        } else {
            insert(doc, seq, m, at, 1 + (uint32_t)rng_below(rng, 5));
        }
        if (positions && doc->seqs[seq].length > 0) {
            uint32_t index = (uint32_t)rng_below(rng, doc->seqs[seq].length);
            assert_int_equal(seq_find(doc, seq, index, &item, &offset), RC_OK);
            assert_int_equal(seq_index_of(doc, item) + offset, index);
        }
        if (step % 300 == 0) {
            assert_order(doc, seq, m);
        }
    }
    assert_order(doc, seq, m);
    assert_positions(doc, seq, m);
    while (m->count > 0) {
        take_out(doc, m, (uint32_t)rng_below(rng, m->count));
    }
    assert_order(doc, seq, m);
    insert(doc, seq, m, 0, 1);
    seq_clear(doc, seq);
    assert_int_equal(seq_first(doc, seq), 0);
    free(m);
    crdt_doc_destroy(doc);
}

static void random_changes_agree_with_an_array(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(8));
    change_at_random(&rng, false);
    change_at_random(&rng, true);
}

static void appending_and_prepending_keep_order(void **state)
{
    (void)state;
    for (int front = 0; front < 2; front++) {
        struct model *m = calloc(1, sizeof(*m));
        struct crdt_doc *doc = rig_doc(false);
        uint32_t seq = list_with_room(doc);

        assert_non_null(m);
        for (uint32_t i = 0; i < ITEMS; i++) {
            insert(doc, seq, m, front ? 0 : i, 2);
        }
        assert_order(doc, seq, m);
        assert_positions(doc, seq, m);
        free(m);
        crdt_doc_destroy(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_agree_with_an_array),
        cmocka_unit_test(appending_and_prepending_keep_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
