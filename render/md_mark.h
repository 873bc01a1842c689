#ifndef RENDER_MD_MARK_H
#define RENDER_MD_MARK_H

/* What marks look like in Markdown: which of them show, and what is written where one opens or closes. */
#include "render/literal.h"
#include "render/md_inline.h"

enum md_style { MD_UNDECIDED, MD_STAR, MD_UNDERSCORE, MD_TILDE, MD_TAG, MD_STYLES };

/* What stands around words with one mark. A link, a style and a background have a value besides. */
struct md_ends {
    struct literal open, close;
};

/* The marks that Markdown shows: not comments, nor links and colours that may not stand in a document. */
unsigned md_mark_shown(struct md_inline *m, const struct note_marks *marks);
const struct md_ends *md_mark_ends(unsigned step, enum md_style style);
/* What a link says: where to, and its title; a style or background: style="…". Borrowed until the next is asked for. */
struct span md_mark_value(struct md_inline *m, unsigned step, const struct note_marks *marks);
/* Appends the beginning and the end of one step of `marks`. Errors show in m->rc and in `out`. */
void md_mark_open(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                  struct buf *out);
void md_mark_close(struct md_inline *m, unsigned step, enum md_style style, const struct note_marks *marks,
                   struct buf *out);

#endif
