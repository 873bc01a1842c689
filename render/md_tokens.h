#ifndef RENDER_MD_TOKENS_H
#define RENDER_MD_TOKENS_H

/* From segments to the block's literal text, escaped, and the places in it where marks open and close. */
#include "render/md_inline.h"

/* Fills m->literal and m->tokens from m->segments. Errors show in m->rc and in the buffers' own. */
void md_tokens_make(struct md_inline *m);

#endif
