#include "server/net/lws.h"

#include <assert.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server/base/log.h"

#define WS_GATHER      65536 /* bytes of one write; at least FRAME_PIECE */
#define WS_READ        4096  /* bytes that libwebsockets holds per connection */
#define CLOSE_TIME_S   5     /* for a peer to take what is queued and the close frame */
#define REASON_MAX     123   /* RFC 6455, 5.5 */
#define SCAN_PERIOD_US 1000000

/* One connection, from adoption until libwebsockets gives up the socket. */
struct ws_conn {
    struct conn conn; /* first: a struct conn of ours is one of these */
    struct ws_hub *hub;
    struct ws_conn *next, **link;
    struct ws_conn *next_dirty;
    struct lws *wsi; /* NULL before the handshake is answered */
    struct outq out;
    struct buf partial; /* a message of which more is to come */
    char *strings;      /* note, token and peer */
    uint64_t heard_us;  /* when the peer last sent anything */
    uint64_t closing_us;
    uint16_t close_code;
    char reason[REASON_MAX + 1];
    uint16_t refuse;
    const char *refuse_reason;
    bool announced; /* the rooms know it */
    bool closing;   /* no more messages, no more sends */
    bool sent_close, peer_closing;
    bool dirty;   /* in the hub's dirty list */
    bool refused; /* a send was refused: `drained` is due */
    bool pinged, paused;
};

struct ws_hub {
    struct net_loop *loop;
    struct ws_options options;
    const struct conn_events *events;
    void *rooms;
    struct lws_context *context;
    struct ws_conn *first, *dirty;
    size_t count;
    uint64_t scanned_us;
    bool released; /* the rooms are to hear nothing */
    struct ws_counts counts;
    uint8_t gather[LWS_PRE + WS_GATHER];
};

static struct ws_conn *of(const struct conn *c)
{
    return (struct ws_conn *)(void *)(uintptr_t)c;
}

static uint64_t now(const struct ws_hub *hub)
{
    return clock_monotonic_us(hub->options.clock);
}

static void mark_dirty(struct ws_conn *c)
{
    if (!c->dirty) {
        c->dirty = true;
        c->next_dirty = c->hub->dirty;
        c->hub->dirty = c;
        net_loop_touch(c->hub->loop);
    }
}

static void unmark_dirty(struct ws_conn *c)
{
    struct ws_conn **at = &c->hub->dirty;

    while (*at && *at != c) {
        at = &(*at)->next_dirty;
    }
    if (*at) {
        *at = c->next_dirty;
    }
    c->dirty = false;
}

/* The socket is of no use any more; libwebsockets closes it from its own timers. */
static void kill_conn(struct ws_conn *c)
{
    if (c->wsi) {
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
        lws_cancel_service(c->hub->context); /* its timers on libuv start only behind an event of its own */
    }
}

/* ---- What the rooms do with a connection ----------------------------------------------------------------------- */

static void ws_close(struct conn *conn, uint16_t code, const char *reason)
{
    struct ws_conn *c = of(conn);

    if (c->closing) {
        return;
    }
    c->closing = true;
    c->close_code = code;
    c->closing_us = now(c->hub);
    snprintf(c->reason, sizeof c->reason, "%s", reason ? reason : "");
    mark_dirty(c);
}

static int ws_send(struct conn *conn, struct frame *f, enum outq_kind kind)
{
    struct ws_conn *c = of(conn);
    int rc;

    if (c->closing || c->peer_closing) {
        return RC_STATE;
    }
    rc = outq_push(&c->out, f, kind);
    if (rc == RC_OK) {
        c->hub->counts.frames_out++;
        mark_dirty(c);
    } else if (rc == RC_BUSY) {
        c->refused = true;
    } else if (rc == RC_LIMIT) {
        c->hub->counts.closed_slow++;
        outq_drop_all(&c->out);
        ws_close(conn, CONN_CLOSE_TRY_LATER, "reads too slowly");
    }
    return rc;
}

static size_t ws_drop(struct conn *conn)
{
    struct ws_conn *c = of(conn);
    size_t dropped = outq_drop_repeatable(&c->out);

    if (c->refused) {
        mark_dirty(c);
    }
    return dropped;
}

static void ws_pause(struct conn *conn)
{
    struct ws_conn *c = of(conn);

    if (!c->paused && c->wsi) {
        c->paused = true;
        lws_rx_flow_control(c->wsi, 0);
    }
}

