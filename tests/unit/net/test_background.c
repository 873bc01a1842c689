#include "server/base/background.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ROWS 1000

static int place_of_self(void)
{
    struct sched_param param;
    int policy;

    assert_int_equal(pthread_getschedparam(pthread_self(), &policy, &param), 0);
    return policy;
}

/* Whether the others were first cannot be told from here: the bench tells. */
static void a_thread_gives_way_and_stays_what_it_was(void **state)
{
    const struct sched_param first = {.sched_priority = sched_get_priority_min(SCHED_FIFO)}, none = {0};
    const int policies[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR};

    (void)state;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (pthread_setschedparam(pthread_self(), policies[i], i == 0 ? &none : &first) != 0) {
            print_message("not allowed here: class %d\n", policies[i]);
            continue;
        }
        for (size_t row = 0; row < ROWS; row++) {
            background_row(row);
        }
        assert_int_equal(place_of_self(), policies[i]);
    }
    assert_int_equal(pthread_setschedparam(pthread_self(), SCHED_OTHER, &none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_gives_way_and_stays_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
