#include "server/store/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "server/store/backend.h"
#include "server/store/note_content.h"
#include "server/store/note_view.h"

/* One stored row or snapshot. */
struct memory_row {
    struct store_row row; /* data and sender point behind this */
    uint8_t bytes[];
};

/* What the index does not hold of a note: its `extra`. */
struct memory_note {
    struct memory_row **row; /* as many as the index has rows, in their order */
    size_t count, cap;
    struct memory_row *newest, *older; /* snapshots; NULL: none */
    bool newest_damaged, rows_damaged;
    char *title, *excerpt; /* never NULL once set */
    size_t title_len, excerpt_len;
};

struct memory_store {
    struct store s; /* first */
    struct note_index index;
    uint64_t next_seq;
    bool automatic;
    int fail_rc, fail_load;
    unsigned fail_count;
    uint64_t damaged;
};

static struct memory_store *self_of(struct store *s)
{
    return (struct memory_store *)s;
}

static struct memory_note *extra_of(const struct index_note *n)
{
    return n->extra;
}

static struct memory_row *row_create(const struct store_row *row)
{
    struct memory_row *m = malloc(sizeof(*m) + row->data.len + row->sender.len);

    if (m == NULL) {
        return NULL;
    }
    m->row = *row;
    m->row.data.data = m->bytes;
    m->row.sender.data = m->bytes + row->data.len;
    if (row->data.len > 0) {
        memcpy(m->bytes, row->data.data, row->data.len);
    }
    if (row->sender.len > 0) {
        memcpy(m->bytes + row->data.len, row->sender.data, row->sender.len);
    }
    return m;
}

static void memory_note_free(struct memory_note *m)
{
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        free(m->row[i]);
    }
    free(m->row);
    free(m->newest);
    free(m->older);
    free(m->title);
    free(m->excerpt);
    free(m);
}

/* ---- Writing: a commit can only be made to fail at its beginning, so there is nothing to undo -- */

static int memory_begin(struct store *s)
{
    struct memory_store *q = self_of(s);

    if (q->fail_count > 0) {
        q->fail_count--;
        return q->fail_rc;
    }
    return RC_OK;
}

static int memory_commit(struct store *s)
{
    (void)s;
    return RC_OK;
}

static void memory_rollback(struct store *s)
{
    (void)s;
}

static void memory_undo(struct store *s, struct call *c)
{
    (void)s;
    (void)c;
}

static void memory_settle(struct store *s, struct call *c)
{
    (void)s;
    (void)c;
}

static int make_note(struct memory_store *q, const struct call *c, struct index_note **out)
{
    struct memory_note *m = calloc(1, sizeof(*m));
    int rc = m == NULL ? RC_NOMEM : index_add(&q->index, q->index.last_id + 1, c->note, out);

    if (rc != RC_OK) {
        free(m);
        return rc;
    }
    (*out)->extra = m;
    (*out)->created_ms = c->time_ms;
    (*out)->facts.updated_ms = c->time_ms;
    return RC_OK;
}

static int keep_row(struct memory_note *m, struct memory_row *row)
{
    if (m->count == m->cap) {
        size_t cap = m->cap == 0 ? 8 : m->cap * 2;
        struct memory_row **grown = realloc(m->row, cap * sizeof(struct memory_row *));

        if (grown == NULL) {
            return RC_NOMEM;
        }
        m->row = grown;
        m->cap = cap;
    }
    m->row[m->count++] = row;
    return RC_OK;
}

static int write_append(struct memory_store *q, struct call *c)
{
    const struct store_row row = {c->kind, c->data, c->more, c->time_ms, q->next_seq};
    struct index_note *n = index_find(&q->index, c->note);
    struct memory_row *kept = row_create(&row);
    int rc = kept == NULL ? RC_NOMEM : RC_OK;

    if (rc == RC_OK && n == NULL) {
        rc = make_note(q, c, &n);
    }
    if (rc == RC_OK) {
        rc = keep_row(extra_of(n), kept);
    }
    if (rc != RC_OK) {
        free(kept);
        return rc;
    }
    c->seq = q->next_seq++;
    return index_add_row(&q->index, n, c->seq, (uint32_t)row.data.len, row.time_ms);
}