static void ws_resume(struct conn *conn)
{
    struct ws_conn *c = of(conn);

    if (c->paused && c->wsi) {
        c->paused = false;
        lws_rx_flow_control(c->wsi, 1);
    }
}

static size_t ws_queued(const struct conn *conn)
{
    return outq_bytes(&of(conn)->out);
}

static const struct conn_ops ws_ops = {ws_send, ws_drop, ws_close, ws_pause, ws_resume, ws_queued};

/* ---- Sending -------------------------------------------------------------------------------------------------------
 */

static void write_raw(struct ws_conn *c, size_t len)
{
    if (lws_write(c->wsi, c->hub->gather + LWS_PRE, len, LWS_WRITE_RAW) < 0) {
        c->peer_closing = true;
        outq_drop_all(&c->out);
        kill_conn(c);
        return;
    }
    c->hub->counts.writes++;
    c->hub->counts.bytes_out += len;
}

/* libwebsockets 4.1.6 sends no close frame when the writable callback asks for the end, so that it is made here. The
 * peer's answer then ends the connection, or the scan does. */
static void write_close(struct ws_conn *c)
{
    uint8_t *to = c->hub->gather + LWS_PRE;
    size_t len = strlen(c->reason);

    to[0] = 0x88;
    to[1] = (uint8_t)(len + 2);
    to[2] = (uint8_t)(c->close_code >> 8);
    to[3] = (uint8_t)c->close_code;
    memcpy(to + 4, c->reason, len);
    c->sent_close = true;
    write_raw(c, len + 4);
    if (c->wsi) {
        ws_resume(&c->conn); /* a paused connection would not hear the answer */
    }
}

/* Writes until the queue is empty or the system takes no more. */
static void flush(struct ws_conn *c)
{
    while (c->wsi && !c->sent_close && !c->peer_closing && !lws_partial_buffered(c->wsi)) {
        size_t len = outq_gather(&c->out, c->hub->gather + LWS_PRE, WS_GATHER);

        if (len > 0) {
            outq_advance(&c->out, len);
            write_raw(c, len);
        } else if (c->closing) {
            write_close(c);
        } else {
            return;
        }
    }
    if (c->wsi && !c->peer_closing && (!outq_is_empty(&c->out) || (c->closing && !c->sent_close))) {
        lws_callback_on_writable(c->wsi);
    }
}

static void tell_drained(struct ws_conn *c)
{
    if (c->refused && !c->closing && !c->peer_closing && outq_bytes(&c->out) <= c->out.soft / 2) {
        c->refused = false;
        c->hub->events->drained(c->hub->rooms, &c->conn);
    }
}

void ws_hub_flush(struct ws_hub *hub)
{
    while (hub->dirty) {
        struct ws_conn *c = hub->dirty;

        hub->dirty = c->next_dirty;
        c->dirty = false;
        flush(c);
        tell_drained(c); /* may queue more and mark it again */
    }
}

/* ---- Life of a connection ---------------------------------------------------------------------------------------- */

static void conn_free(struct ws_conn *c)
{
    struct ws_hub *hub = c->hub;

    if (c->announced) {
        c->announced = false;
        c->closing = true;
        hub->events->closed(hub->rooms, &c->conn);
        net_loop_touch(hub->loop);
    }
    if (c->dirty) {
        unmark_dirty(c);
    }
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    hub->count--;
    outq_finish(&c->out);
    buf_finish(&c->partial);
    free(c->strings);
    free(c);
}

static struct span keep(char **at, struct span s)
{
    struct span kept = span_of(*at, s.len);

    if (s.len > 0) {
        memcpy(*at, s.data, s.len);
    }
    *at += s.len;
    return kept;
}

static struct ws_conn *conn_create(struct ws_hub *hub, const struct ws_opening *o)
{
    struct ws_conn *c = calloc(1, sizeof *c);
    char *at = malloc(o->note.len + o->token.len + o->peer.len + 1);

    if (!c || !at) {
        free(c);
        free(at);
        return NULL;
    }
    c->strings = at;
    c->conn = (struct conn){.ops = &ws_ops, .protocol = o->protocol, .serial = ++*hub->options.serial};
    c->conn.note = keep(&at, o->note);
    c->conn.token = keep(&at, o->token);
    c->conn.peer = keep(&at, o->peer);
    c->hub = hub;
    c->refuse = o->refuse;
    c->refuse_reason = o->reason;
    c->heard_us = now(hub);
    outq_init(&c->out, hub->options.queue_soft, hub->options.queue_hard);
    c->next = hub->first;
    c->link = &hub->first;
    if (c->next) {
        c->next->link = &c->next;
    }
    hub->first = c;
    hub->count++;
    return c;
}

