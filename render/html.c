#include "render/html.h"
#include <inttypes.h>
#include <string.h>
#include "render/escape.h"
#include "render/html_page.h"
#include "render/html_parts.h"

/* What Markdown cannot say stands in attributes that editors read when the HTML is opened in them
 * (tests/render/reopen.mjs does so): data-type with data-checked, data-id, data-latex and data-name are Tiptap's,
 * data-list is Quill's, data-colwidth prosemirror-tables', and the classes of tasks are GitHub's, which Lexical knows.
 *
 * One walk over the tree: enter_node and leave_node write the tags of a node, and between inlines html_change_marks
 * closes and opens what differs. `opened` holds the marks that really have a tag open: a link with a refused URL, for
 * one, has none.
 *
 * Blocks end with a line feed. In a tight item, and alone in a cell, a paragraph has no tags of its own, as in
 * CommonMark's HTML. */

/* ---- Blocks --------------------------------------------------------------------------------------- */

/* Whether an item of a tight list may hold this paragraph without tags: it has words, unless it is all of the item, and
 * no other paragraph to be kept apart from. */
static bool is_bare_in(const struct note_node *item, const struct note_node *node)
{
    bool beside_first = node != item->first && item->first->kind == NOTE_PARAGRAPH;
    bool before_next = node->next != NULL && node->next->kind == NOTE_PARAGRAPH;

    return (item->first == item->last || !note_is_blank(node)) && !beside_first && !before_next;
}

/* A paragraph without tags: in a tight list, or the only one of a cell. */
static bool is_bare(const struct note_node *node)
{
    const struct note_node *parent = node->parent;

    if (parent == NULL || node->kind != NOTE_PARAGRAPH) {
        return false;
    }
    if (note_class_of(parent) == NOTE_AS_ITEM) {
        return !parent->parent->loose && note_is_plain(node) && is_bare_in(parent, node);
    }
    return note_class_of(parent) == NOTE_AS_CELL && parent->first == parent->last;
}

static void heading_text(const struct note_node *heading, struct buf *out)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;

    note_walk_init(&walk, heading);
    while (note_walk_next(&walk, &node, &entering)) {
        if (entering && node->kind == NOTE_TEXT) {
            buf_put_span(out, node->text);
        } else if (entering && node->kind == NOTE_BREAK) {
            buf_put_u8(out, ' ');
        }
    }
}

static void put_anchor(struct html *w, const struct note_node *node)
{
    struct buf slug = {0};

    if (w->o->compact) {
        return;
    }
    html_scratch(w);
    heading_text(node, &w->scratch);
    if (slugs_put(&w->slugs, buf_span(&w->scratch), &slug) != RC_OK) {
        w->rc = RC_NOMEM;
    }
    html_put_attr(w, "id", buf_span(&slug));
    buf_finish(&slug);
}

static unsigned heading_level(const struct html *w, const struct note_node *node)
{
    unsigned level = (node->props->level == 0 ? 1 : node->props->level) + w->shift;

    return level > 6 ? 6 : level;
}

static void enter_heading(struct html *w, const struct note_node *node)
{
    html_put_str(w, "<h");
    buf_put_u8(w->out, (uint8_t)('0' + heading_level(w, node)));
    put_anchor(w, node);
    if (w->shift > 0) {
        buf_printf(w->out, " data-level=\"%u\"", node->props->level);
    }
    html_put_direction(w, node);
    html_put_block_style(w, node->props);
    html_put_str(w, ">");
}

