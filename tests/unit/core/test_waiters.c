#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/waiters.h"
#include "tests/support/rng.h"

#define RECORDS 300
#define STEPS   20000

/* As the engine's clients: the links first, then what is theirs. */
struct record {
    struct waiter links;
    bool waits;
};

static struct record record[RECORDS + 1]; /* index 0 is not used */
static const struct waiters heap = {record, sizeof(*record)};

/* Everything below a record waits for no lower clock, and each knows who leads to it. Returns how many there are. */
static uint32_t count_heap(uint32_t top)
{
    uint32_t count = 1, before = top;

    assert_true(record[top].waits);
    for (uint32_t child = record[top].links.child; child != 0; child = record[child].links.next) {
        assert_true(record[child].links.clock >= record[top].links.clock);
        assert_int_equal(record[child].links.prev, before);
        before = child;
        count += count_heap(child);
    }
    return count;
}

static void assert_heap(uint32_t root, uint32_t count)
{
    if (root == 0) {
        assert_int_equal(count, 0);
        return;
    }
    assert_int_equal(record[root].links.prev, 0);
    assert_int_equal(record[root].links.next, 0);
    assert_int_equal(count_heap(root), count);
}

static uint64_t lowest_clock(void)
{
    uint64_t lowest = UINT64_MAX;

    for (uint32_t r = 1; r <= RECORDS; r++) {
        if (record[r].waits && record[r].links.clock < lowest) {
            lowest = record[r].links.clock;
        }
    }
    return lowest;
}

static uint32_t add(uint32_t root, uint32_t r, uint64_t clock)
{
    record[r].links.clock = clock;
    record[r].waits = true;
    return waiters_add(heap, root, r);
}

static uint32_t take(uint32_t root, uint32_t r)
{
    record[r].waits = false;
    return waiters_take(heap, root, r);
}

static void who_waits_for_the_lowest_clock_is_on_top(void **state)
{
    uint32_t root = 0, count = 0, tops = 0, others = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(33));
    for (int step = 0; step < STEPS; step++) {
        uint32_t r = 1 + (uint32_t)rng_below(&rng, RECORDS);

        if (count > 0 && rng_chance(&rng, 30)) {
            r = root;
        }
        if (!record[r].waits) {
            root = add(root, r, rng_below(&rng, 1000));
            count++;
        } else {
            *(r == root ? &tops : &others) += 1;
            root = take(root, r);
            count--;
        }
        assert_heap(root, count);
        assert_true(root == 0 || record[root].links.clock == lowest_clock());
    }
    print_message("%d steps, %u took the top, %u another\n", STEPS, tops, others);
    assert_true(tops > 1000 && others > 1000);
    for (uint64_t last = 0; root != 0; count--) {
        assert_true(record[root].links.clock >= last);
        last = record[root].links.clock;
        root = take(root, root);
    }
    assert_int_equal(count, 0);
}

static void equal_clocks_are_all_there(void **state)
{
    uint32_t root = 0, count = 0;

    (void)state;
    for (uint32_t r = 1; r <= RECORDS; r++) {
        root = add(root, r, 7);
    }
    assert_heap(root, RECORDS);
    for (; root != 0; count++) {
        root = take(root, root);
    }
    assert_int_equal(count, RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_the_lowest_clock_is_on_top),
        cmocka_unit_test(equal_clocks_are_all_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
