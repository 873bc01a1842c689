#ifndef SERVER_ROOMS_OWED_H
#define SERVER_ROOMS_OWED_H

/* What the client of a session is still to be told about its edits.
 *
 * Acknowledgements are owed in the order of the edits; each needs a number of commits of its room.
 *
 *     owed    [ status 1, needs 7 | status 0 | status 1, needs 9 ]      room: 8 commits
 *              └─ sent ────────────────────┘   └─ waits */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/span.h"

struct session;

/* An edit was taken: SyncStatus(1) after `need` commits (Hocuspocus). */
void owed_stored(struct session *s, uint64_t need);
/* Message 102: returned after what was sent before. */
void owed_echo(struct session *s, struct span message);
/* Asks for what was refused. */
void owed_ask(struct session *s);
/* Is an edit that is taken or refused now the answer to that? Then its provider does not count it. */
bool owed_answers(struct session *s, bool step2);
/* An edit was not taken: SyncStatus(0) in its turn, or a permission-denied message. `counted`: by the provider.
 * `retry_us`: after this time the client is asked for it again; 0: never. */
void owed_refuse(struct session *s, bool counted, const char *reason, uint64_t retry_us);
/* A step 2 was taken: it holds whatever was refused before. `counted`: by the provider, as one of its own. */
void owed_settle(struct session *s, bool counted, uint64_t need);
/* Does the next of it wait for a commit? */
bool owed_waits(const struct session *s);
/* Leaving the room: nothing is owed any more. */
void owed_forget(struct session *s);
/* Sends what the commits of the room allow. */
void owed_flush(struct session *s);

#endif
