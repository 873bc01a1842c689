#ifndef CRDT_CORE_PLAN_CHANGE_H
#define CRDT_CORE_PLAN_CHANGE_H

/* The end of a plan: memory is made sure of, then the document changes, or is left as it was. */
#include "crdt/core/plan_parts.h"

/* RC_OK: plan_change cannot fail. RC_NOMEM, RC_LIMIT: plan_give_up has to follow. */
int plan_make_sure(struct plan *p) MUST_CHECK;
void plan_change(struct plan *p);
/* Takes back what the plan has done to the document, which had so many clients before. */
void plan_give_up(struct plan *p, uint32_t clients_before);

#endif
