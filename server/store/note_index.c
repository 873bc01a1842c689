#include "server/store/note_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "server/store/store.h"

#define BUCKETS_MIN 64
#define ID_MAX      ((uint64_t)1 << 28) /* by_id is an array */

/* FNV-1a; the names come from accounts that may create notes, and a lookup costs a comparison
 * of at most 200 bytes a step. Seeded per process it would not be reproducible in tests. */
static uint32_t name_hash(struct span name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.len; i++) {
        h = (h ^ name.data[i]) * 16777619u;
    }
    return h;
}

void index_init(struct note_index *x)
{
    memset(x, 0, sizeof(*x));
}

static void note_free(struct index_note *n)
{
    free(n->rows);
    free(n);
}

void index_finish(struct note_index *x)
{
    for (size_t id = 0; id < x->by_id_cap; id++) {
        if (x->by_id[id] != NULL) {
            note_free(x->by_id[id]);
        }
    }
    free(x->by_id);
    free(x->bucket);
    index_init(x);
}

struct index_note *index_find(const struct note_index *x, struct span name)
{
    uint32_t hash = name_hash(name);

    if (x->buckets == 0) {
        return NULL;
    }
    for (struct index_note *n = x->bucket[hash & (x->buckets - 1)]; n != NULL; n = n->chain) {
        if (n->hash == hash && span_equal(span_of(n->name, n->name_len), name)) {
            return n;
        }
    }
    return NULL;
}

struct index_note *index_by_id(const struct note_index *x, uint64_t id)
{
    return id < x->by_id_cap ? x->by_id[id] : NULL;
}

static int grow_buckets(struct note_index *x)
{
    size_t buckets = x->buckets == 0 ? BUCKETS_MIN : x->buckets * 2;
    struct index_note **bucket;

    if (x->count < x->buckets) {
        return RC_OK;
    }
    bucket = calloc(buckets, sizeof(struct index_note *));
    if (bucket == NULL) {
        return RC_NOMEM;
    }
    for (size_t id = 0; id < x->by_id_cap; id++) {
        struct index_note *n = x->by_id[id];

        if (n != NULL) {
            n->chain = bucket[n->hash & (buckets - 1)];
            bucket[n->hash & (buckets - 1)] = n;
        }
    }
    free(x->bucket);
    x->bucket = bucket;
    x->buckets = buckets;
    return RC_OK;
}

static int grow_ids(struct note_index *x, uint64_t id)
{
    size_t cap = x->by_id_cap == 0 ? BUCKETS_MIN : x->by_id_cap;
    struct index_note **grown;

    if (id < x->by_id_cap) {
        return RC_OK;
    }
    if (id > ID_MAX) {
        return RC_LIMIT;
    }
    while (cap <= id) {
        cap *= 2;
    }
    grown = realloc(x->by_id, cap * sizeof(struct index_note *));
    if (grown == NULL) {
        return RC_NOMEM;
    }
    memset(grown + x->by_id_cap, 0, (cap - x->by_id_cap) * sizeof(struct index_note *));
    x->by_id = grown;
    x->by_id_cap = cap;
    return RC_OK;
}

int index_add(struct note_index *x, uint64_t id, struct span name, struct index_note **out)
{
    struct index_note *n;
    int rc = grow_ids(x, id);

    if (rc == RC_OK) {
        rc = grow_buckets(x);
    }
    if (rc != RC_OK) {
        return rc;
    }
    assert(x->by_id[id] == NULL && name.len <= STORE_NAME_MAX);
    n = calloc(1, sizeof(*n) + name.len);
    if (n == NULL) {
        return RC_NOMEM;
    }
    n->id = id;
    n->name_len = (uint16_t)name.len;
    memcpy(n->name, name.data, name.len);
    n->hash = name_hash(name);
    n->chain = x->bucket[n->hash & (x->buckets - 1)];
    x->bucket[n->hash & (x->buckets - 1)] = n;
    x->by_id[id] = n;
    x->count++;
    if (id > x->last_id) {
        x->last_id = id;
    }
    *out = n;
    return RC_OK;
}

void index_remove(struct note_index *x, struct index_note *n)
{
    struct index_note **at = &x->bucket[n->hash & (x->buckets - 1)];

    while (*at != n) {
        at = &(*at)->chain;
    }
    *at = n->chain;
    x->by_id[n->id] = NULL;
    x->count--;
    x->rows -= n->facts.count;
    note_free(n);
}

int index_add_row(struct note_index *x, struct index_note *n, uint64_t seq, uint32_t bytes, int64_t time_ms)
{
    struct index_facts *f = &n->facts;

    if (f->count == n->rows_cap) {
        size_t cap = n->rows_cap == 0 ? 8 : n->rows_cap * 2;
        struct index_row *grown = realloc(n->rows, cap * sizeof(struct index_row));

        if (grown == NULL) {
            return RC_NOMEM;
        }
        n->rows = grown;
        n->rows_cap = cap;
    }
    n->rows[f->count++] = (struct index_row){seq, bytes};
    x->rows++;
    if (seq > f->newest.upto) {
        f->fresh++;
        f->fresh_bytes += bytes;
    }
    if (seq > f->last_seq) {
        f->last_seq = seq;
    }
    if (time_ms > f->updated_ms) {
        f->updated_ms = time_ms;
    }
    return RC_OK;
}

