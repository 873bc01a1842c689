#include "crdt/core/nest.h"

#include "crdt/core/hash.h"
#include "crdt/core/ids.h"
#include "crdt/core/seq.h"

/* Scans up to this length are what a scan is for. */
#define SCAN_FREE 64

static struct nest *nest_at(const struct crdt_doc *doc, uint32_t seq)
{
    return &doc->nests[doc->seqs[seq].nest];
}

static uint64_t client_of(const struct crdt_doc *doc, uint32_t item)
{
    return doc->clients[item_at(doc, item)->client].id;
}

static uint32_t node_of(const struct crdt_doc *doc, uint32_t item)
{
    return item ? item_at(doc, item)->mark : 0;
}

/* The node that holds an item's origin, and how far into it; 0 without an origin. */
static uint32_t origin_of(const struct crdt_doc *doc, uint32_t item, uint32_t *offset)
{
    const struct item *it = item_at(doc, item);

    *offset = 0;
    if (it->origin_client == NONE32) {
        return 0;
    }
    struct id_pos pos = ids_peek(doc, it->origin_client, it->origin_clock);
    *offset = it->origin_clock - ids_clock(doc, &pos);
    return node_of(doc, ids_item(doc, &pos));
}

/* ---- life --------------------------------------------------------------------------------------- */

static uint32_t nest_make(struct crdt_doc *doc)
{
    uint32_t nest = doc->nest_free;

    if (nest) {
        doc->nest_free = doc->nests[nest].next;
    } else {
        uint64_t need = doc->nest_count ? (uint64_t)doc->nest_count + 1 : 2;
        if (mem_reserve(&doc->mem, (void **)&doc->nests, &doc->nest_cap, need, sizeof(*doc->nests)) != RC_OK) {
            return 0;
        }
        nest = (uint32_t)need - 1;
        doc->nest_count = nest + 1;
    }
    doc->nests[nest] = (struct nest){.tree.seed = doc->hash_seed, .due = 4 * SCAN_FREE};
    return nest;
}

/* The marks of the items were the tree's; scans take them over. */
static void uproot(struct crdt_doc *doc, struct nest *n)
{
    if (n->tree.count > doc->scan) {
        doc->scan = n->tree.count;
    }
    nest_tree_finish(&doc->mem, &n->tree);
}

void nest_drop(struct crdt_doc *doc, uint32_t seq)
{
    uint32_t nest = doc->seqs[seq].nest;

    if (nest) {
        uproot(doc, &doc->nests[nest]);
        doc->nests[nest] = (struct nest){.next = doc->nest_free};
        doc->nest_free = nest;
        doc->seqs[seq].nest = 0;
    }
}

void nest_drop_all(struct crdt_doc *doc)
{
    for (uint32_t seq = 1; doc->nest_count && seq < doc->seq_count; seq++) {
        nest_drop(doc, seq);
    }
    mem_trim(&doc->mem, (void **)&doc->nests, &doc->nest_cap, 0, sizeof(*doc->nests));
    doc->nest_count = doc->nest_free = 0;
}

/* ---- building ------------------------------------------------------------------------------------- */

/* While depths are computed the links of the nodes are those of the stack: below, letters still on it, and the chain
 * of siblings on top of these that nothing covers, last first. Node 0 is the list itself. */
#define BELOW(node)   (node)->link.up
#define LETTERS(node) (node)->low
#define CHAIN(node)   (node)->link.child[0]
#define CHAINED(node) (node)->link.child[1]

static void lay_on(struct nest_node *nodes, uint32_t node, uint32_t top, bool stray)
{
    struct nest_node *n = &nodes[node];

    n->depth = top == NONE32 ? 0 : nodes[top].depth + LETTERS(&nodes[top]);
    if (stray) {
        n->client = UINT64_MAX;
        n->cover = NEST_STRAY;
    } else {
        CHAINED(n) = CHAIN(&nodes[top]);
        CHAIN(&nodes[top]) = node;
    }
    BELOW(n) = top;
}

/* What a stray covers first: all on `top` that stands behind its origin. */
static void cover(struct nest_node *nodes, uint32_t top, uint32_t origin, uint32_t stray)
{
    uint32_t sibling = CHAIN(&nodes[top]);

    for (; sibling > origin; sibling = CHAINED(&nodes[sibling])) {
        nodes[sibling].cover = stray;
    }
    CHAIN(&nodes[top]) = sibling;
}

