#ifndef SERVER_STORE_DB_SCHEMA_H
#define SERVER_STORE_DB_SCHEMA_H

/* The file's versions and the way from each to the next. */
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"

#define DB_APPLICATION_ID 0x43616869 /* "Cahi": what file(1) sees at offset 68 */

/* Statements that turn a file of version `to - 1` into one of version `to`. */
struct db_step {
    int to;
    const char *sql;
};

struct db_schema {
    const struct db_step *step; /* step[i].to == i + 1 */
    int version;                /* how many steps: the version this program writes */
    int (*fresh)(sqlite3 *db);  /* fills a new file, in the same transaction; may be NULL */
};

/* The schema of this program (with the key of a new file). Static storage. */
const struct db_schema *db_schema(void);

/* Brings the file to the schema's version: all steps in one transaction, or none.
 * RC_UNSUPPORTED: the file is newer. RC_CORRUPT: not a Cahier file. `error` gets the cause. */
int db_migrate(sqlite3 *db, const struct db_schema *schema, char *error, size_t error_size) MUST_CHECK;

/* Is the file of this very version? RC_UNSUPPORTED: newer or older. RC_CORRUPT: not a Cahier file. Changes nothing. */
int db_check_version(sqlite3 *db, const struct db_schema *schema, char *error, size_t error_size) MUST_CHECK;

/* The code for what SQLite just returned: RC_FULL, RC_CORRUPT, RC_NOMEM, RC_BUSY, else RC_IO.
 * SQLITE_OK, SQLITE_ROW and SQLITE_DONE are RC_OK. */
int db_rc(sqlite3 *db, int sqlite_rc);
int db_exec(sqlite3 *db, const char *sql) MUST_CHECK;
/* First column of the first row, as a number. RC_NOTFOUND: no row. */
int db_query_int(sqlite3 *db, const char *sql, int64_t *out) MUST_CHECK;

#endif
