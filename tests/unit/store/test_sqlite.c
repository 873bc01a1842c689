/* What only the SQLite back end does: files, locks, group commit, upkeep, other versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "server/store/db_schema.h"
#include "server/store/sqlite.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/support/files.h"
#include "tests/unit/store/store_rig.h"

#define PATIENCE_MS 120000

static struct rig *rig_create_sqlite(const char *vfs)
{
    struct rig *r = malloc(sizeof(*r));

    assert_non_null(r);
    fault_reset(1, span_of(NULL, 0));
    rig_open_sqlite(r, vfs);
    return r;
}

static void rig_destroy(struct rig *r)
{
    rig_finish(r);
    free(r);
}

/* Runs SQL on the closed file. */
static void alter(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, sql), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db;
    int64_t value = -1;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(db_query_int(db, sql, &value), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return value;
}

static void everything_is_there_after_reopening(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    uint64_t last;

    (void)state;
    assert_int_equal(rig_create(r, "c", "Third", 1), RC_OK);
    assert_int_equal(rig_append_at(r, "a", "a1", 10), RC_OK);
    assert_int_equal(rig_append_at(r, "b", "b1", 20), RC_OK);
    assert_int_equal(rig_append_at(r, "a", "a2", 30), RC_OK);
    assert_int_equal(rig_compact(r, "a", "A12", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(rig_append_at(r, "a", "a3", 40), RC_OK);
    last = r->answer[r->answers - 1].seq;
    rig_close(r);
    assert_int_equal(access(r->path, F_OK), 0);
    rig_reopen(r);
    rig_expect(r, "a", "<A12>|a3");
    rig_expect(r, "b", "<>|b1");
    rig_expect(r, "c", "<>");
    assert_int_equal(rig_stat(r, "c"), RC_OK);
    assert_string_equal(r->page_titles, "Third,");
    assert_int_equal(rig_list(r, NULL, 10), RC_OK);
    assert_string_equal(r->page_names, "a b c ");
    assert_int_equal(rig_stats(r).notes, 3);
    assert_int_equal(rig_stats(r).log_rows, 4);
    assert_int_equal(rig_append(r, "b", "b2"), RC_OK);
    assert_true(r->answer[r->answers - 1].seq > last); /* numbers go on */
    rig_destroy(r);
}

static void numbers_go_on_when_all_rows_are_gone(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    uint64_t last;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rig_append(r, "n", "x"), RC_OK);
        assert_int_equal(rig_compact(r, "n", "X", STORE_UPTO_ALL), RC_OK);
    }
    last = r->answer[r->answers - 2].seq;
    rig_close(r);
    alter(r->path, "DELETE FROM log WHERE seq < 3");
    rig_reopen(r);
    assert_int_equal(rig_append(r, "n", "y"), RC_OK);
    assert_int_equal(r->answer[r->answers - 1].seq, last + 1);
    rig_expect(r, "n", "<X>|y");
    rig_destroy(r);
}

