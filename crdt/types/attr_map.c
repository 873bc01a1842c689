#include "crdt/types/attr_map.h"

#include <stdlib.h>
#include "crdt/core/hash.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"

#define FEW 8 /* looked through one by one */

/* ---- finding --------------------------------------------------------------------------------------- */

/* The slot that holds the key, or the empty one where it would go. */
static uint32_t *find_slot(const struct attr_map *m, struct span key)
{
    uint32_t at = hash_bytes(m->seed, 0, key.data, key.len) & (m->slot_cap - 1);

    while (m->slots[at] && !span_equal(m->entries[m->slots[at] - 1].key, key)) {
        at = (at + 1) & (m->slot_cap - 1);
    }
    return &m->slots[at];
}

static struct attr_entry *find(const struct attr_map *m, struct span key)
{
    if (m->slot_cap > 0) {
        uint32_t slot = *find_slot(m, key);
        return slot && m->entries[slot - 1].live ? &m->entries[slot - 1] : NULL;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->entries[i].live && span_equal(m->entries[i].key, key)) {
            return &m->entries[i];
        }
    }
    return NULL;
}

const struct span *attr_map_get(const struct attr_map *m, struct span key)
{
    const struct attr_entry *e = find(m, key);

    return e ? &e->value : NULL;
}

/* ---- growing ----------------------------------------------------------------------------------------- */

static void forget_deleted(struct attr_map *m)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        if (m->entries[i].live) {
            m->entries[kept++] = m->entries[i];
        }
    }
    m->count = kept;
}

static void fill_slots(struct attr_map *m)
{
    if (m->slot_cap > 0) {
        memset(m->slots, 0, m->slot_cap * sizeof(*m->slots));
    }
    for (uint32_t i = 0; m->slot_cap > 0 && i < m->count; i++) {
        *find_slot(m, m->entries[i].key) = i + 1;
    }
}

/* Room for one more entry, and slots for four times as many as there may be. */
static int grow(struct attr_map *m)
{
    forget_deleted(m);
    if (m->count > m->cap / 2 || m->cap == 0) {
        uint32_t cap = m->cap ? m->cap * 2 : FEW, slot_cap = cap > FEW ? cap * 4 : 0;
        struct attr_entry *entries = realloc(m->entries, cap * sizeof(*entries));
        if (!entries) {
            fill_slots(m);
            return RC_NOMEM;
        }
        m->entries = entries;
        uint32_t *slots = slot_cap ? realloc(m->slots, slot_cap * sizeof(*slots)) : NULL;
        if (slot_cap && !slots) {
            fill_slots(m);
            return RC_NOMEM;
        }
        m->cap = cap;
        m->slots = slots;
        m->slot_cap = slot_cap;
    }
    fill_slots(m);
    return RC_OK;
}

int attr_map_set(struct attr_map *m, struct span key, struct span value)
{
    struct attr_entry *e = find(m, key);

    if (e) {
        e->value = value;
        return RC_OK;
    }
    if (m->count == m->cap) {
        int rc = grow(m);
        if (rc != RC_OK) {
            return rc;
        }
    }
    m->entries[m->count++] = (struct attr_entry){key, value, true};
    m->live++;
    if (m->slot_cap > 0) {
        *find_slot(m, key) = m->count;
    }
    return RC_OK;
}

void attr_map_delete(struct attr_map *m, struct span key)
{
    struct attr_entry *e = find(m, key);

    if (e) {
        e->live = false;
        m->live--;
    }
}

int attr_map_mark(struct attr_map *m, struct span key, struct span value)
{
    if (attr_is_null(value)) {
        attr_map_delete(m, key);
        return RC_OK;
    }
    return attr_map_set(m, key, value);
}

void attr_map_clear(struct attr_map *m)
{
    m->count = m->live = 0;
    fill_slots(m);
}

void attr_map_finish(struct attr_map *m)
{
    free(m->entries);
    free(m->slots);
    *m = (struct attr_map){0};
}

/* ---- order of members ---------------------------------------------------------------------------------- */

/* ECMA-262: an array index is the canonical decimal form of a number below 2^32 - 1. */
static bool array_index(struct span key, uint64_t *out)
{
    uint64_t value = 0;

    if (key.len == 0 || key.len > 10 || (key.len > 1 && key.data[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] < '0' || key.data[i] > '9') {
            return false;
        }
        value = value * 10 + (key.data[i] - '0');
    }
    *out = value;
    return value < UINT32_MAX;
}

static int by_index(const void *a, const void *b)
{
    uint64_t x = 0, y = 0;

    array_index(((const struct crdt_attr *)a)->key, &x);
    array_index(((const struct crdt_attr *)b)->key, &y);
    return x < y ? -1 : x > y;
}

uint32_t attr_map_list(const struct attr_map *m, struct crdt_attr *out)
{
    uint32_t count = 0;
    uint64_t index;

    for (uint32_t i = 0; i < m->count; i++) {
        if (m->entries[i].live && array_index(m->entries[i].key, &index)) {
            out[count++] = (struct crdt_attr){m->entries[i].key, m->entries[i].value};
        }
    }
    if (count > 1) {
        qsort(out, count, sizeof(*out), by_index);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct attr_entry *e = &m->entries[i];
        if (e->live && !array_index(e->key, &index) && !span_equal(e->key, span_str("__proto__"))) {
            out[count++] = (struct crdt_attr){e->key, e->value};
        }
    }
    return count;
}

/* ---- values ---------------------------------------------------------------------------------------------- */

struct span attr_null(void)
{
    static const uint8_t null[] = {LIB0_ANY_NULL};

    return span_of(null, 1);
}

bool attr_is_null(struct span value)
{
    return value.len == 1 && value.data[0] == LIB0_ANY_NULL;
}

static struct span take_value(struct lib0_dec *d)
{
    const uint8_t *start = d->pos;

    lib0_any_skip(d);
    return span_of(start, d->rc == RC_OK ? (size_t)(d->pos - start) : 0);
}

/* The member of an object, empty when it has none. The members of both are mostly in the same order. */
static struct span member(struct lib0_dec d, uint64_t count, struct span key)
{
    for (; count > 0 && d.rc == RC_OK; count--) {
        struct span name = lib0_dec_varbytes(&d), value = take_value(&d);
        if (span_equal(name, key)) {
            return value;
        }
    }
    return (struct span){0};
}

/* Beyond this many members only the same order is found equal: comparing stays linear. */
#define MEMBERS_MAX 64

static bool objects_equal(struct span a, struct span b)
{
    struct lib0_dec x = lib0_dec_of(a), y = lib0_dec_of(b);

    (void)lib0_dec_u8(&x);
    (void)lib0_dec_u8(&y);
    uint64_t count = lib0_dec_varuint(&x);
    if (count != lib0_dec_varuint(&y) || count > MEMBERS_MAX) {
        return false;
    }
    for (uint64_t i = 0; i < count && x.rc == RC_OK; i++) {
        struct span key = lib0_dec_varbytes(&x), value = take_value(&x);
        if (value.len == 0 || !span_equal(value, member(y, count, key))) {
            return false;
        }
    }
    return x.rc == RC_OK;
}

bool attr_equal(struct span a, struct span b)
{
    return span_equal(a, b) || (a.len == b.len && a.len > 0 && a.data[0] == LIB0_ANY_OBJECT &&
                                b.data[0] == LIB0_ANY_OBJECT && objects_equal(a, b));
}
