#include "crdt/core/integrate.h"

#include <assert.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/formats.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/slice.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/txn_split.h"
#include "crdt/core/yata_rule.h"

/* A new item on its way in. */
struct arrival {
    const struct block *block;
    uint64_t offset;        /* leading clocks of the block that are known already */
    uint32_t client, clock; /* dense index; clock after the offset */
    uint32_t origin_client, origin_clock;
    uint32_t right_client, right_clock;
    uint32_t seq;
    uint32_t left, right; /* items; 0 at the ends of the list */
    bool alone;           /* known already: nothing stands between them */
    uint32_t rest; /* what was cut off from `left`, to be joined again unless the arrival goes between; 0: nothing */
};

/* ---- garbage ------------------------------------------------------------------------------------ */

static void append_garbage(struct crdt_doc *doc, uint32_t client, uint32_t len)
{
    struct client *c = &doc->clients[client];

    if (doc->txn.eager && c->dir_count > 0) {
        struct id_pos last = ids_last(doc, client);
        if (ids_item(doc, &last) == 0) {
            /* yjs would join on to the left of it, too: garbage collected with its parent may stand there unjoined. */
            txn_join_later(doc, client, ids_clock(doc, &last));
            c->state += len;
            return;
        }
    }
    ids_append(doc, client, 0, len);
}

/* ---- what is known already --------------------------------------------------------------------- */

/* yjs cuts the neighbours that a struct names even when it knows the struct already, and joins them again afterwards.
 * All that remains of it is a surrogate pair that was cut: so that is all we do. `clock` is where the right part would
 * begin. */
static void cut_known_pair(struct crdt_doc *doc, const struct id *id, uint64_t clock)
{
    uint32_t client = client_find(doc, id->client);

    if (client == NONE32 || id->clock >= doc->clients[client].state) {
        return;
    }
    struct id_pos pos = ids_find(doc, client, (uint32_t)id->clock);
    uint32_t item = ids_item(doc, &pos);
    if (item) {
        uint32_t diff = (uint32_t)clock - item_at(doc, item)->clock;
        if (content_cuts_pair(doc, item, diff)) {
            txn_split(doc, item, diff);
        }
    }
}

static void cut_known_pairs(struct crdt_doc *doc, const struct block *b)
{
    if (doc->pairs && (b->flags & BLOCK_HAS_ORIGIN)) {
        cut_known_pair(doc, &b->origin, b->origin.clock + 1);
    }
    if (doc->pairs && (b->flags & BLOCK_HAS_RIGHT_ORIGIN)) {
        cut_known_pair(doc, &b->right_origin, b->right_origin.clock);
    }
}

/* ---- finding the place ----------------------------------------------------------------------------- */

static uint32_t find_author(const struct crdt_doc *doc, const struct arrival *a, uint64_t id)
{
    return id == a->block->id.client ? a->client : client_find(doc, id);
}

/* The item that begins at the right origin. Mostly it is the next one, which saves the search. */
static uint32_t find_right(struct crdt_doc *doc, struct arrival *a)
{
    uint32_t next = a->left ? seq_next(doc, a->left) : 0;

    if (next && item_at(doc, next)->client == a->right_client && item_at(doc, next)->clock == a->right_clock) {
        a->alone = true;
        return next;
    }
    return txn_clean_start(doc, a->right_client, a->right_clock);
}

/* yjs: Item.getMissing, its second half. False: something it hangs on is garbage, so it is garbage itself. */
static bool find_neighbours(struct crdt_doc *doc, struct arrival *a)
{
    const struct block *b = a->block;

    if (a->offset > 0 || (b->flags & BLOCK_HAS_ORIGIN)) {
        a->origin_client = a->offset > 0 ? a->client : find_author(doc, a, b->origin.client);
        a->origin_clock = a->offset > 0 ? a->clock - 1 : (uint32_t)b->origin.clock;
        a->left = txn_part_end(doc, a->origin_client, a->origin_clock, &a->rest);
        if (!a->left) {
            return false;
        }
        seq_near(doc, a->left);
    }
    if (b->flags & BLOCK_HAS_RIGHT_ORIGIN) {
        a->right_client = find_author(doc, a, b->right_origin.client);
        a->right_clock = (uint32_t)b->right_origin.clock;
        a->right = find_right(doc, a);
        if (!a->right) {
            return false;
        }
    }
    return true;
}

