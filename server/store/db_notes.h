#ifndef SERVER_STORE_DB_NOTES_H
#define SERVER_STORE_DB_NOTES_H

/* The notes of an open database: their rows, the index of them in memory, and the transactions that keep the two
 * alike. What both back ends (sqlite.c, memory.c) stand on; what a call does with the notes is in db_calls.h.
 *
 *     begin ─► calls_write* ─► commit ─► settle, for each call          the index is changed with each call
 *                 └──────► rollback ─► undo, last call first            and changed back when the transaction fails
 *
 * Store thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/store/call.h"
#include "server/store/db_rows.h"
#include "server/store/db_trash.h"
#include "server/store/note_index.h"

struct store;

struct db_notes {
    const struct store *owner; /* whose log tells of damage */
    struct db_rows rows;
    struct note_index index;
    struct db_trash trash;
    uint64_t next_seq, next_snap;
    uint64_t damaged; /* notes and rows found damaged */
};

/* Prepares statements, reads the index. `owner`, `db` and `key` are borrowed until close. On failure (RC_NOMEM, RC_IO,
 * RC_CORRUPT) nothing stays open. */
int db_notes_open(struct db_notes *d, const struct store *owner, sqlite3 *db, const uint8_t *key) MUST_CHECK;
/* Closes statements; the database may be closed then, and stats be read. */
void db_notes_close(struct db_notes *d);
/* Frees the index. Zeroed storage is fine. */
void db_notes_finish(struct db_notes *d);

/* Codes concern the transaction (db_rows.h): after a failure, roll back. */
int db_notes_begin(struct db_notes *d) MUST_CHECK;
int db_notes_commit(struct db_notes *d) MUST_CHECK;
void db_notes_rollback(struct db_notes *d);
/* Takes back what one call did to the index. */
void db_notes_undo(struct db_notes *d, struct call *c);
/* The transaction that held the call has committed. */
void db_notes_settle(struct db_notes *d, struct call *c);

/* A transaction of our own that deletes trash and, with `heads`, writes the facts of all notes that have new rows: so
 * that the data file itself, whose pages nothing but our tags protects, tells which rows belong to it. On failure it is
 * rolled back. */
int db_notes_tidy(struct db_notes *d, bool heads) MUST_CHECK;
/* A transaction that writes a page and changes nothing. On failure it is rolled back. */
int db_notes_probe(struct db_notes *d) MUST_CHECK;

/* Logs that a note is damaged: `what` names the table. */
void db_notes_log_damage(const struct db_notes *d, const struct index_note *n, const char *what);
/* The same, and marks it. */
void db_notes_set_damaged(struct db_notes *d, struct index_note *n, const char *what);
/* Puts what is known of the notes into `out`. */
void db_notes_measure(const struct db_notes *d, struct store_stats *out);

#endif
