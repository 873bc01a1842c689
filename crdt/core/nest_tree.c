#include "crdt/core/nest_tree.h"

enum { LEFT = TREAP_LEFT, RIGHT = TREAP_RIGHT };

/* ---- memory ------------------------------------------------------------------------------------- */

int nest_tree_reserve(struct mem *m, struct nest_tree *t, uint32_t more)
{
    uint64_t need = (t->count ? (uint64_t)t->count : 1) + more;
    int rc = t->free && more == 1 ? RC_OK : mem_reserve(m, (void **)&t->node, &t->cap, need, sizeof(*t->node));

    if (rc == RC_OK && t->count == 0) {
        t->node[0] = (struct nest_node){0};
        t->count = 1;
    }
    return rc;
}

void nest_tree_finish(struct mem *m, struct nest_tree *t)
{
    mem_trim(m, (void **)&t->node, &t->cap, 0, sizeof(*t->node));
    t->count = t->free = t->root = 0;
}

uint32_t nest_tree_new(struct nest_tree *t, uint32_t item, uint64_t client, uint32_t cover)
{
    uint32_t node = t->free;

    if (node) {
        t->free = t->node[node].link.up;
    } else {
        node = t->count++;
    }
    t->node[node] = (struct nest_node){.item = item, .client = client, .cover = cover};
    return node;
}

/* ---- order and depth -------------------------------------------------------------------------------- */

static bool is_child(const struct nest_tree *t, uint32_t node, int side)
{
    uint32_t up = t->node[node].link.up;

    return up && t->node[up].link.child[side] == node;
}

int64_t nest_tree_depth(const struct nest_tree *t, uint32_t node)
{
    int64_t depth = 0;

    for (; node; node = t->node[node].link.up) {
        depth += t->node[node].depth;
    }
    return depth;
}

static uint32_t height_above(const struct nest_tree *t, uint32_t node)
{
    uint32_t height = 0;

    while ((node = t->node[node].link.up) != 0) {
        height++;
    }
    return height;
}

/* Goes up to the first common ancestor; from which side tells. */
bool nest_tree_before(const struct nest_tree *t, uint32_t a, uint32_t b)
{
    uint32_t above_a = height_above(t, a), above_b = height_above(t, b), from_a = 0, from_b = 0;

    while (a != b) {
        bool up_a = above_a >= above_b, up_b = above_b >= above_a;
        if (up_a) {
            from_a = a;
            a = t->node[a].link.up;
            above_a--;
        }
        if (up_b) {
            from_b = b;
            b = t->node[b].link.up;
            above_b--;
        }
    }
    return from_a ? t->node[a].link.child[LEFT] == from_a : t->node[a].link.child[RIGHT] == from_b;
}

/* ---- sums ------------------------------------------------------------------------------------------- */

static uint32_t further(const struct nest_tree *t, uint32_t a, uint32_t b)
{
    if (a == b || a == NEST_OPEN || b == NEST_STRAY) {
        return a;
    }
    return b == NEST_OPEN || a == NEST_STRAY || nest_tree_before(t, a, b) ? b : a;
}

/* The node with the sums that it should have. */
static struct nest_node summed(const struct nest_tree *t, uint32_t node)
{
    struct nest_node n = t->node[node];

    n.low = 0;
    n.least = n.client;
    n.reach = n.cover;
    for (int side = LEFT; side <= RIGHT; side++) {
        const struct nest_node *c = &t->node[n.link.child[side]];
        int64_t low = c->depth + c->low;
        if (!n.link.child[side] || low > n.low) {
            continue;
        }
        bool less = low < n.low;
        n.low = low;
        n.least = less || c->least < n.least ? c->least : n.least;
        n.reach = less ? c->reach : further(t, n.reach, c->reach);
    }
    return n;
}

static void sum_up(struct nest_tree *t, uint32_t node)
{
    t->node[node] = summed(t, node);
}

