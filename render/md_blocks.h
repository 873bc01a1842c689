#ifndef RENDER_MD_BLOCKS_H
#define RENDER_MD_BLOCKS_H

/* What the blocks of a document share on their way to Markdown, for the files that markdown.h is made of: lines with
 * the prefixes of the open containers (md_lines.c), the containers themselves (md_containers.c); the blocks without
 * blocks in them are in markdown.c.
 *
 * `prefix` is what every line of the open containers begins with ("> ", spaces under an item). A container that opens
 * begins its first line at once (with the item's marker), and `line_begun` says so until something is put on that line.
 * So "- > 1. text" comes out of three containers opened at once.
 *
 * `fresh` is true between the opening of something and its first block: no empty line belongs there. `behind` is the
 * marker of the list that was written right before, since two lists that touch must not have the same. */
#include "render/markdown.h"
#include "render/md_inline.h"

#define MD_LISTS       (MARKDOWN_DEPTH + 1)
#define MD_MARKER_MOST 16 /* "999999999. [x] " */

struct md_list {
    char marker; /* - * + or . ) */
    bool loose;
    uint32_t number; /* of the next item */
};

struct md {
    const struct markdown_options *o;
    struct buf *out;
    struct buf text;
    struct md_inline inlines;
    unsigned depth; /* open containers: quotes, panels, items */
    unsigned over;  /* open containers beyond MARKDOWN_DEPTH */
    unsigned list_count;
    bool line_begun, fresh, first_in_item;
    char behind;
    size_t prefix_len;
    /* From here on not zeroed at first: what counts is written before. */
    uint8_t prefix[(MARKDOWN_DEPTH + 1) * MD_MARKER_MOST]; /* one more, since so much is copied */
    uint8_t widths[MARKDOWN_DEPTH];                        /* what each open container has added to the prefix */
    struct md_list lists[MD_LISTS];
};

/* ---- Lines (md_lines.c) ---- */

/* Keeps the first error, in `out`: there the walk ends. */
void md_lines_rc(struct md *w, int rc);
/* The text buffer for the next block; an error of the last one is kept. */
void md_lines_empty_text(struct md *w);
/* Begins a line, or goes on with the one that containers have begun; `blank` ones have no spaces at their end. */
void md_lines_prefix(struct md *w, bool blank);
void md_lines_put(struct md *w, struct span line);
void md_lines_put_str(struct md *w, const char *line);
/* Whether lines begin with nothing now: what goes right into `out` is as md_lines_put_all would put it. */
static inline bool md_lines_are_bare(const struct md *w)
{
    return w->prefix_len == 0 && !w->line_begun;
}
/* Text that may have several lines; a line feed at its end ends the last. */
void md_lines_put_all(struct md *w, struct span text);
/* Inlines are added to w->inlines in between. They come out as lines of the block, the first of which begins with
 * `mark`; nothing does when there is neither. */
void md_lines_begin_inlines(struct md *w, enum md_where where);
void md_lines_end_inlines(struct md *w, struct span mark);
/* The same with all inlines of one block. */
void md_lines_put_inlines(struct md *w, const struct note_node *node, enum md_where where, struct span mark);
/* The line of a paragraph of nothing but words that stand as they are. False, and nothing put, when it is not so: when
 * it is blank, too. */
bool md_lines_put_words(struct md *w, const struct note_node *paragraph);
/* Before every block: the empty line that keeps it apart from the one before; the same of an item; and behind both. */
void md_lines_begin_block(struct md *w, const struct note_node *node);
void md_lines_begin_item(struct md *w, const struct note_node *item);
void md_lines_end_block(struct md *w);

/* ---- Containers (md_containers.c) ---- */

/* Lists, items, quotes, panels and details open and close; other nodes do nothing. True: all that is in the node has
 * been written, it is not to be left. */
bool md_containers_enter(struct md *w, const struct note_node *node);
void md_containers_leave(struct md *w, const struct note_node *node);

#endif
