#ifndef SERVER_ROOMS_HEAVY_H
#define SERVER_ROOMS_HEAVY_H

/* An update of many bytes goes into the document on a worker: the document moves there and back, meanwhile the room is
 * AWAY, and nobody else notices.
 *
 *     intake ── heavy_apply ──► worker: crdt_apply ──► stored, broadcast, answered; the room goes on */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/rooms/owners.h"

struct room;
struct session;
struct visit;

#define HEAVY_BYTES ((size_t)32768) /* some thousand structs: about a millisecond */

/* An edit that is in order, of a session or of a visit. Copies the spans. On failure nothing has happened, else
 * intake_applied or visit_applied follows. RC_NOMEM, RC_STATE. */
int heavy_apply(struct room *room, struct session *s, bool step2, struct visit *v, struct span update,
                struct span sender, const struct claims *claims) MUST_CHECK;

#endif
