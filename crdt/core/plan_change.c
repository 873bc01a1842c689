#include "crdt/core/plan_change.h"

#include <string.h>
#include "crdt/core/client.h"
#include "crdt/core/integrate.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"

/* ---- making sure of memory ------------------------------------------------------------------------------------ */

static int copy_block(struct plan *p, const struct block *b, struct held **out)
{
    int rc = plan_grow(p->scratch, (void **)&p->copies, p->copy_count, &p->copy_cap, sizeof(*p->copies));

    if (rc == RC_OK) {
        rc = held_create(p->doc, b, out);
    }
    if (rc == RC_OK) {
        p->copies[p->copy_count++] = *out;
    }
    return rc;
}

static int keep_block(struct plan *p, struct woven *w)
{
    w->kept = w->held;
    if (w->held && w->block == &w->held->block) {
        return RC_OK;
    }
    int rc = pending_may_wait(w->block);
    return rc == RC_OK ? copy_block(p, w->block, &w->kept) : rc;
}

/* A new queue in the document. */
static int keep_fresh(struct plan *p, const struct plan_queue *q)
{
    struct pending_queue fresh = {.client = q->client, .wait = q->wait};
    int rc = plan_grow(p->scratch, (void **)&p->fresh, p->fresh_count, &p->fresh_cap, sizeof(*p->fresh));

    if (rc == RC_OK) {
        rc = mem_reserve(&p->doc->mem, (void **)&fresh.room, &fresh.cap, q->count - q->at, sizeof(struct held *));
    }
    if (rc == RC_OK) {
        for (uint32_t at = q->at; at < q->count; at++) {
            fresh.room[fresh.count++] = q->weave.entries[at].kept;
        }
        p->fresh[p->fresh_count++] = fresh;
    }
    return rc;
}

/* Whether a queue that waits makes room for what is woven in at its front, where less must move. */
static bool grows_in_front(const struct plan *p, const struct plan_queue *q)
{
    const struct weave *w = &q->weave;

    return w->count > w->to - w->from && w->from < p->doc->pending->queues[q->taken].count - w->to;
}

/* What is left of a queue will wait: copies of what is not held, and room in the document's queue. */
static int keep_rest(struct plan *p, const struct plan_queue *q)
{
    const struct weave *w = &q->weave;
    int rc = RC_OK;

    for (uint32_t i = q->at > w->from ? q->at - w->from : 0; rc == RC_OK && i < w->count; i++) {
        rc = keep_block(p, &w->entries[i]);
    }
    if (rc != RC_OK || !q->taken) {
        return rc == RC_OK ? keep_fresh(p, q) : rc;
    }
    return pending_queue_reserve(p->doc, q->taken, w->count, grows_in_front(p, q));
}

int plan_make_sure(struct plan *p)
{
    int rc = RC_OK;

    for (uint32_t i = 1; rc == RC_OK && i < p->queue_count; i++) {
        if (p->queues[i].at < p->queues[i].count) {
            rc = keep_rest(p, &p->queues[i]);
        }
    }
    if (rc == RC_OK && (p->fresh_count > 0 || p->rest.count > 0)) {
        rc = pending_reserve(p->doc, (uint32_t)p->fresh_count);
    }
    if (rc == RC_OK && p->rest.count > 0) {
        rc = ranges_reserve(&p->doc->mem, &p->doc->pending->deletes, p->rest.count);
    }
    if (rc == RC_OK) {
        rc = doc_reserve(p->doc, &p->need);
    }
    return rc;
}

/* ---- the change ------------------------------------------------------------------------------------------ */

/* What is left of a queue that waited, with what was woven in. It has room for all of this. */
static void close_up(const struct plan *p, struct pending_queue *waiting, const struct plan_queue *q)
{
    const struct weave *w = &q->weave;
    uint32_t head = q->at < w->from ? w->from - q->at : 0, woven = q->at > w->from ? q->at - w->from : 0;
    uint32_t tail = w->to + (woven > w->count ? woven - w->count : 0), rest = waiting->count - tail;
    uint32_t first = woven < w->count ? woven : w->count, middle = w->count - first;
    struct held **room = waiting->room + waiting->start, **at = room + w->from;

    if (grows_in_front(p, q) || (head == 0 && waiting->start + tail >= middle)) {
        at = room + tail - middle; /* the tail keeps its place */
        memmove(at - head, room + w->from - head, head * sizeof(*at));
    } else if (at + middle != room + tail) {
        memmove(at + middle, room + tail, rest * sizeof(*at));
    }
    for (uint32_t i = 0; i < middle; i++) {
        at[i] = w->entries[first + i].kept;
    }
    waiting->start = (uint32_t)(at - head - waiting->room);
    waiting->count = head + middle + rest;
}

