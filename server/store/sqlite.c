#include "server/store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "server/store/backend.h"
#include "server/store/checkpoint.h"
#include "server/store/db_file.h"
#include "server/store/db_index.h"
#include "server/store/db_rows.h"
#include "server/store/db_schema.h"
#include "server/store/note_view.h"
#include "server/store/reserve.h"

#define WAL_LIMIT_DEFAULT (4u << 20)
#define PAGE_BYTES        4096
#define TRASH_PER_COMMIT  32  /* deleted along with other work */
#define TRASH_WHEN_IDLE   256 /* deleted in a transaction of their own */

/* The store thread owns everything but `s`'s loop part, `path` and `reserve`, once it runs. */
struct sqlite_store {
    struct store s; /* first: a struct store * is one of these */
    char *path;
    size_t reserve;
    struct db_file file;
    struct db_rows rows;
    struct note_index index;
    struct checkpoint checkpoint;
    pthread_t thread;
    uint64_t next_seq, next_snap;
    size_t wal_frames, wal_limit, wal_trigger; /* in the WAL now; start a checkpoint at */
    bool checkpointing;
    uint64_t *trash; /* log rows that no generation needs, to be deleted */
    size_t trash_count, trash_cap, trash_done;
    uint64_t damaged;
    uint64_t checkpoints, checkpoint_us;
};

static struct sqlite_store *self_of(struct store *s)
{
    return (struct sqlite_store *)s;
}

/* ---- Rows that nobody needs any more --------------------------------------------------------- */

static int trash_add(struct sqlite_store *q, uint64_t seq)
{
    if (q->trash_count == q->trash_cap) {
        size_t cap = q->trash_cap == 0 ? 256 : q->trash_cap * 2;
        uint64_t *grown = realloc(q->trash, cap * sizeof(uint64_t));

        if (grown == NULL) {
            return RC_NOMEM;
        }
        q->trash = grown;
        q->trash_cap = cap;
    }
    q->trash[q->trash_count++] = seq;
    return RC_OK;
}

/* Deletes up to `most` in the open transaction; trash_settle once it has committed. */
static int trash_delete(struct sqlite_store *q, size_t most)
{
    while (q->trash_done < q->trash_count && q->trash_done < most) {
        int rc = rows_delete_log(&q->rows, q->trash[q->trash_count - 1 - q->trash_done]);

        if (rc != RC_OK) {
            return rc;
        }
        q->trash_done++;
    }
    return RC_OK;
}

