#include "server/net/loopback.h"

#include <stdlib.h>
#include <string.h>

#define CODE_GONE 1006 /* RFC 6455: the peer went without a close frame */

/* A message that waits: for the rooms while paused, or in the peer's inbox. */
struct parcel {
    struct parcel *next;
    struct buf bytes;
};

struct parcels {
    struct parcel *first, *last;
    size_t count;
};

struct loop_conn {
    struct conn conn; /* first: a struct conn of ours is one of these */
    struct loopback *lb;
    struct loop_conn *next;
    struct outq out;
    struct parcels inbox, held;
    char *note, *token;
    uint16_t close_code;
    bool closing, closed, paused, stalled, refused;
};

struct loopback {
    const struct conn_events *events;
    void *rooms;
    struct outq_limits limits;
    uint64_t serial;
    struct loop_conn *first;
};

static struct loop_conn *of(const struct conn *c)
{
    return (struct loop_conn *)(void *)(uintptr_t)c;
}

static int parcels_put(struct parcels *list, struct span bytes)
{
    struct parcel *p = calloc(1, sizeof *p);

    if (!p) {
        return RC_NOMEM;
    }
    buf_put_span(&p->bytes, bytes);
    if (p->bytes.rc != RC_OK) {
        free(p);
        return RC_NOMEM;
    }
    if (list->last) {
        list->last->next = p;
    } else {
        list->first = p;
    }
    list->last = p;
    list->count++;
    return RC_OK;
}

/* The oldest parcel, now the caller's; NULL when there is none. */
static struct parcel *parcels_pop(struct parcels *list)
{
    struct parcel *p = list->first;

    if (p) {
        list->first = p->next;
        list->last = p->next ? list->last : NULL;
        list->count--;
    }
    return p;
}

static void parcel_free(struct parcel *p)
{
    if (p) {
        buf_finish(&p->bytes);
        free(p);
    }
}

static void parcels_clear(struct parcels *list)
{
    while (list->first) {
        parcel_free(parcels_pop(list));
    }
}

static void loop_close(struct conn *conn, uint16_t code, const char *reason)
{
    struct loop_conn *c = of(conn);

    (void)reason;
    if (!c->closing) {
        c->closing = true;
        c->close_code = code;
    }
}

static int loop_send(struct conn *conn, struct frame *f, enum outq_kind kind)
{
    struct loop_conn *c = of(conn);
    int rc;

    if (c->closing) {
        return RC_STATE;
    }
    rc = outq_push(&c->out, f, kind);
    if (rc == RC_BUSY) {
        c->refused = true;
    } else if (rc == RC_LIMIT) {
        outq_drop_all(&c->out);
        loop_close(conn, CONN_CLOSE_TRY_LATER, NULL);
    }
    return rc;
}

static size_t loop_drop(struct conn *conn)
{
    return outq_drop_repeatable(&of(conn)->out);
}

static void loop_pause(struct conn *conn)
{
    of(conn)->paused = true;
}

static void loop_resume(struct conn *conn)
{
    of(conn)->paused = false;
}

static size_t loop_queued(const struct conn *conn)
{
    return outq_bytes(&of(conn)->out);
}

static const struct conn_ops loop_ops = {loop_send, loop_drop, loop_close, loop_pause, loop_resume, loop_queued};

int loopback_create(const struct conn_events *events, void *rooms, size_t soft, size_t hard, struct loopback **out)
{
    struct loopback *lb = calloc(1, sizeof *lb);

    if (!lb) {
        return RC_NOMEM;
    }
    *lb = (struct loopback){.events = events, .rooms = rooms, .limits = {soft, hard}};
    *out = lb;
    return RC_OK;
}

static void free_conn(struct loop_conn *c)
{
    outq_finish(&c->out);
    parcels_clear(&c->inbox);
    parcels_clear(&c->held);
    free(c->note);
    free(c->token);
    free(c);
}

/* The end of a connection, whoever ended it. */
static void end(struct loop_conn *c)
{
    if (!c->closed) {
        c->closed = true;
        c->lb->events->closed(c->lb->rooms, &c->conn);
        outq_finish(&c->out);
        parcels_clear(&c->held);
    }
}

void loopback_destroy(struct loopback *lb)
{
    if (!lb) {
        return;
    }
    for (struct loop_conn *c = lb->first; c; c = c->next) {
        loopback_disconnect(lb, &c->conn);
    }
    while (lb->first) {
        struct loop_conn *c = lb->first;

        lb->first = c->next;
        free_conn(c);
    }
    free(lb);
}

