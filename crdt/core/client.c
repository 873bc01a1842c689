#include "crdt/core/client.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/core/hash.h"
#include "crdt/lib0/enc.h"

uint32_t client_search(const struct crdt_doc *doc, uint64_t id)
{
    const struct hash_index *ix = &doc->client_index;

    if (ix->cap == 0) {
        return NONE32;
    }
    for (uint32_t at = hash_start(ix, hash_u64(doc->hash_seed, id)); ix->slot[at]; at = hash_step(ix, at)) {
        if (doc->clients[ix->slot[at] - 1].id == id) {
            return ix->slot[at] - 1;
        }
    }
    return NONE32;
}

static int index_reserve(struct crdt_doc *doc)
{
    struct hash_index grown;
    /* Every update asks: with a quarter of the slots in use the first one is nearly always the right one. */
    int rc = hash_plan(&doc->mem, &doc->client_index, (uint64_t)doc->client_index.count + 2, &grown);

    if (rc != RC_OK || grown.cap == doc->client_index.cap) {
        return rc;
    }
    for (uint32_t i = 0; i < doc->client_count; i++) {
        hash_put(&grown, hash_u64(doc->hash_seed, doc->clients[i].id), i + 1);
    }
    hash_replace(&doc->mem, &doc->client_index, &grown);
    return RC_OK;
}

static struct client client_of(uint64_t id)
{
    struct client c = {.id = id};
    uint8_t bytes[LIB0_VARUINT_MAX];

    c.id_len = (uint8_t)(lib0_varuint_at(bytes, id) - bytes);
    memcpy(c.id_bytes, bytes, c.id_len);
    return c;
}

int client_make(struct crdt_doc *doc, uint64_t id, uint32_t *out)
{
    uint32_t client = client_find(doc, id);

    if (client == NONE32) {
        int rc = index_reserve(doc);
        if (rc != RC_OK) {
            return rc;
        }
        rc = mem_reserve(&doc->mem, (void **)&doc->clients, &doc->client_cap, (uint64_t)doc->client_count + 1,
                         sizeof(struct client));
        if (rc != RC_OK) {
            return rc;
        }
        client = doc->client_count++;
        doc->clients[client] = client_of(id);
        hash_put(&doc->client_index, hash_u64(doc->hash_seed, id), client + 1);
    }
    *out = client;
    return RC_OK;
}

int client_make_own(struct crdt_doc *doc)
{
    return doc->own != NONE32 ? RC_OK : client_make(doc, doc->client_id, &doc->own);
}

struct client *client_planned(struct crdt_doc *doc, uint32_t client)
{
    struct client *c = &doc->clients[client];

    if (c->plan != doc->plan) {
        c->plan = doc->plan;
        c->planned = c->state;
        c->plan_waiters = 0;
        c->plan_noted = false;
        c->plan_ripe = 0;
    }
    return c;
}

void clients_forget(struct crdt_doc *doc, uint32_t count)
{
    struct hash_index *ix = &doc->client_index;

    if (count == doc->client_count) {
        return;
    }
    memset(ix->slot, 0, ix->cap * sizeof(uint32_t));
    ix->count = 0;
    doc->client_count = count;
    doc->own = doc->own < count ? doc->own : NONE32;
    for (uint32_t i = 0; i < count; i++) {
        hash_put(ix, hash_u64(doc->hash_seed, doc->clients[i].id), i + 1);
    }
}

struct order_entry {
    uint64_t id;
    uint32_t client;
};

static int by_id_descending(const void *a, const void *b)
{
    uint64_t x = ((const struct order_entry *)a)->id, y = ((const struct order_entry *)b)->id;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* Few clients, or an order that holds already, need no scratch memory: insertion sort by lookups. */
static void insert_sorted(const struct crdt_doc *doc, uint32_t *order, uint32_t count, uint32_t client)
{
    uint32_t at = count;

    while (at > 0 && doc->clients[order[at - 1]].id < doc->clients[client].id) {
        order[at] = order[at - 1];
        at--;
    }
    order[at] = client;
}

uint32_t client_order(const struct crdt_doc *doc, uint32_t *out)
{
    uint32_t count = 0;
    struct order_entry *entries =
        doc->client_count > 32 ? malloc(doc->client_count * sizeof(struct order_entry)) : NULL;

    for (uint32_t i = 0; i < doc->client_count; i++) {
        if (doc->clients[i].state == 0) {
            continue;
        }
        if (entries) {
            entries[count] = (struct order_entry){doc->clients[i].id, i};
        } else {
            insert_sorted(doc, out, count, i);
        }
        count++;
    }
    if (entries) {
        qsort(entries, count, sizeof(*entries), by_id_descending);
        for (uint32_t i = 0; i < count; i++) {
            out[i] = entries[i].client;
        }
        free(entries);
    }
    return count;
}
