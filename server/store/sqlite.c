#include "server/store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "server/base/background.h"
#include "server/base/heap.h"
#include "server/store/backend.h"
#include "server/store/checkpoint.h"
#include "server/store/db_calls.h"
#include "server/store/db_file.h"
#include "server/store/reserve.h"

#define WAL_LIMIT_DEFAULT (4u << 20)
#define PAGE_BYTES        4096
#define CACHE_MS_DEFAULT  5000
/* A commit costs the processor forty microseconds, however few rows it has. Where the disk is quick, twenty thousand
 * edits a second made five thousand commits, a fifth of the core that the loop is on as well. */
#define APART_US 1000

/* The store thread owns everything but `s`'s loop part, `path` and `reserve`, once it runs. */
struct sqlite_store {
    struct store s; /* first: a struct store * is one of these */
    char *path;
    size_t reserve;
    struct db_file file;
    struct checkpoint checkpoint;
    pthread_t thread;
    size_t wal_frames, wal_limit, wal_trigger; /* in the WAL now; start a checkpoint at */
    bool checkpointing;
    uint64_t cache_us, worked_us; /* how long the page cache outlives the last request; when that was */
    bool cached;                  /* there may be something in it */
};

static struct sqlite_store *self_of(struct store *s)
{
    return (struct sqlite_store *)s;
}

/* ---- Upkeep ---------------------------------------------------------------------------------- */

/* A transaction of our own: heads, or trash only. */
static int tidy(struct sqlite_store *q, bool heads)
{
    int rc = db_notes_tidy(&q->s.notes, heads);

    if (rc != RC_OK) {
        commit_failed(&q->s, rc);
    }
    return rc;
}

static void checkpoint_done(struct sqlite_store *q, struct checkpoint_result result)
{
    struct lane *lane = &q->s.lane;

    q->checkpointing = false;
    pthread_mutex_lock(&lane->lock);
    lane->stats.checkpoints++;
    lane->stats.last_checkpoint_us = result.us;
    pthread_mutex_unlock(&lane->lock);
    if (result.rc == RC_OK) {
        result.rc = checkpoint_rest(&q->checkpoint, q->file.db);
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
    if (!q->checkpointing && q->wal_frames >= q->wal_trigger && tidy(q, true) == RC_OK) {
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

/* There must be room for the reserve and a page beside it. When there is not, the reserve goes back
 * to those who need it more: appends that were accepted before the loop heard of the full disk. */
static int sqlite_probe(struct store *s)
{
    struct sqlite_store *q = self_of(s);
    int rc = reserve_make(q->path, q->reserve);

    if (rc == RC_OK) {
        rc = db_notes_probe(&s->notes);
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

static int sqlite_begin(struct store *s)
{
    return db_notes_begin(&s->notes);
}

static void sqlite_read(struct store *s, struct call *c)
{
    calls_read(&s->notes, c);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static uint64_t next_turn_us(const struct sqlite_store *q)
{
    uint64_t rest = q->cached ? q->worked_us + q->cache_us : UINT64_MAX, commit = commit_deadline_us(&q->s);

    if (q->s.committer.state == STORE_OK && q->s.notes.trash.count > 0) {
        return 0;
    }
    return commit < rest ? commit : rest;
}

/* A server that nobody asks for anything, as at night, need not hold pages that the system has as well. */
static void rest_cache(struct sqlite_store *q, bool idle)
{
    uint64_t now = call_now_us();

    if (!idle) {
        q->worked_us = now;
        q->cached = true;
    } else if (q->cached && now - q->worked_us >= q->cache_us) {
        q->cached = false;
        (void)sqlite3_db_release_memory(q->file.db); /* always SQLITE_OK */
        heap_trim();
    }
}

static void shut(struct sqlite_store *q)
{
    struct store *s = &q->s;

    commit_last(s);
    checkpoint_finish(&q->checkpoint, q->file.db);
    if (s->committer.state == STORE_OK) {
        int rc = tidy(q, true);

        (void)rc; /* the heads are only redundancy; the rows are committed */
    }
    db_notes_close(&s->notes);
    db_file_close(&q->file);
    if (lane_closed(&s->lane)) {
        s->host.wake(s->host.ctx);
    }
}

static void *store_main(void *arg)
{
    struct sqlite_store *q = arg;
    struct lane_work work;
    uint64_t began_us = 0;

    background_enter();
    background_brief();
    do {
        bool idle;

        work = lane_wait(&q->s.lane, began_us + APART_US, next_turn_us(q));
        began_us = call_now_us();
        idle = work.calls.count == 0;
        commit_turn(&q->s, &work.calls);
        if (idle && q->s.notes.trash.count > 0 && q->s.committer.state == STORE_OK) {
            int rc = tidy(q, false);

            (void)rc; /* the state tells, and they are tried again */
        }
        upkeep(q);
        rest_cache(q, idle);
        store_publish(&q->s);
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
    .read = sqlite_read,
    .probe = sqlite_probe,
    .relieve = sqlite_relieve,
    .submitted = sqlite_submitted,
    .measure = sqlite_measure,
    .destroy = sqlite_destroy,
};

/* ---- Opening --------------------------------------------------------------------------------- */

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
        checkpoint_finish(&q->checkpoint, q->file.db);
    }
    return rc;
}

/* The file is open: everything above it. */
static int set_up(struct sqlite_store *q, const struct store_sqlite_config *config)
{
    int rc = db_notes_open(&q->s.notes, &q->s, q->file.db, q->file.key);

    if (rc != RC_OK) {
        return rc;
    }
    if (reserve_make(q->path, q->reserve) != RC_OK) {
        store_log(&q->s, "store.no_reserve", "bytes=%zu", q->reserve);
    }
    sqlite3_wal_hook(q->file.db, count_frames, q);
    store_publish(&q->s);
    rc = start_threads(q, config);
    if (rc != RC_OK) {
        db_notes_close(&q->s.notes);
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
    q->cache_us = (uint64_t)(config->cache_ms == 0 ? CACHE_MS_DEFAULT : config->cache_ms) * 1000;
    q->cached = true; /* opening has read */
    q->worked_us = call_now_us();
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
