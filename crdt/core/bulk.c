#include "crdt/core/bulk.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/core/branch.h"
#include "crdt/core/bulk_link.h"
#include "crdt/core/bulk_table.h"
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/plan.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn_settle.h"
#include "crdt/core/words.h"

bool bulk_suits(const struct crdt_doc *doc)
{
    return doc->item_count == 1 && doc->struct_count == 0 && !doc->pending && !doc->txn.active;
}

/* ---- the second document -------------------------------------------------------------------------- */

/* Roots keep their places, so that who knows one by its branch still does. */
static int copy_roots(const struct crdt_doc *from, struct crdt_doc *to)
{
    int rc = RC_OK;

    for (uint32_t i = 1; rc == RC_OK && i < from->branch_count; i++) {
        struct span name = branch_name(from, i);
        rc = doc_reserve(to, &(struct reserve){.types = 1, .roots = 1, .bytes = name.len});
        if (rc == RC_OK) {
            branch_root_make(to, name, (enum crdt_kind)from->branches[i].kind);
        }
    }
    return rc;
}

/* The contents of two documents change places; who they are stays. */
static void swap_contents(struct crdt_doc *a, struct crdt_doc *b)
{
    struct crdt_doc was = *a;

    *a = *b;
    *b = was;
    a->scratch = was.scratch;
    a->changes = was.changes + b->changes + 1;
    b->scratch = (struct arena){0};
}

int bulk_begin(struct bulk *b, struct crdt_doc *doc, size_t size, struct arena *scratch)
{
    const struct crdt_doc_options same = {
        .client = doc->client_id, .keep_deleted = doc->keep_deleted, .memory_limit = doc->mem.limit};

    *b = (struct bulk){.target = doc, .scratch = scratch, .client = NONE32, .other = NONE32, .first_author = BULK_NONE};
    int rc = crdt_doc_create(&same, &b->doc);
    if (rc == RC_OK) {
        rc = copy_roots(doc, b->doc);
    }
    if (rc == RC_OK) {
        /* Half of a state is text. Where that is too much, it grows as needed. */
        int guess = mem_reserve(&b->doc->mem, (void **)&b->doc->pool, &b->doc->pool_cap, size / 2, 1);
        (void)guess;
    }
    return rc;
}

/* ---- blocks become items ---------------------------------------------------------------------------- */

static int author_reserve(struct bulk *b)
{
    int rc = mem_reserve(&b->doc->mem, (void **)&b->authors, &b->author_cap, b->doc->client_count, sizeof(*b->authors));

    while (rc == RC_OK && b->author_count < b->doc->client_count) {
        b->authors[b->author_count++] = (struct bulk_author){.waiting = BULK_NONE};
    }
    return rc;
}

/* The author of the blocks that come now. */
static int begin_author(struct bulk *b, uint64_t id)
{
    uint32_t before = b->client, client;
    int rc = client_make(b->doc, id, &client);

    if (rc == RC_OK) {
        rc = author_reserve(b);
    }
    if (rc != RC_OK) {
        return rc;
    }
    struct bulk_author *a = &b->authors[client];
    if (a->end > a->first) {
        return BULK_UNFIT;
    }
    *a = (struct bulk_author){
        .first = b->count, .end = b->count, .next = b->count, .waiting = BULK_NONE, .next_waiting = BULK_NONE};
    *(before != NONE32 ? &b->authors[before].next_waiting : &b->first_author) = client;
    b->client = client;
    b->id = id;
    return RC_OK;
}

/* Dense index of the client in an id; most are the author's own, or the same as last time. */
static int find_client(struct bulk *b, uint64_t id, uint32_t *out)
{
    int rc = RC_OK;

    if (id == b->id) {
        *out = b->client;
        return RC_OK;
    }
    if (b->other == NONE32 || id != b->other_id) {
        rc = client_make(b->doc, id, &b->other);
        b->other_id = id;
    }
    *out = b->other;
    return rc;
}

static int take_id(struct bulk *b, const struct id *id, uint32_t *client, uint32_t *clock)
{
    *clock = (uint32_t)id->clock;
    return id->clock > UINT32_MAX ? BULK_UNFIT : find_client(b, id->client, client);
}

