#ifndef CRDT_CORE_TXN_SPLIT_H
#define CRDT_CORE_TXN_SPLIT_H

/* Cutting items, within a transaction (txn.h), which joins them again at its end if nothing has come between. */
#include "crdt/core/doc.h"

/* Cuts an item; returns the right part, which begins `diff` clocks after the item. */
uint32_t txn_split(struct crdt_doc *doc, uint32_t item, uint32_t diff);
/* The same for parts that do not stay neighbours of one kind: something is put between them at once, or one of them is
 * deleted. */
uint32_t txn_part(struct crdt_doc *doc, uint32_t item, uint32_t diff);
/* The item that ends with, or begins at, an integrated id, cut if need be; 0 where it is garbage. */
uint32_t txn_clean_end(struct crdt_doc *doc, uint32_t client, uint32_t clock);
uint32_t txn_clean_start(struct crdt_doc *doc, uint32_t client, uint32_t clock);

#endif
