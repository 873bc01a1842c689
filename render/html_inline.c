#include "render/html_parts.h"
#include <inttypes.h>
#include "render/escape.h"
#include "render/literal.h"
#include "render/time_text.h"

/* Between inlines the marks that differ are closed and opened, in the order of enum note_step; nodes without content
 * are written whole. */

/* ---- Marks ------------------------------------------------------------------------------------------ */

static bool open_link(struct html *w, const struct note_marks *m)
{
    size_t before = w->out->len;

    html_put_str(w, "<a");
    if (!html_put_url(w, "href", m->href, false)) {
        w->out->len = before;
        return false;
    }
    html_put_attr(w, "title", m->title);
    html_put_str(w, ">");
    return true;
}

static bool open_style(struct html *w, const struct note_marks *m)
{
    html_scratch(w);
    if (!escape_text_style(&w->scratch, m->color, m->size, m->family)) {
        return false;
    }
    html_put_str(w, "<span");
    (void)html_put_style(w);
    html_put_str(w, ">");
    return true;
}

static bool open_background(struct html *w, const struct note_marks *m)
{
    html_scratch(w);
    html_style_color(w, "background", m->background);
    html_put_str(w, "<mark");
    html_put_data(w, "data-color", escape_is_color(m->background) ? m->background : (struct span){0});
    (void)html_put_style(w);
    html_put_str(w, ">");
    return true;
}

static bool open_comment(struct html *w, const struct note_marks *m)
{
    if (!w->o->comments) {
        return false;
    }
    html_put_str(w, "<span");
    html_put_attr(w, "data-comment", m->comment);
    html_put_str(w, ">");
    return true;
}

/* Both of every step; the opening ones of those that have no attributes. */
static const struct literal opening_tags[NOTE_STEPS] = {
    [NOTE_BOLD] = {"<strong>", 8},     [NOTE_ITALIC] = {"<em>", 4}, [NOTE_STRIKE] = {"<s>", 3},
    [NOTE_UNDERLINE] = {"<u>", 3},     [NOTE_SUB] = {"<sub>", 5},   [NOTE_SUP] = {"<sup>", 5},
    [NOTE_INLINE_CODE] = {"<code>", 6}};
static const struct literal closing_tags[NOTE_STEPS] = {
    [NOTE_LINK] = {"</a>", 4},          [NOTE_COMMENT] = {"</span>", 7},    [NOTE_STYLE] = {"</span>", 7},
    [NOTE_BACKGROUND] = {"</mark>", 7}, [NOTE_BOLD] = {"</strong>", 9},     [NOTE_ITALIC] = {"</em>", 5},
    [NOTE_STRIKE] = {"</s>", 4},        [NOTE_UNDERLINE] = {"</u>", 4},     [NOTE_SUB] = {"</sub>", 6},
    [NOTE_SUP] = {"</sup>", 6},         [NOTE_INLINE_CODE] = {"</code>", 7}};

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
        literal_put(w->out, &opening_tags[step]);
        return true;
    }
}

/* The first step in which the marks differ; any step when there are none. */
static enum note_step first_difference(const struct note_marks *a, const struct note_marks *b)
{
    const struct note_marks *only = a == NULL ? b : a;

    if (a != NULL && b != NULL) {
        return note_marks_differ(a, b);
    }
    return only->steps == 0 ? NOTE_STEPS : (enum note_step)__builtin_ctz(only->steps);
}

/* Closes innermost first. */
static void change_marks(struct html *w, const struct note_marks *to)
{
    enum note_step from = first_difference(w->marks, to);
    unsigned closing = w->opened >> from << from, opening = to == NULL ? 0 : to->steps >> from << from;

    w->opened ^= closing;
    while (closing != 0) {
        unsigned step = 31 - (unsigned)__builtin_clz(closing);

        literal_put(w->out, &closing_tags[step]);
        closing ^= 1u << step;
    }
    for (; opening != 0; opening &= opening - 1) {
        enum note_step step = (enum note_step)__builtin_ctz(opening);

        w->opened |= open_mark(w, to, step) ? 1u << step : 0;
    }
    w->marks = to;
}

inline void html_change_marks(struct html *w, const struct note_marks *to)
{
    if (w->marks != to) {
        change_marks(w, to);
    }
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

    html_put_str(w, "<a class=\"image\"");
    linked = html_put_url(w, "href", node->props->url, false);
    if (!linked) {
        w->out->len = before;
        html_put_str(w, "<span class=\"image\"");
    }
    html_put_str(w, ">");
    html_put_escaped(w, note_label(node));
    html_put_str(w, linked ? "</a>" : "</span>");
}

static void put_img(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    size_t before = w->out->len;

    html_put_str(w, "<img");
    if ((w->o->offline && is_elsewhere(p->url)) || !html_put_url(w, "src", p->url, true)) {
        w->out->len = before;
        put_img_words(w, node);
        return;
    }
    html_put_str(w, " alt=\"");
    escape_html_line(w->out, first_of(p->alt, p->caption, p->name));
    html_put_str(w, "\"");
    html_put_attr(w, "title", p->title);
    put_size(w, "width", p->width);
    put_size(w, "height", p->height);
    html_put_str(w, ">");
}

static void put_caption(struct html *w, struct span caption)
{
    if (caption.len > 0) {
        html_put_str(w, "<figcaption>");
        html_put_escaped(w, caption);
        html_put_str(w, "</figcaption>");
    }
}

