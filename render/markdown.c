#include "render/markdown.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "render/escape.h"
#include "render/md_escape.h"
#include "render/md_inline.h"
#include "render/md_table.h"

/* One walk; blocks are written line by line. `prefix` is what every line of the open containers begins with ("> ",
 * spaces under an item); when a container has just been opened, `pending` holds the beginning of its first line (with
 * the item's marker) until a line is written. So "- > 1. text" comes out of three containers opened at once.
 *
 * `fresh` is true between the opening of something and its first block: no empty line belongs there. `behind` is the
 * marker of the list that was written right before, since two lists that touch must not have the same. */

#define LISTS (MARKDOWN_DEPTH + 1)

struct list {
    char marker; /* - * + or . ) */
    bool loose;
    uint32_t number; /* of the next item */
};

struct md {
    const struct markdown_options *o;
    struct buf *out;
    struct buf prefix, pending, text;
    size_t cuts[MARKDOWN_DEPTH]; /* length of prefix before each open container */
    unsigned depth;              /* open containers: quotes, panels, items */
    unsigned over;               /* open containers beyond MARKDOWN_DEPTH */
    struct list lists[LISTS];
    unsigned list_count;
    bool has_pending, fresh, first_in_item;
    char behind;
    struct md_inline inlines;
    int rc;
};

/* The text buffer for the next block; an error of the last one is kept. */
static void empty_text(struct md *w)
{
    w->rc = w->rc != RC_OK ? w->rc : w->text.rc;
    buf_clear(&w->text);
}

/* Keeps the first error. */
static void note_rc(struct md *w, int rc)
{
    w->rc = w->rc != RC_OK ? w->rc : rc;
}

/* ---- Lines --------------------------------------------------------------------------------------------- */

static void put_trimmed(struct md *w, struct span prefix)
{
    while (prefix.len > 0 && prefix.data[prefix.len - 1] == ' ') {
        prefix.len--;
    }
    buf_put_span(w->out, prefix);
}

/* Begins a line; `blank` ones have no spaces at their end. */
static void put_prefix(struct md *w, bool blank)
{
    struct span prefix = buf_span(w->has_pending ? &w->pending : &w->prefix);

    if (blank) {
        put_trimmed(w, prefix);
    } else {
        buf_put_span(w->out, prefix);
    }
    w->has_pending = false;
}

static void put_line(struct md *w, struct span line)
{
    put_prefix(w, line.len == 0);
    buf_put_span(w->out, line);
    buf_put_u8(w->out, '\n');
}

static void put_line_str(struct md *w, const char *line)
{
    put_line(w, span_str(line));
}

/* Text that may have several lines; a line feed at its end ends the last. */
static void put_lines(struct md *w, struct span text)
{
    while (text.len > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);

        put_line(w, span_of(text.data, len));
        len += feed == NULL ? 0 : 1;
        text = span_of(text.data + len, text.len - len);
    }
}

/* ---- Blocks between blocks --------------------------------------------------------------------------- */

static bool in_tight_list(const struct md *w, const struct note_node *node)
{
    const struct note_node *parent = node->parent;

    if (w->over > 0) {
        return false;
    }
    if (note_class_of(node) == NOTE_AS_ITEM) {
        return parent != NULL && !parent->loose;
    }
    return parent != NULL && note_class_of(parent) == NOTE_AS_ITEM && !parent->parent->loose;
}

/* Before every block: the empty line that keeps it apart from the one before. */
static void begin_block(struct md *w, const struct note_node *node)
{
    if (!w->fresh && !w->has_pending && !in_tight_list(w, node)) {
        put_line(w, (struct span){0});
    }
    w->fresh = false;
}

static void end_block(struct md *w)
{
    w->behind = 0;
    w->first_in_item = false;
    w->fresh = false;
}

static void put_html(struct md *w, const struct note_node *node)
{
    begin_block(w, node);
    empty_text(w);
    note_rc(w, w->o->html(w->o->context, node, &w->text));
    put_lines(w, buf_span(&w->text));
    end_block(w);
}

