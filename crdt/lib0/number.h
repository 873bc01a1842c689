#ifndef CRDT_LIB0_NUMBER_H
#define CRDT_LIB0_NUMBER_H

/* Varuints for decoders that keep their place in a register instead of a lib0_dec: of the small updates and usual
 * structs that nearly all traffic consists of. They read what is ordinary and refuse everything else; the caller then
 * goes back to lib0_dec, which knows what is wrong, if anything is.
 *
 * All take the place `p` and the `end` behind the bytes, p <= end, and return the place behind the number. NULL: it is
 * cut, or longer than seven bytes, which may leave the range. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

const uint8_t *lib0_number_long(const uint8_t *p, const uint8_t *end, uint64_t *value); /* private: any length */

/* Up to three bytes are the usual. */
static inline const uint8_t *lib0_number(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    if (end - p < 3) {
        return lib0_number_long(p, end, value);
    }
    if (p[0] < 0x80) {
        *value = p[0];
        return p + 1;
    }
    if (p[1] < 0x80) {
        *value = (p[0] & 0x7fu) | (uint32_t)p[1] << 7;
        return p + 2;
    }
    if (p[2] < 0x80) {
        *value = (p[0] & 0x7fu) | (p[1] & 0x7fu) << 7 | (uint32_t)p[2] << 14;
        return p + 3;
    }
    return lib0_number_long(p, end, value);
}

/* A long number that comes again and again, a client's id: with the bytes that it was written as, so that it need not
 * be decoded each time. */
struct lib0_known {
    uint64_t value;
    uint64_t bytes, mask; /* private: the first one lowest, where `mask` says so */
    unsigned len;         /* private */
};

#define LIB0_KNOWN_NONE ((struct lib0_known){.bytes = 1}) /* stands nowhere */

/* Private: eight bytes, the first one lowest. */
static inline uint64_t lib0_word(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Reads a number, to be found in *out, and remembers it unless it is near the end. */
const uint8_t *lib0_known_read(const uint8_t *p, const uint8_t *end, struct lib0_known *out);

/* The place behind that number if it stands at `p` again; NULL if not, or so near the end that it is not worth it. */
static inline const uint8_t *lib0_known_again(const struct lib0_known *k, const uint8_t *p, const uint8_t *end)
{
    if (end - p < (ptrdiff_t)sizeof(k->bytes)) {
        return NULL;
    }
    return (lib0_word(p) & k->mask) == k->bytes ? p + k->len : NULL;
}

#endif
