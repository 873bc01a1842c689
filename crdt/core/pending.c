#include "crdt/core/pending.h"

#include <stdlib.h>
#include <string.h>

/* ---- blocks ------------------------------------------------------------------------------------ */

int pending_may_wait(const struct block *b)
{
    const struct id *needs[] = {&b->origin, &b->right_origin, &b->parent};
    static const uint8_t flags[] = {BLOCK_HAS_ORIGIN, BLOCK_HAS_RIGHT_ORIGIN, BLOCK_PARENT_ID};

    for (size_t i = 0; i < sizeof(flags); i++) {
        if ((b->flags & flags[i]) && needs[i]->client == b->id.client && needs[i]->clock >= b->id.clock) {
            return RC_FORMAT;
        }
    }
    return b->id.clock + b->len > UINT32_MAX ? RC_LIMIT : RC_OK;
}

/* ---- queues ----------------------------------------------------------------------------------------- */

static int make(struct crdt_doc *doc)
{
    if (doc->pending) {
        return RC_OK;
    }
    if (sizeof(struct pending) > mem_left(&doc->mem)) {
        return RC_LIMIT;
    }
    doc->pending = calloc(1, sizeof(struct pending));
    if (!doc->pending) {
        return RC_NOMEM;
    }
    doc->mem.used += sizeof(struct pending);
    doc->pending->count = 1;
    doc->pending->deletes.seed = doc->hash_seed;
    return RC_OK;
}

void pending_destroy(struct crdt_doc *doc)
{
    struct pending *p = doc->pending;

    if (!p) {
        return;
    }
    for (uint32_t i = 1; i < p->count; i++) {
        for (uint32_t k = 0; k < p->queues[i].count; k++) {
            held_destroy(doc, pending_held(&p->queues[i], k));
        }
        free(p->queues[i].room);
    }
    ranges_finish(&doc->mem, &p->deletes);
    free(p->queues);
    free(p);
    doc->pending = NULL;
}

void pending_count(const struct crdt_doc *doc, uint64_t *structs, uint64_t *deletes)
{
    const struct pending *p = doc->pending;

    *structs = *deletes = 0;
    for (uint32_t i = 1; p && i < p->count; i++) {
        const struct pending_queue *q = &p->queues[i];
        for (uint32_t k = 0; k < q->count; k++) {
            const struct held *h = pending_held(q, k);
            uint64_t end = h->block.id.clock + h->block.len, state = doc->clients[q->client].state;
            *structs += end <= state ? 0 : end - state < held_count(h) ? end - state : held_count(h);
        }
    }
    *deletes = p ? p->deletes.count : 0;
}

/* Asked for every update, so that a note into which somebody floods gaps costs the others no time: of each queue the
 * last block decides, as they stand by clock. */
bool crdt_has_pending(const struct crdt_doc *doc)
{
    const struct pending *p = doc->pending;

    for (uint32_t i = 1; p && i < p->count; i++) {
        const struct pending_queue *q = &p->queues[i];
        const struct block *last = q->count > 0 ? &pending_held(q, q->count - 1)->block : NULL;
        if (last && last->id.clock + last->len > doc->clients[q->client].state) {
            return true;
        }
    }
    return p && p->deletes.count > 0;
}

int pending_reserve(struct crdt_doc *doc, uint32_t queues)
{
    int rc = make(doc);
    struct pending *p = doc->pending;

    return rc == RC_OK
               ? mem_reserve(&doc->mem, (void **)&p->queues, &p->cap, (uint64_t)p->count + queues, sizeof(*p->queues))
               : rc;
}

void pending_tidy(struct crdt_doc *doc)
{
    struct pending *p = doc->pending;

    if (!p || p->deletes.count > 0) {
        return;
    }
    for (uint32_t i = 1; i < p->count; i++) {
        if (p->queues[i].count > 0) {
            return;
        }
    }
    doc->mem.used -= sizeof(struct pending);
    mem_trim(&doc->mem, (void **)&p->queues, &p->cap, 0, sizeof(*p->queues));
    p->count = 1;
    pending_destroy(doc);
}

static struct waiters waiters_of(struct crdt_doc *doc)
{
    return (struct waiters){doc->pending->queues, sizeof(struct pending_queue)};
}

void pending_take(struct crdt_doc *doc, uint32_t queue)
{
    uint32_t *root = &doc->clients[doc->pending->queues[queue].wait.client].waiters;

    *root = waiters_take(waiters_of(doc), *root, queue);
}

void pending_wait(struct crdt_doc *doc, uint32_t queue)
{
    uint32_t *root = &doc->clients[doc->pending->queues[queue].wait.client].waiters;

    *root = waiters_add(waiters_of(doc), *root, queue);
}

static struct treap queues_by_client(struct crdt_doc *doc)
{
    struct pending *p = doc->pending;

