#include "crdt/core/plan_rest.h"

#include <stdlib.h>
#include "crdt/core/client.h"

/* A block that must wait, and when its turn comes, as more of its client has been left. */
struct begun {
    const struct block *first;
    enum weave_turn turn;
};

/* Blocks that must wait, and whose; clients from the highest down. */
struct rest {
    const struct block **blocks;
    size_t count, cap;
    struct begun *begun; /* those of them that go on behind what is stuck */
    size_t begun_count, begun_cap;
    size_t begun_passed; /* of clients above the one at hand */
    uint64_t *clients;   /* perhaps of blocks that are no more than Skips */
    size_t client_count, client_cap;
    size_t passed; /* clients above the one at hand */
};

static bool is_missing(const struct plan *p, const struct block *b, const struct id *id)
{
    uint32_t client = id->client != b->id.client ? client_find(p->doc, id->client) : NONE32;

    return id->client != b->id.client && (client == NONE32 || id->clock >= client_planned(p->doc, client)->planned);
}

static bool is_stuck(const struct plan *p, const struct block *b)
{
    return ((b->flags & BLOCK_HAS_ORIGIN) && is_missing(p, b, &b->origin)) ||
           ((b->flags & BLOCK_HAS_RIGHT_ORIGIN) && is_missing(p, b, &b->right_origin)) ||
           ((b->flags & BLOCK_PARENT_ID) && is_missing(p, b, &b->parent));
}

/* yjs asks what a struct hangs on even when it knows the struct, and leaves all from there on when that is missing: so
 * what is left of a queue may have begun long before. */
static enum weave_turn turn_of(const struct plan *p, const struct plan_queue *q)
{
    enum weave_turn turn = WEAVE_RUNNING;

    for (uint32_t at = q->at; at > 0; at--) {
        const struct block *b = &q->blocks[at - 1];
        if (b->ref == BLOCK_SKIP || b->id.clock + b->len != q->blocks[at].id.clock) {
            turn = WEAVE_FIRST;
        }
        if (is_stuck(p, b)) {
            return turn;
        }
    }
    return WEAVE_AFTER;
}

static int note_begun(struct plan *p, const struct plan_queue *q, struct rest *rest)
{
    enum weave_turn turn = q->at < q->count ? turn_of(p, q) : WEAVE_AFTER;
    int rc = RC_OK;

    if (turn != WEAVE_AFTER) {
        rc = plan_grow(p->scratch, (void **)&rest->begun, rest->begun_count, &rest->begun_cap, sizeof(*rest->begun));
    }
    if (turn != WEAVE_AFTER && rc == RC_OK) {
        rest->begun[rest->begun_count++] = (struct begun){&q->blocks[q->at], turn};
    }
    return rc;
}

static int collect_rest(struct plan *p, struct plan_queue *q, struct rest *rest)
{
    if (q->at < q->count) {
        int rc = plan_grow(p->scratch, (void **)&rest->clients, rest->client_count, &rest->client_cap,
                           sizeof(*rest->clients));
        if (rc != RC_OK) {
            return rc;
        }
        rest->clients[rest->client_count++] = p->doc->clients[q->client].id;
    }
    for (; q->at < q->count; q->at++) {
        if (q->blocks[q->at].ref != BLOCK_SKIP) {
            int rc = plan_grow(p->scratch, (void **)&rest->blocks, rest->count, &rest->cap, sizeof(*rest->blocks));
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

static int by_first(const void *a, const void *b)
{
    const struct begun *x = a, *y = b;

    return by_client_and_clock(&x->first, &y->first);
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

/* When the turn of what is left of a client comes. Asked for lower and lower clients. */
static enum weave_turn weave_turn(const struct plan *p, struct rest *rest, const struct pending_queue *q,
                                  const struct block *first)
{
    while (rest->begun_passed < rest->begun_count &&
           rest->begun[rest->begun_passed].first->id.client > first->id.client) {
        rest->begun_passed++;
    }
    if (rest->begun_passed < rest->begun_count && rest->begun[rest->begun_passed].first == first) {
        return rest->begun[rest->begun_passed].turn;
    }
    bool together = q->count > 0 && pending_held(q, 0)->block.id.clock == first->id.clock;
    return together && fresh_is_first(p, rest, first->id.client) ? WEAVE_FIRST : WEAVE_AFTER;
}

static int weave_group(struct plan *p, struct rest *rest, const struct block *const *blocks, uint32_t count)
{
    static const struct pending_queue none;
    uint32_t client = client_find(p->doc, blocks[0]->id.client), waiting = p->doc->clients[client].queue;
    const struct pending_queue *q = waiting ? &p->doc->pending->queues[waiting] : &none;
    struct weave weave;
    int rc = waiting ? pending_part(p->doc, waiting, blocks[0]->id.clock, weave_end(blocks, count)) : RC_OK;

    if (rc == RC_OK) {
        rc = weave_blocks(q, blocks, count, weave_turn(p, rest, q, blocks[0]), p->scratch, &weave);
    }
    if (rc != RC_OK || waiting) {
        return rc == RC_OK ? plan_take(p, waiting, &weave) : rc;
    }
    return plan_queue_add(p,
                          &(struct plan_queue){.client = client, .count = weave.count, .woven = true, .weave = weave});
}

int plan_weave_rest(struct plan *p)
{
    struct rest rest = {0};
    int rc = RC_OK;

    for (uint32_t i = 1; rc == RC_OK && i < p->queue_count; i++) {
        rc = note_begun(p, &p->queues[i], &rest);
        rc = rc == RC_OK ? collect_rest(p, &p->queues[i], &rest) : rc;
    }
    if (rc == RC_OK && rest.count > 1) {
        qsort(rest.blocks, rest.count, sizeof(*rest.blocks), by_client_and_clock);
        qsort(rest.clients, rest.client_count, sizeof(*rest.clients), highest_first);
        if (rest.begun_count > 1) {
            qsort(rest.begun, rest.begun_count, sizeof(*rest.begun), by_first);
        }
    }
    for (size_t start = 0, end; rc == RC_OK && start < rest.count; start = end) {
        for (end = start + 1; end < rest.count && rest.blocks[end]->id.client == rest.blocks[start]->id.client;) {
            end++;
        }
        rc = weave_group(p, &rest, rest.blocks + start, (uint32_t)(end - start));
    }
    return rc;
}