int loopback_connect(struct loopback *lb, enum conn_protocol protocol, const char *note, const char *token,
                     struct conn **out)
{
    struct loop_conn *c = calloc(1, sizeof *c);

    if (!c) {
        return RC_NOMEM;
    }
    c->note = strdup(note);
    c->token = strdup(token);
    if (!c->note || !c->token) {
        free_conn(c);
        return RC_NOMEM;
    }
    c->conn = (struct conn){.ops = &loop_ops,
                            .protocol = protocol,
                            .note = span_str(c->note),
                            .token = span_str(c->token),
                            .peer = span_str("127.0.0.1"),
                            .serial = ++lb->serial};
    c->lb = lb;
    outq_init(&c->out, &lb->limits);
    c->next = lb->first;
    lb->first = c;
    lb->events->opened(lb->rooms, &c->conn);
    *out = &c->conn;
    return RC_OK;
}

int loopback_deliver(struct loopback *lb, struct conn *conn, struct span message)
{
    struct loop_conn *c = of(conn);

    if (c->closing || c->closed) {
        return RC_STATE;
    }
    if (c->paused || c->held.first) {
        return parcels_put(&c->held, message);
    }
    lb->events->message(lb->rooms, conn, message);
    return RC_OK;
}

void loopback_disconnect(struct loopback *lb, struct conn *conn)
{
    struct loop_conn *c = of(conn);

    (void)lb;
    if (!c->closing) {
        c->closing = true;
        c->close_code = CODE_GONE;
    }
    end(c);
}

void loopback_stall(struct conn *conn, bool stalled)
{
    of(conn)->stalled = stalled;
}

static void give_held(struct loop_conn *c)
{
    while (c->held.first && !c->paused && !c->closing) {
        struct parcel *p = parcels_pop(&c->held);

        c->lb->events->message(c->lb->rooms, &c->conn, buf_span(&p->bytes));
        parcel_free(p);
    }
}

/* Moves what is queued to the inbox: one parcel a frame. */
static void flush(struct loop_conn *c)
{
    const struct frame *f;

    while ((f = outq_peek(&c->out)) != NULL) {
        struct buf payload = {0};

        frame_payload(f, &payload);
        if (payload.rc != RC_OK || parcels_put(&c->inbox, buf_span(&payload)) != RC_OK) {
            loop_close(&c->conn, CONN_CLOSE_INTERNAL, NULL);
        }
        buf_finish(&payload);
        outq_advance(&c->out, frame_wire(f).len);
    }
}

static void finish_turn(struct loop_conn *c)
{
    if (!c->stalled) {
        flush(c);
    }
    if (c->closing) {
        end(c);
        return;
    }
    if (c->refused && outq_bytes(&c->out) <= c->lb->limits.soft / 2) {
        c->refused = false;
        c->lb->events->drained(c->lb->rooms, &c->conn);
        if (!c->stalled) {
            flush(c);
        }
    }
}

void loopback_turn(struct loopback *lb)
{
    for (struct loop_conn *c = lb->first; c; c = c->next) {
        if (!c->closed) {
            give_held(c);
        }
    }
    lb->events->turn(lb->rooms);
    for (struct loop_conn *c = lb->first; c; c = c->next) {
        if (!c->closed) {
            finish_turn(c);
        }
    }
}

void loopback_tick(struct loopback *lb)
{
    lb->events->tick(lb->rooms);
}

bool loopback_take(struct conn *conn, struct buf *out)
{
    struct parcel *p = parcels_pop(&of(conn)->inbox);

    buf_clear(out);
    if (!p) {
        return false;
    }
    buf_put_span(out, buf_span(&p->bytes));
    parcel_free(p);
    return true;
}

size_t loopback_inbox(const struct conn *conn)
{
    return of(conn)->inbox.count;
}

uint16_t loopback_close_code(const struct conn *conn)
{
    return of(conn)->close_code;
}

bool loopback_is_paused(const struct conn *conn)
{
    return of(conn)->paused;
}

void loopback_release(struct loopback *lb, struct conn *conn)
{
    struct loop_conn *c = of(conn);

    if (!c->closed) {
        return;
    }
    for (struct loop_conn **at = &lb->first; *at; at = &(*at)->next) {
        if (*at == c) {
            *at = c->next;
            free_conn(c);
            return;
        }
    }
}
