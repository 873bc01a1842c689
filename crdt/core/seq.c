#include "crdt/core/seq.h"

#include <assert.h>
#include <string.h>
#include "crdt/core/words.h"

#define LEAF_HEAD      5
#define LEAF_CLASS_MAX 3
#define NODE_CLASS     3
#define NODE_HEAD      3
#define NODE_MAX       32

enum { W_COUNT, W_SEQ, W_PARENT, W_NEXT, W_PREV };

/* ---- leaves ---------------------------------------------------------------------------------- */

static uint32_t *at(const struct crdt_doc *doc, uint32_t ref)
{
    return words_at(doc, ref);
}

static uint32_t count_of(const uint32_t *w)
{
    return w[W_COUNT] & 0xffff;
}

static uint32_t tag_of(const uint32_t *w) /* class of a leaf, level of a node */
{
    return w[W_COUNT] >> 16;
}

static void set_count(uint32_t *w, uint32_t count)
{
    w[W_COUNT] = (w[W_COUNT] & 0xffff0000u) | count;
}

static uint32_t leaf_cap(const uint32_t *leaf)
{
    return 4u << tag_of(leaf);
}

static uint32_t *leaf_items(uint32_t *leaf)
{
    return leaf + LEAF_HEAD;
}

static uint32_t *leaf_visible(uint32_t *leaf)
{
    return leaf + LEAF_HEAD + leaf_cap(leaf);
}

static uint32_t leaf_new(struct crdt_doc *doc, uint32_t seq, uint32_t class)
{
    uint32_t ref = words_alloc(doc, class);
    uint32_t *leaf = at(doc, ref);

    leaf[W_COUNT] = class << 16;
    leaf[W_SEQ] = seq;
    leaf[W_PARENT] = leaf[W_NEXT] = leaf[W_PREV] = 0;
    memset(leaf_items(leaf), 0, leaf_cap(leaf) * sizeof(uint32_t));
    return ref;
}

static uint32_t slot_of(const struct crdt_doc *doc, uint32_t item)
{
    uint32_t *leaf = at(doc, item_at(doc, item)->leaf);
    const uint32_t *items = leaf_items(leaf);
    uint32_t slot = 0;

    if (doc->slot_hint < count_of(leaf) && items[doc->slot_hint] == item) {
        return doc->slot_hint;
    }
    /* Four at a time: capacities are multiples of four, and an item stands before any slot that is left over. */
    while (items[slot] != item && items[slot + 1] != item && items[slot + 2] != item && items[slot + 3] != item) {
        slot += 4;
    }
    while (items[slot] != item) {
        slot++;
    }
    return slot;
}

/* ---- nodes: sums above the leaves -------------------------------------------------------------- */

static uint32_t *node_children(uint32_t *node)
{
    return node + NODE_HEAD;
}

static uint32_t *node_sums(uint32_t *node)
{
    return node + NODE_HEAD + NODE_MAX;
}

static uint32_t child_slot(const struct crdt_doc *doc, uint32_t node, uint32_t child)
{
    const uint32_t *children = node_children(at(doc, node));
    uint32_t slot = 0;

    while (children[slot] != child) {
        slot++;
    }
    return slot;
}

static void sums_add(struct crdt_doc *doc, uint32_t child, int64_t delta)
{
    for (uint32_t node = at(doc, child)[W_PARENT]; node; node = at(doc, child)[W_PARENT]) {
        uint32_t *sum = &node_sums(at(doc, node))[child_slot(doc, node, child)];
        *sum = (uint32_t)(*sum + delta);
        child = node;
    }
}

static void sums_flush(struct crdt_doc *doc)
{
    if (doc->late_leaf && doc->late_delta) {
        sums_add(doc, doc->late_leaf, doc->late_delta);
    }
    doc->late_leaf = 0;
    doc->late_delta = 0;
}

static uint32_t node_new(struct crdt_doc *doc, uint32_t seq, uint32_t level)
{
    uint32_t ref = words_alloc(doc, NODE_CLASS);
    uint32_t *node = at(doc, ref);

    node[W_COUNT] = level << 16;
    node[W_SEQ] = seq;
    node[W_PARENT] = 0;
    doc->node_count++;
    return ref;
}

