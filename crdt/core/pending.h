#ifndef CRDT_CORE_PENDING_H
#define CRDT_CORE_PENDING_H

/* What has come and cannot be integrated yet: structs whose dependencies are missing, and deletes of clocks that have
 * not come.
 *
 * Structs wait in one queue per client, by clock. Only the head of a queue matters, and it waits for one id. Whoever is
 * waited for keeps the chain of queues that do (client.waiters), so that an update wakes exactly those that
 * it may set free. */
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"

/* A struct that the document keeps for later, with its content. */
struct held {
    struct block block; /* its spans point into `bytes` */
    size_t bytes_len;
    uint8_t bytes[];
};

struct pending_queue {
    uint32_t client; /* dense index */
    uint32_t count, cap;
    struct held **held;   /* by clock; they do not overlap */
    uint32_t wait_client; /* dense index of the client waited for … */
    uint64_t wait_clock;  /* … until its state is beyond this clock */
    uint32_t prev, next;  /* chain of wait_client; next free queue */
    uint32_t taken;       /* stamp of the plan that works on it */
};

struct pending {
    struct pending_queue *queues; /* index 0 is not used */
    uint32_t count, cap, free;
    struct idset deletes; /* normal */
};

void pending_destroy(struct crdt_doc *doc);
/* Waiting structs that are not known by now, and waiting delete ranges. */
void pending_count(const struct crdt_doc *doc, uint64_t *structs, uint64_t *deletes);

/* Copies a block without its first `offset` clocks. RC_NOMEM, RC_LIMIT. */
int held_create(struct crdt_doc *doc, const struct block *b, uint64_t offset, struct held **out) MUST_CHECK;
void held_destroy(struct crdt_doc *doc, struct held *h);

/* Makes room for `queues` more queues in the document. */
int pending_reserve(struct crdt_doc *doc, uint32_t queues) MUST_CHECK;
/* Whether the budget has room for these deletes instead of those that wait; then they change places. */
int pending_deletes_reserve(struct crdt_doc *doc, const struct idset *deletes) MUST_CHECK;
void pending_deletes_swap(struct crdt_doc *doc, struct idset *deletes);
/* Takes a queue, not empty, over into that room. Its client has none; it waits for wait_client and wait_clock. */
void pending_install(struct crdt_doc *doc, const struct pending_queue *q);
/* A queue of the document has `count` blocks from now on, the first of which waits for that. */
void pending_wait(struct crdt_doc *doc, uint32_t queue, uint32_t count, uint32_t wait_client, uint64_t wait_clock);
/* Takes a queue out of the document and frees its array; what it held is the caller's. */
void pending_release(struct crdt_doc *doc, uint32_t queue);

/* Frees all of this when nothing waits any more, so that keystrokes take their short way again. */
void pending_tidy(struct crdt_doc *doc);

#endif
