#ifndef CRDT_CORE_SEQ_POSITION_H
#define CRDT_CORE_SEQ_POSITION_H

/* Items of a list by position, and back. The last leaf found is remembered (doc->cursor_…), with the units before it,
 * until another leaf of its list changes; other leaves are found through the sums above them (sums.h). */
#include "crdt/core/doc.h"

/* The item that holds visible unit `index` (below the seq's length), with the unit's offset in it. Builds the sums when
 * the list has more than one leaf: O(log n) from then on. RC_NOMEM, RC_LIMIT. */
int seq_find(struct crdt_doc *doc, uint32_t seq, uint32_t index, uint32_t *item, uint32_t *offset) MUST_CHECK;
/* Builds the sums when the list has more than one leaf. RC_NOMEM, RC_LIMIT. */
int seq_make_sums(struct crdt_doc *doc, uint32_t seq) MUST_CHECK;
/* The next item behind one (0: from the head on) that is visible or a living mark; 0: none. What is deleted in between
 * costs O(log n) in a list that has sums. */
uint32_t seq_next_alive(struct crdt_doc *doc, uint32_t seq, uint32_t item);
/* The item before one (0: the last of the list); 0: there is none. */
uint32_t seq_before(const struct crdt_doc *doc, uint32_t seq, uint32_t item);
/* How many visible units stand before the item. */
uint32_t seq_index_of(struct crdt_doc *doc, uint32_t item);
/* Whether item `a` stands before item `b` of the same list, which has sums. */
bool seq_in_order(const struct crdt_doc *doc, uint32_t a, uint32_t b);

#endif
