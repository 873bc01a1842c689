#ifndef CRDT_CORE_PLAN_RUN_H
#define CRDT_CORE_PLAN_RUN_H

/* Running a plan's queues: which blocks can go in, in which order, and which wait for whom. */
#include "crdt/core/plan_parts.h"

/* Runs what is ready, and what that wakes, until all else waits. RC_FORMAT, RC_LIMIT, RC_NOMEM. */
int plan_run(struct plan *p) MUST_CHECK;
/* From now on what waits in the document runs, too: first what the update has made ready until now. */
int plan_wake_all(struct plan *p) MUST_CHECK;

#endif
