#include "server/net/sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server/net/sse_stream.h"
#include "server/net/sse_wire.h"

#define SECOND_US    UINT64_C(1000000)
#define SECRET_BYTES 16
#define FIRST_SLOTS  16

/* One session, from its first GET until the rooms have heard `closed`. */
struct sse_conn {
    struct channel channel; /* first: a channel of ours is one of these */
    struct sse_hub *hub;
    size_t slot;
    char id[SSE_ID_MAX]; /* SLOT.SECRET */

    struct sse_stream stream;
    uint64_t events_attached; /* number of its last message when this answer began */

    struct http_exchange *post; /* being applied */
    struct sse_post done;       /* whom to tell */
    struct span rest;           /* of its body */
    uint64_t received;          /* number of the last one taken */
    uint64_t leave_after;       /* number of the last one to come, when `leaving` */

    uint64_t heard_us;    /* the peer last asked for something */
    uint64_t written_us;  /* something was last written */
    uint64_t detached_us; /* the last answer ended */
    bool poll, due;       /* end the answer behind the first messages, or now */
    bool leaving;         /* the client wants the end */
    bool paused;
};

struct sse_hub {
    struct channel_hub channels;
    struct sse_counts counts;
    size_t sessions;
    void (*random)(void *out, size_t len);
    struct sse_conn **slot; /* sessions by the number in their id; NULL where none is */
    size_t slots;
};

static struct sse_conn *of_channel(struct channel *c)
{
    return (struct sse_conn *)(void *)c;
}

static struct sse_conn *of(const struct conn *c)
{
    return of_channel(channel_of_conn(c));
}

static uint64_t now(const struct sse_hub *hub)
{
    return channel_hub_now_us(&hub->channels);
}

/* ---- What the rooms do with a connection ----------------------------------------------------------------------- */

static void sse_pause(struct conn *conn)
{
    of(conn)->paused = true;
}

static void sse_resume(struct conn *conn)
{
    struct sse_conn *c = of(conn);

    c->paused = false;
    if (c->post) {
        channel_mark(&c->channel); /* the rest of the post is given from the flush */
    }
}

static size_t sse_queued(const struct conn *conn)
{
    return channel_queued(conn) + sse_stream_left(&of(conn)->stream);
}

static const struct conn_ops sse_ops = {channel_send, channel_drop, channel_close, sse_pause, sse_resume, sse_queued};

/* ---- Posts ------------------------------------------------------------------------------------------------------- */

static void answer_post(struct sse_conn *c, int rc)
{
    struct http_exchange *x = c->post;

    c->post = NULL;
    c->done.done(c->done.ctx, x, rc);
}

/* Gives the rooms what is left of a post, as far as they let it. */
static void give_post(struct sse_conn *c)
{
    while (c->post && c->rest.len > 0 && !c->paused && !c->channel.closing) {
        struct span message;

        if (sse_take_message(&c->rest, &message) == RC_OK) { /* always: the whole body was checked */
            channel_give(&c->channel, message);
        }
    }
    if (c->post && c->rest.len == 0) {
        answer_post(c, RC_OK);
    } else if (c->post && c->channel.closing) {
        answer_post(c, RC_NOTFOUND);
    }
    if (c->leaving && !c->post && c->received >= c->leave_after) {
        channel_close(&c->channel.conn, CONN_CLOSE_NORMAL, "left");
    }
}

/* ---- Life of a session ------------------------------------------------------------------------------------------- */

/* The answer ends. */
static void detach(struct sse_conn *c)
{
    sse_stream_close(&c->stream);
    c->due = false;
    c->detached_us = now(c->hub);
}

static void conn_free(struct sse_conn *c)
{
    c->channel.closing = true; /* what answers the post is to see that nothing more comes */
    detach(c);
    if (c->post) {
        answer_post(c, RC_NOTFOUND);
    }
    c->hub->slot[c->slot] = NULL;
    channel_finish(&c->channel);
    free(c);
}

/* A free slot, made when there is none. */
static int find_slot(struct sse_hub *hub, size_t *out)
{
    size_t slots = hub->slots ? hub->slots * 2 : FIRST_SLOTS;
    struct sse_conn **slot;

    for (size_t i = 0; i < hub->slots; i++) {
        if (!hub->slot[i]) {
            *out = i;
            return RC_OK;
        }
    }
    slot = realloc(hub->slot, slots * sizeof(struct sse_conn *));
    if (!slot) {
        return RC_NOMEM;
    }
    memset(slot + hub->slots, 0, (slots - hub->slots) * sizeof(struct sse_conn *));
    *out = hub->slots;
    hub->slot = slot;
    hub->slots = slots;
    return RC_OK;
}

