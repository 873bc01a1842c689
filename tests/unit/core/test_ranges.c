#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/ranges.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"

#define CLIENTS 4
#define CLOCKS  120
#define STEPS   4000

/* The same set as a table. */
static bool has[CLIENTS][CLOCKS + 1];

/* The id at a place in normal order, clients descending. */
static uint64_t client_at(size_t row)
{
    return 100 - row;
}

static void assert_found(const struct ranges *r, size_t row)
{
    for (uint64_t clock = 0; clock <= CLOCKS; clock++) {
        uint32_t node = ranges_find(r, client_at(row), clock);
        uint64_t first = clock;

        while (first < CLOCKS && !has[row][first]) {
            first++;
        }
        if (first == CLOCKS) {
            assert_int_equal(node, 0);
            continue;
        }
        assert_int_not_equal(node, 0);
        assert_int_equal(r->node[node].range.client, client_at(row));
        assert_true(r->node[node].range.clock <= first);
        assert_true(r->node[node].range.clock + r->node[node].range.len > first);
    }
    assert_int_equal(ranges_find(r, 1000, 0), 0);
    assert_int_equal(ranges_find(r, 1, 0), 0);
}

/* Normal order, as long as can be, and what the table holds. */
static void assert_equals_table(const struct ranges *r)
{
    struct idset set;
    uint32_t node = 0, count = 0;

    for (size_t row = 0; row < CLIENTS; row++) {
        for (uint64_t clock = 0; clock < CLOCKS; clock++) {
            uint64_t from = clock;

            while (has[row][clock]) { /* the last column stays empty */
                clock++;
            }
            if (clock > from) {
                node = ranges_next(r, node);
                assert_int_not_equal(node, 0);
                assert_int_equal(r->node[node].range.client, client_at(row));
                assert_int_equal(r->node[node].range.clock, from);
                assert_int_equal(r->node[node].range.len, clock - from);
                count++;
            }
        }
    }
    assert_int_equal(count > 0 ? ranges_next(r, node) : ranges_next(r, 0), 0);
    assert_int_equal(r->count, count);
    idset_init(&set);
    assert_int_equal(ranges_to_idset(r, &set), RC_OK);
    assert_int_equal(set.count, count);
    assert_true(idset_is_normal(&set));
    idset_finish(&set);
}

static void add(struct mem *m, struct ranges *r, size_t row, uint64_t clock, uint64_t len)
{
    assert_int_equal(ranges_reserve(m, r, 1), RC_OK);
    ranges_add(r, &(struct idset_range){client_at(row), clock, len});
    memset(&has[row][clock], true, (size_t)len);
}

static void it_holds_what_a_table_holds(void **state)
{
    struct mem m = {.limit = SIZE_MAX};
    struct ranges r = {.seed = 3};
    uint32_t most = 0, drops = 0;
    struct rng rng;

    (void)state;
    memset(has, 0, sizeof(has));
    rng_init(&rng, rng_test_seed(32));
    assert_int_equal(ranges_find(&r, 1, 0), 0);
    assert_int_equal(ranges_next(&r, 0), 0);
    for (int step = 0; step < STEPS; step++) {
        size_t row = (size_t)rng_below(&rng, CLIENTS);
        uint64_t clock = rng_below(&rng, CLOCKS);

        if (rng_chance(&rng, 90)) {
            uint64_t longest = rng_chance(&rng, 95) ? 3 : CLOCKS;
            uint64_t len = 1 + rng_below(&rng, longest < CLOCKS - clock ? longest : CLOCKS - clock);

            add(&m, &r, row, clock, len);
        } else {
            ranges_drop(&r, client_at(row), clock);
            memset(has[row], false, (size_t)clock);
            drops++;
        }
        assert_equals_table(&r);
        assert_found(&r, row);
        most = r.count > most ? r.count : most;
    }
    print_message("%d steps, %u of them drops, %u ranges at most\n", STEPS, drops, most);
    assert_true(most > 30);
    ranges_finish(&m, &r);
    assert_int_equal(m.used, 0);
}

static void clocks_may_be_as_large_as_they_get(void **state)
{
    const uint64_t end = UINT64_C(1) << 53;
    struct mem m = {.limit = SIZE_MAX};
    struct ranges r = {.seed = 4};

    (void)state;
    assert_int_equal(ranges_reserve(&m, &r, 3), RC_OK);
    ranges_add(&r, &(struct idset_range){end - 1, end - 10, 10});
    ranges_add(&r, &(struct idset_range){end - 1, end - 20, 10});
    ranges_add(&r, &(struct idset_range){0, 0, 1});
    assert_int_equal(r.count, 2);
    assert_int_equal(r.node[ranges_find(&r, end - 1, 0)].range.len, 20);
    assert_int_equal(ranges_find(&r, end - 1, end), 0);
    ranges_drop(&r, end - 1, end - 1);
    assert_int_equal(r.node[ranges_find(&r, end - 1, 0)].range.clock, end - 1);
    ranges_drop(&r, end - 1, end);
    assert_int_equal(r.count, 1);
    ranges_finish(&m, &r);
}

/* What was dropped is room for what comes. */
static void room_is_used_again(void **state)
{
    struct mem m = {.limit = SIZE_MAX};
    struct ranges r = {.seed = 5};
    size_t used;

    (void)state;
    assert_int_equal(ranges_reserve(&m, &r, 10), RC_OK);
    used = m.used;
    for (int round = 0; round < 100; round++) {
        assert_int_equal(ranges_reserve(&m, &r, 10), RC_OK);
        for (uint64_t i = 0; i < 10; i++) {
            ranges_add(&r, &(struct idset_range){7, 2 * i, 1});
        }
        assert_int_equal(r.count, 10);
        ranges_drop(&r, 7, 100);
        assert_int_equal(r.count, 0);
    }
    assert_int_equal(m.used, used);
    ranges_finish(&m, &r);
}

static void without_memory_nothing_changes(void **state)
{
    struct mem m = {.limit = SIZE_MAX}, tight = {.limit = sizeof(struct ranges_node) / 2};
    struct ranges r = {.seed = 6}, none = {.seed = 6};

    (void)state;
    memset(has, 0, sizeof(has));
    assert_int_equal(ranges_reserve(&tight, &none, 1), RC_LIMIT);
    assert_int_equal(tight.used, 0);
    for (uint64_t clock = 0; clock < 20; clock += 2) {
        add(&m, &r, 1, clock, 1);
    }
    alloc_fault_at(1);
    assert_int_equal(ranges_reserve(&m, &r, 1000), RC_NOMEM);
    alloc_fault_at(0);
    assert_equals_table(&r);
    ranges_finish(&m, &r);
    ranges_finish(&m, &none);
    assert_int_equal(m.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_what_a_table_holds),
        cmocka_unit_test(clocks_may_be_as_large_as_they_get),
        cmocka_unit_test(room_is_used_again),
        cmocka_unit_test(without_memory_nothing_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
