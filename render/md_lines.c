#include <string.h>
#include "render/md_blocks.h"
#include "render/md_escape.h"

/* Lines begin with what the open containers ask for, blocks with an empty line where Markdown wants one. */

void md_lines_empty_text(struct md *w)
{
    md_lines_rc(w, w->text.rc);
    buf_clear(&w->text);
}

void md_lines_rc(struct md *w, int rc)
{
    w->out->rc = w->out->rc != RC_OK ? w->out->rc : rc;
}

/* ---- Lines --------------------------------------------------------------------------------------------- */

static size_t without_spaces(struct span line)
{
    while (line.len > 0 && line.data[line.len - 1] == ' ') {
        line.len--;
    }
    return line.len;
}

static struct span prefix_of(const struct md *w)
{
    return span_of(w->prefix, w->prefix_len);
}

/* Not inlined: it is rare. */
__attribute__((noinline)) static void put_blank_prefix(struct md *w)
{
    if (w->line_begun) {
        w->out->len = without_spaces(buf_span(w->out));
    } else {
        buf_put(w->out, w->prefix, without_spaces(prefix_of(w)));
    }
}

inline void md_lines_prefix(struct md *w, bool blank)
{
    if (blank) {
        put_blank_prefix(w);
    } else if (!w->line_begun) {
        buf_put_span(w->out, prefix_of(w));
    }
    w->line_begun = false;
}

void md_lines_put(struct md *w, struct span line)
{
    md_lines_prefix(w, line.len == 0);
    buf_put_span(w->out, line);
    buf_put_u8(w->out, '\n');
}

void md_lines_put_str(struct md *w, const char *line)
{
    md_lines_put(w, span_str(line));
}

void md_lines_put_all(struct md *w, struct span text)
{
    if (md_lines_are_bare(w) && text.len > 0) {
        buf_put_span(w->out, text);
        buf_put(w->out, "\n", text.data[text.len - 1] == '\n' ? 0 : 1);
        return;
    }
    while (text.len > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);

        md_lines_put(w, span_of(text.data, len));
        len += feed == NULL ? 0 : 1;
        text = span_of(text.data + len, text.len - len);
    }
}

void md_lines_begin_inlines(struct md *w, enum md_where where)
{
    md_inline_begin(&w->inlines, where, prefix_of(w));
}

/* Where a line of inlines began. */
struct start {
    size_t before, begun;
    bool line_begun;
};

static inline struct start begin_line(struct md *w, struct span mark)
{
    struct start start = {.before = w->out->len, .line_begun = w->line_begun};

    md_lines_prefix(w, false);
    start.begun = w->out->len;
    buf_put_span(w->out, mark);
    return start;
}

static inline void end_line(struct md *w, struct start start)
{
    if (w->out->len > start.begun) {
        buf_put_u8(w->out, '\n');
    } else {
        w->out->len = start.before;
        w->line_begun = start.line_begun;
    }
}

void md_lines_end_inlines(struct md *w, struct span mark)
{
    struct start start = begin_line(w, mark);

    md_lines_rc(w, md_inline_end(&w->inlines, w->out));
    end_line(w, start);
}

inline bool md_lines_put_words(struct md *w, const struct note_node *block)
{
    const struct note_node *only = block->first;
    size_t before = w->line_begun ? 0 : w->prefix_len;
    uint8_t *to;

    if (only == NULL || !md_inline_is_words(only) || buf_reserve(w->out, before + only->text.len + 1) != RC_OK) {
        return false;
    }
    to = w->out->data + w->out->len;
    if (!md_escape_copied(to + before, only->text, MD_LINE_START | MD_TRIM_START | MD_TRIM_END)) {
        return false;
    }
    if (before > 0) {
        memcpy(to, w->prefix, before);
    }
    to[before + only->text.len] = '\n';
    w->out->len += before + only->text.len + 1;
    w->line_begun = false;
    return true;
}

void md_lines_put_inlines(struct md *w, const struct note_node *node, enum md_where where, struct span mark)
{
    struct start start = begin_line(w, mark);

    md_inline_write(&w->inlines, node, where, prefix_of(w), w->out);
    end_line(w, start);
}

/* ---- Blocks between blocks --------------------------------------------------------------------------- */

static inline void put_blank_line(struct md *w)
{
    if (w->prefix_len > 0) {
        put_blank_prefix(w);
    }
    buf_put_u8(w->out, '\n');
}

/* The empty line before a block or item, unless nothing stands before it; none: it is in a tight list. */
static inline void begin(struct md *w, bool tight)
{
    if (!w->fresh && !w->line_begun && !tight) {
        put_blank_line(w);
    }
    w->fresh = false;
}

inline void md_lines_begin_block(struct md *w, const struct note_node *node)
{
    const struct note_node *parent = node->parent;

    begin(w, w->over == 0 && note_class_of(parent) == NOTE_AS_ITEM && !parent->parent->loose);
}

inline void md_lines_begin_item(struct md *w, const struct note_node *item)
{
    begin(w, !item->parent->loose);
}

inline void md_lines_end_block(struct md *w)
{
    w->behind = 0;
    w->first_in_item = false;
    w->fresh = false;
}
