#include "render/md_width.h"
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

/* Most text is Latin, whose letters take one column each: they are counted eight bytes at once. Other text is measured
 * letter by letter. */

#define EACH_BYTE(byte) (0x0101010101010101 * (uint64_t)(byte))

/* How many letters eight bytes begin when all are of ASCII or À to ſ, each of them one column wide; else SIZE_MAX.
 * Bytes that go on with a letter count nothing; of those that begin one with more bytes only 0xc3 to 0xc5 may be there.
 */
static inline size_t count_eight(uint64_t eight)
{
    uint64_t high = eight & EACH_BYTE(0x80), low = eight & EACH_BYTE(0x3f);
    uint64_t begin = high & eight << 1, go_on = high & ~(eight << 1);
    uint64_t wide = ~(low + EACH_BYTE(0x80 - 3)) | (low + EACH_BYTE(0x80 - 6));

    return (begin & wide) != 0 ? SIZE_MAX : 8 - ((go_on >> 7) * EACH_BYTE(1) >> 56);
}

/* The same for any number of bytes. */
static size_t count_narrow(struct span text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.len; i += 8) {
        size_t len = text.len - i < 8 ? text.len - i : 8, more;
        uint64_t eight = 0;

        memcpy(&eight, text.data + i, len);
        more = count_eight(eight);
        if (more == SIZE_MAX) {
            return SIZE_MAX;
        }
        width += more - (8 - len);
    }
    return width;
}

/* Eight and more: whether all are of ASCII. The last eight may overlap those before. */
static inline bool is_ascii(struct span text)
{
    uint64_t all = 0, eight;

    for (size_t i = 0; i < text.len - 8; i += 8) {
        memcpy(&eight, text.data + i, 8);
        all |= eight;
    }
    memcpy(&eight, text.data + text.len - 8, 8);
    return ((all | eight) & EACH_BYTE(0x80)) == 0;
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

size_t md_width(struct span text)
{
    size_t width = text.len >= 8 && is_ascii(text) ? text.len : count_narrow(text);

    return width != SIZE_MAX ? width : measure(text);
}
