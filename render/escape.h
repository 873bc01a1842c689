#ifndef RENDER_ESCAPE_H
#define RENDER_ESCAPE_H

/* What keeps text from becoming code: escaping for HTML and JSON, and the grammars of what may stand in a URL or a
 * style.
 *
 * Every byte of a note that reaches an output goes through one of these. Control characters other than tab and line
 * feed become U+FFFD, so that no output can carry a NUL or an escape sequence. */
#include <stdbool.h>
#include "crdt/base/buf.h"

/* What a writer has to look at among bytes that go out as they are, for its table: all control characters, or those but
 * tab and line feed. */
#define ESCAPE_STRANGE                                                                                                 \
    [0] = true, [1] = true, [2] = true, [3] = true, [4] = true, [5] = true, [6] = true, [7] = true, [8] = true,        \
    [11] = true, [12] = true, [13] = true, [14] = true, [15] = true, [16] = true, [17] = true, [18] = true,            \
    [19] = true, [20] = true, [21] = true, [22] = true, [23] = true, [24] = true, [25] = true, [26] = true,            \
    [27] = true, [28] = true, [29] = true, [30] = true, [31] = true, [127] = true
#define ESCAPE_CONTROLS ESCAPE_STRANGE, [9] = true, [10] = true
/* The offset of the first special byte from `from` on; text.len when there is none. */
size_t escape_find(const bool special[256], struct span text, size_t from);
size_t escape_copy_into(uint8_t *to, const bool special[256], struct span text); /* private: room is there */
/* Appends the text up to its first special byte, and returns how many bytes that are. No letter, space, comma,
 * apostrophe or byte beyond ASCII may be special: most of a note is that, and passes sixteen bytes at once. Without
 * memory all counts as copied, and `out` keeps the error. */
static inline size_t escape_copy(struct buf *out, const bool special[256], struct span text)
{
    size_t count = text.len;

    if (count > 0 && buf_reserve(out, count) == RC_OK) {
        count = escape_copy_into(out->data + out->len, special, text);
        out->len += count;
    }
    return count;
}

/* False: there is no control character in the text but tabs and line feeds. It is not looked for in a short one. */
bool escape_may_be_strange(struct span text);

/* Text or an attribute's value between double quotes: & < > " are escaped. */
void escape_html(struct buf *out, struct span text);
/* The same, line feeds and tabs as character references: for attributes and where a blank line would end the block. */
void escape_html_line(struct buf *out, struct span text);
/* A JSON string with its quotes. */
void escape_json(struct buf *out, struct span text);

/* Appends the URL without the characters that browsers pass over (controls and spaces around it), and returns true when
 * it is relative or its scheme is http, https, mailto or tel; with `images` also data:image/ of a raster format.
 * Otherwise nothing is appended. */
bool escape_url(struct buf *out, struct span url, bool images);

/* A colour: #rgb to #rrggbbaa, rgb(), rgba(), hsl(), hsla() of plain numbers, or a name of 3 to 24 letters. */
bool escape_is_color(struct span s);
/* A length: digits with px, pt, em, rem or %; a number alone counts as pixels; small, large, huge (Quill). Appends CSS.
 */
bool escape_length(struct buf *out, struct span s);
/* A font family list: letters, digits, spaces, commas, hyphens; quotes are dropped. Appends CSS. */
bool escape_family(struct buf *out, struct span s);

/* Declarations of text, as far as they pass: "color:#f00;font-size:12px". False, and nothing appended, when none does.
 */
bool escape_text_style(struct buf *out, struct span color, struct span size, struct span family);

/* A word for a class or an info string: letters, digits and + - # . _ up to the first space. */
struct span escape_word(struct span s);

#endif