static const char *list_style_type(struct span style)
{
    static const char *const names[][2] = {
        {"a", "a"},           {"A", "A"},           {"i", "i"},           {"I", "I"},
        {"lower-alpha", "a"}, {"upper-alpha", "A"}, {"lower-roman", "i"}, {"upper-roman", "I"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (span_equal(style, span_str(names[i][0]))) {
            return names[i][1];
        }
    }
    return NULL;
}

static void enter_ordered(struct html *w, const struct note_node *node)
{
    const char *type = list_style_type(node->props->list_style);

    html_put_str(w, "<ol");
    if (node->props->has_start && node->props->start != 1) {
        buf_printf(w->out, " start=\"%" PRId64 "\"", node->props->start);
    }
    if (type != NULL) {
        html_put_attr(w, "type", span_str(type));
    }
    html_put_direction(w, node);
    html_put_str(w, ">\n");
}

/* Tiptap takes the first <div> in a task, however deep it lies, for all of the task. */
static bool is_boxed(const struct html *w, const struct note_node *item)
{
    return item->kind == NOTE_TASK && item->divided && !w->o->compact;
}

/* The class is GitHub's. */
static void put_task_attrs(struct html *w, bool checked)
{
    html_put_attr(w, "class", span_str("task-list-item"));
    html_put_data(w, "data-type", span_str("taskItem"));
    html_put_data(w, "data-checked", span_str(checked ? "true" : "false"));
    html_put_data(w, "data-list", span_str(checked ? "checked" : "unchecked"));
}

static void enter_item(struct html *w, const struct note_node *node)
{
    bool task = node->kind == NOTE_TASK, checked = node->props->checked;

    html_put_str(w, "<li");
    if (task) {
        put_task_attrs(w, checked);
    }
    html_put_direction(w, node);
    html_put_str(w, ">");
    if (task) {
        html_put_str(w, "<input type=\"checkbox\" disabled");
        html_put_str(w, checked ? " checked" : "");
        html_put_attr(w, "aria-label", span_str(html_label(w, checked ? LABEL_DONE : LABEL_OPEN)));
        html_put_str(w, is_boxed(w, node) ? "> <div>" : "> ");
    }
}

static void enter_panel(struct html *w, const struct note_node *node)
{
    static const char *const kinds[] = {"info", "note", "success", "tip", "warning", "error", "custom"};
    const struct note_props *p = node->props;

    buf_printf(w->out, "<aside class=\"panel panel-%s\" role=\"note\"", kinds[p->panel]);
    html_put_attr(w, "aria-label", span_str(html_label(w, LABEL_PANEL + (unsigned)p->panel)));
    html_put_attr(w, "data-icon", p->icon);
    html_scratch(w);
    html_style_color(w, "background-color", p->background);
    (void)html_put_style(w);
    html_put_direction(w, node);
    html_put_str(w, ">\n");
    if (p->title.len > 0) {
        html_put_str(w, "<p><strong>");
        html_put_escaped(w, p->title);
        html_put_str(w, "</strong></p>\n");
    }
}

/* What is hidden has an element of its own, as in Tiptap. */
static void open_details_content(struct html *w)
{
    html_put_str(w, w->o->compact ? "" : "<div data-type=\"detailsContent\">\n");
}

static void enter_details(struct html *w, const struct note_node *node)
{
    html_put_str(w, w->o->page ? "<details open>" : "<details>");
    if (node->first == NULL || node->first->kind != NOTE_SUMMARY) {
        html_put_str(w, "<summary>");
        html_put_escaped(w, node->props->title.len > 0 ? node->props->title : span_str(html_label(w, LABEL_DETAILS)));
        html_put_str(w, "</summary>\n");
        open_details_content(w);
    }
}

static void enter_code(struct html *w, const struct note_node *node)
{
    struct span language = escape_word(node->props->language);

    html_put_str(w, "<pre");
    html_put_data(w, "data-language", language);
    html_put_str(w, "><code");
    if (language.len > 0) {
        html_put_str(w, " class=\"language-");
        escape_html_line(w->out, language);
        html_put_str(w, "\"");
    }
    html_put_str(w, ">");
}

/* ---- The walk ------------------------------------------------------------------------------------------ */

static void enter_unknown(struct html *w, const struct note_node *node)
{
    html_put_str(w, node->is_inline ? "<span" : "<div");
    html_put_attr(w, "data-node", node->name);
    html_put_str(w, node->is_inline ? ">" : ">\n");
}

static void enter_math(struct html *w, const struct note_node *node)
{
    bool block = node->kind == NOTE_MATH_BLOCK, whole = node->first != NULL && node->first == node->last;

    html_put_str(w, block ? "<div class=\"math\"" : "<span class=\"math\"");
    html_put_data(w, "data-type", span_str(block ? "block-math" : "inline-math"));
    html_put_data(w, "data-latex", whole ? node->first->text : node->props->latex);
    html_put_str(w, ">");
}

static void enter_node(struct html *w, const struct note_node *node)
{
    if (node->is_inline) {
        html_change_marks(w, node->marks);
    }
    switch (node->kind) {
    case NOTE_PARAGRAPH:
        if (!is_bare(node)) {
            html_put_str(w, "<p");
            html_put_direction(w, node);
            html_put_block_style(w, node->props);
            html_put_str(w, ">");
        }
        break;
    case NOTE_HEADING:
        enter_heading(w, node);
        break;
    case NOTE_QUOTE:
        html_enter_block(w, node, "<blockquote");
        break;
    case NOTE_BULLETS:
        html_enter_block(w, node, "<ul");
        break;
    case NOTE_TASKS:
        html_put_str(w, "<ul class=\"contains-task-list\"");
        html_put_data(w, "data-type", span_str("taskList"));
        html_enter_block(w, node, "");
        break;
    case NOTE_DECISIONS:
        html_enter_block(w, node, "<ul class=\"decisions\"");
        break;
    case NOTE_ORDERED:
        enter_ordered(w, node);
        break;
    case NOTE_ITEM:
    case NOTE_TASK:
    case NOTE_DECISION:
        enter_item(w, node);
        break;
    case NOTE_CODE:
        enter_code(w, node);
        break;
    case NOTE_PANEL:
        enter_panel(w, node);
        break;
    case NOTE_DETAILS:
        enter_details(w, node);
        break;
    case NOTE_SUMMARY:
        html_put_str(w, "<summary>");
        if (note_is_heading(node)) {
            enter_heading(w, node);
        }
        break;
    case NOTE_TABLE:
        html_enter_table(w, node);
        break;
    case NOTE_ROW:
        html_enter_row(w, node);
        break;
    case NOTE_HEADER:
    case NOTE_CELL:
        html_enter_cell(w, node);
        break;
    case NOTE_FIGURE:
        html_put_str(w, "<figure>\n");
        break;
    case NOTE_CAPTION:
        html_put_str(w, "<figcaption>");
        break;
    case NOTE_COLUMNS:
        html_put_str(w, "<div class=\"columns\">\n");
        break;
    case NOTE_COLUMN:
        html_put_str(w, "<div class=\"column\">\n");
        break;
    case NOTE_MATH:
    case NOTE_MATH_BLOCK:
        enter_math(w, node);
        break;
    case NOTE_MARKDOWN:
        html_put_str(w, "<pre class=\"markdown\">");
        break;
    case NOTE_UNKNOWN:
        enter_unknown(w, node);
        break;
    default:
        break;
    }
}

static const char *end_tag(const struct html *w, const struct note_node *node)
{
    switch (node->kind) {
    case NOTE_PARAGRAPH:
        return is_bare(node) ? "" : "</p>\n"; /* Quill does not see that a line ends at a list behind white space */
    case NOTE_QUOTE:
        return "</blockquote>\n";
    case NOTE_BULLETS:
    case NOTE_TASKS:
    case NOTE_DECISIONS:
        return "</ul>\n";
    case NOTE_ORDERED:
        return "</ol>\n";
    case NOTE_ITEM:
    case NOTE_TASK:
    case NOTE_DECISION:
        return is_boxed(w, node) ? "</div></li>\n" : "</li>\n";
    case NOTE_CODE:
        return "</code></pre>\n";
    case NOTE_PANEL:
        return "</aside>\n";
    case NOTE_DETAILS:
        return w->o->compact ? "</details>\n" : "</div>\n</details>\n";
    case NOTE_SUMMARY:
        return "</summary>\n";
    case NOTE_TABLE:
        return "</table>\n";
    case NOTE_HEADER:
        return "</th>";
    case NOTE_CELL:
        return "</td>";
    case NOTE_FIGURE:
        return "</figure>\n";
    case NOTE_CAPTION:
        return "</figcaption>\n";
    case NOTE_COLUMNS:
    case NOTE_COLUMN:
    case NOTE_MATH_BLOCK:
        return "</div>\n";
    case NOTE_MATH:
        return "</span>";
    case NOTE_MARKDOWN:
        return "</pre>\n";
    case NOTE_UNKNOWN:
        return node->is_inline ? "</span>" : "</div>\n";
    default:
        return "";
    }
}

static void leave_node(struct html *w, const struct note_node *node)
{
    if (note_content_of(node) == NOTE_HOLDS_INLINES || note_content_of(node) == NOTE_HOLDS_TEXT) {
        html_change_marks(w, node->is_inline ? node->marks : NULL);
    }
    if (note_is_heading(node)) {
        html_put_str(w, "</h");
        buf_put_u8(w->out, (uint8_t)('0' + heading_level(w, node)));
        html_put_str(w, node->kind == NOTE_HEADING ? ">\n" : ">");
    }
    if (node->kind == NOTE_ROW) {
        html_leave_row(w, node);
    } else {
        w->cells -= note_class_of(node) == NOTE_AS_CELL ? 1 : 0;
        html_put_str(w, end_tag(w, node));
        if (node->kind == NOTE_SUMMARY) {
            open_details_content(w);
        }
    }
}

static void write_tree(struct html *w, const struct note_node *root)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;

    note_walk_init(&walk, root);
    while (w->out->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (!note_has_exit(node)) {
            html_put_leaf(w, node);
        } else if (entering) {
            enter_node(w, node);
        } else {
            leave_node(w, node);
        }
    }
}

