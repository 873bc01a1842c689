#include "server/store/checkpoint.h"

#include <string.h>
#include "server/base/background.h"
#include "server/store/db_schema.h"
#include "server/store/lane.h"
#include "server/store/wal_index.h"

int checkpoint_rest(struct checkpoint *k, sqlite3 *db)
{
    int rc = k->doubtful ? wal_index_forget(db) : RC_OK;

    if (rc != RC_OK) {
        return rc;
    }
    rc = db_rc(db, sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
    k->doubtful = rc != RC_OK && wal_index_forget(db) != RC_OK;
    return rc;
}

static struct checkpoint_result run_one(struct checkpoint *k)
{
    uint64_t start = call_now_us();
    int rc = checkpoint_rest(k, k->db);

    return (struct checkpoint_result){rc, call_now_us() - start};
}

static void *checkpoint_main(void *arg)
{
    struct checkpoint *k = arg;

    background_enter();
    pthread_mutex_lock(&k->lock);
    while (!k->stop) {
        struct checkpoint_result result;

        if (!k->asked || k->done) {
            pthread_cond_wait(&k->wish, &k->lock);
            continue;
        }
        pthread_mutex_unlock(&k->lock);
        result = run_one(k);
        pthread_mutex_lock(&k->lock);
        k->result = result;
        k->done = true;
        k->finished(k->ctx);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

int checkpoint_init(struct checkpoint *k, sqlite3 *db, void (*finished)(void *ctx), void *ctx)
{
    memset(k, 0, sizeof(*k));
    k->db = db;
    k->finished = finished;
    k->ctx = ctx;
    if (pthread_mutex_init(&k->lock, NULL) != 0) {
        return RC_NOMEM;
    }
    if (pthread_cond_init(&k->wish, NULL) != 0) {
        pthread_mutex_destroy(&k->lock);
        return RC_NOMEM;
    }
    if (lane_thread(&k->thread, checkpoint_main, k) != RC_OK) {
        pthread_cond_destroy(&k->wish);
        pthread_mutex_destroy(&k->lock);
        return RC_NOMEM;
    }
    return RC_OK;
}

void checkpoint_finish(struct checkpoint *k, sqlite3 *last)
{
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_mutex_unlock(&k->lock);
    pthread_cond_signal(&k->wish);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->wish);
    pthread_mutex_destroy(&k->lock);
    sqlite3_close(k->db);
    if (k->doubtful) {
        sqlite3_db_config(last, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
}

void checkpoint_start(struct checkpoint *k)
{
    pthread_mutex_lock(&k->lock);
    k->asked = true;
    pthread_mutex_unlock(&k->lock);
    pthread_cond_signal(&k->wish);
}

bool checkpoint_take(struct checkpoint *k, struct checkpoint_result *out)
{
    bool done;

    pthread_mutex_lock(&k->lock);
    done = k->done;
    if (done) {
        *out = k->result;
        k->asked = false;
        k->done = false;
    }
    pthread_mutex_unlock(&k->lock);
    return done;
}