static void node_release(struct crdt_doc *doc, uint32_t ref)
{
    words_release(doc, ref, NODE_CLASS);
    doc->node_count--;
}

static void node_put(struct crdt_doc *doc, uint32_t node_ref, uint32_t slot, uint32_t child, uint32_t sum)
{
    uint32_t *node = at(doc, node_ref), count = count_of(node);

    assert(count < NODE_MAX);
    memmove(node_children(node) + slot + 1, node_children(node) + slot, (count - slot) * sizeof(uint32_t));
    memmove(node_sums(node) + slot + 1, node_sums(node) + slot, (count - slot) * sizeof(uint32_t));
    node_children(node)[slot] = child;
    node_sums(node)[slot] = sum;
    set_count(node, count + 1);
    at(doc, child)[W_PARENT] = node_ref;
}

static uint32_t node_total(const struct crdt_doc *doc, uint32_t ref)
{
    uint32_t *node = at(doc, ref), total = 0;

    for (uint32_t i = 0; i < count_of(node); i++) {
        total += node_sums(node)[i];
    }
    return total;
}

static uint32_t leaf_total(const struct crdt_doc *doc, uint32_t ref)
{
    uint32_t *leaf = at(doc, ref), total = 0;

    for (uint32_t i = 0; i < count_of(leaf); i++) {
        total += leaf_visible(leaf)[i];
    }
    return total;
}

/* Moves the upper half of a full node into a new right sibling. */
static uint32_t node_halve(struct crdt_doc *doc, uint32_t left_ref)
{
    uint32_t right_ref = node_new(doc, at(doc, left_ref)[W_SEQ], tag_of(at(doc, left_ref)));
    uint32_t *left = at(doc, left_ref), *right = at(doc, right_ref), keep = NODE_MAX / 2;

    for (uint32_t i = keep; i < NODE_MAX; i++) {
        uint32_t child = node_children(left)[i];
        node_children(right)[i - keep] = child;
        node_sums(right)[i - keep] = node_sums(left)[i];
        at(doc, child)[W_PARENT] = right_ref;
    }
    set_count(left, keep);
    set_count(right, NODE_MAX - keep);
    return right_ref;
}

/* `right` has split off from `left` and took `moved` of its visible length along: gives it a parent. */
static void sums_split(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, uint32_t moved)
{
    uint32_t parent = at(doc, left)[W_PARENT];

    for (; parent; parent = at(doc, left)[W_PARENT]) {
        uint32_t slot = child_slot(doc, parent, left);
        node_sums(at(doc, parent))[slot] -= moved;
        if (count_of(at(doc, parent)) < NODE_MAX) {
            node_put(doc, parent, slot + 1, right, moved);
            return;
        }
        uint32_t sibling = node_halve(doc, parent);
        if (slot + 1 < NODE_MAX / 2) {
            node_put(doc, parent, slot + 1, right, moved);
        } else {
            node_put(doc, sibling, slot + 1 - NODE_MAX / 2, right, moved);
        }
        left = parent;
        right = sibling;
        moved = node_total(doc, sibling);
    }
    struct seq *s = &doc->seqs[seq];
    uint32_t root = node_new(doc, seq, tag_of(at(doc, left)) + 1);
    node_put(doc, root, 0, left, node_total(doc, left));
    node_put(doc, root, 1, right, moved);
    s->root = root;
}

/* A leaf without items leaves the tree; nodes that lose their last child go with it. */
static void sums_drop(struct crdt_doc *doc, uint32_t seq, uint32_t child)
{
    uint32_t node_ref = at(doc, child)[W_PARENT];

    while (node_ref) {
        uint32_t *node = at(doc, node_ref), slot = child_slot(doc, node_ref, child), count = count_of(node) - 1;
        memmove(node_children(node) + slot, node_children(node) + slot + 1, (count - slot) * sizeof(uint32_t));
        memmove(node_sums(node) + slot, node_sums(node) + slot + 1, (count - slot) * sizeof(uint32_t));
        set_count(node, count);
        if (count > 0) {
            return;
        }
        child = node_ref;
        node_ref = node[W_PARENT];
        node_release(doc, child);
    }
    doc->seqs[seq].root = 0;
}

