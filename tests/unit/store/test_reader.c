/* Reading a data file beside the store that has it open, and without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "server/store/reader.h"
#include "tests/support/files.h"
#include "tests/unit/store/store_rig.h"

static struct rig *rig_create_sqlite(void)
{
    struct rig *r = malloc(sizeof(*r));

    assert_non_null(r);
    rig_open_sqlite(r, NULL);
    return r;
}

static void rig_destroy(struct rig *r)
{
    rig_finish(r);
    free(r);
}

static struct store_reader *open_reader(const char *path)
{
    char error[256];
    struct store_reader *reader;

    if (store_reader_open(path, error, sizeof(error), &reader) != RC_OK) {
        fail_msg("%s", error);
    }
    return reader;
}

/* The note as "<snapshot>|row|row". */
static void expect(struct store_reader *reader, const char *name, const char *text)
{
    struct store_content *content;
    struct buf found = {0};
    size_t at;

    assert_int_equal(store_reader_find(reader, span_str(name), &at), RC_OK);
    assert_int_equal(store_reader_load(reader, at, &content), RC_OK);
    buf_printf(&found, "<%.*s>", (int)content->snapshot.len, (const char *)content->snapshot.data);
    for (size_t i = 0; i < content->count; i++) {
        buf_put_u8(&found, '|');
        buf_put_span(&found, content->row[i].data);
    }
    buf_put_u8(&found, '\0');
    assert_string_equal((char *)found.data, text);
    buf_finish(&found);
    store_content_unref(content);
}

static void fill(struct rig *r)
{
    assert_int_equal(rig_append_at(r, "a", "a1", 10), RC_OK);
    assert_int_equal(rig_append_at(r, "b", "b1", 20), RC_OK);
    assert_int_equal(rig_append_at(r, "a", "a2", 30), RC_OK);
    assert_int_equal(rig_compact(r, "a", "A12", STORE_UPTO_ALL), RC_OK);
    assert_int_equal(rig_append_at(r, "a", "a3", 40), RC_OK);
    assert_int_equal(rig_create(r, "empty", "Title", 5), RC_OK);
}

static void a_file_in_use_is_read_as_it_was_when_opened(void **state)
{
    struct rig *r = rig_create_sqlite();
    struct store_reader *reader;
    size_t at;

    (void)state;
    fill(r);
    reader = open_reader(r->path);
    assert_int_equal(store_reader_count(reader), 3);
    assert_true(span_equal(store_reader_info(reader, 0).name, span_str("a")));
    assert_true(span_equal(store_reader_info(reader, 1).name, span_str("b")));
    assert_int_equal(store_reader_info(reader, 1).updated_ms, 20);
    assert_int_equal(rig_append(r, "b", "b2"), RC_OK);
    assert_int_equal(rig_append(r, "new", "n1"), RC_OK);
    assert_int_equal(rig_compact(r, "a", "A123", STORE_UPTO_ALL), RC_OK);
    expect(reader, "a", "<A12>|a3");
    expect(reader, "b", "<>|b1");
    expect(reader, "empty", "<>");
    assert_int_equal(store_reader_find(reader, span_str("new"), &at), RC_NOTFOUND);
    store_reader_close(reader);

    reader = open_reader(r->path);
    assert_int_equal(store_reader_count(reader), 4);
    expect(reader, "a", "<A123>");
    expect(reader, "b", "<>|b1|b2");
    store_reader_close(reader);
    rig_expect(r, "b", "<>|b1|b2");
    rig_destroy(r);
}

static void a_long_reader_does_not_stop_the_writer(void **state)
{
    struct rig *r = rig_create_sqlite();
    struct store_reader *reader;

    (void)state;
    fill(r);
    reader = open_reader(r->path);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(rig_queue_append(r, "b", "a row like any other, to make the WAL long enough", 0), RC_OK);
    }
    rig_settle(r);
    expect(reader, "b", "<>|b1");
    store_reader_close(reader);
    rig_close(r);
    rig_reopen(r);
    assert_int_equal(rig_load(r, "b"), RC_OK);
    assert_int_equal(r->content->count, 2001);
    rig_destroy(r);
}

static void a_file_at_rest_is_read_and_not_changed(void **state)
{
    struct rig *r = rig_create_sqlite();
    struct buf before = {0}, after = {0};
    struct store_reader *reader;

    (void)state;
    fill(r);
    rig_close(r);
    assert_int_equal(files_read(r->path, &before), RC_OK);
    reader = open_reader(r->path);
    expect(reader, "a", "<A12>|a3");
    store_reader_close(reader);
    assert_int_equal(files_read(r->path, &after), RC_OK);
    assert_true(span_equal(buf_span(&before), buf_span(&after)));
    buf_finish(&before);
    buf_finish(&after);
    rig_reopen(r);
    rig_expect(r, "a", "<A12>|a3");
    rig_destroy(r);
}

static void an_empty_store_has_no_notes(void **state)
{
    struct rig *r = rig_create_sqlite();
    struct store_reader *reader = open_reader(r->path);

    (void)state;
    assert_int_equal(store_reader_count(reader), 0);
    store_reader_close(reader);
    rig_destroy(r);
}

/* Runs SQL on the closed file. */
static void alter(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_damaged_note_is_told_and_the_others_are_read(void **state)
{
    struct rig *r = rig_create_sqlite();
    struct store_content *content;
    struct store_reader *reader;
    size_t at;

    (void)state;
    fill(r);
    rig_close(r);
    alter(r->path, "UPDATE log SET data = x'00' WHERE note = (SELECT id FROM notes WHERE name = 'b')");
    reader = open_reader(r->path);
    assert_int_equal(store_reader_find(reader, span_str("b"), &at), RC_OK);
    assert_int_equal(store_reader_load(reader, at, &content), RC_CORRUPT);
    expect(reader, "a", "<A12>|a3");
    store_reader_close(reader);
    rig_destroy(r);
}

static void what_is_no_data_file_is_refused(void **state)
{
    static const struct {
        const char *bytes, *sql;
        int rc;
    } cases[] = {
        {"this is no database, and long enough to be sure of that: ------------------------------------------", NULL,
         RC_CORRUPT},
        {"", NULL, RC_UNSUPPORTED},
        {NULL, "CREATE TABLE t(x)", RC_CORRUPT},
        {NULL, "PRAGMA application_id=0x43616869; PRAGMA user_version=99", RC_UNSUPPORTED},
    };
    char *dir = files_create_dir(), path[300], error[256] = "";
    struct store_reader *reader;

    (void)state;
    snprintf(path, sizeof(path), "%s/file", dir);
    assert_int_equal(store_reader_open(path, error, sizeof(error), &reader), RC_NOTFOUND);
    assert_int_not_equal(strlen(error), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unlink(path);
        if (cases[i].bytes) {
            assert_int_equal(files_write(path, span_str(cases[i].bytes)), RC_OK);
        } else {
            alter(path, cases[i].sql);
        }
        assert_int_equal(store_reader_open(path, error, sizeof(error), &reader), cases[i].rc);
        assert_int_not_equal(strlen(error), 0);
        assert_int_equal(store_reader_open(path, NULL, 0, &reader), cases[i].rc);
    }
    store_reader_close(NULL);
    files_remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_in_use_is_read_as_it_was_when_opened),
        cmocka_unit_test(a_long_reader_does_not_stop_the_writer),
        cmocka_unit_test(a_file_at_rest_is_read_and_not_changed),
        cmocka_unit_test(an_empty_store_has_no_notes),
        cmocka_unit_test(a_damaged_note_is_told_and_the_others_are_read),
        cmocka_unit_test(what_is_no_data_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
