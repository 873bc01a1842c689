#include "crdt/core/direct_wait.h"

#include "crdt/core/client.h"
#include "crdt/core/pending.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"

uint64_t direct_wakes_from(const struct crdt_doc *doc, uint32_t client)
{
    const struct pending *p = doc->pending;
    const struct client *c = &doc->clients[client];
    uint64_t from = UINT64_MAX;

    if (!p) {
        return from;
    }
    if (c->queue) {
        return 0;
    }
    if (c->waiters) {
        from = p->queues[c->waiters].wait.clock;
    }
    uint32_t deletes = p->deletes.count > 0 ? ranges_find(&p->deletes, c->id, 0) : 0;
    return deletes && p->deletes.node[deletes].range.clock < from ? p->deletes.node[deletes].range.clock : from;
}

/* ---- waiting behind others ----------------------------------------------------------------------------- */

static struct held **last_of(struct crdt_doc *doc, uint32_t queue)
{
    struct pending_queue *q = &doc->pending->queues[queue];

    return &q->room[q->start + q->count - 1];
}

static uint64_t end_of(const struct held *h)
{
    return h->block.id.clock + h->block.len;
}

bool direct_waits_behind(const struct crdt_doc *doc, const struct block *b)
{
    uint32_t client = client_find(doc, b->id.client), queue = client == NONE32 ? 0 : doc->clients[client].queue;

    if (!queue || b->ref == BLOCK_SKIP) {
        return false;
    }
    const struct pending_queue *q = &doc->pending->queues[queue];
    return b->id.clock >= end_of(pending_held(q, q->count - 1));
}

/* That nothing has changed can be read afterwards. */
static void change_nothing(struct crdt_doc *doc)
{
    txn_open(doc, true);
    txn_close(doc);
}

static int wait_apart(struct crdt_doc *doc, uint32_t queue, const struct block *b)
{
    struct pending_queue *q = &doc->pending->queues[queue];
    int rc = pending_may_wait(b);

    if (rc == RC_OK) {
        rc = pending_queue_reserve(doc, queue, 1, false);
    }
    if (rc == RC_OK) {
        rc = held_create(doc, b, &q->room[q->start + q->count]);
    }
    q->count += rc == RC_OK;
    return rc;
}

int direct_wait(struct crdt_doc *doc, const struct block *b)
{
    uint32_t client = client_find(doc, b->id.client), queue = doc->clients[client].queue;
    struct held **last = last_of(doc, queue);
    int rc = RC_OK;

    if (!held_goes_on(*last, b) || !held_add_letter(doc, last, b->content.data[0])) {
        rc = wait_apart(doc, queue, b);
    }
    if (rc == RC_OK) {
        doc->recent = client;
        doc->ditto.known = false;
        change_nothing(doc);
    }
    return rc;
}

/* ---- letters foreseen ------------------------------------------------------------------------------------ */

/* Typing goes on in the run that grows. */
static bool foresee_growing(const struct crdt_doc *doc, const struct block *b, struct ditto *d)
{
    uint32_t item = stroke_growing(doc);
    const struct item *it = item_at(doc, item);

    if (!item || it->clock + it->len != b->id.clock + b->len || doc->clients[it->client].id != b->id.client) {
        return false;
    }
    d->item = item;
    d->client = it->client;
    d->quiet = direct_wakes_from(doc, it->client);
    return true;
}

bool direct_foresee(const struct crdt_doc *doc, const struct block *b, struct ditto *d)
{
    if (foresee_growing(doc, b, d)) {
        return true;
    }
    if (!doc->pending || !direct_waits_behind(doc, &(struct block){.id = {b->id.client, b->id.clock + b->len}})) {
        return false;
    }
    d->item = 0;
    d->client = client_find(doc, b->id.client);
    struct pending_queue *q = &doc->pending->queues[doc->clients[d->client].queue];
    struct block next = *b;
    next.id.clock += b->len;
    next.origin = (struct id){b->id.client, next.id.clock - 1};
    return held_goes_on(pending_held(q, q->count - 1), &next);
}

bool direct_wait_letter(struct crdt_doc *doc, uint8_t letter)
{
    uint32_t queue = doc->clients[doc->ditto.client].queue;

    if (!doc->pending || !queue || end_of(*last_of(doc, queue)) != doc->ditto.clock ||
        !held_add_letter(doc, last_of(doc, queue), letter)) {
        return false;
    }
    change_nothing(doc);
    return true;
}
