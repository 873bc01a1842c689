#include "crdt/core/idset.h"

#include <stdlib.h>
#include <string.h>

#define INSERTION_MAX 24 /* below, insertion sort beats counting digits */
#define DIGIT_BITS    8
#define DIGIT_VALUES  (1 << DIGIT_BITS)

/* ---- Sorting ranges ---------------------------------------------------------------------------- */

static bool range_before(const struct idset_range *a, const struct idset_range *b)
{
    return a->client != b->client ? a->client > b->client : a->clock < b->clock;
}

static bool ranges_sorted(const struct idset_range *r, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (range_before(&r[i], &r[i - 1])) {
            return false;
        }
    }
    return true;
}

static void insertion_sort(struct idset_range *r, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct idset_range moved = r[i];
        size_t at = i;

        for (; at > 0 && range_before(&moved, &r[at - 1]); at--) {
            r[at] = r[at - 1];
        }
        r[at] = moved;
    }
}

/* Sort key `word`: 0 the clock, 1 the client, complemented because clients descend. */
static uint64_t range_key(const struct idset_range *r, int word)
{
    return word == 0 ? r->clock : ~r->client;
}

static void sort_by_digit(const struct idset_range *from, struct idset_range *to, size_t count, int word,
                          unsigned shift)
{
    size_t start[DIGIT_VALUES] = {0};
    size_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        start[(range_key(&from[i], word) >> shift) & (DIGIT_VALUES - 1)]++;
    }
    for (size_t d = 0; d < DIGIT_VALUES; d++) {
        size_t with_digit = start[d];

        start[d] = sum;
        sum += with_digit;
    }
    for (size_t i = 0; i < count; i++) {
        to[start[(range_key(&from[i], word) >> shift) & (DIGIT_VALUES - 1)]++] = from[i];
    }
}

/* Which bits of the sort key are not the same in all ranges. */
static uint64_t varying_bits(const struct idset_range *r, size_t count, int word)
{
    uint64_t vary = 0;

    for (size_t i = 1; i < count; i++) {
        vary |= range_key(&r[i], word) ^ range_key(&r[0], word);
    }
    return vary;
}

static int radix_sort(struct idset_range *ranges, size_t count)
{
    struct idset_range *other = malloc(count * sizeof(*other));
    struct idset_range *from = ranges, *to = other;

    if (other == NULL) {
        return RC_NOMEM;
    }
    for (int word = 0; word < 2; word++) {
        uint64_t vary = varying_bits(ranges, count, word);

        for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
            struct idset_range *was = from;

            if (((vary >> shift) & (DIGIT_VALUES - 1)) == 0) {
                continue;
            }
            sort_by_digit(from, to, count, word, shift);
            from = to;
            to = was;
        }
        /* The next word is looked at in `ranges`, and the result belongs there. */
        if (from != ranges) {
            memcpy(ranges, from, count * sizeof(*ranges));
            from = ranges;
            to = other;
        }
    }
    free(other);
    return RC_OK;
}

int idset_range_sort(struct idset_range *ranges, size_t count)
{
    if (ranges_sorted(ranges, count)) {
        return RC_OK;
    }
    if (count <= INSERTION_MAX) {
        insertion_sort(ranges, count);
        return RC_OK;
    }
    return radix_sort(ranges, count);
}

/* ---- The set ------------------------------------------------------------------------------------- */

static struct idset_range *ranges_of(struct idset *s)
{
    return s->heap != NULL ? s->heap : s->few;
}

const struct idset_range *idset_ranges(const struct idset *s)
{
    return s->heap != NULL ? s->heap : s->few;
}

void idset_init(struct idset *s)
{
    s->heap = NULL;
    s->count = s->cap = 0;
}

void idset_finish(struct idset *s)
{
    if (s != NULL) {
        free(s->heap);
        idset_init(s);
    }
}

void idset_clear(struct idset *s)
{
    s->count = 0;
}

