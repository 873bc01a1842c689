#include "server/net/pace.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

/* A loop that gets `rate` edits a second. A turn costs `turn_us`, and each edit in it `edit_us`; the first of a turn
 * wakes it. */
struct loop {
    struct pace pace;
    double rate, edit_us, turn_us;
    double now_us, idle_us, arrived; /* `arrived`: edits taken so far */
    uint64_t turns, waited_us, longest_us;
};

static void take_turn(struct loop *l)
{
    uint64_t wait_us = pace_wait(&l->pace, (uint64_t)l->now_us, (uint64_t)l->idle_us);
    double next_us, edits;

    l->now_us += (double)wait_us;
    l->waited_us += wait_us;
    l->longest_us = wait_us > l->longest_us ? wait_us : l->longest_us;
    next_us = (l->arrived + 1) * 1e6 / l->rate;
    if (next_us > l->now_us) {
        l->idle_us += next_us - l->now_us;
        l->now_us = next_us;
    }
    edits = l->now_us * l->rate / 1e6 - l->arrived;
    l->arrived += edits;
    l->now_us += l->turn_us + edits * l->edit_us;
    l->turns++;
}

static void run(struct loop *l, double us)
{
    double until_us = l->now_us + us;

    l->turns = l->waited_us = l->longest_us = 0;
    while (l->now_us < until_us) {
        take_turn(l);
    }
}

static void set_rate(struct loop *l, double rate)
{
    l->rate = rate;
    l->arrived = l->now_us * rate / 1e6;
}

static void a_loop_with_time_to_spare_never_waits(void **state)
{
    static const double rate[] = {1, 100, 2000, 8000};

    (void)state;
    for (size_t i = 0; i < sizeof rate / sizeof rate[0]; i++) {
        struct loop l = {.rate = rate[i], .edit_us = 10, .turn_us = 50};

        run(&l, 5e6);
        assert_true(l.turns > 4);
        assert_int_equal(l.waited_us, 0);
    }
}

static void under_pressure_turns_are_fewer(void **state)
{
    struct loop l = {.rate = 15500, .edit_us = 10, .turn_us = 50};

    (void)state;
    run(&l, 2e6);
    run(&l, 2e6);
    assert_true(l.turns < 12000); /* of 31,000 edits */
    assert_true(l.waited_us > 100000);
    assert_true(l.longest_us <= PACE_MOST_US);
}

static void turns_are_never_farther_apart_than_that(void **state)
{
    struct loop l = {.rate = 95000, .edit_us = 10, .turn_us = 50};

    (void)state;
    run(&l, 2e6);
    run(&l, 2e6);
    assert_in_range(l.turns, 2000000 / PACE_MOST_US / 2, 2000000 / PACE_MOST_US + 1);
    assert_true(l.longest_us <= PACE_MOST_US);
}

static void when_pressure_ends_nobody_waits(void **state)
{
    struct loop l = {.rate = 95000, .edit_us = 10, .turn_us = 50};

    (void)state;
    run(&l, 2e6);
    set_rate(&l, 1000);
    run(&l, 5e5);
    assert_true(l.waited_us > 0);
    run(&l, 2e6);
    assert_int_equal(l.waited_us, 0);
}

/* A loop that is busy for four fifths of its time, whose edits cost what they cost, however many are in a turn. */
static void what_is_left_of_a_moment_of_pressure_goes(void **state)
{
    struct loop l = {.rate = 11900, .edit_us = 80, .turn_us = 1};

    (void)state;
    run(&l, 2e6);
    assert_true(l.waited_us > 0);
    set_rate(&l, 10000);
    run(&l, 1e6);
    assert_true(l.waited_us > 0);
    run(&l, 2e6);
    assert_int_equal(l.waited_us, 0);
}

/* More than can be done: every turn is longer than turns are apart, and waiting would only add to it. */
static void a_loop_that_is_behind_does_not_wait(void **state)
{
    struct loop l = {.rate = 120000, .edit_us = 10, .turn_us = 50};

    (void)state;
    run(&l, 3e6);
    run(&l, 3e6);
    assert_int_equal(l.waited_us, 0);
}

static void one_long_turn_costs_the_next_a_moment(void **state)
{
    struct pace pace = {0};

    (void)state;
    assert_int_equal(pace_wait(&pace, 1000000, 999000), 0);
    assert_int_equal(pace_wait(&pace, 1500000, 999000), 0); /* half a second of work */
    assert_in_range(pace_wait(&pace, 1500100, 999050), 800, 1000);
    assert_int_equal(pace_wait(&pace, 1600000, 1090000), 0);
    assert_int_equal(pace_wait(&pace, 1600010, 1090005), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_with_time_to_spare_never_waits),
        cmocka_unit_test(under_pressure_turns_are_fewer),
        cmocka_unit_test(turns_are_never_farther_apart_than_that),
        cmocka_unit_test(when_pressure_ends_nobody_waits),
        cmocka_unit_test(what_is_left_of_a_moment_of_pressure_goes),
        cmocka_unit_test(a_loop_that_is_behind_does_not_wait),
        cmocka_unit_test(one_long_turn_costs_the_next_a_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
