#include "server/store/db_rows.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "server/store/db_schema.h"
#include "server/store/row_tag.h"

static const char *const statements[DB_STATEMENTS] = {
    [DB_BEGIN] = "BEGIN IMMEDIATE",
    [DB_COMMIT] = "COMMIT",
    [DB_ROLLBACK] = "ROLLBACK",
    [DB_LOG_INSERT] = "INSERT INTO log(seq, note, kind, time, sender, tag, data) VALUES(?, ?, ?, ?, ?, ?, ?)",
    [DB_LOG_SELECT] = "SELECT note, kind, time, sender, tag, data FROM log WHERE seq = ?",
    [DB_LOG_DELETE] = "DELETE FROM log WHERE seq = ?",
    [DB_SNAP_INSERT] = "INSERT INTO snapshots(id, note, upto, tag, data) VALUES(?, ?, ?, ?, ?)",
    [DB_SNAP_SELECT] = "SELECT note, upto, tag, data FROM snapshots WHERE id = ?",
    [DB_SNAP_DELETE] = "DELETE FROM snapshots WHERE id = ?",
    [DB_NAME_INSERT] = "INSERT INTO names(id, name, created, tag) VALUES(?, ?, ?, ?)",
    [DB_NOTE_REPLACE] = ("INSERT OR REPLACE INTO notes(id, name, created, updated, head, new_id, new_upto, new_bytes,"
                         " old_id, old_upto, old_bytes, tag) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    [DB_TITLE_REPLACE] = "INSERT OR REPLACE INTO titles(note, title, excerpt, tag) VALUES(?, ?, ?, ?)",
    [DB_TITLE_SELECT] = "SELECT title, excerpt, tag FROM titles WHERE note = ?",
};

int rows_init(struct db_rows *r, sqlite3 *db, const uint8_t *key)
{
    memset(r, 0, sizeof(*r));
    r->db = db;
    r->key = key;
    for (int i = 0; i < DB_STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &r->stmt[i], NULL);

        if (code != SQLITE_OK) {
            rows_finish(r);
            return db_rc(db, code);
        }
    }
    return RC_OK;
}

void rows_finish(struct db_rows *r)
{
    for (int i = 0; i < DB_STATEMENTS; i++) {
        sqlite3_finalize(r->stmt[i]);
        r->stmt[i] = NULL;
    }
}

/* A statement without a result. What it was bound to is borrowed, so the bindings go. */
static int run(struct db_rows *r, enum db_statement which)
{
    sqlite3_stmt *stmt = r->stmt[which];
    int rc = db_rc(r->db, sqlite3_step(stmt));

    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return rc;
}

/* Binding fails only without memory, and then the column stays NULL, which no column may be: the
 * statement fails. A span of length 0 is an empty value, not NULL. */
static void bind_int(sqlite3_stmt *stmt, int at, uint64_t value)
{
    sqlite3_bind_int64(stmt, at, (sqlite3_int64)value);
}

