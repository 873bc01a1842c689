#include "render/html.h"
#include <inttypes.h>
#include <string.h>
#include "render/direction.h"
#include "render/escape.h"
#include "render/html_page.h"
#include "render/slugs.h"
#include "render/time_text.h"

/* What Markdown cannot say stands in attributes that editors read when the HTML is opened in them
 * (tests/render/reopen.mjs does so): data-type with data-checked, data-id, data-latex and data-name are Tiptap's,
 * data-list is Quill's, data-colwidth prosemirror-tables', and the classes of tasks are GitHub's, which Lexical knows.
 *
 * One walk over the tree: enter_node and leave_node write the tags of a node, and between inlines change_marks closes
 * and opens what differs. `opened` holds the marks that really have a tag open: a link with a refused URL, for one, has
 * none.
 *
 * Blocks end with a line feed. In a tight item, and alone in a cell, a paragraph has no tags of its own, as in
 * CommonMark's HTML. */

struct html {
    const struct html_options *o;
    struct buf *out;
    const struct note_marks *marks; /* of the inline written last */
    unsigned opened;                /* bit 1 << step */
    unsigned shift;                 /* added to heading levels */
    struct slugs slugs;
    struct buf scratch;
    int rc;
};

/* ---- Labels ------------------------------------------------------------------------------------- */

enum label { LABEL_DONE, LABEL_OPEN, LABEL_DETAILS, LABEL_PANEL /* … and the other kinds of panel */ };

static const char *label(const struct html *w, unsigned which)
{
    static const char *const texts[][2] = {
        {"done", "fait"},     {"to do", "à faire"},       {"Details", "Détails"}, {"Information", "Information"},
        {"Note", "Remarque"}, {"Success", "Succès"},      {"Tip", "Conseil"},     {"Warning", "Attention"},
        {"Error", "Erreur"},  {"Important", "Important"},
    };

    return texts[which][w->o->french ? 1 : 0];
}

/* The scratch buffer for the next use; an error of the last one is kept. */
static void empty_scratch(struct html *w)
{
    w->rc = w->rc != RC_OK ? w->rc : w->scratch.rc;
    buf_clear(&w->scratch);
}

static void put(struct html *w, const char *text)
{
    buf_put_str(w->out, text);
}

static void put_escaped(struct html *w, struct span text)
{
    if (w->o->compact) {
        escape_html_line(w->out, text);
    } else {
        escape_html(w->out, text);
    }
}

static void put_attr(struct html *w, const char *name, struct span value)
{
    if (value.len > 0) {
        buf_put_u8(w->out, ' ');
        put(w, name);
        put(w, "=\"");
        escape_html_line(w->out, value);
        buf_put_u8(w->out, '"');
    }
}

/* What only matters to an editor that opens the HTML: not in Markdown. */
static void put_data(struct html *w, const char *name, struct span value)
{
    if (!w->o->compact) {
        put_attr(w, name, value);
    }
}

/* ` name="URL"`; false, and nothing written, when the URL may not stand here. */
static bool put_url(struct html *w, const char *name, struct span url, bool image)
{
    empty_scratch(w);
    if (!escape_url(&w->scratch, url, image && w->o->images)) {
        return false;
    }
    put_attr(w, name, buf_span(&w->scratch));
    return true;
}

/* ---- Styles -------------------------------------------------------------------------------------- */

/* Collects declarations in `scratch`; put_style writes the attribute when there are any. */
static void style_color(struct html *w, const char *property, struct span color)
{
    if (escape_is_color(color)) {
        buf_put_str(&w->scratch, w->scratch.len > 0 ? ";" : "");
        buf_put_str(&w->scratch, property);
        buf_put_u8(&w->scratch, ':');
        buf_put_span(&w->scratch, color);
    }
}

static bool put_style(struct html *w)
{
    put_attr(w, "style", buf_span(&w->scratch));
    return w->scratch.len > 0;
}

static const char *align_name(enum note_align align)
{
    static const char *const names[] = {"", "left", "center", "right", "justify"};

    return names[align];
}

/* Inside Markdown nothing is said: the reader decides for the whole. */
static void put_direction(struct html *w, const struct note_node *block)
{
    put(w, !w->o->compact && direction_is_rtl(block) ? " dir=\"rtl\"" : "");
}

