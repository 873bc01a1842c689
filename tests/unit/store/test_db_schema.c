#include "server/store/db_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "server/store/sqlite.h"
#include "tests/support/files.h"
#include "tests/unit/store/store_rig.h"

static const struct db_step steps[] = {
    {1, "CREATE TABLE one(a); INSERT INTO one VALUES(1)"},
    {2, "CREATE TABLE two(a); INSERT INTO two SELECT a + 1 FROM one"},
    {3, "ALTER TABLE two ADD COLUMN b; UPDATE two SET b = a + 1"},
};

static const struct db_step broken[] = {
    {1, "CREATE TABLE one(a); INSERT INTO one VALUES(1)"},
    {2, "CREATE TABLE two(a); INSERT INTO two SELECT a + 1 FROM one"},
    {3, "DELETE FROM one; INSERT INTO nowhere VALUES(1)"},
};

static sqlite3 *open_memory(void)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    return db;
}

static int64_t ask(sqlite3 *db, const char *sql)
{
    int64_t value = -1;

    assert_int_equal(db_query_int(db, sql, &value), RC_OK);
    return value;
}

static int migrate(sqlite3 *db, const struct db_step *step, int version)
{
    const struct db_schema schema = {step, version, NULL};
    char error[128] = "";

    return db_migrate(db, &schema, error, sizeof(error));
}

static void every_version_leads_to_the_newest(void **state)
{
    (void)state;
    for (int from = 0; from <= 3; from++) {
        sqlite3 *db = open_memory();

        assert_int_equal(migrate(db, steps, from), RC_OK);
        assert_int_equal(ask(db, "PRAGMA user_version"), from);
        assert_int_equal(migrate(db, steps, 3), RC_OK);
        assert_int_equal(ask(db, "PRAGMA user_version"), 3);
        assert_int_equal(ask(db, "PRAGMA application_id"), DB_APPLICATION_ID);
        assert_int_equal(ask(db, "SELECT count(*) * 100 + a * 10 + b FROM two"), 123);
        assert_int_equal(migrate(db, steps, 3), RC_OK);
        sqlite3_close(db);
    }
}

static void a_step_that_fails_leaves_the_file_as_it_was(void **state)
{
    (void)state;
    for (int from = 0; from <= 2; from++) {
        sqlite3 *db = open_memory();

        assert_int_equal(migrate(db, broken, from), RC_OK);
        assert_int_not_equal(migrate(db, broken, 3), RC_OK);
        assert_int_equal(ask(db, "PRAGMA user_version"), from);
        assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"), from);
        assert_int_equal(sqlite3_get_autocommit(db), 1);
        sqlite3_close(db);
    }
}

static void a_newer_file_is_refused(void **state)
{
    sqlite3 *db = open_memory();
    const struct db_schema schema = {steps, 2, NULL};
    char error[128] = "";

    (void)state;
    assert_int_equal(migrate(db, steps, 3), RC_OK);
    assert_int_equal(db_migrate(db, &schema, error, sizeof(error)), RC_UNSUPPORTED);
    assert_string_equal(error, "the file is of version 3, this program knows versions up to 2");
    assert_int_equal(ask(db, "PRAGMA user_version"), 3);
    sqlite3_close(db);
}

/* Version 1 as its first release wrote it: two notes, one with a snapshot. The key is 32 zeros. When
 * the schema changes, this text stays. */
