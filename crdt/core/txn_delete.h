#ifndef CRDT_CORE_TXN_DELETE_H
#define CRDT_CORE_TXN_DELETE_H

/* Deleting, within a transaction (txn.h) that has made room for it.
 *
 * An item that is deleted stays where it is; its content goes when the transaction ends. Deleting a type deletes what
 * it contains; the walk keeps a stack of its own.
 *
 * Backspaces and their mirror image, forward deletes, take one end off a live run that has the deleted run of the
 * letters before beside it. Cutting, collecting and joining would come to a border that has moved, so only that is
 * done:
 *
 *     … | live "hello" | deleted 2 | …    ─►    … | live "hell" | deleted 3 | … */
#include "crdt/core/doc.h"

/* Deletes an item and all it contains. Deleted already: nothing happens. */
void txn_delete(struct crdt_doc *doc, uint32_t item);
/* Deletes the clocks [clock, clock + len) of a client, all below its state. */
void txn_delete_range(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len);
/* The same if all that happens is that the border moves between a live text and a deleted run beside it: that needs
 * room for one delete range and no more. False: nothing has changed. */
bool txn_delete_border(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len);
/* The last `len` clocks of a live text, or the first, go to the deleted run that stands right behind or before it, in
 * the list and by clock; `border` is the later one of the two. The text is cut at its byte `at`. The list is not told.
 */
void txn_move_border(struct crdt_doc *doc, const struct id_pos *border, uint32_t live, uint32_t dead, uint32_t len,
                     uint32_t at);

#endif
