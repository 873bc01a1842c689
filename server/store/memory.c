#include "server/store/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include "server/store/backend.h"
#include "server/store/db_calls.h"
#include "server/store/db_file.h"
#include "server/store/db_schema.h"

struct memory_store {
    struct store s; /* first: a struct store * is one of these */
    struct db_file file;
    bool automatic;
    int fail_rc, fail_load;
    unsigned fail_count;
};

static struct memory_store *self_of(struct store *s)
{
    return (struct memory_store *)s;
}

/* ---- Obeying tests --------------------------------------------------------------------------- */

void store_memory_auto(struct store *s, bool on)
{
    self_of(s)->automatic = on;
}

void store_memory_fail(struct store *s, int rc, unsigned count)
{
    self_of(s)->fail_rc = rc;
    self_of(s)->fail_count = count;
}

void store_memory_fail_load(struct store *s, int rc)
{
    self_of(s)->fail_load = rc;
}

int store_memory_damage(struct store *s, struct span note, bool rows)
{
    const struct index_note *n = index_find(&s->notes.index, note);
    char sql[96];

    if (n == NULL) {
        return RC_NOTFOUND;
    }
    if (rows) {
        snprintf(sql, sizeof(sql), "UPDATE log SET tag = zeroblob(16) WHERE note = %llu", (unsigned long long)n->id);
    } else {
        snprintf(sql, sizeof(sql), "UPDATE snapshots SET tag = zeroblob(16) WHERE id = %llu",
                 (unsigned long long)n->facts.newest.id);
    }
    return db_exec(self_of(s)->file.db, sql);
}

static int next_failure(struct memory_store *q)
{
    if (q->fail_count == 0) {
        return RC_OK;
    }
    q->fail_count--;
    return q->fail_rc;
}

static int memory_begin(struct store *s)
{
    int rc = next_failure(self_of(s));

    return rc == RC_OK ? db_notes_begin(&s->notes) : rc;
}

static int memory_probe(struct store *s)
{
    return next_failure(self_of(s));
}

static bool memory_relieve(struct store *s)
{
    (void)s;
    return false;
}

static void memory_read(struct store *s, struct call *c)
{
    struct memory_store *q = self_of(s);

    if (c->op == CALL_LOAD && q->fail_load != RC_OK && index_find(&s->notes.index, c->note) != NULL) {
        c->rc = q->fail_load;
        q->fail_load = RC_OK;
        return;
    }
    calls_read(&s->notes, c);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static void memory_submitted(struct store *s)
{
    s->host.wake(s->host.ctx);
}

static size_t answers_ready(struct store *s)
{
    size_t count;

    pthread_mutex_lock(&s->lane.lock);
    count = s->lane.out.count;
    pthread_mutex_unlock(&s->lane.lock);
    return count;
}

size_t store_memory_step(struct store *s)
{
    struct lane_work work = lane_wait(&s->lane, 0, 0);
    size_t before = answers_ready(s), after;

    s->committer.retry_at_us = 0; /* a step is a retry: no clock here */
    commit_turn(s, &work.calls);
    if (work.closing) {
        commit_last(s);
    }
    after = answers_ready(s);
    if (work.closing && lane_closed(&s->lane)) {
        s->host.wake(s->host.ctx);
    }
    return after - before;
}

static void memory_drain(struct store *s)
{
    if (self_of(s)->automatic) {
        store_memory_step(s);
    }
}

static void memory_measure(struct store *s, struct store_stats *out)
{
    (void)s;
    (void)out;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

static void memory_destroy(struct store *s)
{
    struct memory_store *q = self_of(s);

    db_notes_close(&s->notes);
    db_file_close(&q->file);
    store_finish(s);
    free(q);
}

static const struct store_backend memory_backend = {
    .begin = memory_begin,
    .read = memory_read,
    .probe = memory_probe,
    .relieve = memory_relieve,
    .submitted = memory_submitted,
    .drain = memory_drain,
    .measure = memory_measure,
    .destroy = memory_destroy,
};

static int open_database(struct memory_store *q)
{
    int rc = seal_init() == RC_OK ? db_file_open_memory(&q->file) : RC_NOMEM;

    if (rc != RC_OK) {
        return rc;
    }
    rc = db_notes_open(&q->s.notes, &q->s, q->file.db, q->file.key);
    if (rc != RC_OK) {
        db_file_close(&q->file);
    }
    return rc;
}

int store_memory_open(const struct store_host *host, struct store **out)
{
    struct memory_store *q = calloc(1, sizeof(*q));
    int rc;

    if (q == NULL) {
        return RC_NOMEM;
    }
    rc = store_init(&q->s, &memory_backend, host, 0);
    if (rc != RC_OK) {
        free(q);
        return rc;
    }
    rc = open_database(q);
    if (rc != RC_OK) {
        store_finish(&q->s);
        free(q);
        return rc;
    }
    q->automatic = true;
    *out = &q->s;
    return RC_OK;
}