static unsigned count_top_headings(const struct note_node *root)
{
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;
    unsigned count = 0;

    note_walk_init(&walk, root);
    while (note_walk_next(&walk, &node, &entering)) {
        count += entering && note_is_heading(node) && node->props->level <= 1 ? 1 : 0;
    }
    return count;
}

/* A page has one h1: the note's own when there is just one, else the title, with the note's headings below it. */
static void write_page(struct html *w, const struct note_node *root)
{
    unsigned tops = count_top_headings(root);
    struct span lang = w->o->lang.len > 0 ? w->o->lang : span_str(w->o->french ? "fr" : "en");

    w->shift = tops > 1 ? 1 : 0;
    html_page_begin(w->out, lang, w->o->title, tops != 1 && w->o->title.len > 0, w->o->images);
    write_tree(w, root);
    html_page_end(w->out);
}

int html_write(const struct note_node *root, const struct html_options *options, struct buf *out)
{
    struct html w = {.o = options, .out = out};
    size_t before = out->len;

    if (options->page) {
        write_page(&w, root);
    } else {
        write_tree(&w, root);
    }
    html_scratch(&w);
    w.rc = w.rc != RC_OK ? w.rc : out->rc;
    slugs_finish(&w.slugs);
    buf_finish(&w.scratch);
    if (w.rc != RC_OK) {
        out->len = before;
    }
    return w.rc;
}
