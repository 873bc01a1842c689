#include "server/store/db_schema.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include "server/seal/seal.h"

/* `data` comes last in its rows: reading the other columns then never touches overflow pages.
 * `names` repeats what `notes` says, on other pages: one of the two survives a damaged page, so
 * that a note never seems unknown. `keys` holds two copies, each with its BLAKE2b hash. */
static const struct db_step steps[] = {
    {1, "CREATE TABLE keys(id INTEGER PRIMARY KEY, key BLOB NOT NULL, sum BLOB NOT NULL) STRICT;"
        "CREATE TABLE keys_copy(id INTEGER PRIMARY KEY, key BLOB NOT NULL, sum BLOB NOT NULL) STRICT;"
        "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL,"
        " tag BLOB NOT NULL) STRICT;"
        "CREATE TABLE notes(id INTEGER PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL,"
        " updated INTEGER NOT NULL, head INTEGER NOT NULL,"
        " new_id INTEGER NOT NULL, new_upto INTEGER NOT NULL, new_bytes INTEGER NOT NULL,"
        " old_id INTEGER NOT NULL, old_upto INTEGER NOT NULL, old_bytes INTEGER NOT NULL,"
        " tag BLOB NOT NULL) STRICT;"
        "CREATE TABLE titles(note INTEGER PRIMARY KEY, title TEXT NOT NULL, excerpt TEXT NOT NULL,"
        " tag BLOB NOT NULL) STRICT;"
        "CREATE TABLE log(seq INTEGER PRIMARY KEY, note INTEGER NOT NULL, kind INTEGER NOT NULL,"
        " time INTEGER NOT NULL, sender TEXT NOT NULL, tag BLOB NOT NULL, data BLOB NOT NULL) STRICT;"
        "CREATE TABLE snapshots(id INTEGER PRIMARY KEY, note INTEGER NOT NULL, upto INTEGER NOT NULL,"
        " tag BLOB NOT NULL, data BLOB NOT NULL) STRICT;"},
};

int db_rc(sqlite3 *db, int sqlite_rc)
{
    switch (sqlite_rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RC_OK;
    case SQLITE_FULL:
        return RC_FULL;
    case SQLITE_IOERR:
        return db != NULL && sqlite3_system_errno(db) == ENOSPC ? RC_FULL : RC_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return RC_CORRUPT;
    case SQLITE_NOMEM:
        return RC_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RC_BUSY;
    default:
        return RC_IO;
    }
}

int db_exec(sqlite3 *db, const char *sql)
{
    return db_rc(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int db_query_int(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), rc;

    if (code != SQLITE_OK) {
        return db_rc(db, code);
    }
    code = sqlite3_step(stmt);
    rc = code == SQLITE_DONE ? RC_NOTFOUND : db_rc(db, code);
    if (rc == RC_OK) {
        *out = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int insert_key(sqlite3 *db, const char *sql, struct span key)
{
    uint8_t sum[SEAL_HASH_BYTES];
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

    if (code != SQLITE_OK) {
        return db_rc(db, code);
    }
    seal_hash(key, sum);
    sqlite3_bind_blob(stmt, 1, key.data, (int)key.len, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 2, sum, sizeof(sum), SQLITE_TRANSIENT);
    sqlite3_step(stmt);
    return db_rc(db, sqlite3_finalize(stmt));
}

static int fresh_keys(sqlite3 *db)
{
    uint8_t key[SEAL_KEY_BYTES];
    int rc;

    seal_random(key, sizeof(key));
    rc = insert_key(db, "INSERT INTO keys VALUES(1, ?, ?)", span_of(key, sizeof(key)));
    if (rc == RC_OK) {
        rc = insert_key(db, "INSERT INTO keys_copy VALUES(1, ?, ?)", span_of(key, sizeof(key)));
    }
    return rc;
}

const struct db_schema *db_schema(void)
{
    static const struct db_schema schema = {steps, sizeof(steps) / sizeof(steps[0]), fresh_keys};

    return &schema;
}

static int explain(int rc, char *error, size_t error_size, const char *what)
{
    if (error_size > 0) {
        snprintf(error, error_size, "%s: %s", what, rc_text(rc));
    }
    return rc;
}

/* The version, once it is sure that the file is ours. */
static int read_version(sqlite3 *db, int64_t *version, char *error, size_t error_size)
{
    int64_t id, tables;
    int rc = db_query_int(db, "PRAGMA user_version", version);

    if (rc == RC_OK) {
        rc = db_query_int(db, "PRAGMA application_id", &id);
    }
    if (rc == RC_OK) {
        rc = db_query_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (rc != RC_OK) {
        return explain(rc, error, error_size, "the file cannot be read");
    }
    if (*version < 0 || (*version == 0 && tables > 0) || (*version > 0 && id != DB_APPLICATION_ID)) {
        return explain(RC_CORRUPT, error, error_size, "not a Cahier file");
    }
    return RC_OK;
}

static int run_steps(sqlite3 *db, const struct db_schema *schema, int from)
{
    char sql[96];
    int rc = RC_OK;

    for (int i = from; i < schema->version && rc == RC_OK; i++) {
        rc = db_exec(db, schema->step[i].sql);
    }
    if (rc == RC_OK && from == 0 && schema->fresh != NULL) {
        rc = schema->fresh(db);
    }
    if (rc == RC_OK) {
        snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d", DB_APPLICATION_ID,
                 schema->version);
        rc = db_exec(db, sql);
    }
    return rc;
}

static int too_new(int64_t version, const struct db_schema *schema, char *error, size_t error_size)
{
    if (error_size > 0) {
        snprintf(error, error_size, "the file is of version %lld, this program knows versions up to %d",
                 (long long)version, schema->version);
    }
    return RC_UNSUPPORTED;
}

int db_check_version(sqlite3 *db, const struct db_schema *schema, char *error, size_t error_size)
{
    int64_t version;
    int rc = read_version(db, &version, error, error_size);

    if (rc != RC_OK || version == schema->version) {
        return rc;
    }
    if (version > schema->version) {
        return too_new(version, schema, error, error_size);
    }
    if (error_size > 0) {
        snprintf(error, error_size, "%s",
                 version == 0 ? "the file is empty"
                              : "the file is of an older version; the server brings it up to date when it starts");
    }
    return RC_UNSUPPORTED;
}

int db_migrate(sqlite3 *db, const struct db_schema *schema, char *error, size_t error_size)
{
    int64_t version;
    int rc = read_version(db, &version, error, error_size);

    if (rc != RC_OK || version == schema->version) {
        return rc;
    }
    if (version > schema->version) {
        return too_new(version, schema, error, error_size);
    }
    rc = db_exec(db, "BEGIN IMMEDIATE");
    if (rc == RC_OK) {
        rc = run_steps(db, schema, (int)version);
    }
    if (rc == RC_OK) {
        rc = db_exec(db, "COMMIT");
    }
    if (rc != RC_OK) {
        explain(rc, error, error_size, sqlite3_errmsg(db));
        if (!sqlite3_get_autocommit(db)) {
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        }
    }
    return rc;
}
