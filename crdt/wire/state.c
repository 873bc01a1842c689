#include "crdt/wire/state.h"

#include <stdlib.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/pending.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"
#include "crdt/wire/keystroke.h"
#include "crdt/wire/merge.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/state_vector.h"
#include "crdt/wire/update_enc.h"

/* ---- structs -------------------------------------------------------------------------------------- */

static struct id full_id(const struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    return (struct id){doc->clients[client].id, clock};
}

/* Tells the parent, as every item without origin and right origin must. */
static void name_parent(const struct crdt_doc *doc, uint32_t seq, struct block *b)
{
    const struct seq *s = &doc->seqs[seq];
    uint32_t item = doc->branches[s->branch].item;

    if (item) {
        b->flags |= BLOCK_PARENT_ID;
        b->parent = full_id(doc, item_at(doc, item)->client, item_at(doc, item)->clock);
    } else {
        b->flags |= BLOCK_PARENT_ROOT;
        b->parent_name = branch_name(doc, s->branch);
    }
    if (s->key != NONE32) {
        b->parent_sub = branch_key_name(doc, seq);
    }
}

static struct block item_block(const struct crdt_doc *doc, uint32_t item, unsigned flags, const struct id *origin,
                               const struct id *right_origin)
{
    const struct item *it = item_at(doc, item);
    struct block b = {
        .id = full_id(doc, it->client, it->clock),
        .len = it->len,
        .ref = (uint8_t)item_kind(it),
        .flags = (uint8_t)flags,
        .origin = *origin,
        .right_origin = *right_origin,
    };

    if (!(flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN))) {
        name_parent(doc, seq_of(doc, item), &b);
    }
    if (b.ref == BLOCK_TYPE) {
        b.type = doc->branches[it->off].kind;
        b.content = branch_name(doc, it->off);
    } else {
        b.content = pool_span(doc, it->off, it->bytes);
    }
    return b;
}

/* Most items are text or deleted text between others: they need no struct block. */
static void put_item(struct update_enc *enc, const struct crdt_doc *doc, uint32_t item, uint64_t offset)
{
    const struct item *it = item_at(doc, item);
    unsigned flags = it->flags & ITEM_KEYED ? BLOCK_HAS_PARENT_SUB : 0;
    struct id origin = {0}, right_origin = {0};

    if (it->origin_client != NONE32) {
        flags |= BLOCK_HAS_ORIGIN;
        origin = full_id(doc, it->origin_client, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        flags |= BLOCK_HAS_RIGHT_ORIGIN;
        right_origin = full_id(doc, it->right_client, it->right_clock);
    }
    bool between = (flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN)) != 0;
    if (between && offset == 0 && item_kind(it) == BLOCK_STRING) {
        update_enc_string(enc, flags, &origin, &right_origin, pool_span(doc, it->off, it->bytes), it->len);
    } else if (between && offset == 0 && item_kind(it) == BLOCK_DELETED) {
        update_enc_deleted(enc, flags, &origin, &right_origin, it->len);
    } else {
        struct block b = item_block(doc, item, flags, &origin, &right_origin);
        update_enc_block(enc, &b, offset);
    }
}

static void put_struct(struct update_enc *enc, const struct crdt_doc *doc, const struct id_pos *pos, uint64_t offset)
{
    uint32_t item = ids_item(doc, pos);

    if (item) {
        put_item(enc, doc, item, offset);
    } else {
        update_enc_gc(enc, ids_len(doc, pos) - offset);
    }
}

/* The structs of a client from `clock` on, which is below its state. */
static void put_client(struct update_enc *enc, const struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_peek(doc, client, clock);

    update_enc_begin_client(enc, ids_count_from(doc, &pos), doc->clients[client].id, clock);
    put_struct(enc, doc, &pos, clock - ids_clock(doc, &pos));
    while (ids_next(doc, &pos)) {
        put_struct(enc, doc, &pos, 0);
    }
}

/* ---- delete sets ----------------------------------------------------------------------------------- */

static int client_deletes(const struct crdt_doc *doc, uint32_t client, struct idset *out)
{
    struct id_pos pos = ids_first(doc, client);
    uint64_t start = 0, len = 0;
    int rc = RC_OK;

    do {
        uint32_t item = ids_item(doc, &pos), clock = ids_clock(doc, &pos);
        if (item && !item_deleted(item_at(doc, item))) {
            continue;
        }
        if (len > 0 && start + len != clock) {
            rc = idset_push(out, doc->clients[client].id, start, len);
            len = 0;
        }
        start = len == 0 ? clock : start;
        len += ids_len(doc, &pos);
    } while (rc == RC_OK && ids_next(doc, &pos));
    return rc == RC_OK && len > 0 ? idset_push(out, doc->clients[client].id, start, len) : rc;
}

