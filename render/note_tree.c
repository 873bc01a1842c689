#include "render/note_tree.h"
#include <string.h>
#include "render/note_finish.h"
#include "render/note_place.h"
#include "render/short_text.h"

/* The open nodes are the chain from `cur` to `doc`. Each open of the builder has a frame, in `stack` or with the
 * builder; that need not be the same depth: implicit nodes have no frame, and a transparent frame has no node.
 *
 * Nearly all nodes and words go one short way, which does not leave this file: they fit where they are. The others are
 * placed by note_place.c. */

/* Nodes get their memory together, as many as a short note has; where the arena shows AddressSanitizer each border, one
 * by one. */
#ifdef ARENA_DEBUG
#define NODES_AT_ONCE 1
#else
#define NODES_AT_ONCE 64
#endif

/* A node that wants to be finished. */
struct note_chore {
    struct note_node *node;
    struct note_chore *next;
};

static const struct note_props no_props;

/* Most nodes are blocks in blocks, items in lists, rows and cells in tables that the editor wrote down. They fit if
 * fitting[what they stand in] has a bit of their own, what[kind]; nothing else needs to be known of them then. The
 * others are looked at: inlines have to be told that they are, some nodes to be finished, and unknown ones are what
 * their place makes of them. */
#define FITTING(content)                                                                                               \
    ((content) == NOTE_HOLDS_BLOCKS    ? NOTE_BIT(NOTE_AS_BLOCK)                                                       \
     : (content) == NOTE_HOLDS_ITEMS   ? NOTE_BIT(NOTE_AS_ITEM)                                                        \
     : (content) == NOTE_HOLDS_ROWS    ? NOTE_BIT(NOTE_AS_ROW)                                                         \
     : (content) == NOTE_HOLDS_CELLS   ? NOTE_BIT(NOTE_AS_CELL)                                                        \
     : (content) == NOTE_HOLDS_COLUMNS ? NOTE_BIT(NOTE_AS_COLUMN)                                                      \
                                       : 0)
#define FITTING_PLAIN                          ((1 << (NOTE_AS_CAPTION + 1)) - 1 - NOTE_BIT(NOTE_AS_INLINE) - NOTE_BIT(NOTE_AS_EITHER))
#define FITS(kind, class, content, name)       [kind] = (kind) == NOTE_UNKNOWN ? 0 : FITTING(content),
#define FITS_PLAIN(kind, class, content, name) [kind] = FITTING_PLAIN,
#define WHAT(kind, class, content, name)       [kind] = NOTE_FINISH_WANTS(kind) ? 0 : NOTE_BIT(class),
static const uint16_t fitting[NOTE_KIND_COUNT] = {NOTE_KINDS(FITS)};
static const uint16_t fitting_plain[NOTE_KIND_COUNT] = {NOTE_KINDS(FITS_PLAIN)};
static const uint16_t what[NOTE_KIND_COUNT] = {NOTE_KINDS(WHAT)};

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

/* Memory of nodes to come. Like the other rare turns of the ways that every node goes, a function of its own. */
__attribute__((noinline)) static bool make_spares(struct note_tree *t)
{
    struct note_node *nodes = note_tree_alloc(t, NODES_AT_ONCE * sizeof(*nodes));

    if (nodes == NULL) {
        return false;
    }
    t->spare = nodes;
    t->spare_end = nodes + NODES_AT_ONCE;
    return true;
}

/* In two halves, since compilers make a loop of the whole. */
static inline void clear_node(struct note_node *node)
{
    size_t half = offsetof(struct note_node, text);

    memset(node, 0, half);
    memset((uint8_t *)node + half, 0, sizeof(*node) - half);
}

/* NULL: out of memory. */
static inline struct note_node *take_node(struct note_tree *t, enum note_kind kind)
{
    struct note_node *node = NULL;

    if (t->spare == t->spare_end && !make_spares(t)) {
        return NULL;
    }
    node = t->spare++;
    clear_node(node);
    node->kind = (uint8_t)kind;
    node->props = &no_props;
    return node;
}

