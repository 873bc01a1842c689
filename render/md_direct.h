#ifndef RENDER_MD_DIRECT_H
#define RENDER_MD_DIRECT_H

/* Blocks of words in which those with a mark and those without take turns: they are written as they are walked, nothing
 * has to wait.
 *
 * A delimiter run with a letter on its inner side works whatever stands outside (CommonMark 0.30, 6.2), and there is no
 * space to move and no other run to touch. The bytes are those that md_tokens.h and md_style.h give. */
#include "render/md_inline.h"

/* Appends the inlines of a block, which stands where m->where says, and returns true, or finds that they are not so
 * simple and appends nothing. Errors show in m->rc and in `out`. */
bool md_direct_write(struct md_inline *m, const struct note_node *block, struct buf *out);

#endif
