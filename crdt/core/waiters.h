#ifndef CRDT_CORE_WAITERS_H
#define CRDT_CORE_WAITERS_H

/* Who waits for the clocks of one client, the lowest clock on top: a pairing heap (Fredman, Sedgewick, Sleator and
 * Tarjan, 1986). It needs no memory of its own: its links are the first member of larger records in an array. Adding
 * is O(1), taking out O(log n) on average over many.
 *
 *     root ── child ── next ── next       each with children of its own; prev leads back, from a first child to
 *                                         its parent
 */
#include <stddef.h>
#include <stdint.h>

struct waiter {
    uint64_t clock;             /* waited for */
    uint32_t client;            /* dense index, of whom it is */
    uint32_t child, next, prev; /* indexes of records; 0: none */
};

/* The records: an array of elements of `size` bytes, each beginning with a struct waiter. Index 0 is not used. */
struct waiters {
    void *records;
    size_t size;
};

static inline struct waiter *waiter_at(struct waiters w, uint32_t record)
{
    return (struct waiter *)((char *)w.records + record * w.size);
}
/* Both return the new root. `record` is in no heap, in this one. */
uint32_t waiters_add(struct waiters w, uint32_t root, uint32_t record);
uint32_t waiters_take(struct waiters w, uint32_t root, uint32_t record);

#endif
