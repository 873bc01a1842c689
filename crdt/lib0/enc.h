#ifndef CRDT_LIB0_ENC_H
#define CRDT_LIB0_ENC_H

/* Writer for lib0's binary encoding (lib0/encoding.js), the mirror of dec.h. Appends to a buf
 * with its sticky error. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/buf.h"

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