/* Depths, absolute, and covers of nodes that stand in order. `place`: which of them an item's node is; NULL: itself. */
static void measure(const struct crdt_doc *doc, struct nest_tree *t, const uint32_t *place)
{
    struct nest_node *nodes = t->node;
    uint32_t top = 0;

    nodes[0] = (struct nest_node){.link.up = NONE32};
    LETTERS(&nodes[0]) = 1;
    for (uint32_t node = 1; node < t->count; node++) {
        uint32_t offset, origin = origin_of(doc, nodes[node].item, &offset);
        origin = place ? place[origin] : origin;
        /* An origin further to the right is not passed by any scan that comes here. */
        while (top != NONE32 && (top > origin || origin > node)) {
            top = BELOW(&nodes[top]);
        }
        struct nest_node *o = &nodes[origin];
        if (top == origin && offset + 1 < LETTERS(o)) {
            LETTERS(o) = offset + 1;
            CHAIN(o) = 0;
        }
        bool stray = top != origin || offset + 1 > LETTERS(o);
        if (stray && top != NONE32) {
            cover(nodes, top, origin, node);
        }
        lay_on(nodes, node, top, stray);
        LETTERS(&nodes[node]) = item_at(doc, nodes[node].item)->len;
        top = node;
    }
    nodes[0] = (struct nest_node){0};
}

/* Nodes for all items of a list, in order. */
static void enlist(struct crdt_doc *doc, struct nest_tree *t, uint32_t seq)
{
    struct seq_at place = seq_begin(doc, seq);

    for (uint32_t item; (item = seq_item(doc, place)) != 0; seq_step(doc, &place)) {
        item_at(doc, item)->mark = nest_tree_new(t, item, client_of(doc, item), NEST_OPEN);
    }
}

/* Items of a list, or `limit` when there are more. */
static uint32_t count_items(const struct crdt_doc *doc, uint32_t seq, uint32_t limit)
{
    struct seq_at place = seq_begin(doc, seq);
    uint32_t count = 0;

    for (; count < limit && seq_item(doc, place); seq_step(doc, &place)) {
        count++;
    }
    return count;
}

int nest_build(struct crdt_doc *doc, uint32_t seq)
{
    if (!doc->seqs[seq].nest) {
        doc->seqs[seq].nest = nest_make(doc);
    }
    if (!doc->seqs[seq].nest) {
        return RC_NOMEM;
    }
    struct nest_tree *t = &nest_at(doc, seq)->tree;
    uint32_t count = count_items(doc, seq, NONE32);
    int rc = count > 0 ? nest_tree_reserve(&doc->mem, t, count) : RC_STATE;

    if (rc == RC_OK) {
        enlist(doc, t, seq);
        measure(doc, t, NULL);
        nest_tree_plant(t);
    }
    return rc;
}

void nest_scanned(struct crdt_doc *doc, uint32_t seq, uint32_t steps)
{
    if (steps <= SCAN_FREE) {
        return;
    }
    if (!doc->seqs[seq].nest) {
        doc->seqs[seq].nest = nest_make(doc);
    }
    if (!doc->seqs[seq].nest) {
        return;
    }
    struct nest *n = nest_at(doc, seq);
    n->debt = n->debt > NONE32 - steps ? NONE32 : n->debt + steps - SCAN_FREE;
    if (n->debt < n->due) {
        return;
    }
    n->due = n->debt > NONE32 / 2 ? NONE32 : 2 * n->debt;
    if (count_items(doc, seq, n->debt) < n->debt && nest_build(doc, seq) != RC_OK) {
        n->debt = 0; /* without memory the scans go on */
    }
}

/* ---- places --------------------------------------------------------------------------------------------- */

/* Where the scan ends. */
static uint32_t scan_end(const struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, int64_t depth)
{
    const struct nest_tree *t = &nest_at(doc, seq)->tree;
    uint32_t end = nest_tree_after(t, left, &(struct nest_quest){.want = NEST_NONE, .depth = depth});

    if (right && seq_of(doc, right) == seq) {
        uint32_t r = node_of(doc, right);
        if (r != left && (!left || nest_tree_before(t, left, r)) && (!end || nest_tree_before(t, r, end))) {
            end = r;
        }
    }
    return end;
}

