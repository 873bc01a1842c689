#ifndef CRDT_CORE_CONTENT_H
#define CRDT_CORE_CONTENT_H

/* What items contain, cut and joined: only content kinds with a length beyond 1 are ever cut (text, values,
 * JSON, deleted). Text is cut in UTF-16 units; a cut between the halves of a surrogate pair replaces both by
 * U+FFFD for good, as yjs's ContentString.splice does. */
#include "crdt/core/doc.h"

/* Bytes that cutting `splits` items may add to the pool in the worst case, with `more` bytes of new content arriving.
 */
uint64_t content_split_cost(const struct crdt_doc *doc, uint64_t splits, uint64_t more);
/* The same while no content is longer than `longest`, however much comes in. */
uint64_t content_split_cost_below(const struct crdt_doc *doc, uint64_t splits, uint64_t longest);
bool content_cuts_wide(const struct crdt_doc *doc, uint32_t item, uint32_t diff); /* private: of more than ASCII */
/* True when a cut at `diff` clocks would fall between the halves of a surrogate pair. */
static inline bool content_cuts_pair(const struct crdt_doc *doc, uint32_t item, uint32_t diff)
{
    return item_at(doc, item)->bytes != item_at(doc, item)->len && content_cuts_wide(doc, item, diff);
}
/* Cuts `item` at `diff` clocks (0 < diff < len): the content of the right part goes to `right`, whose flags are set. */
void content_split(struct crdt_doc *doc, uint32_t item, uint32_t diff, uint32_t right);
/* The content of an incoming block without its first `offset` clocks, copied into the pool. */
uint32_t content_put(struct crdt_doc *doc, const struct block *b, uint64_t offset, uint32_t *bytes);
/* Kinds whose neighbours may be joined. */
bool content_joins(uint32_t kind);
/* The item's content is longer than before: remembers the longest. (pool_append does so itself.) */
void content_grew(struct crdt_doc *doc, const struct item *it);
/* Appends the content of `right` to `left`. False when there was no memory to move it: nothing has changed. */
bool content_join(struct crdt_doc *doc, uint32_t left, uint32_t right);
uint32_t content_at_wide(const struct crdt_doc *doc, uint32_t item, uint32_t units); /* private: of more than ASCII */
/* Where in the bytes of a text the first `units` of it end; they do not cut a pair. */
static inline uint32_t content_at(const struct crdt_doc *doc, uint32_t item, uint32_t units)
{
    return item_at(doc, item)->bytes == item_at(doc, item)->len ? units : content_at_wide(doc, item, units);
}
/* Text loses what stands behind (tail) or before byte `at` of it. The length is the caller's to set. */
void content_shrink(struct crdt_doc *doc, uint32_t item, uint32_t at, bool tail);
/* The item's content is gone; it becomes ContentDeleted. */
void content_drop(struct crdt_doc *doc, uint32_t item);
/* Notices characters beyond U+FFFF in what is about to come in: before content_split_cost. */
void content_seen(struct crdt_doc *doc, const struct block *b);

#endif
