/* Single bits of the data file are turned over, in many places, one file each. Whatever is then
 * loaded is what was stored or an error: never something else, never less, never an unknown note.
 *
 * CAHIER_SEED, CAHIER_FLIPS (random places, 600) change what is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "crdt/base/buf.h"
#include "server/store/db_schema.h"
#include "server/store/sqlite.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/support/files.h"
#include "tests/support/rng.h"
#include "tests/unit/store/store_rig.h"

#define NOTES    6
#define PER_NOTE 60
#define PAGE     4096

struct outcome {
    unsigned flips, unopened, corrupt, fallback, whole, titles;
};

static const char *name_of(unsigned note)
{
    static char name[NOTES][64];

    snprintf(name[note], sizeof(name[note]), "a note with a name of its own %u", note);
    return name[note];
}

/* The text of one edit; some are longer than a page. */
static const char *edit_of(unsigned note, unsigned i)
{
    static char text[9000];
    size_t len = (size_t)snprintf(text, sizeof(text), "%u.%u,", note, i);

    if (i % 20 == 7) {
        memset(text + len, 'a' + (int)(i % 26), 5000);
        text[len + 5000] = '\0';
    }
    return text;
}

/* All edits from 0 up to, not including, `end`. */
static void edits_until(unsigned note, unsigned end, struct buf *out)
{
    buf_clear(out);
    for (unsigned i = 0; i < end; i++) {
        buf_put_str(out, edit_of(note, i));
    }
}

static void compact(struct rig *r, unsigned note, unsigned end)
{
    struct buf text = {0};

    edits_until(note, end, &text);
    buf_put(&text, "", 1);
    assert_int_equal(rig_compact(r, name_of(note), (const char *)text.data, STORE_UPTO_ALL), RC_OK);
    buf_finish(&text);
}

/* Notes 0 and 1: rows only; 2 and 3: one compaction; 4 and 5: several. All rows interleaved. */
static void write_notes(struct rig *r)
{
    for (unsigned note = 0; note < NOTES; note++) {
        assert_int_equal(rig_create(r, name_of(note), name_of(note), 5), RC_OK);
    }
    for (unsigned i = 0; i < PER_NOTE; i++) {
        for (unsigned note = 0; note < NOTES; note++) {
            assert_int_equal(rig_append_at(r, name_of(note), edit_of(note, i), (int64_t)i), RC_OK);
            if (note >= 2 && i % (note >= 4 ? 13 : PER_NOTE) == 12) {
                compact(r, note, i + 1);
            }
        }
    }
}

/* Snapshot and rows, one after the other: the same from either generation. */
static bool is_whole(struct rig *r, unsigned note)
{
    struct buf expected = {0}, found = {0};
    bool same = true;

    edits_until(note, PER_NOTE, &expected);
    buf_put_span(&found, r->content->snapshot);
    for (size_t i = 0; i < r->content->count; i++) {
        const struct store_row *row = &r->content->row[i];

        buf_put_span(&found, row->data);
        same = same && span_equal(row->sender, span_str("seat:7")) && row->kind == STORE_UPDATE_V1 &&
               row->time_ms == (int64_t)(PER_NOTE - r->content->count + i);
    }
    same = same && span_equal(buf_span(&expected), buf_span(&found));
    buf_finish(&expected);
    buf_finish(&found);
    return same;
}

static void check_note(struct rig *r, unsigned note, struct outcome *o)
{
    int rc = rig_load(r, name_of(note));

    if (rc != RC_OK) {
        assert_true(rc == RC_CORRUPT || rc == RC_IO); /* RC_NOTFOUND would be a note that vanished */
        o->corrupt++;
    } else {
        assert_true(is_whole(r, note));
        o->fallback += r->content->fallback;
        o->whole++;
    }
    rc = rig_stat(r, name_of(note));
    if (rc == RC_OK) {
        char expected[512];

        snprintf(expected, sizeof(expected), "%s,", name_of(note));
        assert_true(strcmp(r->page_titles, expected) == 0 || r->info.damaged || r->page_titles[0] == ',');
    } else {
        assert_true(rc == RC_CORRUPT || rc == RC_IO);
        o->titles++;
    }
}

static void one_flip(struct rig *r, struct span file, size_t bit, struct outcome *o)
{
    uint8_t *copy = malloc(file.len);

    assert_non_null(copy);
    memcpy(copy, file.data, file.len);
    copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(files_write(r->path, span_of(copy, file.len)), RC_OK);
    free(copy);
    o->flips++;
    r->answers = 0;
    if (rig_try_open(r) != RC_OK) {
        o->unopened++;
        return;
    }
    for (unsigned note = 0; note < NOTES; note++) {
        check_note(r, note, o);
    }
    rig_close(r);
}

