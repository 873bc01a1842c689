#include "crdt/core/doc.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/formats.h"
#include "crdt/core/hash.h"
#include "crdt/core/nest.h"
#include "crdt/core/pending.h"
#include "crdt/core/pool.h"
#include "crdt/core/txn.h"
#include "crdt/core/words.h"
#include "crdt/lib0/dec.h"

/* ---- life -------------------------------------------------------------------------------------- */

/* Index 0 of these arrays, and word 0, mean "none". */
static int reserve_none(struct crdt_doc *doc)
{
    int rc = doc_reserve(doc, &(struct reserve){.inserts = 1, .lists = 1, .types = 1});

    if (rc == RC_OK) {
        memset(&doc->items[0], 0, sizeof(struct item));
        memset(&doc->seqs[0], 0, sizeof(struct seq));
        memset(&doc->branches[0], 0, sizeof(struct branch));
        doc->item_count = doc->seq_count = doc->branch_count = doc->word_count = 1;
    }
    return rc;
}

int crdt_doc_create(const struct crdt_doc_options *options, struct crdt_doc **out)
{
    static const struct crdt_doc_options none;
    const struct crdt_doc_options *o = options ? options : &none;

    if (o->client > LIB0_MAX_SAFE) {
        return RC_RANGE;
    }
    struct crdt_doc *doc = calloc(1, sizeof(*doc));
    if (!doc) {
        return RC_NOMEM;
    }
    doc->mem.limit = o->memory_limit ? o->memory_limit : CRDT_MEMORY_DEFAULT;
    doc->mem.used = sizeof(*doc);
    arena_init(&doc->scratch, doc->mem.limit);
    doc->client_id = o->client;
    doc->own = NONE32;
    doc->keep_deleted = o->keep_deleted;
    doc->hash_seed = hash_mix((uint64_t)(uintptr_t)doc, o->client);
    int rc = reserve_none(doc);
    if (rc != RC_OK) {
        crdt_doc_destroy(doc);
        return rc;
    }
    *out = doc;
    return RC_OK;
}

void crdt_doc_destroy(struct crdt_doc *doc)
{
    if (!doc) {
        return;
    }
    pending_destroy(doc);
    nest_drop_all(doc);
    free(doc->format_nodes);
    free(doc->items);
    free(doc->words);
    free(doc->seqs);
    free(doc->branches);
    free(doc->clients);
    free(doc->pool);
    free(doc->keys.slot);
    free(doc->roots.slot);
    free(doc->root_order);
    free(doc->client_index.slot);
    free(doc->txn.touched);
    free(doc->txn.dels);
    free(doc->txn.splits);
    free(doc->txn.stack);
    arena_finish(&doc->scratch);
    free(doc);
}

uint64_t crdt_doc_client(const struct crdt_doc *doc)
{
    return doc->client_id;
}

uint64_t crdt_state(const struct crdt_doc *doc, uint64_t client)
{
    uint32_t at = client_find(doc, client);

    return at == NONE32 ? 0 : doc->clients[at].state;
}

/* ---- memory -------------------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Words that `items` insertions may take in the worst case, of which `clients` begin a new author.
 *
 * New lists and leaves that grow with them: 22 an item. Leaves that exist already: each grows or splits at most for 69
 * words and has items to show for it. Nodes: each one that exists may split, then one for 16 children. Id chunks and
 * directories likewise. */
static uint64_t words_needed(const struct crdt_doc *doc, uint64_t items, uint64_t clients)
{
    uint64_t leaves = 22 * items + least(69 * items, 5 * (uint64_t)doc->item_count);
    uint64_t nodes = doc->node_count ? 69 * (items / 15 + least(8 * items, doc->node_count) + 8) : 0;
    uint64_t chunks = 5 * items + 13 * clients + least(514 * items, 5 * (uint64_t)doc->struct_count + 5 * items);
    uint64_t dirs = 4 * (uint64_t)doc->dir_words + items / 8 + 64;

    return leaves + nodes + chunks + dirs;
}

static int reserve_arrays(struct crdt_doc *doc, uint64_t items, uint64_t clients, uint64_t bytes)
{
    int rc = mem_reserve(&doc->mem, (void **)&doc->items, &doc->item_cap, (uint64_t)doc->item_count + items,
                         sizeof(struct item));
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->words, &doc->word_cap,
                         (uint64_t)doc->word_count + words_needed(doc, items, clients), sizeof(uint32_t));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap, (uint64_t)doc->pool_len + bytes, 1);
    }
    return rc;
}