inline struct note_node *note_tree_node(struct note_tree *t, enum note_kind kind)
{
    struct note_node *node = take_node(t, kind);

    return node == NULL ? t->doc : node; /* never linked: rc is set */
}

/* Likewise, in parts. */
static inline void clear_props(struct note_props *props)
{
    static const size_t part = 64;
    uint8_t *at = (uint8_t *)props, *end = at + sizeof(*props);

    for (; at + part <= end; at += part) {
        memset(at, 0, part);
    }
    memset(at, 0, sizeof(*props) % part);
}

struct note_props *note_tree_props(struct note_tree *t, struct note_node *node)
{
    struct note_props *props = NULL;

    if (node->props != &no_props) {
        return (struct note_props *)node->props;
    }
    props = note_tree_alloc(t, sizeof(*props));
    if (props != NULL) {
        clear_props(props);
        node->props = props;
    }
    return props;
}

int note_tree_init(struct note_tree *t, struct arena *arena, bool plain)
{
    *t = (struct note_tree){.arena = arena, .plain = plain, .fitting = plain ? fitting_plain : fitting};
    t->cur = t->doc = take_node(t, NOTE_DOC);
    return t->rc;
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

static void add_chore(struct note_tree *t, struct note_node *node)
{
    struct note_chore *chore = note_tree_alloc(t, sizeof(*chore));

    if (chore != NULL) {
        *chore = (struct note_chore){node, t->chores};
        t->chores = chore;
    }
}

void note_tree_link(struct note_tree *t, struct note_node *parent, struct note_node *node)
{
    link_last(parent, node);
    if (!t->plain && NOTE_FINISH_WANTS(node->kind)) {
        add_chore(t, node);
    }
}

/* ---- Nodes ------------------------------------------------------------------------------------- */

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
static struct note_frame go_into(struct note_tree *t, struct note_node *node, struct note_node *restore)
{
    if (node->marks != NULL && !t->plain) {
        limit_marks(t, node);
    }
    node->is_inline = note_class_of(node) == NOTE_AS_INLINE ||
                      (note_class_of(node) == NOTE_AS_EITHER && note_content_of(t->cur) == NOTE_HOLDS_INLINES);
    note_tree_link(t, t->cur, node);
    t->cur = node;
    return (struct note_frame){node, restore};
}

static struct note_frame go_elsewhere(struct note_tree *t, struct note_node *node)
{
    struct note_node *list = t->cur;

    note_place(t, node);
    if (t->rc != RC_OK) {
        return (struct note_frame){NULL, t->cur};
    }
    return go_into(t, node, note_is_list(list) && t->cur->parent == list && !t->cur->implicit ? list : t->cur);
}

__attribute__((noinline)) static struct note_frame enter(struct note_tree *t, struct note_node *node)
{
    if (is_transparent(t, node)) {
        return (struct note_frame){NULL, t->cur};
    }
    return t->plain || note_takes(t->cur, node) ? go_into(t, node, t->cur) : go_elsewhere(t, node);
}

static inline bool fits(const struct note_tree *t, const struct note_node *node)
{
    return node != NULL && (t->fitting[t->cur->kind] & what[node->kind]) != 0 && !t->cur->implicit &&
           node->marks == NULL;
}

inline struct note_frame note_tree_enter(struct note_tree *t, struct note_node *node)
{
    struct note_frame frame = {node, t->cur};

    if (t->rc != RC_OK) {
        return frame;
    }
    t->steps++;
    if (!fits(t, node)) {
        return enter(t, node);
    }
    link_last(t->cur, node);
    t->cur = node;
    return frame;
}

/* Up to where a frame began that has no node, or one that is closed. */
__attribute__((noinline)) static void leave_implicit(struct note_tree *t, struct note_frame frame)
{
    t->steps++;
    while (frame.restore != NULL && t->cur->implicit && t->cur != frame.restore) {
        t->steps++;
        t->cur = t->cur->parent;
    }
}

/* Once there is an error, where `cur` stands does not matter any more. */
inline void note_tree_leave(struct note_tree *t, struct note_frame frame)
{
    if (frame.node != NULL && !frame.node->closed) {
        t->cur = frame.restore;
    } else {
        leave_implicit(t, frame);
    }
}

void note_tree_open(struct note_tree *t, struct note_node *node)
{
    struct note_frame frame = note_tree_enter(t, node);

    if (t->depth < t->room || grow_stack(t)) {
        t->stack[t->depth++] = frame;
    }
}

void note_tree_close(struct note_tree *t)
{
    if (t->rc == RC_OK) {
        note_tree_leave(t, t->stack[--t->depth]);
    }
}

void note_tree_add(struct note_tree *t, struct note_node *node)
{
    note_tree_open(t, node);
    note_tree_close(t);
}

/* ---- Text --------------------------------------------------------------------------------------- */

/* Right behind what `cur`, whose content they are, has already. */
static inline void append_inline(struct note_tree *t, struct note_node *node)
{
    t->steps++;
    node->is_inline = true;
    link_last(t->cur, node);
}

static inline void append_text(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    struct note_node *node = take_node(t, NOTE_TEXT);

    if (node != NULL) {
        node->text = text;
        node->marks = marks;
        append_inline(t, node);
    }
}

/* Words and breaks need no frame where inlines stand; elsewhere they are placed like any node. */
static void add_text(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    enum note_content content = note_content_of(t->cur);

    if (content == NOTE_HOLDS_INLINES || content == NOTE_HOLDS_TEXT) {
        append_text(t, text, marks);
    } else {
        struct note_node *node = note_tree_node(t, NOTE_TEXT);

        node->text = text;
        node->marks = marks;
        note_tree_add(t, node);
    }
}

static void add_break(struct note_tree *t, const struct note_marks *marks)
{
    struct note_node *node = note_tree_node(t, NOTE_BREAK);

    node->marks = marks;
    if (t->rc == RC_OK && note_content_of(t->cur) == NOTE_HOLDS_INLINES) {
        if (marks != NULL) {
            limit_marks(t, node);
        }
        append_inline(t, node);
    } else {
        note_tree_add(t, node);
    }
}

__attribute__((noinline)) static void add_lines(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    const uint8_t *feed = memchr(text.data, '\n', text.len);

    while (feed != NULL && t->rc == RC_OK) {
        size_t len = (size_t)(feed - text.data), words = len > 0 && feed[-1] == '\r' ? len - 1 : len;

        if (words > 0) {
            add_text(t, span_of(text.data, words), marks);
        }
        add_break(t, marks);
        text = span_of(feed + 1, text.len - len - 1);
        feed = memchr(text.data, '\n', text.len);
    }
    if (text.len > 0 && t->rc == RC_OK) {
        add_text(t, text, marks);
    }
}

/* Words that have no place of their own where they are, or more than one line. */
__attribute__((noinline)) static void place_text(struct note_tree *t, struct span utf8, const struct note_marks *marks)
{
    if (t->rc != RC_OK || utf8.len == 0) {
        return;
    }
    if (t->plain || note_content_of(t->cur) == NOTE_HOLDS_TEXT) {
        add_text(t, utf8, marks);
    } else if (note_content_of(t->cur) == NOTE_HOLDS_INLINES || !note_only_spaces(utf8)) {
        add_lines(t, utf8, marks); /* spaces between blocks are layout */
    }
}

inline void note_tree_text(struct note_tree *t, struct span utf8, const struct note_marks *marks)
{
    if (note_contents[t->cur->kind] == NOTE_HOLDS_INLINES && utf8.len > 0 && !text_has(utf8, '\n')) {
        append_text(t, utf8, marks);
    } else {
        place_text(t, utf8, marks);
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
