#ifndef CRDT_CORE_PLAN_DELETES_H
#define CRDT_CORE_PLAN_DELETES_H

/* The deletes of a plan: those to apply now, and those that will wait for clocks to come. */
#include "crdt/core/plan_parts.h"

/* Once all queues have run. RC_NOMEM, RC_LIMIT. */
int plan_deletes(struct plan *p, const struct idset *deletes) MUST_CHECK;

#endif
