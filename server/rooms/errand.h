#ifndef SERVER_ROOMS_ERRAND_H
#define SERVER_ROOMS_ERRAND_H

/* Work of a room that would hold up the loop, done on a worker thread.
 *
 *     loop      errand_start ──┐                                ┌──► done
 *     worker                   └──► run ──── completion ────────┘
 *
 * An errand owns all that `run` touches: bytes, a reference to what was stored, a document of its own, or the document
 * of the room. That one moves to the worker with the errand and back with its completion, so that it has one owner at
 * any time; the locks of both queues order what the two threads do to it, and the engine has no global state. `run`
 * never looks at `room`.
 *
 * A room with an errand under way is not destroyed, and rooms_stop waits for all of them. */
#include "crdt/base/rc.h"
#include "server/base/worker.h"

struct room;

struct errand {
    struct worker_job job;          /* first; private */
    struct room *room;              /* private to the loop */
    void (*run)(struct errand *e);  /* on a worker */
    void (*done)(struct errand *e); /* on the loop, later; frees the errand */
};

/* `run` and `done` are set. RC_STATE: the rooms have ended; neither will be called. */
int errand_start(struct room *room, struct errand *e) MUST_CHECK;

#endif
