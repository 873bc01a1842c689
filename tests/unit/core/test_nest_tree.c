#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/nest_tree.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"

#define ELEMENTS 150
#define STEPS    6000
#define DEPTHS   6
#define CLIENTS  5

/* The same list as an array, and what has been met. */
struct element {
    uint32_t node, cover;
    uint64_t client;
    int64_t depth;
};

struct list {
    struct mem mem;
    struct nest_tree tree;
    struct element element[ELEMENTS];
    uint32_t count;
    struct rng rng;
    uint32_t found, missed;
};

static uint32_t place_of(const struct list *l, uint32_t node)
{
    uint32_t at = 0;

    while (at < l->count && l->element[at].node != node) {
        at++;
    }
    assert_true(at < l->count);
    return at;
}

static bool covers_another(const struct list *l, uint32_t node)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->element[i].cover == node) {
            return true;
        }
    }
    return false;
}

/* ---- changes, to both --------------------------------------------------------------------------------- */

static struct element random_element(struct list *l)
{
    struct element e = {.client = rng_below(&l->rng, CLIENTS), .depth = 1 + (int64_t)rng_below(&l->rng, DEPTHS)};
    uint64_t lot = rng_below(&l->rng, 4);

    e.cover = lot == 0 || l->count == 0 ? NEST_OPEN : l->element[rng_below(&l->rng, l->count)].node;
    if (lot == 1) {
        e.client = UINT64_MAX;
        e.cover = NEST_STRAY;
    }
    return e;
}

static void insert(struct list *l)
{
    uint32_t at = (uint32_t)rng_below(&l->rng, l->count + 1);
    struct element e = random_element(l);

    assert_int_equal(nest_tree_reserve(&l->mem, &l->tree, 1), RC_OK);
    e.node = nest_tree_new(&l->tree, 1000 + at, e.client, e.cover);
    nest_tree_insert(&l->tree, at > 0 ? l->element[at - 1].node : 0, e.node, e.depth);
    memmove(l->element + at + 1, l->element + at, (l->count - at) * sizeof(e));
    l->element[at] = e;
    l->count++;
}

static void take_out(struct list *l)
{
    uint32_t at = (uint32_t)rng_below(&l->rng, l->count), node = l->element[at].node;

    if (!covers_another(l, node)) {
        nest_tree_remove(&l->tree, node);
        memmove(l->element + at, l->element + at + 1, (l->count - at - 1) * sizeof(*l->element));
        l->count--;
    }
}

static void make_stray(struct list *l)
{
    struct element *e = &l->element[rng_below(&l->rng, l->count)];

    nest_tree_stray(&l->tree, e->node);
    e->client = UINT64_MAX;
    e->cover = NEST_STRAY;
}

static void shift(struct list *l)
{
    uint32_t from = (uint32_t)rng_below(&l->rng, l->count),
             to = from + 1 + (uint32_t)rng_below(&l->rng, l->count - from);
    int64_t by = (int64_t)rng_below(&l->rng, 5) - 2;

    nest_tree_shift(&l->tree, l->element[from].node, to < l->count ? l->element[to].node : 0, by);
    for (uint32_t i = from; i < to; i++) {
        l->element[i].depth += by;
    }
}

static void change(struct list *l, bool grows)
{
    if (l->count == 0 || (l->count < ELEMENTS && rng_chance(&l->rng, grows ? 60 : 20))) {
        insert(l);
    } else if (rng_chance(&l->rng, 70)) {
        take_out(l);
    } else if (rng_chance(&l->rng, 20)) {
        make_stray(l);
    } else {
        shift(l);
    }
}

/* ---- questions --------------------------------------------------------------------------------------------- */

static bool fits(const struct list *l, const struct element *e, const struct nest_quest *q)
{
    if (e->depth != q->depth) {
        return e->depth < q->depth;
    }
    switch (q->want) {
    case NEST_SIBLING:
        return e->cover != NEST_STRAY;
    case NEST_SMALLER:
        return e->client < q->client;
    case NEST_BARRIER:
        return e->cover == NEST_OPEN ||
               (e->cover != NEST_STRAY && q->end != 0 && place_of(l, e->cover) >= place_of(l, q->end));
    default:
        return false;
    }
}

static uint32_t first_after(const struct list *l, uint32_t node, const struct nest_quest *q)
{
    for (uint32_t i = node == 0 ? 0 : place_of(l, node) + 1; i < l->count; i++) {
        if (fits(l, &l->element[i], q)) {
            return l->element[i].node;
        }
    }
    return 0;
}

static uint32_t last_before(const struct list *l, uint32_t node, const struct nest_quest *q)
{
    for (uint32_t i = node == 0 ? l->count : place_of(l, node); i-- > 0;) {
        if (fits(l, &l->element[i], q)) {
            return l->element[i].node;
        }
    }
    return 0;
}