static void put_block_style(struct html *w, const struct note_props *p)
{
    empty_scratch(w);
    if (p->align > NOTE_LEFT) {
        buf_printf(&w->scratch, "text-align:%s", align_name(p->align));
    }
    if (p->indent > 0) {
        buf_printf(&w->scratch, "%smargin-left:%uem", w->scratch.len > 0 ? ";" : "", p->indent * 2);
    }
    style_color(w, "color", p->color);
    style_color(w, "background-color", p->background);
    (void)put_style(w);
}

/* ---- Marks ------------------------------------------------------------------------------------------ */

static bool open_link(struct html *w, const struct note_marks *m)
{
    size_t before = w->out->len;

    put(w, "<a");
    if (!put_url(w, "href", m->href, false)) {
        w->out->len = before;
        return false;
    }
    put_attr(w, "title", m->title);
    put(w, ">");
    return true;
}

static bool open_style(struct html *w, const struct note_marks *m)
{
    empty_scratch(w);
    if (!escape_text_style(&w->scratch, m->color, m->size, m->family)) {
        return false;
    }
    put(w, "<span");
    (void)put_style(w);
    put(w, ">");
    return true;
}

static bool open_background(struct html *w, const struct note_marks *m)
{
    empty_scratch(w);
    style_color(w, "background", m->background);
    put(w, "<mark");
    put_data(w, "data-color", escape_is_color(m->background) ? m->background : (struct span){0});
    (void)put_style(w);
    put(w, ">");
    return true;
}

static bool open_comment(struct html *w, const struct note_marks *m)
{
    if (!w->o->comments) {
        return false;
    }
    put(w, "<span");
    put_attr(w, "data-comment", m->comment);
    put(w, ">");
    return true;
}

static const char *const mark_tags[NOTE_STEPS] = {
    "a", "span", "span", "mark", "strong", "em", "s", "u", "sub", "sup", "code",
};

static bool open_mark(struct html *w, const struct note_marks *m, enum note_step step)
{
    switch (step) {
    case NOTE_LINK:
        return open_link(w, m);
    case NOTE_COMMENT:
        return open_comment(w, m);
    case NOTE_STYLE:
        return open_style(w, m);
    case NOTE_BACKGROUND:
        return open_background(w, m);
    default:
        put(w, "<");
        put(w, mark_tags[step]);
        put(w, ">");
        return true;
    }
}

static void change_marks(struct html *w, const struct note_marks *to)
{
    int from = (int)note_marks_differ(w->marks, to);

    for (int step = NOTE_STEPS - 1; step >= from; step--) {
        if ((w->opened & 1u << step) != 0) {
            put(w, "</");
            put(w, mark_tags[step]);
            put(w, ">");
        }
    }
    w->opened &= (1u << from) - 1;
    for (int step = from; step < NOTE_STEPS; step++) {
        if (note_marks_has(to, (enum note_step)step) && open_mark(w, to, (enum note_step)step)) {
            w->opened |= 1u << step;
        }
    }
    w->marks = to;
}

/* ---- Leaves --------------------------------------------------------------------------------------- */