static struct rig *make_file(struct buf *file)
{
    struct rig *r = malloc(sizeof(*r));

    assert_non_null(r);
    fault_reset(1, span_of(NULL, 0));
    rig_open_sqlite(r, FAULT_VFS);
    write_notes(r);
    rig_close(r);
    r->vfs = NULL;
    assert_int_equal(files_read(r->path, file), RC_OK);
    return r;
}

static unsigned flips_wanted(void)
{
    const char *text = getenv("CAHIER_FLIPS");

    return text == NULL ? 600 : (unsigned)strtoul(text, NULL, 10);
}

static void no_turned_bit_changes_what_is_loaded(void **state)
{
    struct buf file = {0};
    struct rig *r = make_file(&file);
    struct outcome o = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(42));
    /* The beginning of each page holds the structure of the tree: two bits there; then anywhere. */
    for (size_t page = 0; page < file.len / PAGE; page++) {
        one_flip(r, buf_span(&file), page * PAGE * 8 + (size_t)rng_below(&rng, 12 * 8), &o);
        one_flip(r, buf_span(&file), page * PAGE * 8 + (size_t)rng_below(&rng, 40 * 8), &o);
    }
    for (unsigned i = 0; i < flips_wanted(); i++) {
        one_flip(r, buf_span(&file), (size_t)rng_below(&rng, file.len * 8), &o);
    }
    print_message("%zu KiB, %u bits turned: %u files refused; %u notes reported, %u whole (%u from the older "
                  "generation), %u titles reported\n",
                  file.len / 1024, o.flips, o.unopened, o.corrupt, o.whole, o.fallback, o.titles);
    assert_true(o.unopened > 0);
    assert_true(o.corrupt > 0);
    assert_true(o.fallback > 0);
    buf_finish(&file);
    rig_finish(r);
    free(r);
}

/* Damage that keeps SQLite content, done by hand. Note 5 has two generations; note 0 only rows. */
static const struct {
    const char *what, *sql;
    unsigned note;
    int rc;
    bool fallback;
} cases[] = {
    {"a changed byte", "UPDATE log SET data = CAST('0.0;' AS BLOB) WHERE data = CAST('0.0,' AS BLOB)", 0, RC_CORRUPT,
     false},
    {"another sender", "UPDATE log SET sender = 'seat:8' WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"another time", "UPDATE log SET time = 1 WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"another kind", "UPDATE log SET kind = 2 WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"a row under another note", "UPDATE log SET note = 2 WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"the note that got it", "UPDATE log SET note = 2 WHERE data = CAST('0.9,' AS BLOB)", 1, RC_CORRUPT, false},
    {"a row without a note", "UPDATE log SET note = 77 WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"a missing row in the middle", "DELETE FROM log WHERE data = CAST('0.9,' AS BLOB)", 0, RC_CORRUPT, false},
    {"a missing row at the end", "DELETE FROM log WHERE data = CAST('0.59,' AS BLOB)", 0, RC_CORRUPT, false},
    {"a missing first row", "DELETE FROM log WHERE data = CAST('0.0,' AS BLOB)", 0, RC_CORRUPT, false},
    {"no rows", "DELETE FROM log", 0, RC_CORRUPT, false},
    {"a row twice",
     "INSERT INTO log SELECT 100000, note, kind, time, sender, tag, data FROM log WHERE data = "
     "CAST('0.9,' AS BLOB)",
     0, RC_CORRUPT, false},
    {"the row of the note", "UPDATE notes SET head = head - 1 WHERE id = 1", 0, RC_CORRUPT, false},
    {"no row of the note", "DELETE FROM notes", 0, RC_CORRUPT, false},
    {"no name of the note", "DELETE FROM names", 0, RC_OK, false},
    {"a changed name", "UPDATE names SET name = 'x'", 0, RC_OK, false},
    {"the newest snapshot",
     "UPDATE snapshots SET data = zeroblob(10) WHERE id = (SELECT new_id FROM notes WHERE id = 6)", 5, RC_OK, true},
    {"no newest snapshot", "DELETE FROM snapshots WHERE id = (SELECT new_id FROM notes WHERE id = 6)", 5, RC_OK, true},
    {"the older snapshot", "DELETE FROM snapshots WHERE id = (SELECT old_id FROM notes WHERE id = 6)", 5, RC_OK, false},
    {"both snapshots", "DELETE FROM snapshots", 5, RC_CORRUPT, false},
    {"the only snapshot", "DELETE FROM snapshots", 2, RC_OK, true},
    {"the newest snapshot, and a row that it replaced",
     "DELETE FROM snapshots WHERE id = (SELECT new_id FROM notes WHERE id = 3);"
     "DELETE FROM log WHERE data = CAST('2.9,' AS BLOB)",
     2, RC_CORRUPT, false},
    {"a snapshot of another note", "UPDATE snapshots SET note = 1", 5, RC_CORRUPT, false},
};

static void damage_is_told_from_health(void **state)
{
    struct buf file = {0};
    struct rig *r = make_file(&file);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sqlite3 *db;
        int rc;

        assert_int_equal(files_write(r->path, buf_span(&file)), RC_OK);
        assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
        assert_int_equal(db_exec(db, cases[i].sql), RC_OK);
        assert_true(sqlite3_total_changes(db) > 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        r->answers = 0;
        rig_reopen(r);
        rc = rig_load(r, name_of(cases[i].note));
        if (rc != cases[i].rc) {
            fail_msg("%s: %s", cases[i].what, rc_text(rc));
        }
        if (rc == RC_OK && (!is_whole(r, cases[i].note) || r->content->fallback != cases[i].fallback)) {
            fail_msg("%s: loaded as something else", cases[i].what);
        }
        rig_close(r);
    }
    buf_finish(&file);
    rig_finish(r);
    free(r);
}

static void a_damaged_snapshot_is_replaced_and_its_rows_stay(void **state)
{
    struct buf file = {0};
    struct rig *r = make_file(&file);
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, "UPDATE snapshots SET data = zeroblob(10) WHERE id = "
                                 "(SELECT new_id FROM notes WHERE id = 6)"),
                     RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    r->answers = 0;
    rig_reopen(r);
    assert_int_equal(rig_load(r, name_of(5)), RC_OK);
    assert_true(r->content->fallback);
    compact(r, 5, PER_NOTE);
    assert_int_equal(rig_load(r, name_of(5)), RC_OK);
    assert_false(r->content->fallback);
    assert_true(is_whole(r, 5));
    rig_close(r);
    /* The older generation is still the one that was sound, with all rows since it. */
    assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, "DELETE FROM snapshots WHERE id = (SELECT new_id FROM notes WHERE id = 6)"), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    rig_reopen(r);
    assert_int_equal(rig_load(r, name_of(5)), RC_OK);
    assert_true(r->content->fallback);
    assert_true(is_whole(r, 5));
    buf_finish(&file);
    rig_finish(r);
    free(r);
}

