#ifndef SERVER_ROOMS_LOAD_H
#define SERVER_ROOMS_LOAD_H

/* How a note comes into memory:
 *
 *     load_start ──► store ──► worker: a document from snapshot and rows ──► room: READY, or everyone is refused
 *
 * Nobody gets an empty note in place of one that cannot be read, and the next visitor tries again. */
#include <stddef.h>
#include "crdt/base/rc.h"
#include "crdt/crdt.h"
#include "server/store/store.h"

struct room;

/* Asks the store. Why it does not take the request. */
int load_start(struct room *room) MUST_CHECK;
/* Builds the document of what was stored; any thread. RC_LIMIT: it needs more than `memory_limit`; RC_NOMEM;
 * RC_CORRUPT: what was stored is no document. The caller destroys *out. */
int load_document(const struct store_content *content, size_t memory_limit, struct crdt_doc **out) MUST_CHECK;
/* What to tell those who cannot have a note for that reason. Static storage. */
const char *load_failure(int rc);

#endif