static struct ws_conn *find_serial(struct ws_hub *hub, uint64_t serial)
{
    struct ws_conn *c = hub->first;

    while (c && c->conn.serial != serial) {
        c = c->next;
    }
    return c;
}

/* The handshake that libwebsockets sees is ours: the path is the connection's number. */
static struct ws_conn *conn_of_handshake(struct ws_hub *hub, struct lws *wsi)
{
    char path[32];

    if (lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) < 2) {
        return NULL;
    }
    return find_serial(hub, strtoull(path + 1, NULL, 10));
}

static int on_established(struct ws_conn *c)
{
    if (c->refuse || c->hub->released) {
        c->hub->counts.refused++;
        ws_close(&c->conn, c->refuse ? c->refuse : CONN_CLOSE_RESTART, c->refuse_reason);
        return 0;
    }
    c->hub->counts.opened++;
    c->announced = true;
    c->hub->events->opened(c->hub->rooms, &c->conn);
    return 0;
}

static void give(struct ws_conn *c, struct span message)
{
    c->hub->counts.messages_in++;
    c->hub->counts.bytes_in += message.len;
    if (message.len > 0) {
        c->hub->events->message(c->hub->rooms, &c->conn, message);
    }
}

static void on_receive(struct ws_conn *c, struct span piece)
{
    bool last = lws_is_final_fragment(c->wsi);

    c->heard_us = now(c->hub);
    c->pinged = false;
    if (c->closing || !c->announced) {
        return;
    }
    if (!lws_frame_is_binary(c->wsi)) {
        c->hub->counts.closed_bad_frame++;
        ws_close(&c->conn, CONN_CLOSE_BAD_FRAME, "messages are binary");
        return;
    }
    if (piece.len > c->hub->options.message_limit - c->partial.len) {
        c->hub->counts.closed_too_big++;
        buf_finish(&c->partial);
        ws_close(&c->conn, CONN_CLOSE_TOO_BIG, "message too large");
        return;
    }
    if (last && c->partial.len == 0) {
        give(c, piece);
        return;
    }
    buf_put_span(&c->partial, piece);
    if (c->partial.rc != RC_OK) {
        buf_finish(&c->partial);
        ws_close(&c->conn, CONN_CLOSE_TRY_LATER, "out of memory");
    } else if (last) {
        struct buf whole = c->partial;

        c->partial = (struct buf){0};
        give(c, buf_span(&whole));
        buf_finish(&whole);
    }
}

/* The system can take more. */
static void on_writable(struct ws_conn *c)
{
    flush(c);
    if (c->refused) {
        mark_dirty(c); /* `drained` is told from the turn */
    }
}

static int on_handshake(struct ws_hub *hub, struct lws *wsi)
{
    struct ws_conn *c = conn_of_handshake(hub, wsi);

    if (!c || c->wsi) {
        return -1;
    }
    c->wsi = wsi;
    lws_set_opaque_user_data(wsi, c);
    return 0;
}

static void on_gone(struct lws *wsi, struct ws_conn *c)
{
    lws_set_opaque_user_data(wsi, NULL);
    c->wsi = NULL;
    conn_free(c);
}

/* Everything that libwebsockets has to say. `in` and `len`: a piece of a message for RECEIVE. */
static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct ws_conn *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_handshake(lws_context_user(lws_get_context(wsi)), wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return c ? on_established(c) : -1;
    case LWS_CALLBACK_RECEIVE:
        if (c) {
            on_receive(c, span_of(in, len));
        }
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        if (c) {
            c->heard_us = now(c->hub);
            c->pinged = false;
        }
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (c) {
            on_writable(c);
        }
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (c) {
            c->peer_closing = true;
        }
        return c && c->sent_close ? -1 : 0; /* the answer to ours; otherwise libwebsockets answers */
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY: /* also when the handshake failed */
        if (c) {
            on_gone(wsi, c);
        }
        return 0;
    case LWS_CALLBACK_HTTP: /* no handshake of ours ends here */
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return reason == LWS_CALLBACK_HTTP ? -1 : 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "cahier", .callback = callback, .rx_buffer_size = WS_READ, .tx_packet_size = WS_GATHER},
    {.name = NULL},
};

/* Silent peers are ours to ping and to drop (scan): libwebsockets would keep a sorted list of timers, one for each
 * connection, and walk it for every new one. */
