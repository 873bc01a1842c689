#ifndef SERVER_NET_LWS_H
#define SERVER_NET_LWS_H

/* WebSockets (RFC 6455) by libwebsockets: a transport (transport.h) for the rooms.
 *
 * libwebsockets is used for what it is good at, framing: http.c reads the handshake, and this module hands the socket
 * over with a head of its own making, so that nothing of a stranger's head reaches libwebsockets' parser. No extension
 * (no permessage-deflate: frames are shared by all connections), no TLS, no HTTP/2.
 * All that a connection got in a turn (channel.h) leaves in one write of whole frames (LWS_WRITE_RAW).
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
#include "server/net/channel.h"

#define WS_PING_S    30
#define WS_SILENCE_S 75

/* What a handshake said. Everything is copied. */
struct ws_opening {
    struct channel_opening channel;
    struct span key;    /* Sec-WebSocket-Key, checked: 24 characters of base64 */
    uint16_t refuse;    /* not 0: close with this code right after the handshake; the rooms do not hear of it */
    const char *reason; /* static, for `refuse` */
};

struct ws_hub;

/* `message_limit`: bytes of one message from a peer. */
int ws_hub_create(const struct channel_host *host, size_t message_limit, struct ws_hub **out) MUST_CHECK;
/* Takes the socket over, also on failure. `early`: bytes that came behind the handshake. */
int ws_hub_adopt(struct ws_hub *hub, int fd, const struct ws_opening *opening, struct span early) MUST_CHECK;
/* Sends what is queued, and calls `drained` where due. At the end of a turn, after the rooms'. */
void ws_hub_flush(struct ws_hub *hub);
/* Pings, drops the silent. */
void ws_hub_tick(struct ws_hub *hub);
/* All its connections, those that are refused or closing too. Borrowed until destroy. */
struct channel_hub *ws_hub_channels(struct ws_hub *hub);
/* Cuts what is left and frees. Afterwards the loop must be destroyed. NULL is fine. */
void ws_hub_destroy(struct ws_hub *hub);

const struct ws_counts *ws_hub_counts(const struct ws_hub *hub);

#endif
