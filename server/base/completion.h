#ifndef SERVER_BASE_COMPLETION_H
#define SERVER_BASE_COMPLETION_H

/* The way back to the event loop: other threads post, the loop drains.
 *
 * A completion is embedded in the request that it ends. Posting links it in (no allocation, cannot fail) and wakes the
 * loop when the queue was empty; draining calls `done` of each, in the order of posting, on the thread that drains.
 *
 *     worker thread: completion_post(q, &req->completion);     loop: completion_drain(q)  ->  req->completion.done(…)
 *
 * Posting is for any thread; everything else for the loop's. */
#include <pthread.h>
#include <stddef.h>
#include "crdt/base/rc.h"

struct completion {
    void (*done)(struct completion *c); /* runs on the loop; may free the request that holds `c` */
    struct completion *next;            /* private */
};

struct completion_queue {
    pthread_mutex_t lock; /* private */
    struct completion *first, **last;
    void (*wake)(void *context);
    void *context;
};

/* `wake` makes the loop call completion_drain soon. It must be callable from any thread; NULL when somebody polls. */
int completion_queue_init(struct completion_queue *q, void (*wake)(void *context), void *context) MUST_CHECK;
/* Nobody may post any more. What was not drained is forgotten: drain first. */
void completion_queue_finish(struct completion_queue *q);
/* `c` belongs to the queue until its `done` is called. */
void completion_post(struct completion_queue *q, struct completion *c);
/* Runs what was posted before the call, and how many that were. */
size_t completion_drain(struct completion_queue *q);

#endif
