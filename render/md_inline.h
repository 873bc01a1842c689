#ifndef RENDER_MD_INLINE_H
#define RENDER_MD_INLINE_H

/* The inlines of one block as Markdown that any CommonMark + GFM reader reads back as the same inlines.
 *
 * Marks nest in the order of enum note_step. Emphasis is written with * and ** where the delimiter runs could really
 * open and close there (CommonMark 0.30, 6.2, taken strictly enough to hold for 0.29 and 0.31 as well), with _ where
 * two runs of * would touch, and with <em> and <strong> elsewhere. Spaces at the edges of emphasis move outside. */
#include "crdt/base/buf.h"
#include "render/note_node.h"

enum md_where {
    MD_PARAGRAPH,
    MD_HEADING, /* one line, no closing # */
    MD_CELL     /* one line, | escaped */
};

struct md_segment;
struct md_token;

#define MD_SHOWN 8

/* What shows of marks: links and colours are looked at once. */
struct md_shown {
    const struct note_marks *marks;
    unsigned steps;
};

/* Working memory, kept from block to block. Zeroed storage is fine. */
struct md_inline {
    bool images;                 /* data: URLs of images are allowed */
    struct md_segment *segments; /* private from here; md_parts.h tells more */
    struct md_token *tokens;
    size_t segment_count, segment_room, token_count, token_room;
    struct span first;  /* the first words, without formatting: the only ones of most blocks. No segment yet */
    struct buf words;   /* text of segments that do not borrow it */
    struct buf run;     /* words of several segments that are escaped together */
    struct buf literal; /* all text between tokens */
    struct buf url;
    struct span prefix;
    struct md_shown shown[MD_SHOWN]; /* marks with a link or a style, each in the slot that its address gives */
    bool strikes;                    /* a token of the block opens one */
    enum md_where where;
    int rc;
};

void md_inline_finish(struct md_inline *m);
/* Begins a block. `prefix`, borrowed until its end, begins each of its lines but the first. */
void md_inline_begin(struct md_inline *m, enum md_where where, struct span prefix);
/* Adds an inline node, or all inlines below a container, with `steps` (bits) besides their own marks. Their words are
 * borrowed until the end of the block. */
void md_inline_add(struct md_inline *m, const struct note_node *node, unsigned steps);
/* Adds words, borrowed likewise; a break. */
void md_inline_add_text(struct md_inline *m, struct span text, unsigned steps);
void md_inline_add_break(struct md_inline *m);
/* Whether nothing was added that shows. */
bool md_inline_is_empty(const struct md_inline *m);
/* Appends the block's Markdown: lines with line feeds between. RC_NOMEM. */
int md_inline_end(struct md_inline *m, struct buf *out) MUST_CHECK;

#endif
