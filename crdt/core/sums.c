#include "crdt/core/sums.h"

#include <assert.h>
#include <string.h>
#include "crdt/core/leaf.h"

#define NODE_CLASS 3
#define NODE_HEAD  4
#define NODE_MAX   32

enum { W_MARKS = 3 }; /* only of nodes */

/* ---- nodes ----------------------------------------------------------------------------------------- */

static uint32_t *at(const struct crdt_doc *doc, uint32_t ref)
{
    return words_at(doc, ref);
}

static uint32_t *node_children(uint32_t *node)
{
    return node + NODE_HEAD;
}

static uint32_t *node_sums(uint32_t *node)
{
    return node + NODE_HEAD + NODE_MAX;
}

/* Where the slot in a node of this level stands on the way to the leaf that was found last (doc->way). More levels than
 * there is room for would share their hints. */
static uint32_t way_index(const struct crdt_doc *doc, uint32_t level)
{
    return level % (uint32_t)sizeof(doc->way);
}

/* Mostly the way to the leaf found last is the way back as well. */
static uint32_t child_slot(const struct crdt_doc *doc, uint32_t node_ref, uint32_t child)
{
    uint32_t *node = at(doc, node_ref), slot = doc->way[way_index(doc, leaf_tag(node))];
    const uint32_t *children = node_children(node);

    if (slot < leaf_count(node) && children[slot] == child) {
        return slot;
    }
    return leaf_find_ref(children, NODE_MAX, child);
}

static uint32_t node_new(struct crdt_doc *doc, uint32_t seq, uint32_t level)
{
    uint32_t ref = words_alloc(doc, NODE_CLASS);
    uint32_t *node = at(doc, ref);

    node[W_COUNT] = level << 16;
    node[W_SEQ] = seq;
    node[W_PARENT] = node[W_MARKS] = 0;
    memset(node_children(node), 0, NODE_MAX * sizeof(uint32_t)); /* all are compared */
    doc->node_count++;
    return ref;
}

static void node_release(struct crdt_doc *doc, uint32_t ref)
{
    words_release(doc, ref, NODE_CLASS);
    doc->node_count--;
}

/* A living mark stands at or below a child of a node of that level. */
static bool has_marks(const struct crdt_doc *doc, uint32_t level, uint32_t child)
{
    const uint32_t *w = at(doc, child);

    return level == 1 ? leaf_marks(w) > 0 : w[W_MARKS] != 0;
}

static void note_marks(const struct crdt_doc *doc, uint32_t node_ref, uint32_t slot)
{
    uint32_t *node = at(doc, node_ref), bit = UINT32_C(1) << slot;
    bool has = has_marks(doc, leaf_tag(node), node_children(node)[slot]);

    node[W_MARKS] = has ? node[W_MARKS] | bit : node[W_MARKS] & ~bit;
}

/* The bits of a node's children below `slot`. */
static uint32_t marks_below(const uint32_t *node, uint32_t slot)
{
    return node[W_MARKS] & ((UINT32_C(1) << slot) - 1);
}

static void node_put(struct crdt_doc *doc, uint32_t node_ref, uint32_t slot, uint32_t child, uint32_t sum)
{
    uint32_t *node = at(doc, node_ref), count = leaf_count(node);

    assert(count < NODE_MAX);
    memmove(node_children(node) + slot + 1, node_children(node) + slot, (count - slot) * sizeof(uint32_t));
    memmove(node_sums(node) + slot + 1, node_sums(node) + slot, (count - slot) * sizeof(uint32_t));
    node_children(node)[slot] = child;
    node_sums(node)[slot] = sum;
    node[W_MARKS] = marks_below(node, slot) | (node[W_MARKS] & ~marks_below(node, slot)) << 1;
    leaf_set_count(node, count + 1);
    at(doc, child)[W_PARENT] = node_ref;
    note_marks(doc, node_ref, slot);
}

static uint32_t node_total(const struct crdt_doc *doc, uint32_t ref)
{
    uint32_t *node = at(doc, ref), total = 0;

    for (uint32_t i = 0; i < leaf_count(node); i++) {
        total += node_sums(node)[i];
    }
    return total;
}

/* ---- lengths change --------------------------------------------------------------------------------- */

static void carry(struct crdt_doc *doc, uint32_t child, int64_t delta)
{
    for (uint32_t node = at(doc, child)[W_PARENT]; node; node = at(doc, child)[W_PARENT]) {
        uint32_t *sum = &node_sums(at(doc, node))[child_slot(doc, node, child)];
        *sum = (uint32_t)(*sum + delta);
        child = node;
    }
}

