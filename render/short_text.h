#ifndef RENDER_SHORT_TEXT_H
#define RENDER_SHORT_TEXT_H

/* Names, keys and most values of a note have a few bytes, and are compared for every node, attribute and mark of it:
 * that is inline, two words at a time. */
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

#endif
