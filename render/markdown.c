#include "render/markdown.h"
#include <string.h>
#include "render/escape.h"
#include "render/md_blocks.h"
#include "render/md_escape.h"
#include "render/md_table.h"

/* One walk; blocks are written line by line (md_blocks.h). Here are those without blocks in them. */

/* The lines of a block as HTML. */
static void put_html_lines(struct md *w, const struct note_node *node)
{
    md_lines_empty_text(w);
    md_lines_rc(w, w->o->html(w->o->context, node, &w->text));
    md_lines_put_all(w, buf_span(&w->text));
}

static void put_html(struct md *w, const struct note_node *node)
{
    md_lines_begin_block(w, node);
    put_html_lines(w, node);
    md_lines_end_block(w);
}

/* ---- Leaf blocks ------------------------------------------------------------------------------------------ */

/* Whether the block has a look of its own that is to be kept. */
static inline bool is_as_html(const struct md *w, const struct note_node *node)
{
    return !w->o->plain_align && !note_is_plain(node);
}

/* Words that are blank are left out, those with a look of their own are HTML. */
static inline bool is_put_otherwise(struct md *w, const struct note_node *node)
{
    if (md_inline_is_blank(node)) {
        return true;
    }
    if (is_as_html(w, node)) {
        put_html(w, node);
        return true;
    }
    return false;
}

/* Not inlined, as is the walk: with registers of their own they are shorter. */
__attribute__((noinline)) static void put_paragraph(struct md *w, const struct note_node *node)
{
    if (is_put_otherwise(w, node)) {
        return;
    }
    md_lines_begin_block(w, node);
    if (!md_lines_put_words(w, node)) {
        md_lines_put_inlines(w, node, MD_PARAGRAPH, (struct span){0});
    }
    md_lines_end_block(w);
}

/* A paragraph in italics. */
static void put_caption(struct md *w, const struct note_node *node)
{
    if (is_put_otherwise(w, node)) {
        return;
    }
    md_lines_begin_block(w, node);
    md_lines_begin_inlines(w, MD_PARAGRAPH);
    md_inline_add(&w->inlines, node, 1u << NOTE_ITALIC);
    md_lines_end_inlines(w, (struct span){0});
    md_lines_end_block(w);
}

static void put_heading(struct md *w, const struct note_node *node)
{
    static const char marks[] = "###### ";
    uint32_t level = node->props->level > 0 ? node->props->level : 1;
    struct span mark = span_of(&marks[6 - level], level + 1);

    if (is_as_html(w, node)) {
        put_html(w, node);
        return;
    }
    md_lines_begin_block(w, node);
    if (md_inline_is_blank(node)) {
        md_lines_put(w, span_of(mark.data, mark.len - 1));
    } else {
        md_lines_put_inlines(w, node, MD_HEADING, mark);
    }
    md_lines_end_block(w);
}

static void put_rule(struct md *w, const struct note_node *node)
{
    bool beside_marker = w->line_begun; /* "- ---" would be one long rule */

    md_lines_begin_block(w, node);
    md_lines_put_str(w, beside_marker ? "___" : "---");
    md_lines_end_block(w);
}

/* Appends what goes out for a control character, and returns how many bytes it is about. */
static size_t put_control(struct span text, size_t at, struct buf *out)
{
    bool feeds = text.data[at] == '\r';

    buf_put_str(out, feeds ? "\n" : "\xef\xbf\xbd");
    return feeds && at + 1 < text.len && text.data[at + 1] == '\n' ? 2 : 1;
}

/* Words of a code block, line ends as one line feed. */
static void put_code(struct span text, struct buf *out)
{
    static const bool special[256] = {ESCAPE_STRANGE};

    for (size_t i = escape_copy(out, special, text); i < text.len; i = escape_copy(out, special, text)) {
        i += put_control(text, i, out);
        text = span_of(text.data + i, text.len - i);
    }
}

static void collect_text(const struct note_node *node, struct buf *out)
{
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        if (escape_may_be_strange(child->text)) {
            put_code(child->text, out);
        } else {
            buf_put_span(out, child->text);
        }
    }
}

/* A fence, an info string, and the node's text between. */
static void put_fenced(struct md *w, const struct note_node *node, struct span info)
{
    size_t fence = 0;

    md_lines_begin_block(w, node);
    md_lines_empty_text(w);
    collect_text(node, &w->text);
    fence = md_longest_run(buf_span(&w->text), '`') + 1;
    fence = fence < 3 ? 3 : fence;
    if (w->text.len > 0) {
        buf_put_u8(&w->text, '\n');
    }
    md_lines_prefix(w, false);
    buf_fill(w->out, '`', fence);
    buf_put_span(w->out, info);
    buf_put_u8(w->out, '\n');
    md_lines_put_all(w, buf_span(&w->text));
    md_lines_prefix(w, false);
    buf_fill(w->out, '`', fence);
    buf_put_u8(w->out, '\n');
    md_lines_end_block(w);
}