/* The type that a block names as its parent; 0 when it is garbage or no type. */
static uint32_t named_parent(struct crdt_doc *doc, const struct block *b)
{
    if (b->flags & BLOCK_PARENT_ROOT) {
        uint32_t root = branch_root_find(doc, b->parent_name);
        return root ? root : branch_root_make(doc, b->parent_name, CRDT_UNKNOWN);
    }
    struct id_pos pos = ids_find(doc, client_find(doc, b->parent.client), (uint32_t)b->parent.clock);
    uint32_t item = ids_item(doc, &pos);

    return item && item_kind(item_at(doc, item)) == BLOCK_TYPE ? item_at(doc, item)->off : 0;
}

static bool find_place(struct crdt_doc *doc, struct arrival *a)
{
    if (!find_neighbours(doc, a)) {
        return false;
    }
    if (a->left || a->right) {
        a->seq = seq_of(doc, a->left ? a->left : a->right);
        return true;
    }
    uint32_t branch = named_parent(doc, a->block);
    if (branch) {
        a->seq = a->block->flags & BLOCK_HAS_PARENT_SUB ? branch_key_make(doc, branch, a->block->parent_sub)
                                                        : branch_list_make(doc, branch);
    }
    return branch != 0;
}

/* ---- YATA ------------------------------------------------------------------------------------------------ */

static bool same_id(uint32_t client_a, uint32_t clock_a, uint32_t client_b, uint32_t clock_b)
{
    return client_a == client_b && (client_a == NONE32 || clock_a == clock_b);
}

static uint32_t fresh_stamp(struct crdt_doc *doc)
{
    if (doc->scan >= UINT32_MAX - doc->item_count - 2) {
        nest_drop_all(doc);
        for (uint32_t i = 0; i < doc->item_count; i++) {
            item_at(doc, i)->mark = 0;
        }
        doc->scan = 0;
    }
    return ++doc->scan;
}

/* `before` stands right before the item, or is NULL: mostly the origin is there, which saves the search. */
static uint32_t mark_of_origin(struct crdt_doc *doc, const struct item *o, const struct item *before)
{
    if (before && before->client == o->origin_client && o->origin_clock - before->clock < before->len) {
        return before->mark;
    }
    struct id_pos pos = ids_find(doc, o->origin_client, o->origin_clock);
    uint32_t item = ids_item(doc, &pos);

    return item ? item_at(doc, item)->mark : 0;
}

static enum yata look_at(struct crdt_doc *doc, const struct arrival *a, const struct item *other,
                         const struct item *before, uint32_t base)
{
    if (same_id(a->origin_client, a->origin_clock, other->origin_client, other->origin_clock)) {
        return yata_sibling(doc->clients[other->client].id < doc->clients[a->client].id,
                            same_id(a->right_client, a->right_clock, other->right_client, other->right_clock));
    }
    return yata_other(other->origin_client != NONE32 ? mark_of_origin(doc, other, before) : 0, base, doc->scan);
}

