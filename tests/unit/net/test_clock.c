#include "server/base/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void the_machines_clock_goes_on(void **state)
{
    const struct clock *c = clock_system();
    uint64_t first = clock_monotonic_us(c), last = first;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t now = clock_monotonic_us(c);

        assert_true(now >= last);
        last = now;
    }
    assert_true(clock_wall_ms(c) > INT64_C(1600000000000));
}

static void a_fake_clock_moves_when_told(void **state)
{
    struct clock_fake fake;

    (void)state;
    clock_fake_init(&fake, 5, 7);
    assert_int_equal(clock_monotonic_us(&fake.clock), 5);
    assert_int_equal(clock_wall_ms(&fake.clock), 7);
    clock_fake_advance_ms(&fake, 3);
    assert_int_equal(clock_monotonic_us(&fake.clock), 3005);
    assert_int_equal(clock_wall_ms(&fake.clock), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machines_clock_goes_on),
        cmocka_unit_test(a_fake_clock_moves_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
