#include "server/net/sse.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server/net/sse_stream.h"
#include "server/net/sse_wire.h"

#define SECOND_US    UINT64_C(1000000)
#define CLOSE_TIME_S 5   /* for a peer to take what is queued and the close event */
#define REASON_MAX   123 /* as for WebSockets */
#define SECRET_BYTES 16
#define FIRST_SLOTS  16

/* One session, from its first GET until the rooms have heard `closed`. */
struct sse_conn {
    struct conn conn; /* first: a struct conn of ours is one of these */
    struct sse_hub *hub;
    struct sse_conn *next_dirty;
    size_t slot;
    char id[SSE_ID_MAX]; /* SLOT.SECRET */
    char *strings;       /* note, token and peer */

    struct sse_stream stream;
    struct outq out;
    uint64_t events_attached; /* number of its last message when this answer began */

    struct http_exchange *post; /* being applied */
    struct sse_post done;       /* whom to tell */
    struct span rest;           /* of its body */
    uint64_t received;          /* number of the last one taken */
    uint64_t leave_after;       /* number of the last one to come, when `leaving` */

    uint64_t heard_us;    /* the peer last asked for something */
    uint64_t written_us;  /* something was last written */
    uint64_t detached_us; /* the last answer ended */
    uint64_t closing_us;
    uint16_t close_code;
    char reason[REASON_MAX + 1];
    bool poll, due; /* end the answer behind the first messages, or now */
    bool leaving;   /* the client wants the end */
    bool closing;   /* no more messages, no more sends */
    bool dirty;     /* in the hub's dirty list */
    bool refused;   /* a send was refused: `drained` is owed */
    bool paused;
};

struct sse_hub {
    struct net_loop *loop;
    struct sse_options options;
    const struct conn_events *events;
    void *rooms;
    struct sse_conn **slot; /* sessions by the number in their id; NULL where none is */
    size_t slots, count;
    struct sse_conn *dirty;
    bool released; /* the rooms are to hear nothing */
    struct sse_counts counts;
};

static struct sse_conn *of(const struct conn *c)
{
    return (struct sse_conn *)(void *)(uintptr_t)c;
}

static uint64_t now(const struct sse_hub *hub)
{
    return clock_monotonic_us(hub->options.clock);
}

static void mark_dirty(struct sse_conn *c)
{
    if (!c->dirty) {
        c->dirty = true;
        c->next_dirty = c->hub->dirty;
        c->hub->dirty = c;
        net_loop_touch(c->hub->loop);
    }
}

/* ---- What the rooms do with a connection ----------------------------------------------------------------------- */

static void sse_close(struct conn *conn, uint16_t code, const char *reason)
{
    struct sse_conn *c = of(conn);

    if (c->closing) {
        return;
    }
    c->closing = true;
    c->close_code = code;
    c->closing_us = now(c->hub);
    snprintf(c->reason, sizeof c->reason, "%s", reason ? reason : "");
    mark_dirty(c);
}

static int sse_send(struct conn *conn, struct frame *f, enum outq_kind kind)
{
    struct sse_conn *c = of(conn);
    int rc;

    if (c->closing) {
        return RC_STATE;
    }
    rc = outq_push(&c->out, f, kind);
    if (rc == RC_OK) {
        mark_dirty(c);
    } else if (rc == RC_BUSY) {
        c->refused = true;
    } else if (rc == RC_LIMIT) {
        c->hub->counts.closed_slow++;
        outq_drop_all(&c->out);
        sse_close(conn, CONN_CLOSE_TRY_LATER, "reads too slowly");
    }
    return rc;
}

static size_t sse_drop(struct conn *conn)
{
    struct sse_conn *c = of(conn);
    size_t dropped = outq_drop_repeatable(&c->out);

    if (c->refused) {
        mark_dirty(c);
    }
    return dropped;
}

static void sse_pause(struct conn *conn)
{
    of(conn)->paused = true;
}

static void sse_resume(struct conn *conn)
{
    struct sse_conn *c = of(conn);

    c->paused = false;
    if (c->post) {
        mark_dirty(c); /* the rest of the post is given from the flush */
    }
}

