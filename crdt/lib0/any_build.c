#include "crdt/lib0/any_build.h"
#include <stdlib.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"

#define FEW_KEYS  16                  /* up to here comparing all pairs is cheaper than sorting */
#define SHORT     0x80                /* counts below take one byte */
#define NOT_INDEX (UINT64_C(1) << 32) /* sorts behind all array indexes */

/* Offsets in `out` from `base`: the key (a varstring), its value, and the end of the value. */
struct any_member {
    uint32_t key, value, end;
};

struct any_late {
    uint32_t start, end; /* the container as it was appended */
    uint32_t count;      /* members that it shall have */
    uint32_t first;      /* objects: its members in `ordered` */
    bool in_order;       /* only the count is wrong */
};

void any_build_init(struct any_build *b, struct buf *out)
{
    *b = (struct any_build){.out = out, .base = out->len};
}

static void fail(struct any_build *b, int rc)
{
    if (b->rc == RC_OK) {
        b->rc = rc;
    }
}

static bool failed(const struct any_build *b)
{
    return b->rc != RC_OK || b->out->rc != RC_OK;
}

static uint32_t here(struct any_build *b)
{
    size_t offset = b->out->len - b->base;

    if (offset > UINT32_MAX) {
        fail(b, RC_LIMIT);
    }
    return (uint32_t)offset;
}

/* Appends to one of the three lists. */
static void push(struct any_build *b, struct buf *list, const void *record, size_t size)
{
    buf_put(list, record, size);
    if (list->rc != RC_OK) {
        fail(b, list->rc);
    }
}

static struct any_member *members(const struct buf *list)
{
    return (struct any_member *)(void *)list->data;
}

static uint32_t member_count(const struct buf *list)
{
    return (uint32_t)(list->len / sizeof(struct any_member));
}

struct any_frame any_build_open(struct any_build *b, uint8_t tag)
{
    struct any_frame frame = {.start = here(b), .first = member_count(&b->open)};

    buf_put_u8(b->out, tag);
    buf_put_u8(b->out, 0); /* the count */
    return frame;
}

void any_build_key(struct any_build *b, struct span key)
{
    struct any_member m = {.key = here(b)};

    lib0_put_varstring(b->out, key);
    m.value = here(b);
    push(b, &b->open, &m, sizeof(m));
}

/* ---- The order of an object's members --------------------------------------------------------- */

static struct span key_of(const struct any_build *b, const struct any_member *m)
{
    const uint8_t *bytes = b->out->data + b->base;
    struct lib0_dec d = lib0_dec_of(span_of(bytes + m->key, m->value - m->key));

    return lib0_dec_varbytes(&d);
}

/* The number that a key is when it is an array index as JavaScript has them ("0" … "4294967294"), else NOT_INDEX. */
static uint64_t index_of(struct span key)
{
    uint64_t value = 0;

    if (key.len == 0 || key.len > 10 || (key.data[0] == '0' && key.len > 1)) {
        return NOT_INDEX;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] < '0' || key.data[i] > '9') {
            return NOT_INDEX;
        }
        value = value * 10 + (key.data[i] - '0');
    }
    return value < UINT32_MAX ? value : NOT_INDEX;
}

static bool is_proto(struct span key)
{
    return span_equal(key, span_str("__proto__"));
}

/* A member to be sorted. First `rank` stands for its key, so that equal keys come together: the first seven bytes and
 * the length, which decides without a look at the key unless that is longer; then for its place. */
struct ranked {
    uint64_t rank;
    struct any_member m;
};

#define KEY_RANK_BYTES 7

static uint64_t key_rank(struct span key)
{
    uint64_t rank = 0;

    for (size_t i = 0; i < KEY_RANK_BYTES; i++) {
        rank = rank << 8 | (i < key.len ? key.data[i] : 0);
    }
    return rank << 8 | (key.len <= KEY_RANK_BYTES ? key.len : KEY_RANK_BYTES + 1);
}

/* Array indexes first, then as they came. */
static uint64_t place_rank(const struct any_build *b, const struct any_member *m)
{
    uint64_t index = index_of(key_of(b, m));

    return index == NOT_INDEX ? NOT_INDEX + m->key : index;
}