static void sum_up_from(struct nest_tree *t, uint32_t node)
{
    for (; node; node = t->node[node].link.up) {
        sum_up(t, node);
    }
}

/* ---- shape ------------------------------------------------------------------------------------------ */

/* Depths stay what they are while a node and its parent change places. */
static void turning(void *owner, uint32_t node)
{
    struct nest_node *nodes = ((struct nest_tree *)owner)->node;
    uint32_t up = nodes[node].link.up, inner = nodes[node].link.child[nodes[up].link.child[LEFT] == node];
    int64_t depth = nodes[node].depth;

    nodes[node].depth += nodes[up].depth;
    nodes[up].depth = -depth;
    nodes[inner].depth += inner ? depth : 0;
}

static void sum(void *owner, uint32_t node)
{
    sum_up(owner, node);
}

/* Only changes call the hooks and move the root. */
static struct treap order(const struct nest_tree *t)
{
    struct nest_tree *owner = (struct nest_tree *)(uintptr_t)t;

    return (struct treap){t->node, sizeof(*t->node), &owner->root, t->seed, owner, turning, sum};
}

uint32_t nest_tree_next(const struct nest_tree *t, uint32_t node)
{
    struct treap o = order(t);

    return treap_next(&o, node);
}

void nest_tree_insert(struct nest_tree *t, uint32_t left, uint32_t node, int64_t depth)
{
    struct treap o = order(t);

    treap_attach(&o, left, node);
    t->node[node].depth = depth - nest_tree_depth(t, t->node[node].link.up);
    sum_up_from(t, node);
    treap_lift(&o, node);
}

void nest_tree_remove(struct nest_tree *t, uint32_t node)
{
    struct treap o = order(t);

    sum_up_from(t, treap_remove(&o, node));
    t->node[node] = (struct nest_node){.link.up = t->free};
    t->free = node;
}

/* Who is visited before its parent, and after its children. */
static uint32_t lowest(const struct nest_tree *t, uint32_t node)
{
    for (uint32_t below = node; below;
         below = t->node[node].link.child[LEFT] ? t->node[node].link.child[LEFT] : t->node[node].link.child[RIGHT]) {
        node = below;
    }
    return node;
}

static uint32_t upwards(const struct nest_tree *t, uint32_t node)
{
    uint32_t up = t->node[node].link.up, sister = t->node[up].link.child[RIGHT];

    return up && sister && sister != node ? lowest(t, sister) : up;
}

/* Each node goes to the right end, and takes over those of lesser rank that stand there. */
void nest_tree_plant(struct nest_tree *t)
{
    struct treap o = order(t);

    for (uint32_t node = 1, up = 0; node < t->count; up = node++) {
        uint32_t below = 0;
        while (up && treap_rank(&o, up) < treap_rank(&o, node)) {
            below = up;
            up = t->node[up].link.up;
        }
        t->node[node].link = (struct treap_link){0};
        treap_adopt(&o, node, LEFT, below);
        treap_adopt(&o, up, RIGHT, node);
    }
    for (uint32_t node = lowest(t, t->root); node; node = upwards(t, node)) {
        struct nest_node *n = &t->node[node];
        for (int side = LEFT; side <= RIGHT; side++) {
            t->node[n->link.child[side]].depth -= n->link.child[side] ? n->depth : 0;
        }
        sum_up(t, node);
    }
}

/* ---- changes ---------------------------------------------------------------------------------------------- */

void nest_tree_stray(struct nest_tree *t, uint32_t node)
{
    t->node[node].client = UINT64_MAX;
    t->node[node].cover = NEST_STRAY;
    sum_up_from(t, node);
}

/* Everything from `node` on. What stands to the left below a node that shifts keeps its depth. */
static void shift_from(struct nest_tree *t, uint32_t node, int64_t by)
{
    uint32_t left = t->node[node].link.child[LEFT];
    int64_t here = by; /* how much `node` itself shifts */

    if (left) {
        t->node[left].depth -= by;
    }
    for (; node; node = t->node[node].link.up) {
        int64_t above = is_child(t, node, LEFT) ? by : 0;
        t->node[node].depth += here - above;
        sum_up(t, node);
        here = above;
    }
}

