#ifndef CRDT_CORE_PLAN_DELETES_H
#define CRDT_CORE_PLAN_DELETES_H

/* The deletes of a plan: those to apply now, and those that will wait for clocks to come. */
#include "crdt/core/plan_parts.h"

/* Once the queues of the update have run. RC_NOMEM. */
int plan_deletes(struct plan *p, const struct idset *deletes) MUST_CHECK;
/* Once what waited has run too, from the run `first` on: what is left of the update's deletes and what waits become one
 * set before any is applied, as in yjs, so that two halves of a pair are deleted together. RC_NOMEM. */
int plan_deletes_again(struct plan *p, size_t first) MUST_CHECK;

#endif
