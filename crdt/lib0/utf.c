#include "crdt/lib0/utf.h"

/* Most text is ASCII or nearly so: eight bytes at a time are looked at as one word ("SWAR"), and
 * only what is left goes byte by byte. In well-formed UTF-8 the number of UTF-16 units needs no
 * decoding either: every byte that is not a continuation (10xxxxxx) counts one, and a lead byte of
 * four (11110xxx) counts one more. */

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS  UINT64_C(0x0101010101010101)

static uint64_t load8(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* How many of the bytes of `flags` are 0x80; the others are 0. */
static unsigned count_flags(uint64_t flags)
{
    return (unsigned)(((flags >> 7) * LOW_BITS) >> 56);
}

/* UTF-16 units that begin in eight bytes. */
static unsigned units_of_word(uint64_t w)
{
    uint64_t high = w & HIGH_BITS;
    uint64_t continuation = high & ~(w << 1);
    uint64_t lead4 = high & (w << 1) & (w << 2) & (w << 3);

    return 8 - count_flags(continuation) + count_flags(lead4 & HIGH_BITS);
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The same for one byte. */
static unsigned units_of_byte(uint8_t byte)
{
    return is_continuation(byte) ? 0 : byte >= 0xf0 ? 2 : 1;
}

static bool in_range(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

/* Length of the well-formed sequence of several bytes at `p` (`left` bytes, at least one), or 0: Unicode table 3-7. */
static size_t sequence_length(const uint8_t *p, size_t left)
{
    uint8_t lead = p[0];

    if (in_range(lead, 0xc2, 0xdf)) {
        return left >= 2 && is_continuation(p[1]) ? 2 : 0;
    }
    if (in_range(lead, 0xe0, 0xef)) {
        uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;  /* not over-long */
        uint8_t high = lead == 0xed ? 0x9f : 0xbf; /* no surrogates */

        return left >= 3 && in_range(p[1], low, high) && is_continuation(p[2]) ? 3 : 0;
    }
    if (in_range(lead, 0xf0, 0xf4)) {
        uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xf4 ? 0x8f : 0xbf; /* up to U+10FFFF */

        return left >= 4 && in_range(p[1], low, high) && is_continuation(p[2]) && is_continuation(p[3]) ? 4 : 0;
    }
    return 0;
}

/* All bytes of up to seven, or'ed together: those in the middle are read twice, so that there is no loop. */
static uint64_t few_bytes(const uint8_t *p, size_t len)
{
    uint32_t first, last;

    if (len < 4) {
        return len > 0 ? (uint64_t)(p[0] | p[len / 2] | p[len - 1]) : 0;
    }
    memcpy(&first, p, sizeof(first));
    memcpy(&last, p + len - sizeof(last), sizeof(last));
    return (uint64_t)first | last;
}

bool utf8_is_ascii(struct span s)
{
    if (s.len < 8) {
        return (few_bytes(s.data, s.len) & HIGH_BITS) == 0;
    }
    uint64_t seen = load8(s.data + s.len - 8);
    for (size_t i = 0; i + 8 < s.len; i += 8) {
        seen |= load8(s.data + i);
    }
    return (seen & HIGH_BITS) == 0;
}

bool utf8_measure_all(struct span s, size_t *units)
{
    const uint8_t *p = s.data;
    size_t left = s.len, sum = 0;

    if (utf8_is_ascii(s)) {
        *units = s.len;
        return true;
    }
    while (left > 0) {
        size_t step = 1, more = 1;

        if (*p >= 0x80) {
            step = sequence_length(p, left);
            if (step == 0) {
                return false;
            }
            more += step == 4;
        } else if (left >= 8 && (load8(p) & HIGH_BITS) == 0) {
            step = more = 8;
        }
        p += step;
        left -= step;
        sum += more;
    }
    *units = sum;
    return true;
}

bool utf8_valid(struct span s)
{
    size_t units;

    return utf8_measure_all(s, &units);
}

size_t utf16_length(struct span s)
{
    size_t units = 0, i = 0;

    for (; s.len - i >= 8; i += 8) {
        units += units_of_word(load8(s.data + i));
    }
    for (; i < s.len; i++) {
        units += units_of_byte(s.data[i]);
    }
    return units;
}

size_t utf16_to_byte(struct span s, size_t units, bool *inside)
{
    size_t i = 0;

    *inside = false;
    while (s.len - i >= 8) {
        unsigned count = units_of_word(load8(s.data + i));

        if (count > units) {
            break;
        }
        units -= count;
        i += 8;
    }
    /* A word may have ended in the middle of a character, which was counted at its lead byte. */
    for (; i < s.len; i++) {
        unsigned count = units_of_byte(s.data[i]);

        if (count > units) {
            *inside = units > 0;
            break;
        }
        units -= count;
    }
    return i;
}

static size_t common_prefix(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    size_t i = 0;

    while (len - i >= 8 && load8(a.data + i) == load8(b.data + i)) {
        i += 8;
    }
    while (i < len && a.data[i] == b.data[i]) {
        i++;
    }
    return i;
}

size_t utf16_to_byte_wide(struct span s, size_t length, size_t units, bool *inside)
{
    size_t at = s.len, back = length - units;

    *inside = false;
    if (units <= length / 2) {
        return utf16_to_byte(s, units, inside);
    }
    while (back > 0 && !*inside) {
        do {
            at--;
        } while ((s.data[at] & 0xc0) == 0x80);
        size_t width = s.data[at] >= 0xf0 ? 2 : 1;
        *inside = width > back;
        back -= *inside ? back : width;
    }
    return at;
}

int utf16_compare(struct span a, struct span b)
{
    size_t i = common_prefix(a, b);
    uint8_t x, y;

    if (i == a.len || i == b.len) {
        return (a.len > b.len) - (a.len < b.len);
    }
    x = a.data[i];
    y = b.data[i];
    /* Order by bytes is order by code points. UTF-16 differs in one thing: the surrogates of four-byte characters stand
     * before U+E000…U+FFFF, whose lead bytes are 0xEE and 0xEF. */
    if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) {
        return x >= 0xf0 ? -1 : 1;
    }
    return x < y ? -1 : 1;
}