/* ---- Containers --------------------------------------------------------------------------------------- */

/* Opens a container whose first line begins with `first` and whose other lines with `rest`. */
static void push(struct md *w, const char *first, const char *rest, size_t spaces)
{
    if (w->depth == MARKDOWN_DEPTH) {
        w->over++;
        return;
    }
    w->cuts[w->depth++] = w->prefix.len;
    if (!w->has_pending) {
        note_rc(w, w->pending.rc);
        buf_clear(&w->pending);
        buf_put_span(&w->pending, buf_span(&w->prefix));
        w->has_pending = true;
    }
    buf_put_str(&w->pending, first);
    buf_put_str(&w->prefix, rest);
    for (size_t i = 0; i < spaces; i++) {
        buf_put_u8(&w->prefix, ' ');
    }
}

/* Whether the container about to be opened or closed is written flat. */
static bool is_flat(const struct md *w)
{
    return w->over > 0 || w->depth == MARKDOWN_DEPTH;
}

static void pop(struct md *w)
{
    if (w->over > 0) {
        w->over--;
        return;
    }
    if (w->has_pending) {
        put_prefix(w, true);
        buf_put_u8(w->out, '\n');
    }
    w->prefix.len = w->cuts[--w->depth];
    end_block(w);
}

static char other_than(const char *choices, char a, char b)
{
    while (*choices == a || *choices == b) {
        choices++;
    }
    return *choices;
}

static void enter_list(struct md *w, const struct note_node *node)
{
    bool ordered = node->kind == NOTE_ORDERED;
    char around = w->first_in_item && w->list_count > 0 ? w->lists[w->list_count - 1].marker : 0;
    int64_t start = ordered && node->props->has_start ? node->props->start : 1;

    if (node->first == NULL || is_flat(w)) {
        return;
    }
    begin_block(w, node);
    w->fresh = true;
    w->lists[w->list_count++] = (struct list){
        .marker = other_than(ordered ? ".)." : "-*+", w->behind, ordered ? 0 : around),
        .loose = node->loose,
        .number = start < 0 ? 0 : (uint32_t)start,
    };
}

static void leave_list(struct md *w, const struct note_node *node)
{
    if (node->first != NULL && !is_flat(w)) {
        end_block(w);
        w->behind = w->lists[--w->list_count].marker;
    }
}

static void enter_item(struct md *w, const struct note_node *node)
{
    struct list *list = is_flat(w) ? NULL : &w->lists[w->list_count - 1];
    const struct note_node *first = note_skip_blank(node->first);
    char marker[32] = "- ";
    size_t width = 2;

    if (is_flat(w)) {
        push(w, "", "", 0);
        return;
    }
    begin_block(w, node);
    if (node->parent->kind == NOTE_ORDERED) {
        width = (size_t)snprintf(marker, sizeof(marker), "%" PRIu32 "%c ", list->number, list->marker);
        list->number += list->number < 999999999 ? 1 : 0;
    } else {
        marker[0] = list->marker;
    }
    if (node->kind == NOTE_TASK) {
        strcat(marker, node->props->checked ? "[x] " : "[ ] ");
    } else if (node->kind == NOTE_DECISION) {
        strcat(marker, "\xe2\x9c\x8d ");
    }
    push(w, marker, "", width);
    w->fresh = true;
    w->first_in_item = true;
    w->behind = 0;
    if (node->kind == NOTE_TASK && first != NULL && !note_is_plain_paragraph(first)) {
        put_line(w, (struct span){0}); /* the box stands on a line of its own before anything but a paragraph */
        w->fresh = false;
        w->first_in_item = false;
    }
}

static void enter_quote(struct md *w, const struct note_node *node)
{
    if (!is_flat(w)) {
        begin_block(w, node);
    }
    push(w, "> ", "> ", 0);
    w->fresh = w->over == 0;
    w->first_in_item = false;
    w->behind = 0;
}

