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

const uint8_t *lib0_known_read(const uint8_t *p, const uint8_t *end, struct lib0_known *out)
{
    static const uint8_t masks[2 * sizeof(out->mask)] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct lib0_known read = {.value = 0};
    const uint8_t *behind = lib0_number(p, end, &read.value);

    *out = LIB0_KNOWN_NONE;
    if (behind != NULL && end - p >= (ptrdiff_t)sizeof(read.bytes)) {
        read.len = (unsigned)(behind - p);
        memcpy(&read.mask, masks + sizeof(read.mask) - read.len, sizeof(read.mask));
        memcpy(&read.bytes, p, sizeof(read.bytes));
        read.bytes &= read.mask;
        *out = read;
    }
    out->value = read.value;
    return behind;
}
