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

__attribute__((always_inline)) static inline struct text_ends text_ends_of(const uint8_t *bytes, size_t len)
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
__attribute__((always_inline)) static inline bool short_text_equal(struct span a, struct span b)
{
    if (a.len != b.len || a.len - 1 > 15) {
        return span_equal(a, b);
    }
    return text_ends_equal(text_ends_of(a.data, a.len), text_ends_of(b.data, a.len));
}

/* Sixteen bytes at once, by the compiler's vectors (gcc, clang; every machine has them or gets them spelled out). */
typedef uint8_t text_sixteen __attribute__((vector_size(16)));
typedef uint64_t text_halves __attribute__((vector_size(16)));

/* All bits of the bytes of a text that are the one looked for. */
static inline text_sixteen text_matches(const uint8_t *bytes, uint8_t byte)
{
    text_sixteen sixteen;

    memcpy(&sixteen, bytes, sizeof(sixteen));
    return (text_sixteen)(sixteen == byte);
}

/* Whether a byte, not 0, is among a text that is not empty. */
static inline bool text_has(struct span s, uint8_t byte)
{
    text_sixteen found;

    if (s.len >= 16) {
        const uint8_t *last = s.data + s.len - 16;

        found = text_matches(last, byte);
        for (const uint8_t *at = s.data; at < last; at += 16) {
            found |= text_matches(at, byte);
        }
    } else {
        struct text_ends e = text_ends_of(s.data, s.len);

        found = (text_sixteen)((text_sixteen)(text_halves){e.first, e.last} == byte);
    }
    return (((text_halves)found)[0] | ((text_halves)found)[1]) != 0;
}

#endif