static void put_panel_title(struct md *w, const struct note_node *node)
{
    if (node->props->title.len > 0) {
        md_inline_begin(&w->inlines, MD_PARAGRAPH);
        md_inline_add_text(&w->inlines, node->props->title, 1u << NOTE_BOLD);
        empty_text(w);
        note_rc(w, md_inline_end(&w->inlines, &w->text));
        put_lines(w, buf_span(&w->text));
        w->fresh = false;
    }
}

/* Cozy's own: the kind before the first words, nothing before the other blocks. */
static void enter_cozy_panel(struct md *w, const struct note_node *node)
{
    static const char *const kinds[] = {
        ":info: ", ":note: ", ":success: ", ":success: ", ":warning: ", ":error: ", ":note: "};

    if (!is_flat(w)) {
        begin_block(w, node);
    }
    push(w, kinds[node->props->panel], "", 0);
    w->fresh = w->over == 0;
    w->first_in_item = false;
    w->behind = 0;
    if (w->over == 0) {
        put_panel_title(w, node);
    }
    if (w->has_pending && node->first != NULL && !note_is_plain_paragraph(node->first)) {
        put_line(w, (struct span){0});
        w->fresh = false;
    }
}

static void enter_panel(struct md *w, const struct note_node *node)
{
    static const char *const alerts[] = {"[!NOTE]",    "[!NOTE]",    "[!TIP]",      "[!TIP]",
                                         "[!WARNING]", "[!CAUTION]", "[!IMPORTANT]"};

    enter_quote(w, node);
    if (w->over > 0) {
        return;
    }
    put_line_str(w, alerts[node->props->panel]);
    put_panel_title(w, node);
    if (node->first != NULL && node->first->kind != NOTE_PARAGRAPH) {
        put_line(w, (struct span){0});
        w->fresh = true;
    }
}

/* ---- Details --------------------------------------------------------------------------------------------- */

static void enter_details(struct md *w, const struct note_node *node)
{
    begin_block(w, node);
    put_line_str(w, "<details>");
    empty_text(w);
    if (node->first != NULL && node->first->kind == NOTE_SUMMARY) {
        note_rc(w, w->o->html(w->o->context, node->first, &w->text));
    } else {
        buf_put_str(&w->text, "<summary>");
        escape_html_line(&w->text, node->props->title);
        buf_put_str(&w->text, "</summary>");
    }
    put_lines(w, buf_span(&w->text));
    end_block(w);
}

static void leave_details(struct md *w)
{
    put_line(w, (struct span){0});
    put_line_str(w, "</details>");
    end_block(w);
}

/* ---- Leaf blocks ------------------------------------------------------------------------------------------ */

static void put_inlines(struct md *w, const struct note_node *node, enum md_where where, unsigned steps)
{
    md_inline_begin(&w->inlines, where);
    md_inline_add(&w->inlines, node, steps);
    note_rc(w, md_inline_end(&w->inlines, &w->text));
}

static void put_paragraph(struct md *w, const struct note_node *node, unsigned steps)
{
    if (note_is_blank(node)) {
        return;
    }
    if (!w->o->plain_align && !note_is_plain(node)) {
        put_html(w, node);
        return;
    }
    begin_block(w, node);
    empty_text(w);
    put_inlines(w, node, MD_PARAGRAPH, steps);
    put_lines(w, buf_span(&w->text));
    end_block(w);
}

static void put_heading(struct md *w, const struct note_node *node)
{
    unsigned level = node->props->level == 0 ? 1 : node->props->level;

    if (!w->o->plain_align && !note_is_plain(node)) {
        put_html(w, node);
        return;
    }
    begin_block(w, node);
    empty_text(w);
    buf_put(&w->text, "######", level);
    if (!note_is_blank(node)) {
        buf_put_u8(&w->text, ' ');
        put_inlines(w, node, MD_HEADING, 0);
    }
    put_lines(w, buf_span(&w->text));
    end_block(w);
}

