#ifndef CRDT_CORE_NEED_H
#define CRDT_CORE_NEED_H

/* Counts what a change may need, before it begins: the numbers for doc_reserve. */
#include "crdt/core/doc.h"

/* One block more that will be integrated. */
void need_block(struct crdt_doc *doc, struct reserve *n, const struct block *b);
/* Clocks [clock, end) of a client that will be deleted, as far as they are integrated now; structs of the update itself
 * are counted as blocks. */
void need_deleted(struct crdt_doc *doc, struct reserve *n, uint32_t client, uint64_t clock, uint64_t end);

#endif
