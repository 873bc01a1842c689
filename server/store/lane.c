#include "server/store/lane.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define MANY_ANSWERS 1024 /* wake even when nobody waits: they take memory */

static int init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    int rc = pthread_condattr_init(&attr);

    if (rc == 0) {
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        rc = pthread_cond_init(cond, &attr);
        pthread_condattr_destroy(&attr);
    }
    return rc == 0 ? RC_OK : RC_NOMEM;
}

int lane_init(struct lane *l)
{
    memset(l, 0, sizeof(*l));
    if (pthread_mutex_init(&l->lock, NULL) != 0) {
        return RC_NOMEM;
    }
    if (init_cond(&l->work) != RC_OK) {
        pthread_mutex_destroy(&l->lock);
        return RC_NOMEM;
    }
    if (init_cond(&l->ready) != RC_OK) {
        pthread_cond_destroy(&l->work);
        pthread_mutex_destroy(&l->lock);
        return RC_NOMEM;
    }
    return RC_OK;
}

void lane_finish(struct lane *l)
{
    call_queue_finish(&l->in);
    call_queue_finish(&l->out);
    pthread_cond_destroy(&l->ready);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->lock);
}

void lane_put(struct lane *l, struct call *c)
{
    bool signal;

    pthread_mutex_lock(&l->lock);
    signal = l->in.count == 0 && !l->gathering;
    if (c->op != CALL_APPEND && !l->pressing) {
        l->pressing = signal = true;
    }
    call_queue_push(&l->in, c);
    pthread_mutex_unlock(&l->lock);
    if (signal) {
        pthread_cond_signal(&l->work);
    }
}

void lane_close(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_mutex_unlock(&l->lock);
    pthread_cond_signal(&l->work);
}

void lane_kick(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->kicked = true;
    pthread_mutex_unlock(&l->lock);
    pthread_cond_signal(&l->work);
}

/* RC_BUSY: the time came. */
static int sleep_until(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_us)
{
    struct timespec at = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};

    if (until_us == UINT64_MAX) {
        return pthread_cond_wait(cond, lock) == 0 ? RC_OK : RC_BUSY;
    }
    return pthread_cond_timedwait(cond, lock, &at) == ETIMEDOUT ? RC_BUSY : RC_OK;
}

/* With the lock held. */
static void gather(struct lane *l, uint64_t until_us)
{
    l->gathering = true;
    while (!l->pressing && !l->closing && !l->kicked) {
        if (sleep_until(&l->work, &l->lock, until_us) != RC_OK) {
            break;
        }
    }
    l->gathering = false;
}

struct lane_work lane_wait(struct lane *l, uint64_t gather_us, uint64_t until_us)
{
    struct lane_work work = {{NULL, NULL, 0}, false};

    pthread_mutex_lock(&l->lock);
    gather(l, gather_us);
    while (l->in.count == 0 && !l->closing && !l->kicked) {
        if (sleep_until(&l->work, &l->lock, until_us) != RC_OK) {
            break;
        }
    }
    l->kicked = false;
    l->pressing = false;
    call_queue_append(&work.calls, &l->in);
    work.closing = l->closing;
    pthread_mutex_unlock(&l->lock);
    return work;
}

/* With the lock held, which it gives back. */
static bool unlock_and_ask_wake(struct lane *l)
{
    bool wake = !l->woken;

    l->woken = true;
    pthread_cond_signal(&l->ready);
    pthread_mutex_unlock(&l->lock);
    return wake;
}

/* Does anybody wait for one of these, or are they many? With the lock held. */
static bool is_awaited(const struct lane *l, const struct call_queue *answers)
{
    if (l->out.count + answers->count >= MANY_ANSWERS) {
        return true;
    }
    for (const struct call *c = answers->first; c != NULL; c = c->next) {
        if (c->op != CALL_APPEND || !c->reply.patient || c->number <= l->hurried) {
            return true;
        }
    }
    return false;
}

static void note_answered(struct lane *l, const struct call_queue *answers)
{
    for (const struct call *c = answers->first; c != NULL; c = c->next) {
        if (c->op == CALL_APPEND) {
            l->answered = c->number;
        }
    }
}

bool lane_answer(struct lane *l, struct call_queue *answers)
{
    bool awaited;

    if (answers->count == 0) {
        return false;
    }
    pthread_mutex_lock(&l->lock);
    awaited = is_awaited(l, answers);
    note_answered(l, answers);
    call_queue_append(&l->out, answers);
    if (awaited) {
        return unlock_and_ask_wake(l);
    }
    pthread_cond_signal(&l->ready);
    pthread_mutex_unlock(&l->lock);
    return false;
}

bool lane_hurry(struct lane *l, uint64_t number)
{
    bool wake;

    pthread_mutex_lock(&l->lock);
    l->hurried = number;
    wake = l->out.count > 0 && !l->woken;
    l->woken = l->woken || wake;
    pthread_mutex_unlock(&l->lock);
    return wake;
}

uint64_t lane_answered(struct lane *l)
{
    uint64_t number;

    pthread_mutex_lock(&l->lock);
    number = l->answered;
    pthread_mutex_unlock(&l->lock);
    return number;
}

bool lane_news(struct lane *l, enum store_state state, int error)
{
    pthread_mutex_lock(&l->lock);
    l->state = state;
    l->error = error;
    l->news = true;
    return unlock_and_ask_wake(l);
}

bool lane_closed(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->closed = true;
    return unlock_and_ask_wake(l);
}

struct lane_answers lane_take_answers(struct lane *l)
{
    struct lane_answers a = {{NULL, NULL, 0}, false, false, STORE_OK, RC_OK};

    pthread_mutex_lock(&l->lock);
    call_queue_append(&a.calls, &l->out);
    a.news = l->news;
    a.state = l->state;
    a.error = l->error;
    a.closed = l->closed;
    l->news = false;
    l->woken = false;
    pthread_mutex_unlock(&l->lock);
    return a;
}

int lane_wait_answers(struct lane *l, int timeout_ms)
{
    uint64_t until = call_now_us() + (uint64_t)timeout_ms * 1000;
    int rc = RC_OK;

    pthread_mutex_lock(&l->lock);
    while (rc == RC_OK && l->out.count == 0 && !l->news && !l->closed) {
        rc = sleep_until(&l->ready, &l->lock, until);
    }
    if (l->out.count > 0 || l->news || l->closed) {
        rc = RC_OK;
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

int lane_thread(pthread_t *out, void *(*run)(void *arg), void *arg)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(out, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0 ? RC_OK : RC_NOMEM;
}
