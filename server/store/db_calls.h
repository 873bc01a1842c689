#ifndef SERVER_STORE_DB_CALLS_H
#define SERVER_STORE_DB_CALLS_H

/* What each call (call.h) does with the notes: rows are read and written, the index follows, the answer is put into the
 * call.
 *
 * A code that is returned concerns the transaction, which then has failed whole. What only concerns the one call
 * (RC_NOTFOUND, RC_EXISTS, RC_STATE, RC_CORRUPT) goes to call->rc. Store thread only. */
#include "server/store/db_notes.h"

/* An append, compact, create or put_meta, inside a transaction. */
int calls_write(struct db_notes *d, struct call *c) MUST_CHECK;
/* A load, stat or list, outside of one: sets call->rc and the rest. */
void calls_read(struct db_notes *d, struct call *c);

#endif
