#include "render/note_tree.h"
#include <string.h>

/* How a node finds its place: see place(). The open nodes are the chain from `cur` to `doc`; `stack` holds one frame
 * for each open of the builder, which need not have the same depth: implicit nodes have no frame, and a transparent
 * frame has no node.
 *
 * A container of inlines that is handed a block is closed for good ("closed"), the block goes behind it, and what the
 * builder still adds to it goes into an implicit paragraph behind that: linear, however deep paragraphs lie in
 * paragraphs. Implicit nodes close by themselves as soon as what comes fits outside of them. */

struct note_frame {
    struct note_node *node;    /* NULL: transparent */
    struct note_node *restore; /* where to go on after the close */
};

#define NOTE_CLASS(kind, class, content, name)   [kind] = class,
#define NOTE_CONTENT(kind, class, content, name) [kind] = content,
#define NOTE_NAME(kind, class, content, name)    [kind] = name,
static const uint8_t classes[NOTE_KIND_COUNT] = {NOTE_KINDS(NOTE_CLASS)};
static const uint8_t contents[NOTE_KIND_COUNT] = {NOTE_KINDS(NOTE_CONTENT)};
static const char *const kind_names[NOTE_KIND_COUNT] = {"", NOTE_KINDS(NOTE_NAME)};

static const struct note_props no_props;

enum note_class note_class_of(const struct note_node *node)
{
    return (enum note_class)classes[node->kind];
}

enum note_content note_content_of(const struct note_node *node)
{
    if (node->kind == NOTE_UNKNOWN && node->is_inline) {
        return NOTE_HOLDS_INLINES;
    }
    return (enum note_content)contents[node->kind];
}

const char *note_kind_name(enum note_kind kind)
{
    return kind_names[kind];
}

bool note_is_list(const struct note_node *node)
{
    return contents[node->kind] == NOTE_HOLDS_ITEMS;
}

bool note_has_exit(const struct note_node *node)
{
    return contents[node->kind] != NOTE_HOLDS_NOTHING || node->first != NULL;
}

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

struct note_node *note_tree_node(struct note_tree *t, enum note_kind kind)
{
    struct note_node *node = note_tree_alloc(t, sizeof(*node));

    if (node == NULL) {
        node = t->doc; /* never linked: rc is set */
    } else {
        *node = (struct note_node){.kind = (uint8_t)kind, .props = &no_props};
    }
    return node;
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

/* ---- Placing ----------------------------------------------------------------------------------- */

static void link_last(struct note_node *parent, struct note_node *node)
{
    node->parent = parent;
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
}

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

static bool accepts(const struct note_node *at, const struct note_node *node)
{
    enum note_class class = note_class_of(node);

    switch (note_content_of(at)) {
    case NOTE_HOLDS_NOTHING:
        return false;
    case NOTE_HOLDS_BLOCKS:
        return class == NOTE_AS_BLOCK || class == NOTE_AS_EITHER ||
               (class == NOTE_AS_SUMMARY && at->kind == NOTE_DETAILS && at->first == NULL) ||
               (class == NOTE_AS_CAPTION && at->kind == NOTE_FIGURE);
    case NOTE_HOLDS_INLINES:
        return class == NOTE_AS_INLINE || class == NOTE_AS_EITHER;
    case NOTE_HOLDS_TEXT:
        return node->kind == NOTE_TEXT;
    case NOTE_HOLDS_ITEMS:
        return class == NOTE_AS_ITEM && (!at->implicit || continues_list(at, node));
    case NOTE_HOLDS_ROWS:
        return class == NOTE_AS_ROW;
    case NOTE_HOLDS_CELLS:
        return class == NOTE_AS_CELL;
    case NOTE_HOLDS_COLUMNS:
        return class == NOTE_AS_COLUMN;
    }
    return false;
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
        link_last(t->cur, node);
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

static bool push(struct note_tree *t, struct note_node *node, struct note_node *restore)
{
    if (t->depth == t->room) {
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

    if (node->marks == NULL || node->kind == NOTE_TEXT || (node->marks->steps & ~allowed) == 0) {
        return;
    }
    fewer = note_tree_alloc(t, sizeof(*fewer));
    if (fewer != NULL) {
        *fewer = *node->marks;
        fewer->steps &= allowed;
        node->marks = fewer;
    }
}

static void attach(struct note_tree *t, struct note_node *node)
{
    if (!t->plain) {
        limit_marks(t, node);
    }
    node->is_inline = note_class_of(node) == NOTE_AS_INLINE ||
                      (note_class_of(node) == NOTE_AS_EITHER && note_content_of(t->cur) == NOTE_HOLDS_INLINES);
    link_last(t->cur, node);
}

void note_tree_open(struct note_tree *t, struct note_node *node)
{
    struct note_node *list = t->cur;

    if (t->rc != RC_OK) {
        return;
    }
    if (is_transparent(t, node)) {
        (void)push(t, NULL, t->cur);
        return;
    }
    if (!t->plain) {
        place(t, node);
    }
    if (t->rc != RC_OK) {
        return;
    }
    attach(t, node);
    if (push(t, node, note_is_list(list) && t->cur->parent == list && !t->cur->implicit ? list : t->cur)) {
        t->cur = node;
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

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool only_spaces(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_space(s.data[i])) {
            return false;
        }
    }
    return true;
}

static void add_text(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    if (text.len > 0) {
        struct note_node *node = note_tree_node(t, NOTE_TEXT);

        node->text = text;
        node->marks = marks;
        note_tree_add(t, node);
    }
}

static void add_lines(struct note_tree *t, struct span text, const struct note_marks *marks)
{
    while (text.len > 0 && t->rc == RC_OK) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);
        size_t shown = feed != NULL && len > 0 && text.data[len - 1] == '\r' ? len - 1 : len;

        add_text(t, span_of(text.data, shown), marks);
        if (feed != NULL) {
            struct note_node *br = note_tree_node(t, NOTE_BREAK);

            br->marks = marks;
            note_tree_add(t, br);
            len++;
        }
        text = span_of(text.data + len, text.len - len);
    }
}

void note_tree_text(struct note_tree *t, struct span utf8, const struct note_marks *marks)
{
    enum note_content content = note_content_of(t->cur);

    if (t->rc != RC_OK) {
        return;
    }
    if (t->plain || content == NOTE_HOLDS_TEXT) {
        add_text(t, utf8, marks);
    } else if (content == NOTE_HOLDS_INLINES || !only_spaces(utf8)) {
        add_lines(t, utf8, marks); /* spaces between blocks are layout */
    }
}

/* ---- Finishing ----------------------------------------------------------------------------------- */

bool note_is_blank(const struct note_node *node)
{
    if (note_content_of(node) != NOTE_HOLDS_INLINES) {
        return false;
    }
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        if (child->kind != NOTE_BREAK && !(child->kind == NOTE_TEXT && only_spaces(child->text))) {
            return false;
        }
    }
    return true;
}

