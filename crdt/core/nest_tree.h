#ifndef CRDT_CORE_NEST_TREE_H
#define CRDT_CORE_NEST_TREE_H

/* A list in order, each element with a depth, that answers in O(log n): which element is the next (or the last) at
 * most so deep? What depth means is the business of nest.h.
 *
 * Depths in the treap are relative to the parent's, so that a whole stretch of the list gets deeper or less deep by
 * touching one path. Each node sums up its subtree: the least depth in it and, of the elements at that depth, the least
 * client and the furthest cover. Memory is that of the document's budget. */
#include "crdt/core/doc.h"
#include "crdt/core/treap.h"

#define NEST_STRAY 0      /* cover of an element that counts neither as smaller nor as a barrier */
#define NEST_OPEN  NONE32 /* cover of an element that nothing covers */

struct nest_node {
    struct treap_link link;
    uint32_t item;
    uint32_t cover;     /* node, NEST_STRAY or NEST_OPEN */
    uint32_t reach;     /* furthest cover in the subtree's least depth */
    uint64_t client;    /* id; UINT64_MAX of strays */
    uint64_t least;     /* client in the subtree's least depth */
    int64_t depth, low; /* relative to up's; least in the subtree, relative to the own */
};

struct nest_tree {
    struct nest_node *node; /* 0 is none */
    uint32_t count, cap, free;
    uint32_t root;
    uint64_t seed;
};

/* Makes room for `more` nodes. */
int nest_tree_reserve(struct mem *m, struct nest_tree *t, uint32_t more) MUST_CHECK;
void nest_tree_finish(struct mem *m, struct nest_tree *t);

/* A node in the room made, with these fields and no links. */
uint32_t nest_tree_new(struct nest_tree *t, uint32_t item, uint64_t client, uint32_t cover);
/* Puts a node right behind `left` (0: first). Its depth is absolute. */
void nest_tree_insert(struct nest_tree *t, uint32_t left, uint32_t node, int64_t depth);
void nest_tree_remove(struct nest_tree *t, uint32_t node);
/* Makes the tree of nodes 1 to count - 1, in this order, whose depths are absolute. O(n). */
void nest_tree_plant(struct nest_tree *t);
/* The element counts no more. */
void nest_tree_stray(struct nest_tree *t, uint32_t node);
/* Adds to the depth of all elements in [from, to); `to` 0: to the end. */
void nest_tree_shift(struct nest_tree *t, uint32_t from, uint32_t to, int64_t by);

int64_t nest_tree_depth(const struct nest_tree *t, uint32_t node);
uint32_t nest_tree_next(const struct nest_tree *t, uint32_t node); /* of 0: the first; 0 at the end */
bool nest_tree_before(const struct nest_tree *t, uint32_t a, uint32_t b);

/* What is looked for: an element less deep than `depth`; or one of that depth that … */
enum nest_want {
    NEST_NONE,    /* – nothing: only a less deep one */
    NEST_SIBLING, /* is no stray */
    NEST_SMALLER, /* has a client below `client` */
    NEST_BARRIER  /* is not covered before `end` (0: before the end of the list) */
};
struct nest_quest {
    enum nest_want want;
    int64_t depth;
    uint64_t client;
    uint32_t end;
};
/* The first such element behind `node` (0: of all); 0 when there is none. */
uint32_t nest_tree_after(const struct nest_tree *t, uint32_t node, const struct nest_quest *q);
/* The last one before `node` (0: of all). */
uint32_t nest_tree_last(const struct nest_tree *t, uint32_t node, const struct nest_quest *q);

/* NULL, or what is broken. */
const char *nest_tree_check(const struct nest_tree *t);

#endif
