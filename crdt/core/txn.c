#include "crdt/core/txn.h"

#include <assert.h>
#include <stdlib.h>
#include "crdt/core/branch.h"
#include "crdt/core/content.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/stroke.h"

/* ---- what it remembers ------------------------------------------------------------------------- */

void txn_open(struct crdt_doc *doc, bool eager)
{
    struct txn *t = &doc->txn;

    t->active = true;
    t->eager = eager;
    t->stamp++;
    t->touched_count = t->del_count = t->split_count = t->stack_count = 0;
    t->beneath = 0;
    t->loose = !eager;
}

int txn_reserve(struct crdt_doc *doc, uint64_t items, uint64_t overlapped, uint64_t beneath)
{
    struct txn *t = &doc->txn;
    /* A local transaction comes here before each of its edits; what was promised to earlier ones may be used at its
     * end. */
    uint64_t promised = beneath + (t->active ? t->beneath : 0);
    /* An insert may delete itself and what it outdates. */
    uint64_t dels = 2 * items + overlapped + beneath + (t->active ? t->del_count : 0);
    /* A child is remembered for joining when it is deleted, and again when it is collected; new ones likewise. */
    uint64_t splits = 3 * items + 2 * promised + (t->active ? t->split_count : 0);
    int rc = mem_reserve(&doc->mem, (void **)&t->dels, &t->del_cap, dels, sizeof(*t->dels));

    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->splits, &t->split_cap, splits, sizeof(*t->splits));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->stack, &t->stack_cap, (uint64_t)doc->branch_count + items,
                         sizeof(*t->stack));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->touched, &t->touched_cap, doc->client_count, sizeof(*t->touched));
    }
    if (rc == RC_OK) {
        t->beneath = promised;
    }
    return rc;
}

void txn_touch(struct crdt_doc *doc, uint32_t client)
{
    struct client *c = &doc->clients[client];
    struct txn *t = &doc->txn;

    doc->recent = client;
    if (c->txn != t->stamp) {
        c->txn = t->stamp;
        c->before = c->state;
        assert(t->touched_count < t->touched_cap);
        t->touched[t->touched_count++] = client;
    }
}

uint32_t txn_before(const struct crdt_doc *doc, uint32_t client)
{
    const struct client *c = &doc->clients[client];

    return c->txn == doc->txn.stamp ? c->before : c->state;
}

bool txn_changed(const struct crdt_doc *doc)
{
    return doc->txn.touched_count > 0 || doc->txn.del_count > 0;
}

void txn_join_later(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct txn *t = &doc->txn;

    assert(t->split_count < t->split_cap);
    t->loose = true;
    t->splits[t->split_count++] = (struct split){client, clock};
}

/* ---- deleting ------------------------------------------------------------------------------------ */

void txn_deleted(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len, bool settled)
{
    struct txn *t = &doc->txn;
    struct del_range *last = t->del_count > 0 ? &t->dels[t->del_count - 1] : NULL;

    t->loose = t->loose || !settled;
    if (last && last->client == client && last->clock + last->len == clock && last->settled == settled) {
        last->len += len;
        return;
    }
    assert(t->del_count < t->del_cap);
    t->dels[t->del_count++] = (struct del_range){client, clock, len, settled};
}

static void delete_one(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);

    it->flags |= ITEM_DELETED;
    seq_update(doc, item);
    txn_deleted(doc, it->client, it->clock, it->len, false);
    if (item_kind(it) == BLOCK_FORMAT) {
        doc->seqs[seq_of(doc, item)].formats--;
    } else if (item_kind(it) == BLOCK_TYPE) {
        assert(doc->txn.stack_count < doc->txn.stack_cap);
        doc->txn.stack[doc->txn.stack_count++] = it->off;
    }
}

/* A child of a deleted type. One deleted before this transaction will be collected with its parent and may then be
 * joined, though it is not in this transaction's delete set. */
static void delete_child(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);

    if (!item_deleted(it)) {
        delete_one(doc, item);
    } else if (it->clock < txn_before(doc, it->client)) {
        txn_join_later(doc, it->client, it->clock);
    }
}

