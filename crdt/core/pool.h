#ifndef CRDT_CORE_POOL_H
#define CRDT_CORE_POOL_H

/* Content bytes of a document, append-only. An item owns [off, off + bytes); text whose bytes equal its length is
 * ASCII, so that a UTF-16 offset is a byte offset.
 *
 * A run that grows at the end of the pool grows in place. Any other growing run moves to the end with room to
 * spare; each client keeps one such open run, so typists who alternate still extend theirs in place. Bytes
 * left behind are counted in pool_dead and won back by pool_compact. */
#include "crdt/core/doc.h"

/* Makes room for `more` bytes beyond what doc_reserve has promised to the running change; false when there is none to
 * be had. */
bool pool_room(struct crdt_doc *doc, uint64_t more);
/* Copies bytes in; room has been reserved. */
uint32_t pool_put(struct crdt_doc *doc, struct span bytes);
struct span pool_span(const struct crdt_doc *doc, uint32_t off, uint32_t len);
/* Whether bytes lie in the pool, and so may move. */
static inline bool pool_holds(const struct crdt_doc *doc, struct span bytes)
{
    return bytes.len > 0 && (uintptr_t)bytes.data - (uintptr_t)doc->pool < doc->pool_len;
}
/* Bytes that `more` may cost in the worst case, for the reserve of an append to `item`. */
uint64_t pool_append_cost(const struct crdt_doc *doc, uint32_t item, uint64_t more);
/* Extends an item's content; room has been reserved by pool_append_cost. */
void pool_append(struct crdt_doc *doc, uint32_t item, struct span bytes);
/* Extends the content where it stands, when it is the last of the pool or its author's open run and there is room that
 * nobody was promised: copies the bytes and no more. False: nothing has changed. */
bool pool_append_here(struct crdt_doc *doc, uint32_t item, struct span bytes);
/* The same for one byte, which the caller writes there; NULL: nothing has changed. */
uint8_t *pool_append_letter(struct crdt_doc *doc, uint32_t item);
/* The bytes are no longer referred to. */
void pool_drop(struct crdt_doc *doc, uint32_t len);
/* Rewrites the pool without its dead bytes. RC_NOMEM: nothing has changed. */
int pool_compact(struct crdt_doc *doc) MUST_CHECK;
/* Compacts when most of a large pool is dead: at the end of a change. */
void pool_tidy(struct crdt_doc *doc);

#endif
