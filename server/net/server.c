#include "server/net/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/base/log.h"
#include "server/net/loop.h"
#include "server/net/name.h"
#include "server/net/token.h"

struct net_server {
    struct net_options options;
    const struct net_app *table;
    void *app;
    struct net_loop *loop;
    struct http_server *http;
    struct ws_hub *hub; /* both NULL before there are rooms */
    struct sse_hub *streams;
    const struct conn_events *events;
    void *rooms;
    uint64_t serial;
    struct arrivals arrivals;
    bool in_turn;
    bool released; /* the rooms are to hear nothing */
    bool refusing; /* nobody new */
    bool stopping; /* net_server_run ends when all are gone, or at `stop_by_us` */
    uint64_t stop_by_us;
};

static bool starts_with(struct span s, const char *prefix)
{
    size_t len = strlen(prefix);

    return s.len >= len && memcmp(s.data, prefix, len) == 0;
}

/* ---- WebSocket handshakes ---------------------------------------------------------------------------------------- */

/* Which protocol a path speaks; false for other paths. *note is the rest of the path, still encoded: y-websocket
 * clients put names there unencoded, slashes included. */
static bool route(struct span path, enum conn_protocol *protocol, struct span *note)
{
    if (starts_with(path, "/ws/")) {
        *protocol = CONN_YWEBSOCKET;
        *note = span_of(path.data + 4, path.len - 4);
        return true;
    }
    *protocol = CONN_HOCUSPOCUS;
    *note = span_of(NULL, 0);
    return span_equal(path, span_str("/hocuspocus")) || span_equal(path, span_str("/hocuspocus/"));
}

/* `routed`: the path is one of ours. */
static void judge(const struct net_server *s, const struct http_request *r, bool routed, struct span note_segment,
                  struct buf *note, struct ws_opening *o)
{
    if (!routed) {
        o->refuse = CONN_CLOSE_BAD_REQUEST;
        o->reason = "WebSockets are at /ws/NOTE and /hocuspocus";
    } else if (!r->same_origin) {
        o->refuse = CONN_CLOSE_FORBIDDEN;
        o->reason = "foreign origin";
    } else if (s->refusing) {
        o->refuse = CONN_CLOSE_RESTART;
        o->reason = "stopping";
    } else if (ws_hub_channels(s->hub)->count >= s->options.connections) {
        o->refuse = CONN_CLOSE_TRY_LATER;
        o->reason = "too many connections";
    } else if (channel_hub_is_crowded(ws_hub_channels(s->hub), r->peer)) {
        o->refuse = CONN_CLOSE_TRY_LATER;
        o->reason = "too many connections from this address";
    } else if (o->channel.protocol == CONN_YWEBSOCKET && net_note_name_decode(note_segment, note) != RC_OK) {
        o->refuse = CONN_CLOSE_BAD_REQUEST;
        o->reason = "not a note name";
    }
}

static bool on_upgrade(void *context, int fd, const struct http_request *r, struct span key, struct span early)
{
    struct net_server *s = context;
    struct ws_opening o = {.channel.peer = r->peer, .key = key};
    struct buf note = {0}, token = {0};
    struct span segment;
    bool routed;

    if (!s->hub) {
        return false;
    }
    routed = route(r->head.path, &o.channel.protocol, &segment);
    token_of_request(&r->head, &token);
    judge(s, r, routed, segment, &note, &o);
    o.channel.note = buf_span(&note);
    o.channel.token = buf_span(&token);
    if (ws_hub_adopt(s->hub, fd, &o, early) != RC_OK) {
        log_event(LOG_LEVEL_WARN, "ws.handshake", "error=failed"); /* the socket is closed: the peer comes back */
    }
    buf_finish(&note);
    buf_finish(&token);
    return true;
}

static void on_request(void *context, struct http_exchange *x)
{
    struct net_server *s = context;

    s->table->request(s->app, x);
}

static void on_refusal(void *context, unsigned status, struct http_response *out)
{
    struct net_server *s = context;

    s->table->refusal(s->app, status, out);
}

static const struct http_handler http_table = {on_request, on_refusal, on_upgrade};

/* ---- The loop ---------------------------------------------------------------------------------------------------- */

static void on_woken(void *context)
{
    struct net_server *s = context;

    s->table->woken(s->app);
}

/* What the rooms put together leaves at the end of the turn. */
static void on_turn(void *context)
{
    struct net_server *s = context;

    if (!s->hub || s->in_turn) {
        return;
    }
    s->in_turn = true;
    if (!s->released) {
        net_loop_alarm(s->loop, s->events->turn(s->rooms));
    }
    ws_hub_flush(s->hub);
    sse_hub_flush(s->streams);
    s->in_turn = false;
}

