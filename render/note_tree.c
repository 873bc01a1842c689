#include "render/note_tree.h"
#include <string.h>
#include "render/note_finish.h"

/* How a node finds its place: see place(). The open nodes are the chain from `cur` to `doc`; `stack` holds one frame
 * for each open of the builder, which need not have the same depth: implicit nodes have no frame, and a transparent
 * frame has no node.
 *
 * A container of inlines that is handed a block is closed for good ("closed"), the block goes behind it, and what the
 * builder still adds to it goes into an implicit paragraph behind that: linear, however deep paragraphs lie in
 * paragraphs. Implicit nodes close by themselves as soon as what comes fits outside of them. */

/* Nodes get their memory together; where the arena shows AddressSanitizer each border, one by one. */
#ifdef ARENA_DEBUG
#define NODES_AT_ONCE 1
#else
#define NODES_AT_ONCE 16
#endif

struct note_frame {
    struct note_node *node;    /* NULL: transparent */
    struct note_node *restore; /* where to go on after the close */
};

/* A node that wants to be finished. */
struct note_chore {
    struct note_node *node;
    struct note_chore *next;
};

static const struct note_props no_props;

/* ---- Memory ------------------------------------------------------------------------------------ */

void *note_tree_alloc(struct note_tree *t, size_t size)
{
    void *p = arena_alloc(t->arena, size);

    if (p == NULL && t->rc == RC_OK) {
        t->rc = t->arena->limit != 0 && size > t->arena->limit - t->arena->used ? RC_LIMIT : RC_NOMEM;
    }
    return p;
}

struct span note_tree_copy(struct note_tree *t, struct span s)
{
    uint8_t *copy = note_tree_alloc(t, s.len == 0 ? 1 : s.len);

    if (copy == NULL) {
        return (struct span){0};
    }
    if (s.len > 0) {
        memcpy(copy, s.data, s.len);
    }
    return span_of(copy, s.len);
}

/* Nodes to come, all zero. Like the other rare turns of the ways that every node goes, a function of its own. */
__attribute__((noinline)) static bool make_spares(struct note_tree *t)
{
    t->spare = note_tree_alloc(t, NODES_AT_ONCE * sizeof(*t->spare));
    if (t->spare == NULL) {
        return false;
    }
    memset(t->spare, 0, NODES_AT_ONCE * sizeof(*t->spare));
    t->spare_count = NODES_AT_ONCE;
    return true;
}

static inline struct note_node *take_node(struct note_tree *t, enum note_kind kind)
{
    struct note_node *node = NULL;

    if (t->spare_count == 0 && !make_spares(t)) {
        return t->doc; /* never linked: rc is set */
    }
    t->spare_count--;
    node = t->spare++;
    node->kind = (uint8_t)kind;
    node->props = &no_props;
    return node;
}

struct note_node *note_tree_node(struct note_tree *t, enum note_kind kind)
{
    return take_node(t, kind);
}

struct note_props *note_tree_props(struct note_tree *t, struct note_node *node)
{
    struct note_props *props = NULL;

    if (node->props != &no_props) {
        return (struct note_props *)node->props;
    }
    props = note_tree_alloc(t, sizeof(*props));
    if (props != NULL) {
        *props = no_props;
        node->props = props;
    }
    return props;
}

int note_tree_init(struct note_tree *t, struct arena *arena, bool plain)
{
    *t = (struct note_tree){.arena = arena, .plain = plain};
    t->doc = arena_alloc(arena, sizeof(*t->doc));
    if (t->doc == NULL) {
        return RC_NOMEM;
    }
    *t->doc = (struct note_node){.kind = NOTE_DOC, .props = &no_props};
    t->cur = t->doc;
    return RC_OK;
}

static inline void link_last(struct note_node *parent, struct note_node *node)
{
    node->parent = parent;
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
}

__attribute__((noinline)) static void add_chore(struct note_tree *t, struct note_node *node)
{
    struct note_chore *chore = note_tree_alloc(t, sizeof(*chore));

    if (chore != NULL) {
        *chore = (struct note_chore){node, t->chores};
        t->chores = chore;
    }
}

static inline void link_node(struct note_tree *t, struct note_node *parent, struct note_node *node)
{
    link_last(parent, node);
    if (!t->plain && note_finish_wants(node)) {
        add_chore(t, node);
    }
}