static void drop_rows(struct memory_store *q, struct index_note *n)
{
    struct memory_note *m = extra_of(n);
    size_t drop = index_rows_upto(n, n->facts.older.upto);

    for (size_t i = 0; i < drop; i++) {
        free(m->row[i]);
    }
    m->count -= drop;
    if (drop > 0) {
        memmove(m->row, m->row + drop, m->count * sizeof(struct memory_row *));
    }
    index_drop_rows(&q->index, n);
}

static int write_compact(struct memory_store *q, struct call *c)
{
    struct index_note *n = index_find(&q->index, c->note);
    struct store_row row = {.data = c->data};
    struct memory_row *snapshot;
    struct memory_note *m;
    size_t covered;
    bool keep;

    if (n == NULL || n->damaged) {
        c->rc = n == NULL ? RC_NOTFOUND : RC_CORRUPT;
        return RC_OK;
    }
    m = extra_of(n);
    keep = !m->newest_damaged;
    covered = index_rows_upto(n, c->upto);
    c->seq = covered == 0 ? 0 : n->rows[covered - 1].seq;
    if (c->seq <= n->facts.older.upto || (keep && c->seq <= n->facts.newest.upto)) {
        c->rc = RC_STATE;
        return RC_OK;
    }
    snapshot = row_create(&row);
    if (snapshot == NULL) {
        return RC_NOMEM;
    }
    free(keep ? m->older : m->newest);
    if (keep) {
        m->older = m->newest;
    }
    m->newest = snapshot;
    m->newest_damaged = false;
    index_set_snap(n, (struct index_snap){c->seq, c->seq, c->data.len}, keep);
    drop_rows(q, n);
    return RC_OK;
}

static int copy_text(char **to, size_t *len, struct span from)
{
    char *copy = malloc(from.len + 1);

    if (copy == NULL) {
        return RC_NOMEM;
    }
    if (from.len > 0) {
        memcpy(copy, from.data, from.len);
    }
    free(*to);
    *to = copy;
    *len = from.len;
    return RC_OK;
}

static int put_meta(const struct index_note *n, const struct call *c)
{
    struct memory_note *m = extra_of(n);
    int rc = copy_text(&m->title, &m->title_len, c->data);

    return rc == RC_OK ? copy_text(&m->excerpt, &m->excerpt_len, c->more) : rc;
}

static struct store_meta meta_of(const struct index_note *n)
{
    const struct memory_note *m = extra_of(n);

    return (struct store_meta){span_of(m->title, m->title_len), span_of(m->excerpt, m->excerpt_len)};
}

static int view_one(struct call *c, const struct index_note *n)
{
    const struct store_meta meta = meta_of(n);
    struct view_builder v = {0};

    view_add(&v, n, &meta, n->damaged);
    return view_end(&v, c, false);
}

static int write_create(struct memory_store *q, struct call *c)
{
    struct index_note *n;
    int rc;

    if (index_find(&q->index, c->note) != NULL) {
        c->rc = RC_EXISTS;
        return RC_OK;
    }
    rc = make_note(q, c, &n);
    if (rc == RC_OK) {
        rc = put_meta(n, c);
    }
    return rc == RC_OK ? view_one(c, n) : rc;
}