static struct span first_of(struct span a, struct span b, struct span c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

static void put_size(struct html *w, const char *name, double size)
{
    if (size >= 1) {
        buf_printf(w->out, " %s=\"%.0f\"", name, size);
    }
}

static bool is_elsewhere(struct span url)
{
    return url.len < 5 || memcmp(url.data, "data:", 5) != 0;
}

/* A picture that cannot be shown: its words, and where it stands. */
static void put_img_words(struct html *w, const struct note_node *node)
{
    size_t before = w->out->len;
    bool linked;

    put(w, "<a class=\"image\"");
    linked = put_url(w, "href", node->props->url, false);
    if (!linked) {
        w->out->len = before;
        put(w, "<span class=\"image\"");
    }
    put(w, ">");
    put_escaped(w, note_label(node));
    put(w, linked ? "</a>" : "</span>");
}

static void put_img(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    size_t before = w->out->len;

    put(w, "<img");
    if ((w->o->offline && is_elsewhere(p->url)) || !put_url(w, "src", p->url, true)) {
        w->out->len = before;
        put_img_words(w, node);
        return;
    }
    put(w, " alt=\"");
    escape_html_line(w->out, first_of(p->alt, p->caption, p->name));
    put(w, "\"");
    put_attr(w, "title", p->title);
    put_size(w, "width", p->width);
    put_size(w, "height", p->height);
    put(w, ">");
}

static void put_caption(struct html *w, struct span caption)
{
    if (caption.len > 0) {
        put(w, "<figcaption>");
        put_escaped(w, caption);
        put(w, "</figcaption>");
    }
}

static void put_image(struct html *w, const struct note_node *node)
{
    bool figure = !node->is_inline && node->parent->kind != NOTE_FIGURE;

    put(w, figure ? "<figure>" : "");
    put_img(w, node);
    if (!node->is_inline) {
        put_caption(w, node->props->caption);
    }
    put(w, figure ? "</figure>\n" : "");
}

/* A link to what cannot be shown in place. */
static void put_file(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    struct span words =
        node->kind == NOTE_EMBED ? first_of(p->title, p->label, p->caption) : first_of(p->name, p->title, p->label);
    size_t before = w->out->len;
    bool linked = false;

    put(w, node->is_inline ? "" : "<p>");
    before = w->out->len;
    put(w, "<a");
    linked = put_url(w, "href", p->url, false);
    if (linked) {
        put(w, node->kind == NOTE_EMBED ? "" : " download");
        put_attr(w, "data-node", node->name);
        put(w, ">");
    } else {
        w->out->len = before;
    }
    put_escaped(w, words.len > 0 ? words : note_label(node));
    put(w, linked ? "</a>" : "");
    if (p->caption.len > 0 && p->caption.data != words.data) {
        put(w, " – ");
        put_escaped(w, p->caption);
    }
    put(w, node->is_inline ? "" : "</p>\n");
}

static void put_player(struct html *w, const struct note_node *node)
{
    const char *tag = node->kind == NOTE_AUDIO ? "audio" : "video";
    const struct note_props *p = node->props;
    size_t before = w->out->len;

    if (node->is_inline || w->o->offline) {
        put_file(w, node);
        return;
    }
    put(w, "<figure><");
    put(w, tag);
    put(w, " controls");
    if (!put_url(w, "src", p->url, false)) {
        w->out->len = before;
        put_file(w, node);
        return;
    }
    put_size(w, "width", p->width);
    put_attr(w, "aria-label", note_label(node));
    put(w, "></");
    put(w, tag);
    put(w, ">");
    put_caption(w, first_of(p->caption, p->name, p->title));
    put(w, "</figure>\n");
}

static void put_mention(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    struct span words = note_label(node);
    bool linked = false;
    size_t before = w->out->len;

    put(w, "<a class=\"mention\"");
    linked = put_url(w, "href", p->url, false);
    if (!linked) {
        w->out->len = before;
        put(w, "<span class=\"mention\"");
    }
    put_data(w, "data-type", span_str("mention"));
    put_attr(w, "data-id", p->id);
    put_data(w, "data-label", p->label);
    put(w, ">");
    put(w, linked || (words.len > 0 && words.data[0] == '@') ? "" : "@");
    put_escaped(w, words.len > 0 ? words : p->id);
    put(w, linked ? "</a>" : "</span>");
}

static void put_date(struct html *w, const struct note_node *node)
{
    char day[TIME_TEXT_DAY] = "";

    if (!node->props->has_time) {
        put_escaped(w, note_label(node));
        return;
    }
    time_text_day(node->props->local_time, day);
    buf_printf(w->out, "<time datetime=\"%s\" data-ts=\"%" PRId64 "\">%s</time>", day, node->props->time, day);
}

static void put_status(struct html *w, const struct note_node *node)
{
    struct span color = escape_word(node->props->color);

    put(w, "<span class=\"status");
    if (color.len > 0 && color.data[0] != '#') {
        put(w, " status-");
        escape_html_line(w->out, color);
    }
    put(w, "\">");
    put_escaped(w, note_label(node));
    put(w, "</span>");
}

static void put_emoji(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;

    if (p->icon.len > 0) {
        put_escaped(w, p->icon);
    } else if (p->name.len > 0 && p->name.data[0] != ':') {
        put(w, "<span");
        put_data(w, "data-type", span_str("emoji"));
        put_data(w, "data-name", p->name);
        put(w, ">:");
        put_escaped(w, p->name);
        put(w, ":</span>");
    } else {
        put_escaped(w, note_label(node));
    }
}

static void put_leaf(struct html *w, const struct note_node *node)
{
    if (node->is_inline) {
        change_marks(w, node->marks);
    }
    switch (node->kind) {
    case NOTE_TEXT:
        put_escaped(w, node->text);
        break;
    case NOTE_BREAK:
        put(w, "<br>");
        break;
    case NOTE_RULE:
        put(w, "<hr>\n");
        break;
    case NOTE_PAGE_BREAK:
        put(w, "<div class=\"page-break\" style=\"page-break-after:always\"></div>\n");
        break;
    case NOTE_IMAGE:
        put_image(w, node);
        break;
    case NOTE_AUDIO:
    case NOTE_VIDEO:
        put_player(w, node);
        break;
    case NOTE_FILE:
    case NOTE_EMBED:
        put_file(w, node);
        break;
    case NOTE_MENTION:
        put_mention(w, node);
        break;
    case NOTE_DATE:
        put_date(w, node);
        break;
    case NOTE_STATUS:
        put_status(w, node);
        break;
    case NOTE_EMOJI:
        put_emoji(w, node);
        break;
    default:
        break;
    }
}

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
    empty_scratch(w);
    heading_text(node, &w->scratch);
    if (slugs_put(&w->slugs, buf_span(&w->scratch), &slug) != RC_OK) {
        w->rc = RC_NOMEM;
    }
    put_attr(w, "id", buf_span(&slug));
    buf_finish(&slug);
}