static void delete_children(struct crdt_doc *doc, uint32_t branch)
{
    const struct branch *b = &doc->branches[branch];

    if (b->list) {
        struct seq_at place = seq_begin(doc, b->list);
        for (uint32_t item; (item = seq_item(doc, place)) != 0; seq_step(doc, &place)) {
            delete_child(doc, item);
        }
    }
    for (uint32_t seq = b->keys; seq; seq = doc->seqs[seq].next) {
        uint32_t item = seq_last(doc, seq);
        if (item) {
            delete_child(doc, item);
        }
    }
}

void txn_delete(struct crdt_doc *doc, uint32_t item)
{
    if (item_deleted(item_at(doc, item))) {
        return;
    }
    delete_one(doc, item);
    while (doc->txn.stack_count > 0) {
        delete_children(doc, doc->txn.stack[--doc->txn.stack_count]);
    }
}

static bool same_right_origin(const struct item *a, const struct item *b)
{
    return a->right_client == b->right_client && (a->right_client == NONE32 || a->right_clock == b->right_clock);
}

void txn_move_border(struct crdt_doc *doc, const struct id_pos *border, uint32_t live, uint32_t dead, uint32_t len)
{
    struct item *l = item_at(doc, live), *d = item_at(doc, dead);
    bool tail = l->clock < d->clock;
    struct item *later = tail ? d : l;
    uint32_t clock = tail ? d->clock - len : l->clock + len;

    content_shrink(doc, live, tail ? l->len - len : len, tail);
    later->clock = clock;
    later->origin_clock = clock - 1;
    l->len -= len;
    d->len += len;
    nest_moved(doc, tail ? dead : live, tail ? -(int64_t)len : (int64_t)len);
    ids_set_clock(doc, border, clock);
}

/* Backspace and its mirror image: clocks at one end of a live run move over to the deleted run beside it, which is what
 * cutting, collecting and joining would come to. `pos` is the deleted run's, whose first clock moves or stays. */
static bool run_takes(struct crdt_doc *doc, const struct id_pos *pos, uint32_t live, uint32_t dead, uint32_t len)
{
    struct item *l = item_at(doc, live), *d = item_at(doc, dead);
    bool before = l->clock < d->clock; /* the live run is the earlier one */
    const struct item *first = before ? l : d, *second = before ? d : l;
    uint32_t cut = before ? l->len - len : len;

    if (item_kind(l) != BLOCK_STRING || item_kind(d) != BLOCK_DELETED || second->origin_client != l->client ||
        second->origin_clock != second->clock - 1 || !same_right_origin(first, second) ||
        seq_next(doc, before ? live : dead) != (before ? dead : live) || content_cuts_pair(doc, live, cut)) {
        return false;
    }
    txn_move_border(doc, pos, live, dead, len);
    seq_update(doc, live);
    stroke_note_border(doc, live, dead, pos);
    return true;
}

/* One end of a live text, beside a deleted run of the same author. The range is then settled: nothing is left to do for
 * it at the end of the transaction. */
static bool move_border(struct crdt_doc *doc, const struct id_pos *pos, uint32_t clock, uint32_t len)
{
    uint32_t item = ids_item(doc, pos), dead;
    const struct item *it = item_at(doc, item);
    struct id_pos beside = *pos;

    if (doc->keep_deleted || len >= it->len) {
        return false;
    }
    if (clock + len == it->clock + it->len) {
        if (!ids_next(doc, &beside) || !(dead = ids_item(doc, &beside)) || !run_takes(doc, &beside, item, dead, len)) {
            return false;
        }
    } else if (clock == it->clock) {
        struct id_pos own = *pos;
        if (!ids_prev(doc, &beside) || !(dead = ids_item(doc, &beside)) || !run_takes(doc, &own, item, dead, len)) {
            return false;
        }
    } else {
        return false;
    }
    txn_deleted(doc, pos->client, clock, len, true);
    return true;
}

bool txn_delete_border(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len)
{
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t first = ids_item(doc, &pos);

    return first && !item_deleted(item_at(doc, first)) && move_border(doc, &pos, clock, len);
}

