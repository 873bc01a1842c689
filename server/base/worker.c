#include "server/base/worker.h"

#include <stdbool.h>
#include <stdlib.h>
#include "server/base/background.h"

#define MAX_THREADS 64

struct worker_pool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job waits, or the pool stops */
    struct worker_job *first, **last;
    size_t waiting, limit; /* jobs in the list; most that may be */
    size_t running;
    bool stopping;
    struct completion_queue *queue;
    unsigned threads;
    pthread_t thread[];
};

/* The next job, or NULL when the pool stops and none waits. Called and returns with the lock held. */
static struct worker_job *next_job(struct worker_pool *pool)
{
    struct worker_job *job;

    while (!pool->first && !pool->stopping) {
        pthread_cond_wait(&pool->work, &pool->lock);
    }
    job = pool->first;
    if (job) {
        pool->first = job->next;
        if (!pool->first) {
            pool->last = &pool->first;
        }
        pool->waiting--;
        pool->running++;
    }
    return job;
}

static void *worker_main(void *argument)
{
    struct worker_pool *pool = argument;
    struct worker_job *job;

    background_enter();
    pthread_mutex_lock(&pool->lock);
    while ((job = next_job(pool)) != NULL) {
        pthread_mutex_unlock(&pool->lock);
        job->run(job);
        pthread_mutex_lock(&pool->lock);
        pool->running--;
        completion_post(pool->queue, &job->completion); /* from here `job` is the loop's */
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void stop_threads(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->threads; i++) {
        pthread_join(pool->thread[i], NULL);
    }
}

static void free_pool(struct worker_pool *pool)
{
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static int init_locks(struct worker_pool *pool)
{
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        return RC_NOMEM;
    }
    if (pthread_cond_init(&pool->work, NULL) != 0) {
        pthread_mutex_destroy(&pool->lock);
        return RC_NOMEM;
    }
    return RC_OK;
}

int worker_pool_create(unsigned threads, size_t waiting, struct completion_queue *queue, struct worker_pool **out)
{
    struct worker_pool *pool;

    if (threads > MAX_THREADS) {
        return RC_ARG;
    }
    pool = calloc(1, sizeof *pool + threads * sizeof pool->thread[0]);
    if (!pool || init_locks(pool) != RC_OK) {
        free(pool);
        return RC_NOMEM;
    }
    pool->last = &pool->first;
    pool->limit = waiting;
    pool->queue = queue;
    while (pool->threads < threads) {
        if (pthread_create(&pool->thread[pool->threads], NULL, worker_main, pool) != 0) {
            stop_threads(pool);
            free_pool(pool);
            return RC_NOMEM;
        }
        pool->threads++;
    }
    *out = pool;
    return RC_OK;
}

void worker_pool_destroy(struct worker_pool *pool)
{
    if (pool) {
        stop_threads(pool);
        free_pool(pool);
    }
}

int worker_submit(struct worker_pool *pool, struct worker_job *job)
{
    int rc = RC_OK;

    if (pool->threads == 0) {
        job->run(job);
        completion_post(pool->queue, &job->completion);
        return RC_OK;
    }
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->stopping) {
        rc = RC_STATE;
    } else if (pool->waiting >= pool->limit) {
        rc = RC_BUSY;
    } else {
        *pool->last = job;
        pool->last = &job->next;
        pool->waiting++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return rc;
}

size_t worker_pending(struct worker_pool *pool)
{
    size_t pending;

    pthread_mutex_lock(&pool->lock);
    pending = pool->waiting + pool->running;
    pthread_mutex_unlock(&pool->lock);
    return pending;
}
