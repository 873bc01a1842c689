#include "crdt/core/txn_settle.h"

#include "crdt/core/branch.h"
#include "crdt/core/content.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"

/* ---- collecting --------------------------------------------------------------------------------------- */

static void collect_child(struct crdt_doc *doc, uint32_t item)
{
    const struct item *it = item_at(doc, item);
    struct id_pos pos = ids_find(doc, it->client, it->clock);

    if (it->clock >= txn_before(doc, it->client)) {
        txn_join_later(doc, it->client, it->clock); /* yjs tries all new structs; here few are not settled */
    }
    ids_set_item(doc, &pos, 0);
    if (item_kind(it) == BLOCK_TYPE) {
        doc->txn.stack[doc->txn.stack_count++] = it->off;
        doc->type_count--;
    } else {
        content_drop(doc, item);
    }
    item_free(doc, item);
}

static void collect_list(struct crdt_doc *doc, uint32_t seq)
{
    struct seq_at place = seq_begin(doc, seq);

    while (place.leaf) {
        uint32_t item = seq_item(doc, place);
        seq_step(doc, &place);
        collect_child(doc, item);
    }
}

/* Everything below a deleted type becomes garbage: ids without items. */
static void collect_branch(struct crdt_doc *doc, uint32_t branch)
{
    doc->txn.stack[doc->txn.stack_count++] = branch;
    while (doc->txn.stack_count > 0) {
        uint32_t dead = doc->txn.stack[--doc->txn.stack_count];
        if (doc->branches[dead].list) {
            collect_list(doc, doc->branches[dead].list);
        }
        for (uint32_t seq = doc->branches[dead].keys; seq; seq = doc->seqs[seq].next) {
            collect_list(doc, seq);
        }
        branch_free(doc, dead);
    }
}

static void collect_item(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);

    if (item_kind(it) == BLOCK_TYPE) {
        collect_branch(doc, it->off);
        doc->type_count--;
    }
    content_drop(doc, item);
}

static void collect_range(struct crdt_doc *doc, const struct del_range *del)
{
    struct id_pos pos = ids_find(doc, del->client, del->clock);

    do {
        uint32_t item = ids_item(doc, &pos);
        if (ids_clock(doc, &pos) >= del->clock + del->len) {
            return;
        }
        if (item && item_deleted(item_at(doc, item)) && item_kind(item_at(doc, item)) != BLOCK_DELETED) {
            collect_item(doc, item);
        }
    } while (ids_next(doc, &pos));
}
/* ---- joining --------------------------------------------------------------------------------------------- */

bool txn_continues(const struct crdt_doc *doc, uint32_t left, uint32_t right)
{
    const struct item *l = item_at(doc, left), *r = item_at(doc, right);

    return l->flags == r->flags && r->origin_client == l->client && r->origin_clock == r->clock - 1 &&
           content_joins(item_kind(l)) && item_same_right(l, r);
}

static bool may_join(const struct crdt_doc *doc, uint32_t left, uint32_t right)
{
    return txn_continues(doc, left, right) && seq_next(doc, left) == right;
}

/* Joins the struct at *pos into the one before it, and moves *pos there. False: they stay two. */
static bool join_left(struct crdt_doc *doc, struct id_pos *pos)
{
    struct id_pos before = *pos;
    uint32_t right = ids_item(doc, pos);

    if (!ids_prev(doc, &before)) {
        return false;
    }
    uint32_t left = ids_item(doc, &before);
    if (!left || !right) {
        if (left || right) {
            return false;
        }
        ids_remove(doc, pos);
        return true;
    }
    if (!may_join(doc, left, right) || !content_join(doc, left, right)) {
        return false;
    }
    nest_removed(doc, right);
    seq_remove(doc, right);
    item_at(doc, left)->len += item_at(doc, right)->len;
    seq_update(doc, left);
    ids_remove(doc, pos);
    item_free(doc, right);
    return true;
}

/* yjs: tryToMergeWithLefts. Joins as far to the left as it goes; *pos ends at the joined struct. */
static uint32_t join_lefts(struct crdt_doc *doc, struct id_pos *pos)
{
    uint32_t joined = 0;

    while (join_left(doc, pos)) {
        joined++;
    }
    return joined;
}

/* Joins the struct at `pos` as far to the left as it goes, then each of the following that begins at `last` or before.
 * yjs goes from right to left and comes to the same; this way a long run grows at its end and is not copied for each
 * part. */
static void join_span(struct crdt_doc *doc, struct id_pos pos, uint32_t last)
{
    join_lefts(doc, &pos);
    while (ids_next(doc, &pos) && ids_clock(doc, &pos) <= last) {
        join_left(doc, &pos);
    }
}

/* yjs: tryMergeDeleteSet, for one range: its structs and the one behind it. */
static void join_range(struct crdt_doc *doc, const struct del_range *del)
{
    struct id_pos pos = ids_find(doc, del->client, del->clock), behind = pos;

    for (bool more = true; more && ids_clock(doc, &behind) < del->clock + del->len;) {
        more = ids_next(doc, &behind);
    }
    join_span(doc, pos, ids_clock(doc, &behind));
}

void txn_join_around(struct crdt_doc *doc, struct id_pos *pos)
{
    join_lefts(doc, pos);
    struct id_pos behind = *pos;
    if (ids_next(doc, &behind)) {
        join_left(doc, &behind);
    }
}

/* yjs: the pass over a client's new structs. */
static void join_new(struct crdt_doc *doc, uint32_t client)
{
    join_span(doc, ids_find(doc, client, doc->clients[client].before), UINT32_MAX);
}

/* yjs: the pass over _mergeStructs. */
static void join_cut(struct crdt_doc *doc, const struct split *cut)
{
    struct id_pos pos = ids_find(doc, cut->client, cut->clock), next = pos;

    if (ids_next(doc, &next) && join_lefts(doc, &next) > 1) {
        return;
    }
    join_lefts(doc, &pos); /* at most what stood behind it is gone */
}

/* ---- both ---------------------------------------------------------------------------------------------- */

/* Not inlined: mostly there is nothing to settle. */
__attribute__((noinline)) void txn_settle(struct crdt_doc *doc)
{
    struct txn *t = &doc->txn;

    for (uint32_t i = t->del_count; i-- > 0 && !doc->keep_deleted;) {
        if (!t->dels[i].settled) {
            collect_range(doc, &t->dels[i]);
        }
    }
    for (uint32_t i = t->del_count; i-- > 0;) {
        if (!t->dels[i].settled) {
            join_range(doc, &t->dels[i]);
        }
    }
    for (uint32_t i = 0; i < t->touched_count && !t->eager; i++) {
        join_new(doc, t->touched[i]);
    }
    for (uint32_t i = t->split_count; i-- > 0;) {
        join_cut(doc, &t->splits[i]);
    }
}
