#include "crdt/core/seq_position.h"

#include <assert.h>
#include "crdt/core/leaf.h"
#include "crdt/core/seq.h"
#include "crdt/core/sums.h"

/* The item that holds visible unit `index` of a leaf, which is so long. */
static void find_in_leaf(struct crdt_doc *doc, uint32_t ref, uint32_t index, uint32_t *item, uint32_t *offset)
{
    uint32_t *leaf = words_at(doc, ref), slot = leaf_find_unit(leaf_visible(leaf), leaf_count(leaf), &index);

    assert(slot < leaf_count(leaf));
    *item = leaf_items(leaf)[slot];
    *offset = index;
    doc->slot_hint = slot;
}

int seq_make_sums(struct crdt_doc *doc, uint32_t seq)
{
    const struct seq *s = &doc->seqs[seq];

    return s->root || s->first == s->last ? RC_OK : sums_build(doc, seq);
}

/* The leaf of a list of several. */
static int find_leaf(struct crdt_doc *doc, uint32_t seq, uint32_t index)
{
    uint32_t rest = index;
    int rc = seq_make_sums(doc, seq);

    if (rc != RC_OK) {
        return rc;
    }
    sums_flush(doc);
    doc->cursor_leaf = sums_find(doc, doc->seqs[seq].root, &rest);
    doc->cursor_seq = seq;
    doc->cursor_start = index - rest;
    return RC_OK;
}

/* It is where the last position was. */
static bool in_cursor_leaf(const struct crdt_doc *doc, uint32_t seq, uint32_t index)
{
    return doc->cursor_leaf && doc->cursor_seq == seq && index >= doc->cursor_start &&
           index - doc->cursor_start < sums_of(doc, doc->cursor_leaf);
}

int seq_find(struct crdt_doc *doc, uint32_t seq, uint32_t index, uint32_t *item, uint32_t *offset)
{
    const struct seq *s = &doc->seqs[seq];

    if (s->first == s->last) {
        find_in_leaf(doc, s->first, index, item, offset);
        return RC_OK;
    }
    if (!in_cursor_leaf(doc, seq, index)) {
        int rc = find_leaf(doc, seq, index);
        if (rc != RC_OK) {
            return rc;
        }
    }
    find_in_leaf(doc, doc->cursor_leaf, index - doc->cursor_start, item, offset);
    return RC_OK;
}

/* The first item of a leaf, from a slot on, that is visible or a living mark; 0: none. */
static uint32_t alive_in_leaf(const struct crdt_doc *doc, uint32_t ref, uint32_t slot)
{
    uint32_t *leaf = words_at(doc, ref), *items = leaf_items(leaf), *visible = leaf_visible(leaf);
    bool marks = leaf_marks(leaf) > 0;

    for (; slot < leaf_count(leaf); slot++) {
        if (visible[slot] > 0 || (marks && item_is_mark(item_at(doc, items[slot])))) {
            return items[slot];
        }
    }
    return 0;
}

static uint32_t next_leaf_alive(struct crdt_doc *doc, uint32_t leaf)
{
    if (words_at(doc, leaf)[W_PARENT]) {
        sums_flush(doc);
        return sums_next_alive(doc, leaf);
    }
    return words_at(doc, leaf)[W_NEXT];
}

uint32_t seq_next_alive(struct crdt_doc *doc, uint32_t seq, uint32_t item)
{
    struct seq_at place = item ? seq_at_item(doc, item) : seq_begin(doc, seq);
    uint32_t found = place.leaf ? alive_in_leaf(doc, place.leaf, item ? place.slot + 1 : 0) : 0;

    while (!found && place.leaf) {
        place.leaf = next_leaf_alive(doc, place.leaf);
        found = place.leaf ? alive_in_leaf(doc, place.leaf, 0) : 0;
    }
    return found;
}

uint32_t seq_before(const struct crdt_doc *doc, uint32_t seq, uint32_t item)
{
    return item ? seq_prev(doc, item) : seq_last(doc, seq);
}

uint32_t seq_index_of(struct crdt_doc *doc, uint32_t item)
{
    struct seq_at place = seq_at_item(doc, item);
    uint32_t *leaf = words_at(doc, place.leaf), index = 0;

    for (uint32_t i = 0; i < place.slot; i++) {
        index += leaf_visible(leaf)[i];
    }
    if (leaf[W_PARENT]) {
        sums_flush(doc);
        return index + sums_before(doc, place.leaf);
    }
    for (uint32_t prev = leaf[W_PREV]; prev; prev = words_at(doc, prev)[W_PREV]) {
        index += leaf_total(doc, prev);
    }
    return index;
}

bool seq_in_order(const struct crdt_doc *doc, uint32_t a, uint32_t b)
{
    struct seq_at x = seq_at_item(doc, a), y = seq_at_item(doc, b);

    return x.leaf == y.leaf ? x.slot < y.slot : sums_in_order(doc, x.leaf, y.leaf);
}