static const char version_1[] =
    "CREATE TABLE keys(id INTEGER PRIMARY KEY, key BLOB NOT NULL, sum BLOB NOT NULL) STRICT;"
    "CREATE TABLE keys_copy(id INTEGER PRIMARY KEY, key BLOB NOT NULL, sum BLOB NOT NULL) STRICT;"
    "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL,"
    " tag BLOB NOT NULL) STRICT;"
    "CREATE TABLE notes(id INTEGER PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, head INTEGER NOT NULL, new_id INTEGER NOT NULL, new_upto INTEGER NOT NULL,"
    " new_bytes INTEGER NOT NULL, old_id INTEGER NOT NULL, old_upto INTEGER NOT NULL, old_bytes INTEGER NOT NULL,"
    " tag BLOB NOT NULL) STRICT;"
    "CREATE TABLE titles(note INTEGER PRIMARY KEY, title TEXT NOT NULL, excerpt TEXT NOT NULL,"
    " tag BLOB NOT NULL) STRICT;"
    "CREATE TABLE log(seq INTEGER PRIMARY KEY, note INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " time INTEGER NOT NULL, sender TEXT NOT NULL, tag BLOB NOT NULL, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE snapshots(id INTEGER PRIMARY KEY, note INTEGER NOT NULL, upto INTEGER NOT NULL,"
    " tag BLOB NOT NULL, data BLOB NOT NULL) STRICT;"
    "PRAGMA application_id=1130457193; PRAGMA user_version=1;"
    "INSERT INTO keys VALUES(1, x'0000000000000000000000000000000000000000000000000000000000000000', x'89eb0d6a8a"
    "691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3');"
    "INSERT INTO keys_copy VALUES(1, x'0000000000000000000000000000000000000000000000000000000000000000', x'89eb0"
    "d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3');"
    "INSERT INTO names VALUES(1, 'first note', 999, x'692debcf98c6e0c594c89db675306505');"
    "INSERT INTO names VALUES(2, 'zweite Notiz é', 1001, x'fd4b5a7186adfbf383e83369e2de9025');"
    "INSERT INTO notes VALUES(1, 'first note', 999, 1003, 4, 1, 3, 2, 0, 0, 0, x'39de7b18648bf0869fad7fc080c99fc7"
    "');"
    "INSERT INTO notes VALUES(2, 'zweite Notiz é', 1001, 1001, 2, 0, 0, 0, 0, 0, 0, x'207c10542e9b75cbc41488f1d67"
    "e84d5');"
    "INSERT INTO titles VALUES(1, 'Title', 'Excerpt', x'029a6a5e3724d82d1a3e314d0fab4fcb');"
    "INSERT INTO log VALUES(1, 1, 1, 1000, 'seat:7', x'7d471e49f43e1372bae54d3f72bf7548', x'61');"
    "INSERT INTO log VALUES(2, 2, 1, 1001, 'seat:7', x'5fc8079c8a6f0f1b68df642a581dcb27', x'78');"
    "INSERT INTO log VALUES(3, 1, 1, 1002, 'seat:7', x'ae2842b1a0fdae9836322e3371b5ce4e', x'62');"
    "INSERT INTO log VALUES(4, 1, 1, 1003, 'seat:7', x'9c578718a4ee691d1ea0b122c17eaf27', x'63');"
    "INSERT INTO snapshots VALUES(1, 1, 3, x'b8c5a26ba98f5ab93417f20e5183f8ed', x'4142');";

static void a_file_of_version_1_opens_with_all_that_it_holds(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));
    sqlite3 *db;

    (void)state;
    assert_non_null(r);
    r->dir = files_create_dir();
    assert_non_null(r->dir);
    snprintf(r->path, sizeof(r->path), "%s/v1.db", r->dir);
    assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, version_1), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    rig_reopen(r);
    rig_expect(r, "first note", "<AB>|c");
    rig_expect(r, "zweite Notiz é", "<>|x");
    assert_int_equal(rig_stat(r, "first note"), RC_OK);
    assert_string_equal(r->page_titles, "Title,Excerpt");
    assert_int_equal(r->info.updated_ms, 1003);
    rig_finish(r);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_leads_to_the_newest),
        cmocka_unit_test(a_step_that_fails_leaves_the_file_as_it_was),
        cmocka_unit_test(a_newer_file_is_refused),
        cmocka_unit_test(a_file_of_version_1_opens_with_all_that_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
