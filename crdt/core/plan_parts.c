#include "crdt/core/plan_parts.h"

#include <string.h>

int plan_grow(struct arena *scratch, void **data, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return RC_OK;
    }
    size_t more = *cap ? *cap * 2 : 4;
    void *grown = arena_alloc(scratch, more * size);
    if (!grown) {
        return RC_NOMEM;
    }
    if (*data) {
        memcpy(grown, *data, count * size);
    }
    *data = grown;
    *cap = more;
    return RC_OK;
}

int plan_queue_add(struct plan *p, const struct plan_queue *q)
{
    size_t cap = p->queue_cap;
    int rc = plan_grow(p->scratch, (void **)&p->queues, p->queue_count, &cap, sizeof(*p->queues));

    if (rc == RC_OK) {
        p->queue_cap = (uint32_t)cap;
        p->queues[p->queue_count] = *q;
        p->queues[p->queue_count].next = p->ready;
        p->ready = p->queue_count++;
    }
    return rc;
}

int plan_take(struct plan *p, uint32_t pending_queue, const struct weave *weave)
{
    struct pending_queue *q = &p->doc->pending->queues[pending_queue];
    struct plan_queue taken = {.client = q->client, .count = q->count, .woven = true, .taken = pending_queue};

    if (weave) {
        taken.weave = *weave;
        taken.count = q->count - (weave->to - weave->from) + weave->count;
    }
    int rc = plan_queue_add(p, &taken);
    if (rc == RC_OK) {
        pending_take(p->doc, pending_queue);
    }
    return rc;
}

const struct block *plan_entry(const struct plan *p, const struct plan_queue *q, uint32_t at, struct held **held)
{
    const struct weave *w = &q->weave;

    if (!q->woven) {
        *held = NULL;
        return &q->blocks[at];
    }
    if (at >= w->from && at - w->from < w->count) {
        *held = w->entries[at - w->from].held;
        return w->entries[at - w->from].block;
    }
    at = at < w->from ? at : at - w->count + (w->to - w->from);
    *held = pending_held(&p->doc->pending->queues[q->taken], at);
    return &(*held)->block;
}

const struct block *plan_block_at(const struct plan *p, uint32_t queue, uint32_t at)
{
    const struct plan_queue *q = &p->queues[queue];
    struct held *held;

    return q->woven ? plan_entry(p, q, at, &held) : &q->blocks[at];
}
