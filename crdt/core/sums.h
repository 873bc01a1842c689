#ifndef CRDT_CORE_SUMS_H
#define CRDT_CORE_SUMS_H

/* The tree of sums above the leaves of a list (seq.h draws it), by which positions are found in O(log n). For seq.c and
 * seq_position.c only.
 *
 * It is made when a position is first asked for, and kept from then on. The difference of one leaf waits
 * (doc->late_…) until another leaf changes or a position is looked up, so that a run of typing touches the tree once.
 */
#include "crdt/core/doc.h"

/* Builds the sums of a list that has leaves and no sums. RC_NOMEM, RC_LIMIT: there are none, as before. */
int sums_build(struct crdt_doc *doc, uint32_t seq) MUST_CHECK;
/* Frees all nodes under the root. */
void sums_free(struct crdt_doc *doc, uint32_t root);

/* A leaf of the list, another one than doc->late_leaf, is about to change: from now on its difference waits, where
 * there are sums or not. The last place found is forgotten when it may stand behind that leaf. */
void sums_await(struct crdt_doc *doc, uint32_t seq, uint32_t leaf);
/* A leaf that has a parent has got its first living mark, or lost its last. */
void sums_marked(struct crdt_doc *doc, uint32_t leaf);
/* Carries upwards what waits. */
void sums_flush(struct crdt_doc *doc);

/* What follows concerns lists with sums, and nothing waits; new nodes come from what doc_reserve has made sure of. */
/* `right` has split off from the leaf `left` and took `moved` of its visible length along: gives it a parent. */
void sums_split(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, uint32_t moved);
/* A leaf without items leaves the tree; nodes that lose their last child go with it. */
void sums_drop(struct crdt_doc *doc, uint32_t seq, uint32_t leaf);
/* Another leaf takes the place of one, in a list with sums or without; it may wait. */
void sums_replace(struct crdt_doc *doc, uint32_t leaf, uint32_t with);

/* The leaf that holds visible unit *index, which becomes the offset in it. */
uint32_t sums_find(struct crdt_doc *doc, uint32_t root, uint32_t *index);
/* The next leaf behind one, which has a parent, in which something is visible or a mark lives; 0: none. */
uint32_t sums_next_alive(const struct crdt_doc *doc, uint32_t leaf);
/* Visible units of a leaf that has a parent, also while its difference waits. */
uint32_t sums_of(const struct crdt_doc *doc, uint32_t leaf);
/* How many visible units stand before the leaf. */
uint32_t sums_before(const struct crdt_doc *doc, uint32_t leaf);
/* Whether leaf `a` stands before leaf `b`, another one of the same list. */
bool sums_in_order(const struct crdt_doc *doc, uint32_t a, uint32_t b);

/* NULL, or what is broken. */
const char *sums_check(const struct crdt_doc *doc, uint32_t seq);

#endif
