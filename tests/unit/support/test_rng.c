/* The generator is the published one, and fair. */
#include "tests/support/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_numbers_of_a_seed_never_change(void **state)
{
    /* splitmix64 from 42, then xoshiro256**; tests/unit/support/test_support.mjs expects the same. */
    static const uint64_t expected[] = {
        UINT64_C(1546998764402558742),
        UINT64_C(6990951692964543102),
        UINT64_C(12544586762248559009),
    };
    static const struct {
        uint64_t bound, value;
    } below[] = {{10, 3}, {10, 6}, {1000, 584}, {1000, 754}};
    struct rng r;

    (void)state;
    rng_init(&r, 42);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(rng_next(&r), expected[i]);
    }
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        assert_int_equal(rng_below(&r, below[i].bound), below[i].value);
    }
}

static void each_number_comes_about_as_often(void **state)
{
    unsigned met[7] = {0}, heads = 0;
    struct rng r;

    (void)state;
    rng_init(&r, 1);
    for (int i = 0; i < 70000; i++) {
        met[rng_below(&r, 7)]++;
        heads += rng_chance(&r, 25);
    }
    for (int i = 0; i < 7; i++) {
        assert_in_range(met[i], 9500, 10500);
    }
    assert_in_range(heads, 17000, 18000);
}

static void a_fork_goes_its_own_way(void **state)
{
    struct rng a, b, fork_a, fork_b;

    (void)state;
    rng_init(&a, 5);
    rng_init(&b, 5);
    fork_a = rng_fork(&a);
    fork_b = rng_fork(&b);
    rng_next(&a);
    assert_int_equal(rng_next(&fork_a), rng_next(&fork_b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_of_a_seed_never_change),
        cmocka_unit_test(each_number_comes_about_as_often),
        cmocka_unit_test(a_fork_goes_its_own_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
