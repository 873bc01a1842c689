#include <stdlib.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/formats.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/pending.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/words.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/utf.h"

/* crdt_check: every invariant of the engine, walked from each side that knows of it. Linear. */

#define CHECK(condition, sentence)                                                                                     \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            return sentence;                                                                                           \
        }                                                                                                              \
    } while (0)

/* ---- items ---------------------------------------------------------------------------------------- */

static bool origin_known(const struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    return client == NONE32 || (client < doc->client_count && clock < doc->clients[client].state);
}

static const char *check_text(const struct crdt_doc *doc, const struct item *it)
{
    struct span text = pool_span(doc, it->off, it->bytes);

    CHECK(utf8_valid(text), "text is not UTF-8");
    CHECK(utf16_length(text) == it->len, "text does not have its item's length");
    return NULL;
}

static const char *check_values(const struct crdt_doc *doc, const struct item *it)
{
    struct lib0_dec d = lib0_dec_of(pool_span(doc, it->off, it->bytes));

    for (uint32_t i = 0; i < it->len; i++) {
        lib0_any_skip(&d);
    }
    CHECK(d.rc == RC_OK && lib0_dec_left(&d) == 0, "values do not fill their item");
    return NULL;
}

static const char *check_content(const struct crdt_doc *doc, uint32_t item)
{
    const struct item *it = item_at(doc, item);
    uint32_t kind = item_kind(it);

    if (kind == BLOCK_TYPE) {
        const struct branch *b = &doc->branches[it->off];
        CHECK(it->off < doc->branch_count && !b->free && b->item == item, "a type and its item disagree");
        return NULL;
    }
    CHECK((uint64_t)it->off + it->bytes <= doc->pool_len, "content lies beyond the pool");
    CHECK(kind != BLOCK_DELETED || (it->bytes == 0 && item_deleted(it)), "deleted content has bytes or lives");
    if (kind == BLOCK_STRING) {
        return check_text(doc, it);
    }
    return kind == BLOCK_ANY || kind == BLOCK_JSON ? check_values(doc, it) : NULL;
}

static const char *check_item(const struct crdt_doc *doc, uint32_t item)
{
    const struct item *it = item_at(doc, item);
    uint32_t kind = item_kind(it);

    CHECK(kind >= BLOCK_DELETED && kind <= BLOCK_DOC, "an item is of no kind");
    CHECK(!(it->flags & ITEM_COUNTABLE) == (kind == BLOCK_DELETED || kind == BLOCK_FORMAT), "an item counts wrongly");
    CHECK(doc->keep_deleted || kind == BLOCK_DELETED || !item_deleted(it), "deleted content was not collected");
    CHECK(origin_known(doc, it->origin_client, it->origin_clock), "an origin is not integrated");
    CHECK(origin_known(doc, it->right_client, it->right_clock), "a right origin is not integrated");
    return check_content(doc, item);
}

/* ---- clients ----------------------------------------------------------------------------------------- */

static const char *check_client(const struct crdt_doc *doc, uint32_t client, uint64_t *structs, uint64_t *items)
{
    const struct client *c = &doc->clients[client];
    uint32_t clock = 0;

    CHECK(client_find(doc, c->id) == client, "a client is not in the index");
    if (c->dir_count == 0) {
        CHECK(c->state == 0, "a client has a state and no structs");
        return NULL;
    }
    struct id_pos pos = ids_first(doc, client);
    do {
        uint32_t item = ids_item(doc, &pos), len = ids_len(doc, &pos);
        const struct item *it = item_at(doc, item);
        CHECK(ids_clock(doc, &pos) == clock && len > 0 && len <= c->state, "structs of a client do not follow");
        struct id_pos found = ids_peek(doc, client, clock + len - 1);
        CHECK(found.chunk == pos.chunk && found.slot == pos.slot, "a struct is not found by its last clock");
        if (item) {
            CHECK(item < doc->item_count && !(it->flags & ITEM_FREE), "a struct names a freed item");
            CHECK(it->client == client && it->clock == clock && it->len == len, "an item disagrees with its id");
            const char *broken = check_item(doc, item);
            CHECK(!broken, broken);
            (*items)++;
        }
        clock += len;
        (*structs)++;
    } while (ids_next(doc, &pos));
    CHECK(clock == c->state, "a client's structs do not reach its state");
    return NULL;
}

