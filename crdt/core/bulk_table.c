#include "crdt/core/bulk_table.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/pool.h"

/* ---- the table ------------------------------------------------------------------------------------ */

static uint32_t state_of(const struct bulk *b, uint32_t client)
{
    return b->doc->clients[client].state;
}

static uint32_t bucket_count(const struct bulk *b, uint32_t client)
{
    uint32_t state = state_of(b, client);

    return state == 0 ? 0 : ((state - 1) >> b->authors[client].shift) + 1;
}

/* The buckets are at most twice as many as the structs, and one more. */
static void choose_shift(const struct bulk *b, uint32_t client)
{
    struct bulk_author *a = &b->authors[client];

    a->shift = 0;
    while (state_of(b, client) >> a->shift > 2 * (a->end - a->first)) {
        a->shift++;
    }
}

static void fill_table(const struct bulk *b, uint32_t client)
{
    const struct bulk_author *a = &b->authors[client];
    uint32_t *table = b->table + a->table, buckets = bucket_count(b, client), s = a->first;

    for (uint32_t i = 0; i < buckets; i++) {
        while (s + 1 < a->end && b->structs[s + 1].clock <= i << a->shift) {
            s++;
        }
        table[i] = s;
    }
    if (buckets > 0) {
        table[buckets] = a->end - 1;
    }
}

static int make_table(struct bulk *b)
{
    size_t size = 0;

    for (uint32_t c = 0; c < b->author_count; c++) {
        choose_shift(b, c);
        b->authors[c].table = (uint32_t)size;
        size += bucket_count(b, c) + 1;
    }
    b->table = arena_alloc(b->scratch, size * sizeof(*b->table));
    if (!b->table) {
        return RC_NOMEM;
    }
    for (uint32_t c = 0; c < b->author_count; c++) {
        fill_table(b, c);
    }
    return RC_OK;
}

#define FEW 8 /* are gone through one by one */

/* Whether the struct behind `s` begins at `clock` or before, and is not beyond `last`. Computed without a branch. */
static uint32_t goes_on(const struct bulk *b, uint32_t s, uint32_t last, uint32_t clock)
{
    return (s < last) & (b->structs[s + 1].clock <= clock);
}

uint32_t bulk_find(const struct bulk *b, uint32_t client, uint32_t clock)
{
    if (clock >= state_of(b, client)) {
        return BULK_NONE;
    }
    const struct bulk_author *a = &b->authors[client];
    const uint32_t *bucket = b->table + a->table + (clock >> a->shift);
    uint32_t low = bucket[0], high = bucket[1];

    while (high - low > FEW) {
        uint32_t middle = low + (high - low) / 2;
        if (b->structs[middle].clock <= clock) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    /* One or two steps are the rule, and nobody can foresee which. */
    low += goes_on(b, low, high, clock);
    low += goes_on(b, low, high, clock);
    while (goes_on(b, low, high, clock)) {
        low++;
    }
    return low;
}

/* ---- origins ----------------------------------------------------------------------------------------- */

static uint32_t end_of(const struct bulk *b, uint32_t client, uint32_t s)
{
    return s + 1 < b->authors[client].end ? b->structs[s + 1].clock : state_of(b, client);
}

/* Struct `s`, of that client, is to be cut so that one begins at `clock`. */
static int cut_at(struct bulk *b, uint32_t s, uint32_t clock)
{
    int rc = mem_reserve(&b->doc->mem, (void **)&b->cuts, &b->cut_cap, (uint64_t)b->cut_count + 1, sizeof(*b->cuts));

    if (rc == RC_OK) {
        b->cuts[b->cut_count++] = (struct id_entry){clock, s};
    }
    return rc;
}

/* The struct that ends with an origin. One that hangs on garbage is garbage, too, which editors leave to no one. */
static int resolve_left(struct bulk *b, uint32_t s, const struct item *it)
{
    uint32_t left = s - 1;

    b->left[s] = BULK_NONE;
    if (it->origin_client == NONE32) {
        return RC_OK;
    }
    if (it->origin_client != it->client || it->origin_clock + 1 != it->clock) {
        left = bulk_find(b, it->origin_client, it->origin_clock);
    }
    if (left == BULK_NONE || bulk_garbage(b, left)) {
        return BULK_UNFIT;
    }
    b->left[s] = left;
    return end_of(b, it->origin_client, left) == it->origin_clock + 1 ? RC_OK : cut_at(b, left, it->origin_clock + 1);
}

static int resolve_origins(struct bulk *b)
{
    int rc = RC_OK;

    for (uint32_t s = 0; rc == RC_OK && s < b->count; s++) {
        rc = bulk_garbage(b, s) ? RC_OK : resolve_left(b, s, bulk_item(b, s));
    }
    return rc;
}

/* ---- borders of deletions ------------------------------------------------------------------------------ */

/* A deletion begins or ends at `clock`: no living item may go on across it. */
static int border_at(struct bulk *b, uint32_t client, uint64_t clock)
{
    uint32_t s = clock < state_of(b, client) ? bulk_find(b, client, (uint32_t)clock) : BULK_NONE;

    if (s == BULK_NONE || b->structs[s].clock == clock || bulk_garbage(b, s) || item_deleted(bulk_item(b, s))) {
        return RC_OK;
    }
    return cut_at(b, s, (uint32_t)clock);
}

static int resolve_deletes(struct bulk *b, const struct idset *deletes)
{
    const struct idset_range *r = idset_ranges(deletes);
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < deletes->count; i++) {
        uint32_t client = client_find(b->doc, r[i].client);
        if (client == NONE32) {
            continue;
        }
        rc = border_at(b, client, r[i].clock);
        if (rc == RC_OK) {
            rc = border_at(b, client, r[i].clock + r[i].len);
        }
    }
    return rc;
}

