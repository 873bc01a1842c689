#ifndef SERVER_ROOMS_SESSION_H
#define SERVER_ROOMS_SESSION_H

/* A connection in one room. y-websocket connections have one session, Hocuspocus connections one for each address.
 *
 *     UNKNOWN ── token accepted ──► LOADING ── room loaded ──► READY
 *        └─ token refused ─► DENIED                              (any state: the session is destroyed)
 *
 * What cannot be handled yet is held, in order: before the token everything; while the room loads everything; in READY
 * an edit that must wait (see intake.c) and what comes after it but awareness. A peer that holds too much is not
 * read. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/proto.h"
#include "server/base/cache.h"
#include "server/net/transport.h"
#include "server/rooms/lag.h"
#include "server/rooms/peer.h"
#include "server/rooms/rooms.h"

struct room;

enum session_state { SESSION_UNKNOWN, SESSION_DENIED, SESSION_LOADING, SESSION_READY };

struct held;
struct owed;

/* An encoded state vector, shared by those who are known to have what it says. */
struct known {
    unsigned refs;
    size_t len;
    uint8_t data[];
};

/* What every message to and from it needs stands first: a line of the caches for those to it (base/cache.h). */
struct session {
    struct peer *peer;
    struct room *room; /* NULL before LOADING */
    uint64_t serial;   /* owner of awareness states */
    enum session_state state;
    enum rooms_right right;
    struct lagging lag; /* it reads too slowly */
    bool sse_or_yws;    /* y-websocket's messages, without address */
    bool plain;         /* the address is the name of the note alone */
    bool announced;     /* its first awareness message has come, about `own` */
    bool unsaved;       /* an edit was refused, and no step 2 since made up for it */
    bool asked;         /* a step 1 was sent since the refusal */
    bool pumping;
    bool waits;         /* the first held edit claims clocks of another session */
    bool claim_refused; /* … and that other answered without reaching them */
    struct held *held_first, *held_last;
    uint64_t own;      /* the client's id */
    struct buf sender; /* for log rows */
    uint32_t refused;  /* refusals that its provider counts as not stored yet */
    uint32_t asks;     /* step 1s that it did not wait for; their answers it does not count */

    struct session *next;              /* of the same peer */
    size_t slot;                       /* in room->member */
    uint64_t ask_us;                   /* when to ask for what was refused */
    struct buf prefix;                 /* the address as it stands before each message; empty for y-websocket */
    struct buf note;                   /* the name */
    struct known *known;               /* what the client is known to have; NULL: nothing */
    struct frame *stored, *not_stored; /* its status messages, made once */

    size_t held;
    uint64_t waits_for; /* while `waits`: the client id */
    uint64_t waits_since_us, waits_until_us;

    struct owed *owed; /* a ring, owed.c's */
    size_t owed_cap, owed_head, owed_count;
    struct session *owing_next, **owing_link; /* in room->owing while owed_count > 0 */
};

_Static_assert(offsetof(struct session, held_first) <= CACHE_LINE, "more than every message to it needs");

/* ---- sessions */
/* `address` empty: y-websocket. NULL without memory. */
struct session *session_create(struct peer *p, struct span address, struct span note);
/* Leaves its room, too; edits that it holds are still taken. */
void session_destroy(struct session *s);
/* Encodes a message to one session. */
void session_send_body(struct session *s, const struct buf *body, enum outq_kind kind);
void session_send(struct session *s, struct frame *f, enum outq_kind kind);
/* Its own frame of a body; the caller gives the reference back. */
int session_frame(const struct session *s, struct span body, struct frame **out) MUST_CHECK;

/* Holds a message back. Closes the connection without memory, or when all connections together hold too much: what it
 * has not heard to be stored its client sends again. */
void session_hold(struct session *s, struct span bytes);
/* Handles what is held, as far as it can be. */
void session_pump(struct session *s);
void session_drop_held(struct session *s);

/* The client has at least this. Copies; without memory nothing is known. */
void session_know(struct session *s, struct span state_vector);
struct known *known_create(struct span state_vector);
struct known *known_ref(struct known *k);
void known_unref(struct known *k);

#endif
