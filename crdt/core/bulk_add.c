#include "crdt/core/bulk.h"

#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/pool.h"

/* Blocks become items of a bulk's second document, as they come: where they go is noted, nothing is linked. */

int bulk_author_reserve(struct bulk *b)
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
        rc = bulk_author_reserve(b);
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