/* ---- lists --------------------------------------------------------------------------------------- */

static void leaf_link_after(struct crdt_doc *doc, uint32_t seq, uint32_t left_ref, uint32_t ref)
{
    uint32_t *leaf = at(doc, ref), *left = at(doc, left_ref);

    leaf[W_PREV] = left_ref;
    leaf[W_NEXT] = left[W_NEXT];
    if (left[W_NEXT]) {
        at(doc, left[W_NEXT])[W_PREV] = ref;
    } else {
        doc->seqs[seq].last = ref;
    }
    left[W_NEXT] = ref;
}

/* Takes over the place of `old` in list, tree and cursor. */
static uint32_t leaf_grow(struct crdt_doc *doc, uint32_t old_ref)
{
    uint32_t *old = at(doc, old_ref), seq = old[W_SEQ], class = tag_of(old);
    uint32_t ref = leaf_new(doc, seq, class + 1);
    uint32_t *leaf = at(doc, ref), count = count_of(old);
    struct seq *s = &doc->seqs[seq];

    memcpy(leaf_items(leaf), leaf_items(old), count * sizeof(uint32_t));
    memcpy(leaf_visible(leaf), leaf_visible(old), count * sizeof(uint32_t));
    set_count(leaf, count);
    leaf[W_PARENT] = old[W_PARENT];
    leaf[W_NEXT] = old[W_NEXT];
    leaf[W_PREV] = old[W_PREV];
    for (uint32_t i = 0; i < count; i++) {
        item_at(doc, leaf_items(leaf)[i])->leaf = ref;
    }
    *(leaf[W_NEXT] ? &at(doc, leaf[W_NEXT])[W_PREV] : &s->last) = ref;
    *(leaf[W_PREV] ? &at(doc, leaf[W_PREV])[W_NEXT] : &s->first) = ref;
    if (leaf[W_PARENT]) {
        node_children(at(doc, leaf[W_PARENT]))[child_slot(doc, leaf[W_PARENT], old_ref)] = ref;
    }
    if (doc->late_leaf == old_ref) {
        doc->late_leaf = ref;
    }
    if (doc->cursor_leaf == old_ref) {
        doc->cursor_leaf = ref;
    }
    words_release(doc, old_ref, class);
    return ref;
}

/* Makes room in a full leaf of the largest class and moves *slot along. Appending leaves full leaves behind. */
static uint32_t leaf_split(struct crdt_doc *doc, uint32_t left_ref, uint32_t *slot)
{
    uint32_t seq = at(doc, left_ref)[W_SEQ];
    bool append = *slot == LEAF_MAX && !at(doc, left_ref)[W_NEXT];
    uint32_t keep = append ? LEAF_MAX : LEAF_MAX / 2, moved = 0;
    uint32_t right_ref = leaf_new(doc, seq, append ? 0 : LEAF_CLASS_MAX);
    uint32_t *left = at(doc, left_ref), *right = at(doc, right_ref);

    sums_flush(doc);
    for (uint32_t i = keep; i < LEAF_MAX; i++) {
        uint32_t item = leaf_items(left)[i];
        leaf_items(right)[i - keep] = item;
        leaf_visible(right)[i - keep] = leaf_visible(left)[i];
        moved += leaf_visible(left)[i];
        item_at(doc, item)->leaf = right_ref;
    }
    set_count(left, keep);
    set_count(right, LEAF_MAX - keep);
    leaf_link_after(doc, seq, left_ref, right_ref);
    if (doc->seqs[seq].root) {
        sums_split(doc, seq, left_ref, right_ref, moved);
    }
    if (*slot < keep || (*slot == keep && !append)) {
        return left_ref;
    }
    *slot -= keep;
    return right_ref;
}

/* A leaf's visible length changes by `delta`. */
static void leaf_changed(struct crdt_doc *doc, uint32_t leaf_ref, int64_t delta)
{
    if (delta == 0) {
        return;
    }
    uint32_t *leaf = at(doc, leaf_ref);
    struct seq *s = &doc->seqs[leaf[W_SEQ]];

    s->length = (uint32_t)(s->length + delta);
    if (doc->cursor_leaf != leaf_ref && doc->cursor_seq == leaf[W_SEQ]) {
        doc->cursor_leaf = 0;
    }
    if (!leaf[W_PARENT]) {
        return;
    }
    if (doc->late_leaf != leaf_ref) {
        sums_flush(doc);
        doc->late_leaf = leaf_ref;
    }
    doc->late_delta += delta;
}

