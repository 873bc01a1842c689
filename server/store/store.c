#include "server/store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "server/base/utf8.h"
#include "server/store/backend.h"

#define QUEUE_LIMIT_DEFAULT (64u << 20)

int store_init(struct store *s, const struct store_backend *backend, const struct store_host *host, size_t queue_limit)
{
    s->backend = backend;
    s->host = *host;
    s->queue_limit = queue_limit == 0 ? QUEUE_LIMIT_DEFAULT : queue_limit;
    return lane_init(&s->lane);
}

void store_finish(struct store *s)
{
    db_notes_finish(&s->notes);
    commit_finish(&s->committer);
    lane_finish(&s->lane);
}

void store_publish(struct store *s)
{
    pthread_mutex_lock(&s->lane.lock);
    db_notes_measure(&s->notes, &s->lane.stats);
    pthread_mutex_unlock(&s->lane.lock);
}

void store_log(const struct store *s, const char *event, const char *format, ...)
{
    char fields[256];
    va_list args;

    if (s->host.log == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf(fields, sizeof(fields), format, args);
    va_end(args);
    s->host.log(s->host.ctx, event, fields);
}

static bool name_ok(struct span note)
{
    return note.len > 0 && note.len <= STORE_NAME_MAX && text_is_utf8(note) && memchr(note.data, 0, note.len) == NULL;
}

static bool meta_ok(const struct store_meta *meta)
{
    return meta->title.len <= STORE_TITLE_MAX && meta->excerpt.len <= STORE_EXCERPT_MAX && text_is_utf8(meta->title) &&
           text_is_utf8(meta->excerpt);
}

/* Why writing is not possible now; the limit on the queue is left to appends. */
static int write_error(const struct store *s)
{
    if (s->closing) {
        return RC_STATE;
    }
    if (s->seen == STORE_OK) {
        return RC_OK;
    }
    return s->seen == STORE_FULL ? RC_FULL : RC_IO;
}

int store_writable(const struct store *s)
{
    int rc = write_error(s);

    return rc == RC_OK && s->queued_bytes > s->queue_limit ? RC_LIMIT : rc;
}

enum store_state store_state(const struct store *s)
{
    return s->seen;
}

static void submit(struct store *s, struct call *c, struct store_reply reply)
{
    c->reply = reply;
    c->born_us = call_now_us();
    s->queued++;
    s->queued_bytes += c->bytes;
    if (c->op == CALL_APPEND) {
        c->number = ++s->appends;
        if (s->last_append == NULL) {
            s->first_append = c;
        } else {
            s->last_append->next_append = c;
        }
        s->last_append = c;
    }
    lane_put(&s->lane, c);
    if (!reply.patient) {
        s->backend->submitted(s);
    }
}

static bool kind_ok(unsigned kind)
{
    unsigned format = kind & ~(unsigned)STORE_FOREIGN;

    return format == STORE_UPDATE_V1 || format == STORE_UPDATE_V2;
}

int store_append(struct store *s, struct span note, const struct store_row *row, struct store_reply reply)
{
    struct call *c;
    int rc = store_writable(s);

    if (!name_ok(note) || !kind_ok(row->kind) || row->data.len > STORE_DATA_MAX || row->sender.len > STORE_SENDER_MAX) {
        return RC_ARG;
    }
    if (rc != RC_OK) {
        return rc;
    }
    c = call_create(CALL_APPEND, note, row->data, row->sender);
    if (c == NULL) {
        return RC_NOMEM;
    }
    c->kind = row->kind;
    c->time_ms = row->time_ms;
    submit(s, c, reply);
    return RC_OK;
}

void store_hurry(struct store *s)
{
    if (s->hurried == s->appends) {
        return;
    }
    s->hurried = s->appends;
    if (lane_hurry(&s->lane, s->appends)) {
        s->host.wake(s->host.ctx);
    } else {
        s->backend->submitted(s);
    }
}

/* Submits a call that may not have come into being. */
static int request(struct store *s, struct call *c, struct store_reply reply)
{
    if (c == NULL) {
        return RC_NOMEM;
    }
    submit(s, c, reply);
    return RC_OK;
}

int store_compact(struct store *s, struct span note, struct span snapshot, uint64_t upto, struct store_reply reply)
{
    struct call *c;
    int rc = write_error(s);

    if (!name_ok(note) || snapshot.len == 0 || snapshot.len > STORE_DATA_MAX) {
        return RC_ARG;
    }
    if (rc != RC_OK) {
        return rc;
    }
    c = call_create(CALL_COMPACT, note, snapshot, span_of(NULL, 0));
    if (c != NULL) {
        c->upto = upto;
    }
    return request(s, c, reply);
}

static int write_meta(struct store *s, enum call_op op, struct span note, const struct store_meta *meta,
                      int64_t time_ms, struct store_reply reply)
{
    struct call *c;
    int rc = write_error(s);

    if (!name_ok(note) || !meta_ok(meta)) {
        return RC_ARG;
    }
    if (rc != RC_OK) {
        return rc;
    }
    c = call_create(op, note, meta->title, meta->excerpt);
    if (c != NULL) {
        c->time_ms = time_ms;
    }
    return request(s, c, reply);
}

int store_create(struct store *s, struct span note, const struct store_meta *meta, int64_t time_ms,
                 struct store_reply reply)
{
    return write_meta(s, CALL_CREATE, note, meta, time_ms, reply);
}

int store_put_meta(struct store *s, struct span note, const struct store_meta *meta, struct store_reply reply)
{
    return write_meta(s, CALL_PUT_META, note, meta, 0, reply);
}

static int read_note(struct store *s, enum call_op op, struct span note, struct store_reply reply)
{
    if (!name_ok(note)) {
        return RC_ARG;
    }
    if (s->closing) {
        return RC_STATE;
    }
    return request(s, call_create(op, note, span_of(NULL, 0), span_of(NULL, 0)), reply);
}

int store_load(struct store *s, struct span note, struct store_reply reply)
{
    return read_note(s, CALL_LOAD, note, reply);
}

int store_stat(struct store *s, struct span note, struct store_reply reply)
{
    return read_note(s, CALL_STAT, note, reply);
}

int store_list(struct store *s, const struct store_cursor *after, size_t limit, struct store_reply reply)
{
    struct call *c;

    if (limit == 0 || limit > STORE_PAGE_MAX) {
        return RC_ARG;
    }
    if (s->closing) {
        return RC_STATE;
    }
    c = call_create(CALL_LIST, span_of(NULL, 0), span_of(NULL, 0), span_of(NULL, 0));
    if (c != NULL) {
        c->limit = limit;
        c->has_after = after != NULL;
        c->after = after != NULL ? *after : c->after;
    }
    return request(s, c, reply);
}

/* Age of the oldest append that is not durable. Those that only wait to be drained are. */
static uint64_t lag_us(struct store *s)
{
    uint64_t answered = lane_answered(&s->lane);
    const struct call *c = s->first_append;

    while (c != NULL && c->number <= answered) {
        c = c->next_append;
    }
    return c == NULL ? 0 : call_now_us() - c->born_us;
}

void store_stats(struct store *s, struct store_stats *out)
{
    struct store_stats stats;

    pthread_mutex_lock(&s->lane.lock);
    stats = s->lane.stats;
    pthread_mutex_unlock(&s->lane.lock);
    stats.state = s->seen;
    stats.error = s->seen_error;
    stats.queued = s->queued;
    stats.queued_bytes = s->queued_bytes;
    stats.lag_us = lag_us(s);
    s->backend->measure(s, &stats);
    *out = stats;
}

static void deliver(struct store *s, struct call *c)
{
    struct store_answer answer = {.rc = c->rc, .ticket = c->reply.ticket};

    s->queued--;
    s->queued_bytes -= c->bytes;
    if (c->op == CALL_APPEND) {
        /* Appends are answered in the order in which they were made. */
        s->first_append = c->next_append;
        if (s->first_append == NULL) {
            s->last_append = NULL;
        }
    }
    if (c->rc == RC_OK) {
        answer.seq = c->seq;
        answer.content = c->content;
        answer.info = c->op == CALL_LIST ? NULL : c->info;
        answer.page = c->op == CALL_LIST ? &c->page : NULL;
    }
    if (c->reply.call != NULL) {
        c->reply.call(c->reply.ctx, &answer);
    }
    call_destroy(c);
}

size_t store_drain(struct store *s)
{
    struct lane_answers a;
    struct call *c;
    size_t count = 0;

    if (s->backend->drain != NULL) {
        s->backend->drain(s);
    }
    a = lane_take_answers(&s->lane);
    while ((c = call_queue_pop(&a.calls)) != NULL) {
        deliver(s, c);
        count++;
    }
    if (a.news) {
        s->seen = a.state;
        s->seen_error = a.error;
        if (s->host.state != NULL) {
            s->host.state(s->host.ctx, a.state, a.error);
        }
    }
    if (a.closed) {
        void (*closed)(void *ctx) = s->closed;
        void *ctx = s->closed_ctx;

        s->backend->destroy(s);
        if (closed != NULL) {
            closed(ctx);
        }
    }
    return count;
}

int store_wait(struct store *s, int timeout_ms)
{
    if (s->queued == 0 && !s->closing && s->seen == STORE_OK) {
        return RC_NOTFOUND;
    }
    if (s->backend->drain != NULL) {
        s->backend->drain(s);
    }
    return lane_wait_answers(&s->lane, timeout_ms);
}

void store_close(struct store *s, void (*closed)(void *ctx), void *ctx)
{
    if (s == NULL || s->closing) {
        return;
    }
    s->closing = true;
    s->closed = closed;
    s->closed_ctx = ctx;
    lane_close(&s->lane);
    s->backend->submitted(s);
}
