#ifndef SERVER_ROOMS_VISIT_H
#define SERVER_ROOMS_VISIT_H

/* Reads and edits without a session (HTTP), see rooms.h. A visit waits for the document; an edit then waits for its
 * commit. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

struct room;
struct rooms_reader;
struct visit;

/* Take over nothing. A code returned here means that the callback is not called. */
int visit_read(struct room *room, const struct rooms_reader *reader, void *ctx) MUST_CHECK;
int visit_apply(struct room *room, enum crdt_format format, struct span update, struct span sender,
                void (*done)(void *ctx, int rc), void *ctx) MUST_CHECK;
/* An edit (v1) of somebody who has gone: nobody waits for the answer. */
void visit_leave(struct room *room, struct span update, struct span sender);
/* The document is here: those who wait for it, until one of them takes it away or the room had its share of the turn.
 */
void visits_run(struct room *room);
/* It will not come. */
void visits_fail(struct room *room, int rc);
/* The edit that a worker applied is in the document and needs so many commits, or was refused. */
void visit_applied(struct room *room, struct visit *v, int rc, uint64_t need);
/* Tells those whose edits are committed. */
void visits_flush(struct room *room);

#endif