static unsigned heading_level(const struct html *w, const struct note_node *node)
{
    unsigned level = (node->props->level == 0 ? 1 : node->props->level) + w->shift;

    return level > 6 ? 6 : level;
}

static void enter_heading(struct html *w, const struct note_node *node)
{
    buf_printf(w->out, "<h%u", heading_level(w, node));
    put_anchor(w, node);
    if (w->shift > 0) {
        buf_printf(w->out, " data-level=\"%u\"", node->props->level);
    }
    put_direction(w, node);
    put_block_style(w, node->props);
    put(w, ">");
}

/* A container of blocks: `tag` but for its end. */
static void enter_block(struct html *w, const struct note_node *node, const char *tag)
{
    put(w, tag);
    put_direction(w, node);
    put(w, ">\n");
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

    put(w, "<ol");
    if (node->props->has_start && node->props->start != 1) {
        buf_printf(w->out, " start=\"%" PRId64 "\"", node->props->start);
    }
    if (type != NULL) {
        put_attr(w, "type", span_str(type));
    }
    put_direction(w, node);
    put(w, ">\n");
}

/* Tiptap takes the first <div> in a task, however deep it lies, for all of the task. */
static bool is_boxed(const struct html *w, const struct note_node *item)
{
    return item->kind == NOTE_TASK && item->divided && !w->o->compact;
}

/* The class is GitHub's. */
static void put_task_attrs(struct html *w, bool checked)
{
    put_attr(w, "class", span_str("task-list-item"));
    put_data(w, "data-type", span_str("taskItem"));
    put_data(w, "data-checked", span_str(checked ? "true" : "false"));
    put_data(w, "data-list", span_str(checked ? "checked" : "unchecked"));
}

static void enter_item(struct html *w, const struct note_node *node)
{
    bool task = node->kind == NOTE_TASK, checked = node->props->checked;

    put(w, "<li");
    if (task) {
        put_task_attrs(w, checked);
    }
    put_direction(w, node);
    put(w, ">");
    if (task) {
        put(w, "<input type=\"checkbox\" disabled");
        put(w, checked ? " checked" : "");
        put_attr(w, "aria-label", span_str(label(w, checked ? LABEL_DONE : LABEL_OPEN)));
        put(w, is_boxed(w, node) ? "> <div>" : "> ");
    }
}

static void enter_panel(struct html *w, const struct note_node *node)
{
    static const char *const kinds[] = {"info", "note", "success", "tip", "warning", "error", "custom"};
    const struct note_props *p = node->props;

    buf_printf(w->out, "<aside class=\"panel panel-%s\" role=\"note\"", kinds[p->panel]);
    put_attr(w, "aria-label", span_str(label(w, LABEL_PANEL + (unsigned)p->panel)));
    put_attr(w, "data-icon", p->icon);
    empty_scratch(w);
    style_color(w, "background-color", p->background);
    (void)put_style(w);
    put_direction(w, node);
    put(w, ">\n");
    if (p->title.len > 0) {
        put(w, "<p><strong>");
        put_escaped(w, p->title);
        put(w, "</strong></p>\n");
    }
}

