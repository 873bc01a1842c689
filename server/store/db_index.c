#include "server/store/db_index.h"

#include <stddef.h>
#include "server/base/background.h"
#include "server/store/note_content.h"

#define SEQ_MAX ((uint64_t)1 << 62)

/* ---- The index ------------------------------------------------------------------------------- */

struct scan {
    const struct db_index_events *events;
    struct note_index *index;
    struct db_index_next next;
};

static void damage(const struct scan *s, struct index_note *n, const char *what)
{
    n->damaged = true;
    if (s->events->damaged != NULL) {
        s->events->damaged(s->events->ctx, n, what);
    }
}

static void stray(const struct scan *s, const char *what, uint64_t number)
{
    if (s->events->stray != NULL) {
        s->events->stray(s->events->ctx, what, number);
    }
}

static int scanned_note(void *ctx, const struct index_note *fields, struct span name, bool ok)
{
    struct scan *s = ctx;
    struct index_note *n;
    int rc;

    if (!ok || index_find(s->index, name) != NULL) {
        stray(s, "notes", fields->id);
        return RC_OK; /* `names` brings it back, as damaged */
    }
    rc = index_add(s->index, fields->id, name, &n);
    if (rc != RC_OK) {
        return rc;
    }
    n->created_ms = fields->created_ms;
    n->facts = fields->facts;
    n->head_seq = fields->head_seq;
    if (n->facts.newest.id >= s->next.snap) {
        s->next.snap = n->facts.newest.id + 1;
    }
    return RC_OK;
}

static int scanned_name(void *ctx, uint64_t id, int64_t created_ms, struct span name, bool ok)
{
    struct scan *s = ctx;
    struct index_note *n = index_by_id(s->index, id);
    int rc;

    if (!ok) {
        stray(s, "names", id);
        return RC_OK;
    }
    if (n != NULL || index_find(s->index, name) != NULL) {
        return RC_OK;
    }
    rc = index_add(s->index, id, name, &n);
    if (rc == RC_OK) {
        n->created_ms = created_ms;
        damage(s, n, "notes");
    }
    return rc;
}

static int scanned_row(void *ctx, uint64_t seq, uint64_t note, int64_t time_ms, uint32_t bytes)
{
    struct scan *s = ctx;
    struct index_note *n = index_by_id(s->index, note);

    if (n == NULL || seq == 0 || seq >= SEQ_MAX) {
        stray(s, "log", seq);
        return RC_OK;
    }
    if (seq >= s->next.seq) {
        s->next.seq = seq + 1;
    }
    if (seq <= n->facts.older.upto) {
        return s->events->surplus != NULL ? s->events->surplus(s->events->ctx, seq) : RC_OK;
    }
    return index_add_row(s->index, n, seq, bytes, time_ms);
}

/* Is the row there that `notes` says is the newest? Then, with the tags' chain, all are. */
static bool has_head(const struct index_note *n)
{
    size_t upto = index_rows_upto(n, n->head_seq);

    return n->head_seq <= n->facts.newest.upto || (upto > 0 && n->rows[upto - 1].seq == n->head_seq);
}

int db_index_load(struct db_rows *rows, const struct db_index_events *events, struct note_index *index,
                  struct db_index_next *next)
{
    struct scan s = {events, index, {1, 1}};
    const struct rows_scan scan = {&s, scanned_note, scanned_name, scanned_row};
    int rc = rows_scan(rows, &scan);

    if (rc != RC_OK) {
        return rc;
    }
    for (size_t id = 0; id < index->by_id_cap; id++) {
        struct index_note *n = index->by_id[id];

        if (n == NULL) {
            continue;
        }
        if (n->head_seq >= s.next.seq) {
            s.next.seq = n->head_seq + 1;
        }
        if (!n->damaged && !has_head(n)) {
            damage(&s, n, "log");
        }
    }
    *next = s.next;
    return RC_OK;
}

/* ---- One note -------------------------------------------------------------------------------- */

/* The snapshot and all rows after it. RC_CORRUPT: *snap_bad tells which. */
static int read_from(struct db_rows *rows, const struct index_note *n, const struct index_snap *snap,
                     struct content_builder *b, bool *snap_bad)
{
    size_t first = index_rows_upto(n, snap->upto);
    uint64_t before = snap->upto;
    int rc = content_begin(b, n->facts.count - first);

    *snap_bad = false;
    if (rc == RC_OK && snap->id != 0) {
        rc = rows_get_snap(rows, n->id, snap, b);
        *snap_bad = rc == RC_CORRUPT;
    }
    for (size_t i = first; i < n->facts.count && rc == RC_OK; i++) {
        rc = rows_get_log(rows, n->id, before, n->rows[i].seq, b);
        before = n->rows[i].seq;
        background_row(i - first);
    }
    return rc;
}

int db_index_read(struct db_rows *rows, const struct index_note *note, struct store_content **out, const char **damaged)
{
    struct content_builder b = {0};
    bool snap_bad, fallback = false;
    int rc = read_from(rows, note, &note->facts.newest, &b, &snap_bad);

    if (rc == RC_CORRUPT && snap_bad) {
        content_abort(&b);
        fallback = true;
        rc = read_from(rows, note, &note->facts.older, &b, &snap_bad);
    }
    if (rc == RC_OK) {
        rc = content_end(&b, out);
    }
    content_abort(&b);
    if (rc == RC_OK) {
        (*out)->fallback = fallback;
        (*out)->last_seq = note->facts.last_seq;
    }
    if (rc == RC_CORRUPT && damaged != NULL) {
        *damaged = snap_bad ? "snapshots" : "log";
    }
    return rc;
}