static void make_id(struct sse_conn *c)
{
    uint8_t secret[SECRET_BYTES];
    int len = snprintf(c->id, sizeof c->id, "%zu.", c->slot);

    c->hub->random(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        len += snprintf(c->id + len, sizeof c->id - (size_t)len, "%02x", (unsigned)secret[i]);
    }
}

static int conn_create(struct sse_hub *hub, const struct channel_opening *o, struct sse_conn **out)
{
    struct sse_conn *c = calloc(1, sizeof *c);
    size_t slot;

    if (!c || find_slot(hub, &slot) != RC_OK || channel_init(&c->channel, &hub->channels, &sse_ops, o) != RC_OK) {
        free(c);
        return RC_NOMEM;
    }
    c->hub = hub;
    c->slot = slot;
    make_id(c);
    sse_stream_init(&c->stream, c->id);
    hub->slot[slot] = c;
    *out = c;
    return RC_OK;
}

/* Same bytes? Takes as long wherever they differ, so that nobody finds a secret piece by piece. */
static bool same_id(const char *id, struct span other)
{
    uint8_t differ = 0;

    if (strlen(id) != other.len) {
        return false;
    }
    for (size_t i = 0; i < other.len; i++) {
        differ |= (uint8_t)id[i] ^ other.data[i];
    }
    return differ == 0;
}

/* The open session of that id in that note, or NULL. */
static struct sse_conn *find(const struct sse_hub *hub, struct span note, struct span id)
{
    const uint8_t *dot = id.len > 0 ? memchr(id.data, '.', id.len) : NULL;
    struct sse_conn *c;
    uint64_t slot;

    if (!dot || sse_parse_number(span_of(id.data, (size_t)(dot - id.data)), &slot) != RC_OK || slot >= hub->slots) {
        return NULL;
    }
    c = hub->slot[slot];
    return c && !c->channel.closing && same_id(c->id, id) && span_equal(c->channel.conn.note, note) ? c : NULL;
}

/* ---- The turn --------------------------------------------------------------------------------------------------- */

static void write_out(struct sse_conn *c)
{
    struct channel *ch = &c->channel;
    struct sse_ending ending = {ch->close_code, ch->reason};
    bool was_open = sse_stream_is_open(&c->stream);
    size_t gone = sse_stream_write(&c->stream, &ch->out, ch->closing ? &ending : NULL);

    c->hub->counts.channel.bytes_out += gone;
    if (gone > 0) {
        c->written_us = now(c->hub);
    }
    if (was_open && !sse_stream_is_open(&c->stream)) {
        detach(c);
    }
}

/* Whether all that the peer is to hear now has gone. */
static bool has_heard_all(const struct sse_conn *c)
{
    return sse_queued(&c->channel.conn) == 0 && (!c->channel.closing || c->stream.said);
}

/* Everything that is due on a session. May free it. */
static void settle(struct channel *ch)
{
    struct sse_conn *c = of_channel(ch);

    give_post(c);
    write_out(c);
    if (c->poll && sse_stream_is_open(&c->stream) && has_heard_all(c) &&
        (c->due || c->stream.events > c->events_attached)) {
        detach(c);
    }
    if (ch->closing && (!sse_stream_is_open(&c->stream) || has_heard_all(c))) {
        conn_free(c);
    } else {
        channel_tell_drained(ch, sse_queued(&ch->conn));
    }
}

void sse_hub_flush(struct sse_hub *hub)
{
    channel_hub_flush(&hub->channels, settle);
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct sse_conn *c = context;

    if (readable) {
        sse_stream_read(&c->stream);
    }
    if (!sse_stream_is_open(&c->stream)) {
        detach(c);
        channel_mark(&c->channel);
    } else if (writable) {
        channel_mark(&c->channel);
    }
}

/* ---- GET --------------------------------------------------------------------------------------------------------- */

/* Takes the exchange's socket over and begins the answer on it. The exchange ends. A peer that has gone
 * may come back. */
static void attach(struct sse_conn *c, struct http_exchange *x, bool poll)
{
    int fd = http_exchange_take(x);

    detach(c);
    if (fd < 0 || sse_stream_open(&c->stream, c->hub->channels.host.loop, fd, c->received, on_ready, c) != RC_OK) {
        return;
    }
    c->poll = poll;
    c->heard_us = c->written_us = now(c->hub);
    c->events_attached = c->stream.events;
    channel_mark(&c->channel);
}