const struct note_node *note_skip_blank(const struct note_node *node)
{
    while (node != NULL && note_is_blank(node)) {
        node = node->next;
    }
    return node;
}

/* A list may follow right after the last line of a paragraph when its first line cannot be taken for more of that
 * paragraph (CommonMark 0.30, 5.3: only items that are not empty, and of ordered lists only those starting with 1). */
static bool interrupts_paragraph(const struct note_node *list)
{
    if (!note_is_list(list) || list->first == NULL) {
        return false;
    }
    if (list->kind == NOTE_ORDERED && list->props->has_start && list->props->start != 1) {
        return false;
    }
    return list->first->kind != NOTE_ITEM || note_skip_blank(list->first->first) != NULL;
}

bool note_is_heading(const struct note_node *node)
{
    return node->kind == NOTE_HEADING || (node->kind == NOTE_SUMMARY && node->props->level > 0);
}

bool note_is_plain(const struct note_node *paragraph)
{
    const struct note_props *p = paragraph->props;

    return p->align <= NOTE_LEFT && p->color.len == 0 && p->background.len == 0;
}

bool note_is_plain_paragraph(const struct note_node *node)
{
    return node->kind == NOTE_PARAGRAPH && note_is_plain(node);
}

enum note_align note_cell_align(const struct note_node *cell)
{
    const struct note_node *only = cell->first;

    if (cell->props->align != NOTE_ALIGN_NONE || only == NULL || only->next != NULL || only->kind != NOTE_PARAGRAPH) {
        return cell->props->align;
    }
    return only->props->align;
}

/* Whether the blocks of an item need blank lines between them: all but a paragraph, then lists. */
static bool item_needs_blank(const struct note_node *item)
{
    const struct note_node *first = note_skip_blank(item->first), *rest = NULL;

    if (first == NULL) {
        return false;
    }
    rest = note_skip_blank(first->next);
    if (item->kind == NOTE_TASK && !note_is_plain_paragraph(first)) {
        return true;
    }
    if (rest != NULL && !note_is_plain_paragraph(first) && !note_is_list(first)) {
        return true;
    }
    for (; rest != NULL; rest = note_skip_blank(rest->next)) {
        if (!interrupts_paragraph(rest)) {
            return true;
        }
    }
    return first->kind == NOTE_UNKNOWN || first->kind == NOTE_COLUMNS || first->kind == NOTE_FIGURE ||
           first->kind == NOTE_DETAILS || first->kind == NOTE_MARKDOWN;
}

static bool is_loose(const struct note_node *list)
{
    bool several = list->first != list->last;

    if (list->props->tight < 0 && several) {
        return true;
    }
    for (const struct note_node *item = list->first; item != NULL; item = item->next) {
        if (item_needs_blank(item)) {
            return true;
        }
    }
    return false;
}

struct span note_label(const struct note_node *node)
{
    const struct note_props *p = node->props;
    const struct span choice[] = {p->label, p->alt, p->caption, p->name, p->title, p->latex, p->icon, p->url};

