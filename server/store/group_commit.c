#include "server/store/group_commit.h"

#include "server/store/backend.h"
#include "server/store/db_calls.h"

#define GROUP_CALLS  4096
#define GROUP_BYTES  (8u << 20)
#define PAUSE_MIN_US 50000
#define PAUSE_MAX_US 5000000

void commit_finish(struct committer *k)
{
    call_queue_finish(&k->kept);
}

static void wake(struct store *s, bool needed)
{
    if (needed) {
        s->host.wake(s->host.ctx);
    }
}

static void answer_one(struct store *s, struct call *c, int rc)
{
    struct call_queue one = {NULL, NULL, 0};

    c->rc = rc;
    call_queue_push(&one, c);
    wake(s, lane_answer(&s->lane, &one));
}

static void set_state(struct store *s, enum store_state state, int error)
{
    struct committer *k = &s->committer;

    if (k->state == state && k->error == error) {
        return;
    }
    k->state = state;
    k->error = error;
    store_log(s, state == STORE_OK ? "store.writable" : "store.unwritable", "cause=%s kept=%zu", rc_name(error),
              k->kept.count);
    wake(s, lane_news(&s->lane, state, error));
}

void commit_failed(struct store *s, int rc)
{
    struct committer *k = &s->committer;
    bool first = k->state != STORE_FULL;

    pthread_mutex_lock(&s->lane.lock);
    s->lane.stats.failed_commits++;
    pthread_mutex_unlock(&s->lane.lock);
    k->pause_us = k->state == STORE_OK ? PAUSE_MIN_US : k->pause_us * 2;
    if (k->pause_us > PAUSE_MAX_US) {
        k->pause_us = PAUSE_MAX_US;
    }
    k->retry_at_us = call_now_us() + k->pause_us;
    set_state(s, rc == RC_FULL ? STORE_FULL : STORE_FAILING, rc);
    if (rc == RC_FULL && first && s->backend->relieve(s)) {
        k->retry_at_us = 0;
    }
}

static void count_commit(struct store *s, uint64_t us, size_t appends)
{
    struct store_stats *stats = &s->lane.stats;
    unsigned slot = 0;

    while (slot < STORE_HIST - 1 && us >> slot != 0) {
        slot++;
    }
    pthread_mutex_lock(&s->lane.lock);
    stats->commits++;
    stats->appends += appends;
    stats->last_commit_us = us;
    stats->commit_us_sum += us;
    stats->commit_hist[slot]++;
    pthread_mutex_unlock(&s->lane.lock);
}

/* Last call first: the list is reversed, undone, and reversed back on the way. */
static void undo_all(struct store *s, struct call_queue *group)
{
    struct call *reversed = NULL, *c = group->first;

    while (c != NULL) {
        struct call *next = c->next;

        c->next = reversed;
        reversed = c;
        c = next;
    }
    *group = (struct call_queue){NULL, NULL, 0};
    while (reversed != NULL) {
        struct call *next = reversed->next;

        db_notes_undo(&s->notes, reversed);
        reversed->next = group->first;
        group->first = reversed;
        if (group->last == NULL) {
            group->last = reversed;
        }
        group->count++;
        reversed = next;
    }
}

/* All of `group` in one transaction. On failure nothing of it has happened. */
static int run_group(struct store *s, struct call_queue *group)
{
    uint64_t start = call_now_us();
    size_t appends = 0;
    int rc = s->backend->begin(s);

    for (struct call *c = group->first; c != NULL && rc == RC_OK; c = c->next) {
        c->rc = RC_OK;
        rc = calls_write(&s->notes, c);
        appends += c->op == CALL_APPEND;
    }
    if (rc == RC_OK) {
        rc = db_notes_commit(&s->notes);
    }
    if (rc != RC_OK) {
        db_notes_rollback(&s->notes);
        undo_all(s, group);
        return rc;
    }
    for (struct call *c = group->first; c != NULL; c = c->next) {
        db_notes_settle(&s->notes, c);
    }
    store_publish(s);
    count_commit(s, call_now_us() - start, appends);
    return RC_OK;
}

