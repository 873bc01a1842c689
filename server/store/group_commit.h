#ifndef SERVER_STORE_GROUP_COMMIT_H
#define SERVER_STORE_GROUP_COMMIT_H

/* Natural group commit, and what happens when a commit fails.
 *
 * Whatever queued while the last commit ran is the next transaction, up to a size; a read ends the
 * run of writes before it, so that it sees them. With a file, transactions of appends alone begin a
 * millisecond apart at least (lane_wait), which a slow disk does by itself; the first after a pause
 * begins at once.
 *
 *              commit fails (FULL: the reserve is given back, retry at once)
 *   STORE_OK ───────────────────────────────► STORE_FULL / STORE_FAILING ──┐ pause, doubling up to
 *      ▲   kept appends committed in order, and a probe succeeds   │  ▲     │ 5 s, then retry
 *      └───────────────────────────────────────────────────────────┘  └────┘
 *
 * While not STORE_OK: appends join the kept ones, other writes are answered with the error, reads
 * are carried out. Kept appends always go before newer ones, so rows stay in order.
 * Store thread only. */
#include "server/store/call.h"

struct committer {
    struct call_queue kept;
    enum store_state state;
    int error;
    uint64_t retry_at_us, pause_us;
};

void commit_finish(struct committer *k);
/* Carries out `work` and hands over the answers. Retries first when it is time. */
void commit_turn(struct store *s, struct call_queue *work);
/* When commit_turn shall be called even without work; UINT64_MAX: never. */
uint64_t commit_deadline_us(const struct store *s);
/* Closing: one last try for the kept appends; those that fail are answered with the error. */
void commit_last(struct store *s);
/* A transaction failed, the back end's own ones (upkeep) too: it is counted, and the store pauses. */
void commit_failed(struct store *s, int rc);

#endif
