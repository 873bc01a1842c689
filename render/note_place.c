#include "render/note_place.h"

/* A node goes into `cur` when that has a place for it. Else `cur` moves: out of an implicit node, which closes as soon
 * as what comes fits outside of it; or into an implicit node, made for it, that takes it; or, where nothing helps, up.
 *
 * A container of inlines that is handed a block is closed for good ("closed"), the block goes behind it, and what the
 * builder still adds to it goes into an implicit paragraph behind that: linear, however deep paragraphs lie in
 * paragraphs. */

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

/* The classes that a content takes wherever it is; what else it may take depends on the two nodes. */
static const uint16_t taken[] = {
    [NOTE_HOLDS_NOTHING] = 0,
    [NOTE_HOLDS_BLOCKS] = NOTE_BIT(NOTE_AS_BLOCK) | NOTE_BIT(NOTE_AS_EITHER),
    [NOTE_HOLDS_INLINES] = NOTE_BIT(NOTE_AS_INLINE) | NOTE_BIT(NOTE_AS_EITHER),
    [NOTE_HOLDS_TEXT] = 0,
    [NOTE_HOLDS_ITEMS] = 0,
    [NOTE_HOLDS_ROWS] = NOTE_BIT(NOTE_AS_ROW),
    [NOTE_HOLDS_CELLS] = NOTE_BIT(NOTE_AS_CELL),
    [NOTE_HOLDS_COLUMNS] = NOTE_BIT(NOTE_AS_COLUMN),
};

bool note_takes(const struct note_node *at, const struct note_node *node)
{
    return (taken[note_content_of(at)] & NOTE_BIT(note_class_of(node))) != 0;
}

static bool accepts(const struct note_node *at, const struct note_node *node)
{
    enum note_class class = note_class_of(node);

    switch (note_content_of(at)) {
    case NOTE_HOLDS_BLOCKS:
        return note_takes(at, node) || (class == NOTE_AS_SUMMARY && at->kind == NOTE_DETAILS && at->first == NULL) ||
               (class == NOTE_AS_CAPTION && at->kind == NOTE_FIGURE);
    case NOTE_HOLDS_TEXT:
        return node->kind == NOTE_TEXT;
    case NOTE_HOLDS_ITEMS:
        return class == NOTE_AS_ITEM && (!at->implicit || continues_list(at, node));
    default:
        return note_takes(at, node);
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
        note_tree_link(t, t->cur, node);
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

/* Ends: each turn goes up for good, or down towards acceptance. */
void note_place(struct note_tree *t, struct note_node *node)
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