static void trash_settle(struct sqlite_store *q)
{
    q->trash_count -= q->trash_done;
    q->trash_done = 0;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int sqlite_begin(struct store *s)
{
    struct sqlite_store *q = self_of(s);

    q->trash_done = 0;
    return rows_begin(&q->rows);
}

static int sqlite_commit(struct store *s)
{
    struct sqlite_store *q = self_of(s);
    int rc = trash_delete(q, TRASH_PER_COMMIT);

    if (rc == RC_OK) {
        rc = rows_commit(&q->rows);
    }
    if (rc == RC_OK) {
        trash_settle(q);
    }
    return rc;
}

static void sqlite_rollback(struct store *s)
{
    rows_rollback(&self_of(s)->rows);
}

static int make_note(struct sqlite_store *q, struct call *c, struct index_note **out)
{
    struct index_note *n;
    int rc = index_add(&q->index, q->index.last_id + 1, c->note, &n);

    if (rc != RC_OK) {
        return rc;
    }
    index_undo_save(&c->undo, n, true);
    n->created_ms = c->time_ms;
    n->facts.updated_ms = c->time_ms;
    rc = rows_put_name(&q->rows, n);
    if (rc == RC_OK) {
        rc = rows_put_note(&q->rows, n);
    }
    *out = n;
    return rc;
}

static int write_append(struct sqlite_store *q, struct call *c)
{
    struct store_row row = {c->kind, c->data, c->more, c->time_ms, q->next_seq};
    struct index_note *n = index_find(&q->index, c->note);
    int rc = RC_OK;

    if (n == NULL) {
        rc = make_note(q, c, &n);
    } else {
        index_undo_save(&c->undo, n, false);
    }
    if (rc == RC_OK) {
        rc = rows_put_log(&q->rows, n->id, n->facts.last_seq, &row);
    }
    if (rc == RC_OK) {
        rc = index_add_row(&q->index, n, row.seq, (uint32_t)row.data.len, row.time_ms);
    }
    if (rc == RC_OK) {
        n->dirty = true;
        c->seq = q->next_seq++;
    }
    return rc;
}

/* Puts the snapshot in; `keep`: the newest generation is sound and becomes the older one. */
static int replace_snap(struct sqlite_store *q, struct index_note *n, const struct call *c, uint64_t upto, bool keep)
{
    struct index_snap snap = {q->next_snap, upto, c->data.len};
    uint64_t gone = keep ? n->facts.older.id : n->facts.newest.id;
    int rc = RC_OK;

    if (gone != 0) {
        rc = rows_delete_snap(&q->rows, gone);
    }
    if (rc == RC_OK) {
        rc = rows_put_snap(&q->rows, n->id, &snap, c->data);
    }
    if (rc != RC_OK) {
        return rc;
    }
    q->next_snap++;
    index_set_snap(n, snap, keep);
    return rows_put_note(&q->rows, n);
}

/* Before the newest generation becomes the older one, and rows go that only it holds, it is read
 * once more: a damaged one is replaced instead. */
static int write_compact(struct sqlite_store *q, struct call *c)
{
    struct index_note *n = index_find(&q->index, c->note);
    size_t covered;
    uint64_t upto;
    bool keep = true;
    int rc;

    if (n == NULL || n->damaged) {
        c->rc = n == NULL ? RC_NOTFOUND : RC_CORRUPT;
        return RC_OK;
    }
    if (n->facts.newest.id != 0) {
        rc = rows_get_snap(&q->rows, n->id, &n->facts.newest, NULL);
        keep = rc == RC_OK;
        if (!keep && rc != RC_CORRUPT) {
            return rc;
        }
    }
    covered = index_rows_upto(n, c->upto);
    upto = covered == 0 ? 0 : n->rows[covered - 1].seq;
    if (upto <= n->facts.older.upto || (keep && upto <= n->facts.newest.upto)) {
        c->rc = RC_STATE;
        return RC_OK;
    }
    index_undo_save(&c->undo, n, false);
    c->seq = upto;
    return replace_snap(q, n, c, upto, keep);
}

static int view_one(struct call *c, const struct index_note *n, const struct store_meta *meta)
{
    struct view_builder v = {0};

    view_add(&v, n, meta, n->damaged);
    return view_end(&v, c, false);
}

static int write_create(struct sqlite_store *q, struct call *c)
{
    const struct store_meta meta = {c->data, c->more};
    struct index_note *n;
    int rc;

    if (index_find(&q->index, c->note) != NULL) {
        c->rc = RC_EXISTS;
        return RC_OK;
    }
    rc = make_note(q, c, &n);
    if (rc == RC_OK) {
        rc = rows_put_title(&q->rows, n->id, &meta);
    }
    if (rc == RC_OK && c->info == NULL) {
        rc = view_one(c, n, &meta);
    }
    return rc;
}

static int write_meta(struct sqlite_store *q, struct call *c)
{
    const struct store_meta meta = {c->data, c->more};
    const struct index_note *n = index_find(&q->index, c->note);

    if (n == NULL) {
        c->rc = RC_NOTFOUND;
        return RC_OK;
    }
    return rows_put_title(&q->rows, n->id, &meta);
}

static int sqlite_write(struct store *s, struct call *c)
{
    struct sqlite_store *q = self_of(s);

    switch (c->op) {
    case CALL_APPEND:
        return write_append(q, c);
    case CALL_COMPACT:
        return write_compact(q, c);
    case CALL_CREATE:
        return write_create(q, c);
    case CALL_PUT_META:
        return write_meta(q, c);
    case CALL_LOAD:
    case CALL_STAT:
    case CALL_LIST:
        break;
    }
    return RC_STATE;
}

static void sqlite_undo(struct store *s, struct call *c)
{
    index_undo_apply(&self_of(s)->index, &c->undo);
}

static void sqlite_settle(struct store *s, struct call *c)
{
    struct sqlite_store *q = self_of(s);
    struct index_note *n = c->undo.note;

    c->undo.note = NULL;
    if (c->op != CALL_COMPACT || n == NULL) {
        return;
    }
    for (size_t i = 0; i < n->facts.count && n->rows[i].seq <= n->facts.older.upto; i++) {
        if (trash_add(q, n->rows[i].seq) != RC_OK) {
            break; /* they are found again at the next start */
        }
    }
    index_drop_rows(&q->index, n);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void log_damage(struct sqlite_store *q, const struct index_note *n, const char *what)
{
    store_log(&q->s, "store.damaged", "note=%llu what=%s", (unsigned long long)n->id, what);
}

static void note_damage(struct sqlite_store *q, struct index_note *n, const char *what)
{
    if (!n->damaged) {
        n->damaged = true;
        q->damaged++;
    }
    log_damage(q, n, what);
}

static void read_load(struct sqlite_store *q, struct call *c, struct index_note *n)
{
    const char *what = NULL;

    c->rc = db_index_read(&q->rows, n, &c->content, &what);
    if (c->rc == RC_OK && c->content->fallback) {
        store_log(&q->s, "store.fallback", "note=%llu", (unsigned long long)n->id);
    }
    if (c->rc == RC_CORRUPT) {
        note_damage(q, n, what);
    }
}

static void read_stat(struct sqlite_store *q, struct call *c, const struct index_note *n)
{
    struct store_meta meta = {{NULL, 0}, {NULL, 0}};

    c->rc = rows_get_title(&q->rows, n->id, &meta);
    if (c->rc == RC_OK || c->rc == RC_NOTFOUND) {
        c->rc = view_one(c, n, &meta);
    }
    rows_end_title(&q->rows);
}

static void read_list(struct sqlite_store *q, struct call *c)
{
    const struct index_note **found = calloc(c->limit, sizeof(*found));
    struct view_builder v = {0};
    size_t count;
    bool more;

    if (found == NULL) {
        c->rc = RC_NOMEM;
        return;
    }
    count = index_list(&q->index, c->has_after ? &c->after : NULL, c->limit, found, &more);
    for (size_t i = 0; i < count; i++) {
        struct store_meta meta = {{NULL, 0}, {NULL, 0}};
        int rc = rows_get_title(&q->rows, found[i]->id, &meta);

        view_add(&v, found[i], &meta, found[i]->damaged || (rc != RC_OK && rc != RC_NOTFOUND));
        rows_end_title(&q->rows);
    }
    free(found);
    c->rc = view_end(&v, c, more);
}

static void sqlite_read(struct store *s, struct call *c)
{
    struct sqlite_store *q = self_of(s);
    struct index_note *n;

    if (c->op == CALL_LIST) {
        read_list(q, c);
        return;
    }
    n = index_find(&q->index, c->note);
    if (n == NULL) {
        c->rc = RC_NOTFOUND;
    } else if (c->op == CALL_STAT) {
        read_stat(q, c, n);
    } else if (n->damaged) {
        c->rc = RC_CORRUPT;
    } else {
        read_load(q, c, n);
    }
}

/* ---- Upkeep ---------------------------------------------------------------------------------- */

/* Writes the facts of all notes that have new rows. Before a checkpoint, so that the data file
 * itself, whose pages nothing but our tags protects, tells which rows belong to it. */
static int write_heads(struct sqlite_store *q)
{
    for (size_t id = 0; id < q->index.by_id_cap; id++) {
        struct index_note *n = q->index.by_id[id];
        int rc = n != NULL && n->dirty && !n->damaged ? rows_put_note(&q->rows, n) : RC_OK;

        if (rc != RC_OK) {
            return rc;
        }
    }
    return RC_OK;
}

static void clear_dirty(struct sqlite_store *q)
{
    for (size_t id = 0; id < q->index.by_id_cap; id++) {
        if (q->index.by_id[id] != NULL) {
            q->index.by_id[id]->dirty = false;
        }
    }
}

/* A transaction of our own: heads, or trash only. */
static int upkeep_commit(struct sqlite_store *q, bool heads)
{
    int rc = sqlite_begin(&q->s);

    if (rc == RC_OK && heads) {
        rc = write_heads(q);
    }
    if (rc == RC_OK) {
        rc = trash_delete(q, TRASH_WHEN_IDLE);
    }
    if (rc == RC_OK) {
        rc = rows_commit(&q->rows);
    }
    if (rc != RC_OK) {
        sqlite_rollback(&q->s);
        commit_failed(&q->s, rc);
        return rc;
    }
    trash_settle(q);
    if (heads) {
        clear_dirty(q);
    }
    return RC_OK;
}

static void checkpoint_done(struct sqlite_store *q, struct checkpoint_result result)
{
    q->checkpointing = false;
    q->checkpoints++;
    q->checkpoint_us = result.us;
    if (result.rc == RC_OK) {
        result.rc = checkpoint_rest(q->file.db);
    }
    if (result.rc != RC_OK) {
        /* Nothing is lost: the WAL keeps what could not be moved, and grows until it can. */
        store_log(&q->s, "store.checkpoint_failed", "cause=%s", rc_name(result.rc));
        q->wal_trigger = q->wal_frames + q->wal_limit;
        return;
    }
    q->wal_frames = 0;
    q->wal_trigger = q->wal_limit;
}

static void upkeep(struct sqlite_store *q)
{
    struct checkpoint_result result;

    if (checkpoint_take(&q->checkpoint, &result)) {
        checkpoint_done(q, result);
    }
    if (q->s.committer.state != STORE_OK) {
        return;
    }
    if (!q->checkpointing && q->wal_frames >= q->wal_trigger && upkeep_commit(q, true) == RC_OK) {
        q->checkpointing = true;
        checkpoint_start(&q->checkpoint);
    }
}

static int count_frames(void *ctx, sqlite3 *db, const char *name, int frames)
{
    struct sqlite_store *q = ctx;

    (void)db;
    (void)name;
    q->wal_frames = (size_t)frames;
    return SQLITE_OK;
}

/* A transaction that writes a page and changes nothing: the same number again. */
static int write_same_version(struct sqlite_store *q)
{
    char sql[32];
    int rc = sqlite_begin(&q->s);

    if (rc == RC_OK) {
        snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", db_schema()->version);
        rc = db_exec(q->file.db, sql);
    }
    if (rc == RC_OK) {
        rc = rows_commit(&q->rows);
    }
    if (rc != RC_OK) {
        sqlite_rollback(&q->s);
    }
    return rc;
}

/* There must be room for the reserve and a page beside it. When there is not, the reserve goes back
 * to those who need it more: appends that were accepted before the loop heard of the full disk. */
static int sqlite_probe(struct store *s)
{
    struct sqlite_store *q = self_of(s);
    int rc = reserve_make(q->path, q->reserve);

    if (rc == RC_OK) {
        rc = write_same_version(q);
        if (rc == RC_FULL) {
            reserve_drop(q->path);
        }
    }
    return rc;
}

static bool sqlite_relieve(struct store *s)
{
    return reserve_drop(self_of(s)->path);
}

static void sqlite_publish(struct store *s)
{
    const struct sqlite_store *q = self_of(s);
    struct store_stats *stats = &s->lane.stats;

    pthread_mutex_lock(&s->lane.lock);
    stats->notes = q->index.count;
    stats->log_rows = q->index.rows;
    stats->damaged = q->damaged;
    stats->checkpoints = q->checkpoints;
    stats->last_checkpoint_us = q->checkpoint_us;
    pthread_mutex_unlock(&s->lane.lock);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static uint64_t next_turn_us(const struct sqlite_store *q)
{
    if (q->s.committer.state == STORE_OK && q->trash_count > 0) {
        return 0;
    }
    return commit_deadline_us(&q->s);
}

static void shut(struct sqlite_store *q)
{
    struct store *s = &q->s;

    commit_last(s);
    checkpoint_finish(&q->checkpoint);
    if (s->committer.state == STORE_OK) {
        int rc = upkeep_commit(q, true);

        (void)rc; /* the heads are only redundancy; the rows are committed */
    }
    rows_finish(&q->rows);
    db_file_close(&q->file);
    if (lane_closed(&s->lane)) {
        s->host.wake(s->host.ctx);
    }
}

static void *store_main(void *arg)
{
    struct sqlite_store *q = arg;
    struct lane_work work;

    do {
        bool idle;

        work = lane_wait(&q->s.lane, next_turn_us(q));
        idle = work.calls.count == 0;
        commit_turn(&q->s, &work.calls);
        if (idle && q->trash_count > 0 && q->s.committer.state == STORE_OK) {
            int rc = upkeep_commit(q, false);

            (void)rc; /* the state tells, and they are tried again */
        }
        upkeep(q);
        sqlite_publish(&q->s);
    } while (!work.closing);
    shut(q);
    return NULL;
}

/* ---- The loop's side ------------------------------------------------------------------------- */

static void sqlite_submitted(struct store *s)
{
    (void)s; /* the lane has signalled the thread */
}

static uint64_t file_size(const char *path, const char *suffix)
{
    char name[4096];
    struct stat info;

    if (snprintf(name, sizeof(name), "%s%s", path, suffix) >= (int)sizeof(name) || stat(name, &info) != 0) {
        return 0;
    }
    return (uint64_t)info.st_size;
}

static void sqlite_measure(struct store *s, struct store_stats *out)
{
    const struct sqlite_store *q = self_of(s);

    out->file_bytes = file_size(q->path, "");
    out->wal_bytes = file_size(q->path, "-wal");
    out->reserve_bytes = reserve_size(q->path);
}

static void sqlite_free(struct sqlite_store *q)
{
    index_finish(&q->index);
    free(q->trash);
    free(q->path);
    store_finish(&q->s);
    free(q);
}

static void sqlite_destroy(struct store *s)
{
    pthread_join(self_of(s)->thread, NULL);
    sqlite_free(self_of(s));
}

static const struct store_backend sqlite_backend = {
    .begin = sqlite_begin,
    .write = sqlite_write,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .undo = sqlite_undo,
    .settle = sqlite_settle,
    .read = sqlite_read,
    .publish = sqlite_publish,
    .probe = sqlite_probe,
    .relieve = sqlite_relieve,
    .submitted = sqlite_submitted,
    .measure = sqlite_measure,
    .destroy = sqlite_destroy,
};

/* ---- Opening --------------------------------------------------------------------------------- */

static void scanned_damage(void *ctx, const struct index_note *n, const char *what)
{
    struct sqlite_store *q = ctx;

    q->damaged++;
    log_damage(q, n, what);
}

static void scanned_stray(void *ctx, const char *what, uint64_t number)
{
    struct sqlite_store *q = ctx;
    bool row = strcmp(what, "log") == 0;

    q->damaged += row ? 1 : 0; /* `names` tells of the others once more */
    store_log(&q->s, "store.damaged", "%s=%llu what=%s", row ? "row" : "note", (unsigned long long)number, what);
}

static int scanned_surplus(void *ctx, uint64_t seq)
{
    return trash_add(ctx, seq);
}

static int load_index(struct sqlite_store *q)
{
    const struct db_index_events events = {q, scanned_damage, scanned_stray, scanned_surplus};
    struct db_index_next next;
    int rc;

    index_init(&q->index);
    rc = db_index_load(&q->rows, &events, &q->index, &next);
    if (rc == RC_OK) {
        q->next_seq = next.seq;
        q->next_snap = next.snap;
    }
    return rc;
}

static void kick(void *ctx)
{
    lane_kick(&((struct sqlite_store *)ctx)->s.lane);
}

static int start_threads(struct sqlite_store *q, const struct store_sqlite_config *config)
{
    sqlite3 *second;
    int rc = db_file_connect(config, &second);

    if (rc != RC_OK) {
        return rc;
    }
    rc = checkpoint_init(&q->checkpoint, second, kick, q);
    if (rc != RC_OK) {
        sqlite3_close(second);
        return rc;
    }
    rc = lane_thread(&q->thread, store_main, q);
    if (rc != RC_OK) {
        checkpoint_finish(&q->checkpoint);
    }
    return rc;
}

/* The file is open: everything above it. */
static int set_up(struct sqlite_store *q, const struct store_sqlite_config *config)
{
    int rc = rows_init(&q->rows, q->file.db, q->file.key);

    if (rc != RC_OK) {
        return rc;
    }
    rc = load_index(q);
    if (rc == RC_OK) {
        if (reserve_make(q->path, q->reserve) != RC_OK) {
            store_log(&q->s, "store.no_reserve", "bytes=%zu", q->reserve);
        }
        sqlite3_wal_hook(q->file.db, count_frames, q);
        sqlite_publish(&q->s);
        rc = start_threads(q, config);
    }
    if (rc != RC_OK) {
        rows_finish(&q->rows);
    }
    return rc;
}

static int open_file(struct sqlite_store *q, const struct store_sqlite_config *config, char *error, size_t error_size)
{
    int rc;

    q->path = strdup(config->path);
    q->reserve = config->reserve;
    q->wal_limit = (config->wal_limit == 0 ? WAL_LIMIT_DEFAULT : config->wal_limit) / PAGE_BYTES;
    q->wal_trigger = q->wal_limit;
    if (q->path == NULL || seal_init() != RC_OK) {
        return RC_NOMEM;
    }
    rc = db_file_open(&q->file, config, error, error_size);
    if (rc != RC_OK) {
        return rc;
    }
    rc = set_up(q, config);
    if (rc != RC_OK) {
        if (error_size > 0) {
            snprintf(error, error_size, "the file cannot be read: %s", rc_text(rc));
        }
        db_file_close(&q->file);
    }
    return rc;
}

int store_sqlite_open(const struct store_sqlite_config *config, const struct store_host *host, char *error,
                      size_t error_size, struct store **out)
{
    struct sqlite_store *q = calloc(1, sizeof(*q));
    int rc;

    if (error_size > 0) {
        error[0] = '\0';
    }
    if (q == NULL) {
        return RC_NOMEM;
    }
    rc = store_init(&q->s, &sqlite_backend, host, config->queue_limit);
    if (rc != RC_OK) {
        free(q);
        return rc;
    }
    rc = open_file(q, config, error, error_size);
    if (rc != RC_OK) {
        sqlite_free(q);
        return rc;
    }
    *out = &q->s;
    return RC_OK;
}
