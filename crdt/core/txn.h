#ifndef CRDT_CORE_TXN_H
#define CRDT_CORE_TXN_H

/* One transaction: remembers what it touches, and at its end collects garbage and joins neighbours exactly where
 * yjs does (Transaction.js, cleanupTransactions), so that both encode to the same bytes.
 *
 * yjs joins structs only at the end. Keystrokes do it at once here ("eager"): a new run that continues the one before
 * becomes part of it, which leaves yjs's pass over all new structs nothing to do; what remains is the neighbourhood of
 * deletions and of cuts. Updates of many structs wait for that pass: their structs are apart because others stand
 * between.
 *
 * Deleting a type deletes what it contains; the walk keeps a stack of its own. All memory is made sure of by
 * doc_reserve and txn_reserve beforehand. */
#include "crdt/core/doc.h"

/* Starts collecting. Memory of the last transaction is used again. */
void txn_open(struct crdt_doc *doc, bool eager);
/* Room for what up to `items` new or cut items may touch, and delete ranges that overlap `overlapped` structs with
 * `beneath` items below them. */
int txn_reserve(struct crdt_doc *doc, uint64_t items, uint64_t overlapped, uint64_t beneath) MUST_CHECK;
/* A client is about to get new structs. */
void txn_touch(struct crdt_doc *doc, uint32_t client);
/* The client's state when the transaction began. */
uint32_t txn_before(const struct crdt_doc *doc, uint32_t client);
/* Deletes an item and all it contains. Deleted already: nothing happens. */
void txn_delete(struct crdt_doc *doc, uint32_t item);
/* A deleted item has come in. `settled`: it stands in a list and joined its left neighbour already if it could. */
void txn_deleted(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len, bool settled);
/* The struct at this id is to be joined to its neighbours at the end if possible. */
void txn_join_later(struct crdt_doc *doc, uint32_t client, uint32_t clock);
/* Whether two items, of which the second's clocks follow the first's, may become one if they are neighbours in their
 * list (yjs: Item.mergeWith). */
bool txn_continues(const struct crdt_doc *doc, uint32_t left, uint32_t right);
/* Cuts an item; returns the right part, which begins `diff` clocks after the item. */
uint32_t txn_split(struct crdt_doc *doc, uint32_t item, uint32_t diff);
/* The item that ends with, or begins at, an integrated id, cut if need be; 0 where it is garbage. */
uint32_t txn_clean_end(struct crdt_doc *doc, uint32_t client, uint32_t clock);
uint32_t txn_clean_start(struct crdt_doc *doc, uint32_t client, uint32_t clock);
/* Deletes the clocks [clock, clock + len) of a client, all below its state. */
void txn_delete_range(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len);
/* The same if all that happens is that the border moves between a live text and a deleted run beside it: that needs
 * room for one delete range and no more. False: nothing has changed. */
bool txn_delete_border(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len);
/* The last `len` clocks of a live text, or the first, go to the deleted run that stands right behind or before it, in
 * the list and by clock; `border` is the later one of the two. The list is not told. No pair of surrogates is cut. */
void txn_move_border(struct crdt_doc *doc, const struct id_pos *border, uint32_t live, uint32_t dead, uint32_t len);
/* Whether one more client, or one more delete range, may be remembered without txn_reserve. */
static inline bool txn_may_touch(const struct crdt_doc *doc)
{
    return doc->txn.touched_count < doc->txn.touched_cap;
}
static inline bool txn_may_delete(const struct crdt_doc *doc)
{
    return doc->txn.del_count < doc->txn.del_cap;
}
/* True when the transaction has added or deleted anything. */
bool txn_changed(const struct crdt_doc *doc);
/* Collects garbage unless deleted content is kept, joins neighbours. The lists of what was touched and deleted (sorted
 * by client index and clock, joined) stay readable until the next txn_open. */
void txn_close(struct crdt_doc *doc);

#endif
