#include "crdt/core/need.h"

#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/seq.h"

/* Where something of the document stands that the block names. 0: that has no item, or is still to come. */
static uint32_t named_item(struct crdt_doc *doc, const struct id *id)
{
    uint32_t client = client_find(doc, id->client);

    if (client == NONE32 || id->clock >= doc->clients[client].state) {
        return 0;
    }
    struct id_pos pos = ids_find(doc, client, (uint32_t)id->clock);
    return ids_item(doc, &pos);
}

/* The key's list that a block goes to, as far as the document knows it; 0: none. */
static uint32_t key_of(struct crdt_doc *doc, const struct block *b)
{
    uint32_t item = 0, branch = 0;

    if (b->flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN)) {
        item = named_item(doc, b->flags & BLOCK_HAS_ORIGIN ? &b->origin : &b->right_origin);
        return item && (item_at(doc, item)->flags & ITEM_KEYED) ? seq_of(doc, item) : 0;
    }
    if (b->flags & BLOCK_PARENT_ROOT) {
        branch = branch_root_find(doc, b->parent_name);
    } else if (b->flags & BLOCK_PARENT_ID) {
        item = named_item(doc, &b->parent);
        branch = item && item_kind(item_at(doc, item)) == BLOCK_TYPE ? item_at(doc, item)->off : 0;
    }
    return branch && (b->flags & BLOCK_HAS_PARENT_SUB) ? branch_key_find(doc, branch, b->parent_sub) : 0;
}

/* A new value outdates the one before, which may be a type. Since it need not, nothing is counted: whoever comes second
 * again and again would make us count in vain. */
static uint64_t outdated_beneath(struct crdt_doc *doc, const struct block *b)
{
    uint32_t seq = doc->type_count > 0 && doc->keys.count > 0 ? key_of(doc, b) : 0;
    uint32_t last = seq ? seq_last(doc, seq) : 0;

    return last && item_kind(item_at(doc, last)) == BLOCK_TYPE ? doc->item_count : 0;
}

void need_block(struct crdt_doc *doc, struct reserve *n, const struct block *b)
{
    n->beneath += outdated_beneath(doc, b);
    n->inserts++;
    n->bytes += b->content.len + 3; /* a cut pair leaves U+FFFD */
    n->splits += (b->flags & BLOCK_HAS_ORIGIN) != 0;
    n->splits += (b->flags & BLOCK_HAS_RIGHT_ORIGIN) != 0;
    n->types += b->ref == BLOCK_TYPE;
    if (b->flags & (BLOCK_PARENT_ROOT | BLOCK_PARENT_ID)) {
        n->lists++;
    }
    if (b->flags & BLOCK_PARENT_ROOT) {
        n->roots++;
        n->types++;
        n->bytes += b->parent_name.len;
    }
    if (b->flags & BLOCK_HAS_PARENT_SUB) {
        n->keys++;
        n->bytes += b->parent_sub.len;
    }
}

void need_deleted(struct crdt_doc *doc, struct reserve *n, uint32_t client, uint64_t clock, uint64_t end)
{
    uint32_t state = doc->clients[client].state;

    n->splits += 2;
    if (clock >= state) {
        return;
    }
    if (end - clock <= 4 && doc->type_count == 0) {
        n->overlapped += end - clock; /* not worth a search */
        return;
    }
    struct id_pos pos = ids_find(doc, client, (uint32_t)clock);
    do {
        n->overlapped++;
        n->beneath += branch_beneath(doc, ids_item(doc, &pos));
    } while (ids_next(doc, &pos) && ids_clock(doc, &pos) < end);
}