static int take_root(struct bulk *b, struct span name, uint32_t *branch)
{
    *branch = branch_root_find(b->doc, name);
    if (*branch) {
        return RC_OK;
    }
    int rc = doc_reserve(b->doc, &(struct reserve){.types = 1, .roots = 1, .bytes = name.len});
    if (rc == RC_OK) {
        *branch = branch_root_make(b->doc, name, CRDT_UNKNOWN);
    }
    return rc;
}

/* The item remembers its parent by 1 + the index of what is written down here. */
static int take_parent(struct bulk *b, const struct block *block, uint32_t *out)
{
    struct bulk_parent p = {.keyed = (block->flags & BLOCK_HAS_PARENT_SUB) != 0};
    int rc = mem_reserve(&b->doc->mem, (void **)&b->parents, &b->parent_cap, (uint64_t)b->parent_count + 1,
                         sizeof(*b->parents));

    if (rc == RC_OK) {
        rc = block->flags & BLOCK_PARENT_ROOT ? take_root(b, block->parent_name, &p.branch)
                                              : take_id(b, &block->parent, &p.client, &p.clock);
    }
    if (rc == RC_OK) {
        p.key = p.keyed ? block->parent_sub : p.key;
        b->parents[b->parent_count++] = p;
        *out = b->parent_count;
    }
    return rc;
}

/* Origins, or else the parent. */
static int take_place(struct bulk *b, const struct block *block, struct item *it)
{
    int rc = RC_OK;

    it->origin_client = it->right_client = NONE32;
    if (block->flags & BLOCK_HAS_ORIGIN) {
        rc = take_id(b, &block->origin, &it->origin_client, &it->origin_clock);
    }
    if (rc == RC_OK && (block->flags & BLOCK_HAS_RIGHT_ORIGIN)) {
        rc = take_id(b, &block->right_origin, &it->right_client, &it->right_clock);
    }
    if (rc == RC_OK && !(block->flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN))) {
        rc = take_parent(b, block, &it->leaf);
    }
    return rc;
}

static int take_bytes(struct bulk *b, const struct block *block, struct item *it)
{
    struct crdt_doc *doc = b->doc;

    if (block->content.len > doc->pool_cap - doc->pool_len) {
        int rc = mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap,
                             (uint64_t)doc->pool_len + block->content.len, 1);
        if (rc != RC_OK) {
            return rc;
        }
    }
    content_seen(doc, block);
    it->off = pool_put(doc, block->content);
    it->bytes = (uint32_t)block->content.len;
    content_grew(doc, it);
    return RC_OK;
}

static int take_type(struct bulk *b, const struct block *block, struct item *it, uint32_t item)
{
    struct crdt_doc *doc = b->doc;
    int rc = mem_reserve(&doc->mem, (void **)&doc->branches, &doc->branch_cap, (uint64_t)doc->branch_count + 1,
                         sizeof(*doc->branches));

    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap, (uint64_t)doc->pool_len + block->content.len,
                         1);
    }
    if (rc == RC_OK) {
        it->off = branch_make(doc, item, (enum crdt_kind)block->type, block->content);
        doc->type_count++;
    }
    return rc;
}

static int take_content(struct bulk *b, const struct block *block, struct item *it, uint32_t item)
{
    if (block->ref == BLOCK_DELETED) {
        it->flags |= ITEM_DELETED;
        return RC_OK;
    }
    it->flags |= block->ref == BLOCK_FORMAT ? 0 : ITEM_COUNTABLE;
    return block->ref == BLOCK_TYPE ? take_type(b, block, it, item) : take_bytes(b, block, it);
}

/* Room for a struct and, if the claim is true, for `more`. */
static int struct_reserve(struct bulk *b, uint64_t more)
{
    struct crdt_doc *doc = b->doc;
    int rc = RC_OK;

    if (b->count == b->cap) {
        rc = mem_reserve(&doc->mem, (void **)&b->structs, &b->cap, b->count + 2 + more, sizeof(*b->structs));
    }
    if (rc == RC_OK && doc->item_count == doc->item_cap) {
        rc = mem_reserve(&doc->mem, (void **)&doc->items, &doc->item_cap, doc->item_count + 1 + more,
                         sizeof(*doc->items));
    }
    return rc;
}

