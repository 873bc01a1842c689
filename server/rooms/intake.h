#ifndef SERVER_ROOMS_INTAKE_H
#define SERVER_ROOMS_INTAKE_H

/* What comes into a document. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

struct room;
struct session;

/* A step 2 or an update of a session: taken or refused, and answered. RC_BUSY: it must wait, nothing has happened; call
 * again later. RC_FORMAT, RC_RANGE: it is malformed; nothing has happened. */
int intake_receive(struct session *s, bool step2, struct span update) MUST_CHECK;
/* The same without a session, see rooms_apply. `need`: commits of the room that make it durable. RC_DENIED: it claims
 * clocks of somebody who is connected. */
int intake_apply(struct room *room, struct span update, struct span sender, uint64_t *need) MUST_CHECK;
/* A session waits for somebody's clocks and its time is over, or that somebody went. */
void intake_tick(struct session *s);

#endif
