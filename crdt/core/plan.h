#ifndef CRDT_CORE_PLAN_H
#define CRDT_CORE_PLAN_H

/* All or nothing: before an update changes a document, a plan works out on ids alone which of its structs (and of those
 * that wait in the document) can be integrated, in which order, and what remains waiting. Only when all memory for that
 * has been made sure of, the change begins, and it cannot fail.
 *
 * Structs stand in queues, one per client of the update. A queue runs until its head depends on an id that is not
 * planned; then it waits for that id's client. Whenever a client's planned state passes what somebody waits for, that
 * queue runs on. So every struct is looked at once, plus once for each time it waits. */
#include "crdt/base/arena.h"
#include "crdt/core/block.h"
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"

/* Integrates decoded blocks and a delete set as one transaction. What it touched and deleted can be read afterwards,
 * see txn_close. The pieces may come in any order; `deletes` is normal. Blocks and their content are borrowed for the
 * time of the call, and so is `scratch`.
 *
 * RC_FORMAT (a struct that depends on later clocks of its own client), RC_LIMIT, RC_NOMEM, RC_STATE (inside a local
 * transaction): the document is as it was. */
int apply_pieces(struct crdt_doc *doc, const struct piece *pieces, size_t count, const struct idset *deletes,
                 struct arena *scratch) MUST_CHECK;

#endif
