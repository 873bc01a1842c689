#ifndef RENDER_SHORT_TEXT_H
#define RENDER_SHORT_TEXT_H

/* Names, keys, most values and half of the runs of words of a note have a few bytes, and are looked at for every node,
 * attribute and mark of it: that is inline, two words at a time. */
#include <string.h>
#include "crdt/base/span.h"

/* A text of 1 to 16 bytes: its ends, which may overlap, hold all of it. The other bytes are 0. */
struct text_ends {
    uint64_t first, last;
};

static inline struct text_ends text_ends_of(const uint8_t *bytes, size_t len)
{
    struct text_ends e = {0, 0};

    if (len >= 8) {
        memcpy(&e.first, bytes, 8);
        memcpy(&e.last, bytes + len - 8, 8);
    } else if (len >= 4) {
        memcpy(&e.first, bytes, 4);
        memcpy(&e.last, bytes + len - 4, 4);
    } else {
        e.first = (uint64_t)bytes[0] | (uint64_t)bytes[len / 2] << 8 | (uint64_t)bytes[len - 1] << 16;
    }
    return e;
}

static inline bool text_ends_equal(struct text_ends a, struct text_ends b)
{
    return a.first == b.first && a.last == b.last;
}

/* span_equal, quick where both are short. */
static inline bool short_text_equal(struct span a, struct span b)
{
    if (a.len != b.len || a.len - 1 > 15) {
        return span_equal(a, b);
    }
    return text_ends_equal(text_ends_of(a.data, a.len), text_ends_of(b.data, b.len));
}

/* Whether a byte, not 0, is among the text; quick where that is short. */
static inline bool short_text_has(struct span s, uint8_t byte)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    struct text_ends e;

    if (s.len - 1 > 15) {
        return s.len > 0 && memchr(s.data, byte, s.len) != NULL;
    }
    e = text_ends_of(s.data, s.len);
    e.first ^= ones * byte;
    e.last ^= ones * byte;
    return (((e.first - ones) & ~e.first & tops) | ((e.last - ones) & ~e.last & tops)) != 0; /* a byte is 0 now */
}

#endif