int bulk_add(struct bulk *b, const struct block *block, uint64_t more)
{
    struct crdt_doc *doc = b->doc;
    uint32_t item = 0;
    int rc = RC_OK;

    if (b->client == NONE32 || b->id != block->id.client) {
        rc = begin_author(b, block->id.client);
        if (rc != RC_OK) {
            return rc;
        }
    }
    uint32_t clock = doc->clients[b->client].state;
    if (block->ref == BLOCK_SKIP || block->id.clock != clock || block->len > UINT32_MAX - clock) {
        return BULK_UNFIT;
    }
    rc = struct_reserve(b, more);
    if (rc == RC_OK && block->ref != BLOCK_GC) {
        item = doc->item_count++;
        struct item *it = item_at(doc, item);
        *it = (struct item){.client = b->client, .clock = clock, .len = (uint32_t)block->len, .flags = block->ref};
        rc = take_place(b, block, it);
        if (rc == RC_OK) {
            rc = take_content(b, block, it, item);
        }
    }
    if (rc == RC_OK) {
        b->structs[b->count++] = (struct id_entry){clock, item};
        b->authors[b->client].end = b->count;
        doc->clients[b->client].state += (uint32_t)block->len;
    }
    return rc;
}

/* ---- deletions --------------------------------------------------------------------------------------- */

static void delete_plain(struct bulk *b, uint32_t item)
{
    struct item *it = item_at(b->doc, item);

    it->flags |= ITEM_DELETED;
    if (!b->doc->keep_deleted) {
        content_drop(b->doc, item);
    }
}

/* Deletes an item, a type later: what it contains goes with it. */
static int delete_item(struct bulk *b, uint32_t item)
{
    const struct item *it = item_at(b->doc, item);

    if (item_deleted(it)) {
        return RC_OK;
    }
    if (item_kind(it) == BLOCK_TYPE) {
        return idset_push(&b->later, b->doc->clients[it->client].id, it->clock, it->len);
    }
    delete_plain(b, item);
    return RC_OK;
}

/* What is deleted and has not come yet, waits. */
static int delete_beyond(struct bulk *b, const struct idset_range *r, uint64_t state)
{
    uint64_t from = r->clock > state ? r->clock : state, end = r->clock + r->len;

    return end > from ? idset_push(&b->later, r->client, from, end - from) : RC_OK;
}

static int delete_range(struct bulk *b, const struct idset_range *r)
{
    uint32_t client = client_find(b->doc, r->client), state = client == NONE32 ? 0 : b->doc->clients[client].state;
    int rc = delete_beyond(b, r, state);

    if (r->clock >= state) {
        return rc;
    }
    uint64_t end = r->clock + r->len;
    for (uint32_t s = bulk_find(b, client, (uint32_t)r->clock); rc == RC_OK && s < b->authors[client].end; s++) {
        if (b->structs[s].clock >= end) {
            break;
        }
        if (!bulk_garbage(b, s)) {
            rc = delete_item(b, b->structs[s].item);
        }
    }
    return rc;
}

/* Of a key only the last item lives. */
static int delete_outdated(struct bulk *b)
{
    int rc = RC_OK;

    for (uint32_t seq = 1; seq < b->doc->seq_count; seq++) {
        if (b->doc->seqs[seq].key == NONE32 || !b->doc->seqs[seq].first) {
            continue;
        }
        uint32_t s = b->doc->seqs[seq].first - 1;
        for (; rc == RC_OK && b->next[s] != BULK_NONE; s = b->next[s]) {
            rc = delete_item(b, b->structs[s].item);
        }
    }
    return rc;
}

static int delete_all(struct bulk *b, const struct idset *deletes)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < deletes->count; i++) {
        rc = delete_range(b, &idset_ranges(deletes)[i]);
    }
    return rc == RC_OK ? delete_outdated(b) : rc;
}

/* ---- joining --------------------------------------------------------------------------------------------- */

/* yjs: Item.mergeWith and GC.mergeWith. 1: struct `s` is part of `left` now; 0: they stay two; RC_NOMEM. */
static int join(struct bulk *b, uint32_t left, uint32_t s)
{
    struct crdt_doc *doc = b->doc;
    uint32_t into = b->structs[left].item, item = b->structs[s].item;

    if (!into || !item) {
        return into == item;
    }
    if (b->next[left] != s || !txn_continues(doc, into, item)) {
        return 0;
    }
    if (!content_join(doc, into, item)) {
        return RC_NOMEM;
    }
    item_at(doc, into)->len += item_at(doc, item)->len;
    doc->seqs[item_at(doc, item)->leaf].length--;
    b->next[left] = b->next[s];
    item_free(doc, item);
    return 1;
}

