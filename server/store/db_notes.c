#include "server/store/db_notes.h"

#include <stdio.h>
#include <string.h>
#include "server/store/backend.h"
#include "server/store/db_index.h"
#include "server/store/db_schema.h"

#define TRASH_PER_COMMIT 32  /* deleted along with other work */
#define TRASH_WHEN_IDLE  256 /* deleted in a transaction of their own */

/* ---- Damage ------------------------------------------------------------------------------------------------------ */

void db_notes_log_damage(const struct db_notes *d, const struct index_note *n, const char *what)
{
    store_log(d->owner, "store.damaged", "note=%llu what=%s", (unsigned long long)n->id, what);
}

void db_notes_set_damaged(struct db_notes *d, struct index_note *n, const char *what)
{
    if (!n->damaged) {
        n->damaged = true;
        d->damaged++;
    }
    db_notes_log_damage(d, n, what);
}

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

static void scanned_damage(void *ctx, const struct index_note *n, const char *what)
{
    struct db_notes *d = ctx;

    d->damaged++;
    db_notes_log_damage(d, n, what);
}

static void scanned_stray(void *ctx, const char *what, uint64_t number)
{
    struct db_notes *d = ctx;
    bool row = strcmp(what, "log") == 0;

    d->damaged += row ? 1 : 0; /* `names` tells of the others once more */
    store_log(d->owner, "store.damaged", "%s=%llu what=%s", row ? "row" : "note", (unsigned long long)number, what);
}

static int scanned_surplus(void *ctx, uint64_t seq)
{
    struct db_notes *d = ctx;

    return trash_add(&d->trash, seq);
}

int db_notes_open(struct db_notes *d, const struct store *owner, sqlite3 *db, const uint8_t *key)
{
    const struct db_index_events events = {d, scanned_damage, scanned_stray, scanned_surplus};
    struct db_index_next next;
    int rc;

    *d = (struct db_notes){.owner = owner};
    rc = rows_init(&d->rows, db, key);
    if (rc != RC_OK) {
        return rc;
    }
    index_init(&d->index);
    rc = db_index_load(&d->rows, &events, &d->index, &next);
    if (rc != RC_OK) {
        db_notes_close(d);
        db_notes_finish(d);
        return rc;
    }
    d->next_seq = next.seq;
    d->next_snap = next.snap;
    return RC_OK;
}

void db_notes_close(struct db_notes *d)
{
    rows_finish(&d->rows);
}

void db_notes_finish(struct db_notes *d)
{
    index_finish(&d->index);
    trash_finish(&d->trash);
}

/* ---- Transactions ------------------------------------------------------------------------------------------------ */

int db_notes_begin(struct db_notes *d)
{
    trash_begin(&d->trash);
    return rows_begin(&d->rows);
}

/* Deletes `trash` rows of what nobody needs any more, then commits. */
static int commit(struct db_notes *d, size_t trash)
{
    int rc = trash_delete(&d->trash, &d->rows, trash);

    if (rc == RC_OK) {
        rc = rows_commit(&d->rows);
    }
    if (rc == RC_OK) {
        trash_settle(&d->trash);
    }
    return rc;
}

int db_notes_commit(struct db_notes *d)
{
    return commit(d, TRASH_PER_COMMIT);
}

void db_notes_rollback(struct db_notes *d)
{
    rows_rollback(&d->rows);
}

void db_notes_undo(struct db_notes *d, struct call *c)
{
    index_undo_apply(&d->index, &c->undo);
}

void db_notes_settle(struct db_notes *d, struct call *c)
{
    struct index_note *n = c->undo.note;

    c->undo.note = NULL;
    if (c->op != CALL_COMPACT || n == NULL) {
        return;
    }
    for (size_t i = 0; i < n->facts.count && n->rows[i].seq <= n->facts.older.upto; i++) {
        if (trash_add(&d->trash, n->rows[i].seq) != RC_OK) {
            break; /* they are found again at the next start */
        }
    }
    index_drop_rows(&d->index, n);
}

/* ---- Upkeep ------------------------------------------------------------------------------------------------------ */

static int write_heads(struct db_notes *d)
{
    for (size_t id = 0; id < d->index.by_id_cap; id++) {
        struct index_note *n = d->index.by_id[id];
        int rc = n != NULL && n->dirty && !n->damaged ? rows_put_note(&d->rows, n) : RC_OK;

        if (rc != RC_OK) {
            return rc;
        }
    }
    return RC_OK;
}

static void clear_dirty(struct db_notes *d)
{
    for (size_t id = 0; id < d->index.by_id_cap; id++) {
        if (d->index.by_id[id] != NULL) {
            d->index.by_id[id]->dirty = false;
        }
    }
}

int db_notes_tidy(struct db_notes *d, bool heads)
{
    int rc = db_notes_begin(d);

    if (rc == RC_OK && heads) {
        rc = write_heads(d);
    }
    if (rc == RC_OK) {
        rc = commit(d, TRASH_WHEN_IDLE);
    }
    if (rc != RC_OK) {
        db_notes_rollback(d);
        return rc;
    }
    if (heads) {
        clear_dirty(d);
    }
    return RC_OK;
}

int db_notes_probe(struct db_notes *d)
{
    char sql[32];
    int rc = db_notes_begin(d);

    if (rc == RC_OK) {
        snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", db_schema()->version); /* the same number again */
        rc = db_exec(d->rows.db, sql);
    }
    if (rc == RC_OK) {
        rc = rows_commit(&d->rows);
    }
    if (rc != RC_OK) {
        db_notes_rollback(d);
    }
    return rc;
}

void db_notes_measure(const struct db_notes *d, struct store_stats *out)
{
    out->notes = d->index.count;
    out->log_rows = d->index.rows;
    out->damaged = d->damaged;
}
