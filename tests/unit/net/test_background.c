#include "server/base/background.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
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

/* Nice values and shares of this very thread. */
static int nice_of_self(void)
{
    return getpriority(PRIO_PROCESS, 0);
}

static void *enter(void *before)
{
    *(int *)before = nice_of_self();
    background_enter();
    return (void *)(intptr_t)nice_of_self();
}

static void who_works_behind_the_loop_is_alone_in_it(void **state)
{
    int own = nice_of_self(), before;
    pthread_t thread;
    void *after;

    (void)state;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(pthread_create(&thread, NULL, enter, &before), 0);
        assert_int_equal(pthread_join(thread, &after), 0);
        assert_int_equal(before, own);
        assert_int_equal((intptr_t)after, own + 5 < 19 ? own + 5 : 19);
        assert_int_equal(nice_of_self(), own);
    }
}

static void *be_brief(void *unused)
{
    (void)unused;
    background_brief();
    return (void *)(intptr_t)(nice_of_self() + 100 * place_of_self());
}

static void who_is_brief_keeps_its_class_and_its_nice_value(void **state)
{
    pthread_t thread;
    void *after;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, be_brief, NULL), 0);
    assert_int_equal(pthread_join(thread, &after), 0);
    assert_int_equal((intptr_t)after, nice_of_self() + 100 * place_of_self());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_works_behind_the_loop_is_alone_in_it),
        cmocka_unit_test(who_is_brief_keeps_its_class_and_its_nice_value),
        cmocka_unit_test(a_thread_gives_way_and_stays_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
