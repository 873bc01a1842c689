#ifndef SERVER_NET_TRANSPORT_H
#define SERVER_NET_TRANSPORT_H

/* How the rooms see connections, whatever carries them (lws.c: WebSockets; loopback.c: tests without sockets).
 *
 *     transport ── opened, message, drained, closed, turn, tick ──► rooms       (struct conn_events)
 *     transport ◄── send, drop, close, pause, resume, queued ────── rooms       (struct conn_ops, through conn_…)
 *
 * Life of a connection:
 *     opened ─► message* (drained*) ─► closed
 * `opened` comes once, before everything else; `closed` comes once for every `opened`, after everything else, never
 * from within a conn_… call, and is the last moment at which the pointer may be used. After conn_close no more messages
 * or `drained` come, only `closed`.
 *
 * One loop turn: all events of the turn, then `turn` once (rooms put together what they collected and send it),
 * then what is queued on each connection leaves in one gathered write.
 *
 * Event loop thread only. Every call below may be made from within every event. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/cache.h"
#include "server/net/frame.h"
#include "server/net/outq.h"

enum conn_protocol {
    CONN_YWEBSOCKET, /* /ws/{note}: one note, named by the path */
    CONN_HOCUSPOCUS, /* /hocuspocus: messages name their note */
    CONN_SSE         /* /api/v1/notes/{note}/sync: one note, y-websocket's messages over event stream and POST */
};

/* Close codes (RFC 6455, 7.4, and 4000 upwards for applications). y-websocket clients give up on 4400 to 4499 and come
 * back after anything else. */
enum conn_close_code {
    CONN_CLOSE_NORMAL = 1000,
    CONN_CLOSE_RESTART = 1001,     /* the server stops: come back */
    CONN_CLOSE_BAD_FRAME = 1002,   /* text, or bytes that are no message */
    CONN_CLOSE_TOO_BIG = 1009,     /* a message above the limit */
    CONN_CLOSE_INTERNAL = 1011,    /* the server could not go on, for instance a note that does not load */
    CONN_CLOSE_TRY_LATER = 1013,   /* reads too slowly, took too long to say who it is, or the server is full */
    CONN_CLOSE_BAD_REQUEST = 4400, /* a note name that is none */
    CONN_CLOSE_UNKNOWN = 4401,     /* not authenticated, or revoked */
    CONN_CLOSE_FORBIDDEN = 4403,   /* not allowed, or from a foreign page */
    CONN_CLOSE_DELETED = 4404      /* the note is gone */
};

#define CONN_NOTE_MAX 200 /* bytes of a note name */

struct conn;

/* What a transport does. Rooms call conn_send and its siblings below. */
struct conn_ops {
    int (*send)(struct conn *c, struct frame *f, enum outq_kind kind);
    size_t (*drop)(struct conn *c);
    void (*close)(struct conn *c, uint16_t code, const char *reason);
    void (*pause)(struct conn *c);
    void (*resume)(struct conn *c);
    size_t (*queued)(const struct conn *c);
};

/* One connection. A transport embeds it in its own structure; spans are borrowed until `closed` returns. */
struct conn {
    const struct conn_ops *ops; /* private */
    void *user;                 /* the rooms', NULL at first */
    enum conn_protocol protocol;
    uint64_t serial;   /* counts connections from 1: for logs */
    struct span note;  /* percent-decoded, valid (net_note_name_valid); empty for CONN_HOCUSPOCUS */
    struct span token; /* of the query (`token=`), else of "Authorization: Bearer"; empty when none. Never log it */
    struct span peer;  /* numeric address of the peer, "127.0.0.1"; may be empty */
};

/* What the rooms do. All members must be set. `rooms` is the pointer given with the table. */
struct conn_events {
    void (*opened)(void *rooms, struct conn *c);
    /* One whole binary message, borrowed until return. Never empty. */
    void (*message)(void *rooms, struct conn *c, struct span bytes);
    /* A send was refused with RC_BUSY since the last `drained`, and now at most half of the soft limit is queued. */
    void (*drained)(void *rooms, struct conn *c);
    /* The connection is gone: give up every reference to `c`. */
    void (*closed)(void *rooms, struct conn *c);
    /* Once at the end of a loop turn in which something happened. Answer: in so many milliseconds, or sooner, there
     * must be another turn whatever happens; 0: there need not. */
    unsigned (*turn)(void *rooms);
    /* About ten times a second, for whatever waits for time to pass. Read the clock; do not count ticks. */
    void (*tick)(void *rooms);
};

/* Queues a frame; takes a reference of its own, so that the caller still gives back his. Sent at the end of the turn.
 *  RC_BUSY   OUTQ_REPEATABLE only: the peer reads too slowly. Nothing is queued. The rooms drop what a
 *            resynchronisation repeats (conn_drop), stop sending updates, and resynchronise on `drained`.
 *  RC_LIMIT  the hard limit: the connection is being closed with 1013.
 *  RC_STATE  it is being closed already.   RC_NOMEM. */
static inline int MUST_CHECK conn_send(struct conn *c, struct frame *f, enum outq_kind kind)
{
    return c->ops->send(c, f, kind);
}

/* Drops the queued frames that are OUTQ_REPEATABLE and not begun; how many bytes that were. `drained` follows when
 * little enough is left. */
static inline size_t conn_drop(struct conn *c)
{
    return c->ops->drop(c);
}

/* Sends what is queued (for a few seconds at most), then closes with this code. `reason`: at most 123 bytes of UTF-8,
 * copied; NULL for none. A second close is ignored. */
static inline void conn_close(struct conn *c, uint16_t code, const char *reason)
{
    c->ops->close(c, code, reason);
}

/* Stops reading from the peer, so that its own socket fills; messages already received may still come in this turn. */
static inline void conn_pause(struct conn *c)
{
    c->ops->pause(c);
}

static inline void conn_resume(struct conn *c)
{
    c->ops->resume(c);
}

/* It will be sent something in a moment (base/cache.h). A transport that serves many has what that needs just before
 * and at its struct conn. */
static inline void conn_fetch(const struct conn *c)
{
    cache_fetch((const void *)((uintptr_t)c - CACHE_LINE), 2 * CACHE_LINE);
}

/* Bytes queued and not yet given to the operating system. */
static inline size_t conn_queued(const struct conn *c)
{
    return c->ops->queued(c);
}

#endif