static void leaf_put(struct crdt_doc *doc, uint32_t leaf_ref, uint32_t slot, uint32_t item)
{
    uint32_t *leaf = at(doc, leaf_ref), tail = count_of(leaf) - slot;
    uint32_t *items = leaf_items(leaf), *visible = leaf_visible(leaf);

    memmove(items + slot + 1, items + slot, tail * sizeof(uint32_t));
    memmove(visible + slot + 1, visible + slot, tail * sizeof(uint32_t));
    items[slot] = item;
    visible[slot] = item_visible(item_at(doc, item));
    set_count(leaf, count_of(leaf) + 1);
    item_at(doc, item)->leaf = leaf_ref;
    doc->slot_hint = slot;
    doc->changes++;
    leaf_changed(doc, leaf_ref, visible[slot]);
}

void seq_insert(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t item)
{
    struct seq *s = &doc->seqs[seq];
    uint32_t ref = left ? item_at(doc, left)->leaf : s->first;
    uint32_t slot = left ? slot_of(doc, left) + 1 : 0;

    if (!ref) {
        ref = s->first = s->last = leaf_new(doc, seq, 0);
    }
    uint32_t *leaf = at(doc, ref);
    if (count_of(leaf) == leaf_cap(leaf)) {
        ref = tag_of(leaf) < LEAF_CLASS_MAX ? leaf_grow(doc, ref) : leaf_split(doc, ref, &slot);
    }
    leaf_put(doc, ref, slot, item);
}

/* ---- a list at once ---------------------------------------------------------------------------------- */

static uint32_t leaf_class_for(uint32_t count)
{
    uint32_t class = 0;

    while (class < LEAF_CLASS_MAX && 4u << class < count) {
        class ++;
    }
    return class;
}

uint64_t seq_fill_words(uint32_t count)
{
    uint64_t full = (uint64_t)(count / LEAF_MAX) * words_class_size(LEAF_CLASS_MAX);

    return full + (count % LEAF_MAX > 0 ? words_class_size(leaf_class_for(count % LEAF_MAX)) : 0);
}

static void leaf_fill(struct crdt_doc *doc, uint32_t ref, const uint32_t *items, uint32_t count)
{
    uint32_t *leaf = at(doc, ref), *visible = leaf_visible(leaf);
    struct seq *s = &doc->seqs[leaf[W_SEQ]];

    memcpy(leaf_items(leaf), items, count * sizeof(*items));
    set_count(leaf, count);
    for (uint32_t i = 0; i < count; i++) {
        struct item *it = item_at(doc, items[i]);
        it->leaf = ref;
        visible[i] = item_visible(it);
        s->length += visible[i];
        s->formats += item_kind(it) == BLOCK_FORMAT && !item_deleted(it);
    }
}

void seq_fill(struct crdt_doc *doc, uint32_t seq, const uint32_t *items, uint32_t count)
{
    struct seq *s = &doc->seqs[seq];

    s->first = s->last = s->length = s->formats = 0;
    for (uint32_t i = 0, some; i < count; i += some) {
        some = count - i < LEAF_MAX ? count - i : LEAF_MAX;
        uint32_t ref = leaf_new(doc, seq, leaf_class_for(some));
        leaf_fill(doc, ref, items + i, some);
        at(doc, ref)[W_PREV] = s->last;
        *(s->last ? &at(doc, s->last)[W_NEXT] : &s->first) = ref;
        s->last = ref;
    }
    doc->changes++;
}

/* ---- taking out ----------------------------------------------------------------------------------------- */

