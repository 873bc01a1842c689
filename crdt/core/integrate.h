#ifndef CRDT_CORE_INTEGRATE_H
#define CRDT_CORE_INTEGRATE_H

/* YATA: where a new item goes among those that were inserted at the same place without knowing of each other
 * (yjs: Item.integrate), and what its coming changes. Inside a transaction; room has been reserved. */
#include "crdt/core/doc.h"

/* Integrates a block whose dependencies are all here: its clock is at most the client's state, and its origin, right
 * origin and parent are integrated. Clocks that are known already are left out. */
void integrate_block(struct crdt_doc *doc, const struct block *b);

/* Inserts content of the document's own client into a list, right behind `left` (0: at the head). Of the block only
 * ref, len, type and content count. Returns the item that now holds it. */
uint32_t integrate_local(struct crdt_doc *doc, uint32_t seq, uint32_t left, const struct block *content);

#endif
