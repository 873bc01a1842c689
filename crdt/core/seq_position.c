#include "crdt/core/seq_position.h"

#include <assert.h>
#include "crdt/core/leaf.h"
#include "crdt/core/seq.h"
#include "crdt/core/sums.h"

/* The item that holds visible unit `index` of a leaf; false: the leaf is not so long. */
static bool find_in_leaf(struct crdt_doc *doc, uint32_t ref, uint32_t index, uint32_t *item, uint32_t *offset)
{
    uint32_t *leaf = words_at(doc, ref), *visible = leaf_visible(leaf), count = leaf_count(leaf), slot = 0;

    while (slot < count && index >= visible[slot]) {
        index -= visible[slot++];
    }
    if (slot == count) {
        return false;
    }
    *item = leaf_items(leaf)[slot];
    *offset = index;
    doc->slot_hint = slot;
    return true;
}

/* The leaf of a list of several. */
static int find_leaf(struct crdt_doc *doc, uint32_t seq, uint32_t index)
{
    struct seq *s = &doc->seqs[seq];
    uint32_t rest = index;

    if (!s->root) {
        int rc = sums_build(doc, seq);
        if (rc != RC_OK) {
            return rc;
        }
    }
    sums_flush(doc);
    doc->cursor_leaf = sums_find(doc, s->root, &rest);
    doc->cursor_seq = seq;
    doc->cursor_start = index - rest;
    return RC_OK;
}

int seq_find(struct crdt_doc *doc, uint32_t seq, uint32_t index, uint32_t *item, uint32_t *offset)
{
    const struct seq *s = &doc->seqs[seq];
    bool near = doc->cursor_leaf && doc->cursor_seq == seq && index >= doc->cursor_start;

    if (s->first == s->last) {
        bool found = find_in_leaf(doc, s->first, index, item, offset);
        assert(found);
        (void)found;
        return RC_OK;
    }
    if (near && find_in_leaf(doc, doc->cursor_leaf, index - doc->cursor_start, item, offset)) {
        return RC_OK;
    }
    int rc = find_leaf(doc, seq, index);
    if (rc == RC_OK) {
        bool found = find_in_leaf(doc, doc->cursor_leaf, index - doc->cursor_start, item, offset);
        assert(found);
        (void)found;
    }
    return rc;
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
