#include "render/md_leaf.h"
#include "render/escape.h"
#include "render/md_parts.h"
#include "render/md_tokens.h"
#include "render/time_text.h"

/* What has a form of its own in Markdown is a finished piece; what is only words there (a date, a status) joins the
 * words around it, so that they are escaped together. */

static void put_words(struct md_inline *m, struct span text)
{
    md_escape_text(&m->literal, text, md_parts_how(m, false));
}

static void put_img_tag(struct md_inline *m, const struct note_node *node, struct span alt)
{
    struct buf tag = {0};

    buf_put_str(&tag, "<img src=\"");
    escape_html_line(&tag, buf_span(&m->url));
    buf_put_str(&tag, "\" alt=\"");
    escape_html_line(&tag, alt);
    if (node->props->title.len > 0) {
        buf_put_str(&tag, "\" title=\"");
        escape_html_line(&tag, node->props->title);
    }
    buf_printf(&tag, "\" width=\"%.0f\">", node->props->width);
    md_escape_tag(&m->literal, buf_span(&tag), m->where == MD_CELL);
    m->rc = m->rc != RC_OK ? m->rc : tag.rc;
    buf_finish(&tag);
}

static void add_image(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    struct span alt = p->alt.len > 0 ? p->alt : p->caption.len > 0 ? p->caption : p->name;

    md_parts_empty(m, &m->url);
    if (!escape_url(&m->url, p->url, m->images)) {
        md_tokens_words(m, note_label(node), node->marks, steps);
        return;
    }
    md_tokens_piece(m, node->marks, steps);
    if (p->width >= 1) {
        put_img_tag(m, node, alt);
    } else {
        buf_put_str(&m->literal, "![");
        put_words(m, alt);
        buf_put_str(&m->literal, "](");
        md_escape_url(&m->literal, buf_span(&m->url), m->where == MD_CELL);
        md_escape_title(&m->literal, p->title, m->where == MD_CELL);
        buf_put_str(&m->literal, ")");
    }
}

static struct span first_of(struct span a, struct span b, struct span c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

/* A link of its own; what it says is in the node's attributes. */
static void add_file(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    struct span words = node->kind == NOTE_EMBED || node->kind == NOTE_MENTION
                            ? first_of(p->label, p->title, p->caption)
                            : first_of(p->name, p->title, p->label);

    words = words.len > 0 ? words : note_label(node);
    md_parts_empty(m, &m->url);
    if (!escape_url(&m->url, p->url, false)) {
        md_tokens_words(m, words, node->marks, steps);
        return;
    }
    md_tokens_piece(m, node->marks, steps & ~(1u << NOTE_LINK));
    buf_put_str(&m->literal, "[");
    put_words(m, words);
    buf_put_str(&m->literal, "](");
    md_escape_url(&m->literal, buf_span(&m->url), m->where == MD_CELL);
    buf_put_str(&m->literal, ")");
}

static void add_mention(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct span words = note_label(node);

    if (node->props->url.len > 0) {
        add_file(m, node, steps);
        return;
    }
    words = words.len > 0 ? words : node->props->id;
    if (words.len == 0 || words.data[0] != '@') {
        md_tokens_words(m, span_str("@"), node->marks, steps);
    }
    md_tokens_words(m, words, node->marks, steps);
}

static void add_status(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    if (note_label(node).len > 0) {
        steps |= 1u << NOTE_BOLD;
        md_tokens_words(m, span_str("["), node->marks, steps);
        md_tokens_words(m, note_label(node), node->marks, steps);
        md_tokens_words(m, span_str("]"), node->marks, steps);
    }
}

static void add_date(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    char day[TIME_TEXT_DAY] = "";

    if (node->props->has_time) {
        time_text_day(node->props->local_time, day);
        md_tokens_copy(m, span_str(day), node->marks, steps);
    } else {
        md_tokens_words(m, note_label(node), node->marks, steps);
    }
}

static void add_emoji(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    const struct note_props *p = node->props;
    bool named = p->icon.len == 0 && p->name.len > 0 && p->name.data[0] != ':';

    md_tokens_words(m, span_str(named ? ":" : ""), node->marks, steps);
    md_tokens_words(m, p->icon.len > 0 ? p->icon : named ? p->name : note_label(node), node->marks, steps);
    md_tokens_words(m, span_str(named ? ":" : ""), node->marks, steps);
}

static void add_math(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    struct buf tex = {0};

    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        buf_put_span(&tex, child->text);
    }
    if (tex.len > 0) {
        md_tokens_piece(m, node->marks, steps);
        md_escape_math(&m->literal, buf_span(&tex), m->where == MD_CELL);
    }
    m->rc = m->rc != RC_OK ? m->rc : tex.rc;
    buf_finish(&tex);
}

void md_leaf_add(struct md_inline *m, const struct note_node *node, unsigned steps)
{
    switch (node->kind) {
    case NOTE_IMAGE:
        add_image(m, node, steps);
        break;
    case NOTE_FILE:
    case NOTE_AUDIO:
    case NOTE_VIDEO:
    case NOTE_EMBED:
        add_file(m, node, steps);
        break;
    case NOTE_MENTION:
        add_mention(m, node, steps);
        break;
    case NOTE_STATUS:
        add_status(m, node, steps);
        break;
    case NOTE_DATE:
        add_date(m, node, steps);
        break;
    case NOTE_EMOJI:
        add_emoji(m, node, steps);
        break;
    case NOTE_MATH:
        add_math(m, node, steps);
        break;
    default:
        break;
    }
}