/* What is hidden has an element of its own, as in Tiptap. */
static void open_details_content(struct html *w)
{
    put(w, w->o->compact ? "" : "<div data-type=\"detailsContent\">\n");
}

static void enter_details(struct html *w, const struct note_node *node)
{
    put(w, w->o->page ? "<details open>" : "<details>");
    if (node->first == NULL || node->first->kind != NOTE_SUMMARY) {
        put(w, "<summary>");
        put_escaped(w, node->props->title.len > 0 ? node->props->title : span_str(label(w, LABEL_DETAILS)));
        put(w, "</summary>\n");
        open_details_content(w);
    }
}

static void enter_code(struct html *w, const struct note_node *node)
{
    struct span language = escape_word(node->props->language);

    put(w, "<pre");
    put_data(w, "data-language", language);
    put(w, "><code");
    if (language.len > 0) {
        put(w, " class=\"language-");
        escape_html_line(w->out, language);
        put(w, "\"");
    }
    put(w, ">");
}

/* ---- Tables ------------------------------------------------------------------------------------------ */

static bool has_widths(const struct note_node *table)
{
    for (const struct note_node *cell = table->first != NULL ? table->first->first : NULL; cell != NULL;
         cell = cell->next) {
        for (uint32_t i = 0; i < cell->props->widths_count; i++) {
            if (cell->props->widths[i] >= 1) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t span_of_columns(const struct note_node *cell)
{
    return cell->props->colspan > 1 ? cell->props->colspan : 1;
}

static void put_columns(struct html *w, const struct note_node *table)
{
    put(w, "<colgroup>");
    put(w, table->props->numbered ? "<col>" : "");
    for (const struct note_node *cell = table->first->first; cell != NULL; cell = cell->next) {
        uint32_t known = cell->props->widths_count;

        for (uint32_t i = 0; i < span_of_columns(cell); i++) {
            if (i < known && cell->props->widths[i] >= 1) {
                buf_printf(w->out, "<col style=\"width:%.0fpx\">", cell->props->widths[i]);
            } else {
                put(w, "<col>");
            }
        }
    }
    put(w, "</colgroup>\n");
}

static void enter_table(struct html *w, const struct note_node *node)
{
    enter_block(w, node, "<table");
    if (has_widths(node)) {
        put_columns(w, node);
    }
}

/* Cozy's column of numbers: the rows below the head are counted. */
static void put_row_number(struct html *w, const struct note_node *row)
{
    if (row->head) {
        put(w, "<td></td>");
    } else {
        buf_printf(w->out, "<th scope=\"row\">%u</th>", row->number);
    }
}

static void enter_row(struct html *w, const struct note_node *row)
{
    if (row == row->parent->first) {
        put(w, row->head ? "<thead>\n" : "<tbody>\n");
    }
    put(w, "<tr>");
    if (row->parent->props->numbered) {
        put_row_number(w, row);
    }
}

static void leave_row(struct html *w, const struct note_node *row)
{
    put(w, "</tr>\n");
    if (row->head && (row->next == NULL || !row->next->head)) {
        put(w, row->next == NULL ? "</thead>\n" : "</thead>\n<tbody>\n");
    } else if (!row->head && row->next == NULL) {
        put(w, "</tbody>\n");
    }
}

static void put_span_attr(struct html *w, const char *name, uint32_t span)
{
    if (span > 1) {
        buf_printf(w->out, " %s=\"%u\"", name, span);
    }
}

static void put_widths(struct html *w, const struct note_props *p)
{
    bool known = false;

    for (uint32_t i = 0; !w->o->compact && i < p->widths_count; i++) {
        known = known || p->widths[i] >= 1;
    }
    for (uint32_t i = 0; known && i < p->widths_count; i++) {
        buf_printf(w->out, "%s%.0f", i == 0 ? " data-colwidth=\"" : ",", p->widths[i]);
    }
    put(w, known ? "\"" : "");
}

static void enter_cell(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    enum note_align align = note_cell_align(node);

    put(w, node->kind == NOTE_HEADER ? "<th" : "<td");
    if (node->kind == NOTE_HEADER) {
        put(w, node->parent->head ? (p->colspan > 1 ? " scope=\"colgroup\"" : " scope=\"col\"") : " scope=\"row\"");
    }
    put_span_attr(w, "colspan", p->colspan);
    put_span_attr(w, "rowspan", p->rowspan);
    put_widths(w, p);
    put_direction(w, node);
    empty_scratch(w);
    if (align != NOTE_ALIGN_NONE) {
        buf_printf(&w->scratch, "text-align:%s", align_name(align));
    }
    style_color(w, "color", p->color);
    style_color(w, "background", p->background);
    (void)put_style(w);
    put(w, ">");
}

/* ---- The walk ------------------------------------------------------------------------------------------ */

static void enter_unknown(struct html *w, const struct note_node *node)
{
    put(w, node->is_inline ? "<span" : "<div");
    put_attr(w, "data-node", node->name);
    put(w, node->is_inline ? ">" : ">\n");
}

static void enter_math(struct html *w, const struct note_node *node)
{
    bool block = node->kind == NOTE_MATH_BLOCK, whole = node->first != NULL && node->first == node->last;

    put(w, block ? "<div class=\"math\"" : "<span class=\"math\"");
    put_data(w, "data-type", span_str(block ? "block-math" : "inline-math"));
    put_data(w, "data-latex", whole ? node->first->text : node->props->latex);
    put(w, ">");
}

static void enter_node(struct html *w, const struct note_node *node)
{
    if (node->is_inline) {
        change_marks(w, node->marks);
    }
    switch (node->kind) {
    case NOTE_PARAGRAPH:
        if (!is_bare(node)) {
            put(w, "<p");
            put_direction(w, node);
            put_block_style(w, node->props);
            put(w, ">");
        }
        break;
    case NOTE_HEADING:
        enter_heading(w, node);
        break;
    case NOTE_QUOTE:
        enter_block(w, node, "<blockquote");
        break;
    case NOTE_BULLETS:
        enter_block(w, node, "<ul");
        break;
    case NOTE_TASKS:
        put(w, "<ul class=\"contains-task-list\"");
        put_data(w, "data-type", span_str("taskList"));
        enter_block(w, node, "");
        break;
    case NOTE_DECISIONS:
        enter_block(w, node, "<ul class=\"decisions\"");
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
        put(w, "<summary>");
        if (note_is_heading(node)) {
            enter_heading(w, node);
        }
        break;
    case NOTE_TABLE:
        enter_table(w, node);
        break;
    case NOTE_ROW:
        enter_row(w, node);
        break;
    case NOTE_HEADER:
    case NOTE_CELL:
        enter_cell(w, node);
        break;
    case NOTE_FIGURE:
        put(w, "<figure>\n");
        break;
    case NOTE_CAPTION:
        put(w, "<figcaption>");
        break;
    case NOTE_COLUMNS:
        put(w, "<div class=\"columns\">\n");
        break;
    case NOTE_COLUMN:
        put(w, "<div class=\"column\">\n");
        break;
    case NOTE_MATH:
    case NOTE_MATH_BLOCK:
        enter_math(w, node);
        break;
    case NOTE_MARKDOWN:
        put(w, "<pre class=\"markdown\">");
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
        return !is_bare(node)                                                      ? "</p>\n"
               : note_class_of(node->parent) == NOTE_AS_ITEM && node->next != NULL ? "\n"
                                                                                   : "";
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
        change_marks(w, node->is_inline ? node->marks : NULL);
    }
    if (note_is_heading(node)) {
        buf_printf(w->out, "</h%u>%s", heading_level(w, node), node->kind == NOTE_HEADING ? "\n" : "");
    }
    if (node->kind == NOTE_ROW) {
        leave_row(w, node);
    } else {
        put(w, end_tag(w, node));
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
            put_leaf(w, node);
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
    empty_scratch(&w);
    w.rc = w.rc != RC_OK ? w.rc : out->rc;
    slugs_finish(&w.slugs);
    buf_finish(&w.scratch);
    if (w.rc != RC_OK) {
        out->len = before;
    }
    return w.rc;
}
