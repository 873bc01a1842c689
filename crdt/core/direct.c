#include "crdt/core/direct.h"

#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/integrate.h"
#include "crdt/core/need.h"
#include "crdt/core/pending.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"

static bool is_here(const struct crdt_doc *doc, const struct block *b, uint32_t own, const struct id *id)
{
    if (id->client == b->id.client) {
        return id->clock < b->id.clock;
    }
    uint32_t client = doc->clients[own].id == id->client ? own : client_find(doc, id->client);
    return client != NONE32 && id->clock < doc->clients[client].state;
}

/* The block's author is known, and so is all that it hangs on. */
static bool block_ready(const struct crdt_doc *doc, const struct block *b)
{
    uint32_t own = client_find(doc, b->id.client);

    return own != NONE32 && b->ref != BLOCK_SKIP && b->id.clock <= doc->clients[own].state &&
           b->id.clock + b->len > doc->clients[own].state && b->id.clock + b->len <= UINT32_MAX &&
           (!(b->flags & BLOCK_HAS_ORIGIN) || is_here(doc, b, own, &b->origin)) &&
           (!(b->flags & BLOCK_HAS_RIGHT_ORIGIN) || is_here(doc, b, own, &b->right_origin)) &&
           (!(b->flags & BLOCK_PARENT_ID) || is_here(doc, b, own, &b->parent));
}

/* A block or a delete range that goes on where somebody left off. */
static bool apply_stroke(struct crdt_doc *doc, const struct block *block, const struct idset_range *deleted)
{
    bool done = false;

    txn_open(doc, true);
    if (block && !deleted && stroke_continues(doc, block)) {
        content_seen(doc, block);
        done = block->len <= UINT32_MAX && stroke_append(doc, block->content, (uint32_t)block->len);
    } else if (deleted && !block) {
        uint32_t client = client_find(doc, deleted->client);
        done = client != NONE32 && deleted->clock + deleted->len <= doc->clients[client].state &&
               stroke_erase(doc, client, (uint32_t)deleted->clock, (uint32_t)deleted->len);
    }
    txn_close(doc);
    return done;
}

/* All of it can be integrated now. */
static bool all_here(const struct crdt_doc *doc, const struct block *block, const struct idset_range *deleted)
{
    return (!block || block_ready(doc, block)) &&
           (!deleted || deleted->clock + deleted->len <= crdt_state(doc, deleted->client));
}

static int integrate_both(struct crdt_doc *doc, const struct block *block, const struct idset_range *deleted)
{
    uint32_t client = deleted ? client_find(doc, deleted->client) : NONE32;
    struct reserve need = {0};

    if (client != NONE32) {
        need_deleted(doc, &need, client, deleted->clock, deleted->clock + deleted->len);
    }
    if (block) {
        content_seen(doc, block);
        need_block(doc, &need, block);
        need.clients = crdt_state(doc, block->id.client) == 0;
    }
    int rc = doc_reserve(doc, &need);
    if (rc != RC_OK) {
        return rc;
    }
    txn_open(doc, true);
    if (block) {
        integrate_block(doc, block);
    }
    if (client != NONE32) {
        txn_delete_range(doc, client, (uint32_t)deleted->clock, (uint32_t)deleted->len);
    }
    txn_close(doc);
    return RC_OK;
}

/* Whether anything that waits has to do with a block: it may be set free, or overlap. */
static bool wakes(const struct crdt_doc *doc, const struct block *b)
{
    const struct pending *p = doc->pending;
    uint32_t own = client_find(doc, b->id.client);
    uint64_t end = b->id.clock + b->len;

    if (own == NONE32 || doc->clients[own].queue) {
        return true;
    }
    uint32_t waiter = doc->clients[own].waiters, deletes = ranges_find(&p->deletes, b->id.client, 0);
    return (waiter && p->queues[waiter].wait.clock < end) || (deletes && p->deletes.node[deletes].range.clock < end);
}

/* The block's author has blocks that wait, and it stands behind all of them. */
static bool waits_behind(const struct crdt_doc *doc, const struct block *b)
{
    uint32_t client = client_find(doc, b->id.client), queue = client == NONE32 ? 0 : doc->clients[client].queue;

    if (!queue || b->ref == BLOCK_SKIP) {
        return false;
    }
    const struct pending_queue *q = &doc->pending->queues[queue];
    const struct block *last = &pending_held(q, q->count - 1)->block;
    return b->id.clock >= last->id.clock + last->len;
}

static int wait_behind(struct crdt_doc *doc, const struct block *b)
{
    uint32_t queue = doc->clients[client_find(doc, b->id.client)].queue;
    struct pending_queue *q = &doc->pending->queues[queue];
    int rc = pending_may_wait(b);

    if (rc == RC_OK) {
        rc = pending_queue_reserve(doc, queue, 1, false);
    }
    if (rc == RC_OK) {
        rc = held_create(doc, b, 0, &q->room[q->start + q->count]);
    }
    if (rc == RC_OK) {
        q->count++;
        txn_open(doc, true); /* that nothing has changed can be read afterwards */
        txn_close(doc);
    }
    return rc;
}

bool direct_apply(struct crdt_doc *doc, const struct block *block, const struct idset_range *deleted, int *rc)
{
    if (doc->pending && block && wakes(doc, block)) {
        bool behind = !deleted && waits_behind(doc, block);
        if (behind) {
            *rc = wait_behind(doc, block);
        }
        return behind;
    }
    if (apply_stroke(doc, block, deleted)) {
        *rc = RC_OK;
        return true;
    }
    if (!all_here(doc, block, deleted)) {
        return false;
    }
    *rc = integrate_both(doc, block, deleted);
    return true;
}

bool direct_letter(struct crdt_doc *doc, struct span text)
{
    if (doc->pending) {
        return false;
    }
    txn_open(doc, true);
    bool done = stroke_append(doc, text, (uint32_t)text.len);
    txn_close(doc);
    return done;
}