    for (size_t i = 0; i < sizeof(choice) / sizeof(choice[0]); i++) {
        if (choice[i].len > 0) {
            return choice[i];
        }
    }
    return (struct span){0};
}

/* What an unknown node without children says of itself. */
static void give_words(struct note_tree *t, struct note_node *node)
{
    struct note_node *text = note_tree_node(t, NOTE_TEXT), *parent = node;

    if (t->rc != RC_OK) {
        return;
    }
    text->text = node->kind == NOTE_UNKNOWN ? note_label(node) : node->props->latex;
    text->is_inline = true;
    if (text->text.len == 0) {
        return;
    }
    if (node->kind == NOTE_UNKNOWN && !node->is_inline) {
        parent = note_tree_node(t, NOTE_PARAGRAPH);
        if (t->rc != RC_OK) {
            return;
        }
        parent->implicit = true;
        link_last(node, parent);
    }
    link_last(parent, text);
}

static bool is_head_row(const struct note_node *row)
{
    for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next) {
        if (cell->kind != NOTE_HEADER) {
            return false;
        }
    }
    return row->first != NULL;
}

/* Rows of header cells at the top are the head; the others are counted. */
static void finish_table(struct note_node *table)
{
    uint32_t number = 0;

    for (struct note_node *row = table->first; row != NULL; row = row->next) {
        row->head = number == 0 && is_head_row(row);
        row->number = row->head ? 0 : ++number;
    }
}

static void number_items(struct note_node *list)
{
    uint32_t number = 0;

    for (struct note_node *item = list->first; item != NULL; item = item->next) {
        item->number = number++;
    }
}

static bool is_division(const struct note_node *node)
{
    return node->kind == NOTE_DETAILS || node->kind == NOTE_MATH_BLOCK || node->kind == NOTE_COLUMNS ||
           node->kind == NOTE_PAGE_BREAK || (node->kind == NOTE_UNKNOWN && !node->is_inline);
}

static void finish_node(struct note_tree *t, struct note_node *node)
{
    if (node->parent != NULL && (node->divided || is_division(node))) {
        node->parent->divided = true;
    }
    if (node->first == NULL &&
        (node->kind == NOTE_UNKNOWN || node->kind == NOTE_MATH || node->kind == NOTE_MATH_BLOCK)) {
        give_words(t, node);
    }
    if (note_is_list(node)) {
        node->loose = is_loose(node);
        number_items(node);
    } else if (node->kind == NOTE_TABLE) {
        finish_table(node);
    }
}

int note_tree_finish(struct note_tree *t)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;

    if (t->rc != RC_OK || t->plain) {
        return t->rc;
    }
    note_walk_init(&walk, t->doc);
    while (t->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        t->steps++;
        if (!entering || !note_has_exit(node)) {
            finish_node(t, (struct note_node *)node);
        }
    }
    return t->rc;
}

/* ---- Walking -------------------------------------------------------------------------------------- */

void note_walk_init(struct note_walk *w, const struct note_node *root)
{
    *w = (struct note_walk){.root = root, .node = root};
}

void note_walk_skip(struct note_walk *w, const struct note_node *node)
{
    if (node == w->root) {
        w->node = NULL;
        return;
    }
    w->leaving = node->next == NULL;
    w->node = w->leaving ? node->parent : node->next;
}

bool note_walk_next(struct note_walk *w, const struct note_node **node, bool *entering)
{
    const struct note_node *now = w->node;

    if (now == NULL) {
        return false;
    }
    *node = now;
    *entering = !w->leaving;
    if (!w->leaving && now->first != NULL) {
        w->node = now->first;
    } else if (!w->leaving && note_has_exit(now)) {
        w->leaving = true;
    } else {
        note_walk_skip(w, now);
    }
    return true;
}

/* ---- Marks ----------------------------------------------------------------------------------------- */

bool note_marks_same(const struct note_marks *a, const struct note_marks *b, enum note_step step)
{
    switch (step) {
    case NOTE_LINK:
        return span_equal(a->href, b->href) && span_equal(a->title, b->title);
    case NOTE_COMMENT:
        return span_equal(a->comment, b->comment);
    case NOTE_STYLE:
        return span_equal(a->color, b->color) && span_equal(a->size, b->size) && span_equal(a->family, b->family);
    case NOTE_BACKGROUND:
        return span_equal(a->background, b->background);
    default:
        return true;
    }
}

enum note_step note_marks_differ(const struct note_marks *a, const struct note_marks *b)
{
    unsigned in_a = a == NULL ? 0 : a->steps, in_b = b == NULL ? 0 : b->steps;
    enum note_step step = NOTE_LINK;

    if (a == b) {
        return NOTE_STEPS;
    }
    for (; step < NOTE_STEPS; step = (enum note_step)(step + 1)) {
        if (((in_a ^ in_b) >> step & 1) != 0 || ((in_a & in_b) >> step & 1 && !note_marks_same(a, b, step))) {
            break;
        }
    }
    return step;
}
