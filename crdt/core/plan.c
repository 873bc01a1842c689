#include "crdt/core/plan.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/direct.h"
#include "crdt/core/ids.h"
#include "crdt/core/integrate.h"
#include "crdt/core/need.h"
#include "crdt/core/pending.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/weave.h"

/* Blocks of one client, by clock: of the update, or those that wait in the document with what is left of the update
 * woven in. */
struct queue {
    struct waiter wait; /* while it waits for another */
    uint32_t client;    /* dense index */
    uint32_t at, count;
    const struct block *blocks; /* either these … */
    bool woven;                 /* … or `weave`, … */
    uint32_t taken;             /* … and around it, unless 0, what waits in this pending queue */
    struct weave weave;
    uint32_t next; /* chain of those that are ready */
};

/* A stretch of a queue, to be integrated in this order. */
struct run {
    uint32_t queue, from, to;
};

struct plan {
    struct crdt_doc *doc;
    struct arena *scratch;
    struct queue *queues; /* index 0 is not used */
    uint32_t queue_count, queue_cap;
    uint32_t ready;  /* first of the queues that may run */
    bool second;     /* the update has gone in as far as it goes alone; now what waits is tried */
    uint32_t *woken; /* clients that something waits for, before that */
    size_t woken_count, woken_cap;
    struct run *runs;
    size_t run_count, run_cap;
    struct idset apply, rest; /* deletes to apply now; deletes that will wait */
    uint32_t *ripe;           /* clients of whom deletes that waited are in `apply` */
    size_t ripe_count, ripe_cap;
    struct pending_queue *fresh; /* what will wait, new queues */
    size_t fresh_count, fresh_cap;
    struct held **copies; /* blocks of the update in those */
    size_t copy_count, copy_cap;
    struct reserve need;
};

/* ---- memory of the plan ------------------------------------------------------------------------- */

/* Doubles an array in the scratch arena. The old one stays there until the end: at most as much again. */
static int grow(struct arena *scratch, void **data, size_t count, size_t *cap, size_t size)
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

static int queue_add(struct plan *p, const struct queue *q)
{
    size_t cap = p->queue_cap;
    int rc = grow(p->scratch, (void **)&p->queues, p->queue_count, &cap, sizeof(*p->queues));

    if (rc == RC_OK) {
        p->queue_cap = (uint32_t)cap;
        p->queues[p->queue_count] = *q;
        p->queues[p->queue_count].next = p->ready;
        p->ready = p->queue_count++;
    }
    return rc;
}

/* ---- waking ------------------------------------------------------------------------------------------- */

/* `weave` may be NULL. */
static int take_pending(struct plan *p, uint32_t pending_queue, const struct weave *weave)
{
    struct pending_queue *q = &p->doc->pending->queues[pending_queue];
    struct queue taken = {.client = q->client, .count = q->count, .woven = true, .taken = pending_queue};

    if (weave) {
        taken.weave = *weave;
        taken.count = q->count - (weave->to - weave->from) + weave->count;
    }
    int rc = queue_add(p, &taken);
    if (rc == RC_OK) {
        pending_take(p->doc, pending_queue);
    }
    return rc;
}

static struct waiters own_waiters(const struct plan *p)
{
    return (struct waiters){p->queues, sizeof(struct queue)};
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
        rc = take_pending(p, c->waiters, NULL);
    }
    return rc;
}