/* ---- lists ---------------------------------------------------------------------------------------------- */

static const char *check_seq(const struct crdt_doc *doc, uint32_t seq, uint64_t *items)
{
    const struct seq *s = &doc->seqs[seq];
    const char *broken = seq_check(doc, seq);
    uint32_t parent = doc->branches[s->branch].item, formats = 0;
    bool dead = parent && item_deleted(item_at(doc, parent));

    CHECK(!broken, broken);
    struct seq_at place = seq_begin(doc, seq);
    for (uint32_t item; (item = seq_item(doc, place)) != 0;) {
        const struct item *it = item_at(doc, item);
        seq_step(doc, &place);
        CHECK(!(it->flags & ITEM_KEYED) == (s->key == NONE32), "an item does not know whether it has a key");
        formats += item_kind(it) == BLOCK_FORMAT && !item_deleted(it);
        CHECK(!dead || item_deleted(it), "a child of a deleted type lives");
        CHECK(s->key == NONE32 || !place.leaf || item_deleted(it), "an outdated map entry lives");
        (*items)++;
    }
    CHECK(formats == s->formats, "a list miscounts its formats");
    broken = formats_check(doc, seq);
    return broken ? broken : nest_check(doc, seq);
}

static const char *check_branch(const struct crdt_doc *doc, uint32_t branch, uint64_t *items, uint64_t *keys)
{
    const struct branch *b = &doc->branches[branch];
    const char *broken;

    if (b->list) {
        CHECK(doc->seqs[b->list].branch == branch && doc->seqs[b->list].key == NONE32, "a list is not its type's");
        broken = check_seq(doc, b->list, items);
        CHECK(!broken, broken);
    }
    uint32_t last = 0;
    for (uint32_t seq = b->keys; seq; last = seq, seq = doc->seqs[seq].next) {
        CHECK(doc->seqs[seq].branch == branch, "a key is not its type's");
        CHECK(branch_key_find(doc, branch, branch_key_name(doc, seq)) == seq, "a key is not in the index");
        broken = check_seq(doc, seq, items);
        CHECK(!broken, broken);
        (*keys)++;
    }
    CHECK(last == b->keys_last, "the chain of keys does not end where it should");
    if (!b->item) {
        CHECK(branch_root_find(doc, branch_name(doc, branch)) == branch, "a root is not in the index");
    }
    return NULL;
}

/* ---- what waits -------------------------------------------------------------------------------------------- */

static const char *check_held(const struct held *h)
{
    const struct block *b = &h->block;

    CHECK(b->len > 0 && h->room <= h->room_cap, "a waiting struct is broken");
    CHECK(!(b->flags & BLOCK_LETTERS) || (b->ref == BLOCK_STRING && (b->flags & BLOCK_HAS_ORIGIN) && b->len > 1 &&
                                          b->len <= HELD_LETTERS_MAX && b->content.len == b->len),
          "letters that wait together are no letters");
    return NULL;
}

static const char *check_queue(const struct crdt_doc *doc, uint32_t queue)
{
    const struct pending_queue *q = &doc->pending->queues[queue];

    CHECK(doc->clients[q->client].queue == queue, "a client does not know its waiting structs");
    for (uint32_t i = 1; i < q->count; i++) {
        const struct block *before = &pending_held(q, i - 1)->block;
        CHECK(before->id.clock + before->len <= pending_held(q, i)->block.id.clock,
              "waiting structs overlap or are out of order");
    }
    for (uint32_t i = 0; i < q->count; i++) {
        const char *broken = check_held(pending_held(q, i));
        CHECK(!broken, broken);
    }
    CHECK(q->wait.clock >= doc->clients[q->wait.client].state, "structs wait for what has come");
    return NULL;
}