static void leaf_unlink(struct crdt_doc *doc, uint32_t ref)
{
    uint32_t *leaf = at(doc, ref), seq = leaf[W_SEQ];
    struct seq *s = &doc->seqs[seq];

    *(leaf[W_NEXT] ? &at(doc, leaf[W_NEXT])[W_PREV] : &s->last) = leaf[W_PREV];
    *(leaf[W_PREV] ? &at(doc, leaf[W_PREV])[W_NEXT] : &s->first) = leaf[W_NEXT];
    sums_flush(doc);
    if (leaf[W_PARENT]) {
        sums_drop(doc, seq, ref);
    }
    if (doc->cursor_leaf == ref) {
        doc->cursor_leaf = 0;
    }
    words_release(doc, ref, tag_of(leaf));
}

void seq_remove(struct crdt_doc *doc, uint32_t item)
{
    uint32_t ref = item_at(doc, item)->leaf, slot = slot_of(doc, item);
    uint32_t *leaf = at(doc, ref), tail = count_of(leaf) - slot - 1;
    uint32_t *items = leaf_items(leaf), *visible = leaf_visible(leaf);

    doc->changes++;
    leaf_changed(doc, ref, -(int64_t)visible[slot]);
    memmove(items + slot, items + slot + 1, tail * sizeof(uint32_t));
    memmove(visible + slot, visible + slot + 1, tail * sizeof(uint32_t));
    set_count(leaf, count_of(leaf) - 1);
    if (count_of(leaf) == 0) {
        leaf_unlink(doc, ref);
    }
}

void seq_adjust(struct crdt_doc *doc, uint32_t leaf, uint32_t slot, int64_t delta)
{
    uint32_t *visible = &leaf_visible(at(doc, leaf))[slot];

    *visible = (uint32_t)(*visible + delta);
    doc->slot_hint = slot;
    doc->changes++;
    leaf_changed(doc, leaf, delta);
}

void seq_update(struct crdt_doc *doc, uint32_t item)
{
    uint32_t leaf = item_at(doc, item)->leaf, slot = slot_of(doc, item);

    seq_adjust(doc, leaf, slot, (int64_t)item_visible(item_at(doc, item)) - leaf_visible(at(doc, leaf))[slot]);
}

/* Frees a tree of nodes, children before parents, without recursion: the parent links lead back. */
static void sums_free(struct crdt_doc *doc, uint32_t root)
{
    uint32_t node_ref = root;

    while (node_ref) {
        uint32_t *node = at(doc, node_ref), count = count_of(node);
        if (tag_of(node) > 1 && count > 0) {
            set_count(node, count - 1);
            node_ref = node_children(node)[count - 1];
            continue;
        }
        uint32_t parent = node[W_PARENT];
        node_release(doc, node_ref);
        node_ref = parent;
    }
}

void seq_clear(struct crdt_doc *doc, uint32_t seq)
{
    struct seq *s = &doc->seqs[seq];

    sums_flush(doc);
    if (s->root) {
        sums_free(doc, s->root);
    }
    for (uint32_t ref = s->first; ref;) {
        uint32_t next = at(doc, ref)[W_NEXT];
        words_release(doc, ref, tag_of(at(doc, ref)));
        ref = next;
    }
    if (doc->cursor_seq == seq) {
        doc->cursor_leaf = 0;
    }
    doc->changes++;
    s->first = s->last = s->root = s->length = s->formats = 0;
}

/* ---- walking ---------------------------------------------------------------------------------------- */

uint32_t seq_first(const struct crdt_doc *doc, uint32_t seq)
{
    return seq_item(doc, seq_begin(doc, seq));
}

uint32_t seq_last(const struct crdt_doc *doc, uint32_t seq)
{
    uint32_t ref = doc->seqs[seq].last;

    return ref ? leaf_items(at(doc, ref))[count_of(at(doc, ref)) - 1] : 0;
}

uint32_t seq_next(const struct crdt_doc *doc, uint32_t item)
{
    struct seq_at place = seq_at_item(doc, item);

    seq_step(doc, &place);
    return seq_item(doc, place);
}

uint32_t seq_prev(const struct crdt_doc *doc, uint32_t item)
{
    uint32_t ref = item_at(doc, item)->leaf, slot = slot_of(doc, item);

    if (slot > 0) {
        return leaf_items(at(doc, ref))[slot - 1];
    }
    ref = at(doc, ref)[W_PREV];
    return ref ? leaf_items(at(doc, ref))[count_of(at(doc, ref)) - 1] : 0;
}