static void put_rule(struct md *w, const struct note_node *node)
{
    bool beside_marker = w->has_pending; /* "- ---" would be one long rule */

    begin_block(w, node);
    put_line_str(w, beside_marker ? "___" : "---");
    end_block(w);
}

/* The words of a code block, line ends as one line feed. */
static void collect_text(const struct note_node *node, struct buf *out)
{
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        for (size_t i = 0; i < child->text.len; i++) {
            uint8_t c = child->text.data[i];

            if (c == '\r') {
                c = '\n';
                i += i + 1 < child->text.len && child->text.data[i + 1] == '\n' ? 1 : 0;
            }
            if ((c < 32 && c != '\n' && c != '\t') || c == 127) {
                buf_put_str(out, "\xef\xbf\xbd");
            } else {
                buf_put_u8(out, c);
            }
        }
    }
}

/* A fence, an info string, and the node's text between. */
static void put_fenced(struct md *w, const struct note_node *node, struct span info)
{
    size_t fence = 0;

    begin_block(w, node);
    empty_text(w);
    collect_text(node, &w->text);
    fence = md_longest_run(buf_span(&w->text), '`') + 1;
    fence = fence < 3 ? 3 : fence;
    if (w->text.len > 0) {
        buf_put_u8(&w->text, '\n');
    }
    put_prefix(w, false);
    for (size_t i = 0; i < fence; i++) {
        buf_put_u8(w->out, '`');
    }
    buf_put_span(w->out, info);
    buf_put_u8(w->out, '\n');
    put_lines(w, buf_span(&w->text));
    put_prefix(w, false);
    for (size_t i = 0; i < fence; i++) {
        buf_put_u8(w->out, '`');
    }
    buf_put_u8(w->out, '\n');
    end_block(w);
}

static void put_math(struct md *w, const struct note_node *node)
{
    empty_text(w);
    collect_text(node, &w->text);
    if (!md_math_is_plain(buf_span(&w->text))) {
        put_fenced(w, node, span_str("math"));
        return;
    }
    begin_block(w, node);
    put_line_str(w, "$$");
    put_lines(w, buf_span(&w->text));
    put_line_str(w, "$$");
    end_block(w);
}

static void put_table(struct md *w, const struct note_node *node)
{
    int rc = RC_LIMIT;

    if (node->first == NULL) {
        return;
    }
    empty_text(w);
    if (w->o->flat_tables || md_table_is_simple(node)) {
        rc = md_table_write(node, &w->inlines, &w->text);
    }
    if (rc == RC_LIMIT) {
        put_html(w, node);
        return;
    }
    note_rc(w, rc);
    begin_block(w, node);
    put_lines(w, buf_span(&w->text));
    end_block(w);
}

/* Images and files on a line of their own, the caption in italics on the next. */
static void put_media(struct md *w, const struct note_node *node)
{
    const struct note_props *p = node->props;

    md_inline_begin(&w->inlines, MD_PARAGRAPH);
    md_inline_add(&w->inlines, node, 0);
    if (p->caption.len > 0) {
        md_inline_add_break(&w->inlines);
        md_inline_add_text(&w->inlines, p->caption, 1u << NOTE_ITALIC);
    }
    empty_text(w);
    note_rc(w, md_inline_end(&w->inlines, &w->text));
    if (w->text.len > 0) {
        begin_block(w, node);
        put_lines(w, buf_span(&w->text));
        end_block(w);
    }
}

static void put_page_break(struct md *w, const struct note_node *node)
{
    begin_block(w, node);
    put_line_str(w, "<div style=\"page-break-after:always\"></div>");
    end_block(w);
}

/* Markdown that a person wrote: as it is. */
static void put_source(struct md *w, const struct note_node *node)
{
    begin_block(w, node);
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        buf_put_span(w->out, child->text);
    }
    if (w->out->len > 0 && w->out->data[w->out->len - 1] != '\n') {
        buf_put_u8(w->out, '\n');
    }
    end_block(w);
}

