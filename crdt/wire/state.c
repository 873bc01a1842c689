#include "crdt/wire/state.h"

#include <stdlib.h>
#include "crdt/core/client.h"
#include "crdt/core/pending.h"
#include "crdt/core/txn.h"
#include "crdt/wire/doc_deletes.h"
#include "crdt/wire/doc_enc.h"
#include "crdt/wire/keystroke.h"
#include "crdt/wire/merge.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/state_vector.h"

/* ---- the whole state --------------------------------------------------------------------------------- */

/* First clock to write of a client; its state when there is nothing to write. */
static uint32_t first_wanted(const struct crdt_doc *doc, uint32_t client, const struct state_vector *known)
{
    uint64_t clock = state_vector_get(known, doc->clients[client].id);
    uint32_t state = doc->clients[client].state;

    return clock < state ? (uint32_t)clock : state;
}

static uint64_t count_groups(const struct crdt_doc *doc, const uint32_t *order, uint32_t count,
                             const struct state_vector *known)
{
    uint64_t groups = 0;

    for (uint32_t i = 0; i < count; i++) {
        groups += first_wanted(doc, order[i], known) < doc->clients[order[i]].state;
    }
    return groups;
}

static int encode_integrated(const struct crdt_doc *doc, enum crdt_format format, const struct state_vector *known,
                             struct buf *out)
{
    uint32_t *order = malloc((doc->client_count + 1) * sizeof(uint32_t));
    struct delete_set_enc deletes = {.format = format};
    struct doc_enc e;

    if (!order) {
        return RC_NOMEM;
    }
    uint32_t count = client_order(doc, order);
    doc_enc_init(&e, doc, format, out);
    if (known->count == 0) {
        doc_enc_expect_all(&e);
    }
    update_enc_clients(&e.enc, count_groups(doc, order, count, known));
    for (uint32_t i = 0; i < count; i++) {
        doc_enc_client(&e, order[i], first_wanted(doc, order[i], known), &deletes);
    }
    delete_set_enc_finish(&deletes, e.enc.rest);
    free(order);
    return update_enc_finish(&e.enc);
}

/* ---- what waits ---------------------------------------------------------------------------------------- */

static int by_client_and_clock(const void *a, const void *b)
{
    const struct id *x = &((const struct block *)a)->id, *y = &((const struct block *)b)->id;

    if (x->client != y->client) {
        return x->client > y->client ? -1 : 1;
    }
    return x->clock < y->clock ? -1 : x->clock > y->clock ? 1 : 0;
}

/* The structs of a queue that are not known by now, into an array that has room for them. Returns how many. */
static size_t put_waiting(const struct crdt_doc *doc, const struct pending_queue *q, struct block *out)
{
    size_t count = 0;

    for (uint32_t k = 0; k < q->count; k++) {
        const struct held *h = pending_held(q, k);
        for (uint32_t i = 0; i < held_count(h); i++) {
            out[count] = held_struct(h, i);
            count += out[count].id.clock + out[count].len > doc->clients[q->client].state;
        }
    }
    return count;
}

/* The waiting structs that are not known by now, by client descending and clock; borrowed content. */
static int waiting_blocks(const struct crdt_doc *doc, struct block **out, size_t *out_count)
{
    const struct pending *p = doc->pending;
    size_t total = 0, count = 0;

    for (uint32_t i = 1; i < p->count; i++) {
        for (uint32_t k = 0; k < p->queues[i].count; k++) {
            total += held_count(pending_held(&p->queues[i], k));
        }
    }
    struct block *blocks = malloc((total + 1) * sizeof(*blocks));
    if (!blocks) {
        return RC_NOMEM;
    }
    for (uint32_t i = 1; i < p->count; i++) {
        count += put_waiting(doc, &p->queues[i], blocks + count);
    }
    qsort(blocks, count, sizeof(*blocks), by_client_and_clock);
    *out = blocks;
    *out_count = count;
    return RC_OK;
}

/* yjs merges its state, the waiting deletes and what is unknown of the waiting structs, in this order. */
static int encode_with_pending(const struct crdt_doc *doc, enum crdt_format format, const struct state_vector *known,
                               struct buf *out)
{
    struct buf state = {0};
    struct idset deletes = {0};
    struct block *blocks = NULL;
    struct update_source sources[3] = {{0}};
    size_t count = 0, block_count = 0;
    int rc = encode_integrated(doc, format, known, &state);

    if (rc == RC_OK) {
        rc = waiting_blocks(doc, &blocks, &block_count);
    }
    if (rc == RC_OK) {
        rc = ranges_to_idset(&doc->pending->deletes, &deletes);
    }
    if (rc == RC_OK) {
        sources[count++] = (struct update_source){.format = format, .bytes = buf_span(&state), .trusted = true};
        if (deletes.count > 0) {
            sources[count++] = (struct update_source){.deletes = &deletes};
        }
        if (block_count > 0) {
            sources[count++] = (struct update_source){.blocks = blocks, .block_count = block_count, .known = known};
        }
        rc = update_merge(sources, count, format, out);
    }
    idset_finish(&deletes);
    free(blocks);
    buf_finish(&state);
    return rc;
}

