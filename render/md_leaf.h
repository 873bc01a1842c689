#ifndef RENDER_MD_LEAF_H
#define RENDER_MD_LEAF_H

/* Inlines that are neither words nor breaks: pictures, files, mentions, statuses, dates, emoji, formulas. */
#include "render/md_inline.h"

/* Adds the node to the block, with the marks in `steps`. A kind that shows nothing of itself adds nothing. */
void md_leaf_add(struct md_inline *m, const struct note_node *node, unsigned steps);

#endif
