#include "server/base/worker.h"

#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#define JOBS 2000

struct sum_job {
    struct worker_job job; /* first */
    uint64_t n, sum;
    sem_t *hold; /* waited for, when not NULL */
};

static sem_t wake_up;
static size_t finished;

static void wake(void *context)
{
    (void)context;
    sem_post(&wake_up);
}

static void run(struct worker_job *job)
{
    struct sum_job *s = (struct sum_job *)(void *)job;

    if (s->hold) {
        sem_wait(s->hold);
    }
    for (uint64_t i = 1; i <= s->n; i++) {
        s->sum += i;
    }
}

static void done(struct completion *c)
{
    const struct sum_job *s = (const void *)((const char *)c - offsetof(struct worker_job, completion));

    assert_int_equal(s->sum, s->n * (s->n + 1) / 2);
    finished++;
}

static void every_job_runs_once_and_comes_back(void **state)
{
    static struct sum_job job[JOBS];
    struct completion_queue q;
    struct worker_pool *pool;

    (void)state;
    finished = 0;
    sem_init(&wake_up, 0, 0);
    assert_int_equal(completion_queue_init(&q, wake, NULL), RC_OK);
    assert_int_equal(worker_pool_create(4, JOBS, &q, &pool), RC_OK);
    for (size_t i = 0; i < JOBS; i++) {
        job[i] = (struct sum_job){.job = {.run = run, .completion = {.done = done}}, .n = i};
        assert_int_equal(worker_submit(pool, &job[i].job), RC_OK);
    }
    while (finished < JOBS) {
        sem_wait(&wake_up);
        completion_drain(&q);
    }
    assert_int_equal(worker_pending(pool), 0);
    worker_pool_destroy(pool);
    completion_queue_finish(&q);
    sem_destroy(&wake_up);
}

static void too_many_are_refused_and_a_stop_finishes_the_rest(void **state)
{
    struct sum_job job[4];
    struct completion_queue q;
    struct worker_pool *pool;
    sem_t hold;
    size_t taken = 0;

    (void)state;
    finished = 0;
    sem_init(&hold, 0, 0);
    assert_int_equal(completion_queue_init(&q, NULL, NULL), RC_OK);
    assert_int_equal(worker_pool_create(1, 2, &q, &pool), RC_OK);
    for (size_t i = 0; i < 4; i++) { /* one may run already, two may wait */
        job[i] = (struct sum_job){.job = {.run = run, .completion = {.done = done}}, .n = 10, .hold = &hold};
        if (worker_submit(pool, &job[i].job) == RC_OK) {
            taken++;
        }
    }
    assert_true(taken == 2 || taken == 3);
    for (size_t i = 0; i < taken; i++) {
        sem_post(&hold);
    }
    worker_pool_destroy(pool);
    assert_int_equal(completion_drain(&q), taken);
    assert_int_equal(finished, taken);
    completion_queue_finish(&q);
    sem_destroy(&hold);
}

static void senseless_pools_are_refused(void **state)
{
    struct worker_pool *pool = NULL;

    (void)state;
    assert_int_equal(worker_pool_create(65, 0, NULL, &pool), RC_ARG);
    assert_int_equal(worker_pool_create(65, 1, NULL, &pool), RC_ARG);
    assert_null(pool);
    worker_pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_runs_once_and_comes_back),
        cmocka_unit_test(too_many_are_refused_and_a_stop_finishes_the_rest),
        cmocka_unit_test(senseless_pools_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
