#ifndef SERVER_ROOMS_ROOM_H
#define SERVER_ROOMS_ROOM_H

/* A room: a document in memory, who is in it, and what of it is not on the disk yet.
 *
 *     LOADING ── content applied ──► READY ── empty for a while, all durable ──► unloaded
 *        └─ not readable ─► everyone is refused, the room is gone; the next visitor tries again
 *
 * The parts of a room are in files of their own: fanout.c (what goes out), persist.c (what is stored), owners.c (whose
 * client ids), intake.c (what comes in). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/rooms/fanout.h"
#include "server/rooms/owners.h"
#include "server/rooms/persist.h"
#include "server/rooms/rooms.h"

struct known;
struct session;
struct visit;

enum room_state { ROOM_LOADING, ROOM_READY };

struct room {
    struct rooms *rooms;
    struct room *next; /* of the same bucket */
    uint64_t hash, serial;
    enum room_state state;
    struct crdt_doc *doc; /* READY */
    struct awareness awareness;
    struct session **member;
    size_t members, member_cap;
    struct session *owing; /* sessions to which acknowledgements are owed */
    size_t waiting;        /* sessions that wait for somebody's clocks */
    struct owners owners;
    struct fanout fanout;
    struct persist persist;
    bool pump;                              /* somebody's clocks moved on or somebody went: those who wait try again */
    struct visit *visit_first, *visit_last; /* reads and edits that wait for the load */
    struct visit *applied_first, *applied_last; /* edits that wait for their commit */
    struct known *known;                        /* the state vector at `known_version` */
    uint64_t version;                           /* counts changes of the document */
    uint64_t known_version, known_us;
    uint64_t text_bound; /* the note holds at most so many UTF-16 units */
    uint64_t idle_us;    /* empty since */
    uint64_t swept_us;   /* awareness */
    size_t name_len;
    char name[];
};

struct span room_name(const struct room *room);
/* The room of that name, loaded on demand: RC_NOMEM, or why the store does not take the request. */
int room_get(struct rooms *rooms, struct span name, struct room **out) MUST_CHECK;
void room_destroy(struct room *room); /* out of the table; nobody is in it, nothing is under way */
/* RC_LIMIT: full. The session becomes READY at once or when the room is loaded. */
int room_join(struct room *room, struct session *s) MUST_CHECK;
void room_leave(struct room *room, struct session *s);
/* An awareness update of a session. RC_FORMAT, RC_RANGE: malformed; RC_LIMIT, RC_NOMEM: not taken. */
int room_awareness(struct room *room, struct session *s, struct span update) MUST_CHECK;
/* Time passes. True when the room may be destroyed. */
bool room_tick(struct room *room);
/* Those who wait for somebody's clocks try again. */
void room_pump_waiting(struct room *room);
/* The end of the turn: sends what was collected. */
void room_turn(struct room *room);
/* Reads and edits without a session, see rooms.h. Takes over nothing. */
int room_read(struct room *room, void (*ready)(void *ctx, int rc, const struct crdt_doc *doc), void *ctx) MUST_CHECK;
int room_apply(struct room *room, struct span update, struct span sender, void (*done)(void *ctx, int rc),
               void *ctx) MUST_CHECK;
/* Tells those whose edits are committed. */
void room_flush_visits(struct room *room);

#endif