static void end_when_done(struct net_server *s)
{
    size_t left = http_server_active(s->http) + net_server_connections(s);

    if (left == 0 || clock_monotonic_us(s->options.clock) >= s->stop_by_us) {
        net_loop_stop(s->loop);
    }
}

static void on_tick(void *context)
{
    struct net_server *s = context;

    s->table->tick(s->app);
    http_server_tick(s->http);
    if (s->hub) {
        ws_hub_tick(s->hub);
        sse_hub_tick(s->streams);
    }
    if (s->hub && !s->released) {
        s->events->tick(s->rooms);
    }
    if (s->stopping) {
        end_when_done(s);
    }
}

static void on_signalled(void *context, int sig)
{
    struct net_server *s = context;

    s->table->signalled(s->app, sig);
}

static const struct net_loop_hooks loop_table = {on_woken, on_turn, on_tick, on_signalled};

int net_server_create(const struct net_options *options, const struct net_app *app_table, void *app,
                      struct net_server **out)
{
    struct net_server *s = calloc(1, sizeof *s);
    int rc;

    if (!s) {
        return RC_NOMEM;
    }
    s->options = *options;
    s->arrivals.limit = options->message_memory;
    s->table = app_table;
    s->app = app;
    rc = net_loop_create(&loop_table, s, &s->loop);
    if (rc == RC_OK) {
        struct http_options http = {.body_limit = options->message_limit,
                                    .connections = options->connections,
                                    .per_address = options->per_address,
                                    .arrivals = &s->arrivals,
                                    .origin = options->origin,
                                    .clock = options->clock};

        rc = http_server_open(s->loop, &http, &http_table, s, &s->http);
    }
    if (rc != RC_OK) {
        net_server_destroy(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

int net_server_set_rooms(struct net_server *s, const struct conn_events *events, void *rooms)
{
    struct channel_host host = {.loop = s->loop,
                                .clock = s->options.clock,
                                .events = events,
                                .rooms = rooms,
                                .serial = &s->serial,
                                .limits = {s->options.queue_soft, s->options.queue_hard},
                                .arrivals = &s->arrivals,
                                .per_address = s->options.per_address};
    int rc = sse_hub_create(&host, s->options.connections, s->options.random, &s->streams);

    s->events = events;
    s->rooms = rooms;
    return rc == RC_OK ? ws_hub_create(&host, s->options.message_limit, &s->hub) : rc;
}

int net_server_listen(struct net_server *s, const char *address)
{
    return http_server_listen(s->http, address);
}

uint16_t net_server_port(const struct net_server *s)
{
    return http_server_port(s->http);
}

int net_server_catch_signals(struct net_server *s)
{
    return net_loop_catch_signals(s->loop);
}

void net_server_run(struct net_server *s)
{
    net_loop_run(s->loop);
}

void net_server_refuse(struct net_server *s)
{
    s->refusing = true;
    http_server_stop(s->http);
}

void net_server_release_rooms(struct net_server *s)
{
    s->released = true;
    if (s->hub) {
        channel_hub_release_rooms(ws_hub_channels(s->hub));
        channel_hub_release_rooms(sse_hub_channels(s->streams));
    }
}

void net_server_stop(struct net_server *s, uint64_t grace_ms)
{
    if (s->stopping) {
        return;
    }
    s->stopping = true;
    s->stop_by_us = clock_monotonic_us(s->options.clock) + grace_ms * 1000;
    net_server_refuse(s);
    if (s->hub) {
        channel_hub_close_all(ws_hub_channels(s->hub), CONN_CLOSE_RESTART, "the server stops");
        channel_hub_close_all(sse_hub_channels(s->streams), CONN_CLOSE_RESTART, "the server stops");
    }
}

void net_server_wake(void *s)
{
    net_loop_wake(((struct net_server *)s)->loop);
}

void net_server_destroy(struct net_server *s)
{
    struct ws_hub *hub;

    if (!s) {
        return;
    }
    hub = s->hub;
    s->hub = NULL; /* the turns that follow have nobody to serve */
    sse_hub_destroy(s->streams);
    ws_hub_destroy(hub);
    http_server_close(s->http);
    net_loop_destroy(s->loop);
    free(s);
}

struct sse_hub *net_server_streams(const struct net_server *s)
{
    return s->streams;
}

size_t net_server_connections(const struct net_server *s)
{
    return s->hub ? ws_hub_channels(s->hub)->count + sse_hub_channels(s->streams)->count : 0;
}

const struct ws_counts *net_server_ws_counts(const struct net_server *s)
{
    static const struct ws_counts none;

    return s->hub ? ws_hub_counts(s->hub) : &none;
}

const struct sse_counts *net_server_sse_counts(const struct net_server *s)
{
    static const struct sse_counts none;

    return s->streams ? sse_hub_counts(s->streams) : &none;
}

const struct http_counts *net_server_http_counts(const struct net_server *s)
{
    return http_server_counts(s->http);
}