/* Who waits for a client: children before sisters, and back up by `prev`. */
static const char *check_waiters(const struct crdt_doc *doc, uint32_t client, uint64_t *count)
{
    const struct pending_queue *queues = doc->pending->queues;

    for (uint32_t at = doc->clients[client].waiters, back; at;) {
        const struct waiter *w = &queues[at].wait;
        CHECK(queues[at].count > 0 && w->client == client, "nothing waits where something should");
        for (uint32_t child = w->child; child; child = queues[child].wait.next) {
            CHECK(queues[child].wait.clock >= w->clock, "who waits for less is not above");
        }
        (*count)++;
        if (w->child) {
            at = w->child;
            continue;
        }
        for (back = at; back && !queues[back].wait.next;) {
            while (queues[back].wait.prev && queues[queues[back].wait.prev].wait.next == back) {
                back = queues[back].wait.prev; /* to the first sister */
            }
            back = queues[back].wait.prev;
        }
        at = back ? queues[back].wait.next : 0;
    }
    return NULL;
}

static const char *check_pending(const struct crdt_doc *doc)
{
    if (!doc->pending) {
        return NULL;
    }
    uint64_t queues = 0, waiting = 0;
    for (uint32_t i = 1; i < doc->pending->count; i++) {
        const char *broken = doc->pending->queues[i].count > 0 ? check_queue(doc, i) : NULL;
        CHECK(!broken, broken);
        queues += doc->pending->queues[i].count > 0;
    }
    for (uint32_t i = 0; i < doc->client_count; i++) {
        const char *broken = check_waiters(doc, i, &waiting);
        CHECK(!broken, broken);
    }
    CHECK(queues == waiting, "waiting structs are in nobody's heap");
    const struct ranges *deletes = &doc->pending->deletes;
    uint32_t count = 0;
    for (uint32_t node = ranges_next(deletes, 0), next; node; node = next, count++) {
        const struct idset_range *range = &deletes->node[node].range, *behind;
        next = ranges_next(deletes, node);
        behind = &deletes->node[next].range;
        CHECK(!next || range->client > behind->client ||
                  (range->client == behind->client && range->clock + range->len < behind->clock),
              "waiting deletes are not in normal form");
        CHECK(crdt_state(doc, range->client) <= range->clock, "a delete waits for what has come");
    }
    CHECK(count == deletes->count, "the number of waiting deletes is wrong");
    return NULL;
}

/* ---- all ------------------------------------------------------------------------------------------------------ */

static uint64_t live_items(const struct crdt_doc *doc)
{
    uint64_t live = 0;

    for (uint32_t i = 1; i < doc->item_count; i++) {
        live += !(doc->items[i].flags & ITEM_FREE);
    }
    return live;
}

static uint64_t live_pool(const struct crdt_doc *doc)
{
    uint64_t bytes = 0;

    for (uint32_t i = 1; i < doc->item_count; i++) {
        bytes += doc->items[i].flags & ITEM_FREE ? 0 : doc->items[i].bytes;
    }
    for (uint32_t i = 1; i < doc->seq_count; i++) {
        bytes += doc->seqs[i].branch && doc->seqs[i].key != NONE32 ? doc->seqs[i].key_len : 0;
    }
    for (uint32_t i = 1; i < doc->branch_count; i++) {
        bytes += doc->branches[i].free ? 0 : doc->branches[i].name_len;
    }
    return bytes;
}

const char *crdt_check(const struct crdt_doc *doc)
{
    uint64_t structs = 0, by_id = 0, by_list = 0, keys = 0, types = 0;

    for (uint32_t i = 0; i < doc->client_count; i++) {
        const char *broken = check_client(doc, i, &structs, &by_id);
        CHECK(!broken, broken);
    }
    for (uint32_t i = 1; i < doc->branch_count; i++) {
        if (!doc->branches[i].free) {
            const char *broken = check_branch(doc, i, &by_list, &keys);
            CHECK(!broken, broken);
            types += doc->branches[i].item != 0;
        }
    }
    CHECK(structs == doc->struct_count, "the number of structs is wrong");
    CHECK(by_id == live_items(doc) && by_list == by_id, "items are lost between ids and lists");
    CHECK(keys == doc->keys.count, "the index of keys holds others");
    CHECK(types == doc->type_count, "the number of nested types is wrong");
    CHECK(live_pool(doc) + doc->pool_dead == doc->pool_len, "the pool miscounts its dead bytes");
    CHECK(doc->mem.used <= doc->mem.limit, "the document is over its budget");
    return check_pending(doc);
}