static void bind_blob(sqlite3_stmt *stmt, int at, struct span s)
{
    sqlite3_bind_blob64(stmt, at, s.len == 0 ? (const void *)"" : s.data, s.len, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *stmt, int at, struct span s)
{
    sqlite3_bind_text64(stmt, at, s.len == 0 ? "" : (const char *)s.data, s.len, SQLITE_STATIC, SQLITE_UTF8);
}

static struct span column_span(sqlite3_stmt *stmt, int at)
{
    const void *data = sqlite3_column_blob(stmt, at);

    return span_of(data, (size_t)sqlite3_column_bytes(stmt, at));
}

static uint64_t column_int(sqlite3_stmt *stmt, int at)
{
    return (uint64_t)sqlite3_column_int64(stmt, at);
}

int rows_begin(struct db_rows *r)
{
    return run(r, DB_BEGIN);
}

int rows_commit(struct db_rows *r)
{
    return run(r, DB_COMMIT);
}

void rows_rollback(struct db_rows *r)
{
    if (!sqlite3_get_autocommit(r->db)) {
        int rc = run(r, DB_ROLLBACK);

        (void)rc; /* SQLite has rolled back even when it says that something failed */
    }
}

int rows_put_log(struct db_rows *r, uint64_t note, uint64_t before, const struct store_row *row)
{
    sqlite3_stmt *stmt = r->stmt[DB_LOG_INSERT];
    uint8_t tag[SEAL_TAG_BYTES];

    tag_log(r->key, note, before, row, tag);
    bind_int(stmt, 1, row->seq);
    bind_int(stmt, 2, note);
    bind_int(stmt, 3, row->kind);
    bind_int(stmt, 4, (uint64_t)row->time_ms);
    bind_text(stmt, 5, row->sender);
    bind_blob(stmt, 6, span_of(tag, sizeof(tag)));
    bind_blob(stmt, 7, row->data);
    return run(r, DB_LOG_INSERT);
}

/* Steps a SELECT by key. RC_NOTFOUND: no row. */
static int select_one(struct db_rows *r, enum db_statement which, uint64_t key)
{
    sqlite3_stmt *stmt = r->stmt[which];
    int code;

    bind_int(stmt, 1, key);
    code = sqlite3_step(stmt);
    return code == SQLITE_DONE ? RC_NOTFOUND : db_rc(r->db, code);
}

static bool tag_is(const uint8_t *expected, struct span stored)
{
    return seal_equal(stored, span_of(expected, SEAL_TAG_BYTES));
}

int rows_get_log(struct db_rows *r, uint64_t note, uint64_t before, uint64_t seq, struct content_builder *out)
{
    sqlite3_stmt *stmt = r->stmt[DB_LOG_SELECT];
    uint8_t tag[SEAL_TAG_BYTES];
    int rc = select_one(r, DB_LOG_SELECT, seq);

    if (rc == RC_OK) {
        struct store_row row = {.kind = (unsigned)sqlite3_column_int(stmt, 1),
                                .time_ms = (int64_t)column_int(stmt, 2),
                                .sender = column_span(stmt, 3),
                                .data = column_span(stmt, 5),
                                .seq = seq};

        tag_log(r->key, note, before, &row, tag);
        if (column_int(stmt, 0) == note && tag_is(tag, column_span(stmt, 4))) {
            content_row(out, &row);
        } else {
            rc = RC_CORRUPT;
        }
    }
    sqlite3_reset(stmt);
    return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
}

int rows_delete_log(struct db_rows *r, uint64_t seq)
{
    bind_int(r->stmt[DB_LOG_DELETE], 1, seq);
    return run(r, DB_LOG_DELETE);
}

int rows_put_snap(struct db_rows *r, uint64_t note, const struct index_snap *snap, struct span data)
{
    sqlite3_stmt *stmt = r->stmt[DB_SNAP_INSERT];
    uint8_t tag[SEAL_TAG_BYTES];

    tag_snap(r->key, note, snap, data, tag);
    bind_int(stmt, 1, snap->id);
    bind_int(stmt, 2, note);
    bind_int(stmt, 3, snap->upto);
    bind_blob(stmt, 4, span_of(tag, sizeof(tag)));
    bind_blob(stmt, 5, data);
    return run(r, DB_SNAP_INSERT);
}

int rows_get_snap(struct db_rows *r, uint64_t note, const struct index_snap *snap, struct content_builder *out)
{
    sqlite3_stmt *stmt = r->stmt[DB_SNAP_SELECT];
    uint8_t tag[SEAL_TAG_BYTES];
    int rc = select_one(r, DB_SNAP_SELECT, snap->id);

    if (rc == RC_OK) {
        struct span data = column_span(stmt, 3);

        tag_snap(r->key, note, snap, data, tag);
        if (!tag_is(tag, column_span(stmt, 2)) || column_int(stmt, 0) != note || column_int(stmt, 1) != snap->upto) {
            rc = RC_CORRUPT;
        } else if (out != NULL) {
            content_snapshot(out, data);
        }
    }
    sqlite3_reset(stmt);
    return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
}

int rows_delete_snap(struct db_rows *r, uint64_t id)
{
    bind_int(r->stmt[DB_SNAP_DELETE], 1, id);
    return run(r, DB_SNAP_DELETE);
}

int rows_put_name(struct db_rows *r, const struct index_note *note)
{
    sqlite3_stmt *stmt = r->stmt[DB_NAME_INSERT];
    struct span name = span_of(note->name, note->name_len);
    uint8_t tag[SEAL_TAG_BYTES];

    tag_name(r->key, note->id, note->created_ms, name, tag);
    bind_int(stmt, 1, note->id);
    bind_text(stmt, 2, name);
    bind_int(stmt, 3, (uint64_t)note->created_ms);
    bind_blob(stmt, 4, span_of(tag, sizeof(tag)));
    return run(r, DB_NAME_INSERT);
}

int rows_put_note(struct db_rows *r, struct index_note *note)
{
    sqlite3_stmt *stmt = r->stmt[DB_NOTE_REPLACE];
    const struct index_facts *f = &note->facts;
    uint8_t tag[SEAL_TAG_BYTES];

    note->head_seq = f->last_seq;
    tag_note(r->key, note, tag);
    bind_int(stmt, 1, note->id);
    bind_text(stmt, 2, span_of(note->name, note->name_len));
    bind_int(stmt, 3, (uint64_t)note->created_ms);
    bind_int(stmt, 4, (uint64_t)f->updated_ms);
    bind_int(stmt, 5, note->head_seq);
    bind_int(stmt, 6, f->newest.id);
    bind_int(stmt, 7, f->newest.upto);
    bind_int(stmt, 8, f->newest.bytes);
    bind_int(stmt, 9, f->older.id);
    bind_int(stmt, 10, f->older.upto);
    bind_int(stmt, 11, f->older.bytes);
    bind_blob(stmt, 12, span_of(tag, sizeof(tag)));
    return run(r, DB_NOTE_REPLACE);
}

int rows_put_title(struct db_rows *r, uint64_t note, const struct store_meta *meta)
{
    sqlite3_stmt *stmt = r->stmt[DB_TITLE_REPLACE];
    uint8_t tag[SEAL_TAG_BYTES];

    tag_title(r->key, note, meta, tag);
    bind_int(stmt, 1, note);
    bind_text(stmt, 2, meta->title);
    bind_text(stmt, 3, meta->excerpt);
    bind_blob(stmt, 4, span_of(tag, sizeof(tag)));
    return run(r, DB_TITLE_REPLACE);
}

int rows_get_title(struct db_rows *r, uint64_t note, struct store_meta *out)
{
    sqlite3_stmt *stmt = r->stmt[DB_TITLE_SELECT];
    uint8_t tag[SEAL_TAG_BYTES];
    struct store_meta meta;
    int rc = select_one(r, DB_TITLE_SELECT, note);

    if (rc != RC_OK) {
        return rc;
    }
    meta = (struct store_meta){column_span(stmt, 0), column_span(stmt, 1)};
    tag_title(r->key, note, &meta, tag);
    if (!tag_is(tag, column_span(stmt, 2))) {
        return RC_CORRUPT;
    }
    *out = meta;
    return RC_OK;
}

void rows_end_title(struct db_rows *r)
{
    sqlite3_reset(r->stmt[DB_TITLE_SELECT]);
}

/* Runs `sql` and calls `row` for each of its rows. */
static int each_row(struct db_rows *r, const char *sql,
                    int (*row)(struct db_rows *r, sqlite3_stmt *stmt, const struct rows_scan *scan),
                    const struct rows_scan *scan)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL), rc = RC_OK;

    if (code != SQLITE_OK) {
        return db_rc(r->db, code);
    }
    while (rc == RC_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        rc = row(r, stmt, scan);
    }
    if (rc == RC_OK) {
        rc = db_rc(r->db, code);
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int note_row(struct db_rows *r, sqlite3_stmt *stmt, const struct rows_scan *scan)
{
    struct span name = column_span(stmt, 1);
    uint8_t tag[SEAL_TAG_BYTES];
    struct index_note *n;
    int rc;

    if (name.len > STORE_NAME_MAX) {
        name.len = 0; /* no tag fits that */
    }
    n = calloc(1, sizeof(*n) + name.len);
    if (n == NULL) {
        return RC_NOMEM;
    }
    n->id = column_int(stmt, 0);
    n->name_len = (uint16_t)name.len;
    if (name.len > 0) {
        memcpy(n->name, name.data, name.len);
    }
    n->created_ms = (int64_t)column_int(stmt, 2);
    n->facts.updated_ms = (int64_t)column_int(stmt, 3);
    n->head_seq = column_int(stmt, 4);
    n->facts.last_seq = n->head_seq;
    n->facts.newest = (struct index_snap){column_int(stmt, 5), column_int(stmt, 6), column_int(stmt, 7)};
    n->facts.older = (struct index_snap){column_int(stmt, 8), column_int(stmt, 9), column_int(stmt, 10)};
    tag_note(r->key, n, tag);
    rc = scan->note(scan->ctx, n, name, name.len > 0 && tag_is(tag, column_span(stmt, 11)));
    free(n);
    return rc;
}

static int name_row(struct db_rows *r, sqlite3_stmt *stmt, const struct rows_scan *scan)
{
    uint64_t id = column_int(stmt, 0);
    struct span name = column_span(stmt, 1);
    int64_t created_ms = (int64_t)column_int(stmt, 2);
    uint8_t tag[SEAL_TAG_BYTES];

    tag_name(r->key, id, created_ms, name, tag);
    return scan->name(scan->ctx, id, created_ms, name, tag_is(tag, column_span(stmt, 3)));
}

static int log_row(struct db_rows *r, sqlite3_stmt *stmt, const struct rows_scan *scan)
{
    (void)r;
    return scan->log(scan->ctx, column_int(stmt, 0), column_int(stmt, 1), (int64_t)column_int(stmt, 2),
                     (uint32_t)column_int(stmt, 3));
}

int rows_scan(struct db_rows *r, const struct rows_scan *scan)
{
    int rc = each_row(r,
                      "SELECT id, name, created, updated, head, new_id, new_upto, new_bytes, old_id, old_upto,"
                      " old_bytes, tag FROM notes ORDER BY id",
                      note_row, scan);

    if (rc == RC_OK) {
        rc = each_row(r, "SELECT id, name, created, tag FROM names ORDER BY id", name_row, scan);
    }
    if (rc == RC_OK) {
        rc = each_row(r, "SELECT seq, note, time, length(data) FROM log ORDER BY seq", log_row, scan);
    }
    return rc;
}
