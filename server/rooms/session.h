#ifndef SERVER_ROOMS_SESSION_H
#define SERVER_ROOMS_SESSION_H

/* A peer is a connection as rooms see it; a session is a connection in one room. y-websocket connections have one
 * session, Hocuspocus connections one for each address.
 *
 *     UNKNOWN ── token accepted ──► LOADING ── room loaded ──► READY
 *        └─ token refused ─► DENIED                              (any state: the session is destroyed)
 *
 * What cannot be handled yet is held, in order: before the token everything; while the room loads everything; in READY
 * an edit that must wait (see intake.c) and what comes after it but awareness. A peer that holds too much is not
 * read.
 *
 * Acknowledgements are owed in the order of the edits; each needs a number of commits of its room.
 *
 *     owed    [ status 1, needs 7 | status 0 | status 1, needs 9 ]      room: 8 commits
 *              └─ sent ────────────────────┘   └─ waits */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/proto.h"
#include "server/net/transport.h"
#include "server/rooms/lag.h"
#include "server/rooms/rooms.h"

struct room;

/* Why a connection is not read. */
enum peer_pause { PAUSE_RATE = 1, PAUSE_HELD = 2, PAUSE_STOP = 4 };

struct peer {
    struct rooms *rooms;
    struct conn *conn;
    struct peer *next, **link; /* in one of rooms->peers */
    struct session *first;
    unsigned sessions, pauses;
    size_t held; /* bytes held by all its sessions */
    uint64_t opened_us, heard_us, sent_us, denied_us;
    uint64_t busy_until_us;       /* the token bucket: when the messages so far are paid for (quota.h) … */
    struct peer *faster, *slower; /* … before and behind it in rooms->quota, while PAUSE_RATE */
    bool authenticated, closing;
};

enum session_state { SESSION_UNKNOWN, SESSION_DENIED, SESSION_LOADING, SESSION_READY };

struct held;

enum owed_kind { OWED_STORED, OWED_REFUSED, OWED_ECHO };

struct owed {
    uint64_t need;       /* commits of the room */
    struct frame *frame; /* OWED_ECHO: one reference */
    enum owed_kind kind;
};
#define OWED_NEVER    UINT64_MAX /* waits for a resynchronisation */
#define OWED_ECHO_MAX 256        /* messages 102 that wait, for one session */

/* An encoded state vector, shared by those who are known to have what it says. */
struct known {
    unsigned refs;
    size_t len;
    uint8_t data[];
};

struct session {
    struct peer *peer;
    struct session *next; /* of the same peer */
    struct room *room;    /* NULL before LOADING */
    size_t slot;          /* in room->member */
    uint64_t serial;      /* owner of awareness states */
    enum session_state state;
    enum rooms_right right;
    bool sse_or_yws;                   /* y-websocket's messages, without address */
    bool plain;                        /* the address is the name of the note alone */
    bool announced;                    /* its first awareness message has come, about `own` */
    uint64_t own;                      /* the client's id */
    struct lagging lag;                /* it reads too slowly */
    bool unsaved;                      /* an edit was refused, and no step 2 since made up for it */
    bool asked;                        /* a step 1 was sent since the refusal */
    uint32_t refused;                  /* refusals that its provider counts as not stored yet */
    uint32_t asks;                     /* step 1s that it did not wait for; their answers it does not count */
    uint64_t ask_us;                   /* when to ask for what was refused */
    struct buf prefix;                 /* the address as it stands before each message; empty for y-websocket */
    struct buf note;                   /* the name */
    struct buf sender;                 /* for log rows */
    struct known *known;               /* what the client is known to have; NULL: nothing */
    struct frame *stored, *not_stored; /* its status messages, made once */

    struct held *held_first, *held_last;
    size_t held;
    bool pumping;
    bool waits;         /* the first held edit claims clocks of another session */
    bool claim_refused; /* … and that other answered without reaching them */
    uint64_t waits_for; /* … the client id */
    uint64_t waits_since_us, waits_until_us;

    struct owed *owed; /* a ring */
    size_t owed_cap, owed_head, owed_count;
    struct session *owing_next, **owing_link; /* in room->owing while owed_count > 0 */
};

/* ---- peers */
struct peer *peer_create(struct rooms *rooms, struct conn *conn);
void peer_destroy(struct peer *p); /* and its sessions */
void peer_pause(struct peer *p, enum peer_pause why);
void peer_resume(struct peer *p, enum peer_pause why);
void peer_close(struct peer *p, uint16_t code, const char *reason);
struct session *peer_find(const struct peer *p, struct span address);

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

/* An edit was taken: SyncStatus(1) after `need` commits (Hocuspocus). */
void session_owe_stored(struct session *s, uint64_t need);
/* Message 102: returned after what was sent before. */
void session_owe_echo(struct session *s, struct span message);
/* Asks for what was refused. */
void session_ask(struct session *s);
/* Is an edit that is taken or refused now the answer to that? Then its provider does not count it. */
bool session_answers(struct session *s, bool step2);
/* An edit was not taken: SyncStatus(0) in its turn, or a permission-denied message. `counted`: by the provider.
 * `retry_us`: after this time the client is asked for it again; 0: never. */
void session_refuse(struct session *s, bool counted, const char *reason, uint64_t retry_us);
/* A step 2 was taken: it holds whatever was refused before. `counted`: by the provider, as one of its own. */
void session_settle(struct session *s, bool counted, uint64_t need);
/* Leaving the room: nothing is owed any more. */
void session_forget_owed(struct session *s);
/* Sends what the commits of the room allow. */
void session_flush_owed(struct session *s);

/* The client has at least this. Copies; without memory nothing is known. */
void session_know(struct session *s, struct span state_vector);
struct known *known_create(struct span state_vector);
struct known *known_ref(struct known *k);
void known_unref(struct known *k);

#endif
