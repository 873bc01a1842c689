#ifndef RENDER_MD_PARTS_H
#define RENDER_MD_PARTS_H

/* What the inlines of a block are on their way to Markdown, for the files that md_inline.h is made of:
 *
 *   held       the last words (or break, or piece) that came: what follows them decides where their spaces go
 *   literal    what came before, escaped, and as tokens the places in it where a mark opens or closes (md_tokens.c)
 *   text       once each pair of tokens has its style (md_style.c, md_inline.c)
 *
 * Words come from md_inline.c, what has a form of its own ("![a](b)") from md_leaf.c. */
#include "render/md_escape.h"
#include "render/md_mark.h"

struct md_token {
    uint8_t step;  /* enum note_step */
    uint8_t style; /* enum md_style, of the opening one */
    bool opens;
    size_t at;   /* in literal */
    size_t pair; /* the other token */
    const struct note_marks *marks;
};

/* Empties one of the buffers of `m`; an error of its last use is kept. */
static inline void md_parts_empty(struct md_inline *m, struct buf *b)
{
    m->rc = m->rc != RC_OK ? m->rc : b->rc;
    buf_clear(b);
}

/* How the block's words are escaped: those with which a line begins, and all others. */
static inline unsigned md_parts_how(const struct md_inline *m, bool begins)
{
    static const uint8_t how[][2] = {
        [MD_PARAGRAPH] = {0, MD_LINE_START | MD_TRIM_START},
        [MD_HEADING] = {MD_IN_HEADING, MD_IN_HEADING | MD_TRIM_START},
        [MD_CELL] = {MD_IN_CELL, MD_IN_CELL | MD_TRIM_START},
    };

    return how[m->where][begins];
}

#endif
