#ifndef CRDT_CORE_DIRECT_H
#define CRDT_CORE_DIRECT_H

/* The common update, which needs no plan: a few blocks and delete ranges at most, of which each depends on nothing but
 * what is here and the blocks before it; or one block that waits behind others of its author. */
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"

/* As apply_pieces takes them, see plan.h; outside a transaction. True: it was such an update, *rc tells what became of
 * it (RC_OK, or RC_NOMEM, RC_LIMIT with the document as it was). False: nothing has changed, it wants a plan. */
bool direct_apply(struct crdt_doc *doc, const struct piece *pieces, size_t count, const struct idset_range *deleted,
                  size_t deleted_count, int *rc);
/* An ASCII letter that goes on in the run that grows, by its author's own next clock, and nothing else. False: nothing
 * has changed, it takes the way of any update. */
bool direct_letter(struct crdt_doc *doc, uint8_t letter);

#endif