/* `cuts`: bytes that the splits may add to the pool. */
static int reserve_all(struct crdt_doc *doc, const struct reserve *r, uint64_t cuts)
{
    uint64_t bytes = r->bytes + cuts;
    uint64_t beneath = least(r->beneath, doc->item_count); /* each goes once, however often it was counted */
    int rc = reserve_arrays(doc, r->inserts + r->splits, r->clients, bytes);

    doc->pool_promised = bytes;

    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->seqs, &doc->seq_cap, (uint64_t)doc->seq_count + r->lists,
                         sizeof(struct seq));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->branches, &doc->branch_cap, (uint64_t)doc->branch_count + r->types,
                         sizeof(struct branch));
    }
    if (rc == RC_OK) {
        rc = branch_keys_reserve(doc, r->keys);
    }
    if (rc == RC_OK) {
        rc = branch_roots_reserve(doc, r->roots);
    }
    return rc == RC_OK ? txn_reserve(doc, r->inserts + r->splits, r->overlapped, beneath) : rc;
}

/* Worth the copy only when much is idle. */
#define SETTLE_MIN ((size_t)2 << 10)

static void settle(struct mem *m, void **data, uint32_t *cap, uint32_t count, size_t size)
{
    if ((size_t)(*cap - count) * size > SETTLE_MIN && *cap - count > count / 2) {
        mem_trim(m, data, cap, count + count / 8, size);
    }
}

void doc_settle(struct crdt_doc *doc)
{
    struct mem *m = &doc->mem;
    struct txn *t = &doc->txn;

    doc->credit = 0;
    settle(m, (void **)&doc->items, &doc->item_cap, doc->item_count, sizeof(*doc->items));
    settle(m, (void **)&doc->words, &doc->word_cap, doc->word_count, sizeof(*doc->words));
    settle(m, (void **)&doc->pool, &doc->pool_cap, doc->pool_len, 1);
    settle(m, (void **)&doc->seqs, &doc->seq_cap, doc->seq_count, sizeof(*doc->seqs));
    settle(m, (void **)&doc->branches, &doc->branch_cap, doc->branch_count, sizeof(*doc->branches));
    settle(m, (void **)&t->dels, &t->del_cap, t->del_count, sizeof(*t->dels));
    settle(m, (void **)&t->splits, &t->split_cap, 0, sizeof(*t->splits));
    settle(m, (void **)&t->stack, &t->stack_cap, 0, sizeof(*t->stack));
}

void crdt_doc_trim(struct crdt_doc *doc)
{
    struct mem *m = &doc->mem;
    struct txn *t = &doc->txn;

    if (t->active) {
        return;
    }
    doc->credit = 0;
    doc->changes++; /* typing counts on room that goes now */
    t->touched_count = t->del_count = 0;
    nest_drop_all(doc);
    formats_drop_all(doc);
    arena_finish(&doc->scratch);
    arena_init(&doc->scratch, doc->mem.limit);
    if (doc->pool_dead > doc->pool_len / 2 && pool_compact(doc) != RC_OK) {
        return; /* no memory to save memory with */
    }
    mem_trim(m, (void **)&doc->items, &doc->item_cap, doc->item_count, sizeof(*doc->items));
    mem_trim(m, (void **)&doc->words, &doc->word_cap, doc->word_count, sizeof(*doc->words));
    mem_trim(m, (void **)&doc->pool, &doc->pool_cap, doc->pool_len, 1);
    mem_trim(m, (void **)&doc->seqs, &doc->seq_cap, doc->seq_count, sizeof(*doc->seqs));
    mem_trim(m, (void **)&doc->branches, &doc->branch_cap, doc->branch_count, sizeof(*doc->branches));
    mem_trim(m, (void **)&doc->clients, &doc->client_cap, doc->client_count, sizeof(*doc->clients));
    mem_trim(m, (void **)&t->touched, &t->touched_cap, 0, sizeof(*t->touched));
    mem_trim(m, (void **)&t->dels, &t->del_cap, 0, sizeof(*t->dels));
    mem_trim(m, (void **)&t->splits, &t->split_cap, 0, sizeof(*t->splits));
    mem_trim(m, (void **)&t->stack, &t->stack_cap, 0, sizeof(*t->stack));
}

/* Scratch memory beyond this is given back at once. */
#define SCRATCH_KEEP ((size_t)1 << 10)

void doc_scratch_done(struct crdt_doc *doc)
{
    if (doc->scratch.used > SCRATCH_KEEP) {
        arena_finish(&doc->scratch);
        arena_init(&doc->scratch, doc->mem.limit);
    } else {
        arena_reset(&doc->scratch);
    }
}

/* ---- figures ---------------------------------------------------------------------------------------- */

static void count_item(struct crdt_stat *s, const struct item *it)
{
    s->items++;
    s->deleted_items += item_deleted(it);
    if (item_kind(it) == BLOCK_STRING) {
        s->text_units += item_visible(it);
    }
}

void crdt_doc_stat(const struct crdt_doc *doc, struct crdt_stat *out)
{
    struct crdt_stat s = {.memory = doc->mem.used, .structs = doc->struct_count};

    for (uint32_t i = 0; i < doc->client_count; i++) {
        s.clients += doc->clients[i].state > 0;
    }
    for (uint32_t i = 1; i < doc->item_count; i++) {
        if (!(doc->items[i].flags & ITEM_FREE)) {
            count_item(&s, &doc->items[i]);
        }
    }
    s.gc = s.structs - s.items;
    for (uint32_t i = 1; i < doc->branch_count; i++) {
        const struct branch *b = &doc->branches[i];
        s.types += !b->free && !(b->item && item_deleted(item_at(doc, b->item)));
    }
    pending_count(doc, &s.pending_structs, &s.pending_deletes);
    *out = s;
}

