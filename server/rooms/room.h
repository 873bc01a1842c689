#ifndef SERVER_ROOMS_ROOM_H
#define SERVER_ROOMS_ROOM_H

/* A room: a document in memory, who is in it, and what of it is not on the disk yet.
 *
 *     LOADING ── document built ──► READY ── empty for a while, all durable ──► unloaded
 *        │                          │   ▲
 *        │                     lent │   │ comes home
 *        │                          ▼   │
 *        │                          AWAY      a worker has the document; messages that need it are held
 *        └─ not readable ─► everyone is refused, the room is gone; the next visitor tries again
 *
 * Each room may use the loop for a share of a turn; what comes beyond is held and goes on in the next turn, so that a
 * heavy note delays itself and no other.
 *
 * The parts of a room are in files of their own: load.c (how it comes into memory), intake.c and heavy.c (what comes
 * in), rest.c (when nobody edits it), fanout.c, presence.c and lag.c (what goes out), persist.c and compact.c (what is
 * stored), owners.c (whose client ids), visit.c (those without a connection). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"
#include "server/rooms/fanout.h"
#include "server/rooms/lag.h"
#include "server/rooms/owners.h"
#include "server/rooms/persist.h"
#include "server/rooms/presence.h"
#include "server/rooms/rest.h"
#include "server/rooms/rooms.h"

struct known;
struct session;
struct visit;

enum room_state { ROOM_LOADING, ROOM_READY, ROOM_AWAY };

/* A list of visits, in order. */
struct visits {
    struct visit *first, *last;
};

struct room {
    struct rooms *rooms;
    struct room *next; /* of the same bucket */
    uint64_t hash, serial;
    enum room_state state;
    struct crdt_doc *doc; /* READY and not at rest; NULL otherwise */
    struct rest rest;
    struct presence presence;
    struct session **member;
    size_t members, member_cap;
    struct session *owing; /* sessions to which acknowledgements are owed */
    size_t waiting;        /* sessions that wait for somebody's clocks */
    struct owners owners;
    struct fanout fanout;
    struct lag lag;
    struct persist persist;
    bool restless; /* in rooms->restless: the next tick has something to do here; at rest one in ten looks */
    struct room *next_restless;
    bool pump;               /* somebody's clocks moved on or somebody went: those who wait try again */
    struct visits visits;    /* reads and edits that wait for the document */
    struct visits applied;   /* edits that wait for their commit */
    size_t errands;          /* under way on workers */
    size_t next_served;      /* behind this member goes on what was held, when the document comes home or late … */
    size_t unserved;         /* … for so many members */
    bool visits_first;       /* … and whether visits are before them */
    uint64_t turn, spent_us; /* what it used of this turn of the loop */
    bool late;               /* in rooms->late: it has to go on in the next turn */
    struct room *next_late;
    struct known *known; /* the state vector at `known_version` */
    uint64_t version;    /* counts changes of the document */
    uint64_t used_us;    /* when the document was last changed or asked for by rest_end … */
    bool settled;        /* … and it was seen since whether it may rest */
    uint64_t known_version, known_us;
    uint64_t text_bound; /* the note holds at most so many UTF-16 units */
    uint64_t idle_us;    /* empty since */
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
/* The member of that serial; NULL when it has gone. */
struct session *room_member(const struct room *room, uint64_t serial);
/* The document is another than before. */
void room_changed(struct room *room);
/* Time passes: in every tick while the room is restless, once a second otherwise. True when it may be destroyed. */
bool room_tick(struct room *room);
/* Something begins that cannot wait for a second. */
void room_stir(struct room *room);
/* Those who wait for somebody's clocks try again. */
void room_pump_waiting(struct room *room);
/* The end of the turn: sends what was collected. */
void room_turn(struct room *room);
/* A worker gets the document, which the caller takes over. READY only. */
struct crdt_doc *room_lend(struct room *room);
/* The members that have all that was sent have what `known` says, the state vector of the document. */
void room_all_know(struct room *room, struct known *known);
/* The document is there, for the first time or again: everybody goes on. */
void room_home(struct room *room);
/* May something that needs the document be done now? No while it is away, and when the room had its share of this turn:
 * then it is told to go on (room_go_on) in the next one. */
bool room_may_work(struct room *room);
/* It worked since the clock was last looked at. */
void room_worked(struct room *room);
void room_go_on(struct room *room);

#endif
