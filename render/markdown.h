#ifndef RENDER_MARKDOWN_H
#define RENDER_MARKDOWN_H

/* The canonical tree as Markdown: CommonMark with GitHub's tables, task lists, strikethrough and alerts, written so
 * that any GFM parser reads the same tree again, and HTML where Markdown has no words for something.
 *
 * A block that only HTML can say (a table with spans, a centred paragraph) is written by the `html` function that the
 * caller hands in. Containers nested deeper than MARKDOWN_DEPTH are written flat, so that output stays linear. */
#include "crdt/base/buf.h"
#include "render/note_tree.h"

#define MARKDOWN_DEPTH 100

struct markdown_options {
    bool images;      /* data: URLs of images are allowed */
    bool plain_align; /* alignment and colours of blocks are left out, instead of HTML for the block */
    bool flat_tables; /* tables with spans or blocks as pipes, too: md_table_write says how */
    bool cozy;        /* panels as ":info: ", as Cozy Notes writes them */
    bool nodes;       /* unknown blocks are named in comments */
    /* Appends one block as HTML without empty lines, ending with a line feed. */
    int (*html)(void *context, const struct note_node *block, struct buf *out);
    void *context;
};

/* Appends all blocks of the document. On failure `out` has its former length, and keeps the error. */
int markdown_write(const struct note_node *doc, const struct markdown_options *options, struct buf *out) MUST_CHECK;

#endif
