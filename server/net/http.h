#ifndef SERVER_NET_HTTP_H
#define SERVER_NET_HTTP_H

/* HTTP/1.1 on plain sockets: one request, one answer, whole bodies. libwebsockets' own HTTP is not used: in 4.1.6 it
 * decodes paths its own way, never completes chunked bodies and never answers `Expect`; it gets connections that
 * have asked for an upgrade, and sees no byte of a stranger's head.
 *
 *                        ┌──────────────── keep-alive ────────────────┐
 *     accept ─► HEAD ─► BODY ─► BUSY (http_respond is awaited) ─► WRITING ─► closed
 *                 └─► upgrade: the socket goes to lws.c
 *
 * Bounded: head 16 KiB and 10 s from its first byte, body `body_limit` bytes and 10 s without progress, answer 30 s
 * without progress, 15 s between requests, `connections` at a time. Refused before the handler sees them: malformed
 * (400), no length or a transfer coding (411), body too large (413), head too large (431), HTTP/2 (505), wrong Host
 * (421).
 *
 * Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/clock.h"
#include "server/net/arrivals.h"
#include "server/net/http_head.h"
#include "server/net/loop.h"
#include "server/net/origin.h"

/* One request and its answer to be. Everything in `request` is borrowed until http_respond. */
struct http_exchange;

struct http_request {
    struct http_head head;
    struct span body;
    struct span peer; /* numeric address */
    bool same_origin; /* the origin rule (origin.h) lets it change things */
};

/* What to answer. http_respond takes `headers` and `body` over and leaves them empty. */
struct http_response {
    unsigned status;
    const char *content_type; /* static; NULL when there is no body */
    struct buf headers;       /* further lines, each "Name: value\r\n" */
    struct buf body;
    struct span fixed; /* instead of `body`: bytes that live as long as the process */
};

struct http_handler {
    /* Calls http_respond once, at once or later; the exchange lives until then whatever the peer does. */
    void (*request)(void *context, struct http_exchange *x);
    /* A refusal by this layer: fills in a body and its type for `status`, as the handler writes its own errors. */
    void (*refusal)(void *context, unsigned status, struct http_response *out);
    /* A WebSocket handshake, checked (RFC 6455, 4.2.1), `key` its Sec-WebSocket-Key. True: `fd` was taken over, and
     * `early` are the bytes that came behind the head. False: answered with 404. */
    bool (*upgrade)(void *context, int fd, const struct http_request *r, struct span key, struct span early);
};

struct http_options {
    size_t body_limit;
    size_t connections;
    size_t per_address;                 /* connections of one address; 0: any number */
    struct arrivals *arrivals;          /* what bodies may take together; borrowed */
    const struct origin_policy *origin; /* borrowed */
    const struct clock *clock;          /* borrowed */
};

struct http_server;

/* `handler`, `options` members and `loop` are borrowed until close. */
int http_server_open(struct net_loop *loop, const struct http_options *options, const struct http_handler *handler,
                     void *context, struct http_server **out) MUST_CHECK;
/* Listens on `address`, as "127.0.0.1:8080", "[::1]:0", "localhost:8080". May be called again for more. RC_ARG: no such
 * address; RC_EXISTS: in use; RC_DENIED: not permitted; RC_IO. */
int http_server_listen(struct http_server *s, const char *address) MUST_CHECK;
/* The port of the first address, for port 0. */
uint16_t http_server_port(const struct http_server *s);
/* Accepts no more; connections between requests are closed, the others after their answer. */
void http_server_stop(struct http_server *s);
/* Connections and unanswered exchanges. */
size_t http_server_active(const struct http_server *s);
/* Times out what is due; call it every 100 ms or so. */
void http_server_tick(struct http_server *s);
/* Closes what is left. Every exchange must have been answered. NULL is fine. */
void http_server_close(struct http_server *s);

struct http_counts {
    uint64_t accepted, refused, requests, by_class[6]; /* by_class[2]: answers of 200 to 299 */
};
const struct http_counts *http_server_counts(const struct http_server *s);

const struct http_request *http_exchange_request(const struct http_exchange *x);
/* The handler's own. */
void http_exchange_set_user(struct http_exchange *x, void *user);
void *http_exchange_user(const struct http_exchange *x);
/* Ends the exchange. */
void http_respond(struct http_exchange *x, struct http_response *r);
void http_response_finish(struct http_response *r); /* one that was not sent */
/* Ends the exchange without an answer and gives its socket to the caller, who answers on it and closes it. -1: the peer
 * has gone. The server forgets the connection. */
int http_exchange_take(struct http_exchange *x);
/* The reason phrase of a status. Static. */
const char *http_status_text(unsigned status);

#endif