int crdt_encode_state(const struct crdt_doc *doc, enum crdt_format format, struct span state_vector, struct buf *out)
{
    struct state_vector known = {0};
    int rc = state_vector_decode(state_vector, &known);

    if (rc == RC_OK) {
        rc = crdt_has_pending(doc) ? encode_with_pending(doc, format, &known, out)
                                   : encode_integrated(doc, format, &known, out);
    }
    state_vector_finish(&known);
    return rc;
}

/* ---- vectors and snapshots ---------------------------------------------------------------------------------- */

static int collect_state(const struct crdt_doc *doc, const uint32_t *order, uint32_t count, struct state_vector *out)
{
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        rc = state_vector_add(out, doc->clients[order[i]].id, doc->clients[order[i]].state);
    }
    return rc == RC_OK ? state_vector_sort(out) : rc;
}

/* All that is deleted, in normal form: the clients come by id descending. */
static int all_deletes(const struct crdt_doc *doc, const uint32_t *order, uint32_t count, struct idset *out)
{
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        rc = doc_deletes(doc, order[i], out);
    }
    return rc;
}

static int encode_summary(const struct crdt_doc *doc, bool deletes, struct buf *out)
{
    uint32_t *order = malloc((doc->client_count + 1) * sizeof(uint32_t));
    struct snapshot s = {0};
    size_t before = out->len;

    if (!order) {
        return RC_NOMEM;
    }
    uint32_t count = client_order(doc, order);
    int rc = collect_state(doc, order, count, &s.state);
    if (rc == RC_OK && deletes) {
        rc = all_deletes(doc, order, count, &s.deletes);
    }
    if (rc == RC_OK && deletes) {
        snapshot_write(CRDT_V1, &s, out);
    } else if (rc == RC_OK) {
        state_vector_write(&s.state, out);
    }
    if (rc == RC_OK && out->rc != RC_OK) {
        rc = out->rc;
        out->len = before;
    }
    snapshot_finish(&s);
    free(order);
    return rc;
}

int crdt_encode_state_vector(const struct crdt_doc *doc, struct buf *out)
{
    return encode_summary(doc, false, out);
}

int crdt_encode_snapshot(const struct crdt_doc *doc, struct buf *out)
{
    return encode_summary(doc, true, out);
}

/* ---- changes -------------------------------------------------------------------------------------------------- */

/* Few clients are sorted in place; of many the order of all is taken and the others are left out. */
static int sort_touched(const struct crdt_doc *doc)
{
    uint32_t *touched = doc->txn.touched, count = doc->txn.touched_count;

    if (count <= 32) {
        for (uint32_t i = 1; i < count; i++) {
            uint32_t client = touched[i], at = i;
            for (; at > 0 && doc->clients[touched[at - 1]].id < doc->clients[client].id; at--) {
                touched[at] = touched[at - 1];
            }
            touched[at] = client;
        }
        return RC_OK;
    }
    uint32_t *order = malloc(doc->client_count * sizeof(uint32_t));
    if (!order) {
        return RC_NOMEM;
    }
    uint32_t all = client_order(doc, order), kept = 0;
    for (uint32_t i = 0; i < all; i++) {
        if (doc->clients[order[i]].txn == doc->txn.stamp) {
            touched[kept++] = order[i];
        }
    }
    free(order);
    return RC_OK;
}

static int changed_deletes(const struct crdt_doc *doc, struct idset *out)
{
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < doc->txn.del_count; i++) {
        const struct del_range *d = &doc->txn.dels[i];
        rc = idset_push(out, doc->clients[d->client].id, d->clock, d->len);
    }
    return rc == RC_OK ? idset_group(out) : rc;
}

/* Not inlined: keystrokes should not pay for what it needs. */
__attribute__((noinline)) static int encode_changes(const struct crdt_doc *doc, enum crdt_format format,
                                                    struct buf *out)
{
    const struct txn *t = &doc->txn;
    struct idset deletes = {0};
    struct doc_enc e;
    int rc = changed_deletes(doc, &deletes);

    if (rc == RC_OK) {
        rc = sort_touched(doc);
    }
    if (rc == RC_OK) {
        doc_enc_init(&e, doc, format, out);
        update_enc_clients(&e.enc, t->touched_count);
        for (uint32_t i = 0; i < t->touched_count; i++) {
            doc_enc_structs(&e, t->touched[i], doc->clients[t->touched[i]].before);
        }
        update_enc_deletes(&e.enc, &deletes);
        rc = update_enc_finish(&e.enc);
    }
    idset_finish(&deletes);
    return rc;
}

int state_encode_changes(const struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    if (!txn_changed(doc)) {
        return RC_OK;
    }
    if (format == CRDT_V1 && keystroke_encode(doc, out)) {
        return out->rc;
    }
    return encode_changes(doc, format, out);
}
