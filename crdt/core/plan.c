#include "crdt/core/plan.h"

#include "crdt/core/client.h"
#include "crdt/core/direct.h"
#include "crdt/core/plan_change.h"
#include "crdt/core/plan_deletes.h"
#include "crdt/core/plan_rest.h"
#include "crdt/core/plan_run.h"

static int add_piece(struct plan *p, const struct piece *piece)
{
    uint32_t client;
    int rc = client_make(p->doc, piece->blocks[0].id.client, &client);

    return rc == RC_OK ? plan_queue_add(
                             p, &(struct plan_queue){.client = client, .count = piece->count, .blocks = piece->blocks})
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

/* First the update alone, as yjs does; then what waits, what is left of the update among it. */
static int make_plan(struct plan *p, const struct piece *pieces, size_t count, const struct idset *deletes)
{
    int rc = add_pieces(p, pieces, count);

    if (rc == RC_OK) {
        rc = plan_run(p);
    }
    if (rc == RC_OK) {
        rc = plan_deletes(p, deletes);
    }
    size_t alone = p->run_count;
    if (rc == RC_OK) {
        rc = plan_weave_rest(p);
    }
    if (rc == RC_OK) {
        rc = plan_wake_all(p);
    }
    if (rc == RC_OK) {
        rc = plan_run(p);
    }
    return rc == RC_OK ? plan_deletes_again(p, alone) : rc;
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
    doc->ditto.known = false;
    rc = make_plan(&p, pieces, count, deletes);
    if (rc == RC_OK) {
        rc = plan_make_sure(&p);
    }
    if (rc == RC_OK) {
        plan_change(&p);
    } else {
        plan_give_up(&p, clients_before);
    }
    idset_finish(&p.apply);
    idset_finish(&p.rest);
    doc_settle(doc);
    return rc;
}
