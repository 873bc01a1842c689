#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/core/branch.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

/* Random changes of a list, with and without sums, are test_seq.c's. */

#define ITEMS 3000

/* Items of 0 to 3 visible units, a third of them deleted. */
static uint32_t make_list(struct crdt_doc *doc, uint32_t *items, uint32_t *before)
{
    struct reserve r = {.inserts = 2 * ITEMS, .lists = 1, .types = 1, .roots = 1, .bytes = 1};
    uint32_t units = 0;

    assert_int_equal(doc_reserve(doc, &r), RC_OK);
    uint32_t seq = branch_list_make(doc, branch_root_make(doc, span_str("t"), CRDT_TEXT));
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i] = item_new(doc);
        *item_at(doc, items[i]) =
            (struct item){.len = 1 + i % 3, .flags = BLOCK_STRING | ITEM_COUNTABLE | (i % 7 < 2 ? ITEM_DELETED : 0u)};
        seq_insert(doc, seq, i > 0 ? items[i - 1] : 0, items[i]);
        before[i] = units;
        units += item_visible(item_at(doc, items[i]));
    }
    before[ITEMS] = units;
    return seq;
}

static void assert_found(struct crdt_doc *doc, uint32_t seq, const uint32_t *items, const uint32_t *before, uint32_t at)
{
    uint32_t item, offset, visible = item_visible(item_at(doc, items[at]));

    assert_int_equal(seq_index_of(doc, items[at]), before[at]);
    for (uint32_t unit = 0; unit < visible; unit++) {
        assert_int_equal(seq_find(doc, seq, before[at] + unit, &item, &offset), RC_OK);
        assert_int_equal(item, items[at]);
        assert_int_equal(offset, unit);
    }
}

static void items_are_found_from_any_place_to_any_other(void **state)
{
    static uint32_t items[ITEMS], before[ITEMS + 1];
    struct crdt_doc *doc = rig_doc(false);
    uint32_t seq = make_list(doc, items, before);
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(3));
    assert_int_equal(doc->seqs[seq].length, before[ITEMS]);
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_int_equal(seq_index_of(doc, items[i]), before[i]); /* without sums */
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_found(doc, seq, items, before, i);
        assert_found(doc, seq, items, before, (uint32_t)rng_below(&rng, ITEMS));
    }
    for (uint32_t i = ITEMS; i-- > 0;) {
        assert_found(doc, seq, items, before, i);
    }
    crdt_doc_destroy(doc);
}

/* A list of marks and text, put in anywhere; with sums, half of it comes after them. */
static uint32_t make_mortals(struct crdt_doc *doc, struct rng *rng, bool sums, uint32_t *items)
{
    struct reserve r = {.inserts = 2 * ITEMS, .lists = 1, .types = 1, .roots = 1, .bytes = 1};

    assert_int_equal(doc_reserve(doc, &r), RC_OK);
    uint32_t seq = branch_list_make(doc, branch_root_make(doc, span_str("t"), CRDT_TEXT));
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t left = i > 0 ? items[rng_below(rng, i)] : 0;
        if (sums && i == ITEMS / 2) {
            assert_int_equal(seq_make_sums(doc, seq), RC_OK);
            assert_int_equal(doc_reserve(doc, &r), RC_OK);
        }
        items[i] = item_new(doc);
        *item_at(doc, items[i]) =
            (struct item){.len = 1, .flags = rng_chance(rng, 30) ? BLOCK_FORMAT : BLOCK_STRING | ITEM_COUNTABLE};
        seq_insert(doc, seq, left, items[i]);
    }
    return seq;
}

static void die(struct crdt_doc *doc, uint32_t item)
{
    bool mark = item_is_mark(item_at(doc, item));

    item_at(doc, item)->flags |= ITEM_DELETED;
    seq_update(doc, item);
    if (mark) {
        seq_mark_died(doc, item);
    }
}

/* Compares with a walk from item to item; returns how many are alive. */
static uint32_t assert_leaps(struct crdt_doc *doc, uint32_t seq)
{
    uint32_t alive = 0, marks = 0, from = 0;

    for (uint32_t item = seq_first(doc, seq); item; item = seq_next(doc, item)) {
        if (item_visible(item_at(doc, item)) > 0 || item_is_mark(item_at(doc, item))) {
            assert_int_equal(seq_next_alive(doc, seq, from), item);
            alive++;
            marks += item_is_mark(item_at(doc, item));
            from = item;
        }
    }
    assert_int_equal(seq_next_alive(doc, seq, from), 0);
    assert_int_equal(seq_before(doc, seq, 0), seq_last(doc, seq));
    assert_int_equal(doc->seqs[seq].formats, marks);
    assert_null(seq_check(doc, seq));
    return alive;
}

static void what_is_deleted_is_leapt_over(void **state)
{
    (void)state;
    for (int sums = 0; sums < 2; sums++) {
        static uint32_t items[ITEMS];
        struct crdt_doc *doc = rig_doc(false);
        struct rng rng;

        rng_init(&rng, rng_test_seed(5));
        uint32_t seq = make_mortals(doc, &rng, sums == 1, items);
        for (uint32_t i = 0; i < ITEMS; i++) {
            if (i % 200 == 0 || i + 20 > ITEMS) {
                assert_int_equal(assert_leaps(doc, seq), ITEMS - i);
            }
            die(doc, items[i]);
        }
        assert_int_equal(assert_leaps(doc, seq), 0);
        crdt_doc_destroy(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_found_from_any_place_to_any_other),
        cmocka_unit_test(what_is_deleted_is_leapt_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