static size_t sse_queued(const struct conn *conn)
{
    const struct sse_conn *c = of(conn);

    return outq_bytes(&c->out) + sse_stream_left(&c->stream);
}

static const struct conn_ops sse_ops = {sse_send, sse_drop, sse_close, sse_pause, sse_resume, sse_queued};

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
    while (c->post && c->rest.len > 0 && !c->paused && !c->closing) {
        struct span message;

        if (sse_take_message(&c->rest, &message) == RC_OK) { /* always: the whole body was checked */
            c->hub->counts.messages_in++;
            c->hub->counts.bytes_in += message.len;
            c->hub->events->message(c->hub->rooms, &c->conn, message);
        }
    }
    if (c->post && c->rest.len == 0) {
        answer_post(c, RC_OK);
    } else if (c->post && c->closing) {
        answer_post(c, RC_NOTFOUND);
    }
    if (c->leaving && !c->post && c->received >= c->leave_after) {
        sse_close(&c->conn, CONN_CLOSE_NORMAL, "left");
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
    struct sse_hub *hub = c->hub;
    struct sse_conn **at = &hub->dirty;

    c->closing = true;
    detach(c);
    if (c->post) {
        answer_post(c, RC_NOTFOUND);
    }
    hub->events->closed(hub->rooms, &c->conn);
    net_loop_touch(hub->loop);
    while (*at && *at != c) {
        at = &(*at)->next_dirty;
    }
    if (*at) {
        *at = c->next_dirty;
    }
    hub->slot[c->slot] = NULL;
    hub->count--;
    outq_finish(&c->out);
    free(c->strings);
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

    c->hub->options.random(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        len += snprintf(c->id + len, sizeof c->id - (size_t)len, "%02x", (unsigned)secret[i]);
    }
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

static int conn_create(struct sse_hub *hub, const struct sse_opening *o, struct sse_conn **out)
{
    struct sse_conn *c = calloc(1, sizeof *c);
    char *at = malloc(o->note.len + o->token.len + o->peer.len + 1);
    size_t slot;

    if (!c || !at || find_slot(hub, &slot) != RC_OK) {
        free(c);
        free(at);
        return RC_NOMEM;
    }
    c->strings = at;
    c->conn = (struct conn){.ops = &sse_ops, .protocol = CONN_SSE, .serial = ++*hub->options.serial};
    c->conn.note = keep(&at, o->note);
    c->conn.token = keep(&at, o->token);
    c->conn.peer = keep(&at, o->peer);
    c->hub = hub;
    c->slot = slot;
    make_id(c);
    sse_stream_init(&c->stream, c->id);
    outq_init(&c->out, hub->options.queue_soft, hub->options.queue_hard);
    hub->slot[slot] = c;
    hub->count++;
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
    return c && !c->closing && same_id(c->id, id) && span_equal(c->conn.note, note) ? c : NULL;
}

/* ---- The turn --------------------------------------------------------------------------------------------------- */

static void write_out(struct sse_conn *c)
{
    struct sse_ending ending = {c->close_code, c->reason};
    bool was_open = sse_stream_is_open(&c->stream);
    size_t gone = sse_stream_write(&c->stream, &c->out, c->closing ? &ending : NULL);

    c->hub->counts.bytes_out += gone;
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
    return sse_queued(&c->conn) == 0 && (!c->closing || c->stream.said);
}

/* Everything that is due on a session. May free it. */
static void settle(struct sse_conn *c)
{
    give_post(c);
    write_out(c);
    if (c->poll && sse_stream_is_open(&c->stream) && has_heard_all(c) &&
        (c->due || c->stream.events > c->events_attached)) {
        detach(c);
    }
    if (c->closing && (!sse_stream_is_open(&c->stream) || has_heard_all(c))) {
        conn_free(c);
    } else if (c->refused && !c->closing && sse_queued(&c->conn) <= c->out.soft / 2) {
        c->refused = false;
        c->hub->events->drained(c->hub->rooms, &c->conn);
    }
}

void sse_hub_flush(struct sse_hub *hub)
{
    while (hub->dirty) {
        struct sse_conn *c = hub->dirty;

        hub->dirty = c->next_dirty;
        c->dirty = false;
        settle(c); /* may queue more and mark it again */
    }
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct sse_conn *c = context;

    if (readable) {
        sse_stream_read(&c->stream);
    }
    if (!sse_stream_is_open(&c->stream)) {
        detach(c);
        mark_dirty(c);
    } else if (writable) {
        mark_dirty(c);
    }
}

/* ---- GET -----------------------------------------------------------------------------------------------------------
 */

/* Takes the exchange's socket over and begins the answer on it. The exchange ends. A peer that has gone
 * may come back. */
static void attach(struct sse_conn *c, struct http_exchange *x, bool poll)
{
    int fd = http_exchange_take(x);

    detach(c);
    if (fd < 0 || sse_stream_open(&c->stream, c->hub->loop, fd, c->received, on_ready, c) != RC_OK) {
        return;
    }
    c->poll = poll;
    c->heard_us = c->written_us = now(c->hub);
    c->events_attached = c->stream.events;
    mark_dirty(c);
}

int sse_hub_open(struct sse_hub *hub, struct http_exchange *x, const struct sse_opening *o)
{
    struct sse_conn *c;
    int rc = hub->released ? RC_STATE : hub->count >= hub->options.sessions ? RC_LIMIT : RC_OK;

    rc = rc == RC_OK ? conn_create(hub, o, &c) : rc;
    if (rc != RC_OK) {
        return rc;
    }
    hub->counts.opened++;
    c->heard_us = now(hub);
    attach(c, x, o->poll);
    hub->events->opened(hub->rooms, &c->conn);
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
        sse_close(&c->conn, CONN_CLOSE_TRY_LATER, "events were lost");
        return RC_NOTFOUND;
    }
    hub->counts.resumed++;
    attach(c, x, poll);
    return RC_OK;
}

