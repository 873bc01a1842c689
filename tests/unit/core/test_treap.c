#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/treap.h"
#include "tests/support/rng.h"

#define RECORDS 400
#define STEPS   6000
#define MANY    20000

/* A record sums up how many stand in its subtree. */
struct record {
    struct treap_link link;
    uint32_t below;
};

static struct record record[MANY + 1]; /* index 0 is none */
static uint32_t root, turns, sums;

static uint32_t count_below(uint32_t r)
{
    return 1 + record[record[r].link.child[0]].below + record[record[r].link.child[1]].below;
}

static void sum(void *owner, uint32_t r)
{
    assert_ptr_equal(owner, &root);
    record[r].below = count_below(r);
    sums++;
}

static void sum_from(uint32_t r)
{
    for (; r != 0; r = record[r].link.up) {
        record[r].below = count_below(r);
    }
}

/* Nothing has moved yet. */
static void turning(void *owner, uint32_t r)
{
    uint32_t up = record[r].link.up;

    assert_ptr_equal(owner, &root);
    assert_int_not_equal(up, 0);
    assert_true(record[up].link.child[0] == r || record[up].link.child[1] == r);
    turns++;
}

static struct treap empty_treap(uint64_t seed)
{
    memset(record, 0, sizeof(record));
    root = turns = sums = 0;
    return (struct treap){record, sizeof(*record), &root, seed, &root, turning, sum};
}

static void put(const struct treap *t, uint32_t left, uint32_t r)
{
    record[r] = (struct record){{0}, 0};
    treap_attach(t, left, r);
    sum_from(r);
    treap_lift(t, r);
}

/* The records stand in this order, children below their parents and of lower rank, and the sums are right. */
static void assert_order(const struct treap *t, const uint32_t *order, uint32_t count)
{
    uint32_t r = 0;

    for (uint32_t i = 0; i < count; i++) {
        r = i == 0 && root == 0 ? 0 : treap_next(t, r);
        assert_int_equal(r, order[i]);
        assert_int_equal(record[r].below, count_below(r));
        for (int side = TREAP_LEFT; side <= TREAP_RIGHT; side++) {
            uint32_t child = record[r].link.child[side];

            assert_true(child == 0 || (record[child].link.up == r && treap_is_child(t, child, side)));
            assert_true(child == 0 || treap_rank(t, child) <= treap_rank(t, r));
        }
    }
    assert_true(root == 0 ? count == 0 : treap_next(t, r) == 0);
    assert_int_equal(record[root].below, count);
    assert_true(root == 0 || record[root].link.up == 0);
}

static void insert_at(uint32_t *order, uint32_t count, uint32_t at, uint32_t r)
{
    memmove(order + at + 1, order + at, (count - at) * sizeof(*order));
    order[at] = r;
}

static void remove_at(uint32_t *order, uint32_t count, uint32_t at)
{
    memmove(order + at, order + at + 1, (count - at - 1) * sizeof(*order));
}

/* Beside an array. Records that are out are used again, the last first. */
static void records_stand_in_the_order_in_which_they_were_put(void **state)
{
    struct treap t = empty_treap(77);
    uint32_t order[RECORDS], spare[RECORDS], count = 0, removed = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(31));
    for (uint32_t i = 0; i < RECORDS; i++) {
        spare[i] = RECORDS - i;
    }
    for (int step = 0; step < STEPS; step++) {
        bool grows = step / 1000 % 2 == 0; /* and shrinks */

        if (count < RECORDS && rng_chance(&rng, grows ? 70 : 30)) {
            uint32_t at = (uint32_t)rng_below(&rng, count + 1), r = spare[RECORDS - 1 - count];

            put(&t, at > 0 ? order[at - 1] : 0, r);
            insert_at(order, count++, at, r);
        } else if (count > 0) {
            uint32_t at = (uint32_t)rng_below(&rng, count), r = order[at];

            sum_from(treap_remove(&t, r));
            remove_at(order, count--, at);
            spare[RECORDS - 1 - count] = r;
            removed++;
        }
        assert_order(&t, order, count);
    }
    print_message("%d steps, %u removed, %u turns\n", STEPS, removed, turns);
    assert_true(removed > STEPS / 4 && turns > STEPS / 4);
    assert_int_equal(sums, 2 * turns);
}

/* Whoever always appends, or always prepends, makes no list of it. */
static void no_order_of_coming_makes_it_deep(void **state)
{
    for (int appends = 0; appends < 2; appends++) {
        struct treap t = empty_treap(5);
        uint32_t deepest = 0;

        (void)state;
        for (uint32_t r = 1; r <= MANY; r++) {
            put(&t, appends ? r - 1 : 0, r);
        }
        for (uint32_t r = 1; r <= MANY; r++) {
            uint32_t depth = 0;

            for (uint32_t up = r; up != 0; up = record[up].link.up) {
                depth++;
            }
            deepest = depth > deepest ? depth : deepest;
        }
        assert_in_range(deepest, 15, 60); /* log2 is 14.3 */
        assert_int_equal(record[root].below, MANY);
    }
}

static void hooks_may_be_missing(void **state)
{
    struct treap t = empty_treap(1);
    uint32_t order[50];

    (void)state;
    t.turning = t.sum = NULL;
    for (uint32_t r = 1; r <= 50; r++) {
        treap_attach(&t, r - 1, r);
        treap_lift(&t, r);
        order[r - 1] = r;
    }
    for (uint32_t r = 0, i = 0; (r = treap_next(&t, r)) != 0; i++) {
        assert_int_equal(r, order[i]);
    }
    for (uint32_t r = 50; r > 0; r--) {
        treap_remove(&t, r);
    }
    assert_int_equal(root, 0);
    assert_int_equal(turns + sums, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_stand_in_the_order_in_which_they_were_put),
        cmocka_unit_test(no_order_of_coming_makes_it_deep),
        cmocka_unit_test(hooks_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