/* All that is deleted, in normal form: the clients come by id descending. */
static int all_deletes(const struct crdt_doc *doc, const uint32_t *order, uint32_t count, struct idset *out)
{
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        rc = client_deletes(doc, order[i], out);
    }
    return rc;
}

/* ---- the whole state --------------------------------------------------------------------------------- */

/* First clock to write of a client; its state when there is nothing to write. */
static uint32_t first_wanted(const struct crdt_doc *doc, uint32_t client, const struct state_vector *known)
{
    uint64_t clock = state_vector_get(known, doc->clients[client].id);
    uint32_t state = doc->clients[client].state;

    return clock < state ? (uint32_t)clock : state;
}

static int encode_integrated(const struct crdt_doc *doc, enum crdt_format format, const struct state_vector *known,
                             struct buf *out)
{
    uint32_t *order = malloc((doc->client_count + 1) * sizeof(uint32_t));
    struct idset deletes = {0};
    struct update_enc enc;
    uint64_t groups = 0;

    if (!order) {
        return RC_NOMEM;
    }
    uint32_t count = client_order(doc, order);
    int rc = all_deletes(doc, order, count, &deletes);
    update_enc_init(&enc, format, out);
    for (uint32_t i = 0; i < count; i++) {
        groups += first_wanted(doc, order[i], known) < doc->clients[order[i]].state;
    }
    update_enc_clients(&enc, groups);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t clock = first_wanted(doc, order[i], known);
        if (clock < doc->clients[order[i]].state) {
            put_client(&enc, doc, order[i], clock);
        }
    }
    update_enc_deletes(&enc, &deletes);
    if (rc == RC_OK) {
        rc = update_enc_finish(&enc);
    } else {
        update_enc_discard(&enc);
    }
    idset_finish(&deletes);
    free(order);
    return rc;
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

/* The waiting structs that are not known by now, by client descending and clock; borrowed content. */
static int waiting_blocks(const struct crdt_doc *doc, struct block **out, size_t *out_count)
{
    const struct pending *p = doc->pending;
    size_t total = 0, count = 0;

    for (uint32_t i = 1; i < p->count; i++) {
        total += p->queues[i].count;
    }
    struct block *blocks = malloc((total + 1) * sizeof(*blocks));
    if (!blocks) {
        return RC_NOMEM;
    }
    for (uint32_t i = 1; i < p->count; i++) {
        const struct pending_queue *q = &p->queues[i];
        for (uint32_t k = 0; k < q->count; k++) {
            const struct block *b = &q->held[k]->block;
            if (b->id.clock + b->len > doc->clients[q->client].state) {
                blocks[count++] = *b;
            }
        }
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
    struct block *blocks = NULL;
    struct update_source sources[3] = {{0}};
    size_t count = 0, block_count = 0;
    int rc = encode_integrated(doc, format, known, &state);

    if (rc == RC_OK) {
        rc = waiting_blocks(doc, &blocks, &block_count);
    }
    if (rc == RC_OK) {
        sources[count++] = (struct update_source){.format = format, .bytes = buf_span(&state), .trusted = true};
        if (doc->pending->deletes.count > 0) {
            sources[count++] = (struct update_source){.deletes = &doc->pending->deletes};
        }
        if (block_count > 0) {
            sources[count++] = (struct update_source){.blocks = blocks, .block_count = block_count, .known = known};
        }
        rc = update_merge(sources, count, format, out);
    }
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

int state_encode_changes(const struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    const struct txn *t = &doc->txn;
    struct idset deletes = {0};
    struct update_enc enc;

    if (!txn_changed(doc)) {
        return RC_OK;
    }
    if (format == CRDT_V1 && keystroke_encode(doc, out)) {
        return out->rc;
    }
    int rc = changed_deletes(doc, &deletes);
    if (rc == RC_OK) {
        rc = sort_touched(doc);
    }
    update_enc_init(&enc, format, out);
    update_enc_clients(&enc, t->touched_count);
    for (uint32_t i = 0; i < t->touched_count; i++) {
        put_client(&enc, doc, t->touched[i], doc->clients[t->touched[i]].before);
    }
    update_enc_deletes(&enc, &deletes);
    if (rc == RC_OK) {
        rc = update_enc_finish(&enc);
    } else {
        update_enc_discard(&enc);
    }
    idset_finish(&deletes);
    return rc;
}
