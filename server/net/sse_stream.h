#ifndef SERVER_NET_SSE_STREAM_H
#define SERVER_NET_SSE_STREAM_H

/* The answers of one session (sse.h), one at a time: a socket, and what of the events is on its way there.
 *
 *     outq ─ oldest ─► frame ─ line by line ─► text ─ as much as the system takes ─► fd
 *
 * A message leaves the queue when its first line is made, and has its number from then on. When the answer ends, what
 * was made and did not go is lost: the number tells, since the client has not seen it.
 *
 * Invariant: without an answer (fd is -1) nothing is on its way. Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "server/net/frame.h"
#include "server/net/loop.h"
#include "server/net/outq.h"

struct sse_stream {
    const char *session; /* its id, borrowed */
    int fd;              /* -1: no answer is open */
    struct net_watch *watch;
    struct buf text; /* on its way, `sent` of it gone */
    size_t sent;
    struct frame *frame; /* the message whose lines are being made, from byte `at` on */
    size_t at;
    uint64_t events; /* number of the last message begun */
    bool said;       /* the close event was made: nothing comes behind it */
};

/* How a session ends. */
struct sse_ending {
    uint16_t code;
    const char *reason;
};

void sse_stream_init(struct sse_stream *s, const char *session);
/* Begins an answer on `fd`, in place of one that is open. Takes `fd` over, also on failure. `ready` as for
 * net_watch_open. */
int sse_stream_open(struct sse_stream *s, struct net_loop *loop, int fd, uint64_t received,
                    void (*ready)(void *context, bool readable, bool writable), void *context) MUST_CHECK;
/* Ends the answer, if one is open. */
void sse_stream_close(struct sse_stream *s);
bool sse_stream_is_open(const struct sse_stream *s);
/* Bytes on their way, those of the message that is begun included. */
size_t sse_stream_left(const struct sse_stream *s);
/* Reads and drops what the peer sends: nothing is meant to come but its end, which ends the answer. */
void sse_stream_read(struct sse_stream *s);
/* A comment, when nothing else is on its way. */
void sse_stream_comment(struct sse_stream *s);
/* Sends what is queued, then the close event when there is an `ending`, until nothing is left or the system takes no
 * more; how many bytes went. The answer ends when the socket fails. */
size_t sse_stream_write(struct sse_stream *s, struct outq *q, const struct sse_ending *ending);

#endif
