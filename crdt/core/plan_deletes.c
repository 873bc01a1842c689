#include "crdt/core/plan_deletes.h"

#include "crdt/core/client.h"
#include "crdt/core/need.h"

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
        rc = plan_grow(p->scratch, (void **)&p->ripe, p->ripe_count, &p->ripe_cap, sizeof(*p->ripe));
    }
    if (rc == RC_OK) {
        p->ripe[p->ripe_count++] = client;
    }
    return rc;
}

int plan_deletes(struct plan *p, const struct idset *deletes)
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