/* The item behind which the arrival goes, 0 for the head. Items from a->left to a->right are in conflict with it. */
static uint32_t resolve_conflict(struct crdt_doc *doc, const struct arrival *a)
{
    if (nest_is_built(doc, a->seq)) {
        return nest_place(doc, a->seq, a->left, a->right, a->client);
    }
    uint32_t base = fresh_stamp(doc), left = a->left, steps = 0;
    struct seq_at place = left ? seq_at_item(doc, left) : seq_begin(doc, a->seq);
    const struct item *before = left ? item_at(doc, left) : NULL;

    if (left) {
        seq_step(doc, &place);
    }
    for (uint32_t o; (o = seq_item(doc, place)) != 0 && o != a->right; seq_step(doc, &place)) {
        struct item *other = item_at(doc, o);
        other->mark = doc->scan;
        steps++;
        enum yata rule = look_at(doc, a, other, before, base);
        if (rule == YATA_END) {
            break;
        }
        if (rule == YATA_PASS) {
            left = o;
            doc->scan++;
        }
        before = other;
    }
    nest_scanned(doc, a->seq, steps);
    return left;
}

/* It does not go where a cut was made for it. */
static void rejoin(struct crdt_doc *doc, const struct arrival *a)
{
    if (a->rest) {
        txn_join_later(doc, item_at(doc, a->rest)->client, item_at(doc, a->rest)->clock);
    }
}

/* Moves a->left to the item behind which the arrival goes. */
static void pass_conflicts(struct crdt_doc *doc, struct arrival *a)
{
    uint32_t place = resolve_conflict(doc, a);

    if (place != a->left) {
        rejoin(doc, a);
        a->left = place;
    }
}

static bool in_conflict(const struct crdt_doc *doc, const struct arrival *a)
{
    uint32_t next = a->left ? seq_next(doc, a->left) : seq_first(doc, a->seq);

    return next != a->right;
}

/* ---- putting it in --------------------------------------------------------------------------------------- */

/* The arrival continues the run at its left: no new item. What yjs would join at the end of the transaction. */
static bool extend_left(struct crdt_doc *doc, const struct arrival *a)
{
    const struct block *b = a->block;
    struct item *l = item_at(doc, a->left);
    bool replaced;

    if (!doc->txn.eager || !a->left || l->client != a->client || l->clock + l->len != a->clock ||
        item_kind(l) != b->ref || !content_joins(b->ref) || item_deleted(l) != (b->ref == BLOCK_DELETED) ||
        !same_id(a->origin_client, a->origin_clock, a->client, a->clock - 1) ||
        !same_id(a->right_client, a->right_clock, l->right_client, l->right_clock) || doc->seqs[a->seq].key != NONE32) {
        return false;
    }
    uint32_t len = (uint32_t)(b->len - a->offset);
    struct span content = block_content_after(b, a->offset, &replaced);
    if (b->ref == BLOCK_DELETED) {
        txn_deleted(doc, a->client, a->clock, len, true);
    } else if (replaced || !pool_room(doc, pool_append_cost(doc, a->left, content.len))) {
        return false;
    } else {
        pool_append(doc, a->left, content);
    }
    l->len += len;
    doc->clients[a->client].state += len;
    seq_update(doc, a->left);
    return true;
}

static void take_content(struct crdt_doc *doc, uint32_t item, const struct arrival *a)
{
    const struct block *b = a->block;
    struct item *it = item_at(doc, item);

    switch (b->ref) {
    case BLOCK_DELETED:
        it->flags |= ITEM_DELETED;
        txn_deleted(doc, a->client, a->clock, it->len, !(it->flags & ITEM_KEYED));
        break;
    case BLOCK_TYPE: {
        uint32_t branch = branch_make(doc, item, (enum crdt_kind)b->type, b->content);
        it->off = branch;
        it->flags |= ITEM_COUNTABLE;
        doc->type_count++;
        break;
    }
    default:
        it->off = content_put(doc, b, a->offset, &it->bytes);
        content_grew(doc, it);
        it->flags |= b->ref == BLOCK_FORMAT ? 0 : ITEM_COUNTABLE;
        break;
    }
}

