#ifndef SERVER_ROOMS_INTAKE_H
#define SERVER_ROOMS_INTAKE_H

/* What comes into a document. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

struct claims;
struct room;
struct session;
struct visit;

/* An edit that is in order. Borrowed. */
struct edit {
    struct span update, sender;
    const struct claims *claims;
    uint64_t session; /* whose serial; 0: nobody's */
};

/* A step 2 or an update of a session: taken or refused, and answered (when a worker applies it: later). RC_BUSY: it
 * must wait, nothing has happened; call again later. RC_FORMAT, RC_RANGE: it is malformed; nothing has happened. */
int intake_receive(struct session *s, bool step2, struct span update) MUST_CHECK;
/* The same without a session, see rooms_apply. `need`: commits of the room that make it durable. RC_BUSY: a worker
 * applies it, visit_applied follows. RC_DENIED: it claims clocks of somebody who is connected. */
int intake_apply(struct room *room, struct span update, struct span sender, struct visit *v, uint64_t *need) MUST_CHECK;
/* A session waits for somebody's clocks and its time is over, or that somebody went. */
void intake_tick(struct session *s);

/* The second half, once the edit is in the document. `changes`: what it brought; `pending`: structs waited there
 * before. Stores and broadcasts it; returns how many commits make it durable. */
uint64_t intake_keep(struct room *room, const struct edit *edit, struct span changes, bool pending);
/* The document took it (RC_OK) or not: the session is answered. RC_FORMAT, RC_RANGE: malformed. */
int intake_applied(struct session *s, bool step2, const struct claims *claims, int rc, uint64_t need) MUST_CHECK;

#endif