void sums_flush(struct crdt_doc *doc)
{
    if (doc->late_leaf && doc->late_delta) {
        carry(doc, doc->late_leaf, doc->late_delta);
    }
    doc->late_leaf = 0;
    doc->late_delta = 0;
}

void sums_await(struct crdt_doc *doc, uint32_t seq, uint32_t leaf)
{
    sums_flush(doc);
    doc->late_leaf = leaf;
    if (doc->cursor_leaf != leaf && doc->cursor_seq == seq) {
        doc->cursor_leaf = 0;
    }
}

void sums_marked(struct crdt_doc *doc, uint32_t leaf)
{
    uint32_t child = leaf;

    for (uint32_t node = at(doc, child)[W_PARENT]; node; node = at(doc, child)[W_PARENT]) {
        uint32_t before = at(doc, node)[W_MARKS];
        note_marks(doc, node, child_slot(doc, node, child));
        if ((before == 0) == (at(doc, node)[W_MARKS] == 0)) {
            return;
        }
        child = node;
    }
}

/* ---- leaves come and go -------------------------------------------------------------------------------- */

/* Moves the upper half of a full node into a new right sibling. */
static uint32_t node_halve(struct crdt_doc *doc, uint32_t left_ref)
{
    uint32_t right_ref = node_new(doc, at(doc, left_ref)[W_SEQ], leaf_tag(at(doc, left_ref)));
    uint32_t *left = at(doc, left_ref), *right = at(doc, right_ref), keep = NODE_MAX / 2;

    for (uint32_t i = keep; i < NODE_MAX; i++) {
        uint32_t child = node_children(left)[i];
        node_children(right)[i - keep] = child;
        node_sums(right)[i - keep] = node_sums(left)[i];
        at(doc, child)[W_PARENT] = right_ref;
    }
    leaf_set_count(left, keep);
    leaf_set_count(right, NODE_MAX - keep);
    right[W_MARKS] = left[W_MARKS] >> keep;
    left[W_MARKS] = marks_below(left, keep);
    return right_ref;
}

