#ifndef CRDT_CORE_DIRECT_H
#define CRDT_CORE_DIRECT_H

/* The common update, which needs no plan: one block at most and one delete range at most, and all that they depend on
 * is here, or one block that waits behind others of its author. */
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"

/* Either may be NULL; outside a transaction. True: it was such an update, *rc tells what became of it (RC_OK, or
 * RC_NOMEM, RC_LIMIT with the document as it was). False: nothing has changed, it wants a plan. */
bool direct_apply(struct crdt_doc *doc, const struct block *block, const struct idset_range *deleted, int *rc);
/* ASCII text that goes on in the run that grows, by its author's own next clocks, and nothing else. False: nothing has
 * changed, it takes the way of any update. */
bool direct_letter(struct crdt_doc *doc, struct span text);

#endif
