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
/* The first slot that holds the reference, which one of them does; behind it others may be left over from what has
 * moved. `cap`: 4, 8, 16 or 32. All are compared, a few at a time, since nobody can foresee where the search would end.
 */
static inline uint32_t leaf_find_ref(const uint32_t *refs, uint32_t cap, uint32_t ref)
{
#define BITS(n) 1u << (n), 2u << (n), 4u << (n), 8u << (n)
    static const uint32_t bit[LEAF_MAX] = {BITS(0), BITS(4), BITS(8), BITS(12), BITS(16), BITS(20), BITS(24), BITS(28)};
#undef BITS
    uint32_t found[4] = {0, 0, 0, 0};

    for (uint32_t i = 0; i < cap; i += 4) {
        for (uint32_t k = 0; k < 4; k++) {
            found[k] |= -(uint32_t)(refs[i + k] == ref) & bit[i + k];
        }
    }
    return (uint32_t)__builtin_ctz(found[0] | found[1] | found[2] | found[3]);
}
/* The slot of that many lengths into which unit *index falls, which becomes the offset there; `count`: they are not so
 * long together. Four are looked at at once, since nobody can foresee where it is. */
static inline uint32_t leaf_find_unit(const uint32_t *lengths, uint32_t count, uint32_t *index)
{
    uint32_t slot = 0, rest = *index;

    for (; count - slot >= 4; slot += 4) {
        const uint32_t *l = lengths + slot;
        uint32_t one = l[0], two = one + l[1], three = two + l[2], four = three + l[3];
        if (rest < four) {
            uint32_t a = rest >= one, b = rest >= two, c = rest >= three;
            *index = rest - ((l[0] & -a) + (l[1] & -b) + (l[2] & -c));
            return slot + a + b + c;
        }
        rest -= four;
    }
    while (slot < count && rest >= lengths[slot]) {
        rest -= lengths[slot++];
    }
    *index = rest;
    return slot;
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
