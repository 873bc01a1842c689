#include <stdlib.h>
#include "crdt/core/seq_position.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/txn_split.h"
#include "crdt/types/edit.h"
#include "crdt/types/text_marks.h"

/* Formatting a range of text (yjs: YText.js, formatText): marks that start at its head and end behind it; marks of the
 * same keys inside go. As with other edits, all is worked out by reading first. */

struct formatting {
    uint32_t seq;
    struct attr_map want;    /* what is asked for */
    struct attr_map undo;    /* what holds again behind the range (yjs: negatedAttributes) */
    struct edit_place first; /* the head of the range */
    struct edit_place last;  /* how far the walk came */
    bool walked;
    struct new_mark *start, *end;
    size_t start_count, end_count;
    uint32_t *marks; /* to be deleted */
    size_t count, cap;
};

static bool cuts(const struct crdt_doc *doc, struct edit_place place)
{
    return place.item && place.units < item_at(doc, place.item)->len;
}

static struct edit_place end_of(const struct crdt_doc *doc, uint32_t item)
{
    return (struct edit_place){item, item ? item_at(doc, item)->len : 0};
}

static struct span value_of(const struct attr_map *m, struct span key)
{
    const struct span *value = attr_map_get(m, key);

    return value ? *value : attr_null();
}

/* yjs: minimizeAttributeChanges. */
static void skip_wanted(struct crdt_doc *doc, struct formatting *f)
{
    uint32_t item = f->first.item;

    if (cuts(doc, f->first)) {
        return;
    }
    while ((item = seq_next_alive(doc, f->seq, item)) != 0 && item_is_mark(item_at(doc, item))) {
        struct span key, value;
        format_read(doc, item, &key, &value);
        if (!attr_equal(value_of(&f->want, key), value)) {
            break;
        }
    }
    f->first = end_of(doc, seq_before(doc, f->seq, item));
}

/* yjs: insertAttributes. */
static int plan_start(struct crdt_doc *doc, struct formatting *f)
{
    struct crdt_attr *list = arena_alloc(&doc->scratch, f->want.live * sizeof(*list));
    int rc = RC_OK;

    f->start = arena_alloc(&doc->scratch, f->want.live * sizeof(*f->start));
    if (!list || !f->start) {
        return RC_NOMEM;
    }
    uint32_t count = attr_map_list(&f->want, list);
    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        struct span before = mark_before(doc, f->first.item, list[i].key);
        if (attr_equal(before, list[i].value)) {
            continue;
        }
        rc = new_mark_make(doc, list[i].key, list[i].value, &f->start[f->start_count++]);
        if (rc == RC_OK) {
            rc = attr_map_set(&f->undo, list[i].key, before);
        }
    }
    return rc;
}

static int forget_mark(struct formatting *f, uint32_t item)
{
    if (f->count == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        uint32_t *marks = realloc(f->marks, cap * sizeof(*marks));
        if (!marks) {
            return RC_NOMEM;
        }
        f->marks = marks;
        f->cap = cap;
    }
    f->marks[f->count++] = item;
    return RC_OK;
}

/* A mark within the range, or right behind it. 1: stop before it. */
static int pass_mark(const struct crdt_doc *doc, struct formatting *f, uint32_t item, uint64_t left)
{
    struct span key, value;

    format_read(doc, item, &key, &value);
    const struct span *wanted = attr_map_get(&f->want, key);
    if (!wanted) {
        return RC_OK;
    }
    if (attr_equal(*wanted, value)) {
        attr_map_delete(&f->undo, key);
    } else if (left == 0) {
        return 1;
    } else {
        int rc = attr_map_set(&f->undo, key, value);
        if (rc != RC_OK) {
            return rc;
        }
    }
    return forget_mark(f, item);
}

static void walk_to(const struct crdt_doc *doc, struct formatting *f, uint32_t item)
{
    f->walked = true;
    f->last = end_of(doc, item);
}

/* On to the next item that is alive (0: none), over what is deleted before it. */
static uint32_t walk_on(struct crdt_doc *doc, struct formatting *f, uint32_t item)
{
    uint32_t next = seq_next_alive(doc, f->seq, item), before = seq_before(doc, f->seq, next);

    if (before != item) {
        walk_to(doc, f, before);
    }
    return next;
}