/* A queue that waited: what is integrated leaves it, what was woven in joins it. */
static void commit_taken(struct plan *p, const struct plan_queue *q)
{
    struct crdt_doc *doc = p->doc;
    const struct weave *w = &q->weave;

    for (uint32_t at = 0; at < q->at; at++) {
        struct held *held;
        (void)plan_entry(p, q, at, &held);
        if (held) {
            held_destroy(doc, held);
        }
    }
    for (uint32_t i = 0; i < w->dropped_count; i++) {
        held_destroy(doc, w->dropped[i]);
    }
    if (q->at == q->count) {
        pending_release(doc, q->taken);
        return;
    }
    for (uint32_t i = q->at > w->from ? q->at - w->from : 0; i < w->count; i++) {
        if (w->entries[i].held && w->entries[i].held != w->entries[i].kept) {
            held_destroy(doc, w->entries[i].held);
        }
    }
    close_up(p, &doc->pending->queues[q->taken], q);
    doc->pending->queues[q->taken].wait = q->wait;
    pending_wait(doc, q->taken);
}

static void commit_deletes(struct plan *p)
{
    struct ranges *waiting = p->doc->pending ? &p->doc->pending->deletes : NULL;

    for (size_t i = 0; i < p->ripe_count; i++) {
        const struct client *c = &p->doc->clients[p->ripe[i]];
        ranges_drop(waiting, c->id, c->planned);
    }
    for (size_t i = 0; i < p->rest.count; i++) {
        ranges_add(waiting, &idset_ranges(&p->rest)[i]);
    }
}

/* What has been integrated is forgotten, what is left waits anew. */
static void commit_waiting(struct plan *p)
{
    for (uint32_t i = 1; i < p->queue_count; i++) {
        const struct plan_queue *q = &p->queues[i];
        if (q->taken) {
            commit_taken(p, q);
        }
    }
    for (size_t i = 0; i < p->fresh_count; i++) {
        pending_install(p->doc, &p->fresh[i]);
    }
    commit_deletes(p);
    pending_tidy(p->doc);
}

/* Letters that waited come as they were typed, one behind the other: they go on in the run before them, so that there
 * is no item to make for each and none to join at the end. */
static void integrate(struct crdt_doc *doc, const struct block *b)
{
    bool typed = b->ref == BLOCK_STRING && (b->flags & BLOCK_HAS_ORIGIN) && b->origin.client == b->id.client &&
                 b->origin.clock + 1 == b->id.clock;

    if (!typed || !stroke_continues(doc, b) || !stroke_append(doc, b->content, (uint32_t)b->len)) {
        integrate_block(doc, b);
    }
}

void plan_change(struct plan *p)
{
    txn_open(p->doc, false);
    for (size_t i = 0; i < p->run_count; i++) {
        for (uint32_t at = p->runs[i].from; at < p->runs[i].to; at++) {
            integrate(p->doc, plan_block_at(p, p->runs[i].queue, at));
        }
    }
    for (size_t i = 0; i < p->apply.count; i++) {
        const struct idset_range *r = &idset_ranges(&p->apply)[i];
        txn_delete_range(p->doc, client_find(p->doc, r->client), (uint32_t)r->clock, (uint32_t)r->len);
    }
    txn_close(p->doc);
    commit_waiting(p);
}

/* ---- giving up ------------------------------------------------------------------------------------------- */

void plan_give_up(struct plan *p, uint32_t clients_before)
{
    for (uint32_t i = 1; i < p->queue_count; i++) {
        if (p->queues[i].taken) {
            pending_wait(p->doc, p->queues[i].taken);
        }
    }
    for (size_t i = 0; i < p->copy_count; i++) {
        held_destroy(p->doc, p->copies[i]);
    }
    for (size_t i = 0; i < p->fresh_count; i++) {
        struct pending_queue *q = &p->fresh[i];
        mem_trim(&p->doc->mem, (void **)&q->room, &q->cap, 0, sizeof(struct held *));
    }
    clients_forget(p->doc, clients_before);
}
