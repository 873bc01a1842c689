#ifndef CRDT_CORE_TXN_SETTLE_H
#define CRDT_CORE_TXN_SETTLE_H

/* The end of a transaction (txn.h): deleted content is collected, then neighbours that continue each other are joined,
 * in the order in which yjs does both (Transaction.js, cleanupTransactions), on which its bytes depend. */
#include "crdt/core/doc.h"

/* Collects what has been deleted, unless the document keeps it, and joins what stands beside deletions and cuts; unless
 * the transaction was eager, all that is new as well. Its delete ranges are sorted and joined. */
void txn_settle(struct crdt_doc *doc);
/* The same for one item that has just been deleted and collected, in an eager transaction: joins it at once. *pos is
 * where it stands among its author's structs, and moves to what it becomes part of. */
void txn_join_around(struct crdt_doc *doc, struct id_pos *pos);
/* Whether two items, of which the second's clocks follow the first's, may become one if they are neighbours in their
 * list (yjs: Item.mergeWith). */
bool txn_continues(const struct crdt_doc *doc, uint32_t left, uint32_t right);

#endif