/* ---- cutting --------------------------------------------------------------------------------------------- */

static int by_struct_and_clock(const void *x, const void *y)
{
    const struct id_entry *a = x, *b = y;

    if (a->item != b->item) {
        return a->item < b->item ? -1 : 1;
    }
    return a->clock < b->clock ? -1 : a->clock > b->clock;
}

static void sort_cuts(struct bulk *b)
{
    uint32_t kept = 1;

    qsort(b->cuts, b->cut_count, sizeof(*b->cuts), by_struct_and_clock);
    for (uint32_t i = 1; i < b->cut_count; i++) {
        if (by_struct_and_clock(&b->cuts[i], &b->cuts[kept - 1]) != 0) {
            b->cuts[kept++] = b->cuts[i];
        }
    }
    b->cut_count = kept;
}

/* yjs: splitItem. Returns the right part, which begins at `clock`. */
static uint32_t cut_item(struct crdt_doc *doc, uint32_t item, uint32_t clock)
{
    uint32_t right = doc->item_count++;
    struct item *l = item_at(doc, item), *r = item_at(doc, right);

    *r = *l;
    r->leaf = 0;
    r->clock = clock;
    r->len = l->clock + l->len - clock;
    r->origin_client = l->client;
    r->origin_clock = clock - 1;
    content_split(doc, item, clock - l->clock, right);
    l->len = clock - l->clock;
    return right;
}

/* Moves the structs to their new places, from the last to the first, and cuts on the way. */
static void cut_structs(struct bulk *b)
{
    uint32_t to = b->count + b->cut_count, cut = b->cut_count;

    for (uint32_t s = b->count; s-- > 0;) {
        uint32_t first = cut;
        while (first > 0 && b->cuts[first - 1].item == s) {
            first--;
        }
        struct id_entry whole = b->structs[s];
        to -= cut - first + 1;
        b->structs[to] = whole;
        for (uint32_t i = first, item = whole.item; i < cut; i++) {
            item = cut_item(b->doc, item, b->cuts[i].clock);
            b->structs[to + 1 + i - first] = (struct id_entry){b->cuts[i].clock, item};
        }
        cut = first;
    }
    b->count += b->cut_count;
}

/* Cuts in structs before `s`. */
static uint32_t cuts_before(const struct bulk *b, uint32_t s)
{
    uint32_t low = 0, high = b->cut_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (b->cuts[middle].item < s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void move_authors(struct bulk *b)
{
    for (uint32_t c = 0; c < b->author_count; c++) {
        struct bulk_author *a = &b->authors[c];
        a->first += cuts_before(b, a->first);
        a->end += cuts_before(b, a->end);
        a->next = a->first;
    }
}

static int cut_all(struct bulk *b)
{
    struct crdt_doc *doc = b->doc;

    sort_cuts(b);
    int rc =
        mem_reserve(&doc->mem, (void **)&b->structs, &b->cap, (uint64_t)b->count + b->cut_count, sizeof(*b->structs));
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->items, &doc->item_cap, (uint64_t)doc->item_count + b->cut_count,
                         sizeof(*doc->items));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap,
                         doc->pool_len + content_split_cost(doc, b->cut_count, 0), 1);
    }
    if (rc == RC_OK) {
        cut_structs(b);
        move_authors(b);
        b->cut_count = 0;
    }
    return rc;
}

static int resolve_once(struct bulk *b, const struct idset *deletes)
{
    int rc = mem_reserve(&b->doc->mem, (void **)&b->structs, &b->cap, (uint64_t)b->count + 1, sizeof(*b->structs));
    if (rc != RC_OK) {
        return rc;
    }
    b->structs[b->count] = (struct id_entry){UINT32_MAX, 0}; /* read, but never found */
    b->left = arena_alloc(b->scratch, b->count * sizeof(*b->left));
    if (!b->left) {
        return RC_NOMEM;
    }
    rc = make_table(b);
    if (rc == RC_OK) {
        rc = resolve_origins(b);
    }
    return rc == RC_OK ? resolve_deletes(b, deletes) : rc;
}

int bulk_resolve(struct bulk *b, const struct idset *deletes)
{
    int rc = resolve_once(b, deletes);

    if (rc != RC_OK || b->cut_count == 0) {
        return rc;
    }
    rc = cut_all(b);
    return rc == RC_OK ? resolve_once(b, deletes) : rc;
}
