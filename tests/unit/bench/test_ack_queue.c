#include "bench/editors/ack_queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void what_went_first_is_acknowledged_first(void **state)
{
    struct ack_queue q = {0};

    (void)state;
    for (uint64_t sent = 1; sent <= 1000; sent++) {
        ack_queue_push(&q, sent);
    }
    for (uint64_t sent = 1; sent <= 1000; sent++) {
        assert_false(ack_queue_is_empty(&q));
        assert_true(ack_queue_pop(&q) == sent);
    }
    assert_true(ack_queue_is_empty(&q));
    ack_queue_finish(&q);
}

static void an_acknowledgement_that_nobody_expects_is_none(void **state)
{
    struct ack_queue q = {0};

    (void)state;
    assert_true(ack_queue_pop(&q) == 0);
    ack_queue_push(&q, 7);
    assert_true(ack_queue_pop(&q) == 7);
    assert_true(ack_queue_pop(&q) == 0);
    ack_queue_finish(&q);
}

static void a_new_connection_expects_nothing(void **state)
{
    struct ack_queue q = {0};

    (void)state;
    ack_queue_push(&q, 1);
    ack_queue_push(&q, 2);
    ack_queue_clear(&q);
    assert_true(ack_queue_is_empty(&q));
    ack_queue_push(&q, 3);
    assert_true(ack_queue_pop(&q) == 3);
    ack_queue_finish(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_first_is_acknowledged_first),
        cmocka_unit_test(an_acknowledgement_that_nobody_expects_is_none),
        cmocka_unit_test(a_new_connection_expects_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
