#include "crdt/wire/state_vector.h"

#include <stdlib.h>
#include "crdt/core/idset.h"
#include "crdt/lib0/enc.h"

void state_vector_finish(struct state_vector *sv)
{
    if (sv != NULL) {
        free(sv->entries);
        *sv = (struct state_vector){0};
    }
}

int state_vector_add(struct state_vector *sv, uint64_t client, uint64_t clock)
{
    if (sv->count == sv->cap) {
        size_t cap = sv->cap == 0 ? 8 : 2 * sv->cap;
        struct state_entry *entries;

        if (cap > SIZE_MAX / sizeof(*entries)) {
            return RC_NOMEM;
        }
        entries = realloc(sv->entries, cap * sizeof(*entries));
        if (entries == NULL) {
            return RC_NOMEM;
        }
        sv->entries = entries;
        sv->cap = cap;
    }
    sv->entries[sv->count++] = (struct state_entry){client, clock};
    return RC_OK;
}

static bool strictly_descending(const struct state_vector *sv)
{
    for (size_t i = 1; i < sv->count; i++) {
        if (sv->entries[i - 1].client <= sv->entries[i].client) {
            return false;
        }
    }
    return true;
}

/* Sorted as ranges (client, index, clock + 1), so that of equal clients the one added last comes last. */
static int sort_entries(struct state_vector *sv)
{
    struct idset_range *order = malloc(sv->count * sizeof(*order));
    size_t kept = 0;
    int rc;

    if (order == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < sv->count; i++) {
        order[i] = (struct idset_range){sv->entries[i].client, i, sv->entries[i].clock};
    }
    rc = idset_range_sort(order, sv->count);
    if (rc == RC_OK) {
        for (size_t i = 0; i < sv->count; i++) {
            if (kept > 0 && sv->entries[kept - 1].client == order[i].client) {
                kept--;
            }
            sv->entries[kept++] = (struct state_entry){order[i].client, order[i].len};
        }
        sv->count = kept;
    }
    free(order);
    return rc;
}

int state_vector_sort(struct state_vector *sv)
{
    return strictly_descending(sv) ? RC_OK : sort_entries(sv);
}

int state_vector_read(struct lib0_dec *in, struct state_vector *out)
{
    uint64_t count = lib0_dec_varuint(in);
    int rc = RC_OK;

    out->count = 0;
    /* An entry takes two bytes or more, so that a claimed count ends with the input. */
    for (; count > 0 && in->rc == RC_OK && rc == RC_OK; count--) {
        uint64_t client = lib0_dec_varuint(in);
        uint64_t clock = lib0_dec_varuint(in);

        if (in->rc == RC_OK) {
            rc = state_vector_add(out, client, clock);
        }
    }
    if (rc == RC_OK && in->rc == RC_OK) {
        rc = state_vector_sort(out);
    }
    if (rc != RC_OK) {
        lib0_dec_fail(in, rc);
    }
    if (in->rc != RC_OK) {
        out->count = 0;
    }
    return in->rc;
}

int state_vector_decode(struct span bytes, struct state_vector *out)
{
    struct lib0_dec in = lib0_dec_of(bytes);

    out->count = 0;
    return bytes.len == 0 ? RC_OK : state_vector_read(&in, out);
}

void state_vector_write(const struct state_vector *sv, struct buf *out)
{
    lib0_put_varuint(out, sv->count);
    for (size_t i = 0; i < sv->count; i++) {
        lib0_put_varuint(out, sv->entries[i].client);
        lib0_put_varuint(out, sv->entries[i].clock);
    }
}

static const struct state_entry *find(const struct state_vector *sv, uint64_t client)
{
    size_t low = 0, high = sv->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sv->entries[middle].client > client) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sv->count && sv->entries[low].client == client ? &sv->entries[low] : NULL;
}

uint64_t state_vector_get(const struct state_vector *sv, uint64_t client)
{
    const struct state_entry *entry = find(sv, client);

    return entry != NULL ? entry->clock : 0;
}

bool state_vector_has(const struct state_vector *sv, uint64_t client)
{
    return find(sv, client) != NULL;
}
