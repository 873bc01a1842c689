#include "crdt/core/ranges.h"

static struct treap order(const struct ranges *r, uint32_t *root)
{
    *root = r->root;
    return (struct treap){.records = r->node, .size = sizeof(*r->node), .root = root, .seed = r->seed};
}

void ranges_finish(struct mem *m, struct ranges *r)
{
    mem_trim(m, (void **)&r->node, &r->cap, 0, sizeof(*r->node));
    r->used = r->free = r->root = r->count = 0;
}

int ranges_reserve(struct mem *m, struct ranges *r, uint64_t more)
{
    uint64_t idle = r->used ? r->used - 1 - r->count : 0; /* on the free list */
    uint64_t need = (r->used ? r->used : 1) + (more > idle ? more - idle : 0);
    int rc = mem_reserve(m, (void **)&r->node, &r->cap, need, sizeof(*r->node));

    if (rc == RC_OK && r->used == 0) {
        r->node[0] = (struct ranges_node){{0}, {0}};
        r->used = 1;
    }
    return rc;
}

/* ---- looking up --------------------------------------------------------------------------------- */

uint32_t ranges_next(const struct ranges *r, uint32_t node)
{
    uint32_t root;
    struct treap t = order(r, &root);

    return root ? treap_next(&t, node) : 0;
}

/* The first range that does not stand before (client, clock): of that client and ending behind the clock, or of a
 * lower client. *before: the one before it. */
static uint32_t first_from(const struct ranges *r, uint64_t client, uint64_t clock, uint32_t *before)
{
    uint32_t found = 0;

    *before = 0;
    for (uint32_t node = r->root; node;) {
        const struct idset_range *range = &r->node[node].range;
        bool is_before = range->client > client || (range->client == client && range->clock + range->len <= clock);
        *(is_before ? before : &found) = node;
        node = r->node[node].link.child[is_before ? TREAP_RIGHT : TREAP_LEFT];
    }
    return found;
}

uint32_t ranges_find(const struct ranges *r, uint64_t client, uint64_t clock)
{
    uint32_t before, found = first_from(r, client, clock, &before);

    return found && r->node[found].range.client == client ? found : 0;
}

int ranges_to_idset(const struct ranges *r, struct idset *out)
{
    int rc = RC_OK;

    for (uint32_t node = ranges_next(r, 0); rc == RC_OK && node; node = ranges_next(r, node)) {
        const struct idset_range *range = &r->node[node].range;
        rc = idset_push(out, range->client, range->clock, range->len);
    }
    return rc;
}

/* ---- changes -------------------------------------------------------------------------------------- */

static void take_out(struct ranges *r, uint32_t node)
{
    uint32_t root;
    struct treap t = order(r, &root);

    (void)treap_remove(&t, node);
    r->root = root;
    r->node[node].link.up = r->free;
    r->free = node;
    r->count--;
}

static void put_in(struct ranges *r, uint32_t before, const struct idset_range *range)
{
    uint32_t root, node = r->free ? r->free : r->used;
    struct treap t = order(r, &root);

    if (r->free) {
        r->free = r->node[node].link.up;
    } else {
        r->used++;
    }
    r->node[node] = (struct ranges_node){{0}, *range};
    treap_attach(&t, before, node);
    treap_lift(&t, node);
    r->root = root;
    r->count++;
}

void ranges_add(struct ranges *r, const struct idset_range *range)
{
    struct idset_range all = *range;
    uint32_t before, node;

    /* One that ends where this begins touches it. */
    while ((node = first_from(r, all.client, all.clock > 0 ? all.clock - 1 : 0, &before)) != 0) {
        const struct idset_range *other = &r->node[node].range;
        uint64_t end = all.clock + all.len, other_end = other->clock + other->len;
        if (other->client != all.client || other->clock > end) {
            break;
        }
        all.clock = other->clock < all.clock ? other->clock : all.clock;
        all.len = (other_end > end ? other_end : end) - all.clock;
        take_out(r, node);
    }
    put_in(r, before, &all);
}

void ranges_drop(struct ranges *r, uint64_t client, uint64_t clock)
{
    uint32_t node;

    while ((node = ranges_find(r, client, 0)) != 0 && r->node[node].range.clock < clock) {
        struct idset_range *range = &r->node[node].range;
        uint64_t end = range->clock + range->len;
        if (end > clock) {
            range->clock = clock;
            range->len = end - clock;
            return;
        }
        take_out(r, node);
    }
}
