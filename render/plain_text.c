#include "render/plain_text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "render/time_text.h"

/* Words are written as they come; what stands between blocks waits in `gap` until there are words behind it, so nothing
 * begins or ends with empty lines. Indentation stops at DEEPEST, to stay linear. */
#define DEEPEST 16

struct plain {
    struct buf *out;
    bool search;
    unsigned gap;    /* line feeds owed before the next words */
    unsigned indent; /* open items and quotes */
    unsigned cells;  /* open cells: blocks in them stay on one line */
    bool begun;      /* words since the cell, or the document, began */
    char marker[40];
};

static void put_indent(struct plain *w, unsigned levels)
{
    for (unsigned i = 0; i < levels && i < DEEPEST && !w->search; i++) {
        buf_put_str(w->out, "  ");
    }
}

static void begin_words(struct plain *w)
{
    unsigned levels = w->indent - (w->indent > 0 && w->marker[0] != 0 ? 1 : 0);

    for (; w->gap > 0 && w->out->len > 0; w->gap--) {
        buf_put_u8(w->out, w->cells > 0 ? ' ' : '\n');
        if (w->cells > 0) {
            w->gap = 1;
        }
    }
    w->gap = 0;
    if (!w->begun && w->cells == 0) {
        put_indent(w, levels);
        buf_put_str(w->out, w->marker);
        w->marker[0] = 0;
    }
    w->begun = true;
}

static void put_words(struct plain *w, struct span words)
{
    if (words.len > 0) {
        begin_words(w);
        buf_put_span(w->out, words);
    }
}

static void put_break(struct plain *w)
{
    begin_words(w);
    buf_put_u8(w->out, w->cells > 0 ? ' ' : '\n');
    if (w->cells == 0) {
        put_indent(w, w->indent);
    }
}

static bool is_tight(const struct note_node *node)
{
    const struct note_node *item = note_class_of(node) == NOTE_AS_ITEM ? node : node->parent;

    return item != NULL && note_class_of(item) == NOTE_AS_ITEM && item->parent != NULL && !item->parent->loose;
}

/* A block begins or ends: what comes next starts a line. */
static void separate(struct plain *w, const struct note_node *node)
{
    unsigned wanted = w->search || w->cells > 0 || is_tight(node) ? 1 : 2;

    if (w->begun) {
        w->begun = w->cells > 0;
        w->gap = wanted;
    } else if (w->gap > 0 && w->gap < wanted) {
        w->gap = wanted;
    }
}

static void set_marker(struct plain *w, const struct note_node *item)
{
    const struct note_node *list = item->parent;
    int64_t number = list->props->has_start ? list->props->start : 1;

    if (w->search) {
        return;
    }
    if (item->kind == NOTE_TASK) {
        strcpy(w->marker, item->props->checked ? "[x] " : "[ ] ");
    } else if (list->kind == NOTE_ORDERED) {
        snprintf(w->marker, sizeof(w->marker), "%" PRId64 ". ", number + (int64_t)item->number);
    } else {
        strcpy(w->marker, item->kind == NOTE_DECISION ? "\xe2\x9c\x8d " : "- ");
    }
}

static struct span first_words(const struct note_node *node)
{
    const struct note_props *p = node->props;

    switch (node->kind) {
    case NOTE_FILE:
    case NOTE_AUDIO:
    case NOTE_VIDEO:
        return p->name.len > 0 ? p->name : note_label(node);
    default:
        return note_label(node);
    }
}

static void put_emoji(struct plain *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    bool named = p->icon.len == 0 && p->name.len > 0 && p->name.data[0] != ':';

    put_words(w, span_str(named ? ":" : ""));
    put_words(w, p->icon.len > 0 ? p->icon : named ? p->name : note_label(node));
    put_words(w, span_str(named ? ":" : ""));
}

static void put_leaf(struct plain *w, const struct note_node *node)
{
    char day[TIME_TEXT_DAY] = "";

    if (!node->is_inline) {
        separate(w, node);
    }
    switch (node->kind) {
    case NOTE_TEXT:
        put_words(w, node->text);
        break;
    case NOTE_BREAK:
        put_break(w);
        break;
    case NOTE_RULE:
        put_words(w, span_str(w->search ? "" : "---"));
        break;
    case NOTE_PAGE_BREAK:
        break;
    case NOTE_MENTION:
        put_words(w, span_str(node->props->url.len > 0 || w->search ? "" : "@"));
        put_words(w, note_label(node).len > 0 ? note_label(node) : node->props->id);
        break;
    case NOTE_DATE:
        time_text_day(node->props->local_time, day);
        put_words(w, node->props->has_time ? span_str(day) : note_label(node));
        break;
    case NOTE_EMOJI:
        put_emoji(w, node);
        break;
    default:
        put_words(w, first_words(node));
        if (!node->is_inline && node->props->caption.len > 0 && node->props->caption.data != first_words(node).data) {
            put_break(w);
            put_words(w, node->props->caption);
        }
        break;
    }
    if (!node->is_inline) {
        separate(w, node);
    }
}

/* A tab before every cell but the first. */
static void enter_cell(struct plain *w, const struct note_node *cell)
{
    if (cell != cell->parent->first) {
        if (!w->begun) {
            begin_words(w);
        }
        buf_put_u8(w->out, '\t');
    } else if (w->cells == 0) {
        begin_words(w);
    }
    w->gap = 0;
    w->cells++;
    w->begun = false;
}

static void leave_cell(struct plain *w)
{
    w->cells--;
    w->gap = 0;
    w->begun = true;
}

static void enter_node(struct plain *w, const struct note_node *node)
{
    if (note_class_of(node) == NOTE_AS_CELL) {
        enter_cell(w, node);
        return;
    }
    if (node->is_inline) {
        return;
    }
    separate(w, node);
    if (node->kind == NOTE_ROW) {
        w->gap = w->gap > 1 && node != node->parent->first ? 1 : w->gap;
    } else if (note_class_of(node) == NOTE_AS_ITEM || node->kind == NOTE_QUOTE) {
        w->indent++;
        if (node->kind != NOTE_QUOTE) {
            set_marker(w, node);
        }
    } else if (node->kind == NOTE_DETAILS || node->kind == NOTE_PANEL) {
        put_words(w, node->props->title);
        separate(w, node);
    }
}

static void leave_node(struct plain *w, const struct note_node *node)
{
    if (note_class_of(node) == NOTE_AS_CELL) {
        leave_cell(w);
        return;
    }
    if (node->is_inline) {
        return;
    }
    separate(w, node);
    if (note_class_of(node) == NOTE_AS_ITEM || node->kind == NOTE_QUOTE) {
        w->indent--;
        w->marker[0] = 0;
    }
}

int plain_text_write(const struct note_node *root, bool for_search, struct buf *out)
{
    struct plain w = {.out = out, .search = for_search};
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;
    size_t before = out->len;

    note_walk_init(&walk, root);
    while (out->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (entering && note_content_of(node) == NOTE_HOLDS_INLINES && note_is_blank(node)) {
            note_walk_skip(&walk, node);
        } else if (!note_has_exit(node)) {
            put_leaf(&w, node);
        } else if (entering) {
            enter_node(&w, node);
        } else {
            leave_node(&w, node);
        }
    }
    if (out->rc == RC_OK && out->len > before && !for_search) {
        buf_put_u8(out, '\n');
    }
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}
