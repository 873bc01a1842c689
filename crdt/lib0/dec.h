#ifndef CRDT_LIB0_DEC_H
#define CRDT_LIB0_DEC_H

/* The sticky bounded reader for lib0's binary encoding (lib0/decoding.js).
 *
 * Every read checks the bounds. The first failure is kept in `rc` and every later read
 * returns zero or an empty span. Read a record, look at `rc` once, and always
 * before a value becomes a length, a count or an index.
 *
 * Invariant: pos <= end; after a failure pos == end.
 *
 * Stricter than lib0, on bytes that lib0 never writes: numbers beyond 2^53 - 1 are refused (lib0 lets the last byte
 * round), and a varint that begins at the end of the input is (lib0 reads 0). Tests: test_dec.c, "differs from lib0".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define LIB0_MAX_SAFE ((UINT64_C(1) << 53) - 1) /* Number.MAX_SAFE_INTEGER */

struct lib0_dec {
    const uint8_t *pos, *end; /* borrowed bytes still to read */
    int rc;                   /* RC_OK, RC_FORMAT (truncated, malformed) or RC_RANGE (beyond 2^53 - 1) */
};

struct lib0_dec lib0_dec_of(struct span bytes);
bool lib0_dec_at_end(const struct lib0_dec *d); /* also true after a failure */
size_t lib0_dec_left(const struct lib0_dec *d); /* 0 after a failure */
void lib0_dec_fail(struct lib0_dec *d, int rc); /* keeps the first failure */

uint8_t lib0_dec_u8_failed(struct lib0_dec *d);     /* private: u8 at the end */
uint64_t lib0_dec_varuint_long(struct lib0_dec *d); /* private: varuint of several bytes, or at the end */

static inline uint8_t lib0_dec_u8(struct lib0_dec *d)
{
    return d->pos < d->end ? *d->pos++ : lib0_dec_u8_failed(d);
}

/* Unsigned LEB128, at most 2^53 - 1; over-long forms are accepted as lib0 does. */
static inline uint64_t lib0_dec_varuint(struct lib0_dec *d)
{
    return d->pos < d->end && *d->pos < 0x80 ? *d->pos++ : lib0_dec_varuint_long(d);
}

/* lib0 varint: bit 7 continues, bit 6 of the first byte is the sign. `negative` (may be NULL) is
 * set from the sign bit, which tells -0 from 0. */
int64_t lib0_dec_varint(struct lib0_dec *d, bool *negative);
/* The same with another bound on the magnitude, `max` < 2^62. */
int64_t lib0_dec_varint_max(struct lib0_dec *d, uint64_t max, bool *negative);
struct span lib0_dec_bytes(struct lib0_dec *d, size_t len);
/* varuint length, then that many bytes; borrowed from the input. */
struct span lib0_dec_varbytes(struct lib0_dec *d);
/* The same, refused with RC_FORMAT when it is not valid UTF-8 (lib0 decodes fatally, and keeps a byte order mark). */
struct span lib0_dec_varstring(struct lib0_dec *d);
float lib0_dec_f32(struct lib0_dec *d);      /* big-endian */
double lib0_dec_f64(struct lib0_dec *d);     /* big-endian */
int64_t lib0_dec_bigint(struct lib0_dec *d); /* big-endian, 64 bits */

#endif
