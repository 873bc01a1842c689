#include "server/net/lws.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/base/cache.h"
#include "server/base/log.h"

#define WS_GATHER      65536 /* bytes of one write; at least FRAME_PIECE */
#define WS_READ        4096  /* bytes of one read */
#define WS_PIECE       1024  /* of a message that libwebsockets gives at once; it holds so much for each connection */
#define SCAN_PERIOD_US 1000000

/* One connection, from adoption until libwebsockets gives up the socket. */
struct ws_conn {
    struct lws *wsi; /* NULL before the handshake is answered */
    int fd;          /* its socket, which belongs to libwebsockets */
    bool sent_close, peer_closing, paused;
    bool heard;             /* something came since the last scan */
    struct channel channel; /* what every message needs is here at the beginning, in two lines of the caches */
    uint64_t heard_us;      /* when the peer last sent anything, to the precision of a scan */
    struct buf partial;     /* a message of which more is to come */
    uint64_t begun_us;      /* when its first piece came */
    size_t arriving;        /* what it has taken of the server's arrivals */
    const char *refuse_reason;
    uint16_t refuse;
    bool pinged;
};

_Static_assert(offsetof(struct ws_conn, channel.conn.protocol) <= 2 * CACHE_LINE, "more than every message needs");

struct ws_hub {
    struct channel_hub channels; /* first: that of a channel of ours is one of these */
    struct ws_counts counts;
    size_t message_limit;
    struct lws_context *context;
    uint64_t scanned_us;
    uint8_t gather[LWS_PRE + WS_GATHER];
};

static struct ws_conn *of_channel(struct channel *c)
{
    return (struct ws_conn *)((uintptr_t)c - offsetof(struct ws_conn, channel));
}

static struct ws_conn *of(const struct conn *c)
{
    return of_channel(channel_of_conn(c));
}

static struct ws_hub *hub_of(const struct ws_conn *c)
{
    return (struct ws_hub *)(void *)c->channel.hub;
}

static struct arrivals *arrivals_of(const struct ws_conn *c)
{
    return c->channel.hub->host.arrivals;
}

static uint64_t now(const struct ws_hub *hub)
{
    return channel_hub_now_us(&hub->channels);
}

/* The socket is of no use any more; libwebsockets closes it from its own timers. */
static void kill_conn(struct ws_conn *c)
{
    if (c->wsi) {
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
        lws_cancel_service(hub_of(c)->context); /* its timers on libuv start only behind an event of its own */
    }
}

/* ---- What the rooms do with a connection ----------------------------------------------------------------------- */

static int ws_send(struct conn *conn, struct frame *f, enum outq_kind kind)
{
    return of(conn)->peer_closing ? RC_STATE : channel_send(conn, f, kind);
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
        c->heard_us = c->begun_us = now(hub_of(c)); /* it was not listened to: its silence begins here */
        lws_rx_flow_control(c->wsi, 1);
    }
}

static const struct conn_ops ws_ops = {ws_send, channel_drop, channel_close, ws_pause, ws_resume, channel_queued};

/* ---- Sending ----------------------------------------------------------------------------------------------------- */

/* The first `len` bytes of `gather`. Most often the socket takes them all, and libwebsockets, whose way there is long,
 * need not know of them; what it does not take is libwebsockets' to keep, which also tells an error. */
static void write_raw(struct ws_conn *c, size_t len)
{
    uint8_t *from = hub_of(c)->gather + LWS_PRE;
    ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    size_t taken = n > 0 ? (size_t)n : 0;

    if (taken < len && lws_write(c->wsi, from + taken, len - taken, LWS_WRITE_RAW) < 0) {
        c->peer_closing = true;
        outq_drop_all(&c->channel.out);
        kill_conn(c);
        return;
    }
    hub_of(c)->counts.writes++;
    hub_of(c)->counts.channel.bytes_out += len;
}

/* libwebsockets 4.1.6 sends no close frame when the writable callback asks for the end, so that it is made here. The
 * peer's answer then ends the connection, or the scan does. */
static void write_close(struct ws_conn *c)
{
    uint8_t *to = hub_of(c)->gather + LWS_PRE;
    size_t len = strlen(c->channel.reason);

    to[0] = 0x88;
    to[1] = (uint8_t)(len + 2);
    to[2] = (uint8_t)(c->channel.close_code >> 8);
    to[3] = (uint8_t)c->channel.close_code;
    memcpy(to + 4, c->channel.reason, len);
    c->sent_close = true;
    write_raw(c, len + 4);
    if (c->wsi) {
        ws_resume(&c->channel.conn); /* a paused connection would not hear the answer */
    }
}