void nest_tree_shift(struct nest_tree *t, uint32_t from, uint32_t to, int64_t by)
{
    shift_from(t, from, by);
    if (to) {
        shift_from(t, to, -by);
    }
}

/* ---- searching ---------------------------------------------------------------------------------------------- */

static bool fits(const struct nest_tree *t, const struct nest_quest *q, int64_t depth, uint64_t client, uint32_t cover)
{
    if (depth != q->depth) {
        return depth < q->depth;
    }
    switch (q->want) {
    case NEST_SIBLING:
        return cover != NEST_STRAY;
    case NEST_SMALLER:
        return client < q->client;
    case NEST_BARRIER:
        return cover == NEST_OPEN ||
               (cover != NEST_STRAY && q->end && (cover == q->end || nest_tree_before(t, q->end, cover)));
    default:
        return false;
    }
}

static bool node_fits(const struct nest_tree *t, const struct nest_quest *q, uint32_t node, int64_t depth)
{
    return fits(t, q, depth, t->node[node].client, t->node[node].cover);
}

/* Whether any node of the subtree does. `depth` is that of its root. */
static bool tree_fits(const struct nest_tree *t, const struct nest_quest *q, uint32_t node, int64_t depth)
{
    const struct nest_node *n = &t->node[node];

    return node && fits(t, q, depth + n->low, n->least, n->reach);
}

/* The nearest fitting node of a subtree that has one, coming from `side`. */
static uint32_t search_down(const struct nest_tree *t, const struct nest_quest *q, uint32_t node, int64_t depth,
                            int side)
{
    for (;;) {
        uint32_t near = t->node[node].link.child[side];
        if (tree_fits(t, q, near, depth + t->node[near].depth)) {
            node = near;
        } else if (node_fits(t, q, node, depth)) {
            return node;
        } else {
            node = t->node[node].link.child[!side];
        }
        depth += t->node[node].depth;
    }
}

/* The nearest fitting node beyond `node`, away from `side`. */
static uint32_t search(const struct nest_tree *t, const struct nest_quest *q, uint32_t node, int side)
{
    uint32_t below = node ? t->node[node].link.child[!side] : t->root;
    int64_t depth = node ? nest_tree_depth(t, node) : 0;

    while (!tree_fits(t, q, below, depth + t->node[below].depth)) {
        bool beyond;
        do {
            if (!node || !t->node[node].link.up) {
                return 0;
            }
            beyond = is_child(t, node, side);
            depth -= t->node[node].depth;
            node = t->node[node].link.up;
        } while (!beyond);
        if (node_fits(t, q, node, depth)) {
            return node;
        }
        below = t->node[node].link.child[!side];
    }
    return search_down(t, q, below, depth + t->node[below].depth, side);
}

uint32_t nest_tree_after(const struct nest_tree *t, uint32_t node, const struct nest_quest *q)
{
    return search(t, q, node, LEFT);
}

uint32_t nest_tree_last(const struct nest_tree *t, uint32_t node, const struct nest_quest *q)
{
    return search(t, q, node, RIGHT);
}

/* ---- checking ------------------------------------------------------------------------------------------------- */

const char *nest_tree_check(const struct nest_tree *t)
{
    struct treap o = order(t);

    for (uint32_t node = nest_tree_next(t, 0); node; node = nest_tree_next(t, node)) {
        struct nest_node is = t->node[node], should = summed(t, node);
        for (int side = LEFT; side <= RIGHT; side++) {
            uint32_t child = is.link.child[side];
            if (child && (t->node[child].link.up != node || treap_rank(&o, child) > treap_rank(&o, node))) {
                return "a nest is out of shape";
            }
        }
        if (is.low != should.low || is.least != should.least || is.reach != should.reach) {
            return "a nest sums up wrongly";
        }
    }
    return NULL;
}