static void the_file_belongs_to_its_owner_alone(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    char wal[300];
    struct stat info;

    (void)state;
    assert_int_equal(rig_append(r, "n", "x"), RC_OK);
    assert_int_equal(stat(r->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    snprintf(wal, sizeof(wal), "%s-wal", r->path);
    assert_int_equal(stat(wal, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    rig_destroy(r);
}

static void a_second_opening_is_refused(void **state)
{
    struct rig *r = rig_create_sqlite(NULL), *second = malloc(sizeof(*second));

    (void)state;
    memset(second, 0, sizeof(*second));
    memcpy(second->path, r->path, sizeof(r->path));
    assert_int_equal(rig_try_open(second), RC_BUSY);
    assert_string_equal(second->error, "another process has the file open");
    assert_int_equal(rig_append(r, "n", "x"), RC_OK); /* and the first has lost nothing by it */
    rig_close(r);
    assert_int_equal(rig_try_open(second), RC_OK);
    rig_expect(second, "n", "<>|x");
    rig_close(second);
    store_content_unref(second->content);
    free(second);
    rig_destroy(r);
}

static void what_cannot_be_opened_says_why(void **state)
{
    static const struct {
        const char *sql;
        int rc;
        const char *error;
    } cases[] = {
        {"PRAGMA user_version=99", RC_UNSUPPORTED, "the file is of version 99, this program knows versions up to 1"},
        {"PRAGMA application_id=7", RC_CORRUPT, "not a Cahier file: stored data is damaged"},
        {"PRAGMA user_version=0", RC_CORRUPT, "not a Cahier file: stored data is damaged"},
        {"PRAGMA user_version=-1", RC_CORRUPT, "not a Cahier file: stored data is damaged"},
        {"DELETE FROM keys; UPDATE keys_copy SET key = zeroblob(32)", RC_CORRUPT,
         "both copies of the file's key are damaged"},
        {"DROP TABLE log", RC_IO, "the file cannot be read: input or output failed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *r = rig_create_sqlite(NULL);

        rig_close(r);
        alter(r->path, cases[i].sql);
        assert_int_equal(rig_try_open(r), cases[i].rc);
        assert_string_equal(r->error, cases[i].error);
        rig_destroy(r);
    }
}

static void another_file_is_not_touched(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    struct buf after = {0};

    (void)state;
    rig_close(r);
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(files_write(r->path, span_str("a letter to my aunt, not a database, but long enough")), RC_OK);
    assert_int_equal(rig_try_open(r), RC_CORRUPT);
    assert_int_equal(files_read(r->path, &after), RC_OK);
    assert_true(span_equal(buf_span(&after), span_str("a letter to my aunt, not a database, but long enough")));
    buf_finish(&after);
    assert_int_equal(unlink(r->path), 0);
    snprintf(r->path, sizeof(r->path), "%s/no/such/directory.db", r->dir);
    assert_int_equal(rig_try_open(r), RC_IO);
    assert_string_equal(r->error, "No such file or directory");
    rig_destroy(r);
}

static void either_copy_of_the_key_is_enough(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);

    (void)state;
    assert_int_equal(rig_append(r, "n", "x"), RC_OK);
    rig_close(r);
    alter(r->path, "UPDATE keys SET key = zeroblob(32)");
    rig_reopen(r);
    rig_expect(r, "n", "<>|x");
    rig_destroy(r);
}

static void what_queued_during_a_commit_is_the_next_one(void **state)
{
    struct rig *r = rig_create_sqlite(FAULT_VFS);
    struct store_stats stats;
    uint64_t syncs;

    (void)state;
    syncs = fault_syncs();
    fault_hold(true);
    assert_int_equal(rig_queue_append(r, "n", "some text that is typed", 0), RC_OK);
    fault_wait_until_held();
    for (uint64_t i = 1; i < 3000; i++) {
        assert_int_equal(rig_queue_append(r, "n", "some text that is typed", i), RC_OK);
    }
    fault_hold(false);
    rig_settle(r);
    stats = rig_stats(r);
    assert_int_equal(stats.appends, 3000);
    assert_int_equal(stats.commits, 2);
    assert_true(fault_syncs() - syncs >= stats.commits); /* each commit is synchronised */
    for (size_t i = 0; i < 3000; i++) {
        assert_int_equal(r->answer[i].ticket, i);
    }
    rig_destroy(r);
}

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* However quick the disk is. What asks for more than an append ends the wait, which no test can see without a clock. */
static void commits_begin_a_millisecond_apart(void **state)
{
    enum { APPENDS = 200 };
    struct rig *r = rig_create_sqlite(NULL);
    uint64_t began = now_us(), commits;

    (void)state;
    for (int i = 0; i < APPENDS; i++) {
        assert_int_equal(rig_append(r, "n", "row"), RC_OK);
    }
    commits = rig_stats(r).commits;
    assert_int_equal(commits, APPENDS);
    assert_true(now_us() - began >= (commits - 1) * 1000);
    rig_destroy(r);
}

static void rows_that_two_generations_hold_are_deleted_in_time(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rig_queue_append(r, "n", "x", 1), RC_OK);
    }
    rig_settle(r);
    assert_int_equal(rig_compact(r, "n", "X1", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(rig_append(r, "n", "y"), RC_OK);
    assert_int_equal(rig_compact(r, "n", "X2", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(rig_stats(r).log_rows, 1);
    assert_int_equal(rig_append(r, "n", "z"), RC_OK);
    assert_int_equal(rig_compact(r, "n", "X3", STORE_UPTO_ALL), RC_OK);
    rig_close(r); /* deletes a part; the rest is found at the next start */
    assert_int_equal(ask(r->path, "SELECT count(*) FROM snapshots"), 2);
    while (ask(r->path, "SELECT count(*) FROM log") > 1) {
        int64_t before = ask(r->path, "SELECT count(*) FROM log");

        rig_reopen(r);
        rig_expect(r, "n", "<X3>");
        rig_close(r);
        assert_true(ask(r->path, "SELECT count(*) FROM log") < before);
    }
    rig_destroy(r);
}

/* Until one more than `before` has ended. */
static void wait_for_checkpoint(struct rig *r, uint64_t before)
{
    for (int ms = 0; rig_stats(r).checkpoints == before; ms++) {
        assert_true(ms < PATIENCE_MS);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

static void checkpoints_keep_the_wal_small(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    static char big[8000];
    struct store_stats stats;

    (void)state;
    rig_close(r);
    r->wal_limit = 256 * 1024;
    rig_reopen(r);
    memset(big, 'x', sizeof(big) - 1);
    for (int burst = 0; burst < 40; burst++) { /* of more than the limit */
        uint64_t before = rig_stats(r).checkpoints;

        for (int i = 0; i < 40; i++) {
            assert_int_equal(rig_queue_append(r, "n", big, 1), RC_OK);
        }
        rig_settle(r);
        wait_for_checkpoint(r, before);
    }
    stats = rig_stats(r);
    print_message("13 MB appended, %llu checkpoints, WAL of %llu KiB\n", (unsigned long long)stats.checkpoints,
                  (unsigned long long)stats.wal_bytes / 1024);
    assert_true(stats.checkpoints >= 40);
    assert_true(stats.wal_bytes < 2u << 20);
    assert_true(stats.file_bytes > 6u << 20);
    rig_destroy(r);
}

static void a_reserve_is_put_aside(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    char name[300];

    (void)state;
    rig_close(r);
    r->reserve = 1 << 20;
    rig_reopen(r);
    snprintf(name, sizeof(name), "%s.reserve", r->path);
    assert_int_equal(rig_stats(r).reserve_bytes, 1 << 20);
    rig_close(r);
    assert_int_equal(access(name, F_OK), 0); /* it stays */
    rig_destroy(r);
}

/* ---- Waking ---------------------------------------------------------------------------------- */

static void append_patiently(struct rig *r)
{
    const struct store_row row = {.kind = STORE_UPDATE_V1, .data = span_str("x"), .time_ms = 1};
    struct store_reply reply = rig_reply(r, 1);

    reply.patient = true;
    assert_int_equal(store_append(r->s, span_str("n"), &row, reply), RC_OK);
}

/* Whoever asks for a wake-up gets it, sooner or later. */
static void wait_for_wake(struct rig *r, unsigned before)
{
    const struct timespec moment = {0, 1000000};

    while (atomic_load(&r->wakes) == before) {
        nanosleep(&moment, NULL);
    }
}

static void patient_appends_do_not_wake(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);

    (void)state;
    for (int i = 0; i < 100; i++) {
        append_patiently(r);
        rig_settle(r);
    }
    assert_int_equal(r->answers, 100);
    assert_int_equal(atomic_load(&r->wakes), 0);
    assert_int_equal(rig_queue_append(r, "n", "x", 2), RC_OK);
    wait_for_wake(r, 0);
    rig_settle(r);
    rig_destroy(r);
}

static void what_is_waited_for_after_all_wakes(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    unsigned wakes;

    (void)state;
    append_patiently(r);
    assert_int_equal(store_wait(r->s, 120000), RC_OK); /* it is on the disk, and nobody knows */
    assert_int_equal(atomic_load(&r->wakes), 0);
    assert_int_equal(rig_stats(r).queued, 1);
    assert_int_equal(rig_stats(r).lag_us, 0);
    store_hurry(r->s);
    assert_int_equal(atomic_load(&r->wakes), 1);
    store_hurry(r->s);
    assert_int_equal(atomic_load(&r->wakes), 1); /* once is enough */
    assert_int_equal(store_drain(r->s), 1);
    for (int i = 0; i < 100; i++) {
        wakes = atomic_load(&r->wakes);
        append_patiently(r);
        store_hurry(r->s); /* before its commit or behind it */
        wait_for_wake(r, wakes);
        rig_settle(r);
    }
    wakes = atomic_load(&r->wakes);
    append_patiently(r);
    rig_settle(r);
    assert_int_equal(atomic_load(&r->wakes), wakes);
    rig_destroy(r);
}

static void many_answers_wake_although_nobody_waits(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);

    (void)state;
    for (int i = 0; i < 2000; i++) {
        append_patiently(r);
    }
    wait_for_wake(r, 0);
    rig_settle(r);
    assert_int_equal(r->answers, 2000);
    rig_destroy(r);
}

/* Of all of SQLite in this process: the pages of both connections, mostly. */
static void wait_for_memory(sqlite3_int64 most)
{
    for (int ms = 0; sqlite3_memory_used() > most; ms++) {
        if (ms > PATIENCE_MS) {
            fail_msg("SQLite holds %lld bytes", (long long)sqlite3_memory_used());
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void a_store_at_rest_gives_its_page_cache_back(void **state)
{
    static char row[100001];
    struct rig *r = rig_create_sqlite(NULL);
    sqlite3_int64 most = 0;

    (void)state;
    memset(row, 'x', sizeof row - 1);
    rig_close(r);
    r->cache_ms = 100;
    rig_reopen(r);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            char name[2] = {(char)('a' + i), '\0'};

            if (round == 0) {
                assert_int_equal(rig_append(r, name, row), RC_OK);
            }
            assert_int_equal(rig_load(r, name), RC_OK);
            assert_int_equal(r->content->count, 1);
            assert_true(span_equal(r->content->row[0].data, span_str(row)));
            most = sqlite3_memory_used() > most ? sqlite3_memory_used() : most;
        }
        wait_for_memory(500000);
    }
    print_message("2 MB in the page cache (%lld bytes), %lld at rest\n", (long long)most,
                  (long long)sqlite3_memory_used());
    assert_true(most > 1000000);
    rig_destroy(r);
}

static void statistics_add_up(void **state)
{
    struct rig *r = rig_create_sqlite(NULL);
    struct store_stats stats;
    uint64_t commits = 0;

    (void)state;
    assert_int_equal(rig_append(r, "n", "x"), RC_OK);
    assert_int_equal(rig_append(r, "n", "y"), RC_OK);
    stats = rig_stats(r);
    for (int i = 0; i < STORE_HIST; i++) {
        commits += stats.commit_hist[i];
    }
    assert_int_equal(commits, stats.commits);
    assert_int_equal(stats.commits, 2);
    assert_true(stats.last_commit_us > 0 && stats.commit_us_sum >= stats.last_commit_us);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.queued_bytes, 0);
    assert_int_equal(stats.lag_us, 0);
    assert_true(stats.file_bytes + stats.wal_bytes > 0);
    rig_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_there_after_reopening),
        cmocka_unit_test(numbers_go_on_when_all_rows_are_gone),
        cmocka_unit_test(the_file_belongs_to_its_owner_alone),
        cmocka_unit_test(a_second_opening_is_refused),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(another_file_is_not_touched),
        cmocka_unit_test(either_copy_of_the_key_is_enough),
        cmocka_unit_test(what_queued_during_a_commit_is_the_next_one),
        cmocka_unit_test(commits_begin_a_millisecond_apart),
        cmocka_unit_test(rows_that_two_generations_hold_are_deleted_in_time),
        cmocka_unit_test(checkpoints_keep_the_wal_small),
        cmocka_unit_test(a_reserve_is_put_aside),
        cmocka_unit_test(patient_appends_do_not_wake),
        cmocka_unit_test(what_is_waited_for_after_all_wakes),
        cmocka_unit_test(many_answers_wake_although_nobody_waits),
        cmocka_unit_test(a_store_at_rest_gives_its_page_cache_back),
        cmocka_unit_test(statistics_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