static int idset_grow(struct idset *s)
{
    size_t cap = s->heap == NULL ? 8 * IDSET_FEW : s->cap * 2;
    struct idset_range *heap;

    if (cap > SIZE_MAX / sizeof(*heap)) {
        return RC_NOMEM;
    }
    heap = realloc(s->heap, cap * sizeof(*heap));
    if (heap == NULL) {
        return RC_NOMEM;
    }
    if (s->heap == NULL) {
        memcpy(heap, s->few, s->count * sizeof(*heap));
    }
    s->heap = heap;
    s->cap = cap;
    return RC_OK;
}

int idset_push(struct idset *s, uint64_t client, uint64_t clock, uint64_t len)
{
    if (s->count == (s->heap != NULL ? s->cap : IDSET_FEW) && idset_grow(s) != RC_OK) {
        return RC_NOMEM;
    }
    ranges_of(s)[s->count++] = (struct idset_range){client, clock, len};
    return RC_OK;
}

int idset_add(struct idset *s, uint64_t client, uint64_t clock, uint64_t len)
{
    struct idset_range *last = s->count > 0 ? &ranges_of(s)[s->count - 1] : NULL;

    if (len == 0) {
        return RC_OK;
    }
    if (last != NULL && last->client == client) {
        if (last->clock + last->len == clock) {
            last->len += len;
            return RC_OK;
        }
        if (clock + len == last->clock) {
            last->clock = clock;
            last->len += len;
            return RC_OK;
        }
    }
    return idset_push(s, client, clock, len);
}

/* Joins the neighbours that touch or overlap, in a sorted set. */
static void join_neighbours(struct idset *s)
{
    struct idset_range *r = ranges_of(s);
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct idset_range *left = kept > 0 ? &r[kept - 1] : NULL;

        if (left != NULL && left->client == r[i].client && left->clock + left->len >= r[i].clock) {
            uint64_t reach = r[i].clock + r[i].len - left->clock;

            left->len = reach > left->len ? reach : left->len;
        } else {
            r[kept++] = r[i];
        }
    }
    s->count = kept;
}

int idset_normalize(struct idset *s)
{
    int rc = idset_range_sort(ranges_of(s), s->count);

    if (rc == RC_OK) {
        join_neighbours(s);
    }
    return rc;
}

bool idset_is_normal(const struct idset *s)
{
    const struct idset_range *r = idset_ranges(s);

    for (size_t i = 1; i < s->count; i++) {
        if (r[i - 1].client < r[i].client ||
            (r[i - 1].client == r[i].client && r[i - 1].clock + r[i - 1].len >= r[i].clock)) {
            return false;
        }
    }
    return true;
}

static bool is_grouped(const struct idset *s)
{
    const struct idset_range *r = idset_ranges(s);

    for (size_t i = 1; i < s->count; i++) {
        if (r[i - 1].client < r[i].client) {
            return false;
        }
    }
    return true;
}

/* Sorts by client alone: each range is stood for by (client, its index), which sorts as a range. */
int idset_group(struct idset *s)
{
    struct idset_range *r = ranges_of(s), *order, *sorted;
    int rc;

    if (is_grouped(s)) {
        return RC_OK;
    }
    order = malloc(s->count * sizeof(*order));
    sorted = malloc(s->count * sizeof(*sorted));
    if (order == NULL || sorted == NULL) {
        free(order);
        free(sorted);
        return RC_NOMEM;
    }
    for (size_t i = 0; i < s->count; i++) {
        order[i] = (struct idset_range){r[i].client, i, 1};
    }
    rc = idset_range_sort(order, s->count);
    for (size_t i = 0; rc == RC_OK && i < s->count; i++) {
        sorted[i] = r[order[i].clock];
    }
    if (rc == RC_OK) {
        memcpy(r, sorted, s->count * sizeof(*r));
    }
    free(order);
    free(sorted);
    return rc;
}

size_t idset_group_end(const struct idset *s, size_t from)
{
    const struct idset_range *r = idset_ranges(s);
    size_t end = from + 1;

    while (end < s->count && r[end].client == r[from].client) {
        end++;
    }
    return end;
}

