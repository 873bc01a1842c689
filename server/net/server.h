#ifndef SERVER_NET_SERVER_H
#define SERVER_NET_SERVER_H

/* The network side of the server in one piece: the loop (loop.h), HTTP (http.h), WebSockets (lws.h) and what stands in
 * for them (sse.h), joined.
 *
 *     sockets ─► http.c ─┬─ request ────────────────► app (server/api) ─► sse.c ─┐
 *                        └─ upgrade ─► server.c: path, origin ─► lws.c ──────────┴─► rooms (transport.h)
 *
 * `/ws/{note}` and `/hocuspocus` are the WebSocket paths. A handshake that is refused is answered first and closed
 * afterwards with a code, since clients retry for ever when the handshake itself fails.
 *
 * One thread, but for net_server_wake. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "server/base/clock.h"
#include "server/net/http.h"
#include "server/net/lws.h"
#include "server/net/sse.h"
#include "server/net/transport.h"

struct net_options {
    const struct origin_policy *origin;    /* borrowed */
    const struct clock *clock;             /* borrowed */
    size_t message_limit;                  /* bytes of a WebSocket message or of a request's body */
    size_t message_memory;                 /* bytes that arriving ones may take in all, beyond the first (arrivals.h) */
    size_t queue_soft, queue_hard;         /* bytes that one connection may have waiting (outq.h) */
    size_t connections;                    /* WebSockets, streams, and plain HTTP connections: each kind, at a time */
    size_t per_address;                    /* of these from one address; 0: any number (addresses.h) */
    void (*random)(void *out, size_t len); /* unpredictable bytes */
};

/* Who is told what. Both tables are borrowed; all members must be set. */
struct net_app {
    void (*request)(void *app, struct http_exchange *x);                    /* http.h */
    void (*refusal)(void *app, unsigned status, struct http_response *out); /* http.h */
    void (*woken)(void *app);                                               /* net_server_wake was called */
    void (*tick)(void *app);                                                /* ten times a second */
    void (*signalled)(void *app, int sig);                                  /* SIGINT or SIGTERM */
};

struct net_server;

int net_server_create(const struct net_options *options, const struct net_app *app_table, void *app,
                      struct net_server **out) MUST_CHECK;
/* Who plays the rooms; call it before net_server_run. */
int net_server_set_rooms(struct net_server *s, const struct conn_events *events, void *rooms) MUST_CHECK;
/* See http_server_listen. */
int net_server_listen(struct net_server *s, const char *address) MUST_CHECK;
uint16_t net_server_port(const struct net_server *s);
int net_server_catch_signals(struct net_server *s) MUST_CHECK;
/* Until net_server_stop has done its work. */
void net_server_run(struct net_server *s);
/* Accepts no more connections, and answers requests with "Connection: close". */
void net_server_refuse(struct net_server *s);
/* The rooms hear nothing more, not even ticks: no connection that they know may be left. */
void net_server_release_rooms(struct net_server *s);
/* Like net_server_refuse; also closes WebSockets and streams with 1001 once what they have queued is sent, and lets
 * HTTP answers end; net_server_run returns when all are gone, after `grace_ms` at the latest. */
void net_server_stop(struct net_server *s, uint64_t grace_ms);
/* Any thread: `woken` is called on the loop soon. `s` as void pointer, for completion_queue_init. */
void net_server_wake(void *s);
/* Every exchange must have been answered. NULL is fine. */
void net_server_destroy(struct net_server *s);

/* The streams of those who have no WebSocket; NULL before net_server_set_rooms. */
struct sse_hub *net_server_streams(const struct net_server *s);
/* Connections of the rooms: WebSockets, and sessions of streams. */
size_t net_server_connections(const struct net_server *s);
const struct ws_counts *net_server_ws_counts(const struct net_server *s);
const struct sse_counts *net_server_sse_counts(const struct net_server *s);
const struct http_counts *net_server_http_counts(const struct net_server *s);

#endif
