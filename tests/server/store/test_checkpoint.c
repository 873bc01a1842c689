/* A checkpoint whose synchronisation failed has moved nothing for certain: not even what an earlier one, which did not
 * come to its end, had moved without synchronising it. The next one must move all of it again before the WAL starts
 * over. (With SQLite alone the first test ends with a malformed file.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "server/store/checkpoint.h"
#include "server/store/db_file.h"
#include "server/store/db_schema.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/support/files.h"

#define ROWS 40

struct rig {
    char *dir;
    char path[256];
    sqlite3 *writer, *mover, *reader;
    struct checkpoint k; /* without its thread */
};

static sqlite3 *open_db(struct rig *r, const char *vfs)
{
    const struct store_sqlite_config config = {.path = r->path, .vfs = vfs};
    sqlite3 *db;

    assert_int_equal(db_file_connect(&config, &db), RC_OK);
    return db;
}

static void set_up(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    r->dir = files_create_dir();
    assert_non_null(r->dir);
    snprintf(r->path, sizeof(r->path), "%s/checkpoint.db", r->dir);
    assert_int_equal(files_write(r->path, span_of(NULL, 0)), RC_OK);
    fault_reset(1, span_of(NULL, 0));
    r->writer = open_db(r, FAULT_VFS);
    assert_int_equal(db_exec(r->writer, "CREATE TABLE t(id INTEGER PRIMARY KEY, page BLOB)"), RC_OK);
    r->mover = open_db(r, FAULT_VFS);
    r->reader = open_db(r, FAULT_VFS);
}

/* A page each. */
static void insert(struct rig *r, int rows)
{
    for (int i = 0; i < rows; i++) {
        assert_int_equal(db_exec(r->writer, "INSERT INTO t(page) VALUES(randomblob(3000))"), RC_OK);
    }
}

/* Leaves a checkpoint in the middle: what came after the reader began is not moved, and nothing is synchronised. */
static void move_in_part(struct rig *r)
{
    uint64_t synced;

    assert_int_equal(db_exec(r->reader, "BEGIN; SELECT count(*) FROM t"), RC_OK);
    insert(r, ROWS);
    synced = fault_syncs();
    assert_int_equal(checkpoint_rest(&r->k, r->mover), RC_OK);
    assert_int_equal(fault_syncs(), synced + 1); /* of the WAL */
    assert_int_equal(db_exec(r->reader, "END"), RC_OK);
}

static void expect_whole(struct rig *r, int rows)
{
    sqlite3 *db = open_db(r, NULL);
    sqlite3_stmt *stmt;
    int64_t found = 0;

    assert_int_equal(db_query_int(db, "SELECT count(*) FROM t WHERE length(page) = 3000", &found), RC_OK);
    assert_int_equal(found, rows);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void close_all(struct rig *r)
{
    sqlite3_close(r->reader);
    sqlite3_close(r->mover);
    sqlite3_close(r->writer);
}

static void tear_down(struct rig *r)
{
    files_remove_dir(r->dir);
}

static void what_a_failed_checkpoint_had_moved_is_moved_again(void **state)
{
    struct rig r;

    (void)state;
    for (int by_mover = 0; by_mover < 2; by_mover++) {
        set_up(&r);
        insert(&r, ROWS);
        move_in_part(&r);
        fault_data_syncs(1);
        assert_int_equal(checkpoint_rest(&r.k, by_mover ? r.mover : r.writer), RC_IO);
        insert(&r, 1);
        if (by_mover) { /* its own opening is told of the same failure */
            assert_int_equal(checkpoint_rest(&r.k, r.writer), RC_IO);
        }
        assert_int_equal(checkpoint_rest(&r.k, r.writer), RC_OK);
        insert(&r, 1); /* the WAL starts over */
        fault_cut();
        close_all(&r);
        fault_restore();
        expect_whole(&r, 2 * ROWS + 2);
        tear_down(&r);
    }
}

/* As SQLite's shell does in another process while it moves pages. */
static void hold(struct rig *r, int flag)
{
    sqlite3_file *file = NULL;

    assert_int_equal(sqlite3_file_control(r->reader, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    assert_int_equal(file->pMethods->xShmLock(file, 1, 1, flag | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
}

static void while_another_process_moves_pages_the_doubt_stays(void **state)
{
    struct rig r;

    (void)state;
    set_up(&r);
    insert(&r, ROWS);
    assert_int_equal(db_exec(r.reader, "SELECT count(*) FROM t"), RC_OK);
    hold(&r, SQLITE_SHM_LOCK);
    assert_int_equal(checkpoint_rest(&r.k, r.mover), RC_BUSY);
    assert_true(r.k.doubtful);
    assert_int_equal(checkpoint_rest(&r.k, r.writer), RC_BUSY);
    assert_true(r.k.doubtful);
    hold(&r, SQLITE_SHM_UNLOCK);
    assert_int_equal(checkpoint_rest(&r.k, r.writer), RC_OK);
    assert_false(r.k.doubtful);
    close_all(&r);
    expect_whole(&r, ROWS);
    tear_down(&r);
}

static void nobody(void *ctx)
{
    (void)ctx;
}

static void in_doubt_the_last_connection_moves_nothing(void **state)
{
    struct rig r;
    struct buf wal = {0};
    char path[300];

    (void)state;
    set_up(&r);
    snprintf(path, sizeof(path), "%s-wal", r.path);
    assert_int_equal(checkpoint_init(&r.k, r.mover, nobody, NULL), RC_OK);
    insert(&r, ROWS);
    assert_int_equal(db_exec(r.reader, "SELECT count(*) FROM t"), RC_OK);
    hold(&r, SQLITE_SHM_LOCK);
    assert_int_equal(checkpoint_rest(&r.k, r.writer), RC_BUSY);
    hold(&r, SQLITE_SHM_UNLOCK);
    sqlite3_close(r.reader);
    checkpoint_finish(&r.k, r.writer);
    sqlite3_close(r.writer);
    assert_int_equal(files_read(path, &wal), RC_OK);
    assert_true(wal.len > ROWS * 3000);
    buf_finish(&wal);
    expect_whole(&r, ROWS);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_failed_checkpoint_had_moved_is_moved_again),
        cmocka_unit_test(while_another_process_moves_pages_the_doubt_stays),
        cmocka_unit_test(in_doubt_the_last_connection_moves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
