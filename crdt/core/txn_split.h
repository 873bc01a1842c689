#ifndef CRDT_CORE_TXN_SPLIT_H
#define CRDT_CORE_TXN_SPLIT_H

/* Cutting items, within a transaction (txn.h), which joins them again at its end if nothing has come between. */
#include "crdt/core/doc.h"

/* Cuts an item; returns the right part, which begins `diff` clocks after the item. */
uint32_t txn_split(struct crdt_doc *doc, uint32_t item, uint32_t diff);
/* The same for the item at *pos, which moves to the right part. */
uint32_t txn_split_at(struct crdt_doc *doc, struct id_pos *pos, uint32_t item, uint32_t diff);
/* The same for parts that do not stay neighbours of one kind: something is put between them at once, or one of them is
 * deleted. */
uint32_t txn_part(struct crdt_doc *doc, uint32_t item, uint32_t diff);
/* The same for the item at *pos, which moves to the right part, when it is not `continued`. */
uint32_t txn_cut(struct crdt_doc *doc, struct id_pos *pos, uint32_t item, uint32_t diff);
/* The next struct of the item at `pos` stands behind it and could be one with it: yjs would try that after a cut. Where
 * something stands between, that stays so until the transaction ends. */
bool txn_continued(const struct crdt_doc *doc, const struct id_pos *pos, uint32_t item);
/* The item that ends with an integrated id, for something that is to come right behind it: cut if need be. 0 where it
 * is garbage. *rest: the right part, to be joined again (txn_join_later) if nothing comes between after all; 0: there
 * is none, or that is seen to. */
uint32_t txn_part_end(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t *rest);
/* The item that begins at an integrated id, cut if need be; 0 where it is garbage. */
uint32_t txn_clean_start(struct crdt_doc *doc, uint32_t client, uint32_t clock);

#endif