/* Writes until the queue is empty or the system takes no more. */
static void flush(struct ws_conn *c)
{
    struct channel *ch = &c->channel;

    while (c->wsi && !c->sent_close && !c->peer_closing && !lws_partial_buffered(c->wsi)) {
        size_t len = outq_gather(&ch->out, hub_of(c)->gather + LWS_PRE, WS_GATHER);

        if (len > 0) {
            outq_advance(&ch->out, len);
            write_raw(c, len);
        } else if (ch->closing) {
            write_close(c);
        } else {
            return;
        }
    }
    if (c->wsi && !c->peer_closing && (!outq_is_empty(&ch->out) || (ch->closing && !c->sent_close))) {
        lws_callback_on_writable(c->wsi);
    }
}

static void settle(struct channel *ch)
{
    struct ws_conn *c = of_channel(ch);

    flush(c);
    if (!c->peer_closing) {
        channel_tell_drained(ch, outq_bytes(&ch->out));
    }
}

void ws_hub_flush(struct ws_hub *hub)
{
    channel_hub_flush(&hub->channels, settle);
}

/* ---- Life of a connection ---------------------------------------------------------------------------------------- */

static void conn_free(struct ws_conn *c)
{
    channel_finish(&c->channel);
    arrivals_end(arrivals_of(c), &c->arriving);
    buf_finish(&c->partial);
    free(c);
}

static struct ws_conn *conn_create(struct ws_hub *hub, const struct ws_opening *o)
{
    struct ws_conn *c = cache_calloc(sizeof *c);

    if (!c || channel_init(&c->channel, &hub->channels, &ws_ops, &o->channel) != RC_OK) {
        free(c);
        return NULL;
    }
    c->refuse = o->refuse;
    c->refuse_reason = o->reason;
    c->heard_us = now(hub);
    return c;
}

static struct ws_conn *find_serial(struct ws_hub *hub, uint64_t serial)
{
    struct channel *ch = hub->channels.first;

    while (ch && ch->conn.serial != serial) {
        ch = ch->next;
    }
    return ch ? of_channel(ch) : NULL;
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
    if (c->refuse || hub_of(c)->channels.released) {
        hub_of(c)->counts.refused++;
        channel_close(&c->channel.conn, c->refuse ? c->refuse : CONN_CLOSE_RESTART, c->refuse_reason);
    } else {
        channel_announce(&c->channel);
    }
    return 0;
}

/* The message that is not whole yet goes, and the connection with it. */
static void give_up(struct ws_conn *c, uint64_t *count, uint16_t code, const char *reason)
{
    (*count)++;
    buf_finish(&c->partial);
    arrivals_end(arrivals_of(c), &c->arriving);
    channel_close(&c->channel.conn, code, reason);
}

/* A piece of a message that comes in several. */
static void put_together(struct ws_conn *c, struct span piece, bool last)
{
    struct ws_counts *counts = &hub_of(c)->counts;
    struct buf whole;

    if (arrivals_grow(arrivals_of(c), &c->arriving, c->partial.len + piece.len) != RC_OK) {
        give_up(c, &counts->closed_full, CONN_CLOSE_TRY_LATER, "too many large messages at once");
        return;
    }
    c->begun_us = c->partial.len == 0 ? now(hub_of(c)) : c->begun_us;
    buf_put_span(&c->partial, piece);
    if (c->partial.rc != RC_OK) {
        give_up(c, &counts->closed_full, CONN_CLOSE_TRY_LATER, "out of memory");
    } else if (last) {
        whole = c->partial;
        c->partial = (struct buf){0};
        channel_give(&c->channel, buf_span(&whole));
        buf_finish(&whole);
        arrivals_end(arrivals_of(c), &c->arriving);
    }
}

static void on_receive(struct ws_conn *c, struct span piece)
{
    struct ws_counts *counts = &hub_of(c)->counts;
    bool last = lws_is_final_fragment(c->wsi);

    c->heard = true;
    if (c->channel.closing || !c->channel.announced) {
        return;
    }
    if (!lws_frame_is_binary(c->wsi)) {
        give_up(c, &counts->closed_bad_frame, CONN_CLOSE_BAD_FRAME, "messages are binary");
    } else if (piece.len > hub_of(c)->message_limit - c->partial.len) {
        give_up(c, &counts->closed_too_big, CONN_CLOSE_TOO_BIG, "message too large");
    } else if (last && c->partial.len == 0) {
        channel_give(&c->channel, piece);
    } else {
        put_together(c, piece, last);
    }
}

