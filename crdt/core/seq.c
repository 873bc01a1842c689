#include "crdt/core/seq.h"

#include <assert.h>
#include <string.h>
#include "crdt/core/leaf.h"
#include "crdt/core/sums.h"

/* ---- leaves ---------------------------------------------------------------------------------- */

static uint32_t *at(const struct crdt_doc *doc, uint32_t ref)
{
    return words_at(doc, ref);
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

/* Not inlined: mostly it is where the last one was, or right before that. */
__attribute__((noinline)) static uint32_t search_slot(uint32_t *leaf, uint32_t hint, uint32_t item)
{
    if (hint - 1 < leaf_count(leaf) && leaf_items(leaf)[hint - 1] == item) {
        return hint - 1;
    }
    return leaf_find_ref(leaf_items(leaf), leaf_cap(leaf), item);
}

static inline uint32_t slot_of(const struct crdt_doc *doc, uint32_t item)
{
    uint32_t *leaf = at(doc, item_at(doc, item)->leaf);

    if (doc->slot_hint < leaf_count(leaf) && leaf_items(leaf)[doc->slot_hint] == item) {
        return doc->slot_hint;
    }
    return search_slot(leaf, doc->slot_hint, item);
}

void seq_near(struct crdt_doc *doc, uint32_t item)
{
    doc->slot_hint = slot_of(doc, item);
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
    uint32_t *old = at(doc, old_ref), seq = old[W_SEQ], class = leaf_tag(old);
    uint32_t ref = leaf_new(doc, seq, class + 1);
    uint32_t *leaf = at(doc, ref), count = leaf_count(old);
    struct seq *s = &doc->seqs[seq];

    memcpy(leaf_items(leaf), leaf_items(old), count * sizeof(uint32_t));
    memcpy(leaf_visible(leaf), leaf_visible(old), count * sizeof(uint32_t));
    leaf_set_count(leaf, count);
    leaf_set_marks(leaf, leaf_marks(old));
    leaf[W_NEXT] = old[W_NEXT];
    leaf[W_PREV] = old[W_PREV];
    for (uint32_t i = 0; i < count; i++) {
        item_at(doc, leaf_items(leaf)[i])->leaf = ref;
    }
    *(leaf[W_NEXT] ? &at(doc, leaf[W_NEXT])[W_PREV] : &s->last) = ref;
    *(leaf[W_PREV] ? &at(doc, leaf[W_PREV])[W_NEXT] : &s->first) = ref;
    sums_replace(doc, old_ref, ref);
    if (doc->cursor_leaf == old_ref) {
        doc->cursor_leaf = ref;
    }
    words_release(doc, old_ref, class);
    return ref;
}

/* The living marks among items. */
static uint32_t count_marks(const struct crdt_doc *doc, const uint32_t *items, uint32_t count)
{
    uint32_t marks = 0;

    for (uint32_t i = 0; i < count; i++) {
        marks += item_is_mark(item_at(doc, items[i]));
    }
    return marks;
}

/* Moves what stands from slot `keep` on to an empty leaf of that size; returns the visible units that moved. The items
 * lie anywhere in memory: they are written only, unless marks must be counted. */
static uint32_t leaf_move_tail(struct crdt_doc *doc, uint32_t left_ref, uint32_t keep, uint32_t right_ref)
{
    uint32_t *left = at(doc, left_ref), *right = at(doc, right_ref);
    uint32_t *items = leaf_items(right), *visible = leaf_visible(right);
    uint32_t count = leaf_count(left) - keep, marks = 0, moved = 0;

    memcpy(items, leaf_items(left) + keep, count * sizeof(*items));
    memcpy(visible, leaf_visible(left) + keep, count * sizeof(*visible));
    for (uint32_t i = 0; i < count; i++) {
        item_at(doc, items[i])->leaf = right_ref;
        moved += visible[i];
    }
    if (leaf_marks(left) > 0) {
        marks = count_marks(doc, items, count);
    }
    leaf_set_count(left, keep);
    leaf_set_count(right, count);
    leaf_set_marks(left, leaf_marks(left) - marks);
    leaf_set_marks(right, marks);
    return moved;
}

/* Makes room in a full leaf of the largest class and moves *slot along. Appending leaves full leaves behind. */
static uint32_t leaf_split(struct crdt_doc *doc, uint32_t left_ref, uint32_t *slot)
{
    uint32_t seq = at(doc, left_ref)[W_SEQ];
    bool append = *slot == LEAF_MAX && !at(doc, left_ref)[W_NEXT];
    uint32_t keep = append ? LEAF_MAX : LEAF_MAX / 2;
    uint32_t right_ref = leaf_new(doc, seq, append ? 0 : LEAF_CLASS_MAX);

    sums_flush(doc);
    uint32_t moved = leaf_move_tail(doc, left_ref, keep, right_ref);
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

/* The visible length of a leaf of that list changes by `delta`. */
static void leaf_changed(struct crdt_doc *doc, uint32_t seq, uint32_t leaf, int64_t delta)
{
    struct seq *s = &doc->seqs[seq];

    if (delta == 0) {
        return;
    }
    s->length = (uint32_t)(s->length + delta);
    seq_await(doc, seq, leaf);
    doc->late_delta += delta;
}

/* A living mark comes (1) or goes (-1). */
static void leaf_marked(struct crdt_doc *doc, uint32_t leaf_ref, int by)
{
    uint32_t *leaf = at(doc, leaf_ref), before = leaf_marks(leaf), marks = (uint32_t)((int)before + by);

    leaf_set_marks(leaf, marks);
    doc->seqs[leaf[W_SEQ]].formats += (uint32_t)by;
    if (leaf[W_PARENT] && (before == 0 || marks == 0)) {
        sums_marked(doc, leaf_ref);
    }
}

/* Makes room for one more item in a leaf and moves *slot along. Returns where that is now. */
static uint32_t leaf_make_room(struct crdt_doc *doc, uint32_t ref, uint32_t *slot)
{
    const uint32_t *leaf = at(doc, ref);

    if (leaf_count(leaf) < leaf_cap(leaf)) {
        return ref;
    }
    return leaf_tag(leaf) < LEAF_CLASS_MAX ? leaf_grow(doc, ref) : leaf_split(doc, ref, slot);
}

/* Where there is room. The sums do not know yet how much longer the leaf is. */
static void leaf_put(struct crdt_doc *doc, uint32_t leaf_ref, uint32_t slot, uint32_t item)
{
    uint32_t *leaf = at(doc, leaf_ref), tail = leaf_count(leaf) - slot;
    uint32_t *items = leaf_items(leaf), *visible = leaf_visible(leaf);

    memmove(items + slot + 1, items + slot, tail * sizeof(uint32_t));
    memmove(visible + slot + 1, visible + slot, tail * sizeof(uint32_t));
    items[slot] = item;
    visible[slot] = item_visible(item_at(doc, item));
    leaf_set_count(leaf, leaf_count(leaf) + 1);
    item_at(doc, item)->leaf = leaf_ref;
    doc->slot_hint = slot;
    doc->changes++;
    if (item_is_mark(item_at(doc, item))) {
        leaf_marked(doc, leaf_ref, 1);
    }
}

void seq_insert(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t item)
{
    struct seq *s = &doc->seqs[seq];
    uint32_t ref = left ? item_at(doc, left)->leaf : s->first;
    uint32_t slot = left ? slot_of(doc, left) + 1 : 0;

    if (!ref) {
        ref = s->first = s->last = leaf_new(doc, seq, 0);
    }
    ref = leaf_make_room(doc, ref, &slot);
    leaf_put(doc, ref, slot, item);
    leaf_changed(doc, seq, ref, leaf_visible(at(doc, ref))[slot]);
}

void seq_split(struct crdt_doc *doc, uint32_t item, uint32_t right)
{
    uint32_t slot = slot_of(doc, item) + 1, ref = leaf_make_room(doc, item_at(doc, item)->leaf, &slot);

    leaf_put(doc, ref, slot, right);
    if (slot > 0) { /* in one leaf, which is as long as before */
        leaf_visible(at(doc, ref))[slot - 1] = item_visible(item_at(doc, item));
        doc->slot_hint = slot - 1;
    } else {
        leaf_changed(doc, at(doc, ref)[W_SEQ], ref, item_visible(item_at(doc, right)));
        seq_update(doc, item);
    }
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
    uint32_t marks = 0;

    memcpy(leaf_items(leaf), items, count * sizeof(*items));
    leaf_set_count(leaf, count);
    for (uint32_t i = 0; i < count; i++) {
        struct item *it = item_at(doc, items[i]);
        it->leaf = ref;
        visible[i] = item_visible(it);
        s->length += visible[i];
        marks += item_is_mark(it);
    }
    leaf_set_marks(leaf, marks);
    s->formats += marks;
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
    words_release(doc, ref, leaf_tag(leaf));
}

void seq_remove(struct crdt_doc *doc, uint32_t item)
{
    uint32_t ref = item_at(doc, item)->leaf, slot = slot_of(doc, item);
    uint32_t *leaf = at(doc, ref), tail = leaf_count(leaf) - slot - 1;
    uint32_t *items = leaf_items(leaf), *visible = leaf_visible(leaf);

    doc->changes++;
    leaf_changed(doc, leaf[W_SEQ], ref, -(int64_t)visible[slot]);
    if (item_is_mark(item_at(doc, item))) {
        leaf_marked(doc, ref, -1);
    }
    memmove(items + slot, items + slot + 1, tail * sizeof(uint32_t));
    memmove(visible + slot, visible + slot + 1, tail * sizeof(uint32_t));
    leaf_set_count(leaf, leaf_count(leaf) - 1);
    if (leaf_count(leaf) == 0) {
        leaf_unlink(doc, ref);
    }
}

uint32_t seq_visible(const struct crdt_doc *doc, struct seq_at place)
{
    return (uint32_t)(&leaf_visible(at(doc, place.leaf))[place.slot] - doc->words);
}

void seq_await(struct crdt_doc *doc, uint32_t seq, uint32_t leaf)
{
    if (!seq_awaits(doc, leaf)) {
        sums_await(doc, seq, leaf);
    }
}

void seq_update(struct crdt_doc *doc, uint32_t item)
{
    const struct item *it = item_at(doc, item);
    uint32_t slot = slot_of(doc, item), *leaf = at(doc, it->leaf), *visible = &leaf_visible(leaf)[slot];
    int64_t delta = (int64_t)item_visible(it) - *visible;

    *visible = item_visible(it);
    doc->slot_hint = slot;
    doc->changes++;
    leaf_changed(doc, leaf[W_SEQ], it->leaf, delta);
}

void seq_mark_died(struct crdt_doc *doc, uint32_t item)
{
    leaf_marked(doc, item_at(doc, item)->leaf, -1);
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
        words_release(doc, ref, leaf_tag(at(doc, ref)));
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

    return ref ? leaf_items(at(doc, ref))[leaf_count(at(doc, ref)) - 1] : 0;
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
    return ref ? leaf_items(at(doc, ref))[leaf_count(at(doc, ref)) - 1] : 0;
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
    if (++place->slot == leaf_count(at(doc, place->leaf))) {
        place->leaf = at(doc, place->leaf)[W_NEXT];
        place->slot = 0;
    }
}

uint32_t seq_first_leaf(const struct crdt_doc *doc, uint32_t seq)
{
    return doc->seqs[seq].first;
}

uint32_t seq_leaf_items(const struct crdt_doc *doc, uint32_t leaf, const uint32_t **items, uint32_t *count)
{
    uint32_t *w = at(doc, leaf);

    *items = leaf_items(w);
    *count = leaf_count(w);
    return w[W_NEXT];
}

/* ---- checking ------------------------------------------------------------------------------------------- */

static const char *check_leaf(const struct crdt_doc *doc, uint32_t seq, uint32_t ref, uint32_t prev, uint64_t *length)
{
    uint32_t *leaf = at(doc, ref), marks = 0;

    if (leaf[W_SEQ] != seq || leaf[W_PREV] != prev || leaf_count(leaf) == 0 || leaf_count(leaf) > leaf_cap(leaf)) {
        return "a leaf's head disagrees with its list";
    }
    for (uint32_t i = 0; i < leaf_count(leaf); i++) {
        const struct item *it = item_at(doc, leaf_items(leaf)[i]);
        if (it->leaf != ref || (it->flags & ITEM_FREE)) {
            return "an item does not know its leaf";
        }
        if (leaf_visible(leaf)[i] != item_visible(it)) {
            return "a leaf has a stale visible length";
        }
        *length += item_visible(it);
        marks += item_is_mark(it);
    }
    return marks != leaf_marks(leaf) ? "a leaf miscounts its marks" : NULL;
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
    return length != s->length ? "a list has the wrong length" : sums_check(doc, seq);
}