/* A leaf splits, and full nodes above it do. */
void sums_split(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, uint32_t moved)
{
    uint32_t parent = at(doc, left)[W_PARENT];

    for (; parent; parent = at(doc, left)[W_PARENT]) {
        uint32_t slot = child_slot(doc, parent, left);
        node_sums(at(doc, parent))[slot] -= moved;
        note_marks(doc, parent, slot);
        if (leaf_count(at(doc, parent)) < NODE_MAX) {
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
    uint32_t root = node_new(doc, seq, leaf_tag(at(doc, left)) + 1);
    node_put(doc, root, 0, left, node_total(doc, left));
    node_put(doc, root, 1, right, moved);
    doc->seqs[seq].root = root;
}

void sums_drop(struct crdt_doc *doc, uint32_t seq, uint32_t leaf)
{
    uint32_t child = leaf, node_ref = at(doc, child)[W_PARENT];

    while (node_ref) {
        uint32_t *node = at(doc, node_ref), slot = child_slot(doc, node_ref, child), count = leaf_count(node) - 1;
        memmove(node_children(node) + slot, node_children(node) + slot + 1, (count - slot) * sizeof(uint32_t));
        memmove(node_sums(node) + slot, node_sums(node) + slot + 1, (count - slot) * sizeof(uint32_t));
        node[W_MARKS] = marks_below(node, slot) | (node[W_MARKS] >> 1 & ~((UINT32_C(1) << slot) - 1));
        leaf_set_count(node, count);
        if (count > 0) {
            return;
        }
        child = node_ref;
        node_ref = node[W_PARENT];
        node_release(doc, child);
    }
    doc->seqs[seq].root = 0;
}

void sums_replace(struct crdt_doc *doc, uint32_t leaf, uint32_t with)
{
    uint32_t parent = at(doc, leaf)[W_PARENT];

    at(doc, with)[W_PARENT] = parent;
    if (parent) {
        node_children(at(doc, parent))[child_slot(doc, parent, leaf)] = with;
    }
    if (doc->late_leaf == leaf) {
        doc->late_leaf = with;
    }
}

/* ---- the tree as a whole ---------------------------------------------------------------------------------- */

/* Builds one level of nodes above a chain of children that starts at `child`; children of nodes are found through the
 * chain that the level below left in W_PARENT. Returns how many nodes were made, the first in *out. */
static uint32_t build_level(struct crdt_doc *doc, uint32_t seq, uint32_t level, uint32_t child, uint32_t *out)
{
    uint32_t made = 0, node = 0, previous = 0;

    while (child) {
        uint32_t next = at(doc, child)[level == 1 ? W_NEXT : W_PARENT];
        if (!node || leaf_count(at(doc, node)) == NODE_MAX * 3 / 4) {
            previous = node;
            node = node_new(doc, seq, level);
            *(previous ? &at(doc, previous)[W_PARENT] : out) = node;
            made++;
        }
        node_put(doc, node, leaf_count(at(doc, node)), child,
                 level == 1 ? leaf_total(doc, child) : node_total(doc, child));
        child = next;
    }
    return made;
}

int sums_build(struct crdt_doc *doc, uint32_t seq)
{
    struct seq *s = &doc->seqs[seq];
    uint32_t leaves = 0, level = 1, first = 0;

    sums_flush(doc); /* there is nothing to carry it to, and the new sums have it */
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

/* Children before parents, without recursion: the parent links lead back. */
void sums_free(struct crdt_doc *doc, uint32_t root)
{
    uint32_t node_ref = root;

    while (node_ref) {
        uint32_t *node = at(doc, node_ref), count = leaf_count(node);
        if (leaf_tag(node) > 1 && count > 0) {
            leaf_set_count(node, count - 1);
            node_ref = node_children(node)[count - 1];
            continue;
        }
        uint32_t parent = node[W_PARENT];
        node_release(doc, node_ref);
        node_ref = parent;
    }
}

/* ---- looking up ---------------------------------------------------------------------------------------------- */

uint32_t sums_find(struct crdt_doc *doc, uint32_t root, uint32_t *index)
{
    uint32_t ref = root;

    for (uint32_t level = leaf_tag(at(doc, ref)); level > 0; level--) {
        uint32_t *node = at(doc, ref), slot = leaf_find_unit(node_sums(node), leaf_count(node), index);
        assert(slot < leaf_count(node));
        doc->way[way_index(doc, level)] = (uint8_t)slot;
        ref = node_children(node)[slot];
    }
    return ref;
}

/* The first child from `slot` on below which something is alive; the node's count: none. */
static uint32_t alive_slot(const struct crdt_doc *doc, uint32_t node_ref, uint32_t slot)
{
    uint32_t *node = at(doc, node_ref), *sums = node_sums(node), count = leaf_count(node);

    while (slot < count && sums[slot] == 0 && !(node[W_MARKS] >> slot & 1)) {
        slot++;
    }
    return slot;
}

uint32_t sums_next_alive(const struct crdt_doc *doc, uint32_t leaf)
{
    uint32_t child = leaf, node = at(doc, child)[W_PARENT], slot = 0;

    for (; node; child = node, node = at(doc, child)[W_PARENT]) {
        slot = alive_slot(doc, node, child_slot(doc, node, child) + 1);
        if (slot < leaf_count(at(doc, node))) {
            break;
        }
    }
    if (!node) {
        return 0;
    }
    for (uint32_t level = leaf_tag(at(doc, node)); level > 1; level--) {
        node = node_children(at(doc, node))[slot];
        slot = alive_slot(doc, node, 0);
    }
    return node_children(at(doc, node))[slot];
}

uint32_t sums_of(const struct crdt_doc *doc, uint32_t leaf)
{
    uint32_t node = at(doc, leaf)[W_PARENT], carried = node_sums(at(doc, node))[child_slot(doc, node, leaf)];

    return (uint32_t)(carried + (doc->late_leaf == leaf ? doc->late_delta : 0));
}

uint32_t sums_before(const struct crdt_doc *doc, uint32_t leaf)
{
    uint32_t index = 0;

    for (uint32_t ref = leaf, node = at(doc, ref)[W_PARENT]; node; ref = node, node = at(doc, node)[W_PARENT]) {
        uint32_t upto = child_slot(doc, node, ref);
        for (uint32_t i = 0; i < upto; i++) {
            index += node_sums(at(doc, node))[i];
        }
    }
    return index;
}

/* All leaves are equally far from the root. */
bool sums_in_order(const struct crdt_doc *doc, uint32_t a, uint32_t b)
{
    while (at(doc, a)[W_PARENT] != at(doc, b)[W_PARENT]) {
        a = at(doc, a)[W_PARENT];
        b = at(doc, b)[W_PARENT];
    }
    uint32_t node = at(doc, a)[W_PARENT];
    return child_slot(doc, node, a) < child_slot(doc, node, b);
}

/* ---- checking ------------------------------------------------------------------------------------------------- */

const char *sums_check(const struct crdt_doc *doc, uint32_t seq)
{
    const struct seq *s = &doc->seqs[seq];
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
            if ((at(doc, node)[W_MARKS] >> slot & 1) != has_marks(doc, leaf_tag(at(doc, node)), ref)) {
                return "a node above the leaves does not know where marks live";
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