#define ABSORBED UINT32_MAX /* as clock: part of the struct before */

static int join_author(struct bulk *b, const struct bulk_author *a)
{
    uint32_t left = a->first;

    for (uint32_t s = a->first + 1; s < a->end; s++) {
        int joined = join(b, left, s);
        if (joined < 0) {
            return joined;
        }
        if (joined) {
            b->structs[s].clock = ABSORBED;
        } else {
            left = s;
        }
    }
    return RC_OK;
}

static int join_all(struct bulk *b)
{
    int rc = RC_OK;

    for (uint32_t c = 0; rc == RC_OK && c < b->author_count; c++) {
        rc = join_author(b, &b->authors[c]);
    }
    return rc;
}

/* ---- leaves and chunks -------------------------------------------------------------------------------------- */

/* Closes the gaps that joining has left. */
static void gather_structs(struct bulk *b, struct bulk_author *a)
{
    uint32_t to = a->first;

    for (uint32_t s = a->first; s < a->end; s++) {
        if (b->structs[s].clock != ABSORBED) {
            b->structs[to++] = b->structs[s];
        }
    }
    a->end = to;
}

static void fill_list(struct bulk *b, uint32_t seq)
{
    uint32_t *items = b->left, count = 0; /* origins are of no use any more */

    for (uint32_t s = b->doc->seqs[seq].first - 1; s != BULK_NONE; s = b->next[s]) {
        items[count++] = b->structs[s].item;
    }
    seq_fill(b->doc, seq, items, count);
}

static int fill(struct bulk *b)
{
    struct crdt_doc *doc = b->doc;
    uint64_t words = doc->word_count;

    for (uint32_t seq = 1; seq < doc->seq_count; seq++) {
        words += seq_fill_words(doc->seqs[seq].length);
    }
    for (uint32_t c = 0; c < b->author_count; c++) {
        words += ids_fill_words(b->authors[c].end - b->authors[c].first);
    }
    int rc = mem_reserve(&doc->mem, (void **)&doc->words, &doc->word_cap, words, sizeof(*doc->words));
    if (rc != RC_OK) {
        return rc;
    }
    for (uint32_t seq = 1; seq < doc->seq_count; seq++) {
        fill_list(b, seq);
    }
    for (uint32_t c = 0; c < b->author_count; c++) {
        struct bulk_author *a = &b->authors[c];
        gather_structs(b, a);
        ids_fill(doc, c, b->structs + a->first, a->end - a->first);
    }
    return RC_OK;
}

/* ---- the end -------------------------------------------------------------------------------------------------- */

static int build(struct bulk *b, const struct idset *deletes)
{
    b->patience = 8 * (uint64_t)b->count + 1024;
    int rc = bulk_resolve(b, deletes);

    if (rc == RC_OK) {
        rc = bulk_link(b);
    }
    if (rc == RC_OK) {
        rc = delete_all(b, deletes);
    }
    if (rc == RC_OK) {
        rc = join_all(b);
    }
    return rc == RC_OK ? fill(b) : rc;
}

static void drop_arrays(struct bulk *b)
{
    struct mem *m = &b->doc->mem;

    mem_trim(m, (void **)&b->structs, &b->cap, 0, sizeof(*b->structs));
    mem_trim(m, (void **)&b->parents, &b->parent_cap, 0, sizeof(*b->parents));
    mem_trim(m, (void **)&b->authors, &b->author_cap, 0, sizeof(*b->authors));
    mem_trim(m, (void **)&b->cuts, &b->cut_cap, 0, sizeof(*b->cuts));
    idset_finish(&b->later);
}

int bulk_end(struct bulk *b, const struct idset *deletes)
{
    int rc = author_reserve(b);

    if (rc == RC_OK) {
        rc = build(b, deletes);
    }
    if (rc == RC_OK && b->later.count > 0) {
        rc = idset_normalize(&b->later);
    }
    if (rc == RC_OK && b->later.count > 0) {
        rc = apply_pieces(b->doc, NULL, 0, &b->later, b->scratch);
    }
    if (rc == RC_OK) {
        drop_arrays(b);
        doc_settle(b->doc);
        swap_contents(b->target, b->doc);
    }
    return rc;
}

void bulk_finish(struct bulk *b)
{
    if (b->doc) {
        drop_arrays(b);
        crdt_doc_destroy(b->doc);
    }
}