static uint32_t put_item(struct crdt_doc *doc, const struct arrival *a)
{
    uint32_t item = item_new(doc);

    *item_at(doc, item) = (struct item){
        .client = a->client,
        .clock = a->clock,
        .len = (uint32_t)(a->block->len - a->offset),
        .origin_client = a->origin_client,
        .origin_clock = a->origin_clock,
        .right_client = a->right_client,
        .right_clock = a->right_clock,
        .flags = a->block->ref | (doc->seqs[a->seq].key != NONE32 ? ITEM_KEYED : 0u),
    };
    take_content(doc, item, a);
    ids_append(doc, a->client, item, item_at(doc, item)->len);
    seq_insert(doc, a->seq, a->left, item);
    nest_inserted(doc, a->seq, a->left, item);
    if (a->block->ref == BLOCK_FORMAT) {
        formats_inserted(doc, item);
    }
    return item;
}

/* Of a key only the last item lives; below a deleted parent nothing does. */
static void delete_outdated(struct crdt_doc *doc, uint32_t seq, uint32_t item)
{
    const struct seq *s = &doc->seqs[seq];
    uint32_t parent = doc->branches[s->branch].item;
    bool outdated = parent && item_deleted(item_at(doc, parent));

    if (s->key != NONE32) {
        if (seq_last(doc, seq) != item) {
            outdated = true;
        } else {
            uint32_t previous = seq_prev(doc, item);
            if (previous) {
                txn_delete(doc, previous);
            }
        }
    }
    if (outdated) {
        txn_delete(doc, item);
    }
}

/* `alone`: nothing stands between where it goes and its right origin. */
static uint32_t put(struct crdt_doc *doc, struct arrival *a, bool alone)
{
    uint32_t item = a->left;

    if (!extend_left(doc, a)) {
        item = put_item(doc, a);
        delete_outdated(doc, a->seq, item);
    }
    const struct item *it = item_at(doc, item);
    if (doc->txn.eager && (it->flags & (ITEM_KIND | ITEM_DELETED | ITEM_KEYED)) == BLOCK_STRING) {
        stroke_note(doc, item, alone);
    }
    return item;
}

void integrate_block(struct crdt_doc *doc, const struct block *b)
{
    uint32_t client = client_find(doc, b->id.client);
    uint32_t state = doc->clients[client].state;
    struct arrival a = {.block = b,
                        .offset = state - b->id.clock,
                        .client = client,
                        .clock = state,
                        .origin_client = NONE32,
                        .right_client = NONE32};

    assert(b->id.clock <= state);
    if (a.offset > 0) {
        cut_known_pairs(doc, b);
    }
    if (a.offset >= b->len) {
        return;
    }
    txn_touch(doc, client);
    if (b->ref == BLOCK_GC || !find_place(doc, &a)) {
        rejoin(doc, &a);
        append_garbage(doc, client, (uint32_t)(b->len - a.offset));
        return;
    }
    bool alone = a.alone || !in_conflict(doc, &a);
    if (!alone) {
        pass_conflicts(doc, &a);
    }
    put(doc, &a, alone);
}

uint32_t integrate_local(struct crdt_doc *doc, uint32_t seq, uint32_t left, const struct block *content)
{
    uint32_t client = doc->own;

    if (left) {
        seq_near(doc, left);
    }
    uint32_t right = left ? seq_next(doc, left) : seq_first(doc, seq);
    struct arrival a = {.block = content,
                        .client = client,
                        .clock = doc->clients[client].state,
                        .origin_client = NONE32,
                        .right_client = NONE32,
                        .seq = seq,
                        .left = left,
                        .right = right};

    if (left) {
        const struct item *l = item_at(doc, left);
        a.origin_client = l->client;
        a.origin_clock = l->clock + l->len - 1;
    }
    if (right) {
        a.right_client = item_at(doc, right)->client;
        a.right_clock = item_at(doc, right)->clock;
    }
    txn_touch(doc, client);
    return put(doc, &a, true);
}
