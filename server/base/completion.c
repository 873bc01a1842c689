#include "server/base/completion.h"

int completion_queue_init(struct completion_queue *q, void (*wake)(void *context), void *context)
{
    if (pthread_mutex_init(&q->lock, NULL) != 0) {
        return RC_NOMEM;
    }
    q->first = NULL;
    q->last = &q->first;
    q->wake = wake;
    q->context = context;
    return RC_OK;
}

void completion_queue_finish(struct completion_queue *q)
{
    pthread_mutex_destroy(&q->lock);
    q->first = NULL;
    q->last = &q->first;
}

void completion_post(struct completion_queue *q, struct completion *c)
{
    void (*wake)(void *) = q->wake;
    void *context = q->context;
    int was_empty;

    c->next = NULL;
    pthread_mutex_lock(&q->lock);
    was_empty = q->first == NULL;
    *q->last = c;
    q->last = &c->next;
    pthread_mutex_unlock(&q->lock);
    if (was_empty && wake) {
        wake(context);
    }
}

size_t completion_drain(struct completion_queue *q)
{
    struct completion *c;
    size_t count = 0;

    pthread_mutex_lock(&q->lock);
    c = q->first;
    q->first = NULL;
    q->last = &q->first;
    pthread_mutex_unlock(&q->lock);
    while (c) {
        struct completion *next = c->next;

        c->next = NULL;
        c->done(c);
        c = next;
        count++;
    }
    return count;
}
