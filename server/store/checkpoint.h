#ifndef SERVER_STORE_CHECKPOINT_H
#define SERVER_STORE_CHECKPOINT_H

/* Moving the WAL's pages into the data file, on a thread and a connection of its own, so that
 * commits go on meanwhile. It runs PASSIVE: it never takes the writer's lock. What was committed
 * while it ran, a small rest, the store thread then moves itself; with the WAL moved whole, the
 * next commit starts it over from its beginning. After a failure everything is moved again (wal_index.h). */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"

struct checkpoint_result {
    int rc;
    uint64_t us;
};

struct checkpoint {
    sqlite3 *db; /* its own */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wish;
    bool asked, done, stop;
    bool doubtful; /* one failed, and what it did not synchronise still counts as moved; theirs who move pages now */
    struct checkpoint_result result;
    void (*finished)(void *ctx); /* from its thread */
    void *ctx;
};

/* Takes `db` on success. RC_NOMEM. */
int checkpoint_init(struct checkpoint *k, sqlite3 *db, void (*finished)(void *ctx), void *ctx) MUST_CHECK;
/* Waits for one that runs; closes its connection. SQLite moves what is left when `last`, the file's other connection,
 * is closed: not so while something is doubtful. The WAL stays then, and is moved whole by who opens the file next. */
void checkpoint_finish(struct checkpoint *k, sqlite3 *last);
/* Asks for one; not while another was asked for and not taken. */
void checkpoint_start(struct checkpoint *k);
/* True once for each that has finished. */
bool checkpoint_take(struct checkpoint *k, struct checkpoint_result *out);
/* The rest, on the store thread's own connection, while none runs. RC_IO, RC_FULL; RC_BUSY: another process, such as
 * SQLite's shell, moves pages now. */
int checkpoint_rest(struct checkpoint *k, sqlite3 *db) MUST_CHECK;

#endif
