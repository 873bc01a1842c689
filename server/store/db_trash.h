#ifndef SERVER_STORE_DB_TRASH_H
#define SERVER_STORE_DB_TRASH_H

/* Log rows that no generation needs any more, to be deleted a few with each commit: a compaction frees thousands, and
 * deleting them at once would hold everybody's commits up.
 *
 *     seq   [ 7  8  9  14  15  21 ]     the last `done` of them are deleted in the open transaction
 *                          ▲ done = 2
 *
 * One that is not deleted is found again at the next start. Store thread only. */
#include <stddef.h>
#include <stdint.h>
#include "server/store/db_rows.h"

/* Zeroed storage is empty. */
struct db_trash {
    uint64_t *seq;
    size_t count, cap, done;
};

void trash_finish(struct db_trash *t);
int trash_add(struct db_trash *t, uint64_t seq) MUST_CHECK;
/* A transaction begins, or has failed: nothing of it is deleted. */
void trash_begin(struct db_trash *t);
/* Deletes until `most` of the open transaction are deleted. */
int trash_delete(struct db_trash *t, struct db_rows *rows, size_t most) MUST_CHECK;
/* The transaction has committed. */
void trash_settle(struct db_trash *t);

#endif
