#include "server/base/completion.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

struct item {
    struct completion completion; /* first */
    struct completion_queue *queue;
    int number, again;
};

static int order[64];
static size_t ran, woken;

static void wake(void *context)
{
    assert_ptr_equal(context, &woken);
    woken++;
}

static void done(struct completion *c)
{
    struct item *item = (struct item *)(void *)c;

    order[ran++] = item->number;
    if (item->again-- > 0) {
        completion_post(item->queue, c);
    }
}

static void completions_run_in_order_and_wake_once(void **state)
{
    struct completion_queue q;
    struct item item[5];

    (void)state;
    ran = woken = 0;
    assert_int_equal(completion_queue_init(&q, wake, &woken), RC_OK);
    assert_int_equal(completion_drain(&q), 0);
    for (int i = 0; i < 5; i++) {
        item[i] = (struct item){{done, NULL}, &q, i, i == 2};
        completion_post(&q, &item[i].completion);
    }
    assert_int_equal(woken, 1);
    assert_int_equal(ran, 0);
    assert_int_equal(completion_drain(&q), 5); /* what is posted meanwhile waits for the next time */
    assert_int_equal(woken, 2);
    assert_int_equal(completion_drain(&q), 1);
    assert_int_equal(ran, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(order[i], i == 5 ? 2 : i);
    }
    completion_queue_finish(&q);
}

static void without_a_wake_somebody_polls(void **state)
{
    struct completion_queue q;
    struct item item = {{done, NULL}, &q, 1, 0};

    (void)state;
    ran = 0;
    assert_int_equal(completion_queue_init(&q, NULL, NULL), RC_OK);
    completion_post(&q, &item.completion);
    assert_int_equal(completion_drain(&q), 1);
    completion_queue_finish(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completions_run_in_order_and_wake_once),
        cmocka_unit_test(without_a_wake_somebody_polls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
