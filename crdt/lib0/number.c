#include "crdt/lib0/number.h"

#define SHORT_BITS 49 /* seven groups */

const uint8_t *lib0_number_long(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    uint64_t sum = 0;

    for (unsigned shift = 0; shift < SHORT_BITS && p < end; shift += 7) {
        uint8_t byte = *p++;

        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return p;
        }
    }
    return NULL;
}

/* The seven bits of each byte of a word, moved together. */
static uint64_t gather(uint64_t word)
{
    word = (word & UINT64_C(0x007f007f007f007f)) | (word & UINT64_C(0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C(0x00003fff00003fff)) | (word & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (word & UINT64_C(0x000000000fffffff)) | (word & UINT64_C(0x0fffffff00000000)) >> 4;
}

const uint8_t *lib0_known_read(const uint8_t *p, const uint8_t *end, struct lib0_known *out)
{
    *out = LIB0_KNOWN_NONE;
    if (end - p < (ptrdiff_t)sizeof(out->bytes)) {
        return lib0_number(p, end, &out->value);
    }
    uint64_t word = lib0_word(p), ends = ~word & UINT64_C(0x0080808080808080); /* of the seven bytes it may have */
    if (ends == 0) {
        return NULL;
    }
    out->mask = ends ^ (ends - 1); /* up to the first byte that ends a number */
    out->bytes = word & out->mask;
    out->value = gather(out->bytes);
    out->len = ((unsigned)__builtin_ctzll(ends) + 1) / 8;
    return p + out->len;
}