void note_tree_link(struct note_tree *t, struct note_node *parent, struct note_node *node)
{
    link_node(t, parent, node);
}

/* ---- Placing ----------------------------------------------------------------------------------- */

static enum note_kind list_of_item(const struct note_node *item)
{
    if (item->wrap != 0) {
        return (enum note_kind)item->wrap;
    }
    return item->kind == NOTE_TASK ? NOTE_TASKS : item->kind == NOTE_DECISION ? NOTE_DECISIONS : NOTE_BULLETS;
}

/* An implicit list goes on with items of its own kind, until one says that its numbers start anew. */
static bool continues_list(const struct note_node *list, const struct note_node *item)
{
    return list->kind == list_of_item(item) && !(list->first != NULL && item->props->has_start);
}

#define BIT(class) (1u << (class))

/* The classes that a content takes wherever it is; what else it may take depends on the two nodes. */
static const uint16_t taken[] = {
    [NOTE_HOLDS_NOTHING] = 0,
    [NOTE_HOLDS_BLOCKS] = BIT(NOTE_AS_BLOCK) | BIT(NOTE_AS_EITHER),
    [NOTE_HOLDS_INLINES] = BIT(NOTE_AS_INLINE) | BIT(NOTE_AS_EITHER),
    [NOTE_HOLDS_TEXT] = 0,
    [NOTE_HOLDS_ITEMS] = 0,
    [NOTE_HOLDS_ROWS] = BIT(NOTE_AS_ROW),
    [NOTE_HOLDS_CELLS] = BIT(NOTE_AS_CELL),
    [NOTE_HOLDS_COLUMNS] = BIT(NOTE_AS_COLUMN),
};

static bool takes(const struct note_node *at, const struct note_node *node)
{
    return (taken[note_content_of(at)] & BIT(note_class_of(node))) != 0;
}

static bool accepts(const struct note_node *at, const struct note_node *node)
{
    enum note_class class = note_class_of(node);

    switch (note_content_of(at)) {
    case NOTE_HOLDS_BLOCKS:
        return takes(at, node) || (class == NOTE_AS_SUMMARY && at->kind == NOTE_DETAILS && at->first == NULL) ||
               (class == NOTE_AS_CAPTION && at->kind == NOTE_FIGURE);
    case NOTE_HOLDS_TEXT:
        return node->kind == NOTE_TEXT;
    case NOTE_HOLDS_ITEMS:
        return class == NOTE_AS_ITEM && (!at->implicit || continues_list(at, node));
    default:
        return takes(at, node);
    }
}

/* What must be opened in `at` on the way to a place for `node`; NOTE_NONE when nothing helps. */
static enum note_kind wrapper(const struct note_node *at, const struct note_node *node)
{
    switch (note_content_of(at)) {
    case NOTE_HOLDS_BLOCKS:
        switch (note_class_of(node)) {
        case NOTE_AS_ITEM:
            return list_of_item(node);
        case NOTE_AS_ROW:
        case NOTE_AS_CELL:
            return NOTE_TABLE;
        case NOTE_AS_COLUMN:
            return NOTE_COLUMNS;
        default:
            return NOTE_PARAGRAPH;
        }
    case NOTE_HOLDS_ITEMS:
        return at->implicit && note_class_of(node) == NOTE_AS_ITEM ? NOTE_NONE : NOTE_ITEM;
    case NOTE_HOLDS_ROWS:
        return NOTE_ROW;
    case NOTE_HOLDS_CELLS:
        return NOTE_CELL;
    case NOTE_HOLDS_COLUMNS:
        return NOTE_COLUMN;
    default:
        return NOTE_NONE;
    }
}

/* The nearest open node around an implicit one that has a place for `node` of its own; NULL when there is none. */
static struct note_node *outside(const struct note_node *implicit, const struct note_node *node)
{
    enum note_class class = note_class_of(node);

    for (const struct note_node *at = implicit; at->implicit; at = at->parent) {
        if (accepts(at->parent, node) ||
            (class == NOTE_AS_INLINE && note_content_of(at->parent) == NOTE_HOLDS_BLOCKS)) {
            return at->parent;
        }
    }
    return NULL;
}

