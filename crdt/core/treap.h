#ifndef CRDT_CORE_TREAP_H
#define CRDT_CORE_TREAP_H

/* Records of an array in an order, found, added and taken out in O(log n): a treap (Seidel and Aragon, 1996). Each
 * record begins with its links; index 0 is none. Which of two records stands above the other depends on a hash of their
 * indexes with a secret seed, so that no input makes the tree deep.
 *
 * Records may sum up what stands below them: `turning` is called before a record and its parent change places, `sum`
 * for each record whose children have changed, children first. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREAP_LEFT, TREAP_RIGHT };

struct treap_link {
    uint32_t up, child[2];
};

struct treap { /* a view: made for each call, by the owner of the array */
    void *records;
    size_t size; /* of a record */
    uint32_t *root;
    uint64_t seed;
    void *owner; /* handed to these; they may be NULL */
    void (*turning)(void *owner, uint32_t record);
    void (*sum)(void *owner, uint32_t record);
};

static inline struct treap_link *treap_at(const struct treap *t, uint32_t record)
{
    return (struct treap_link *)((char *)t->records + record * t->size);
}
bool treap_is_child(const struct treap *t, uint32_t record, int side);
uint32_t treap_next(const struct treap *t, uint32_t record); /* of 0: the first; 0 at the end */
/* Which of two records stands above the other. */
uint32_t treap_rank(const struct treap *t, uint32_t record);
/* A record becomes the other's child, or (0) nobody's. */
void treap_adopt(const struct treap *t, uint32_t up, int side, uint32_t child);

/* Puts a record, whose links are 0, at the lowest place right behind `left` (0: first). Sums are the caller's. */
void treap_attach(const struct treap *t, uint32_t left, uint32_t record);
/* Moves a record just attached up to where it belongs. */
void treap_lift(const struct treap *t, uint32_t record);
/* Takes a record out. Returns the one that stood above it in the end, from which sums are the caller's. */
uint32_t treap_remove(const struct treap *t, uint32_t record);

#endif
