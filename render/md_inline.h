#ifndef RENDER_MD_INLINE_H
#define RENDER_MD_INLINE_H

/* The inlines of one block as Markdown that any CommonMark + GFM reader reads back as the same inlines.
 *
 * Marks nest in the order of enum note_step. Emphasis is written with * and ** where the delimiter runs could really
 * open and close there (CommonMark 0.30, 6.2, taken strictly enough to hold for 0.29 and 0.31 as well), with _ where
 * two runs of * would touch, and with <em> and <strong> elsewhere. Spaces at the edges of emphasis move outside. */
#include "crdt/base/buf.h"
#include "render/note_tree.h"

enum md_where {
    MD_PARAGRAPH,
    MD_HEADING, /* one line, no closing # */
    MD_CELL     /* one line, | escaped */
};

struct md_segment;
struct md_token;

/* Working memory, kept from block to block. Zeroed storage is fine. */
struct md_inline {
    bool images;                 /* data: URLs of images are allowed */
    struct md_segment *segments; /* private from here */
    struct md_token *tokens;
    size_t segment_count, segment_room, token_count, token_room;
    struct buf words;   /* text of segments */
    struct buf run;     /* words that wait to be escaped together */
    struct buf literal; /* text of tokens */
    struct buf url;
    enum md_where where;
    int rc;
};

void md_inline_finish(struct md_inline *m);
/* Begins a block. */
void md_inline_begin(struct md_inline *m, enum md_where where);
/* Adds an inline node, or all inlines below a container, with `steps` (bits) besides their own marks. */
void md_inline_add(struct md_inline *m, const struct note_node *node, unsigned steps);
/* Adds words, a break. */
void md_inline_add_text(struct md_inline *m, struct span text, unsigned steps);
void md_inline_add_break(struct md_inline *m);
/* Appends the block's Markdown: lines with line feeds between. RC_NOMEM. */
int md_inline_end(struct md_inline *m, struct buf *out) MUST_CHECK;

/* The length of the longest run of `byte`. */
size_t md_longest_run(struct span text, uint8_t byte);

#endif