/* The item before a node; 0 for the head. Of node 0: the last one. */
static uint32_t item_before(const struct crdt_doc *doc, uint32_t seq, uint32_t node)
{
    return node ? seq_prev(doc, nest_at(doc, seq)->tree.node[node].item) : seq_last(doc, seq);
}

uint32_t nest_place(const struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, uint32_t client)
{
    const struct nest_tree *t = &nest_at(doc, seq)->tree;
    uint32_t from = node_of(doc, left);
    int64_t depth = left ? nest_tree_depth(t, from) + item_at(doc, left)->len : 1; /* of the siblings */
    uint32_t end = scan_end(doc, seq, from, right, depth);
    struct nest_quest smaller = {.want = NEST_SMALLER, .depth = depth, .client = doc->clients[client].id};
    struct nest_quest barrier = {.want = NEST_BARRIER, .depth = depth, .end = end};

    /* L itself is less deep, so neither search leaves the part of the list that it is for. */
    uint32_t last = nest_tree_last(t, end, &smaller);
    uint32_t stop = nest_tree_after(t, last ? last : from, &barrier);

    if (stop && (!end || nest_tree_before(t, stop, end))) {
        end = stop;
    }
    return item_before(doc, seq, end);
}

/* ---- changes ------------------------------------------------------------------------------------------------ */

/* How deep an item is that has been put behind node `left`. */
static int64_t depth_of_new(const struct crdt_doc *doc, const struct nest_tree *t, uint32_t left, uint32_t item)
{
    uint32_t offset, origin = origin_of(doc, item, &offset);

    if (origin && origin != left && (!left || nest_tree_before(t, left, origin))) {
        return 0; /* see measure() */
    }
    return origin ? nest_tree_depth(t, origin) + offset + 1 : 1;
}

/* All of this depth before `end` have lost their origins, from `node` on, which is one of them. Each item does so once.
 */
static void astray(struct nest_tree *t, uint32_t node, uint32_t end, int64_t depth)
{
    struct nest_quest sibling = {.want = NEST_SIBLING, .depth = depth};

    if (t->node[node].cover != NEST_STRAY) {
        nest_tree_stray(t, node);
    }
    while ((node = nest_tree_after(t, node, &sibling)) != end) {
        nest_tree_stray(t, node);
    }
}

/* A new item of this depth has come before `node` and so between what follows and the origins of that. */
static void shallow(struct nest_tree *t, uint32_t node, int64_t depth)
{
    int64_t was;

    while (node && (was = nest_tree_depth(t, node)) > depth) {
        uint32_t end = nest_tree_after(t, node, &(struct nest_quest){.want = NEST_NONE, .depth = was});
        astray(t, node, end, was);
        nest_tree_shift(t, node, end, depth - was);
        node = end;
    }
}

/* What covers a new sibling first, that goes before `node`. */
static uint32_t cover_of_new(const struct nest_tree *t, uint32_t node, int64_t depth)
{
    int64_t behind = node ? nest_tree_depth(t, node) : depth - 1;

    if (behind < depth) {
        return NEST_OPEN;
    }
    return behind > depth || t->node[node].cover == NEST_STRAY ? node : t->node[node].cover;
}

void nest_inserted(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t item)
{
    if (!nest_is_built(doc, seq)) {
        return;
    }
    struct nest_tree *t = &nest_at(doc, seq)->tree;
    if (nest_tree_reserve(&doc->mem, t, 1) != RC_OK) {
        nest_drop(doc, seq);
        return;
    }
    uint32_t from = node_of(doc, left), next = nest_tree_next(t, from);
    int64_t depth = depth_of_new(doc, t, from, item);
    uint32_t node = depth > 0 ? nest_tree_new(t, item, client_of(doc, item), cover_of_new(t, next, depth))
                              : nest_tree_new(t, item, UINT64_MAX, NEST_STRAY);

    item_at(doc, item)->mark = node;
    nest_tree_insert(t, from, node, depth);
    shallow(t, next, depth);
}