/* The system can take more. */
static void on_writable(struct ws_conn *c)
{
    flush(c);
    if (c->channel.refused) {
        channel_mark(&c->channel); /* `drained` is told from the turn */
    }
}

static int on_handshake(struct ws_hub *hub, struct lws *wsi)
{
    struct ws_conn *c = conn_of_handshake(hub, wsi);

    if (!c || c->wsi) {
        return -1;
    }
    c->wsi = wsi;
    c->fd = lws_get_socket_fd(wsi);
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
            c->heard = true;
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
    {.name = "cahier", .callback = callback, .rx_buffer_size = WS_PIECE, .tx_packet_size = WS_GATHER},
    {.name = NULL},
};

/* Silent peers are ours to ping and to drop (scan): libwebsockets would keep a sorted list of timers, one for each
 * connection, and walk it for every new one. */
static const lws_retry_bo_t no_policy;

int ws_hub_create(const struct channel_host *host, size_t message_limit, struct ws_hub **out)
{
    struct ws_hub *hub = calloc(1, sizeof *hub);
    void *loops[1] = {net_loop_native(host->loop)};
    struct lws_context_creation_info info = {0};

    if (!hub) {
        return RC_NOMEM;
    }
    channel_hub_init(&hub->channels, host, &hub->counts.channel);
    hub->message_limit = message_limit;
    hub->scanned_us = now(hub);
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
    serial = c->channel.conn.serial;
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

/* ---- Time -------------------------------------------------------------------------------------------------------- */

/* libwebsockets does not tell of a pong without payload, so that a ping has one. */
static void ping(struct ws_conn *c)
{
    c->pinged = true;
    hub_of(c)->gather[LWS_PRE] = '?';
    if (lws_write(c->wsi, hub_of(c)->gather + LWS_PRE, 1, LWS_WRITE_PING) < 0) {
        kill_conn(c);
    }
}

static void look_at(struct ws_conn *c, uint64_t time)
{
    struct channel *ch = &c->channel;
    uint64_t silence_s;

    if (c->heard) {
        c->heard_us = hub_of(c)->scanned_us;
        c->heard = c->pinged = false;
    }
    silence_s = (time - c->heard_us) / 1000000;
    if (channel_is_overdue(ch, time)) {
        kill_conn(c);
    } else if (ch->closing) {
        return;
    } else if (c->partial.len > 0 && !c->paused && arrivals_is_too_slow(time - c->begun_us, c->partial.len)) {
        give_up(c, &hub_of(c)->counts.closed_full, CONN_CLOSE_TRY_LATER, "a message came too slowly");
    } else if (silence_s >= WS_SILENCE_S && !c->paused) {
        hub_of(c)->counts.channel.closed_silent++;
        ch->closing = true; /* without a word: nobody is there to take it */
        ch->closing_us = time;
        outq_drop_all(&ch->out);
        kill_conn(c);
    } else if (silence_s >= WS_PING_S && !c->pinged && !c->peer_closing && c->wsi && !lws_partial_buffered(c->wsi)) {
        ping(c);
    }
}

static void scan(struct ws_hub *hub, uint64_t time)
{
    for (struct channel *ch = hub->channels.first; ch; ch = ch->next) {
        look_at(of_channel(ch), time);
    }
}

void ws_hub_tick(struct ws_hub *hub)
{
    uint64_t time = now(hub);

    if (time - hub->scanned_us >= SCAN_PERIOD_US) {
        scan(hub, time);
        hub->scanned_us = time;
    }
}

struct channel_hub *ws_hub_channels(struct ws_hub *hub)
{
    return &hub->channels;
}

const struct ws_counts *ws_hub_counts(const struct ws_hub *hub)
{
    return &hub->counts;
}

/* libwebsockets closes its handles on the loop, in two steps: the first call begins, the second frees the context. */
void ws_hub_destroy(struct ws_hub *hub)
{
    struct net_loop *loop;

    if (!hub) {
        return;
    }
    loop = hub->channels.host.loop;
    lws_context_destroy(hub->context);
    while (hub->channels.first) {
        net_loop_poll(loop);
    }
    for (int i = 0; i < 8; i++) {
        net_loop_poll(loop);
    }
    lws_context_destroy(hub->context);
    free(hub);
}
