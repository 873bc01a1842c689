#ifndef RENDER_HTML_H
#define RENDER_HTML_H

/* The canonical tree as HTML: semantic, accessible, and safe whatever the note holds. No byte of the note is markup:
 * text and attributes are escaped, URLs and styles pass the grammars of escape.h, element and attribute names are ours.
 * What Markdown cannot carry stands in data-* attributes.
 *
 * A fragment is the blocks one after another; a page is a whole document with a style for screen and print and a
 * content security policy that allows no script. Linear in the tree; nothing recurses. */
#include "crdt/base/buf.h"
#include "render/note_tree.h"

struct html_options {
    bool page;         /* a standalone document instead of a fragment */
    bool compact;      /* for a block inside Markdown: no empty line, no ids */
    bool images;       /* data: URLs of images are allowed */
    bool offline;      /* what a reader would have to fetch becomes a link */
    bool comments;     /* commented text is marked with <span data-comment> */
    bool french;       /* language of labels, and of the page unless `lang` says another */
    struct span lang;  /* of the page; empty: fr or en */
    struct span title; /* of the page */
};

/* Appends the node and what is below; of a doc only what is below. */
int html_write(const struct note_node *root, const struct html_options *options, struct buf *out) MUST_CHECK;

#endif
