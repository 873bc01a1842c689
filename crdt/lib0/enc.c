#include "crdt/lib0/enc.h"

void lib0_put_varuint_long(struct buf *b, uint64_t value)
{
    if (buf_reserve(b, LIB0_VARUINT_MAX) == RC_OK) {
        b->len = (size_t)(lib0_varuint_at(b->data + b->len, value) - b->data);
    }
}

void lib0_put_varint(struct buf *b, uint64_t magnitude, bool negative)
{
    if (buf_reserve(b, LIB0_VARUINT_MAX) == RC_OK) {
        b->len = (size_t)(lib0_varint_at(b->data + b->len, magnitude, negative) - b->data);
    }
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
