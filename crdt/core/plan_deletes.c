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

/* Adds what of the deletes that wait is planned for this client now. The rest of them goes on waiting. */
static int add_ripe(struct plan *p, uint32_t client, struct idset *out)
{
    struct client *c = client_planned(p->doc, client);
    const struct ranges *waiting = &p->doc->pending->deletes;
    uint8_t pass = p->second ? 2 : 1;
    uint32_t node = c->plan_ripe == pass ? 0 : ranges_find(waiting, c->id, 0);
    int rc = RC_OK;

    if (!node || waiting->node[node].range.clock >= c->planned) {
        return RC_OK;
    }
    for (; rc == RC_OK && node; node = ranges_next(waiting, node)) {
        const struct idset_range *r = &waiting->node[node].range;
        if (r->client != c->id || r->clock >= c->planned) {
            break;
        }
        rc = idset_push(out, r->client, r->clock, r->len < c->planned - r->clock ? r->len : c->planned - r->clock);
    }
    if (rc == RC_OK && !c->plan_ripe) {
        rc = plan_grow(p->scratch, (void **)&p->ripe, p->ripe_count, &p->ripe_cap, sizeof(*p->ripe));
    }
    if (rc == RC_OK && !c->plan_ripe) {
        p->ripe[p->ripe_count++] = client;
    }
    c->plan_ripe = pass;
    return rc;
}

static int plan_each(struct plan *p, const struct idset *deletes)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < deletes->count; i++) {
        rc = plan_delete(p, &idset_ranges(deletes)[i]);
    }
    return rc;
}

/* Adds to `out` what is ripe for the clients of the runs from `first` on, and for `client`; plans it as one set. */
static int plan_ripe(struct plan *p, struct idset *out, size_t first, uint32_t client)
{
    bool waits = p->doc->pending && p->doc->pending->deletes.count > 0;
    int rc = waits && client != NONE32 ? add_ripe(p, client, out) : RC_OK;

    for (size_t i = first; waits && rc == RC_OK && i < p->run_count; i++) {
        rc = add_ripe(p, p->queues[p->runs[i].queue].client, out);
    }
    if (rc == RC_OK) {
        rc = idset_normalize(out);
    }
    if (rc == RC_OK) {
        rc = plan_each(p, out);
    }
    idset_finish(out);
    return rc;
}

int plan_deletes(struct plan *p, const struct idset *deletes)
{
    uint32_t own = client_find(p->doc, p->doc->client_id); /* whose local edits may have reached some */
    struct idset ripe;
    int rc = plan_each(p, deletes);

    idset_init(&ripe);
    return rc == RC_OK ? plan_ripe(p, &ripe, 0, own) : rc;
}

int plan_deletes_again(struct plan *p, size_t first)
{
    struct idset rest = p->rest;

    if (first == p->run_count) {
        return RC_OK;
    }
    idset_init(&p->rest);
    return plan_ripe(p, &rest, first, NONE32);
}
