#ifndef RENDER_NOTE_TREE_H
#define RENDER_NOTE_TREE_H

/* How the canonical tree is built.
 *
 * A builder reports what it meets, in order: open, text, add, close. The tree puts each node where its content model
 * allows it (note_node.h), so that outputs never meet a cell without a row or a table inside a heading, however strange
 * the document: it opens what is missing ("implicit" nodes: a paragraph around stray text, a list around stray items),
 * and what a paragraph cannot hold is moved behind it. Nothing is dropped on the way, so no word is lost.
 *
 * Everything lives in the tree's arena. One thread at a time. */
#include "crdt/base/arena.h"
#include "crdt/base/rc.h"
#include "render/note_node.h"

struct note_chore;

/* What an open began. Private. */
struct note_frame {
    struct note_node *node;    /* NULL: transparent */
    struct note_node *restore; /* where to go on after the close */
};

struct note_tree {
    struct note_node *doc;
    struct arena *arena;      /* borrowed */
    int64_t zone;             /* milliseconds by which the reader's clock is ahead of UTC; 0 after init */
    struct note_node *cur;    /* private from here */
    struct note_frame *stack; /* one per open of a builder */
    size_t depth, room;
    struct note_chore *chores;           /* nodes that note_tree_finish has to look at */
    struct note_node *spare, *spare_end; /* memory of nodes to come */
    const uint16_t *fitting;             /* by kind of `cur`: what it takes without a further look */
    bool plain;
    int rc;
    uint64_t steps; /* work done, for tests that want it linear */
};

/* `plain`: nodes stay where the builder puts them, whatever their kinds; for the JSON form. RC_NOMEM, or RC_LIMIT when
 * that of the arena is too low for anything. */
int note_tree_init(struct note_tree *t, struct arena *arena, bool plain) MUST_CHECK;
/* A fresh node of the arena, not yet in the tree; after running out of memory a spare one that the tree ignores:
 * the error is kept in t->rc, look at it once at the end. */
struct note_node *note_tree_node(struct note_tree *t, enum note_kind kind);
/* The node's own properties, to be filled in before it is opened. */
struct note_props *note_tree_props(struct note_tree *t, struct note_node *node);
/* Begins a node; NULL (or kind NOTE_NONE): only its children count. */
void note_tree_open(struct note_tree *t, struct note_node *node);
/* Ends what the matching open began. */
void note_tree_close(struct note_tree *t);
/* The same for a builder that has a stack of its own: it keeps the frame of each open for its close. */
struct note_frame note_tree_enter(struct note_tree *t, struct note_node *node);
void note_tree_leave(struct note_tree *t, struct note_frame frame);
/* A node without children. */
void note_tree_add(struct note_tree *t, struct note_node *node);
/* Words; a line feed becomes a break, outside code. */
void note_tree_text(struct note_tree *t, struct span utf8, const struct note_marks *marks);
/* Puts the node behind the last child of `parent`, wherever it belongs: for the tree itself. */
void note_tree_link(struct note_tree *t, struct note_node *parent, struct note_node *node);
/* Memory of the tree's arena, or NULL and t->rc. */
void *note_tree_alloc(struct note_tree *t, size_t size);
struct span note_tree_copy(struct note_tree *t, struct span s);
/* Closes everything, gives childless unknown nodes the words of their attributes, finds loose lists and table heads.
 * Returns t->rc; RC_LIMIT when the arena's limit was reached. */
int note_tree_finish(struct note_tree *t) MUST_CHECK;

#endif