/* Negative, zero or positive, in an order of which only matters that equal keys are equal. */
static int compare(const struct any_build *b, const struct ranked *x, const struct ranked *y)
{
    struct span kx, ky;

    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    if ((x->rank & 0xff) <= KEY_RANK_BYTES) {
        return 0;
    }
    kx = key_of(b, &x->m);
    ky = key_of(b, &y->m);
    if (kx.len != ky.len) {
        return kx.len < ky.len ? -1 : 1;
    }
    return memcmp(kx.data, ky.data, kx.len);
}

static bool is_sorted(const struct any_build *b, const struct ranked *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (compare(b, &list[i - 1], &list[i]) > 0) {
            return false;
        }
    }
    return true;
}

/* Merges neighbours of `run` members each. */
static void merge_runs(const struct any_build *b, const struct ranked *list, struct ranked *out, size_t n, size_t run)
{
    for (size_t from = 0; from < n; from += 2 * run) {
        size_t middle = n - from < run ? n : from + run;
        size_t to = n - from < 2 * run ? n : from + 2 * run;
        size_t left = from, right = middle;

        for (size_t i = from; i < to; i++) {
            bool take_left = left < middle && (right == to || compare(b, &list[left], &list[right]) <= 0);

            out[i] = list[take_left ? left++ : right++];
        }
    }
}

/* Bottom-up merge sort, which keeps the order of equal members; `spare` is as long as `list`. */
static void sort_ranked(const struct any_build *b, struct ranked *list, struct ranked *spare, size_t n)
{
    struct ranked *from = list, *to = spare;

    if (is_sorted(b, list, n)) {
        return;
    }
    for (size_t run = 1; run < n; run *= 2) {
        struct ranked *merged = to;

        merge_runs(b, from, to, n, run);
        to = from;
        from = merged;
    }
    if (from != list) {
        memcpy(list, from, n * sizeof(*list));
    }
}

/* Of members sorted by key: each key once, with the place of the first and the value of the last. */
static size_t join_equal(const struct any_build *b, struct ranked *list, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (b->drop_proto && is_proto(key_of(b, &list[i].m))) {
            continue;
        }
        if (kept > 0 && compare(b, &list[kept - 1], &list[i]) == 0) {
            list[kept - 1].m.value = list[i].m.value;
            list[kept - 1].m.end = list[i].m.end;
        } else {
            list[kept++] = list[i];
        }
    }
    return kept;
}

/* Whether the array indexes stand in front, ascending. */
static bool indexes_in_front(const struct any_build *b, const struct any_member *list, size_t n)
{
    uint64_t previous = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t index = index_of(key_of(b, &list[i]));

        if (index < previous) {
            return false;
        }
        previous = index;
    }
    return true;
}

/* Whether of few members each has a key of its own, found without sorting. */
static bool few_distinct(const struct any_build *b, const struct any_member *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct span key = key_of(b, &list[i]);

        if (b->drop_proto && is_proto(key)) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (span_equal(key, key_of(b, &list[k]))) {
                return false;
            }
        }
    }
    return true;
}

/* Puts the members, each key once, into `sorted`, ordered by their ranks; returns how many. */
static size_t sort_by_key(const struct any_build *b, const struct any_member *list, size_t n, struct ranked *sorted,
                          struct ranked *spare)
{
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct ranked){.rank = key_rank(key_of(b, &list[i])), .m = list[i]};
    }
    sort_ranked(b, sorted, spare, n);
    return join_equal(b, sorted, n);
}

static void sort_by_place(struct any_build *b, struct ranked *sorted, struct ranked *spare, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sorted[i].rank = place_rank(b, &sorted[i].m);
    }
    sort_ranked(b, sorted, spare, n);
    for (size_t i = 0; i < n; i++) {
        push(b, &b->ordered, &sorted[i].m, sizeof(sorted[i].m));
    }
}

/* Appends the members in their final order to `ordered`, unless they stand in it already. Returns how many there are.
 */
static size_t order_members(struct any_build *b, const struct any_member *list, size_t n, bool *in_order)
{
    struct ranked *sorted;
    size_t kept;

    *in_order = n <= FEW_KEYS && few_distinct(b, list, n) && indexes_in_front(b, list, n);
    if (*in_order) {
        return n;
    }
    sorted = calloc(2 * n, sizeof(*sorted));
    if (sorted == NULL) {
        fail(b, RC_NOMEM);
        return n;
    }
    kept = sort_by_key(b, list, n, sorted, sorted + n);
    *in_order = kept == n && indexes_in_front(b, list, n);
    if (!*in_order) {
        sort_by_place(b, sorted, sorted + n, kept);
    }
    free(sorted);
    return kept;
}

