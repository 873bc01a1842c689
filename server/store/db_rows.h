#ifndef SERVER_STORE_DB_ROWS_H
#define SERVER_STORE_DB_ROWS_H

/* Reading and writing single rows, each with its tag: prepared statements, kept.
 *
 * Reading verifies. RC_CORRUPT: the row is missing, stands in the wrong place, or its tag is wrong.
 * Writing codes concern the transaction: RC_FULL, RC_IO, RC_NOMEM, RC_CORRUPT, RC_BUSY.
 * Store thread only. */
#include <sqlite3.h>
#include <stdint.h>
#include "server/seal/seal.h"
#include "server/store/note_content.h"
#include "server/store/note_index.h"
#include "server/store/store.h"

enum db_statement {
    DB_BEGIN,
    DB_COMMIT,
    DB_ROLLBACK,
    DB_LOG_INSERT,
    DB_LOG_SELECT,
    DB_LOG_DELETE,
    DB_SNAP_INSERT,
    DB_SNAP_SELECT,
    DB_SNAP_DELETE,
    DB_NAME_INSERT,
    DB_NOTE_REPLACE,
    DB_TITLE_REPLACE,
    DB_TITLE_SELECT,
    DB_STATEMENTS
};

struct db_rows {
    sqlite3 *db; /* borrowed */
    const uint8_t *key;
    sqlite3_stmt *stmt[DB_STATEMENTS];
};

int rows_init(struct db_rows *r, sqlite3 *db, const uint8_t *key) MUST_CHECK;
void rows_finish(struct db_rows *r);

int rows_begin(struct db_rows *r) MUST_CHECK;
int rows_commit(struct db_rows *r) MUST_CHECK;
void rows_rollback(struct db_rows *r);

/* `before`: the row before it in the same note, or 0. */
int rows_put_log(struct db_rows *r, uint64_t note, uint64_t before, const struct store_row *row) MUST_CHECK;
/* Adds the row to `out`. */
int rows_get_log(struct db_rows *r, uint64_t note, uint64_t before, uint64_t seq,
                 struct content_builder *out) MUST_CHECK;
int rows_delete_log(struct db_rows *r, uint64_t seq) MUST_CHECK;

int rows_put_snap(struct db_rows *r, uint64_t note, const struct index_snap *snap, struct span data) MUST_CHECK;
/* Verifies; adds it to `out` unless that is NULL. */
int rows_get_snap(struct db_rows *r, uint64_t note, const struct index_snap *snap,
                  struct content_builder *out) MUST_CHECK;
int rows_delete_snap(struct db_rows *r, uint64_t id) MUST_CHECK;

int rows_put_name(struct db_rows *r, const struct index_note *note) MUST_CHECK;
/* Writes the note's facts as they are now; head_seq is set to the newest row. */
int rows_put_note(struct db_rows *r, struct index_note *note) MUST_CHECK;
int rows_put_title(struct db_rows *r, uint64_t note, const struct store_meta *meta) MUST_CHECK;
/* Spans are borrowed until rows_end_title. RC_NOTFOUND: none was put. */
int rows_get_title(struct db_rows *r, uint64_t note, struct store_meta *out) MUST_CHECK;
void rows_end_title(struct db_rows *r);

/* What a scan of the whole file tells, in this order. */
struct rows_scan {
    void *ctx;
    /* A row of `notes`; `fields` holds all but the name; not ok: its tag is wrong. */
    int (*note)(void *ctx, const struct index_note *fields, struct span name, bool ok);
    /* A row of `names`. */
    int (*name)(void *ctx, uint64_t id, int64_t created_ms, struct span name, bool ok);
    /* A row of the log, by seq; its tag is not looked at. */
    int (*log)(void *ctx, uint64_t seq, uint64_t note, int64_t time_ms, uint32_t bytes);
};
int rows_scan(struct db_rows *r, const struct rows_scan *scan) MUST_CHECK;

#endif