static void damage_is_counted(void **state)
{
    struct buf file = {0};
    struct rig *r = make_file(&file);
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, "UPDATE log SET data = zeroblob(3) WHERE data = CAST('0.9,' AS BLOB)"), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    r->answers = 0;
    rig_reopen(r);
    assert_int_equal(rig_stats(r).damaged, 0); /* rows are not read before they are needed */
    assert_int_equal(rig_load(r, name_of(0)), RC_CORRUPT);
    assert_int_equal(rig_load(r, name_of(0)), RC_CORRUPT);
    assert_int_equal(rig_stats(r).damaged, 1);
    assert_int_equal(rig_stat(r, name_of(0)), RC_OK);
    assert_true(r->info.damaged);
    assert_int_equal(rig_compact(r, name_of(0), "nothing of it may go", STORE_UPTO_ALL), RC_CORRUPT);
    assert_int_equal(rig_create(r, name_of(0), "", 1), RC_EXISTS);
    buf_finish(&file);
    rig_finish(r);
    free(r);
}

static void a_damaged_title_is_not_shown(void **state)
{
    struct buf file = {0};
    struct rig *r = make_file(&file);
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(r->path, &db), SQLITE_OK);
    assert_int_equal(db_exec(db, "UPDATE titles SET title = 'not mine' WHERE note = 1"), RC_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    r->answers = 0;
    rig_reopen(r);
    assert_int_equal(rig_stat(r, name_of(0)), RC_CORRUPT);
    assert_int_equal(rig_list(r, NULL, NOTES), RC_OK);
    assert_int_equal(r->page_count, NOTES);
    assert_null(strstr(r->page_titles, "not mine"));
    assert_int_equal(rig_load(r, name_of(0)), RC_OK); /* the note itself is whole */
    assert_int_equal(rig_put_meta(r, name_of(0), "mine", ""), RC_OK);
    assert_int_equal(rig_stat(r, name_of(0)), RC_OK);
    assert_string_equal(r->page_titles, "mine,");
    buf_finish(&file);
    rig_finish(r);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_told_from_health),
        cmocka_unit_test(a_damaged_snapshot_is_replaced_and_its_rows_stay),
        cmocka_unit_test(damage_is_counted),
        cmocka_unit_test(a_damaged_title_is_not_shown),
        cmocka_unit_test(no_turned_bit_changes_what_is_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