size_t index_rows_upto(const struct index_note *n, uint64_t seq)
{
    size_t low = 0, high = n->facts.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (n->rows[middle].seq <= seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void index_drop_rows(struct note_index *x, struct index_note *n)
{
    size_t drop = index_rows_upto(n, n->facts.older.upto);

    if (drop == 0) {
        return;
    }
    memmove(n->rows, n->rows + drop, (n->facts.count - drop) * sizeof(struct index_row));
    n->facts.count -= drop;
    x->rows -= drop;
}

void index_set_snap(struct index_note *n, struct index_snap snap, bool keep)
{
    struct index_facts *f = &n->facts;

    if (keep) {
        f->older = f->newest;
    }
    f->newest = snap;
    f->fresh = 0;
    f->fresh_bytes = 0;
    for (size_t i = f->count; i > 0 && n->rows[i - 1].seq > snap.upto; i--) {
        f->fresh++;
        f->fresh_bytes += n->rows[i - 1].bytes;
    }
}

uint64_t index_size(const struct index_note *n)
{
    return n->facts.newest.bytes + n->facts.fresh_bytes;
}

void index_undo_save(struct index_undo *u, struct index_note *n, bool made)
{
    u->note = n;
    u->made = made;
    u->was_dirty = n->dirty;
    u->before = n->facts;
}

void index_undo_apply(struct note_index *x, struct index_undo *u)
{
    struct index_note *n = u->note;

    if (n == NULL) {
        return;
    }
    x->rows -= n->facts.count - u->before.count;
    n->facts = u->before;
    n->dirty = u->was_dirty;
    if (u->made) {
        index_remove(x, n);
    }
    u->note = NULL;
}

static bool comes_before(const struct index_note *a, int64_t updated_ms, uint64_t id)
{
    if (a->facts.updated_ms != updated_ms) {
        return a->facts.updated_ms > updated_ms;
    }
    return a->id > id;
}

/* out[0..count) is a heap whose root is the note that comes last. */
static void sift_down(const struct index_note **out, size_t count, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        const struct index_note *n = out[at];

        if (child >= count) {
            return;
        }
        if (child + 1 < count && comes_before(out[child], out[child + 1]->facts.updated_ms, out[child + 1]->id)) {
            child++;
        }
        if (!comes_before(n, out[child]->facts.updated_ms, out[child]->id)) {
            return;
        }
        out[at] = out[child];
        out[child] = n;
        at = child;
    }
}

static void sift_up(const struct index_note **out, size_t at)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        const struct index_note *n = out[at];

        if (!comes_before(out[parent], n->facts.updated_ms, n->id)) {
            return;
        }
        out[at] = out[parent];
        out[parent] = n;
        at = parent;
    }
}

static void heap_sort(const struct index_note **out, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        const struct index_note *last = out[0];

        out[0] = out[left - 1];
        out[left - 1] = last;
        sift_down(out, left - 1, 0);
    }
}

size_t index_list(const struct note_index *x, const struct store_cursor *after, size_t limit,
                  const struct index_note **out, bool *more)
{
    size_t count = 0;

    *more = false;
    for (size_t id = 0; id < x->by_id_cap; id++) {
        const struct index_note *n = x->by_id[id];

        if (n == NULL || (after != NULL && (comes_before(n, after->updated_ms, after->id) || n->id == after->id))) {
            continue;
        }
        if (count < limit) {
            out[count] = n;
            sift_up(out, count++);
            continue;
        }
        *more = true;
        if (count > 0 && comes_before(n, out[0]->facts.updated_ms, out[0]->id)) {
            out[0] = n;
            sift_down(out, count, 0);
        }
    }
    heap_sort(out, count);
    return count;
}

static bool note_check(const struct index_note *n)
{
    const struct index_facts *f = &n->facts;
    size_t fresh = 0;
    uint64_t last = f->older.upto;

    for (size_t i = 0; i < f->count; i++) {
        if (n->rows[i].seq <= last) {
            return false;
        }
        last = n->rows[i].seq;
        fresh += last > f->newest.upto;
    }
    return fresh == f->fresh && f->older.upto <= f->newest.upto && f->newest.upto <= f->last_seq &&
           (f->count == 0 || last == f->last_seq);
}

bool index_check(const struct note_index *x)
{
    size_t count = 0;
    uint64_t rows = 0;

    for (size_t id = 0; id < x->by_id_cap; id++) {
        const struct index_note *n = x->by_id[id];

        if (n == NULL) {
            continue;
        }
        count++;
        rows += n->facts.count;
        if (index_find(x, span_of(n->name, n->name_len)) != n || (!n->damaged && !note_check(n))) {
            return false;
        }
    }
    return count == x->count && rows == x->rows;
}
