#ifndef SERVER_BASE_WORKER_H
#define SERVER_BASE_WORKER_H

/* A small pool of threads for work that takes longer than the event loop may stand still.
 *
 *     struct export_job { struct worker_job job; struct buf state, result; … };
 *     job->job.run = export_run;              // on a worker: touches only what the job owns
 *     job->job.completion.done = export_done; // on the loop, later
 *     rc = worker_submit(pool, &job->job);    // RC_BUSY: too many wait; nothing has happened
 *
 * Jobs start in the order of submission. A job owns all it touches, bytes or a whole document: what moves to a worker
 * with the job moves back with its completion, and nobody looks at it in between. */
#include <stddef.h>
#include "crdt/base/rc.h"
#include "server/base/completion.h"

struct worker_job {
    void (*run)(struct worker_job *job); /* on a worker thread */
    struct completion completion;        /* its `done` is called on the loop after run; set by the caller */
    struct worker_job *next;             /* private */
};

struct worker_pool;

/* `threads` up to 64; at most `waiting` jobs wait. Without threads (0) a job runs inside worker_submit, for tests and
 * programs without a loop. Completions go to `queue` in any case, borrowed until destroy. */
int worker_pool_create(unsigned threads, size_t waiting, struct completion_queue *queue,
                       struct worker_pool **out) MUST_CHECK;
/* Waits for all jobs, the waiting ones too; their completions are then in the queue, and the caller drains it. */
void worker_pool_destroy(struct worker_pool *pool);
/* Loop thread. `job` belongs to the pool until its completion. RC_BUSY when too many wait, RC_STATE when stopping. */
int worker_submit(struct worker_pool *pool, struct worker_job *job) MUST_CHECK;
/* Jobs submitted and not yet run to their end. Any thread. */
size_t worker_pending(struct worker_pool *pool);

#endif
