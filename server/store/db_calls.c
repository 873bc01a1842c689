#include "server/store/db_calls.h"

#include <stdlib.h>
#include "server/store/backend.h"
#include "server/store/db_index.h"
#include "server/store/note_view.h"

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static int make_note(struct db_notes *d, struct call *c, struct index_note **out)
{
    struct index_note *n;
    int rc = index_add(&d->index, d->index.last_id + 1, c->note, &n);

    if (rc != RC_OK) {
        return rc;
    }
    index_undo_save(&c->undo, n, true);
    n->created_ms = c->time_ms;
    n->facts.updated_ms = c->time_ms;
    rc = rows_put_name(&d->rows, n);
    if (rc == RC_OK) {
        rc = rows_put_note(&d->rows, n);
    }
    *out = n;
    return rc;
}

static int write_append(struct db_notes *d, struct call *c)
{
    struct store_row row = {c->kind, c->data, c->more, c->time_ms, d->next_seq};
    struct index_note *n = index_find(&d->index, c->note);
    int rc = RC_OK;

    if (n == NULL) {
        rc = make_note(d, c, &n);
    } else {
        index_undo_save(&c->undo, n, false);
    }
    if (rc == RC_OK) {
        rc = rows_put_log(&d->rows, n->id, n->facts.last_seq, &row);
    }
    if (rc == RC_OK) {
        rc = index_add_row(&d->index, n, row.seq, (uint32_t)row.data.len, row.time_ms);
    }
    if (rc == RC_OK) {
        n->dirty = true;
        c->seq = d->next_seq++;
    }
    return rc;
}

/* Puts the snapshot in; `keep`: the newest generation is sound and becomes the older one. */
static int replace_snap(struct db_notes *d, struct index_note *n, const struct call *c, uint64_t upto, bool keep)
{
    struct index_snap snap = {d->next_snap, upto, c->data.len};
    uint64_t gone = keep ? n->facts.older.id : n->facts.newest.id;
    int rc = RC_OK;

    if (gone != 0) {
        rc = rows_delete_snap(&d->rows, gone);
    }
    if (rc == RC_OK) {
        rc = rows_put_snap(&d->rows, n->id, &snap, c->data);
    }
    if (rc != RC_OK) {
        return rc;
    }
    d->next_snap++;
    index_set_snap(n, snap, keep);
    return rows_put_note(&d->rows, n);
}

/* Before the newest generation becomes the older one, and rows go that only it holds, it is read
 * once more: a damaged one is replaced instead. */
static int write_compact(struct db_notes *d, struct call *c)
{
    struct index_note *n = index_find(&d->index, c->note);
    size_t covered;
    uint64_t upto;
    bool keep = true;
    int rc;

    if (n == NULL || n->damaged) {
        c->rc = n == NULL ? RC_NOTFOUND : RC_CORRUPT;
        return RC_OK;
    }
    if (n->facts.newest.id != 0) {
        rc = rows_get_snap(&d->rows, n->id, &n->facts.newest, NULL);
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
    return replace_snap(d, n, c, upto, keep);
}

static int view_one(struct call *c, const struct index_note *n, const struct store_meta *meta)
{
    struct view_builder v = {0};

    view_add(&v, n, meta, n->damaged);
    return view_end(&v, c, false);
}

static int write_create(struct db_notes *d, struct call *c)
{
    const struct store_meta meta = {c->data, c->more};
    struct index_note *n;
    int rc;

    if (index_find(&d->index, c->note) != NULL) {
        c->rc = RC_EXISTS;
        return RC_OK;
    }
    rc = make_note(d, c, &n);
    if (rc == RC_OK) {
        rc = rows_put_title(&d->rows, n->id, &meta);
    }
    if (rc == RC_OK && c->info == NULL) {
        rc = view_one(c, n, &meta);
    }
    return rc;
}

static int write_meta(struct db_notes *d, struct call *c)
{
    const struct store_meta meta = {c->data, c->more};
    const struct index_note *n = index_find(&d->index, c->note);

    if (n == NULL) {
        c->rc = RC_NOTFOUND;
        return RC_OK;
    }
    return rows_put_title(&d->rows, n->id, &meta);
}

int calls_write(struct db_notes *d, struct call *c)
{
    switch (c->op) {
    case CALL_APPEND:
        return write_append(d, c);
    case CALL_COMPACT:
        return write_compact(d, c);
    case CALL_CREATE:
        return write_create(d, c);
    case CALL_PUT_META:
        return write_meta(d, c);
    case CALL_LOAD:
    case CALL_STAT:
    case CALL_LIST:
        break;
    }
    return RC_STATE;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static void read_load(struct db_notes *d, struct call *c, struct index_note *n)
{
    const char *what = NULL;

    c->rc = db_index_read(&d->rows, n, &c->content, &what);
    if (c->rc == RC_OK && c->content->fallback) {
        store_log(d->owner, "store.fallback", "note=%llu", (unsigned long long)n->id);
    }
    if (c->rc == RC_CORRUPT) {
        db_notes_set_damaged(d, n, what);
    }
}

static void read_stat(struct db_notes *d, struct call *c, const struct index_note *n)
{
    struct store_meta meta = {{NULL, 0}, {NULL, 0}};

    c->rc = rows_get_title(&d->rows, n->id, &meta);
    if (c->rc == RC_OK || c->rc == RC_NOTFOUND) {
        c->rc = view_one(c, n, &meta);
    }
    rows_end_title(&d->rows);
}

static void read_list(struct db_notes *d, struct call *c)
{
    const struct index_note **found = calloc(c->limit, sizeof(*found));
    struct view_builder v = {0};
    size_t count;
    bool more;

    if (found == NULL) {
        c->rc = RC_NOMEM;
        return;
    }
    count = index_list(&d->index, c->has_after ? &c->after : NULL, c->limit, found, &more);
    for (size_t i = 0; i < count; i++) {
        struct store_meta meta = {{NULL, 0}, {NULL, 0}};
        int rc = rows_get_title(&d->rows, found[i]->id, &meta);

        view_add(&v, found[i], &meta, found[i]->damaged || (rc != RC_OK && rc != RC_NOTFOUND));
        rows_end_title(&d->rows);
    }
    free(found);
    c->rc = view_end(&v, c, more);
}

void calls_read(struct db_notes *d, struct call *c)
{
    struct index_note *n;

    if (c->op == CALL_LIST) {
        read_list(d, c);
        return;
    }
    n = index_find(&d->index, c->note);
    if (n == NULL) {
        c->rc = RC_NOTFOUND;
    } else if (c->op == CALL_STAT) {
        read_stat(d, c, n);
    } else if (n->damaged) {
        c->rc = RC_CORRUPT;
    } else {
        read_load(d, c, n);
    }
}
