#ifndef CRDT_CORE_WEAVE_H
#define CRDT_CORE_WEAVE_H

/* How blocks of one client that must wait are woven into those that wait already.
 *
 * Two updates may cut the same clocks differently, or know more or less of them (content here, only a deleted struct
 * there). yjs keeps mergeUpdatesV2([what waits, what is new]), so which version stays is decided as it does: whoever
 * begins first goes on as long as its structs follow each other without a gap, then the other one where it reaches
 * further. Of two that begin together the one goes on that had its turn last; but where one is garbage and the other is
 * not, they change places.
 *
 * What is new changes the queue only where it lies, so only that part of the queue is looked at. */
#include "crdt/base/arena.h"
#include "crdt/core/pending.h"

/* A block in its place: held already, or (held NULL) of the update at hand; or the rest of one whose first clocks are
 * told by what stands before it: a slice in scratch memory, which hangs on nothing but the clock before. */
struct woven {
    const struct block *block;
    struct held *held;
    struct held *kept; /* the caller's: what goes on waiting */
};

/* The blocks [from, to) of a queue are to be replaced by `entries`; `dropped` are those among them that nobody needs.
 */
struct weave {
    uint32_t from, to, count, dropped_count;
    struct woven *entries;
    struct held **dropped;
    bool overtaken; /* what waits covered the last of what is new; else … */
    bool left;      /* … something waiting was left when what is new came to its end */
};

/* When the turn of what is new comes. */
enum weave_turn {
    WEAVE_AFTER,  /* where both begin together: behind what waits … */
    WEAVE_FIRST,  /* … or before it, as it had its turn last */
    WEAVE_RUNNING /* it is in its turn, with blocks that the document knows and that are no part of this */
};

/* Behind the last clock of all these blocks. */
uint64_t weave_end(const struct block *const *fresh, uint32_t count);
/* `fresh`: blocks by clock, at least one, no Skips. Among their clocks no letters of the queue are kept together.
 * Memory comes from `scratch`. Changes nothing. RC_NOMEM. */
int weave_blocks(const struct pending_queue *q, const struct block *const *fresh, uint32_t count, enum weave_turn turn,
                 struct arena *scratch, struct weave *out) MUST_CHECK;
/* After weaving: what waits had the last turn of this client. O(length of the queue). */
bool weave_waiting_last(const struct weave *w, const struct pending_queue *q);

#endif
