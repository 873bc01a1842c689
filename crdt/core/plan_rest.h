#ifndef CRDT_CORE_PLAN_REST_H
#define CRDT_CORE_PLAN_REST_H

/* What a plan cannot put in of an update joins what waits in the document, woven as yjs's merge of both would be
 * (weave.h), so that the encoded state is yjs's. */
#include "crdt/core/plan_parts.h"

/* The queues of the update end where they have got to; their rest becomes queues woven with what waits. RC_NOMEM,
 * RC_LIMIT. */
int plan_weave_rest(struct plan *p) MUST_CHECK;

#endif
