#ifndef SERVER_NET_OUTQ_H
#define SERVER_NET_OUTQ_H

/* What one connection still has to send.
 *
 * A room encodes a message once, into a frame, and the queue of every member holds that same frame:
 * push takes one reference, drop, advance and finish give it back.
 *
 *     slot   [ . . f0 f1 f2 f3 . . ]      a ring that grows by doubling; the first slot lies in the queue itself, as
 *                  ^head   count = 4      most often one frame waits, until the end of a turn
 *     f0 may be partly taken: `taken` bytes of it are with the socket already
 *
 * Two limits keep slow readers from holding memory:
 *  - above `soft` bytes, messages that a resynchronisation would repeat are refused (RC_BUSY);
 *  - above `hard` bytes, the others are refused too (RC_LIMIT), and the connection should be closed.
 * A message is taken whole whatever its size while the queue is not above the soft limit, and the hard limit counts
 * what is queued behind it: a large first state reaches a reader that keeps up, with the answers after it.
 *
 * Invariant (outq_check): `bytes` is the sum of the wire lengths of the queued frames less `taken`.
 * Event loop thread only; nothing here blocks or calls back. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/net/frame.h"

enum outq_kind {
    OUTQ_REPEATABLE, /* an update or awareness: a later resynchronisation carries it too */
    OUTQ_ONCE        /* an answer or acknowledgement that nothing else repeats */
};

struct outq_slot {
    struct frame *frame;
    enum outq_kind kind;
};

/* In bytes; one of these serves many queues. */
struct outq_limits {
    size_t soft, hard;
};

/* Must stay where it was initialised. */
struct outq {
    struct outq_slot *slot; /* private from here */
    uint32_t cap, head, count;
    size_t bytes, taken;
    size_t whole; /* of the oldest bytes: taken below the soft limit */
    const struct outq_limits *limits;
    struct outq_slot own;
};

/* `limits` is borrowed until outq_finish. */
void outq_init(struct outq *q, const struct outq_limits *limits);
void outq_finish(struct outq *q); /* then empty, and as good as new; a zeroed queue is fine */
/* Takes a reference of its own. RC_BUSY: above the soft limit, for OUTQ_REPEATABLE; RC_LIMIT: above the hard
 * one, for OUTQ_ONCE; RC_NOMEM. On failure the queue is unchanged. */
int outq_push(struct outq *q, struct frame *f, enum outq_kind kind) MUST_CHECK;
/* Drops what is repeatable and not yet begun. Bytes given free. */
size_t outq_drop_repeatable(struct outq *q);
/* Drops all that is not yet begun, once or not. */
void outq_drop_all(struct outq *q);
/* Copies the oldest bytes, at most `room`, in whole pieces (frame.h), so that the sender may put a control frame
 * behind them; how many. 0 when the queue is empty or the next piece is larger than `room`. `room` of at least
 * FRAME_PIECE always makes progress. The bytes stay queued until outq_advance. */
size_t outq_gather(const struct outq *q, uint8_t *to, size_t room);
/* The oldest frame, borrowed until it leaves the queue; NULL when empty. For transports that send whole messages. */
const struct frame *outq_peek(const struct outq *q);
/* Forgets the oldest `len` bytes, which must be at most those queued. */
void outq_advance(struct outq *q, size_t len);
size_t outq_bytes(const struct outq *q);
bool outq_is_empty(const struct outq *q);
bool outq_check(const struct outq *q); /* walks the queue: tests and debugging */

#endif