    return (struct treap){
        .records = &p->queues[0].link, .size = sizeof(*p->queues), .root = &p->by_client, .seed = doc->hash_seed};
}

/* The last queue of a client below or at this one, and the first of one above. */
static void by_client(const struct crdt_doc *doc, uint64_t client, uint32_t *below, uint32_t *above)
{
    const struct pending *p = doc->pending;

    *below = *above = 0;
    for (uint32_t queue = p->by_client; queue;) {
        bool is_above = doc->clients[p->queues[queue].client].id > client;
        *(is_above ? above : below) = queue;
        queue = p->queues[queue].link.child[is_above ? TREAP_LEFT : TREAP_RIGHT];
    }
}

uint64_t pending_above(const struct crdt_doc *doc, uint64_t client)
{
    uint32_t below, above = 0;

    if (doc->pending) {
        by_client(doc, client, &below, &above);
    }
    return above ? doc->clients[doc->pending->queues[above].client].id : UINT64_MAX;
}

static void move_queue(struct pending_queue *q, uint32_t start)
{
    memmove(q->room + start, q->room + q->start, q->count * sizeof(struct held *));
    q->start = start;
}

/* The queue is moved only after about as many blocks have come or gone as it is long. */
int pending_queue_reserve(struct crdt_doc *doc, uint32_t queue, uint32_t more, bool in_front)
{
    struct pending_queue *q = &doc->pending->queues[queue];
    bool move = in_front && q->start < more;
    uint64_t spare = move ? (uint64_t)q->count / 2 + more : q->start > q->count && !in_front ? 0 : q->start;
    uint64_t need = spare + q->count + (in_front ? 0 : more);

    if (spare < q->start) {
        move_queue(q, (uint32_t)spare);
    }
    int rc = mem_reserve(&doc->mem, (void **)&q->room, &q->cap, need, sizeof(struct held *));
    if (rc == RC_OK && move) {
        move_queue(q, (uint32_t)spare);
    }
    return rc;
}

uint32_t pending_behind(const struct pending_queue *q, uint64_t clock)
{
    uint32_t low = 0, high = q->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (pending_held(q, mid)->block.id.clock < clock) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static int part(struct crdt_doc *doc, uint32_t queue, uint32_t at)
{
    struct pending_queue *q = &doc->pending->queues[queue];
    struct held *whole = pending_held(q, at), *letters[HELD_LETTERS_MAX];
    uint32_t count = held_count(whole), made = 0;
    int rc = pending_queue_reserve(doc, queue, count - 1, false);

    for (; rc == RC_OK && made < count; made += rc == RC_OK) {
        struct block letter = held_struct(whole, made);
        rc = held_create(doc, &letter, &letters[made]);
    }
    if (rc != RC_OK) {
        while (made > 0) {
            held_destroy(doc, letters[--made]);
        }
        return rc;
    }
    struct held **place = q->room + q->start + at;
    memmove(place + count, place + 1, (q->count - at - 1) * sizeof(*place));
    memcpy(place, letters, count * sizeof(*place));
    q->count += count - 1;
    held_destroy(doc, whole);
    return RC_OK;
}

int pending_part(struct crdt_doc *doc, uint32_t queue, uint64_t from, uint64_t to)
{
    const struct pending_queue *q = &doc->pending->queues[queue];
    uint32_t at = pending_behind(q, from);
    int rc = RC_OK;

    for (at -= at > 0; rc == RC_OK && at < q->count && pending_held(q, at)->block.id.clock < to; at++) {
        const struct block *b = &pending_held(q, at)->block;
        if ((b->flags & BLOCK_LETTERS) && b->id.clock + b->len > from) {
            rc = part(doc, queue, at);
        }
    }
    return rc;
}

void pending_install(struct crdt_doc *doc, const struct pending_queue *new_queue)
{
    struct pending *p = doc->pending;
    uint32_t queue = p->free;

    if (queue) {
        p->free = p->queues[queue].wait.next;
    } else {
        queue = p->count++;
    }
    uint32_t below, above;
    struct treap order = queues_by_client(doc);
    by_client(doc, doc->clients[new_queue->client].id, &below, &above);
    p->queues[queue] = *new_queue;
    treap_attach(&order, below, queue);
    treap_lift(&order, queue);
    doc->clients[new_queue->client].queue = queue;
    pending_wait(doc, queue);
}

void pending_release(struct crdt_doc *doc, uint32_t queue)
{
    struct pending *p = doc->pending;
    struct pending_queue *q = &p->queues[queue];

    struct treap order = queues_by_client(doc);
    (void)treap_remove(&order, queue);
    doc->clients[q->client].queue = 0;
    mem_trim(&doc->mem, (void **)&q->room, &q->cap, 0, sizeof(struct held *));
    *q = (struct pending_queue){.wait.next = p->free};
    p->free = queue;
}