/* Walks over the range, and on while marks behind it may spare us ours. */
static int walk(struct crdt_doc *doc, struct formatting *f, uint64_t left)
{
    bool inside = cuts(doc, f->first);
    uint32_t before = inside ? f->first.units : 0;
    uint32_t item = inside ? f->first.item : walk_on(doc, f, f->first.item);

    for (; item; item = walk_on(doc, f, item), before = 0) {
        const struct item *it = item_at(doc, item);
        uint32_t units = item_visible(it);
        if (left == 0 && units > 0) {
            return RC_OK;
        }
        if (item_is_mark(it)) {
            int rc = pass_mark(doc, f, item, left);
            if (rc != RC_OK) {
                return rc < 0 ? rc : RC_OK;
            }
        }
        walk_to(doc, f, item);
        if (units > 0 && left < units - before) {
            f->last.units = before + (uint32_t)left;
            return RC_OK;
        }
        left -= units > 0 ? units - before : 0;
        if (left == 0 && f->undo.live == 0) {
            return RC_OK;
        }
    }
    return RC_OK;
}

static int plan_end(struct crdt_doc *doc, struct formatting *f)
{
    int rc = RC_OK;

    f->end = arena_alloc(&doc->scratch, f->undo.live * sizeof(*f->end));
    if (!f->end) {
        return RC_NOMEM;
    }
    for (uint32_t i = 0; rc == RC_OK && i < f->undo.count; i++) {
        const struct attr_entry *e = &f->undo.entries[i];
        if (e->live) {
            rc = new_mark_make(doc, e->key, e->value, &f->end[f->end_count++]);
        }
    }
    return rc;
}

static int plan(struct crdt_doc *doc, struct formatting *f, uint64_t index, uint64_t length)
{
    int rc = edit_find(doc, f->seq, index, false, &f->first);

    if (rc == RC_OK) {
        rc = seq_make_sums(doc, f->seq);
    }
    if (rc != RC_OK) {
        return rc;
    }
    skip_wanted(doc, f);
    rc = plan_start(doc, f);
    if (rc == RC_OK) {
        rc = walk(doc, f, length);
    }
    return rc == RC_OK ? plan_end(doc, f) : rc;
}

static void apply(struct crdt_doc *doc, struct formatting *f)
{
    uint32_t left = f->first.item;

    if (cuts(doc, f->first)) {
        uint32_t tail = txn_split(doc, left, f->first.units);
        if (f->walked && f->last.item == left) {
            f->last = (struct edit_place){tail, f->last.units - f->first.units};
        }
    }
    for (size_t i = 0; i < f->start_count; i++) {
        left = new_mark_insert(doc, f->seq, left, &f->start[i]);
    }
    for (size_t i = 0; i < f->count; i++) {
        txn_delete(doc, f->marks[i]);
    }
    if (f->walked) {
        left = edit_cut(doc, f->last);
    }
    new_marks_end(doc, f->seq, left, f->end, f->end_count);
}

static int format(struct crdt_doc *doc, struct formatting *f, uint64_t index, uint64_t length)
{
    int rc = plan(doc, f, index, length);

    if (rc == RC_OK) {
        uint64_t marks = f->start_count + f->end_count;
        struct reserve need = {.inserts = marks,
                               .splits = 2,
                               .bytes =
                                   new_marks_bytes(f->start, f->start_count) + new_marks_bytes(f->end, f->end_count),
                               .overlapped = f->count};
        rc = edit_reserve(doc, &need, marks);
    }
    if (rc == RC_OK) {
        apply(doc, f);
    }
    return rc;
}

int crdt_text_format(struct crdt_doc *doc, struct crdt_type text, uint64_t index, uint64_t length,
                     const struct crdt_attr *attrs, size_t attr_count)
{
    uint32_t branch;
    int rc = edit_check(doc, text, EDIT_TEXT, &branch);

    if (rc != RC_OK) {
        return rc;
    }
    struct formatting f = {.seq = doc->branches[branch].list};
    uint64_t have = doc->seqs[f.seq].length;
    if (index > have || length > have - index) {
        return RC_RANGE;
    }
    if (length == 0 || attr_count == 0) {
        return RC_OK;
    }
    f.want.seed = f.undo.seed = doc->hash_seed;
    rc = edit_attrs(doc, attrs, attr_count, &f.want);
    if (rc == RC_OK) {
        rc = format(doc, &f, index, length);
    }
    attr_map_finish(&f.want);
    attr_map_finish(&f.undo);
    free(f.marks);
    edit_done(doc);
    return rc;
}
