#ifndef SERVER_STORE_DB_FILE_H
#define SERVER_STORE_DB_FILE_H

/* Opening the data file to serve it: made private to its owner, locked against other processes (flock, which
 * does not meddle with SQLite's own locks), WAL, migrated, its key read. */
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include "server/seal/seal.h"
#include "server/store/sqlite.h"

struct db_file {
    int lock_fd; /* held while the file is open, closed after SQLite let go of it; -1 when only reading */
    sqlite3 *db;
    uint8_t key[SEAL_KEY_BYTES];
};

/* As store_sqlite_open; on failure nothing stays open. */
int db_file_open(struct db_file *f, const struct store_sqlite_config *config, char *error,
                 size_t error_size) MUST_CHECK;
/* One more connection to the same file, set up alike. The caller closes it before db_file_close. */
int db_file_connect(const struct store_sqlite_config *config, sqlite3 **out) MUST_CHECK;
/* To read it as it is now, also while another process serves it: no lock, nothing is made, migrated or changed, and one
 * read transaction is open until the close. RC_NOTFOUND: there is no such file. RC_UNSUPPORTED: another version. Else
 * as above. */
int db_file_open_reading(struct db_file *f, const char *path, char *error, size_t error_size) MUST_CHECK;
/* A new database that lives in memory, for tests. */
int db_file_open_memory(struct db_file *f) MUST_CHECK;
/* SQLite writes the WAL back and removes it, when it can. */
void db_file_close(struct db_file *f);

#endif