void nest_split(struct crdt_doc *doc, uint32_t item, uint32_t right)
{
    uint32_t seq = seq_of(doc, item);

    if (!nest_is_built(doc, seq)) {
        return;
    }
    struct nest_tree *t = &nest_at(doc, seq)->tree;
    if (nest_tree_reserve(&doc->mem, t, 1) != RC_OK) {
        nest_drop(doc, seq);
        return;
    }
    uint32_t left = node_of(doc, item), node = nest_tree_new(t, right, client_of(doc, right), NEST_OPEN);

    item_at(doc, right)->mark = node;
    nest_tree_insert(t, left, node, nest_tree_depth(t, left) + item_at(doc, item)->len);
}

void nest_removed(struct crdt_doc *doc, uint32_t item)
{
    uint32_t seq = seq_of(doc, item);

    if (nest_is_built(doc, seq)) {
        nest_tree_remove(&nest_at(doc, seq)->tree, node_of(doc, item));
    }
}

void nest_shift(struct crdt_doc *doc, uint32_t item, int64_t by)
{
    struct nest_tree *t = &nest_at(doc, seq_of(doc, item))->tree;
    uint32_t node = node_of(doc, item);

    nest_tree_shift(t, node, nest_tree_next(t, node), by);
}

/* ---- checking ------------------------------------------------------------------------------------------------- */

/* The nodes of `t` as those of a tree made anew, and which of these each is. False: they are not the list's. */
static bool enlist_again(const struct crdt_doc *doc, uint32_t seq, const struct nest_tree *t, struct nest_tree *again,
                         uint32_t *place)
{
    struct seq_at at = seq_begin(doc, seq);
    uint32_t node = nest_tree_next(t, 0), item;

    place[0] = 0;
    for (; (item = seq_item(doc, at)) != 0 && node; seq_step(doc, &at), node = nest_tree_next(t, node)) {
        if (t->node[node].item != item || node_of(doc, item) != node) {
            return false;
        }
        place[node] = nest_tree_new(again, item, client_of(doc, item), NEST_OPEN);
    }
    return !item && !node;
}

/* Whether no scan among the siblings of a node, at this depth, comes as far as another: it ends at what is less deep.
 */
static bool is_out_of_reach(const struct nest_tree *t, uint32_t node, uint32_t far, int64_t depth)
{
    uint32_t end = nest_tree_after(t, node, &(struct nest_quest){.want = NEST_NONE, .depth = depth});

    return end && nest_tree_before(t, end, far);
}

/* What changes have made of the tree against what building it would. A cover is not taken back when an item comes
 * before it at which scans end: a new tree would not know of it. */
static const char *compare(const struct nest_tree *t, const struct nest_tree *again, const uint32_t *place)
{
    for (uint32_t node = nest_tree_next(t, 0); node; node = nest_tree_next(t, node)) {
        const struct nest_node *is = &t->node[node], *should = &again->node[place[node]];
        bool covered = is->cover != NEST_STRAY && is->cover != NEST_OPEN;
        uint32_t cover = covered ? place[is->cover] : is->cover;
        if (nest_tree_depth(t, node) != should->depth || is->client != should->client) {
            return "an item of a nest has the wrong depth or client";
        }
        if (cover != should->cover &&
            !(covered && should->cover == NEST_OPEN && is_out_of_reach(t, node, is->cover, should->depth))) {
            return "an item of a nest has the wrong cover";
        }
    }
    return nest_tree_check(t);
}

const char *nest_check(const struct crdt_doc *doc, uint32_t seq)
{
    if (!nest_is_built(doc, seq)) {
        return NULL;
    }
    const struct nest_tree *t = &nest_at(doc, seq)->tree;
    struct mem scratch = {.limit = SIZE_MAX};
    struct nest_tree again = {0};
    uint32_t *place = NULL, places = 0, items = count_items(doc, seq, NONE32);
    const char *broken = "there is no memory to check a nest";

    if (nest_tree_reserve(&scratch, &again, items) == RC_OK &&
        mem_reserve(&scratch, (void **)&place, &places, t->count, sizeof(*place)) == RC_OK) {
        broken = "a nest and its list disagree";
        if (enlist_again(doc, seq, t, &again, place)) {
            measure(doc, &again, place);
            broken = compare(t, &again, place);
        }
    }
    mem_trim(&scratch, (void **)&place, &places, 0, sizeof(*place));
    nest_tree_finish(&scratch, &again);
    return broken;
}
