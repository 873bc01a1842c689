#include "crdt/core/txn_delete.h"

#include <assert.h>
#include "crdt/core/content.h"
#include "crdt/core/formats.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/seq.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_settle.h"
#include "crdt/core/txn_split.h"

/* ---- items and what they contain ------------------------------------------------------------------- */

static void delete_one(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);

    it->flags |= ITEM_DELETED;
    seq_update(doc, item);
    txn_deleted(doc, it->client, it->clock, it->len, false);
    if (item_kind(it) == BLOCK_FORMAT) {
        seq_mark_died(doc, item);
        formats_removed(doc, item);
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

/* ---- borders --------------------------------------------------------------------------------------- */

inline void txn_move_border(struct crdt_doc *doc, const struct id_pos *border, uint32_t live, uint32_t dead,
                            uint32_t len, uint32_t at)
{
    struct item *l = item_at(doc, live), *d = item_at(doc, dead);
    bool tail = l->clock < d->clock;
    struct item *later = tail ? d : l;
    uint32_t clock = tail ? d->clock - len : l->clock + len;

    content_shrink(doc, live, at, tail);
    later->clock = clock;
    later->origin_clock = clock - 1;
    l->len -= len;
    d->len += len;
    ids_set_clock(doc, border, clock);
    nest_moved(doc, tail ? dead : live, tail ? -(int64_t)len : (int64_t)len);
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
        second->origin_clock != second->clock - 1 || !item_same_right(first, second) ||
        seq_next(doc, before ? live : dead) != (before ? dead : live) || content_cuts_pair(doc, live, cut)) {
        return false;
    }
    txn_move_border(doc, pos, live, dead, len, content_at(doc, live, cut));
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

/* ---- cutting out ---------------------------------------------------------------------------------------- */

static bool deletes_whole_letters(const struct crdt_doc *doc, uint32_t item, uint32_t begin, uint32_t end)
{
    return !content_cuts_pair(doc, item, begin) && !content_cuts_pair(doc, item, end);
}

/* Letters of a live text that have no deleted run of theirs beside them: they become one, and nothing is left to be
 * collected or joined at the end. */
static bool cut_out(struct crdt_doc *doc, const struct id_pos *pos, uint32_t clock, uint32_t len)
{
    struct id_pos border = *pos;
    uint32_t item = ids_item(doc, pos), live = item, dead = item;
    uint32_t begin = clock - item_at(doc, item)->clock, end = begin + len, all = item_at(doc, item)->len;

    if (doc->keep_deleted || item_kind(item_at(doc, item)) != BLOCK_STRING || len >= all || end > all ||
        !deletes_whole_letters(doc, item, begin, end) || txn_continued(doc, pos, item)) {
        return false;
    }
    if (begin > 0) {
        dead = txn_cut(doc, &border, item, begin);
    }
    if (end < all) {
        uint32_t rest = txn_cut(doc, &border, dead, len);
        if (begin == 0) {
            live = rest;
        } else {
            ids_prev(doc, &border);
        }
    }
    item_at(doc, dead)->flags |= ITEM_DELETED;
    content_drop(doc, dead);
    seq_update(doc, dead);
    txn_deleted(doc, pos->client, clock, len, true);
    stroke_note_border(doc, live, dead, &border);
    return true;
}

/* All of a live text goes: it becomes part of the deleted runs beside it at once. */
static bool take_whole(struct crdt_doc *doc, const struct id_pos *pos, uint32_t clock, uint32_t len)
{
    uint32_t item = ids_item(doc, pos);
    struct item *it = item_at(doc, item);
    struct id_pos at = *pos;

    if (doc->keep_deleted || !doc->txn.eager || it->clock != clock || it->len != len ||
        (it->flags & (ITEM_KIND | ITEM_KEYED)) != BLOCK_STRING) {
        return false;
    }
    it->flags |= ITEM_DELETED;
    content_drop(doc, item);
    seq_update(doc, item);
    txn_deleted(doc, pos->client, clock, len, true);
    txn_join_around(doc, &at);
    return true;
}

/* ---- ranges ------------------------------------------------------------------------------------------ */

void txn_delete_range(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len)
{
    uint32_t end = clock + len;
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t first = ids_item(doc, &pos);

    if (first && !item_deleted(item_at(doc, first)) &&
        (move_border(doc, &pos, clock, len) || take_whole(doc, &pos, clock, len) || cut_out(doc, &pos, clock, len))) {
        return;
    }
    do {
        uint32_t start = ids_clock(doc, &pos), item = ids_item(doc, &pos);
        if (start >= end) {
            return;
        }
        if (!item || item_deleted(item_at(doc, item))) {
            continue;
        }
        if (start < clock) {
            item = txn_split_at(doc, &pos, item, clock - start);
            start = clock;
        }
        if (end - start < item_at(doc, item)->len) {
            txn_split_at(doc, &pos, item, end - start);
            ids_prev(doc, &pos);
        }
        txn_delete(doc, item);
    } while (ids_next(doc, &pos));
}
