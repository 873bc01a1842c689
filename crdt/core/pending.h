#ifndef CRDT_CORE_PENDING_H
#define CRDT_CORE_PENDING_H

/* What has come and cannot be integrated yet: structs whose dependencies are missing, and deletes of clocks that have
 * not come.
 *
 * Structs wait in one queue per client, by clock. Only the head of a queue matters, and it waits for one id. Whoever is
 * waited for keeps the heap of queues that do (client.waiters), so that an update wakes exactly those that
 * it sets free. */
#include "crdt/core/doc.h"
#include "crdt/core/held.h"
#include "crdt/core/ranges.h"
#include "crdt/core/waiters.h"

struct pending_queue {
    struct waiter wait;     /* until a state is beyond its clock; free ones are chained by `next` */
    struct treap_link link; /* by client id */
    uint32_t client;        /* dense index */
    uint32_t start, count, cap;
    struct held **room; /* room[start …], by clock; they do not overlap */
};

static inline struct held *pending_held(const struct pending_queue *q, uint32_t at)
{
    return q->room[q->start + at];
}

struct pending {
    struct pending_queue *queues; /* index 0 is not used */
    uint32_t count, cap, free;
    uint32_t by_client; /* root of the treap of queues, ids ascending */
    struct ranges deletes;
};

void pending_destroy(struct crdt_doc *doc);
/* Waiting structs that are not known by now, and waiting delete ranges. */
void pending_count(const struct crdt_doc *doc, uint64_t *structs, uint64_t *deletes);

/* What waits must not be able to spoil the update that will set it free: RC_FORMAT, RC_LIMIT. */
int pending_may_wait(const struct block *b) MUST_CHECK;
/* Makes room for `queues` more queues in the document. */
int pending_reserve(struct crdt_doc *doc, uint32_t queues) MUST_CHECK;
/* Takes a queue, not empty, over into that room. Its client has none. It waits as it says. */
void pending_install(struct crdt_doc *doc, const struct pending_queue *q);
/* The queue waits for nobody for the time being, but remembers for whom it did; and waits for that again. */
void pending_take(struct crdt_doc *doc, uint32_t queue);
void pending_wait(struct crdt_doc *doc, uint32_t queue);
/* Makes room for `more` blocks in a queue: behind what is there or (in_front) before it. */
int pending_queue_reserve(struct crdt_doc *doc, uint32_t queue, uint32_t more, bool in_front) MUST_CHECK;
/* Index of the first block of a queue that begins at or behind the clock. */
uint32_t pending_behind(const struct pending_queue *q, uint64_t clock);
/* Letters kept together of which some are among the clocks [from, to) are kept one by one from now on. RC_NOMEM,
 * RC_LIMIT: perhaps not all of them, which makes no difference but for this. */
int pending_part(struct crdt_doc *doc, uint32_t queue, uint64_t from, uint64_t to) MUST_CHECK;
/* The lowest id above this one of a client of whom something waits; UINT64_MAX when there is none. */
uint64_t pending_above(const struct crdt_doc *doc, uint64_t client);
/* Takes a queue that has been taken out of the document and frees its array; what it held is the caller's. */
void pending_release(struct crdt_doc *doc, uint32_t queue);

/* Frees all of this when nothing waits any more, so that keystrokes take their short way again. */
void pending_tidy(struct crdt_doc *doc);

#endif