static void put_math(struct md *w, const struct note_node *node)
{
    md_lines_empty_text(w);
    collect_text(node, &w->text);
    if (!md_math_is_plain(buf_span(&w->text))) {
        put_fenced(w, node, span_str("math"));
        return;
    }
    md_lines_begin_block(w, node);
    md_lines_put_str(w, "$$");
    md_lines_put_all(w, buf_span(&w->text));
    md_lines_put_str(w, "$$");
    md_lines_end_block(w);
}

/* The lines of a table as pipes. RC_LIMIT, and nothing put: it cannot be written so. */
static int put_pipes(struct md *w, const struct note_node *table)
{
    int rc;

    if (md_lines_are_bare(w)) {
        return md_table_write(table, w->o->flat_tables, &w->inlines, w->out);
    }
    md_lines_empty_text(w);
    rc = md_table_write(table, w->o->flat_tables, &w->inlines, &w->text);
    md_lines_put_all(w, buf_span(&w->text));
    return rc;
}

static void put_table(struct md *w, const struct note_node *node)
{
    int rc;

    if (node->first == NULL) {
        return;
    }
    md_lines_begin_block(w, node);
    rc = put_pipes(w, node);
    if (rc == RC_LIMIT) {
        put_html_lines(w, node);
    } else {
        md_lines_rc(w, rc);
    }
    md_lines_end_block(w);
}

/* Images and files on a line of their own, the caption in italics on the next. */
static void put_media(struct md *w, const struct note_node *node)
{
    const struct note_props *p = node->props;

    md_inline_begin(&w->inlines, MD_PARAGRAPH, span_of(w->prefix, w->prefix_len));
    md_inline_add(&w->inlines, node, 0);
    if (p->caption.len > 0) {
        md_inline_add_break(&w->inlines);
        md_inline_add_text(&w->inlines, p->caption, 1u << NOTE_ITALIC);
    }
    if (!md_inline_is_empty(&w->inlines)) {
        md_lines_begin_block(w, node);
        md_lines_end_inlines(w, (struct span){0});
        md_lines_end_block(w);
    }
}

static void put_page_break(struct md *w, const struct note_node *node)
{
    md_lines_begin_block(w, node);
    md_lines_put_str(w, "<div style=\"page-break-after:always\"></div>");
    md_lines_end_block(w);
}

/* Markdown that a person wrote: as it is. */
static void put_source(struct md *w, const struct note_node *node)
{
    md_lines_begin_block(w, node);
    for (const struct note_node *child = node->first; child != NULL; child = child->next) {
        buf_put_span(w->out, child->text);
    }
    if (w->out->len > 0 && w->out->data[w->out->len - 1] != '\n') {
        buf_put_u8(w->out, '\n');
    }
    md_lines_end_block(w);
}

/* ---- The walk ------------------------------------------------------------------------------------------------ */

/* Blocks without blocks in them: written at once, their children are not walked. */
static bool put_leaf_block(struct md *w, const struct note_node *node)
{
    switch (node->kind) {
    case NOTE_PARAGRAPH:
        put_paragraph(w, node);
        return true;
    case NOTE_CAPTION:
        put_caption(w, node);
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

__attribute__((noinline)) static void write_tree(struct md *w, const struct note_node *doc)
{
    const struct note_node *node = doc;

    while (w->out->rc == RC_OK) {
        if (!put_leaf_block(w, node) && !md_containers_enter(w, node)) {
            if (node->first != NULL) {
                node = node->first;
                continue;
            }
            md_containers_leave(w, node);
        }
        while (node != doc && node->next == NULL) {
            node = node->parent;
            md_containers_leave(w, node);
        }
        if (node == doc) {
            return;
        }
        node = node->next;
    }
}

int markdown_write(const struct note_node *doc, const struct markdown_options *options, struct buf *out)
{
    size_t before = out->len;
    struct md w;

    memset(&w, 0, offsetof(struct md, prefix));
    w.o = options;
    w.out = out;
    w.fresh = true;
    w.inlines.images = options->images;
    write_tree(&w, doc);
    md_lines_empty_text(&w);
    md_lines_rc(&w, w.inlines.rc);
    md_inline_finish(&w.inlines);
    buf_finish(&w.text);
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}
