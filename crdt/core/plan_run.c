#include "crdt/core/plan_run.h"

#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/need.h"

/* ---- waking ------------------------------------------------------------------------------------------- */

static struct waiters own_waiters(const struct plan *p)
{
    return (struct waiters){p->queues, sizeof(struct plan_queue)};
}

static void wake_own(struct plan *p, struct client *c)
{
    uint32_t queue;

    while ((queue = c->plan_waiters) != 0 && p->queues[queue].wait.clock < c->planned) {
        c->plan_waiters = waiters_take(own_waiters(p), queue, queue);
        p->queues[queue].next = p->ready;
        p->ready = queue;
    }
}

/* Whether one of the document's queues waits for what is planned by now. */
static bool wakes_pending(const struct plan *p, const struct client *c)
{
    return c->waiters && p->doc->pending->queues[c->waiters].wait.clock < c->planned;
}

static int wake_pending(struct plan *p, struct client *c)
{
    int rc = RC_OK;

    while (rc == RC_OK && wakes_pending(p, c)) {
        rc = plan_take(p, c->waiters, NULL);
    }
    return rc;
}

static int wake_later(struct plan *p, struct client *c)
{
    int rc = c->plan_noted
                 ? RC_OK
                 : plan_grow(p->scratch, (void **)&p->woken, p->woken_count, &p->woken_cap, sizeof(*p->woken));

    if (rc == RC_OK && !c->plan_noted) {
        p->woken[p->woken_count++] = (uint32_t)(c - p->doc->clients);
        c->plan_noted = true;
    }
    return rc;
}

/* The client's planned state has moved on. */
static int wake(struct plan *p, struct client *c)
{
    wake_own(p, c);
    if (!wakes_pending(p, c)) {
        return RC_OK;
    }
    return p->second ? wake_pending(p, c) : wake_later(p, c);
}

int plan_wake_all(struct plan *p)
{
    int rc = RC_OK;

    p->second = true;
    for (size_t i = 0; rc == RC_OK && i < p->woken_count; i++) {
        rc = wake_pending(p, &p->doc->clients[p->woken[i]]);
    }
    return rc;
}

/* ---- running a queue ------------------------------------------------------------------------------------ */

/* The queue waits until (client, clock) is planned. */
static void wait_for(struct plan *p, uint32_t queue, uint32_t client, uint64_t clock)
{
    struct client *c = client_planned(p->doc, client);
    struct plan_queue *q = &p->queues[queue];

    q->wait.client = client;
    q->wait.clock = clock;
    c->plan_waiters = waiters_add(own_waiters(p), c->plan_waiters, queue);
}

/* 1: the id is planned; 0: the queue waits for it now; negative: an error. */
static int need(struct plan *p, uint32_t queue, const struct block *b, const struct id *id)
{
    uint32_t client;

    if (id->client == b->id.client) {
        return id->clock < b->id.clock ? 1 : RC_FORMAT;
    }
    int rc = client_make(p->doc, id->client, &client);
    if (rc != RC_OK) {
        return rc;
    }
    if (id->clock < client_planned(p->doc, client)->planned) {
        return 1;
    }
    wait_for(p, queue, client, id->clock);
    return 0;
}

/* Letters that waited together are structs of their own: when the first of them is known its origin does not matter. */
static int need_all(struct plan *p, uint32_t queue, const struct block *b, uint32_t planned)
{
    bool begun = (b->flags & BLOCK_LETTERS) && b->id.clock < planned;
    int rc = 1;

    if ((b->flags & BLOCK_HAS_ORIGIN) && !begun) {
        rc = need(p, queue, b, &b->origin);
    }
    if (rc == 1 && (b->flags & BLOCK_HAS_RIGHT_ORIGIN)) {
        rc = need(p, queue, b, &b->right_origin);
    }
    if (rc == 1 && (b->flags & BLOCK_PARENT_ID)) {
        rc = need(p, queue, b, &b->parent);
    }
    return rc;
}

static int extend_run(struct plan *p, uint32_t queue, uint32_t at)
{
    struct plan_run *last = p->run_count > 0 ? &p->runs[p->run_count - 1] : NULL;

    if (last && last->queue == queue && last->to == at) {
        last->to++;
        return RC_OK;
    }
    int rc = plan_grow(p->scratch, (void **)&p->runs, p->run_count, &p->run_cap, sizeof(*p->runs));
    if (rc == RC_OK) {
        p->runs[p->run_count++] = (struct plan_run){queue, at, at + 1};
    }
    return rc;
}

/* A known block changes nothing, but it may still cut a surrogate pair. */
static int plan_known(struct plan *p, uint32_t queue, uint32_t at)
{
    if (!p->doc->pairs) {
        return RC_OK;
    }
    need_block(p->doc, &p->need, plan_block_at(p, queue, at));
    return extend_run(p, queue, at);
}

static int plan_block(struct plan *p, uint32_t queue, uint32_t at)
{
    const struct block *b = plan_block_at(p, queue, at);
    struct client *c = client_planned(p->doc, p->queues[queue].client);

    if (b->id.clock + b->len > UINT32_MAX) {
        return RC_LIMIT;
    }
    content_seen(p->doc, b);
    need_block(p->doc, &p->need, b);
    p->need.clients += c->planned == 0;
    c->planned = (uint32_t)(b->id.clock + b->len);
    int rc = extend_run(p, queue, at);
    return rc == RC_OK ? wake(p, c) : rc;
}

/* Plans what can be planned of a queue; what is left waits. */
static int run_queue(struct plan *p, uint32_t queue)
{
    uint32_t client = p->queues[queue].client, count = p->queues[queue].count;
    int rc = 1;

    for (uint32_t at; rc >= 0 && (at = p->queues[queue].at) < count; p->queues[queue].at++) {
        const struct block *b = plan_block_at(p, queue, at);
        uint32_t planned = client_planned(p->doc, client)->planned;
        if (b->ref == BLOCK_SKIP) {
            continue;
        }
        if (b->id.clock + b->len <= planned) {
            rc = plan_known(p, queue, at);
            continue;
        }
        if (b->id.clock > planned) {
            wait_for(p, queue, client, b->id.clock - 1);
            return RC_OK;
        }
        rc = need_all(p, queue, b, planned);
        if (rc != 1) {
            return rc;
        }
        rc = plan_block(p, queue, at);
    }
    return rc < 0 ? rc : RC_OK;
}

int plan_run(struct plan *p)
{
    int rc = RC_OK;

    while (rc == RC_OK && p->ready) {
        uint32_t queue = p->ready;
        p->ready = p->queues[queue].next;
        rc = run_queue(p, queue);
    }
    return rc;
}
