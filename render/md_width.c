#include "render/md_width.h"
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>
#include "render/short_text.h"

/* Most text is Latin, whose letters take one column each: they are counted eight bytes at once. Other text is measured
 * letter by letter. */

#define EACH_BYTE(byte) (0x0101010101010101 * (uint64_t)(byte))

/* How many of eight bytes go on with a letter, when all letters are of ASCII or À to ſ, each of them one column wide;
 * else SIZE_MAX. Of bytes that begin a letter with more of them only 0xc3 to 0xc5 may be there. */
static inline size_t count_going_on(uint64_t eight)
{
    uint64_t high = eight & EACH_BYTE(0x80), low = eight & EACH_BYTE(0x3f);
    uint64_t begin = high & eight << 1, go_on = high & ~(eight << 1);
    uint64_t wide = ~(low + EACH_BYTE(0x80 - 3)) | (low + EACH_BYTE(0x80 - 6));

    return (begin & wide) != 0 ? SIZE_MAX : (go_on >> 7) * EACH_BYTE(1) >> 56;
}

/* The last bytes of the text, less than eight, and zeros. */
static inline uint64_t last_bytes(struct span text, size_t count)
{
    uint64_t eight = 0;

    if (text.len >= 8) {
        memcpy(&eight, text.data + text.len - 8, 8);
        return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? eight >> 8 * (8 - count) : eight << 8 * (8 - count);
    }
    for (size_t i = 0; i < text.len; i++) {
        eight = eight << 8 | text.data[i];
    }
    return eight;
}

/* The width of text that is all of such letters; else SIZE_MAX. */
static size_t count_narrow(struct span text)
{
    size_t width = text.len;

    for (size_t i = 0; i < text.len; i += 8) {
        uint64_t eight;

        if (text.len - i >= 8) {
            memcpy(&eight, text.data + i, 8);
        } else {
            eight = last_bytes(text, text.len - i);
        }
        if ((eight & EACH_BYTE(0x80)) != 0) {
            size_t less = count_going_on(eight);

            if (less == SIZE_MAX) {
                return SIZE_MAX;
            }
            width -= less;
        }
    }
    return width;
}

/* Not inlined: it is rare, and large. */
__attribute__((noinline)) static size_t measure(struct span text)
{
    size_t width = 0, at = 0;

    while (at < text.len) {
        utf8proc_int32_t point = 0;
        utf8proc_ssize_t len = 1;

        if (text.data[at] < 128) {
            width++;
        } else {
            len = utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &point);
            width += len > 0 ? (size_t)utf8proc_charwidth(point) : 1;
        }
        at += len > 0 ? (size_t)len : 1;
    }
    return width;
}

static inline bool is_short_ascii(struct span text)
{
    struct text_ends ends;

    if (text.len - 1 > 15) {
        return false;
    }
    ends = text_ends_of(text.data, text.len);
    return ((ends.first | ends.last) & EACH_BYTE(0x80)) == 0;
}

/* Not inlined: what most cells have is short, and ASCII. */
__attribute__((noinline)) static size_t count(struct span text)
{
    size_t width = count_narrow(text);

    return width != SIZE_MAX ? width : measure(text);
}

inline size_t md_width(struct span text)
{
    return is_short_ascii(text) ? text.len : count(text);
}