int sse_hub_open(struct sse_hub *hub, struct http_exchange *x, const struct channel_opening *o, bool poll)
{
    struct sse_conn *c;
    int rc;

    if (hub->channels.released) {
        return RC_STATE;
    }
    if (hub->channels.count >= hub->sessions || channel_hub_is_crowded(&hub->channels, o->peer)) {
        return RC_LIMIT;
    }
    rc = conn_create(hub, o, &c);
    if (rc != RC_OK) {
        return rc;
    }
    c->heard_us = now(hub);
    attach(c, x, poll);
    channel_announce(&c->channel);
    return RC_OK;
}

int sse_hub_resume(struct sse_hub *hub, struct http_exchange *x, struct span note, struct span last, bool poll)
{
    struct sse_conn *c = NULL;
    struct span session;
    uint64_t number;

    if (sse_parse_event_id(last, &session, &number) == RC_OK) {
        c = find(hub, note, session);
    }
    if (!c) {
        return RC_NOTFOUND;
    }
    if (number != c->stream.events || sse_stream_left(&c->stream) > 0) {
        channel_close(&c->channel.conn, CONN_CLOSE_TRY_LATER, "events were lost");
        return RC_NOTFOUND;
    }
    hub->counts.resumed++;
    attach(c, x, poll);
    return RC_OK;
}

/* ---- POST, DELETE ------------------------------------------------------------------------------------------------ */

int sse_hub_post(struct sse_hub *hub, struct http_exchange *x, const struct sse_post *p)
{
    struct span body = http_exchange_request(x)->body;
    struct sse_conn *c = find(hub, p->note, p->session);

    if (!c) {
        return RC_NOTFOUND;
    }
    c->heard_us = now(hub);
    if (p->number != c->received + 1) {
        return p->number <= c->received ? RC_EXISTS : RC_RANGE;
    }
    if (c->post) {
        return RC_BUSY;
    }
    if (sse_check_body(body) != RC_OK) {
        return RC_FORMAT;
    }
    hub->counts.posts++;
    c->received = p->number;
    c->post = x;
    c->done = *p;
    c->rest = body;
    give_post(c);
    return RC_OK;
}

int sse_hub_leave(struct sse_hub *hub, struct span note, struct span session, uint64_t after)
{
    struct sse_conn *c = find(hub, note, session);

    if (!c) {
        return RC_NOTFOUND;
    }
    c->leaving = true;
    c->leave_after = after;
    channel_mark(&c->channel);
    return RC_OK;
}

/* ---- Time, beginning and end ------------------------------------------------------------------------------------- */

static void look_at(struct sse_conn *c, uint64_t time)
{
    struct conn *conn = &c->channel.conn;

    if (c->channel.closing) {
        if (channel_is_overdue(&c->channel, time)) {
            conn_free(c);
        }
    } else if (time - c->heard_us >= SSE_SILENCE_S * SECOND_US) {
        c->hub->counts.channel.closed_silent++;
        channel_close(conn, CONN_CLOSE_TRY_LATER, "silent for too long");
    } else if (!sse_stream_is_open(&c->stream) && time - c->detached_us >= SSE_WAIT_S * SECOND_US) {
        c->hub->counts.expired++;
        channel_close(conn, CONN_CLOSE_TRY_LATER, "nobody listens");
    } else if (sse_stream_is_open(&c->stream) && sse_queued(conn) == 0 &&
               time - c->written_us >= SSE_COMMENT_S * SECOND_US) {
        sse_stream_comment(&c->stream);
        c->due = true;
        channel_mark(&c->channel);
    }
}

void sse_hub_tick(struct sse_hub *hub)
{
    uint64_t time = now(hub);

    for (size_t i = 0; i < hub->slots; i++) {
        if (hub->slot[i]) {
            look_at(hub->slot[i], time);
        }
    }
}

int sse_hub_create(const struct channel_host *host, size_t sessions, void (*random)(void *out, size_t len),
                   struct sse_hub **out)
{
    struct sse_hub *hub = calloc(1, sizeof *hub);

    if (!hub) {
        return RC_NOMEM;
    }
    channel_hub_init(&hub->channels, host, &hub->counts.channel);
    hub->sessions = sessions;
    hub->random = random;
    *out = hub;
    return RC_OK;
}

struct channel_hub *sse_hub_channels(struct sse_hub *hub)
{
    return &hub->channels;
}

const struct sse_counts *sse_hub_counts(const struct sse_hub *hub)
{
    return &hub->counts;
}

void sse_hub_destroy(struct sse_hub *hub)
{
    if (!hub) {
        return;
    }
    for (size_t i = 0; i < hub->slots; i++) {
        if (hub->slot[i]) {
            conn_free(hub->slot[i]);
        }
    }
    free(hub->slot);
    free(hub);
}
