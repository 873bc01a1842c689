#ifndef CRDT_TYPES_TEXT_MARKS_H
#define CRDT_TYPES_TEXT_MARKS_H

/* Format marks in a text: what is in force somewhere, and new marks on their way in. Private to types/.
 *
 * core/formats.h says what marks are. */
#include "crdt/core/formats.h"
#include "crdt/types/attr_map.h"

/* The value of `key` behind `item` (0: at the head), null when it has none. Like the next, it makes an index of the
 * text (core/formats.h) when it has to go far. */
struct span mark_before(struct crdt_doc *doc, uint32_t item, struct span key);
/* All that is in force behind `item`. */
int marks_before(struct crdt_doc *doc, uint32_t seq, uint32_t item, struct attr_map *out) MUST_CHECK;

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