uint64_t crdt_doc_memory(const struct crdt_doc *doc)
{
    return doc->mem.used;
}

/* ---- items --------------------------------------------------------------------------------------------- */

/* What a keystroke may add: doc_spend_keystroke says the same. */
static const struct reserve keystroke = {.inserts = 1, .splits = 4, .bytes = DOC_KEYSTROKE_BYTES, .overlapped = 4};

/* How many times `some` go into `all`, rounded up. */
static uint64_t times(uint64_t all, uint64_t some)
{
    return (all + some - 1) / some;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#define KEYSTROKES_MAX 16

static bool is_keystroke(const struct reserve *r)
{
    return (r->clients | r->lists | r->keys | r->types | r->roots | r->beneath) == 0 &&
           r->inserts <= keystroke.inserts && r->splits <= keystroke.splits && r->bytes <= keystroke.bytes &&
           r->overlapped <= keystroke.overlapped;
}

/* A small change may add as much as so many keystrokes; more than KEYSTROKES_MAX: it is not that small, or adds other
 * things. */
static uint32_t keystrokes_of(const struct reserve *r)
{
    if (is_keystroke(r)) { /* mostly */
        return 1;
    }
    if (r->clients + r->lists + r->keys + r->types + r->roots + r->beneath > 0) {
        return KEYSTROKES_MAX + 1;
    }
    uint64_t count = most(most(times(r->inserts, keystroke.inserts), times(r->splits, keystroke.splits)),
                          most(times(r->bytes, keystroke.bytes), times(r->overlapped, keystroke.overlapped)));
    return (uint32_t)least(count, KEYSTROKES_MAX + 1);
}

static struct reserve room_for(uint32_t keystrokes)
{
    return (struct reserve){.inserts = keystrokes * keystroke.inserts,
                            .splits = keystrokes * keystroke.splits,
                            .bytes = keystrokes * keystroke.bytes,
                            .overlapped = keystrokes * keystroke.overlapped};
}

static int reserve_exactly(struct crdt_doc *doc, const struct reserve *r)
{
    doc->credit = 0;
    return reserve_all(doc, r, content_split_cost(doc, r->splits, r->bytes));
}

static uint64_t cuts_of(const struct crdt_doc *doc, uint32_t keystrokes, uint32_t longest)
{
    return content_split_cost_below(doc, keystrokes * keystroke.splits, longest);
}

/* Keystrokes to make room for at once, more in larger documents, so that most of them need not ask; but not many, since
 * the worst that each may do costs much more room than what it does. Where pairs may be cut, each of them may move half
 * of the longest content. */
static uint32_t worthwhile(const struct crdt_doc *doc, uint32_t longest)
{
    uint32_t count = 1 + (doc->item_count < 128 ? doc->item_count / 16 : 8);

    while (count > 1 && cuts_of(doc, count, longest) > doc->pool_len / 4) {
        count /= 2;
    }
    return count;
}

/* Room for as many keystrokes as is worthwhile, `spent` of which are asked for. False: that is not more, or there is no
 * memory for more. */
static bool reserve_keystrokes(struct crdt_doc *doc, const struct reserve *r, uint32_t spent)
{
    uint64_t longest = doc->text_max + doc->text_max / 4 + keystroke.bytes;
    uint32_t count = longest < UINT32_MAX ? worthwhile(doc, (uint32_t)longest) : 0;
    struct reserve much = room_for(count);

    if (count <= spent || doc->text_max + r->bytes > longest) {
        return false;
    }
    if (reserve_all(doc, &much, cuts_of(doc, count, (uint32_t)longest)) != RC_OK) {
        return false;
    }
    doc->credit = count - spent;
    doc->credit_text = (uint32_t)longest;
    return true;
}

int doc_reserve(struct crdt_doc *doc, const struct reserve *r)
{
    uint32_t count = keystrokes_of(r);

    if (count > KEYSTROKES_MAX) {
        return reserve_exactly(doc, r);
    }
    if (count <= doc->credit && (!doc->pairs || doc->text_max + r->bytes <= doc->credit_text)) {
        doc->credit -= count;
        return RC_OK;
    }
    return reserve_keystrokes(doc, r, count) ? RC_OK : reserve_exactly(doc, r);
}

uint32_t item_new(struct crdt_doc *doc)
{
    uint32_t item = doc->item_free;

    if (item) {
        doc->item_free = doc->items[item].leaf;
        return item;
    }
    return doc->item_count++;
}

void item_free(struct crdt_doc *doc, uint32_t item)
{
    doc->items[item] = (struct item){.flags = ITEM_FREE, .leaf = doc->item_free};
    doc->item_free = item;
}