static int wake_later(struct plan *p, struct client *c)
{
    int rc =
        c->plan_noted ? RC_OK : grow(p->scratch, (void **)&p->woken, p->woken_count, &p->woken_cap, sizeof(*p->woken));

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

/* ---- running a queue ------------------------------------------------------------------------------------ */

/* The entry at `at`: of the update (then *held is NULL), or one that waits. */
static const struct block *queue_entry(const struct plan *p, const struct queue *q, uint32_t at, struct held **held)
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

static const struct block *queue_block(const struct plan *p, uint32_t queue, uint32_t at)
{
    const struct queue *q = &p->queues[queue];
    struct held *held;

    return q->woven ? queue_entry(p, q, at, &held) : &q->blocks[at];
}

/* The queue waits until (client, clock) is planned. */
static void wait_for(struct plan *p, uint32_t queue, uint32_t client, uint64_t clock)
{
    struct client *c = client_planned(p->doc, client);
    struct queue *q = &p->queues[queue];

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

static int need_all(struct plan *p, uint32_t queue, const struct block *b)
{
    int rc = 1;

    if (b->flags & BLOCK_HAS_ORIGIN) {
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
    struct run *last = p->run_count > 0 ? &p->runs[p->run_count - 1] : NULL;

    if (last && last->queue == queue && last->to == at) {
        last->to++;
        return RC_OK;
    }
    int rc = grow(p->scratch, (void **)&p->runs, p->run_count, &p->run_cap, sizeof(*p->runs));
    if (rc == RC_OK) {
        p->runs[p->run_count++] = (struct run){queue, at, at + 1};
    }
    return rc;
}

/* A known block changes nothing, but it may still cut a surrogate pair. */
static int plan_known(struct plan *p, uint32_t queue, uint32_t at)
{
    if (!p->doc->pairs) {
        return RC_OK;
    }
    need_block(p->doc, &p->need, queue_block(p, queue, at));
    return extend_run(p, queue, at);
}

static int plan_block(struct plan *p, uint32_t queue, uint32_t at)
{
    const struct block *b = queue_block(p, queue, at);
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
        const struct block *b = queue_block(p, queue, at);
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
        rc = need_all(p, queue, b);
        if (rc != 1) {
            return rc;
        }
        rc = plan_block(p, queue, at);
    }
    return rc < 0 ? rc : RC_OK;
}

/* ---- the update's queues --------------------------------------------------------------------------------- */

static int add_piece(struct plan *p, const struct piece *piece)
{
    uint32_t client;
    int rc = client_make(p->doc, piece->blocks[0].id.client, &client);

    return rc == RC_OK ? queue_add(p, &(struct queue){.client = client, .count = piece->count, .blocks = piece->blocks})
                       : rc;
}

/* The last that is added runs first: so the first piece is added last. */
static int add_pieces(struct plan *p, const struct piece *pieces, size_t count)
{
    int rc = RC_OK;

    while (rc == RC_OK && count > 0) {
        rc = add_piece(p, &pieces[--count]);
    }
    return rc;
}

/* ---- what is left of the update joins what waits --------------------------------------------------------- */

/* Blocks that must wait, and whose; clients from the highest down. */
struct rest {
    const struct block **blocks;
    size_t count, cap;
    uint64_t *clients; /* perhaps of blocks that are no more than Skips */
    size_t client_count, client_cap;
    size_t passed; /* clients above the one at hand */
};

static int collect_rest(struct plan *p, struct queue *q, struct rest *rest)
{
    if (q->at < q->count) {
        int rc =
            grow(p->scratch, (void **)&rest->clients, rest->client_count, &rest->client_cap, sizeof(*rest->clients));
        if (rc != RC_OK) {
            return rc;
        }
        rest->clients[rest->client_count++] = p->doc->clients[q->client].id;
    }
    for (; q->at < q->count; q->at++) {
        if (q->blocks[q->at].ref != BLOCK_SKIP) {
            int rc = grow(p->scratch, (void **)&rest->blocks, rest->count, &rest->cap, sizeof(*rest->blocks));
            if (rc != RC_OK) {
                return rc;
            }
            rest->blocks[rest->count++] = &q->blocks[q->at];
        }
    }
    return RC_OK;
}

static int by_client_and_clock(const void *a, const void *b)
{
    const struct id *x = &(*(const struct block *const *)a)->id, *y = &(*(const struct block *const *)b)->id;

    if (x->client != y->client) {
        return x->client > y->client ? -1 : 1;
    }
    return x->clock < y->clock ? -1 : x->clock > y->clock ? 1 : 0;
}

static int highest_first(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x > *y ? -1 : *x < *y ? 1 : 0;
}

/* The lowest client above `id` of which the update's rest has something. Asked for lower and lower ids. */
static uint64_t rest_above(struct rest *rest, uint64_t id)
{
    while (rest->passed < rest->client_count && rest->clients[rest->passed] > id) {
        rest->passed++;
    }
    return rest->passed > 0 ? rest->clients[rest->passed - 1] : UINT64_MAX;
}

/* Whether what waits of a client had the last turn, which was woven before. */
static bool waiting_was_last(const struct plan *p, uint64_t id)
{
    uint32_t waiting = p->doc->clients[client_find(p->doc, id)].queue;
    uint32_t i = p->queue_count - 1;

    while (p->queues[i].taken != waiting) {
        i--;
    }
    return weave_waiting_last(&p->queues[i].weave, &p->doc->pending->queues[waiting]);
}

/* yjs goes through the clients from the highest down: who had the last turn before this one? */
static bool fresh_is_first(const struct plan *p, struct rest *rest, uint64_t id)
{
    uint64_t fresh = rest_above(rest, id), waiting = pending_above(p->doc, id);

    return fresh == waiting ? fresh != UINT64_MAX && !waiting_was_last(p, fresh) : fresh < waiting;
}

static int weave_group(struct plan *p, struct rest *rest, const struct block *const *blocks, uint32_t count)
{
    static const struct pending_queue none;
    uint32_t client = client_find(p->doc, blocks[0]->id.client), waiting = p->doc->clients[client].queue;
    const struct pending_queue *q = waiting ? &p->doc->pending->queues[waiting] : &none;
    bool together = waiting && pending_held(q, 0)->block.id.clock == blocks[0]->id.clock;
    struct weave weave;
    int rc =
        weave_blocks(q, blocks, count, together && fresh_is_first(p, rest, blocks[0]->id.client), p->scratch, &weave);

    if (rc != RC_OK || waiting) {
        return rc == RC_OK ? take_pending(p, waiting, &weave) : rc;
    }
    return queue_add(p, &(struct queue){.client = client, .count = weave.count, .woven = true, .weave = weave});
}

static int weave_rest(struct plan *p)
{
    struct rest rest = {0};
    int rc = RC_OK;

    for (uint32_t i = 1; rc == RC_OK && i < p->queue_count; i++) {
        rc = collect_rest(p, &p->queues[i], &rest);
    }
    if (rc == RC_OK && rest.count > 1) {
        qsort(rest.blocks, rest.count, sizeof(*rest.blocks), by_client_and_clock);
        qsort(rest.clients, rest.client_count, sizeof(*rest.clients), highest_first);
    }
    for (size_t start = 0, end; rc == RC_OK && start < rest.count; start = end) {
        for (end = start + 1; end < rest.count && rest.blocks[end]->id.client == rest.blocks[start]->id.client;) {
            end++;
        }
        rc = weave_group(p, &rest, rest.blocks + start, (uint32_t)(end - start));
    }
    return rc;
}

static int wake_all(struct plan *p)
{
    int rc = RC_OK;

    p->second = true;
    for (size_t i = 0; rc == RC_OK && i < p->woken_count; i++) {
        rc = wake_pending(p, &p->doc->clients[p->woken[i]]);
    }
    return rc;
}

/* ---- deletes ------------------------------------------------------------------------------------------------ */

/* The part of a range below the planned state is applied, the rest waits. */
static int plan_delete(struct plan *p, const struct idset_range *r)
{
    uint32_t client = client_find(p->doc, r->client);
    uint64_t state = client == NONE32 ? 0 : client_planned(p->doc, client)->planned, end = r->clock + r->len;
    uint64_t cut = state < r->clock ? r->clock : state > end ? end : state;
    int rc = RC_OK;

    if (cut > r->clock) {
        rc = idset_push(&p->apply, r->client, r->clock, cut - r->clock);
        need_deleted(p->doc, &p->need, client, r->clock, cut);
    }
    if (rc == RC_OK && cut < end) {
        rc = idset_push(&p->rest, r->client, cut, end - cut);
    }
    return rc;
}

/* Deletes that have waited for clocks of the client which are planned now. What is beyond goes on waiting. */
static int plan_ripe(struct plan *p, uint32_t client)
{
    struct client *c = client_planned(p->doc, client);
    const struct ranges *waiting = &p->doc->pending->deletes;
    uint32_t node = c->plan_ripe ? 0 : ranges_find(waiting, c->id, 0);
    int rc = RC_OK;

    if (!node || waiting->node[node].range.clock >= c->planned) {
        return RC_OK;
    }
    c->plan_ripe = true;
    for (; rc == RC_OK && node; node = ranges_next(waiting, node)) {
        struct idset_range r = waiting->node[node].range;
        if (r.client != c->id || r.clock >= c->planned) {
            break;
        }
        r.len = r.len < c->planned - r.clock ? r.len : c->planned - r.clock;
        rc = plan_delete(p, &r);
    }
    if (rc == RC_OK) {
        rc = grow(p->scratch, (void **)&p->ripe, p->ripe_count, &p->ripe_cap, sizeof(*p->ripe));
    }
    if (rc == RC_OK) {
        p->ripe[p->ripe_count++] = client;
    }
    return rc;
}

static int plan_deletes(struct plan *p, const struct idset *deletes)
{
    uint32_t own = client_find(p->doc, p->doc->client_id); /* whose local edits may have reached some */
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < deletes->count; i++) {
        rc = plan_delete(p, &idset_ranges(deletes)[i]);
    }
    if (!p->doc->pending || p->doc->pending->deletes.count == 0) {
        return rc;
    }
    for (size_t i = 0; rc == RC_OK && i < p->run_count; i++) {
        rc = plan_ripe(p, p->queues[p->runs[i].queue].client);
    }
    return rc == RC_OK && own != NONE32 ? plan_ripe(p, own) : rc;
}

/* ---- making sure of memory ------------------------------------------------------------------------------------ */

static int copy_block(struct plan *p, const struct block *b, uint64_t offset, struct held **out)
{
    int rc = grow(p->scratch, (void **)&p->copies, p->copy_count, &p->copy_cap, sizeof(*p->copies));

    if (rc == RC_OK) {
        rc = held_create(p->doc, b, offset, out);
    }
    if (rc == RC_OK) {
        p->copies[p->copy_count++] = *out;
    }
    return rc;
}

static int keep_block(struct plan *p, struct woven *w)
{
    w->kept = w->held;
    if (w->held && w->offset == 0) {
        return RC_OK;
    }
    int rc = pending_may_wait(w->block);
    return rc == RC_OK ? copy_block(p, w->block, w->offset, &w->kept) : rc;
}

/* A new queue in the document. */
static int keep_fresh(struct plan *p, const struct queue *q)
{
    struct pending_queue fresh = {.client = q->client, .wait = q->wait};
    int rc = grow(p->scratch, (void **)&p->fresh, p->fresh_count, &p->fresh_cap, sizeof(*p->fresh));

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
static bool grows_in_front(const struct plan *p, const struct queue *q)
{
    const struct weave *w = &q->weave;

    return w->count > w->to - w->from && w->from < p->doc->pending->queues[q->taken].count - w->to;
}

/* What is left of a queue will wait: copies of what is not held, and room in the document's queue. */
static int keep_rest(struct plan *p, const struct queue *q)
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

static int make_sure(struct plan *p)
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

/* ---- the change -------------------------------------------------------------------------------------------------- */

/* What is left of a queue that waited, with what was woven in. It has room for all of this. */
static void close_up(const struct plan *p, struct pending_queue *waiting, const struct queue *q)
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
static void commit_taken(struct plan *p, const struct queue *q)
{
    struct crdt_doc *doc = p->doc;
    const struct weave *w = &q->weave;

    for (uint32_t at = 0; at < q->at; at++) {
        struct held *held;
        (void)queue_entry(p, q, at, &held);
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
        const struct queue *q = &p->queues[i];
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

static void change(struct plan *p)
{
    txn_open(p->doc, false);
    for (size_t i = 0; i < p->run_count; i++) {
        for (uint32_t at = p->runs[i].from; at < p->runs[i].to; at++) {
            integrate_block(p->doc, queue_block(p, p->runs[i].queue, at));
        }
    }
    for (size_t i = 0; i < p->apply.count; i++) {
        const struct idset_range *r = &idset_ranges(&p->apply)[i];
        txn_delete_range(p->doc, client_find(p->doc, r->client), (uint32_t)r->clock, (uint32_t)r->len);
    }
    txn_close(p->doc);
    commit_waiting(p);
}

/* ---- giving up --------------------------------------------------------------------------------------------------- */

static void give_up(struct plan *p, uint32_t clients_before)
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

static int run_ready(struct plan *p)
{
    int rc = RC_OK;

    while (rc == RC_OK && p->ready) {
        uint32_t queue = p->ready;
        p->ready = p->queues[queue].next;
        rc = run_queue(p, queue);
    }
    return rc;
}

/* First the update alone, as yjs does; then what waits, what is left of the update among it. */
static int make_plan(struct plan *p, const struct piece *pieces, size_t count, const struct idset *deletes)
{
    int rc = add_pieces(p, pieces, count);

    if (rc == RC_OK) {
        rc = run_ready(p);
    }
    if (rc == RC_OK) {
        rc = weave_rest(p);
    }
    if (rc == RC_OK) {
        rc = wake_all(p);
    }
    if (rc == RC_OK) {
        rc = run_ready(p);
    }
    return rc == RC_OK ? plan_deletes(p, deletes) : rc;
}

int apply_pieces(struct crdt_doc *doc, const struct piece *pieces, size_t count, const struct idset *deletes,
                 struct arena *scratch)
{
    if (doc->txn.active) {
        return RC_STATE;
    }
    int rc;
    if (direct_apply(doc, pieces, count, idset_ranges(deletes), deletes->count, &rc)) {
        return rc;
    }
    struct plan p = {.doc = doc, .scratch = scratch, .queue_count = 1};
    uint32_t clients_before = doc->client_count;

    doc->plan++;
    rc = make_plan(&p, pieces, count, deletes);
    if (rc == RC_OK) {
        rc = make_sure(&p);
    }
    if (rc == RC_OK) {
        change(&p);
    } else {
        give_up(&p, clients_before);
    }
    idset_finish(&p.apply);
    idset_finish(&p.rest);
    doc_settle(doc);
    return rc;
}
