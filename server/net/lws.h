#ifndef SERVER_NET_LWS_H
#define SERVER_NET_LWS_H

/* WebSockets (RFC 6455) by libwebsockets: a transport (transport.h) for the rooms.
 *
 * libwebsockets is used for what it is good at, framing: http.c reads the handshake, and this module hands the socket
 * over with a head of its own making, so that nothing of a stranger's head reaches libwebsockets' parser. No extension
 * (no permessage-deflate: frames are shared by all connections), no TLS, no HTTP/2.
 *
 *     rooms ─ send ─► outq ─┐                          a turn: every connection that got something sends all that it
 *     rooms ─ send ─► outq ─┼─► dirty list ─ flush ─►  has queued in one write of whole frames (LWS_WRITE_RAW)
 *     rooms ─ send ─► outq ─┘
 *
 * What the system does not take at once, at most WS_GATHER bytes, libwebsockets keeps; the rest stays in our queue,
 * with its limits, until the socket is writable. Whole frames are written, so that pongs and pings may stand between.
 *
 * Peers are pinged after WS_PING_S seconds of silence and dropped after WS_SILENCE_S. Messages above `message_limit`
 * are refused with 1009, text with 1002. Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/clock.h"
#include "server/net/loop.h"
#include "server/net/transport.h"

#define WS_PING_S    30
#define WS_SILENCE_S 75

struct ws_options {
    size_t message_limit; /* bytes of one message from a peer */
    size_t queue_soft;    /* outq.h */
    size_t queue_hard;
    const struct clock *clock; /* borrowed */
    uint64_t *serial;          /* counts the connections of all transports; borrowed */
};

/* What a handshake said. Everything is copied. */
struct ws_opening {
    enum conn_protocol protocol;
    struct span note, token, peer;
    struct span key;    /* Sec-WebSocket-Key, checked: 24 characters of base64 */
    uint16_t refuse;    /* not 0: close with this code right after the handshake; the rooms do not hear of it */
    const char *reason; /* static, for `refuse` */
};

struct ws_hub;

/* `loop`, `events` and `rooms` are borrowed until destroy. */
int ws_hub_create(struct net_loop *loop, const struct ws_options *options, const struct conn_events *events,
                  void *rooms, struct ws_hub **out) MUST_CHECK;
/* Takes the socket over, also on failure. `early`: bytes that came behind the handshake. */
int ws_hub_adopt(struct ws_hub *hub, int fd, const struct ws_opening *opening, struct span early) MUST_CHECK;
/* Sends what is queued, and calls `drained` where due. At the end of a turn, after the rooms'. */
void ws_hub_flush(struct ws_hub *hub);
/* Pings, drops the silent. */
void ws_hub_tick(struct ws_hub *hub);
/* The rooms hear nothing more: no connection that they know may be left. Those that come are closed with 1001. */
void ws_hub_release_rooms(struct ws_hub *hub);
/* Closes all with `code`. */
void ws_hub_close_all(struct ws_hub *hub, uint16_t code, const char *reason);
size_t ws_hub_active(const struct ws_hub *hub);
/* Cuts what is left and frees. Afterwards the loop must be destroyed. NULL is fine. */
void ws_hub_destroy(struct ws_hub *hub);

struct ws_counts {
    uint64_t opened, refused, messages_in, bytes_in, frames_out, bytes_out, writes;
    uint64_t closed_slow, closed_silent, closed_too_big, closed_bad_frame;
};
const struct ws_counts *ws_hub_counts(const struct ws_hub *hub);

#endif
