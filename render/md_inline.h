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

struct md_token;

#define MD_SHOWN 8

/* What shows of marks: links and colours are looked at once. */
struct md_shown {
    const struct note_marks *marks;
    unsigned steps;
};

#define MD_VALUED (NOTE_BACKGROUND + 1)

/* What a mark last said with its value: a link's destination, a style or background. */
struct md_value {
    const struct note_marks *marks;
    enum md_where where;
    struct buf text;
};

enum md_held_kind { MD_NOTHING, MD_WORDS, MD_PIECE, MD_BREAK };

/* What came last. */
struct md_held {
    enum md_held_kind kind;
    enum note_step before; /* the first step in which its marks differ from those before it */
    unsigned steps;        /* marks that show */
    bool copied;           /* the words are in `words` */
    const struct note_marks *marks;
    struct span text; /* of words */
};

/* What is being written. */
struct md_line {
    unsigned steps; /* open now */
    bool begun;     /* something stands on the line already */
    bool joined;    /* the run is in md_inline.run */
    const struct note_marks *marks;
    struct span run; /* the words that wait */
};

/* Working memory, kept from block to block. Zeroed storage is fine. */
struct md_inline {
    bool images;         /* data: URLs of images are allowed */
    int rc;              /* of the working memory: RC_OK or RC_NOMEM, which stays */
    enum md_where where; /* private from here; md_parts.h tells more */
    bool strikes;        /* a token of the block opens one */
    struct span prefix;
    struct md_held held;
    struct md_line line;
    struct md_token *tokens;
    size_t token_count, token_room;
    size_t open[NOTE_STEPS]; /* tokens of the steps that are open */
    struct buf words;        /* held words that come from several nodes */
    struct buf run;          /* words of several marks that are escaped together */
    struct buf literal;      /* all text between tokens */
    struct buf url;
    struct buf cells;                  /* all text of a table (md_table.h) */
    struct buf grid;                   /* its columns and cells */
    struct md_value values[MD_VALUED]; /* by the step: of a link, a style, a background */
    struct md_shown shown[MD_SHOWN];   /* marks with a link or a style, each in the slot that its address gives */
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
/* All three at once for the inlines of one container; the same as they would give. Most blocks are nothing but words.
 * Errors show in m->rc and in `out`. */
void md_inline_write(struct md_inline *m, const struct note_node *node, enum md_where where, struct span prefix,
                     struct buf *out);

/* Whether the block that begins with `first` has nothing else, and that is words without marks. */
static inline bool md_inline_is_words(const struct note_node *first)
{
    return first->next == NULL && first->kind == NOTE_TEXT && first->marks == NULL;
}

/* What note_is_blank says, sooner of the many blocks that begin with a letter. */
static inline bool md_inline_is_blank(const struct note_node *node)
{
    const struct note_node *first = node->first;

    return (first == NULL || first->kind != NOTE_TEXT || first->text.len == 0 || first->text.data[0] <= ' ') &&
           note_is_blank(node);
}

#endif
