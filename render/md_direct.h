#ifndef RENDER_MD_DIRECT_H
#define RENDER_MD_DIRECT_H

/* Blocks of words in which no two marks meet: they are written as they are walked, nothing has to wait.
 *
 * A delimiter run with a letter on its inner side works whatever stands outside (CommonMark 0.30, 6.2), and there is no
 * space to move and no other run to touch. The bytes are those that md_tokens.h and md_style.h give. */
#include "render/md_inline.h"

/* Appends the inlines of the block and returns true, or finds that they are not so simple. Errors show in m->rc and in
 * `out`. */
bool md_direct_write(struct md_inline *m, const struct note_node *block, enum md_where where, struct buf *out);

#endif