struct seq_at seq_begin(const struct crdt_doc *doc, uint32_t seq)
{
    return (struct seq_at){doc->seqs[seq].first, 0};
}

struct seq_at seq_at_item(const struct crdt_doc *doc, uint32_t item)
{
    return (struct seq_at){item_at(doc, item)->leaf, slot_of(doc, item)};
}

uint32_t seq_item(const struct crdt_doc *doc, struct seq_at place)
{
    return place.leaf ? leaf_items(at(doc, place.leaf))[place.slot] : 0;
}

void seq_step(const struct crdt_doc *doc, struct seq_at *place)
{
    if (++place->slot == count_of(at(doc, place->leaf))) {
        place->leaf = at(doc, place->leaf)[W_NEXT];
        place->slot = 0;
    }
}

/* ---- positions ---------------------------------------------------------------------------------------- */

/* Builds one level of nodes above a chain of `count` children that starts at `child`; children of nodes are found
 * through the chain that the level below left in W_PARENT. Returns how many nodes were made, the first in *out. */
static uint32_t build_level(struct crdt_doc *doc, uint32_t seq, uint32_t level, uint32_t child, uint32_t *out)
{
    uint32_t made = 0, node = 0, previous = 0;

    while (child) {
        uint32_t next = at(doc, child)[level == 1 ? W_NEXT : W_PARENT];
        if (!node || count_of(at(doc, node)) == NODE_MAX * 3 / 4) {
            previous = node;
            node = node_new(doc, seq, level);
            *(previous ? &at(doc, previous)[W_PARENT] : out) = node;
            made++;
        }
        node_put(doc, node, count_of(at(doc, node)), child,
                 level == 1 ? leaf_total(doc, child) : node_total(doc, child));
        child = next;
    }
    return made;
}

static int build_sums(struct crdt_doc *doc, uint32_t seq)
{
    struct seq *s = &doc->seqs[seq];
    uint32_t leaves = 0, level = 1, first = 0;

    for (uint32_t ref = s->first; ref; ref = at(doc, ref)[W_NEXT]) {
        leaves++;
    }
    int rc = mem_reserve(&doc->mem, (void **)&doc->words, &doc->word_cap,
                         (uint64_t)doc->word_count + ((uint64_t)leaves / 16 + 8) * words_class_size(NODE_CLASS),
                         sizeof(uint32_t));
    if (rc != RC_OK) {
        return rc;
    }
    doc->credit = 0; /* it did not count on nodes */
    uint32_t child = s->first;
    while (build_level(doc, seq, level, child, &first) > 1) {
        child = first;
        level++;
    }
    s->root = first;
    return RC_OK;
}

static void leaf_locate(const struct crdt_doc *doc, uint32_t ref, uint32_t index, uint32_t *item, uint32_t *offset)
{
    uint32_t *leaf = at(doc, ref), *visible = leaf_visible(leaf), slot = 0;

    while (index >= visible[slot]) {
        index -= visible[slot++];
        assert(slot < count_of(leaf));
    }
    *item = leaf_items(leaf)[slot];
    *offset = index;
}

/* The leaf that holds `index`; *index becomes the offset in it. */
static uint32_t descend(const struct crdt_doc *doc, uint32_t root, uint32_t *index)
{
    uint32_t ref = root;

    for (uint32_t level = tag_of(at(doc, ref)); level > 0; level--) {
        uint32_t *node = at(doc, ref), *sums = node_sums(node), slot = 0;
        while (*index >= sums[slot]) {
            *index -= sums[slot++];
            assert(slot < count_of(node));
        }
        ref = node_children(node)[slot];
    }
    return ref;
}