/* Index of the first range that is not before (client, clock); count when all are. */
static size_t lower_bound(const struct idset *s, uint64_t client, uint64_t clock)
{
    const struct idset_range *r = idset_ranges(s);
    const struct idset_range wanted = {client, clock, 0};
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (range_before(&r[middle], &wanted)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t idset_find_client(const struct idset *s, uint64_t client)
{
    size_t at = lower_bound(s, client, 0);

    return at < s->count && idset_ranges(s)[at].client == client ? at : s->count;
}

bool idset_contains(const struct idset *s, uint64_t client, uint64_t clock)
{
    const struct idset_range *r = idset_ranges(s);
    size_t at = lower_bound(s, client, clock);

    if (at < s->count && r[at].client == client && r[at].clock == clock) {
        return true;
    }
    return at > 0 && r[at - 1].client == client && clock - r[at - 1].clock < r[at - 1].len;
}

bool idset_equal(const struct idset *a, const struct idset *b)
{
    const struct idset_range *ra = idset_ranges(a), *rb = idset_ranges(b);

    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (ra[i].client != rb[i].client || ra[i].clock != rb[i].clock || ra[i].len != rb[i].len) {
            return false;
        }
    }
    return true;
}

/* ---- Operations on normal sets: one walk over both ------------------------------------------------ */

int idset_union(const struct idset *a, const struct idset *b, struct idset *out)
{
    const struct idset_range *ra = idset_ranges(a), *rb = idset_ranges(b);
    size_t i = 0, j = 0;

    idset_clear(out);
    while (i < a->count || j < b->count) {
        bool from_a = j == b->count || (i < a->count && range_before(&ra[i], &rb[j]));
        const struct idset_range *next = from_a ? &ra[i++] : &rb[j++];

        if (idset_push(out, next->client, next->clock, next->len) != RC_OK) {
            idset_clear(out);
            return RC_NOMEM;
        }
    }
    join_neighbours(out);
    return RC_OK;
}

/* Where a range of the same client ends; ranges of clients to come (lower) end after everything, those of clients
 * gone by before everything: compared with range_before's order of clients. */
static bool ends_before(const struct idset_range *r, uint64_t client, uint64_t clock)
{
    return r->client != client ? r->client > client : r->clock + r->len <= clock;
}

int idset_subtract(const struct idset *a, const struct idset *b, struct idset *out)
{
    const struct idset_range *ra = idset_ranges(a), *rb = idset_ranges(b);
    size_t j = 0;

    idset_clear(out);
    for (size_t i = 0; i < a->count; i++) {
        uint64_t clock = ra[i].clock, end = ra[i].clock + ra[i].len;
        int rc = RC_OK;

        while (j < b->count && ends_before(&rb[j], ra[i].client, clock)) {
            j++;
        }
        /* The last range of b that reaches beyond `end` may also cut the next range of a: j stays on it. */
        for (size_t k = j; rc == RC_OK && clock < end; k++) {
            bool cuts = k < b->count && rb[k].client == ra[i].client && rb[k].clock < end;

            if (!cuts) {
                rc = idset_push(out, ra[i].client, clock, end - clock);
                break;
            }
            if (rb[k].clock > clock) {
                rc = idset_push(out, ra[i].client, clock, rb[k].clock - clock);
            }
            clock = rb[k].clock + rb[k].len;
            j = k;
        }
        if (rc != RC_OK) {
            idset_clear(out);
            return rc;
        }
    }
    return RC_OK;
}

int idset_intersect(const struct idset *a, const struct idset *b, struct idset *out)
{
    const struct idset_range *ra = idset_ranges(a), *rb = idset_ranges(b);
    size_t i = 0, j = 0;

    idset_clear(out);
    while (i < a->count && j < b->count) {
        uint64_t from = ra[i].clock > rb[j].clock ? ra[i].clock : rb[j].clock;
        uint64_t end_a = ra[i].clock + ra[i].len, end_b = rb[j].clock + rb[j].len;
        uint64_t to = end_a < end_b ? end_a : end_b;

        if (ra[i].client != rb[j].client) {
            if (ra[i].client > rb[j].client) {
                i++;
            } else {
                j++;
            }
            continue;
        }
        if (from < to && idset_push(out, ra[i].client, from, to - from) != RC_OK) {
            idset_clear(out);
            return RC_NOMEM;
        }
        if (end_a <= end_b) {
            i++;
        } else {
            j++;
        }
    }
    return RC_OK;
}