/* ---- POST, DELETE
 * ---------------------------------------------------------------------------------------------------- */

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
    mark_dirty(c);
    return RC_OK;
}

/* ---- Time, beginning and end ------------------------------------------------------------------------------------- */

static void look_at(struct sse_conn *c, uint64_t time)
{
    struct sse_hub *hub = c->hub;

    if (c->closing) {
        if (time - c->closing_us >= CLOSE_TIME_S * SECOND_US) {
            conn_free(c);
        }
    } else if (time - c->heard_us >= SSE_SILENCE_S * SECOND_US) {
        hub->counts.closed_silent++;
        sse_close(&c->conn, CONN_CLOSE_TRY_LATER, "silent for too long");
    } else if (!sse_stream_is_open(&c->stream) && time - c->detached_us >= SSE_WAIT_S * SECOND_US) {
        hub->counts.expired++;
        sse_close(&c->conn, CONN_CLOSE_TRY_LATER, "nobody listens");
    } else if (sse_stream_is_open(&c->stream) && sse_queued(&c->conn) == 0 &&
               time - c->written_us >= SSE_COMMENT_S * SECOND_US) {
        sse_stream_comment(&c->stream);
        c->due = true;
        mark_dirty(c);
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

int sse_hub_create(struct net_loop *loop, const struct sse_options *options, const struct conn_events *events,
                   void *rooms, struct sse_hub **out)
{
    struct sse_hub *hub = calloc(1, sizeof *hub);

    if (!hub) {
        return RC_NOMEM;
    }
    hub->loop = loop;
    hub->options = *options;
    hub->events = events;
    hub->rooms = rooms;
    *out = hub;
    return RC_OK;
}

void sse_hub_release_rooms(struct sse_hub *hub)
{
    assert(hub->count == 0);
    hub->released = true;
}

void sse_hub_close_all(struct sse_hub *hub, uint16_t code, const char *reason)
{
    for (size_t i = 0; i < hub->slots; i++) {
        if (hub->slot[i]) {
            sse_close(&hub->slot[i]->conn, code, reason);
        }
    }
}

size_t sse_hub_active(const struct sse_hub *hub)
{
    return hub->count;
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
