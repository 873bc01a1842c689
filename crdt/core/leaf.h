#ifndef CRDT_CORE_LEAF_H
#define CRDT_CORE_LEAF_H

/* The words of a leaf, and how leaves and the nodes above them begin. For seq.c, seq_position.c and sums.c only; seq.h
 * draws them. Pointers live until words are allocated. */
#include "crdt/core/doc.h"
#include "crdt/core/words.h"

#define LEAF_HEAD      5
#define LEAF_MAX       32
#define LEAF_CLASS_MAX 3

/* The first words of both; the last two only of leaves. */
enum { W_COUNT, W_SEQ, W_PARENT, W_NEXT, W_PREV };

static inline uint32_t leaf_count(const uint32_t *w)
{
    return w[W_COUNT] & 0xff;
}
/* Of a leaf: its living marks. */
static inline uint32_t leaf_marks(const uint32_t *w)
{
    return w[W_COUNT] >> 8 & 0xff;
}
/* The class of a leaf, the level of a node. */
static inline uint32_t leaf_tag(const uint32_t *w)
{
    return w[W_COUNT] >> 16;
}
static inline void leaf_set_count(uint32_t *w, uint32_t count)
{
    w[W_COUNT] = (w[W_COUNT] & 0xffffff00u) | count;
}
static inline void leaf_set_marks(uint32_t *w, uint32_t marks)
{
    w[W_COUNT] = (w[W_COUNT] & 0xffff00ffu) | marks << 8;
}
static inline uint32_t leaf_cap(const uint32_t *leaf)
{
    return 4u << leaf_tag(leaf);
}
static inline uint32_t *leaf_items(uint32_t *leaf)
{
    return leaf + LEAF_HEAD;
}
static inline uint32_t *leaf_visible(uint32_t *leaf)
{
    return leaf + LEAF_HEAD + leaf_cap(leaf);
}
/* Visible units of a leaf. */
static inline uint32_t leaf_total(const struct crdt_doc *doc, uint32_t ref)
{
    uint32_t *leaf = words_at(doc, ref), total = 0;

    for (uint32_t i = 0; i < leaf_count(leaf); i++) {
        total += leaf_visible(leaf)[i];
    }
    return total;
}

#endif
