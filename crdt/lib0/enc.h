#ifndef CRDT_LIB0_ENC_H
#define CRDT_LIB0_ENC_H

/* Writer for lib0's binary encoding (lib0/encoding.js), the mirror of dec.h. Appends to a buf
 * with its sticky error. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/buf.h"

#define LIB0_VARUINT_MAX 10 /* bytes of any 64-bit number; those up to 2^53 - 1 take 8 */

/* Writes a number where its writer has made room for LIB0_VARUINT_MAX bytes; returns the end. */
static inline uint8_t *lib0_varuint_at(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *to++ = (uint8_t)(value | 0x80);
    }
    *to++ = (uint8_t)value;
    return to;
}

/* The same for clocks: most have three bytes. */
static inline uint8_t *lib0_clock_at(uint8_t *to, uint32_t clock)
{
    if (clock < UINT32_C(1) << 14 || clock >= UINT32_C(1) << 21) {
        return lib0_varuint_at(to, clock);
    }
    to[0] = (uint8_t)(clock | 0x80);
    to[1] = (uint8_t)(clock >> 7 | 0x80);
    to[2] = (uint8_t)(clock >> 14);
    return to + 3;
}

/* Numbers whose lengths differ from one to the next, so that no processor foresees them, are written without a branch
 * when they are below 2^28: `len` groups of seven bits, 1 to 4. Four bytes are overwritten whatever the length. */
static inline uint8_t *lib0_groups_at(uint8_t *to, uint32_t value, unsigned len)
{
    uint32_t pairs = (value & 0x3fff) | (value & 0xfffc000) << 2;
    uint32_t groups = (pairs & 0x7f007f) | (pairs & 0x3f803f80) << 1;

    groups |= UINT32_C(0x808080) >> 8 * (4 - len); /* more follow, but for the last */
    to[0] = (uint8_t)groups;
    to[1] = (uint8_t)(groups >> 8);
    to[2] = (uint8_t)(groups >> 16);
    to[3] = (uint8_t)(groups >> 24);
    return to + len;
}

/* Groups that a number of so many bits takes, up to 28; of 0 bits as of 1. */
static inline unsigned lib0_groups_of(unsigned bits)
{
    return (bits * 9 + 63) / 64;
}

static inline unsigned lib0_bits(uint32_t value)
{
    return 32 - (unsigned)__builtin_clz(value | 1);
}

static inline uint8_t *lib0_uneven_at(uint8_t *to, uint64_t value)
{
    if (value >= UINT32_C(1) << 28) {
        return lib0_varuint_at(to, value);
    }
    return lib0_groups_at(to, (uint32_t)value, lib0_groups_of(lib0_bits((uint32_t)value)));
}

/* A varint, see lib0_put_varint: the sign stands in the first group, above six bits of the number. */
static inline uint8_t *lib0_varint_at(uint8_t *to, uint64_t magnitude, bool negative)
{
    uint32_t sign = negative ? 0x40 : 0;

    if (magnitude < UINT32_C(1) << 27) {
        uint32_t value = ((uint32_t)magnitude & 0x3f) | sign | ((uint32_t)magnitude & ~UINT32_C(0x3f)) << 1;
        return lib0_groups_at(to, value, lib0_groups_of(lib0_bits((uint32_t)magnitude) + 1));
    }
    *to++ = (uint8_t)(0x80 | sign | (magnitude & 0x3f));
    return lib0_varuint_at(to, magnitude >> 6);
}

void lib0_put_varuint_long(struct buf *b, uint64_t value); /* private: any value */

static inline void lib0_put_varuint(struct buf *b, uint64_t value)
{
    if (value < 0x80) {
        buf_put_u8(b, (uint8_t)value);
    } else {
        lib0_put_varuint_long(b, value);
    }
}

/* `negative` carries the sign, so that -0 can be written; `magnitude` is the absolute value. */
void lib0_put_varint(struct buf *b, uint64_t magnitude, bool negative);
void lib0_put_varbytes(struct buf *b, struct span bytes);
void lib0_put_varstring(struct buf *b, struct span utf8);
void lib0_put_f32(struct buf *b, float value);
void lib0_put_f64(struct buf *b, double value);
void lib0_put_bigint(struct buf *b, int64_t value);

#endif
