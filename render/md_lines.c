#include <string.h>
#include "render/md_blocks.h"

/* Lines begin with what the open containers ask for, blocks with an empty line where Markdown wants one. */

void md_lines_empty_text(struct md *w)
{
    w->rc = w->rc != RC_OK ? w->rc : w->text.rc;
    buf_clear(&w->text);
}

void md_lines_rc(struct md *w, int rc)
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

void md_lines_prefix(struct md *w, bool blank)
{
    struct span prefix = buf_span(w->has_pending ? &w->pending : &w->prefix);

    if (blank) {
        put_trimmed(w, prefix);
    } else {
        buf_put_span(w->out, prefix);
    }
    w->has_pending = false;
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
    md_inline_begin(&w->inlines, where, buf_span(&w->prefix));
}

void md_lines_end_inlines(struct md *w, const char *mark)
{
    size_t before = w->out->len, begun;
    bool pending = w->has_pending;

    md_lines_prefix(w, false);
    begun = w->out->len;
    buf_put_str(w->out, mark);
    md_lines_rc(w, md_inline_end(&w->inlines, w->out));
    if (w->out->len > begun) {
        buf_put_u8(w->out, '\n');
    } else {
        w->out->len = before;
        w->has_pending = pending;
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

void md_lines_begin_block(struct md *w, const struct note_node *node)
{
    if (!w->fresh && !w->has_pending && !in_tight_list(w, node)) {
        md_lines_put(w, (struct span){0});
    }
    w->fresh = false;
}

void md_lines_end_block(struct md *w)
{
    w->behind = 0;
    w->first_in_item = false;
    w->fresh = false;
}
