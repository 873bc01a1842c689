#include "server/store/db_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "server/store/db_schema.h"

#define CACHE_KIB 2048

static int say(int rc, char *error, size_t error_size, const char *cause)
{
    if (error_size > 0) {
        snprintf(error, error_size, "%s", cause);
    }
    return rc;
}

/* A new file is there for good only when its directory says so. */
static int sync_directory(const char *path)
{
    char *copy = strdup(path);
    int fd, rc = RC_IO;

    if (copy == NULL) {
        return RC_NOMEM;
    }
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        rc = fsync(fd) == 0 ? RC_OK : RC_IO;
        close(fd);
    }
    free(copy);
    return rc;
}

/* A file that another user may read is not narrowed: somebody chose that. */
static int lock_file(const char *path, int *out, char *error, size_t error_size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        return say(errno == ENOSPC ? RC_FULL : RC_IO, error, error_size, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK ? RC_BUSY : RC_IO;

        say(rc, error, error_size, rc == RC_BUSY ? "another process has the file open" : strerror(errno));
        close(fd);
        return rc;
    }
    if (sync_directory(path) != RC_OK) {
        say(RC_IO, error, error_size, "its directory cannot be synchronised");
        close(fd);
        return RC_IO;
    }
    *out = fd;
    return RC_OK;
}

int db_file_connect(const struct store_sqlite_config *config, sqlite3 **out)
{
    const char *synchronous = config->synchronous == NULL ? "FULL" : config->synchronous;
    char sql[256];
    sqlite3 *db = NULL;
    int rc = db_rc(NULL, sqlite3_open_v2(config->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, config->vfs));

    if (rc == RC_OK) {
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, 2000);
        snprintf(sql, sizeof(sql),
                 "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-%d;"
                 "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=%s",
                 CACHE_KIB, synchronous);
        rc = db_exec(db, sql);
    }
    if (rc != RC_OK) {
        sqlite3_close(db);
        return rc;
    }
    *out = db;
    return RC_OK;
}

static int check_wal(sqlite3 *db)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &stmt, NULL), rc = RC_UNSUPPORTED;

    if (code != SQLITE_OK) {
        return db_rc(db, code);
    }
    if (sqlite3_step(stmt) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0) {
        rc = RC_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int read_key_from(sqlite3 *db, const char *sql, uint8_t key[SEAL_KEY_BYTES])
{
    uint8_t sum[SEAL_HASH_BYTES];
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), rc;

    if (code != SQLITE_OK) {
        return db_rc(db, code);
    }
    code = sqlite3_step(stmt);
    rc = code == SQLITE_ROW || code == SQLITE_DONE ? RC_CORRUPT : db_rc(db, code);
    if (code == SQLITE_ROW) {
        struct span k = span_of(sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
        struct span h = span_of(sqlite3_column_blob(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1));

        seal_hash(k, sum);
        if (k.len == SEAL_KEY_BYTES && seal_equal(h, span_of(sum, sizeof(sum)))) {
            memcpy(key, k.data, k.len);
            rc = RC_OK;
        }
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int read_key(struct db_file *f, char *error, size_t error_size)
{
    int rc = read_key_from(f->db, "SELECT key, sum FROM keys WHERE id = 1", f->key);

    if (rc != RC_OK) {
        rc = read_key_from(f->db, "SELECT key, sum FROM keys_copy WHERE id = 1", f->key);
    }
    if (rc != RC_OK) {
        say(rc, error, error_size, rc == RC_CORRUPT ? "both copies of the file's key are damaged" : rc_text(rc));
    }
    return rc;
}

static int open_locked(struct db_file *f, const struct store_sqlite_config *config, char *error, size_t error_size)
{
    int rc = db_file_connect(config, &f->db);

    if (rc != RC_OK) {
        return say(rc, error, error_size, rc_text(rc));
    }
    rc = check_wal(f->db);
    if (rc != RC_OK) {
        say(rc, error, error_size, "the file system cannot hold a write-ahead log");
    } else {
        rc = db_migrate(f->db, db_schema(), error, error_size);
    }
    if (rc == RC_OK) {
        rc = read_key(f, error, error_size);
    }
    if (rc != RC_OK) {
        sqlite3_close(f->db);
    }
    return rc;
}

int db_file_open(struct db_file *f, const struct store_sqlite_config *config, char *error, size_t error_size)
{
    int rc = lock_file(config->path, &f->lock_fd, error, error_size);

    if (rc != RC_OK) {
        return rc;
    }
    rc = open_locked(f, config, error, error_size);
    if (rc != RC_OK) {
        close(f->lock_fd);
    }
    return rc;
}

/* A reader must not write the WAL back when it happens to be the last to close. */
static int connect_reading(const char *path, sqlite3 **out)
{
    sqlite3 *db = NULL;
    int rc = db_rc(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));

    if (rc == RC_OK) {
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, 2000);
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        rc = db_exec(db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; BEGIN");
    }
    if (rc != RC_OK) {
        sqlite3_close(db);
        return rc;
    }
    *out = db;
    return RC_OK;
}

int db_file_open_memory(struct db_file *f)
{
    int rc;

    f->lock_fd = -1;
    f->db = NULL;
    rc = db_rc(NULL, sqlite3_open_v2(":memory:", &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    if (rc == RC_OK) {
        rc = db_migrate(f->db, db_schema(), NULL, 0);
    }
    if (rc == RC_OK) {
        rc = read_key(f, NULL, 0);
    }
    if (rc != RC_OK) {
        sqlite3_close(f->db);
    }
    return rc;
}

int db_file_open_reading(struct db_file *f, const char *path, char *error, size_t error_size)
{
    int rc;

    if (access(path, R_OK) != 0) {
        return say(errno == ENOENT ? RC_NOTFOUND : RC_IO, error, error_size, strerror(errno));
    }
    f->lock_fd = -1;
    rc = connect_reading(path, &f->db);
    if (rc != RC_OK) {
        return say(rc, error, error_size, rc_text(rc));
    }
    rc = db_check_version(f->db, db_schema(), error, error_size);
    if (rc == RC_OK) {
        rc = read_key(f, error, error_size);
    }
    if (rc != RC_OK) {
        sqlite3_close(f->db);
    }
    return rc;
}

void db_file_close(struct db_file *f)
{
    sqlite3_close(f->db);
    if (f->lock_fd >= 0) {
        close(f->lock_fd);
    }
}
