#ifndef SERVER_STORE_WAL_INDEX_H
#define SERVER_STORE_WAL_INDEX_H

/* What SQLite's connections share of a WAL, in the file PATH-shm.
 *
 * SQLite counts there how many frames of the WAL are in the data file already, and starts the WAL over when they all
 * are. A checkpoint that a reader or a writer keeps from its end counts its frames without synchronising the data file:
 * the next one does that for both. But where that synchronisation fails, Linux forgets what it should have written, of
 * both, and the frames of the first still count. Once the rest was moved, the WAL would start over, and they would be
 * gone.
 *
 * See https://www.sqlite.org/walformat.html (the WAL-index), https://wiki.postgresql.org/wiki/Fsync_Errors. */
#include <sqlite3.h>
#include "crdt/base/rc.h"

/* No frame counts any more: the next checkpoint moves them all. Harmless at any time outside of a transaction. RC_BUSY:
 * somebody moves frames now; RC_IO, RC_NOMEM. */
int wal_index_forget(sqlite3 *db) MUST_CHECK;

#endif
