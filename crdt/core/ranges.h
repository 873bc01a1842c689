#ifndef CRDT_CORE_RANGES_H
#define CRDT_CORE_RANGES_H

/* A set of ids like that of idset.h, for one that changes range by range: each step is O(log n).
 *
 * A treap in normal order: clients descending, clocks ascending, no two ranges of a client touch or overlap. Memory is
 * that of the document's budget. Zeroed storage, with a seed, is an empty set. */
#include "crdt/core/idset.h"
#include "crdt/core/mem.h"
#include "crdt/core/treap.h"

struct ranges_node {
    struct treap_link link; /* free ones are chained by `up` */
    struct idset_range range;
};

struct ranges {
    struct ranges_node *node; /* index 0 is none */
    uint32_t used, cap, free, root;
    uint32_t count; /* ranges */
    uint64_t seed;
};

void ranges_finish(struct mem *m, struct ranges *r);
/* Makes room for so many calls of ranges_add. */
int ranges_reserve(struct mem *m, struct ranges *r, uint64_t more) MUST_CHECK;
void ranges_add(struct ranges *r, const struct idset_range *range);
/* Takes out all ids of a client below the clock. */
void ranges_drop(struct ranges *r, uint64_t client, uint64_t clock);

/* The first range of a client that ends behind the clock; 0 when there is none. */
uint32_t ranges_find(const struct ranges *r, uint64_t client, uint64_t clock);
/* The next range, of 0 the first; 0 at the end. */
uint32_t ranges_next(const struct ranges *r, uint32_t node);
/* Adds all to a set, in order. */
int ranges_to_idset(const struct ranges *r, struct idset *out) MUST_CHECK;

#endif