static void enter_unknown(struct md *w, const struct note_node *node)
{
    struct span name = escape_word(node->name);

    if (w->o->nodes && !node->is_inline && name.len > 0) {
        begin_block(w, node);
        empty_text(w);
        buf_put_str(&w->text, "<!-- node: ");
        buf_put_span(&w->text, name);
        buf_put_str(&w->text, " -->");
        put_lines(w, buf_span(&w->text));
        end_block(w);
    }
}

/* ---- The walk ------------------------------------------------------------------------------------------------ */

/* Blocks without blocks in them: written at once, their children are not walked. */
static bool put_leaf_block(struct md *w, const struct note_node *node)
{
    switch (node->kind) {
    case NOTE_PARAGRAPH:
        put_paragraph(w, node, 0);
        return true;
    case NOTE_CAPTION:
        put_paragraph(w, node, 1u << NOTE_ITALIC);
        return true;
    case NOTE_HEADING:
        put_heading(w, node);
        return true;
    case NOTE_RULE:
        put_rule(w, node);
        return true;
    case NOTE_CODE:
        put_fenced(w, node, escape_word(node->props->language));
        return true;
    case NOTE_MATH_BLOCK:
        put_math(w, node);
        return true;
    case NOTE_TABLE:
        put_table(w, node);
        return true;
    case NOTE_IMAGE:
    case NOTE_FILE:
    case NOTE_AUDIO:
    case NOTE_VIDEO:
    case NOTE_EMBED:
        put_media(w, node);
        return true;
    case NOTE_PAGE_BREAK:
        put_page_break(w, node);
        return true;
    case NOTE_MARKDOWN:
        put_source(w, node);
        return true;
    case NOTE_SUMMARY: /* written with its details */
        return true;
    default:
        return false;
    }
}

static void enter_node(struct md *w, const struct note_node *node)
{
    if (note_is_list(node)) {
        enter_list(w, node);
    } else if (note_class_of(node) == NOTE_AS_ITEM) {
        enter_item(w, node);
    } else if (node->kind == NOTE_QUOTE) {
        enter_quote(w, node);
    } else if (node->kind == NOTE_PANEL && w->o->cozy) {
        enter_cozy_panel(w, node);
    } else if (node->kind == NOTE_PANEL) {
        enter_panel(w, node);
    } else if (node->kind == NOTE_UNKNOWN) {
        enter_unknown(w, node);
    } else if (node->kind == NOTE_DETAILS) {
        enter_details(w, node);
    }
}

static void leave_node(struct md *w, const struct note_node *node)
{
    if (note_is_list(node)) {
        leave_list(w, node);
    } else if (note_class_of(node) == NOTE_AS_ITEM || node->kind == NOTE_QUOTE || node->kind == NOTE_PANEL) {
        pop(w);
    } else if (node->kind == NOTE_DETAILS) {
        leave_details(w);
    }
}

static void write_tree(struct md *w, const struct note_node *doc)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;

    note_walk_init(&walk, doc);
    while (w->rc == RC_OK && w->out->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (!entering) {
            leave_node(w, node);
        } else if (!put_leaf_block(w, node)) {
            enter_node(w, node);
        } else if (note_has_exit(node)) {
            note_walk_skip(&walk, node);
        }
    }
}

int markdown_write(const struct note_node *doc, const struct markdown_options *options, struct buf *out)
{
    struct md w = {.o = options, .out = out, .fresh = true, .inlines = {.images = options->images}};
    size_t before = out->len;

    write_tree(&w, doc);
    empty_text(&w);
    note_rc(&w, out->rc);
    note_rc(&w, w.prefix.rc);
    note_rc(&w, w.pending.rc);
    md_inline_finish(&w.inlines);
    buf_finish(&w.prefix);
    buf_finish(&w.pending);
    buf_finish(&w.text);
    if (w.rc != RC_OK) {
        out->len = before;
    }
    return w.rc;
}
