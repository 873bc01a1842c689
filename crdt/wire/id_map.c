/* Maps of ids (crdt.h): ranges in the order of a set, neighbours of one value joined. Everything but adding at the end
 * is one sweep over two such lists. */
#include <stdlib.h>
#include "crdt/lib0/dec.h"
#include "crdt/wire/ids_public.h"
#include "crdt/crdt.h"

struct entry {
    uint64_t client, clock, end, value; /* clocks [clock, end) */
};

struct entries {
    struct entry *entry;
    size_t count, cap;
};

struct crdt_id_map {
    struct entries all;
};

int crdt_id_map_create(struct crdt_id_map **out)
{
    *out = calloc(1, sizeof(**out));
    return *out ? RC_OK : RC_NOMEM;
}

void crdt_id_map_destroy(struct crdt_id_map *map)
{
    if (map) {
        free(map->all.entry);
        free(map);
    }
}

/* ---- adding behind ------------------------------------------------------------------------------------ */

static int append(struct entries *e, struct entry more)
{
    struct entry *last = e->count > 0 ? &e->entry[e->count - 1] : NULL;

    if (last && last->client == more.client && last->end == more.clock && last->value == more.value) {
        last->end = more.end;
        return RC_OK;
    }
    if (e->count == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 8;
        struct entry *grown = cap <= SIZE_MAX / sizeof(*grown) ? realloc(e->entry, cap * sizeof(*grown)) : NULL;
        if (!grown) {
            return RC_NOMEM;
        }
        e->entry = grown;
        e->cap = cap;
    }
    e->entry[e->count++] = more;
    return RC_OK;
}

/* ---- two lists together ----------------------------------------------------------------------------------- */

enum policy { OVERLAY, REMOVE, KEEP };

/* What becomes of a stretch that the one has, or the other, or both. */
static int put_stretch(struct entries *out, enum policy policy, const struct entry *a, const struct entry *b,
                       struct entry stretch)
{
    bool stays = policy == OVERLAY || (a && (policy == KEEP) == (b != NULL));

    if (!stays) {
        return RC_OK;
    }
    stretch.value = policy == OVERLAY && b ? b->value : a->value;
    return append(out, stretch);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Where what is left of an entry from `at` on begins; UINT64_MAX: it is of another client, or there is none. */
static uint64_t begins(const struct entry *e, uint64_t client, uint64_t at)
{
    return e && e->client == client ? later(e->clock, at) : UINT64_MAX;
}

static int sweep(const struct entries *a, const struct entries *b, enum policy policy, struct entries *out)
{
    uint64_t client = UINT64_MAX, at = 0;
    size_t i = 0, j = 0;
    int rc = RC_OK;

    while (rc == RC_OK && (i < a->count || j < b->count)) {
        const struct entry *x = i < a->count ? &a->entry[i] : NULL, *y = j < b->count ? &b->entry[j] : NULL;
        uint64_t next = x && y ? later(x->client, y->client) : x ? x->client : y->client;
        at = next == client ? at : 0;
        client = next;
        uint64_t from_x = begins(x, client, at), from_y = begins(y, client, at), from = sooner(from_x, from_y);
        uint64_t to = sooner(from_x == from ? x->end : from_x, from_y == from ? y->end : from_y);
        rc = put_stretch(out, policy, from_x == from ? x : NULL, from_y == from ? y : NULL,
                         (struct entry){client, from, to, 0});
        at = to;
        i += x && x->client == client && x->end == to;
        j += y && y->client == client && y->end == to;
    }
    return rc;
}

static int change(struct crdt_id_map *map, const struct entries *other, enum policy policy)
{
    struct entries out = {0};
    int rc = sweep(&map->all, other, policy, &out);

    if (rc == RC_OK) {
        struct entries old = map->all;
        map->all = out;
        out = old;
    }
    free(out.entry);
    return rc;
}

static int change_by_ids(struct crdt_id_map *map, const struct crdt_ids *ids, enum policy policy)
{
    struct entries other = {0};
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < ids->set.count; i++) {
        const struct idset_range *r = &idset_ranges(&ids->set)[i];
        rc = append(&other, (struct entry){r->client, r->clock, r->clock + r->len, 0});
    }
    if (rc == RC_OK) {
        rc = change(map, &other, policy);
    }
    free(other.entry);
    return rc;
}

/* ---- public -------------------------------------------------------------------------------------------------- */

int crdt_id_map_set(struct crdt_id_map *map, struct crdt_id_range range, uint64_t value)
{
    const struct entry *last = map->all.count > 0 ? &map->all.entry[map->all.count - 1] : NULL;
    struct entry more = {range.client, range.clock, range.clock + range.len, value};

    if (range.client > LIB0_MAX_SAFE || range.clock > LIB0_MAX_SAFE || range.len > LIB0_MAX_SAFE - range.clock) {
        return RC_RANGE;
    }
    if (range.len == 0) {
        return RC_OK;
    }
    if (!last || last->client > more.client || (last->client == more.client && last->end <= more.clock)) {
        return append(&map->all, more);
    }
    return change(map, &(struct entries){&more, 1, 1}, OVERLAY);
}

bool crdt_id_map_get(const struct crdt_id_map *map, uint64_t client, uint64_t clock, uint64_t *value)
{
    size_t low = 0, high = map->all.count;

    while (low < high) { /* the first entry that ends behind the id */
        size_t middle = low + (high - low) / 2;
        const struct entry *e = &map->all.entry[middle];
        if (e->client > client || (e->client == client && e->end <= clock)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct entry *e = low < map->all.count ? &map->all.entry[low] : NULL;
    if (!e || e->client != client || e->clock > clock) {
        return false;
    }
    *value = e->value;
    return true;
}

bool crdt_id_map_range(const struct crdt_id_map *map, size_t index, struct crdt_id_range *range, uint64_t *value)
{
    if (index >= map->all.count) {
        return false;
    }
    const struct entry *e = &map->all.entry[index];
    *range = (struct crdt_id_range){e->client, e->clock, e->end - e->clock};
    *value = e->value;
    return true;
}

int crdt_id_map_overlay(struct crdt_id_map *map, const struct crdt_id_map *over)
{
    return change(map, &over->all, OVERLAY);
}

int crdt_id_map_remove(struct crdt_id_map *map, const struct crdt_ids *ids)
{
    return change_by_ids(map, ids, REMOVE);
}

int crdt_id_map_keep(struct crdt_id_map *map, const struct crdt_ids *ids)
{
    return change_by_ids(map, ids, KEEP);
}

int crdt_id_map_ids(const struct crdt_id_map *map, struct crdt_ids *out)
{
    struct idset set = {0};
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < map->all.count; i++) {
        const struct entry *e = &map->all.entry[i];
        rc = idset_add(&set, e->client, e->clock, e->end - e->clock);
    }
    if (rc == RC_OK) {
        ids_replace(out, &set);
    }
    idset_finish(&set);
    return rc;
}
