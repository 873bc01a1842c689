#include "crdt/lib0/enc.h"

#define VARUINT_MAX 10 /* bytes of a 64-bit number in groups of seven bits */

void lib0_put_varuint_long(struct buf *b, uint64_t value)
{
    uint8_t *p;

    if (buf_reserve(b, VARUINT_MAX) != RC_OK) {
        return;
    }
    p = b->data + b->len;
    while (value >= 0x80) {
        *p++ = (uint8_t)(0x80 | (value & 0x7f));
        value >>= 7;
    }
    *p++ = (uint8_t)value;
    b->len = (size_t)(p - b->data);
}

void lib0_put_varint(struct buf *b, uint64_t magnitude, bool negative)
{
    uint8_t first = (uint8_t)((negative ? 0x40 : 0) | (magnitude & 0x3f));

    if (magnitude < 0x40) {
        buf_put_u8(b, first);
        return;
    }
    buf_put_u8(b, 0x80 | first);
    lib0_put_varuint(b, magnitude >> 6);
}

void lib0_put_varbytes(struct buf *b, struct span bytes)
{
    lib0_put_varuint(b, bytes.len);
    buf_put_span(b, bytes);
}

void lib0_put_varstring(struct buf *b, struct span utf8)
{
    lib0_put_varbytes(b, utf8);
}

static void put_big_endian(struct buf *b, uint64_t bits, size_t len)
{
    uint8_t bytes[8];

    for (size_t i = len; i > 0; i--) {
        bytes[i - 1] = (uint8_t)bits;
        bits >>= 8;
    }
    buf_put(b, bytes, len);
}

void lib0_put_f32(struct buf *b, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put_big_endian(b, bits, sizeof(bits));
}

void lib0_put_f64(struct buf *b, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put_big_endian(b, bits, sizeof(bits));
}

void lib0_put_bigint(struct buf *b, int64_t value)
{
    put_big_endian(b, (uint64_t)value, sizeof(value));
}
