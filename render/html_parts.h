#ifndef RENDER_HTML_PARTS_H
#define RENDER_HTML_PARTS_H

/* What the files of the HTML output share (html.c, html_inline.c, html_table.c): the writer, and how attributes, styles
 * and labels are written. */
#include "render/html.h"
#include "render/slugs.h"

struct html {
    const struct html_options *o;
    struct buf *out;
    const struct note_marks *marks; /* of the inline written last */
    unsigned opened;                /* bit 1 << step */
    unsigned shift;                 /* added to heading levels */
    unsigned cells;                 /* those that are open, one in another */
    struct slugs slugs;
    struct buf scratch;
    int rc;
};

enum label { LABEL_DONE, LABEL_OPEN, LABEL_DETAILS, LABEL_PANEL /* … and the other kinds of panel */ };
/* In the note's language. */
const char *html_label(const struct html *w, unsigned which);

/* The scratch buffer, emptied for its next use; an error of the last one is kept. */
void html_scratch(struct html *w);
/* Where `text` is a literal, or one of two, the compiler knows its length (buf_put_str). */
__attribute__((always_inline)) static inline void html_put_str(struct html *w, const char *text)
{
    buf_put_str(w->out, text);
}
/* Text; in Markdown without line feeds. */
void html_put_escaped(struct html *w, struct span text);
/* ` name="value"`; nothing when there is no value. */
void html_put_attr(struct html *w, const char *name, struct span value);
/* What only matters to an editor that opens the HTML: not in Markdown. */
void html_put_data(struct html *w, const char *name, struct span value);
/* ` name="URL"`; false, and nothing written, when the URL may not stand here. */
bool html_put_url(struct html *w, const char *name, struct span url, bool image);

/* Declarations are collected in the scratch buffer; html_put_style writes the attribute when there are any. */
void html_style_color(struct html *w, const char *property, struct span color);
bool html_put_style(struct html *w);
const char *html_align_name(enum note_align align);
void html_put_direction(struct html *w, const struct note_node *node);
/* The tag of a container of blocks: `tag` but for its end. */
void html_enter_block(struct html *w, const struct note_node *node, const char *tag);
void html_put_block_style(struct html *w, const struct note_props *p);

/* html_inline.c: closes and opens the marks that differ; writes a node without content. */
void html_change_marks(struct html *w, const struct note_marks *to);
void html_put_leaf(struct html *w, const struct note_node *node);

/* html_table.c */
void html_enter_table(struct html *w, const struct note_node *table);
void html_enter_row(struct html *w, const struct note_node *row);
void html_leave_row(struct html *w, const struct note_node *row);
void html_enter_cell(struct html *w, const struct note_node *cell);

#endif
