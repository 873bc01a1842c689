#ifndef RENDER_MD_ESCAPE_H
#define RENDER_MD_ESCAPE_H

/* Text as Markdown that reads as that text, and as little changed as that allows. */
#include <stdbool.h>
#include "crdt/base/buf.h"

/* Where text stands, as bits. */
enum md_escape {
    MD_LINE_START = 1, /* it begins a line of a paragraph: block markers are escaped too */
    MD_TRIM_START = 2, /* nothing stands before it on the line: leading spaces would be lost */
    MD_TRIM_END = 4,   /* nothing follows on the line: spaces at its end are left out */
    MD_IN_CELL = 8,    /* in a table: | */
    MD_IN_HEADING = 16 /* at the end of an ATX heading: # */
};
void md_escape_text(struct buf *out, struct span text, unsigned how);
/* The same for text that stands at no edge of a line. */
void md_escape_inner(struct buf *out, struct span text, unsigned how);
/* Copies the text to where there is room for it, if that is all that the above would do. Else false, and what stands
 * there does not count. */
bool md_escape_copied(uint8_t *to, struct span text, unsigned how);
/* A link's destination: (…) without the parentheses. The URL has passed escape_url. */
void md_escape_url(struct buf *out, struct span url, bool cell);
/* A title with its quotes and the space before. */
void md_escape_title(struct buf *out, struct span title, bool cell);
/* A code span with its backticks. */
void md_escape_code(struct buf *out, struct span text, bool cell);
/* A finished HTML tag. */
void md_escape_tag(struct buf *out, struct span tag, bool cell);
/* TeX between dollars that no reader of Markdown changes. */
void md_escape_math(struct buf *out, struct span tex, bool cell);
bool md_math_is_plain(struct span tex);
/* The length of the longest run of `byte`. */
size_t md_longest_run(struct span text, uint8_t byte);

#endif
