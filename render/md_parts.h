#ifndef RENDER_MD_PARTS_H
#define RENDER_MD_PARTS_H

/* What the inlines of a block are on their way to Markdown, for the files that md_inline.h is made of. Three steps:
 *
 *   segments   what the block holds: words, breaks and finished pieces ("![a](b)"), each with the marks that show
 *              (md_inline.c adds words, md_leaf.c everything else)
 *   tokens     the literal text, and where in it a mark opens or closes (md_tokens.c)
 *   text       once each pair of tokens has its style (md_style.c, md_inline.c)
 *
 * A segment of one node borrows the node's words; they are copied only when the next node goes on with the same marks.
 */
#include "render/md_inline.h"

enum md_segment_kind { MD_WORDS, MD_PIECE, MD_BREAK };

struct md_segment {
    enum md_segment_kind kind;
    unsigned steps; /* those that show */
    const struct note_marks *marks;
    const uint8_t *borrowed; /* the text; NULL: it is in `words`, at `at` */
    size_t at, len;
};

enum md_style { MD_UNDECIDED, MD_STAR, MD_UNDERSCORE, MD_TILDE, MD_TAG };

struct md_token {
    enum note_step step;
    bool opens;
    enum md_style style; /* of the opening one */
    size_t at;           /* in literal */
    size_t pair;         /* the other token */
    const struct note_marks *marks;
};

/* One more element of a growing array of `size` bytes each; NULL, and m->rc, without memory. */
void *md_parts_grow(struct md_inline *m, void **array, size_t count, size_t *room, size_t size);
/* A segment whose text will be appended to `words`, or NULL. */
struct md_segment *md_parts_segment(struct md_inline *m, enum md_segment_kind kind, const struct note_marks *marks,
                                    unsigned steps);
/* Words with these marks: a segment of their own, or more of the last. They are borrowed until the block ends. */
void md_parts_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps);
/* The same for words that do not last. */
void md_parts_copy(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps);
/* The first step in which two sets of marks differ, of which only `steps` count; NOTE_STEPS when in none. */
enum note_step md_parts_differ(unsigned a_steps, const struct note_marks *a, unsigned b_steps,
                               const struct note_marks *b);
/* The URL buffer for the next use; an error of the last one is kept. */
void md_parts_empty_url(struct md_inline *m);
/* The segment's text. */
static inline struct span md_parts_text(const struct md_inline *m, const struct md_segment *s)
{
    return s->borrowed != NULL ? span_of(s->borrowed, s->len) : buf_slice(&m->words, s->at, s->len);
}

#endif