static void ask(struct list *l)
{
    uint32_t from = rng_chance(&l->rng, 20) ? 0 : l->element[rng_below(&l->rng, l->count)].node;
    struct nest_quest q = {.want = (enum nest_want)rng_below(&l->rng, NEST_BARRIER + 1),
                           .depth = (int64_t)rng_below(&l->rng, DEPTHS + 2),
                           .client = rng_below(&l->rng, CLIENTS + 1),
                           .end = rng_chance(&l->rng, 20) ? 0 : l->element[rng_below(&l->rng, l->count)].node};
    uint32_t after = first_after(l, from, &q), last = last_before(l, from, &q);

    assert_int_equal(nest_tree_after(&l->tree, from, &q), after);
    assert_int_equal(nest_tree_last(&l->tree, from, &q), last);
    l->found += (after != 0) + (last != 0);
    l->missed += (after == 0) + (last == 0);
}

static void assert_same(const struct list *l)
{
    const char *broken = nest_tree_check(&l->tree);
    uint32_t node = nest_tree_next(&l->tree, 0);

    if (broken != NULL) {
        fail_msg("%s", broken);
    }
    for (uint32_t i = 0; i < l->count; i++) {
        const struct element *e = &l->element[i];

        assert_int_equal(node, e->node);
        assert_int_equal(nest_tree_depth(&l->tree, node), e->depth);
        assert_true(i == 0 || nest_tree_before(&l->tree, l->element[i - 1].node, node));
        assert_true(i == 0 || !nest_tree_before(&l->tree, node, l->element[i - 1].node));
        node = nest_tree_next(&l->tree, node);
    }
    assert_int_equal(node, 0);
}

/* ---- tests ------------------------------------------------------------------------------------------------- */

static struct list *list_create(uint64_t seed)
{
    struct list *l = calloc(1, sizeof(*l));

    assert_non_null(l);
    l->mem.limit = SIZE_MAX;
    l->tree.seed = seed;
    rng_init(&l->rng, seed);
    return l;
}

static void list_destroy(struct list *l)
{
    nest_tree_finish(&l->mem, &l->tree);
    assert_int_equal(l->mem.used, 0);
    free(l);
}

static void it_finds_what_a_walk_finds(void **state)
{
    struct list *l = list_create(rng_test_seed(34));

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        change(l, step / 500 % 2 == 0);
        assert_same(l);
        for (int i = 0; l->count > 0 && i < 10; i++) {
            ask(l);
        }
    }
    print_message("%d steps, %u answers, %u times nothing\n", STEPS, l->found, l->missed);
    assert_true(l->found > STEPS && l->missed > STEPS / 4);
    list_destroy(l);
}

static void a_tree_made_at_once_is_the_same(void **state)
{
    uint64_t seed = rng_test_seed(35);

    (void)state;
    for (uint32_t count = 1; count <= ELEMENTS; count++) {
        struct list *l = list_create(seed + count);

        assert_int_equal(nest_tree_reserve(&l->mem, &l->tree, count), RC_OK);
        for (; l->count < count; l->count++) {
            struct element e = random_element(l);

            e.node = nest_tree_new(&l->tree, l->count, e.client, e.cover);
            l->tree.node[e.node].depth = e.depth;
            l->element[l->count] = e;
        }
        nest_tree_plant(&l->tree);
        assert_same(l);
        for (int i = 0; i < 20; i++) {
            ask(l);
        }
        for (int i = 0; i < 20; i++) {
            change(l, false);
        }
        assert_same(l);
        list_destroy(l);
    }
}

static void without_memory_nothing_changes(void **state)
{
    struct list *l = list_create(36);
    size_t used;

    (void)state;
    for (int i = 0; i < 20; i++) {
        insert(l);
    }
    used = l->mem.used;
    alloc_fault_at(1);
    assert_int_equal(nest_tree_reserve(&l->mem, &l->tree, 1000), RC_NOMEM);
    alloc_fault_at(0);
    l->mem.limit = used;
    assert_int_equal(nest_tree_reserve(&l->mem, &l->tree, 1000), RC_LIMIT);
    assert_int_equal(l->mem.used, used);
    assert_same(l);
    list_destroy(l);
}

static void a_broken_sum_is_told(void **state)
{
    struct list *l = list_create(37);

    (void)state;
    for (int i = 0; i < 20; i++) {
        insert(l);
    }
    l->tree.node[l->tree.root].low++;
    assert_string_equal(nest_tree_check(&l->tree), "a nest sums up wrongly");
    list_destroy(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_what_a_walk_finds),
        cmocka_unit_test(a_tree_made_at_once_is_the_same),
        cmocka_unit_test(without_memory_nothing_changes),
        cmocka_unit_test(a_broken_sum_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