static const lws_retry_bo_t no_policy;

int ws_hub_create(struct net_loop *loop, const struct ws_options *options, const struct conn_events *events,
                  void *rooms, struct ws_hub **out)
{
    struct ws_hub *hub = calloc(1, sizeof *hub);
    void *loops[1] = {net_loop_native(loop)};
    struct lws_context_creation_info info = {0};

    if (!hub) {
        return RC_NOMEM;
    }
    hub->loop = loop;
    hub->options = *options;
    hub->events = events;
    hub->rooms = rooms;
    lws_set_log_level(0, NULL);
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_LIBUV;
    info.foreign_loops = loops;
    info.user = hub;
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.pt_serv_buf_size = WS_READ;
    info.retry_and_idle_policy = &no_policy;
    hub->context = lws_create_context(&info);
    if (!hub->context) {
        free(hub);
        return RC_NOMEM;
    }
    *out = hub;
    return RC_OK;
}

int ws_hub_adopt(struct ws_hub *hub, int fd, const struct ws_opening *o, struct span early)
{
    struct ws_conn *c = conn_create(hub, o);
    struct buf head = {0};
    uint64_t serial;

    if (!c) {
        close(fd);
        return RC_NOMEM;
    }
    serial = c->conn.serial;
    buf_printf(&head, "GET /%llu HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
               (unsigned long long)serial);
    buf_printf(&head, "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %.*s\r\n\r\n", (int)o->key.len, o->key.data);
    buf_put_span(&head, early);
    if (head.rc != RC_OK) {
        buf_finish(&head);
        close(fd);
        conn_free(c);
        return RC_NOMEM;
    }
    lws_adopt_socket_readbuf(hub->context, fd, (const char *)head.data, head.len);
    buf_finish(&head);
    c = find_serial(hub, serial); /* the first of the list, unless it is gone already */
    if (c && !c->wsi) {
        conn_free(c); /* libwebsockets closed the socket before the handshake */
        return RC_IO;
    }
    return RC_OK;
}

/* ---- Time
 * ------------------------------------------------------------------------------------------------------------ */

static void scan(struct ws_hub *hub, uint64_t time)
{
    for (struct ws_conn *c = hub->first; c; c = c->next) {
        uint64_t silence_s = (time - c->heard_us) / 1000000;

        if (c->closing && time - c->closing_us > CLOSE_TIME_S * UINT64_C(1000000)) {
            kill_conn(c);
        } else if (silence_s >= WS_SILENCE_S && !c->paused) {
            hub->counts.closed_silent++;
            c->closing = true;
            c->closing_us = time;
            outq_drop_all(&c->out);
            kill_conn(c);
        } else if (silence_s >= WS_PING_S && !c->pinged && !c->closing && !c->peer_closing && c->wsi &&
                   !lws_partial_buffered(c->wsi)) {
            c->pinged = true;
            hub->gather[LWS_PRE] = '?'; /* libwebsockets does not tell of a pong without payload */
            if (lws_write(c->wsi, hub->gather + LWS_PRE, 1, LWS_WRITE_PING) < 0) {
                kill_conn(c);
            }
        }
    }
}

void ws_hub_tick(struct ws_hub *hub)
{
    uint64_t time = now(hub);

    if (time - hub->scanned_us >= SCAN_PERIOD_US) {
        hub->scanned_us = time;
        scan(hub, time);
    }
}

void ws_hub_release_rooms(struct ws_hub *hub)
{
    for (const struct ws_conn *c = hub->first; c; c = c->next) {
        assert(!c->announced);
    }
    hub->released = true;
}

void ws_hub_close_all(struct ws_hub *hub, uint16_t code, const char *reason)
{
    for (struct ws_conn *c = hub->first; c; c = c->next) {
        ws_close(&c->conn, code, reason);
    }
}

size_t ws_hub_active(const struct ws_hub *hub)
{
    return hub->count;
}

const struct ws_counts *ws_hub_counts(const struct ws_hub *hub)
{
    return &hub->counts;
}

/* libwebsockets closes its handles on the loop, in two steps: the first call begins, the second frees the context. */
void ws_hub_destroy(struct ws_hub *hub)
{
    if (!hub) {
        return;
    }
    lws_context_destroy(hub->context);
    while (hub->first) {
        net_loop_poll(hub->loop);
    }
    for (int i = 0; i < 8; i++) {
        net_loop_poll(hub->loop);
    }
    lws_context_destroy(hub->context);
    free(hub);
}