/* The longest beginning of `from` that makes one transaction. */
static void take_group(struct call_queue *from, struct call_queue *group)
{
    size_t bytes = 0;

    while (from->first != NULL && call_writes(from->first) && group->count < GROUP_CALLS && bytes < GROUP_BYTES) {
        bytes += from->first->bytes;
        call_queue_push(group, call_queue_pop(from));
    }
}

/* What to do with writes that cannot be written now. */
static void keep_or_refuse(struct store *s, struct call_queue *group)
{
    struct committer *k = &s->committer;
    struct call *c;

    while ((c = call_queue_pop(group)) != NULL) {
        if (c->op == CALL_APPEND) {
            call_queue_push(&k->kept, c);
        } else {
            answer_one(s, c, k->error);
        }
    }
    pthread_mutex_lock(&s->lane.lock);
    s->lane.stats.kept = k->kept.count;
    pthread_mutex_unlock(&s->lane.lock);
}

/* Commits kept appends until they are gone or a commit fails. */
static int commit_kept(struct store *s)
{
    struct call_queue *kept = &s->committer.kept;

    while (kept->count > 0) {
        struct call_queue group = {NULL, NULL, 0};
        int rc;

        take_group(kept, &group);
        rc = run_group(s, &group);
        if (rc != RC_OK) {
            call_queue_append(&group, kept);
            *kept = group;
            return rc;
        }
        pthread_mutex_lock(&s->lane.lock);
        s->lane.stats.kept = kept->count;
        pthread_mutex_unlock(&s->lane.lock);
        wake(s, lane_answer(&s->lane, &group));
    }
    return RC_OK;
}

static void retry(struct store *s)
{
    int rc = commit_kept(s);

    if (rc == RC_OK) {
        rc = s->backend->probe(s);
    }
    if (rc == RC_OK) {
        set_state(s, STORE_OK, RC_OK);
        return;
    }
    commit_failed(s, rc);
}

static void commit_group(struct store *s, struct call_queue *group)
{
    int rc = s->committer.state == STORE_OK ? run_group(s, group) : s->committer.error;

    if (rc == RC_OK) {
        wake(s, lane_answer(&s->lane, group));
        return;
    }
    if (s->committer.state == STORE_OK) {
        commit_failed(s, rc);
    }
    keep_or_refuse(s, group);
}

static bool is_kept(const struct store *s, struct span note)
{
    for (const struct call *c = s->committer.kept.first; c != NULL; c = c->next) {
        if (span_equal(c->note, note)) {
            return true;
        }
    }
    return false;
}

static void read_one(struct store *s, struct call *c)
{
    if (c->op == CALL_LOAD && is_kept(s, c->note)) {
        answer_one(s, c, RC_BUSY);
        return;
    }
    s->backend->read(s, c);
    store_publish(s);
    answer_one(s, c, c->rc);
}

void commit_turn(struct store *s, struct call_queue *work)
{
    if (call_now_us() >= commit_deadline_us(s)) {
        retry(s);
    }
    while (work->first != NULL) {
        struct call_queue group = {NULL, NULL, 0};

        if (!call_writes(work->first)) {
            read_one(s, call_queue_pop(work));
            continue;
        }
        take_group(work, &group);
        commit_group(s, &group);
    }
}

uint64_t commit_deadline_us(const struct store *s)
{
    return s->committer.state == STORE_OK ? UINT64_MAX : s->committer.retry_at_us;
}

void commit_last(struct store *s)
{
    struct call *c;

    if (s->committer.kept.count > 0 && commit_kept(s) == RC_OK) {
        return;
    }
    while ((c = call_queue_pop(&s->committer.kept)) != NULL) {
        answer_one(s, c, s->committer.error == RC_FULL ? RC_FULL : RC_IO);
    }
}
