#ifndef SERVER_NET_SSE_H
#define SERVER_NET_SSE_H

/* Notes where WebSockets are blocked: y-websocket's messages over plain HTTP, as a transport (transport.h) for the
 * rooms. sse_wire.h has the bytes.
 *
 *                 GET, answered by an event stream
 *     rooms ─ send ─► outq ─► events ─────────────────────────► browser
 *     rooms ◄──────── messages, in order ◄── POST 1, POST 2 … ─┘
 *
 * A session is a connection of the rooms. It begins with a GET and outlives it, since proxies cut long answers off:
 *
 *     GET ─► attached ── the answer ends ──► waiting ── GET that names the last event ──► attached …
 *               │ conn_close, DELETE, silence    └── SSE_WAIT_S without a GET ─► closed
 *               └─► its last event says the code ─► closed
 *
 * Nothing is lost or doubled: a session goes on only for who has had every event that was written; otherwise it ends,
 * and the client begins anew as after any lost connection, where the sync protocol brings what either side lacks.
 * Posts carry numbers from 1. One that comes twice is applied once, one out of turn is refused, and one whose sender
 * is to wait (conn_pause) is answered when its last message has gone to the rooms.
 *
 * A proxy that collects whole answers lets no event through. For those `poll` ends each answer behind its first
 * messages; the next GET goes on from there.
 *
 * Whoever says nothing for SSE_SILENCE_S, not even an empty POST, is dropped, as a WebSocket without a pong is.
 * Queues and their limits are those of WebSockets (outq.h). Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/clock.h"
#include "server/net/http.h"
#include "server/net/loop.h"
#include "server/net/transport.h"

#define SSE_WAIT_S    30
#define SSE_SILENCE_S 75
#define SSE_COMMENT_S 15 /* without an event; also the longest that a poll waits for one */

struct sse_options {
    size_t queue_soft, queue_hard;         /* outq.h */
    size_t sessions;                       /* at a time */
    const struct clock *clock;             /* borrowed */
    void (*random)(void *out, size_t len); /* unpredictable bytes */
    uint64_t *serial;                      /* counts the connections of all transports; borrowed */
};

/* Spans are copied. */
struct sse_opening {
    struct span note, token, peer;
    bool poll; /* end the answer behind the first messages */
};

struct sse_hub;

/* `loop`, `events` and `rooms` are borrowed until destroy. */
int sse_hub_create(struct net_loop *loop, const struct sse_options *options, const struct conn_events *events,
                   void *rooms, struct sse_hub **out) MUST_CHECK;
/* Answers a GET by the stream of a new session and takes the exchange over. On failure it is still to be answered:
 * RC_LIMIT (too many sessions), RC_STATE (ending), RC_NOMEM. */
int sse_hub_open(struct sse_hub *hub, struct http_exchange *x, const struct sse_opening *o) MUST_CHECK;
/* The same for a session that goes on; an answer that is still open ends. `last`: the id of the last event that came,
 * "SESSION.0" when none did. RC_NOTFOUND: no such session in this note, or it cannot go on, and is closed. */
int sse_hub_resume(struct sse_hub *hub, struct http_exchange *x, struct span note, struct span last,
                   bool poll) MUST_CHECK;

/* A POST: `body` of the exchange is `number` in its session. `done` is called once, at once or later, with RC_OK when
 * all of its messages went to the rooms, RC_NOTFOUND when the session ended before. */
struct sse_post {
    struct span note, session; /* borrowed during the call */
    uint64_t number;
    void (*done)(void *ctx, struct http_exchange *x, int rc);
    void *ctx;
};
/* On failure nothing has changed and `done` is not called. RC_NOTFOUND: no such session in this note; RC_EXISTS: that
 * number was taken before; RC_RANGE: another number is next; RC_BUSY: the post before is not yet done; RC_FORMAT: no
 * body of whole messages. */
int sse_hub_post(struct sse_hub *hub, struct http_exchange *x, const struct sse_post *p) MUST_CHECK;
/* The client leaves: the session ends when post `after` has been applied, at once when it has been or is 0. So a page
 * that closes need not wait for its last post. RC_NOTFOUND. */
int sse_hub_leave(struct sse_hub *hub, struct span note, struct span session, uint64_t after) MUST_CHECK;

/* Sends what is queued. At the end of a turn, after the rooms'. */
void sse_hub_flush(struct sse_hub *hub);
/* Comments, and ends what is due. */
void sse_hub_tick(struct sse_hub *hub);
/* The rooms hear nothing more: no session may be left. */
void sse_hub_release_rooms(struct sse_hub *hub);
/* Closes all with `code`. */
void sse_hub_close_all(struct sse_hub *hub, uint16_t code, const char *reason);
size_t sse_hub_active(const struct sse_hub *hub);
/* Cuts what is left and frees. NULL is fine. */
void sse_hub_destroy(struct sse_hub *hub);

struct sse_counts {
    uint64_t opened, resumed, posts, messages_in, bytes_in, bytes_out;
    uint64_t closed_slow, closed_silent, expired;
};
const struct sse_counts *sse_hub_counts(const struct sse_hub *hub);

#endif
