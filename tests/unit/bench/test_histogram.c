#include "bench/editors/histogram.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/rng.h"

static struct histogram h, other;

static void every_duration_comes_back_to_within_a_256th(void **state)
{
    struct rng rng;
    size_t tried = 0;

    (void)state;
    rng_init(&rng, 1);
    for (unsigned power = 0; power < HISTOGRAM_POWER; power++) {
        for (int i = 0; i < 200; i++) {
            uint64_t ns = (UINT64_C(1) << power) + rng_below(&rng, UINT64_C(1) << power);
            histogram_clear(&h);
            histogram_add(&h, 0); /* so that min and max do not help */
            histogram_add(&h, ns);
            histogram_add(&h, HISTOGRAM_TOP);
            double got = (double)histogram_at(&h, 2.0 / 3);
            assert_true(fabs(got - (double)ns) <= (double)ns / 256 + 1);
            tried++;
        }
    }
    print_message("%zu durations\n", tried);
    assert_true(tried > 1000);
}

static void percentiles_are_those_of_the_sorted_list(void **state)
{
    static const double shares[] = {0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1};

    (void)state;
    histogram_clear(&h);
    for (uint64_t i = 1; i <= 100000; i++) {
        histogram_add(&h, i * 1000);
    }
    for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
        double wanted = shares[i] * 1e8;
        assert_true(fabs((double)histogram_at(&h, shares[i]) - wanted) <= wanted / 200);
    }
    assert_true(histogram_at(&h, 0) >= 1000 && histogram_at(&h, 1) == 100000000);
    assert_true(fabs(histogram_mean(&h) - 50000500) < 1);
    assert_true(histogram_until(&h, 50000000) > 49000 && histogram_until(&h, 50000000) < 51000);
    assert_true(histogram_until(&h, UINT64_MAX) == 100000);
}

static void an_empty_one_answers_zero(void **state)
{
    (void)state;
    histogram_clear(&h);
    assert_true(histogram_at(&h, 0.5) == 0 && histogram_mean(&h) <= 0 && histogram_until(&h, 1000) == 0);
    assert_true(histogram_at_since(&h, &h, 0.5) == 0);
}

static void merging_is_adding_one_after_another(void **state)
{
    (void)state;
    histogram_clear(&h);
    histogram_clear(&other);
    for (uint64_t i = 0; i < 1000; i++) {
        histogram_add(i % 3 == 0 ? &h : &other, i * i);
    }
    histogram_merge(&h, &other);
    assert_true(h.count == 1000 && h.min == 0 && h.max == 999 * 999);
    assert_true(llabs((long long)histogram_at(&h, 0.5) - 499LL * 499) < 499 * 499 / 200);
    histogram_clear(&other);
    histogram_merge(&h, &other);
    assert_true(h.count == 1000);
}

static void what_came_since_is_told_apart(void **state)
{
    (void)state;
    histogram_clear(&h);
    for (int i = 0; i < 500; i++) {
        histogram_add(&h, 1000000);
    }
    other = h;
    for (int i = 0; i < 10; i++) {
        histogram_add(&h, 64000);
    }
    uint64_t median = histogram_at_since(&h, &other, 0.5);
    assert_true(median > 63500 && median < 64500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_duration_comes_back_to_within_a_256th),
        cmocka_unit_test(percentiles_are_those_of_the_sorted_list),
        cmocka_unit_test(an_empty_one_answers_zero),
        cmocka_unit_test(merging_is_adding_one_after_another),
        cmocka_unit_test(what_came_since_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
