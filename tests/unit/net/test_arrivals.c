#include "server/net/arrivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void small_ones_are_free(void **state)
{
    struct arrivals a = {.limit = 0};
    size_t taken = 0;

    (void)state;
    assert_int_equal(arrivals_grow(&a, &taken, 0), RC_OK);
    assert_int_equal(arrivals_grow(&a, &taken, ARRIVALS_FREE), RC_OK);
    assert_int_equal(taken, 0);
    assert_int_equal(arrivals_grow(&a, &taken, ARRIVALS_FREE + 1), RC_LIMIT);
    assert_int_equal(taken, 0);
}

static void all_together_take_no_more_than_there_is(void **state)
{
    struct arrivals a = {.limit = 1000};
    size_t one = 0, two = 0;

    (void)state;
    assert_int_equal(arrivals_grow(&a, &one, ARRIVALS_FREE + 600), RC_OK);
    assert_int_equal(arrivals_grow(&a, &one, ARRIVALS_FREE + 500), RC_OK); /* no less than it was */
    assert_int_equal(a.used, 600);
    assert_int_equal(arrivals_grow(&a, &two, ARRIVALS_FREE + 401), RC_LIMIT);
    assert_int_equal(arrivals_grow(&a, &two, SIZE_MAX), RC_LIMIT);
    assert_int_equal(arrivals_grow(&a, &two, ARRIVALS_FREE + 400), RC_OK);
    assert_int_equal(a.used, 1000);
    arrivals_end(&a, &one);
    assert_int_equal(a.used, 400);
    assert_int_equal(arrivals_grow(&a, &two, ARRIVALS_FREE + 1000), RC_OK);
    arrivals_end(&a, &two);
    arrivals_end(&a, &two);
    assert_int_equal(a.used, 0);
}

static void who_dribbles_is_too_slow(void **state)
{
    static const struct {
        uint64_t seconds;
        size_t len;
        bool slow;
    } cases[] = {
        {ARRIVALS_GRACE, 0, false},
        {ARRIVALS_GRACE + 1, 1, true},
        {ARRIVALS_GRACE + 1, ARRIVALS_RATE, false},
        {ARRIVALS_GRACE + 2, ARRIVALS_RATE, true},
        {ARRIVALS_GRACE + 100, 100 * ARRIVALS_RATE, false},
        {1000000, 16 << 20, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(arrivals_is_too_slow(cases[i].seconds * 1000000, cases[i].len), cases[i].slow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones_are_free),
        cmocka_unit_test(who_dribbles_is_too_slow),
        cmocka_unit_test(all_together_take_no_more_than_there_is),
    };

    return cmocka_run_group_tests_name("arrivals", tests, NULL, NULL);
}
