#ifndef CRDT_LIB0_UTF_H
#define CRDT_LIB0_UTF_H

/* UTF-8 text measured in UTF-16 code units, because Yjs clocks and positions count those.
 * All functions but the first two expect valid UTF-8. ASCII runs take a fast path. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"

/* Well-formed UTF-8 (Unicode 15, table 3-7): no surrogates, no over-long forms. */
bool utf8_valid(struct span s);
/* Nothing but ASCII, hence as many UTF-16 code units as bytes. */
bool utf8_is_ascii(struct span s);
/* Length in UTF-16 code units. */
size_t utf16_length(struct span s);
/* Both at once. False: not well-formed. Letters come one by one. */
bool utf8_measure_all(struct span s, size_t *units); /* private */
static inline bool utf8_measure(struct span s, size_t *units)
{
    if (s.len == 1) {
        *units = 1;
        return s.data[0] < 0x80;
    }
    return utf8_measure_all(s, units);
}
/* Byte offset of UTF-16 offset `units` (at most the length). When it falls between the two halves of a surrogate
 * pair, the offset of that character is returned and *inside is set; otherwise *inside is false. More units than there
 * are give s.len. */
size_t utf16_to_byte(struct span s, size_t units, bool *inside);
/* The same in a text of so many units, with `units` at most that, counted from the nearer end: cutting one long text to
 * pieces costs n log n. */
size_t utf16_to_byte_wide(struct span s, size_t length, size_t units, bool *inside); /* private: of more than ASCII */
static inline size_t utf16_to_byte_of(struct span s, size_t length, size_t units, bool *inside)
{
    *inside = false;
    return s.len == length ? units : utf16_to_byte_wide(s, length, units, inside);
}
/* Compares as JavaScript's < on strings: by UTF-16 code units. Negative, zero or positive. */
int utf16_compare(struct span a, struct span b);

#endif
