#ifndef RENDER_MD_STYLE_H
#define RENDER_MD_STYLE_H

/* Which delimiter each pair of tokens gets: *, **, _ and ~~ where every reader sees them open and close there, a tag
 * elsewhere (CommonMark 0.30, 6.2; GFM, strikethrough). */
#include "render/md_inline.h"

/* Sets the style of all opening tokens of the block. */
void md_style_choose(struct md_inline *m);

#endif