int seq_find(struct crdt_doc *doc, uint32_t seq, uint32_t index, uint32_t *item, uint32_t *offset)
{
    struct seq *s = &doc->seqs[seq];

    if (s->first == s->last) {
        leaf_locate(doc, s->first, index, item, offset);
        return RC_OK;
    }
    if (doc->cursor_leaf && doc->cursor_seq == seq && index >= doc->cursor_start) {
        uint32_t rest = index - doc->cursor_start;
        uint32_t *leaf = at(doc, doc->cursor_leaf), *visible = leaf_visible(leaf), count = count_of(leaf);
        for (uint32_t slot = 0; slot < count; rest -= visible[slot++]) {
            if (rest < visible[slot]) {
                *item = leaf_items(leaf)[slot];
                *offset = rest;
                return RC_OK;
            }
        }
    }
    if (!s->root) {
        int rc = build_sums(doc, seq);
        if (rc != RC_OK) {
            return rc;
        }
    }
    sums_flush(doc);
    uint32_t rest = index;
    uint32_t leaf = descend(doc, s->root, &rest);
    doc->cursor_seq = seq;
    doc->cursor_leaf = leaf;
    doc->cursor_start = index - rest;
    leaf_locate(doc, leaf, rest, item, offset);
    return RC_OK;
}

uint32_t seq_index_of(struct crdt_doc *doc, uint32_t item)
{
    uint32_t ref = item_at(doc, item)->leaf, slot = slot_of(doc, item), index = 0;
    uint32_t *leaf = at(doc, ref);

    for (uint32_t i = 0; i < slot; i++) {
        index += leaf_visible(leaf)[i];
    }
    if (!leaf[W_PARENT]) {
        for (uint32_t prev = leaf[W_PREV]; prev; prev = at(doc, prev)[W_PREV]) {
            index += leaf_total(doc, prev);
        }
        return index;
    }
    sums_flush(doc);
    for (uint32_t node = leaf[W_PARENT]; node; ref = node, node = at(doc, node)[W_PARENT]) {
        uint32_t upto = child_slot(doc, node, ref);
        for (uint32_t i = 0; i < upto; i++) {
            index += node_sums(at(doc, node))[i];
        }
    }
    return index;
}

/* ---- checking ------------------------------------------------------------------------------------------- */

static const char *check_leaf(const struct crdt_doc *doc, uint32_t seq, uint32_t ref, uint32_t prev, uint64_t *length)
{
    uint32_t *leaf = at(doc, ref);

    if (leaf[W_SEQ] != seq || leaf[W_PREV] != prev || count_of(leaf) == 0 || count_of(leaf) > leaf_cap(leaf)) {
        return "a leaf's head disagrees with its list";
    }
    for (uint32_t i = 0; i < count_of(leaf); i++) {
        const struct item *it = item_at(doc, leaf_items(leaf)[i]);
        if (it->leaf != ref || (it->flags & ITEM_FREE)) {
            return "an item does not know its leaf";
        }
        if (leaf_visible(leaf)[i] != item_visible(it)) {
            return "a leaf has a stale visible length";
        }
        *length += item_visible(it);
    }
    return NULL;
}

static const char *check_sums(const struct crdt_doc *doc, const struct seq *s)
{
    uint32_t child = s->first;

    if (!s->root) {
        return child && at(doc, child)[W_PARENT] ? "a leaf has a parent in a list without sums" : NULL;
    }
    for (; child; child = at(doc, child)[W_NEXT]) {
        uint32_t ref = child;
        int64_t total = leaf_total(doc, child);
        if (doc->late_leaf == child) {
            total -= doc->late_delta;
        }
        for (uint32_t node = at(doc, ref)[W_PARENT]; node; node = at(doc, ref)[W_PARENT]) {
            uint32_t slot = child_slot(doc, node, ref);
            if (node_sums(at(doc, node))[slot] != (uint32_t)total) {
                return "a sum above the leaves is wrong";
            }
            if (slot != 0) {
                break; /* checked on the way from the first child */
            }
            ref = node;
            total = node_total(doc, node);
        }
    }
    return NULL;
}

const char *seq_check(const struct crdt_doc *doc, uint32_t seq)
{
    const struct seq *s = &doc->seqs[seq];
    uint64_t length = 0;
    uint32_t prev = 0;

    for (uint32_t ref = s->first; ref; prev = ref, ref = at(doc, ref)[W_NEXT]) {
        const char *broken = check_leaf(doc, seq, ref, prev, &length);
        if (broken) {
            return broken;
        }
    }
    if (prev != s->last) {
        return "a list does not end at its last leaf";
    }
    return length != s->length ? "a list has the wrong length" : check_sums(doc, s);
}