static void put_image(struct html *w, const struct note_node *node)
{
    bool figure = !node->is_inline && node->parent->kind != NOTE_FIGURE;

    html_put_str(w, figure ? "<figure>" : "");
    put_img(w, node);
    if (!node->is_inline) {
        put_caption(w, node->props->caption);
    }
    html_put_str(w, figure ? "</figure>\n" : "");
}

/* A link to what cannot be shown in place. */
static void put_file(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    struct span words =
        node->kind == NOTE_EMBED ? first_of(p->title, p->label, p->caption) : first_of(p->name, p->title, p->label);
    size_t before = w->out->len;
    bool linked = false;

    html_put_str(w, node->is_inline ? "" : "<p>");
    before = w->out->len;
    html_put_str(w, "<a");
    linked = html_put_url(w, "href", p->url, false);
    if (linked) {
        html_put_str(w, node->kind == NOTE_EMBED ? "" : " download");
        html_put_attr(w, "data-node", node->name);
        html_put_str(w, ">");
    } else {
        w->out->len = before;
    }
    html_put_escaped(w, words.len > 0 ? words : note_label(node));
    html_put_str(w, linked ? "</a>" : "");
    if (p->caption.len > 0 && p->caption.data != words.data) {
        html_put_str(w, " – ");
        html_put_escaped(w, p->caption);
    }
    html_put_str(w, node->is_inline ? "" : "</p>\n");
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
    html_put_str(w, "<figure><");
    html_put_str(w, tag);
    html_put_str(w, " controls");
    if (!html_put_url(w, "src", p->url, false)) {
        w->out->len = before;
        put_file(w, node);
        return;
    }
    put_size(w, "width", p->width);
    html_put_attr(w, "aria-label", note_label(node));
    html_put_str(w, "></");
    html_put_str(w, tag);
    html_put_str(w, ">");
    put_caption(w, first_of(p->caption, p->name, p->title));
    html_put_str(w, "</figure>\n");
}

static void put_mention(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;
    struct span words = note_label(node);
    bool linked = false;
    size_t before = w->out->len;

    html_put_str(w, "<a class=\"mention\"");
    linked = html_put_url(w, "href", p->url, false);
    if (!linked) {
        w->out->len = before;
        html_put_str(w, "<span class=\"mention\"");
    }
    html_put_data(w, "data-type", span_str("mention"));
    html_put_attr(w, "data-id", p->id);
    html_put_data(w, "data-label", p->label);
    html_put_str(w, ">");
    html_put_str(w, linked || (words.len > 0 && words.data[0] == '@') ? "" : "@");
    html_put_escaped(w, words.len > 0 ? words : p->id);
    html_put_str(w, linked ? "</a>" : "</span>");
}

static void put_date(struct html *w, const struct note_node *node)
{
    char day[TIME_TEXT_DAY] = "";

    if (!node->props->has_time) {
        html_put_escaped(w, note_label(node));
        return;
    }
    time_text_day(node->props->local_time, day);
    buf_printf(w->out, "<time datetime=\"%s\" data-ts=\"%" PRId64 "\">%s</time>", day, node->props->time, day);
}

static void put_status(struct html *w, const struct note_node *node)
{
    struct span color = escape_word(node->props->color);

    html_put_str(w, "<span class=\"status");
    if (color.len > 0 && color.data[0] != '#') {
        html_put_str(w, " status-");
        escape_html_line(w->out, color);
    }
    html_put_str(w, "\">");
    html_put_escaped(w, note_label(node));
    html_put_str(w, "</span>");
}

static void put_emoji(struct html *w, const struct note_node *node)
{
    const struct note_props *p = node->props;

    if (p->icon.len > 0) {
        html_put_escaped(w, p->icon);
    } else if (p->name.len > 0 && p->name.data[0] != ':') {
        html_put_str(w, "<span");
        html_put_data(w, "data-type", span_str("emoji"));
        html_put_data(w, "data-name", p->name);
        html_put_str(w, ">:");
        html_put_escaped(w, p->name);
        html_put_str(w, ":</span>");
    } else {
        html_put_escaped(w, note_label(node));
    }
}

static bool is_ascii_letter(uint8_t c)
{
    return c > ' ' && c < 0x80;
}

/* Addresses and other words without a space would widen a table beyond the paper, since a cell is never narrower than
 * its longest word: on a page they may break. ASCII alone, where nothing joins one letter to the next. */
static void put_breakable(struct html *w, struct span text)
{
    static const size_t longest = 24;
    size_t done = 0, begin = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && is_ascii_letter(text.data[i])) {
            continue;
        }
        if (i - begin > longest) {
            html_put_escaped(w, span_of(text.data + done, begin - done));
            html_put_str(w, "<span class=\"long\">");
            html_put_escaped(w, span_of(text.data + begin, i - begin));
            html_put_str(w, "</span>");
            done = i;
        }
        begin = i + 1;
    }
    html_put_escaped(w, span_of(text.data + done, text.len - done));
}

void html_put_leaf(struct html *w, const struct note_node *node)
{
    if (node->is_inline) {
        html_change_marks(w, node->marks);
    }
    switch (node->kind) {
    case NOTE_TEXT:
        if (w->o->page && w->cells > 0) {
            put_breakable(w, node->text);
        } else {
            html_put_escaped(w, node->text);
        }
        break;
    case NOTE_BREAK:
        html_put_str(w, "<br>");
        break;
    case NOTE_RULE:
        html_put_str(w, "<hr>\n");
        break;
    case NOTE_PAGE_BREAK:
        html_put_str(w, "<div class=\"page-break\" style=\"page-break-after:always\"></div>\n");
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
