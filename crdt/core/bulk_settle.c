#include "crdt/core/bulk_settle.h"

#include "crdt/core/bulk_table.h"
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/txn_settle.h"

/* ---- deletions --------------------------------------------------------------------------------------- */

static void delete_plain(struct bulk *b, uint32_t item)
{
    struct item *it = item_at(b->doc, item);

    it->flags |= ITEM_DELETED;
    if (!b->doc->keep_deleted) {
        content_drop(b->doc, item);
    }
}

/* Deletes an item, a type later: what it contains goes with it. */
static int delete_item(struct bulk *b, uint32_t item)
{
    const struct item *it = item_at(b->doc, item);

    if (item_deleted(it)) {
        return RC_OK;
    }
    if (item_kind(it) == BLOCK_TYPE) {
        return idset_push(&b->later, b->doc->clients[it->client].id, it->clock, it->len);
    }
    delete_plain(b, item);
    return RC_OK;
}

/* What is deleted and has not come yet, waits. */
static int delete_beyond(struct bulk *b, const struct idset_range *r, uint64_t state)
{
    uint64_t from = r->clock > state ? r->clock : state, end = r->clock + r->len;

    return end > from ? idset_push(&b->later, r->client, from, end - from) : RC_OK;
}

static int delete_range(struct bulk *b, const struct idset_range *r)
{
    uint32_t client = client_find(b->doc, r->client), state = client == NONE32 ? 0 : b->doc->clients[client].state;
    int rc = delete_beyond(b, r, state);

    if (r->clock >= state) {
        return rc;
    }
    uint64_t end = r->clock + r->len;
    for (uint32_t s = bulk_find(b, client, (uint32_t)r->clock); rc == RC_OK && s < b->authors[client].end; s++) {
        if (b->structs[s].clock >= end) {
            break;
        }
        if (!bulk_garbage(b, s)) {
            rc = delete_item(b, b->structs[s].item);
        }
    }
    return rc;
}

/* Of a key only the last item lives. */
static int delete_outdated(struct bulk *b)
{
    int rc = RC_OK;

    for (uint32_t seq = 1; seq < b->doc->seq_count; seq++) {
        if (b->doc->seqs[seq].key == NONE32 || !b->doc->seqs[seq].first) {
            continue;
        }
        uint32_t s = b->doc->seqs[seq].first - 1;
        for (; rc == RC_OK && b->next[s] != BULK_NONE; s = b->next[s]) {
            rc = delete_item(b, b->structs[s].item);
        }
    }
    return rc;
}

int bulk_delete_all(struct bulk *b, const struct idset *deletes)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < deletes->count; i++) {
        rc = delete_range(b, &idset_ranges(deletes)[i]);
    }
    return rc == RC_OK ? delete_outdated(b) : rc;
}

/* ---- joining --------------------------------------------------------------------------------------------- */

/* yjs: Item.mergeWith and GC.mergeWith. 1: struct `s` is part of `left` now; 0: they stay two; RC_NOMEM. */
static int join(struct bulk *b, uint32_t left, uint32_t s)
{
    struct crdt_doc *doc = b->doc;
    uint32_t into = b->structs[left].item, item = b->structs[s].item;

    if (!into || !item) {
        return into == item;
    }
    if (b->next[left] != s || !txn_continues(doc, into, item)) {
        return 0;
    }
    if (!content_join(doc, into, item)) {
        return RC_NOMEM;
    }
    item_at(doc, into)->len += item_at(doc, item)->len;
    doc->seqs[item_at(doc, item)->leaf].length--;
    b->next[left] = b->next[s];
    item_free(doc, item);
    return 1;
}

static int join_author(struct bulk *b, const struct bulk_author *a)
{
    uint32_t left = a->first;

    for (uint32_t s = a->first + 1; s < a->end; s++) {
        int joined = join(b, left, s);
        if (joined < 0) {
            return joined;
        }
        if (joined) {
            b->structs[s].clock = BULK_ABSORBED;
        } else {
            left = s;
        }
    }
    return RC_OK;
}

int bulk_join_all(struct bulk *b)
{
    int rc = RC_OK;

    for (uint32_t c = 0; rc == RC_OK && c < b->author_count; c++) {
        rc = join_author(b, &b->authors[c]);
    }
    return rc;
}