/* ---- Closing and finishing -------------------------------------------------------------------- */

static void close_container(struct any_build *b, struct any_late late)
{
    if (late.in_order && late.count < SHORT) {
        b->out->data[b->base + late.start + 1] = (uint8_t)late.count;
    } else {
        push(b, &b->late, &late, sizeof(late));
    }
}

void any_build_close_array(struct any_build *b, const struct any_frame *frame)
{
    struct any_late late = {.start = frame->start, .end = here(b), .count = frame->count, .in_order = true};

    if (!failed(b)) {
        close_container(b, late);
    }
}

void any_build_close_object(struct any_build *b, const struct any_frame *frame)
{
    struct any_late late = {.start = frame->start, .end = here(b), .first = member_count(&b->ordered)};
    uint32_t n = member_count(&b->open) - frame->first;
    struct any_member *list;

    if (failed(b)) {
        return;
    }
    if (n == 0) {
        late.in_order = true;
        close_container(b, late);
        return;
    }
    list = members(&b->open) + frame->first;
    for (uint32_t i = 0; i < n; i++) {
        list[i].end = i + 1 < n ? list[i + 1].key : late.end;
    }
    late.count = (uint32_t)order_members(b, list, n, &late.in_order);
    b->open.len = frame->first * sizeof(*list);
    if (!failed(b)) {
        close_container(b, late);
    }
}

/* Late containers by where they begin: the outer before the inner. */
static int by_start(const void *x, const void *y)
{
    uint32_t a = ((const struct any_late *)x)->start;
    uint32_t b = ((const struct any_late *)y)->start;

    return (a > b) - (a < b);
}

/* Where finish reads from and writes to. */
struct copy {
    const uint8_t *bytes;
    const struct any_late *late;
    const struct any_member *ordered;
    size_t late_count;
    struct buf *to;
};

/* The first late container that begins at `offset` or later. */
static size_t find_late(const struct copy *c, uint32_t offset)
{
    size_t low = 0, high = c->late_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->late[middle].start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void copy_range(const struct copy *c, uint32_t from, uint32_t end);

static void copy_container(const struct copy *c, const struct any_late *late)
{
    buf_put_u8(c->to, c->bytes[late->start]);
    lib0_put_varuint(c->to, late->count);
    if (late->in_order) {
        copy_range(c, late->start + 2, late->end);
        return;
    }
    for (uint32_t i = 0; i < late->count; i++) {
        const struct any_member *m = &c->ordered[late->first + i];
        struct lib0_dec key = lib0_dec_of(span_of(c->bytes + m->key, late->end - m->key));

        lib0_put_varstring(c->to, lib0_dec_varbytes(&key));
        copy_range(c, m->value, m->end);
    }
}

/* Recursive as deep as the value is nested: bounded by LIB0_ANY_DEPTH, which the readers keep. */
static void copy_range(const struct copy *c, uint32_t from, uint32_t end)
{
    size_t i = find_late(c, from);

    while (i < c->late_count && c->late[i].start < end) {
        buf_put(c->to, c->bytes + from, c->late[i].start - from);
        copy_container(c, &c->late[i]);
        from = c->late[i].end;
        i = find_late(c, from);
    }
    buf_put(c->to, c->bytes + from, end - from);
}

static void copy_in_order(struct any_build *b)
{
    struct buf result = {0};
    struct copy c = {
        .bytes = b->out->data + b->base,
        .late = (const struct any_late *)(const void *)b->late.data,
        .ordered = members(&b->ordered),
        .late_count = b->late.len / sizeof(struct any_late),
        .to = &result,
    };

    qsort(b->late.data, c.late_count, sizeof(struct any_late), by_start);
    copy_range(&c, 0, (uint32_t)(b->out->len - b->base));
    if (result.rc == RC_OK) {
        b->out->len = b->base;
        buf_put_span(b->out, buf_span(&result));
    } else {
        fail(b, result.rc);
    }
    buf_finish(&result);
}

int any_build_finish(struct any_build *b)
{
    if (!failed(b) && b->late.len > 0) {
        copy_in_order(b);
    }
    buf_finish(&b->open);
    buf_finish(&b->late);
    buf_finish(&b->ordered);
    return b->rc != RC_OK ? b->rc : b->out->rc;
}
