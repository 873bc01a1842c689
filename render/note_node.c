#include "render/note_node.h"

/* What a node is by its kind, what can be told by looking at it, and the walk below it. Nothing here changes a tree. */

#define NOTE_CLASS(kind, class, content, name)   [kind] = class,
#define NOTE_CONTENT(kind, class, content, name) [kind] = content,
#define NOTE_NAME(kind, class, content, name)    [kind] = name,
const uint8_t note_classes[NOTE_KIND_COUNT] = {NOTE_KINDS(NOTE_CLASS)};
const uint8_t note_contents[NOTE_KIND_COUNT] = {NOTE_KINDS(NOTE_CONTENT)};
static const char *const kind_names[NOTE_KIND_COUNT] = {"", NOTE_KINDS(NOTE_NAME)};

const char *note_kind_name(enum note_kind kind)
{
    return kind_names[kind];
}

bool note_is_list(const struct note_node *node)
{
    return note_contents[node->kind] == NOTE_HOLDS_ITEMS;
}

bool note_has_exit(const struct note_node *node)
{
    return note_contents[node->kind] != NOTE_HOLDS_NOTHING || node->first != NULL;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool note_only_spaces(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_space(s.data[i])) {
            return false;
        }
    }
    return true;
}

bool note_is_blank(const struct note_node *node)
{
    if (note_content_of(node) != NOTE_HOLDS_INLINES) {
        return false;
    }
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        if (child->kind != NOTE_BREAK && !(child->kind == NOTE_TEXT && note_only_spaces(child->text))) {
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
