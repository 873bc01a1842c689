#ifndef SERVER_ROOMS_PRESENCE_H
#define SERVER_ROOMS_PRESENCE_H

/* Who is in a room, and where their cursors are.
 *
 * Telling N people about N people costs N², so that presence is told less often the more people there are: what
 * changed since the last time goes out as one message, in which everybody's newest state stands once. The first change
 * after a pause goes out at once.
 *
 *     members     up to 8    30       100      500 and more
 *     at most every  –       60 ms    200 ms   1 s
 *
 * A connection speaks for one client, the first that it announces; what it relays of others is passed by, since they
 * have connections of their own that know better and end when they go. States that nobody renewed for 90 s go. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/proto.h"

struct room;
struct session;

/* Somebody's state changed since it was last told: to the one in the table, else it is gone. */
struct presence_change {
    uint64_t client, clock;
};

struct presence {
    struct awareness table;
    struct presence_change *change; /* ascending by client */
    size_t count, cap;
    uint64_t told_us;  /* when changes were last sent */
    uint64_t swept_us; /* when old states were last looked for */
};

void presence_init(struct presence *p, size_t state_max, uint64_t now_us);
void presence_finish(struct presence *p);
/* An awareness update of a session. RC_FORMAT, RC_RANGE: malformed; RC_LIMIT, RC_NOMEM: not taken. */
int presence_receive(struct room *room, struct session *s, struct span update) MUST_CHECK;
/* A session goes, and its state with it. */
void presence_leave(struct room *room, const struct session *s);
/* The end of a turn: sends what changed, if it is time. */
void presence_flush(struct room *room);
/* Time passes. */
void presence_tick(struct room *room);

#endif