static void open_implicit(struct note_tree *t, enum note_kind kind, const struct note_node *first)
{
    struct note_node *node = note_tree_node(t, kind);

    if (t->rc == RC_OK) {
        node->implicit = true;
        if (kind == NOTE_ORDERED) {
            node->props = first->props; /* its start */
        }
        link_node(t, t->cur, node);
        t->cur = node;
    }
}

/* What only makes sense in one place is something plainer elsewhere. */
static void settle(const struct note_node *at, struct note_node *node)
{
    enum note_class class = note_class_of(node);

    if ((class == NOTE_AS_SUMMARY || class == NOTE_AS_CAPTION) && note_content_of(at) == NOTE_HOLDS_BLOCKS &&
        !accepts(at, node)) {
        node->kind = NOTE_PARAGRAPH;
    }
    if (note_content_of(at) == NOTE_HOLDS_TEXT && node->kind != NOTE_TEXT &&
        (class == NOTE_AS_INLINE || class == NOTE_AS_EITHER)) {
        node->text = node->kind == NOTE_BREAK ? span_str("\n") : note_label(node);
        node->kind = NOTE_TEXT;
    }
}

/* Moves `cur` to where `node` may be added. Ends: each turn goes up for good, or down towards acceptance. */
static void place(struct note_tree *t, struct note_node *node)
{
    while (t->rc == RC_OK) {
        struct note_node *up = NULL;
        enum note_kind wrap = NOTE_NONE;

        t->steps++;
        settle(t->cur, node);
        if (accepts(t->cur, node)) {
            return;
        }
        if (note_is_list(t->cur) && note_is_list(node) && t->cur->last != NULL && !t->cur->implicit) {
            t->cur = t->cur->last; /* a list right in a list belongs to the item before it */
            continue;
        }
        up = outside(t->cur, node);
        wrap = wrapper(t->cur, node);
        if (up != NULL) {
            t->cur = up;
        } else if (wrap != NOTE_NONE) {
            open_implicit(t, wrap, node);
        } else {
            t->cur->closed = true;
            t->cur = t->cur->parent;
        }
    }
}

__attribute__((noinline)) static bool grow_stack(struct note_tree *t)
{
    size_t room = t->room == 0 ? 32 : t->room * 2;
    struct note_frame *stack = note_tree_alloc(t, room * sizeof(*stack));

    if (stack == NULL) {
        return false;
    }
    if (t->depth > 0) {
        memcpy(stack, t->stack, t->depth * sizeof(*stack));
    }
    t->stack = stack;
    t->room = room;
    return true;
}

static inline bool push(struct note_tree *t, struct note_node *node, struct note_node *restore)
{
    if (t->depth == t->room && !grow_stack(t)) {
        return false;
    }
    t->stack[t->depth++] = (struct note_frame){node, restore};
    return true;
}

/* Unknown nodes in a table, a row or code only pass their children on. */
static bool is_transparent(const struct note_tree *t, const struct note_node *node)
{
    if (node == NULL || (node->kind == NOTE_NONE && !t->plain)) {
        return true;
    }
    if (t->plain || node->kind != NOTE_UNKNOWN) {
        return false;
    }
    return note_content_of(t->cur) == NOTE_HOLDS_ROWS || note_content_of(t->cur) == NOTE_HOLDS_TEXT;
}

/* A break belongs to no formatting but a link: emphasis ends before it and begins anew behind it. Nothing but words is
 * code. */
static void limit_marks(struct note_tree *t, struct note_node *node)
{
    unsigned allowed = node->kind == NOTE_BREAK ? 1u << NOTE_LINK : ~(1u << NOTE_INLINE_CODE);
    struct note_marks *fewer = NULL;

    if (node->kind == NOTE_TEXT || (node->marks->steps & ~allowed) == 0) {
        return;
    }
    fewer = note_tree_alloc(t, sizeof(*fewer));
    if (fewer != NULL) {
        *fewer = *node->marks;
        fewer->steps &= allowed;
        node->marks = fewer;
    }
}

