#include "crdt/core/plan_rest.h"

#include <stdlib.h>
#include "crdt/core/client.h"

/* Blocks that must wait, and whose; clients from the highest down. */
struct rest {
    const struct block **blocks;
    size_t count, cap;
    uint64_t *clients; /* perhaps of blocks that are no more than Skips */
    size_t client_count, client_cap;
    size_t passed; /* clients above the one at hand */
};

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
    int rc = waiting ? pending_part(p->doc, waiting, blocks[0]->id.clock, weave_end(blocks, count)) : RC_OK;

    if (rc == RC_OK) {
        rc = weave_blocks(q, blocks, count, together && fresh_is_first(p, rest, blocks[0]->id.client), p->scratch,
                          &weave);
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
