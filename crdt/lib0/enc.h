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

/* The same for a varint, see lib0_put_varint. */
static inline uint8_t *lib0_varint_at(uint8_t *to, uint64_t magnitude, bool negative)
{
    uint8_t first = (uint8_t)((negative ? 0x40 : 0) | (magnitude & 0x3f));

    if (magnitude < 0x40) {
        *to++ = first;
        return to;
    }
    *to++ = 0x80 | first;
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