/* Puts the node into `cur` and goes into it. */
static inline void enter(struct note_tree *t, struct note_node *node, struct note_node *restore)
{
    if (node->marks != NULL && !t->plain) {
        limit_marks(t, node);
    }
    node->is_inline = note_class_of(node) == NOTE_AS_INLINE ||
                      (note_class_of(node) == NOTE_AS_EITHER && note_content_of(t->cur) == NOTE_HOLDS_INLINES);
    link_node(t, t->cur, node);
    if (push(t, node, restore)) {
        t->cur = node;
    }
}

__attribute__((noinline)) static void open_elsewhere(struct note_tree *t, struct note_node *node)
{
    struct note_node *list = t->cur;

    place(t, node);
    if (t->rc == RC_OK) {
        enter(t, node, note_is_list(list) && t->cur->parent == list && !t->cur->implicit ? list : t->cur);
    }
}

void note_tree_open(struct note_tree *t, struct note_node *node)
{
    if (t->rc != RC_OK) {
        return;
    }
    t->steps++;
    if (is_transparent(t, node)) {
        (void)push(t, NULL, t->cur);
    } else if (t->plain || takes(t->cur, node)) {
        enter(t, node, t->cur);
    } else {
        open_elsewhere(t, node);
    }
}

void note_tree_close(struct note_tree *t)
{
    struct note_frame frame;

    if (t->rc != RC_OK) {
        return;
    }
    frame = t->stack[--t->depth];
    t->steps++;
    if (frame.node != NULL && !frame.node->closed) {
        t->cur = frame.restore;
        return;
    }
    while (t->cur->implicit && t->cur != frame.restore) {
        t->steps++;
        t->cur = t->cur->parent;
    }
}

void note_tree_add(struct note_tree *t, struct note_node *node)
{
    note_tree_open(t, node);
    note_tree_close(t);
}

/* ---- Text --------------------------------------------------------------------------------------- */

/* Words and breaks need no frame where inlines stand; elsewhere they are placed like any node. */
static void add_inline(struct note_tree *t, struct note_node *node)
{
    enum note_content content = note_content_of(t->cur);

    if (t->rc == RC_OK && (content == NOTE_HOLDS_INLINES || (content == NOTE_HOLDS_TEXT && node->kind == NOTE_TEXT))) {
        t->steps++;
        if (node->kind == NOTE_BREAK && node->marks != NULL && !t->plain) {
            limit_marks(t, node);
        }
        node->is_inline = true;
        link_last(t->cur, node);
    } else {
        note_tree_add(t, node);
    }
}

static void add_text(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    if (text.len > 0) {
        struct note_node *node = take_node(t, NOTE_TEXT);

        node->text = text;
        node->marks = marks;
        add_inline(t, node);
    }
}

static void add_break(struct note_tree *t, const struct note_marks *marks)
{
    struct note_node *node = take_node(t, NOTE_BREAK);

    node->marks = marks;
    add_inline(t, node);
}

__attribute__((noinline)) static void add_lines(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    const uint8_t *feed = memchr(text.data, '\n', text.len);

    while (feed != NULL && t->rc == RC_OK) {
        size_t len = (size_t)(feed - text.data);

        add_text(t, span_of(text.data, len > 0 && feed[-1] == '\r' ? len - 1 : len), marks);
        add_break(t, marks);
        text = span_of(feed + 1, text.len - len - 1);
        feed = memchr(text.data, '\n', text.len);
    }
    if (t->rc == RC_OK) {
        add_text(t, text, marks);
    }
}

void note_tree_text(struct note_tree *t, struct span utf8, const struct note_marks *marks)
{
    enum note_content content = note_content_of(t->cur);

    if (t->rc != RC_OK || utf8.len == 0) {
        return;
    }
    if (t->plain || content == NOTE_HOLDS_TEXT ||
        (content == NOTE_HOLDS_INLINES && memchr(utf8.data, '\n', utf8.len) == NULL)) {
        add_text(t, utf8, marks);
    } else if (content == NOTE_HOLDS_INLINES || !note_only_spaces(utf8)) {
        add_lines(t, utf8, marks); /* spaces between blocks are layout */
    }
}

/* ---- Finishing ----------------------------------------------------------------------------------- */

int note_tree_finish(struct note_tree *t)
{
    while (t->chores != NULL && t->rc == RC_OK) {
        const struct note_chore *chore = t->chores;

        t->chores = chore->next;
        note_finish_node(t, chore->node);
    }
    return t->rc;
}
