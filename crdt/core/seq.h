#ifndef CRDT_CORE_SEQ_H
#define CRDT_CORE_SEQ_H

/* The order of items: a chain of leaves, each an array of items in list order with their visible lengths beside them.
 * Above the leaves stands, once a position has been asked for, a tree of sums; a document that only integrates
 * updates never builds it.
 *
 *   leaf   [0] count | marks << 8 | class << 16   [1] seq   [2] parent   [3] next   [4] previous   item[cap]
 * visible[cap] cap 4, 8, 16 or 32: a note has hundreds of tiny lists; marks: how many formatting marks live in it node
 * [0] count | level << 16   [1] seq   [2] parent   [3] marks   child[32]   sum[32]      level 1 stands on leaves marks:
 * bit i is set when a mark lives below child i
 *
 * A list of one leaf needs no node. seq_position.h looks up positions, sums.h keeps the nodes. */
#include "crdt/core/doc.h"

/* Puts an item into the list, right behind `left`, or at the head when `left` is 0. The item's visible length counts
 * from now. */
void seq_insert(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t item);
/* An item has just been cut: its right part comes in right behind it, and together they are as long as it was. */
void seq_split(struct crdt_doc *doc, uint32_t item, uint32_t right);
/* Fills an empty list with items in order. Takes seq_fill_words(count) words at most, which the caller has made sure
 * of.
 */
void seq_fill(struct crdt_doc *doc, uint32_t seq, const uint32_t *items, uint32_t count);
uint64_t seq_fill_words(uint32_t count);
/* Takes an item out of its list. */
void seq_remove(struct crdt_doc *doc, uint32_t item);
/* The item's visible length has changed: tells the list. */
void seq_update(struct crdt_doc *doc, uint32_t item);
/* The item is a formatting mark and has been deleted. */
void seq_mark_died(struct crdt_doc *doc, uint32_t item);
/* Frees all leaves and nodes; the items' own records are the caller's. */
void seq_clear(struct crdt_doc *doc, uint32_t seq);

uint32_t seq_first(const struct crdt_doc *doc, uint32_t seq); /* item, 0 when empty; so below */
uint32_t seq_last(const struct crdt_doc *doc, uint32_t seq);
uint32_t seq_next(const struct crdt_doc *doc, uint32_t item);
uint32_t seq_prev(const struct crdt_doc *doc, uint32_t item);
/* The list that the item stands in. */
static inline uint32_t seq_of(const struct crdt_doc *doc, uint32_t item)
{
    return doc->words[doc->items[item].leaf + 1];
}

/* The next questions will be about this item and those beside it: they need no search in its leaf. */
void seq_near(struct crdt_doc *doc, uint32_t item);

/* A place for walks that go on and on: cheaper than seq_next by item. */
struct seq_at {
    uint32_t leaf, slot;
};
/* At the first item; leaf is 0 when there is none. */
struct seq_at seq_begin(const struct crdt_doc *doc, uint32_t seq);
struct seq_at seq_at_item(const struct crdt_doc *doc, uint32_t item);
/* The item at the place; 0 at the end (leaf 0). */
uint32_t seq_item(const struct crdt_doc *doc, struct seq_at at);
void seq_step(const struct crdt_doc *doc, struct seq_at *at);
/* For walks that only read: the first leaf (0: none), and a leaf's items, borrowed until the document changes; returns
 * the leaf behind it, or 0. */
uint32_t seq_first_leaf(const struct crdt_doc *doc, uint32_t seq);
uint32_t seq_leaf_items(const struct crdt_doc *doc, uint32_t leaf, const uint32_t **items, uint32_t *count);

/* Where the visible length of the item at the place stands, among the document's words, until items come or go. */
uint32_t seq_visible(const struct crdt_doc *doc, struct seq_at place);
/* The length of that leaf of the list is about to change: the sums above it wait (sums.h). */
void seq_await(struct crdt_doc *doc, uint32_t seq, uint32_t leaf);
static inline bool seq_awaits(const struct crdt_doc *doc, uint32_t leaf)
{
    return doc->late_leaf == leaf;
}
/* seq_update for who knows all of that, and by how much, in a leaf that waits; no reason to forget a stroke
 * (stroke.h). */
static inline void seq_stretch(struct crdt_doc *doc, uint32_t seq, uint32_t visible, int64_t delta)
{
    doc->words[visible] = (uint32_t)(doc->words[visible] + delta);
    doc->seqs[seq].length = (uint32_t)(doc->seqs[seq].length + delta);
    doc->late_delta += delta;
}

/* NULL, or what is broken. For crdt_check. */
const char *seq_check(const struct crdt_doc *doc, uint32_t seq);

#endif
