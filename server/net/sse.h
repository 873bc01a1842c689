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
#include "server/net/channel.h"
#include "server/net/http.h"

#define SSE_WAIT_S    30
#define SSE_SILENCE_S 75
#define SSE_COMMENT_S 15 /* without an event; also the longest that a poll waits for one */

struct sse_hub;

/* `sessions`: at most so many at a time. `random` makes unpredictable bytes. */
int sse_hub_create(const struct channel_host *host, size_t sessions, void (*random)(void *out, size_t len),
                   struct sse_hub **out) MUST_CHECK;
/* Answers a GET by the stream of a new session and takes the exchange over; o->protocol is CONN_SSE. `poll`: end the
 * answer behind the first messages. On failure the exchange is still to be answered: RC_LIMIT (too many sessions, in
 * all or of this address), RC_STATE (ending), RC_NOMEM. */
int sse_hub_open(struct sse_hub *hub, struct http_exchange *x, const struct channel_opening *o, bool poll) MUST_CHECK;
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
/* Its sessions. Borrowed until destroy. */
struct channel_hub *sse_hub_channels(struct sse_hub *hub);
/* Cuts what is left and frees. NULL is fine. */
void sse_hub_destroy(struct sse_hub *hub);

const struct sse_counts *sse_hub_counts(const struct sse_hub *hub);

#endif