void txn_delete_range(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len)
{
    uint32_t end = clock + len;

    if (txn_delete_border(doc, client, clock, len)) {
        return;
    }
    struct id_pos pos = ids_find(doc, client, clock);
    do {
        uint32_t start = ids_clock(doc, &pos), item = ids_item(doc, &pos);
        if (start >= end) {
            return;
        }
        if (!item || item_deleted(item_at(doc, item))) {
            continue;
        }
        if (start < clock) {
            txn_split(doc, item, clock - start);
            pos = ids_find(doc, client, start); /* the cut may have moved it to another chunk */
            continue;
        }
        if (end - start < item_at(doc, item)->len) {
            txn_split(doc, item, end - start);
            pos = ids_find(doc, client, start);
        }
        txn_delete(doc, item);
    } while (ids_next(doc, &pos));
}

/* ---- cutting ---------------------------------------------------------------------------------------- */

static uint32_t split_at(struct crdt_doc *doc, struct id_pos *pos, uint32_t item, uint32_t diff)
{
    uint32_t right = item_new(doc);
    struct item *l = item_at(doc, item), *r = item_at(doc, right);

    *r = *l;
    r->clock = l->clock + diff;
    r->len = l->len - diff;
    r->origin_client = l->client;
    r->origin_clock = l->clock + diff - 1;
    r->mark = l->mark;
    content_split(doc, item, diff, right);
    l->len = diff;
    seq_update(doc, item);
    seq_insert(doc, seq_of(doc, item), item, right);
    nest_split(doc, item, right);
    ids_insert_after(doc, pos, r->clock, right);
    txn_join_later(doc, r->client, r->clock);
    return right;
}

uint32_t txn_split(struct crdt_doc *doc, uint32_t item, uint32_t diff)
{
    const struct item *it = item_at(doc, item);
    struct id_pos pos = ids_find(doc, it->client, it->clock);

    return split_at(doc, &pos, item, diff);
}

uint32_t txn_clean_end(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    /* Typing goes on behind the last clock: no search. */
    bool last = clock + 1 == doc->clients[client].state;
    struct id_pos pos = last ? ids_last(doc, client) : ids_find(doc, client, clock);
    uint32_t item = ids_item(doc, &pos);

    if (item && clock - item_at(doc, item)->clock + 1 < item_at(doc, item)->len) {
        split_at(doc, &pos, item, clock - item_at(doc, item)->clock + 1);
    }
    return item;
}

uint32_t txn_clean_start(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t item = ids_item(doc, &pos);

    if (item && item_at(doc, item)->clock < clock) {
        return split_at(doc, &pos, item, clock - item_at(doc, item)->clock);
    }
    return item;
}

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
           content_joins(item_kind(l)) && same_right_origin(l, r);
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
    struct id_pos behind = ids_find(doc, del->client, del->clock + del->len - 1);

    ids_next(doc, &behind);
    join_span(doc, ids_find(doc, del->client, del->clock), ids_clock(doc, &behind));
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
    pos = ids_find(doc, cut->client, cut->clock);
    join_lefts(doc, &pos);
}

/* ---- the end ----------------------------------------------------------------------------------------------- */

static int by_client_and_clock(const void *a, const void *b)
{
    const struct del_range *x = a, *y = b;

    if (x->client != y->client) {
        return x->client < y->client ? -1 : 1;
    }
    return x->clock < y->clock ? -1 : x->clock > y->clock ? 1 : 0;
}

static void sort_deletes(struct txn *t)
{
    uint32_t kept = 0;

    for (uint32_t i = 1; i < t->del_count; i++) {
        if (by_client_and_clock(&t->dels[i - 1], &t->dels[i]) > 0) {
            qsort(t->dels, t->del_count, sizeof(*t->dels), by_client_and_clock);
            break;
        }
    }
    for (uint32_t i = 1; i < t->del_count; i++) {
        struct del_range *last = &t->dels[kept];
        if (last->client == t->dels[i].client && last->clock + last->len == t->dels[i].clock) {
            last->len += t->dels[i].len;
            last->settled = last->settled && t->dels[i].settled;
        } else {
            t->dels[++kept] = t->dels[i];
        }
    }
    t->del_count = kept + 1;
}

static void settle(struct crdt_doc *doc)
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

void txn_close(struct crdt_doc *doc)
{
    struct txn *t = &doc->txn;

    t->active = false;
    if (t->del_count > 1) {
        sort_deletes(t);
    }
    if (t->loose) {
        settle(doc);
    }
    pool_tidy(doc);
}
