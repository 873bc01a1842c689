#ifndef CRDT_CORE_PLAN_PARTS_H
#define CRDT_CORE_PLAN_PARTS_H

/* What the parts of a plan (plan.h) work on: its queues, in which order they run, and what will change beside them.
 * All of it lies in scratch memory, but for what is to go on waiting in the document. */
#include "crdt/base/arena.h"
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"
#include "crdt/core/pending.h"
#include "crdt/core/waiters.h"
#include "crdt/core/weave.h"

/* Blocks of one client, by clock: of the update, or those that wait in the document with what is left of the update
 * woven in. */
struct plan_queue {
    struct waiter wait; /* while it waits for another */
    uint32_t client;    /* dense index */
    uint32_t at, count;
    const struct block *blocks; /* either these … */
    bool woven;                 /* … or `weave`, … */
    uint32_t taken;             /* … and around it, unless 0, what waits in this pending queue */
    struct weave weave;
    uint32_t next; /* chain of those that are ready */
};

/* A stretch of a queue, to be integrated in this order. */
struct plan_run {
    uint32_t queue, from, to;
};

struct plan {
    struct crdt_doc *doc;
    struct arena *scratch;
    struct plan_queue *queues; /* index 0 is not used */
    uint32_t queue_count, queue_cap;
    uint32_t ready;  /* first of the queues that may run */
    bool second;     /* the update has gone in as far as it goes alone; now what waits is tried */
    uint32_t *woken; /* clients that something waits for, before that */
    size_t woken_count, woken_cap;
    struct plan_run *runs;
    size_t run_count, run_cap;
    struct idset apply, rest; /* deletes to apply now; deletes that will wait */
    uint32_t *ripe;           /* clients of whom deletes that waited are in `apply` */
    size_t ripe_count, ripe_cap;
    struct pending_queue *fresh; /* what will wait, new queues */
    size_t fresh_count, fresh_cap;
    struct held **copies; /* blocks of the update in those */
    size_t copy_count, copy_cap;
    struct reserve need;
};

/* Doubles an array in the scratch arena. The old one stays there until the end: at most as much again. RC_NOMEM. */
int plan_grow(struct arena *scratch, void **data, size_t count, size_t *cap, size_t size) MUST_CHECK;
/* One queue more, ready to run. */
int plan_queue_add(struct plan *p, const struct plan_queue *q) MUST_CHECK;
/* Likewise for one that waits in the document; `weave` may be NULL. It waits no longer. */
int plan_take(struct plan *p, uint32_t pending_queue, const struct weave *weave) MUST_CHECK;
/* The entry at `at`: of the update (then *held is NULL), or one that waits. */
const struct block *plan_entry(const struct plan *p, const struct plan_queue *q, uint32_t at, struct held **held);
const struct block *plan_block_at(const struct plan *p, uint32_t queue, uint32_t at);

#endif