static int memory_write(struct store *s, struct call *c)
{
    struct memory_store *q = self_of(s);
    const struct index_note *n;

    switch (c->op) {
    case CALL_APPEND:
        return write_append(q, c);
    case CALL_COMPACT:
        return write_compact(q, c);
    case CALL_CREATE:
        return write_create(q, c);
    case CALL_PUT_META:
        n = index_find(&q->index, c->note);
        if (n == NULL) {
            c->rc = RC_NOTFOUND;
            return RC_OK;
        }
        return put_meta(n, c);
    case CALL_LOAD:
    case CALL_STAT:
    case CALL_LIST:
        break;
    }
    return RC_STATE;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_content(const struct index_note *n, bool fallback, struct call *c)
{
    const struct memory_note *m = extra_of(n);
    const struct index_snap *snap = fallback ? &n->facts.older : &n->facts.newest;
    const struct memory_row *snapshot = fallback ? m->older : m->newest;
    size_t first = index_rows_upto(n, snap->upto);
    struct content_builder b;
    int rc = content_begin(&b, m->count - first);

    if (rc != RC_OK) {
        return rc;
    }
    if (snapshot != NULL) {
        content_snapshot(&b, snapshot->row.data);
    }
    for (size_t i = first; i < m->count; i++) {
        content_row(&b, &m->row[i]->row);
    }
    rc = content_end(&b, &c->content);
    if (rc == RC_OK) {
        c->content->fallback = fallback;
        c->content->last_seq = n->facts.last_seq;
    }
    return rc;
}

static int read_load(struct memory_store *q, struct call *c, struct index_note *n)
{
    int rc = q->fail_load;

    q->fail_load = RC_OK;
    if (rc != RC_OK) {
        return rc;
    }
    if (extra_of(n)->rows_damaged && n->facts.count > 0 && !n->damaged) {
        n->damaged = true;
        q->damaged++;
    }
    return n->damaged ? RC_CORRUPT : read_content(n, extra_of(n)->newest_damaged, c);
}

static void read_list(struct memory_store *q, struct call *c)
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
        const struct store_meta meta = meta_of(found[i]);

        view_add(&v, found[i], &meta, found[i]->damaged);
    }
    free(found);
    c->rc = view_end(&v, c, more);
}

static void memory_read(struct store *s, struct call *c)
{
    struct memory_store *q = self_of(s);
    struct index_note *n;

    if (c->op == CALL_LIST) {
        read_list(q, c);
        return;
    }
    n = index_find(&q->index, c->note);
    if (n == NULL) {
        c->rc = RC_NOTFOUND;
    } else {
        c->rc = c->op == CALL_STAT ? view_one(c, n) : read_load(q, c, n);
    }
}

static void memory_publish(struct store *s)
{
    const struct memory_store *q = self_of(s);

    pthread_mutex_lock(&s->lane.lock);
    s->lane.stats.notes = q->index.count;
    s->lane.stats.log_rows = q->index.rows;
    s->lane.stats.damaged = q->damaged;
    pthread_mutex_unlock(&s->lane.lock);
}

static int memory_probe(struct store *s)
{
    return memory_begin(s);
}

static bool memory_relieve(struct store *s)
{
    (void)s;
    return false;
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static void memory_submitted(struct store *s)
{
    s->host.wake(s->host.ctx);
}

size_t store_memory_step(struct store *s)
{
    struct lane_work work = lane_wait(&s->lane, 0);
    size_t before, after;

    pthread_mutex_lock(&s->lane.lock);
    before = s->lane.out.count;
    pthread_mutex_unlock(&s->lane.lock);
    s->committer.retry_at_us = 0; /* a step is a retry: no clock here */
    commit_turn(s, &work.calls);
    if (work.closing) {
        commit_last(s);
    }
    pthread_mutex_lock(&s->lane.lock);
    after = s->lane.out.count;
    pthread_mutex_unlock(&s->lane.lock);
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

static void memory_destroy(struct store *s)
{
    struct memory_store *q = self_of(s);

    for (size_t id = 0; id < q->index.by_id_cap; id++) {
        if (q->index.by_id[id] != NULL) {
            memory_note_free(extra_of(q->index.by_id[id]));
        }
    }
    index_finish(&q->index);
    store_finish(s);
    free(q);
}

static const struct store_backend memory_backend = {
    .begin = memory_begin,
    .write = memory_write,
    .commit = memory_commit,
    .rollback = memory_rollback,
    .undo = memory_undo,
    .settle = memory_settle,
    .read = memory_read,
    .publish = memory_publish,
    .probe = memory_probe,
    .relieve = memory_relieve,
    .submitted = memory_submitted,
    .drain = memory_drain,
    .measure = memory_measure,
    .destroy = memory_destroy,
};

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
    index_init(&q->index);
    q->next_seq = 1;
    q->automatic = true;
    *out = &q->s;
    return RC_OK;
}

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
    struct index_note *n = index_find(&self_of(s)->index, note);

    if (n == NULL) {
        return RC_NOTFOUND;
    }
    if (rows) {
        extra_of(n)->rows_damaged = true;
    } else {
        extra_of(n)->newest_damaged = true;
    }
    return RC_OK;
}
