#ifndef CRDT_TYPES_TEXT_MARKS_H
#define CRDT_TYPES_TEXT_MARKS_H

/* Format marks in a text: what is in force somewhere, and new marks on their way in. Private to types/.
 *
 * A mark says from where on a key has a value; null ends it. What is in force behind an item is, for each key, the
 * nearest mark to the left. */
#include "crdt/core/doc.h"
#include "crdt/types/attr_map.h"

static inline bool is_mark(const struct item *it)
{
    return item_kind(it) == BLOCK_FORMAT && !item_deleted(it);
}

/* Key and value of a mark; spans into the pool. */
void mark_read(const struct crdt_doc *doc, uint32_t item, struct span *key, struct span *value);
/* The value of `key` behind `item` (0: at the head), null when it has none. */
struct span mark_before(const struct crdt_doc *doc, uint32_t item, struct span key);
/* All that is in force behind `item`. */
int marks_before(const struct crdt_doc *doc, uint32_t seq, uint32_t item, struct attr_map *out) MUST_CHECK;

/* A mark to be inserted. Its bytes are in the scratch arena. */
struct new_mark {
    struct span key, value, content;
    bool dropped;
};
/* RC_NOMEM. */
int new_mark_make(struct crdt_doc *doc, struct span key, struct span value, struct new_mark *out) MUST_CHECK;
/* Inserts it behind `left`; returns its item. */
uint32_t new_mark_insert(struct crdt_doc *doc, uint32_t seq, uint32_t left, const struct new_mark *mark);
/* Inserts those marks behind `left` that what follows there does not make needless (yjs: insertNegatedAttributes). */
void new_marks_end(struct crdt_doc *doc, uint32_t seq, uint32_t left, struct new_mark *marks, size_t count);
uint64_t new_marks_bytes(const struct new_mark *marks, size_t count);

#endif
