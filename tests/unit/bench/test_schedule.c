#include "bench/editors/schedule.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/support/rng.h"

static void the_earliest_comes_first_whatever_the_order(void **state)
{
    struct schedule s = {0};
    struct rng rng;
    uint64_t last = 0, sum = 0;

    (void)state;
    rng_init(&rng, 7);
    for (uint32_t i = 0; i < 5000; i++) {
        schedule_put(&s, rng_below(&rng, 1000), i);
        sum += i;
    }
    while (s.count > 0) {
        uint64_t next = schedule_next(&s);
        struct schedule_entry e = schedule_take(&s);
        assert_true(e.at == next && e.at >= last);
        last = e.at;
        sum -= e.who;
        if (rng_chance(&rng, 10)) {
            schedule_put(&s, last + rng_below(&rng, 50), 0);
        }
    }
    assert_true(sum == 0); /* everybody came once */
    assert_true(schedule_next(&s) == UINT64_MAX);
    schedule_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_earliest_comes_first_whatever_the_order)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
