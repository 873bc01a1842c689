#include "crdt/lib0/dec.h"
#include "crdt/lib0/utf.h"

/* All failures go through lib0_dec_fail, which moves `pos` to `end`: after it the bounds check of every reader fails
 * by itself, and the fast paths need no second test. */

struct lib0_dec lib0_dec_of(struct span bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *data = bytes.len == 0 ? nothing : bytes.data;

    return (struct lib0_dec){data, data + bytes.len, RC_OK};
}

bool lib0_dec_at_end(const struct lib0_dec *d)
{
    return d->pos == d->end;
}

size_t lib0_dec_left(const struct lib0_dec *d)
{
    return (size_t)(d->end - d->pos);
}

void lib0_dec_fail(struct lib0_dec *d, int rc)
{
    if (d->rc == RC_OK) {
        d->rc = rc;
    }
    d->pos = d->end;
}

uint8_t lib0_dec_u8_failed(struct lib0_dec *d)
{
    lib0_dec_fail(d, RC_FORMAT);
    return 0;
}

/* The bytes of a variable-length number from the one whose lowest bit is worth 2^shift on. */
static uint64_t read_groups(struct lib0_dec *d, uint64_t value, unsigned shift, uint64_t max)
{
    uint8_t byte = 0x80;

    while (byte >= 0x80) {
        uint64_t bits;

        if (d->pos == d->end) {
            lib0_dec_fail(d, RC_FORMAT);
            return 0;
        }
        byte = *d->pos++;
        bits = byte & 0x7f;
        /* Groups that add nothing may go on for ever, as in lib0. */
        if (bits != 0) {
            if (shift > 56 || (value |= bits << shift) > max) {
                lib0_dec_fail(d, RC_RANGE);
                return 0;
            }
        }
        shift = shift > 56 ? shift : shift + 7;
    }
    return value;
}

#define HIGH_BITS  UINT64_C(0x8080808080808080)
#define SAFE_BYTES 7 /* so many groups cannot leave the range, which spares nearly all numbers the checks */

/* Little-endian; compilers make one load of it. */
static uint64_t load8(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
           (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* Eight groups of seven bits, the lowest in the lowest byte, moved together. */
static uint64_t join_groups(uint64_t w)
{
    w = (w & UINT64_C(0x007f007f007f007f)) | (w & UINT64_C(0x7f007f007f007f00)) >> 1;
    w = (w & UINT64_C(0x00003fff00003fff)) | (w & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (w & UINT64_C(0x000000000fffffff)) | (w & UINT64_C(0x0fffffff00000000)) >> 4;
}

uint64_t lib0_dec_varuint_long(struct lib0_dec *d)
{
    if (lib0_dec_left(d) < sizeof(uint64_t)) {
        return read_groups(d, 0, 0, LIB0_MAX_SAFE);
    }
    uint64_t word = load8(d->pos);
    uint64_t last = ~word & HIGH_BITS; /* the bytes after which nothing follows … */
    last &= -last;                     /* … and the first of them */
    if (last == 0 || last >> (8 * SAFE_BYTES) != 0) {
        return read_groups(d, 0, 0, LIB0_MAX_SAFE);
    }
    d->pos += (unsigned)__builtin_ctzll(last) / 8 + 1;
    return join_groups(word & (last - 1) & ~HIGH_BITS);
}

int64_t lib0_dec_varint_max(struct lib0_dec *d, uint64_t max, bool *negative)
{
    uint8_t first = lib0_dec_u8(d);
    bool minus = (first & 0x40) != 0;
    uint64_t value = first & 0x3f;

    if (first >= 0x80 && lib0_dec_left(d) > 1 && d->pos[0] < 0x80) {
        value |= (uint64_t)*d->pos++ << 6;
    } else if (first >= 0x80 && lib0_dec_left(d) > 1 && d->pos[1] < 0x80) {
        value |= (uint64_t)(d->pos[0] & 0x7f) << 6 | (uint64_t)d->pos[1] << 13;
        d->pos += 2;
    } else if (first >= 0x80) {
        value = read_groups(d, value, 6, max);
    }
    if (negative != NULL) {
        *negative = minus && d->rc == RC_OK;
    }
    return minus ? -(int64_t)value : (int64_t)value;
}

int64_t lib0_dec_varint(struct lib0_dec *d, bool *negative)
{
    return lib0_dec_varint_max(d, LIB0_MAX_SAFE, negative);
}

struct span lib0_dec_bytes(struct lib0_dec *d, size_t len)
{
    struct span bytes = {d->pos, len};

    if (len > lib0_dec_left(d)) {
        lib0_dec_fail(d, RC_FORMAT);
        return (struct span){0};
    }
    d->pos += len;
    return bytes;
}

struct span lib0_dec_varbytes(struct lib0_dec *d)
{
    uint64_t len = lib0_dec_varuint(d);

    /* Compared before it is narrowed to size_t. */
    if (len > lib0_dec_left(d)) {
        lib0_dec_fail(d, RC_FORMAT);
        return (struct span){0};
    }
    return lib0_dec_bytes(d, (size_t)len);
}

struct span lib0_dec_varstring(struct lib0_dec *d)
{
    struct span text = lib0_dec_varbytes(d);

    if (!utf8_valid(text)) {
        lib0_dec_fail(d, RC_FORMAT);
        return (struct span){0};
    }
    return text;
}

static uint64_t read_big_endian(struct lib0_dec *d, size_t len)
{
    struct span bytes = lib0_dec_bytes(d, len);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        value = value << 8 | bytes.data[i];
    }
    return value;
}

float lib0_dec_f32(struct lib0_dec *d)
{
    uint32_t bits = (uint32_t)read_big_endian(d, sizeof(bits));
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

double lib0_dec_f64(struct lib0_dec *d)
{
    uint64_t bits = read_big_endian(d, sizeof(bits));
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

int64_t lib0_dec_bigint(struct lib0_dec *d)
{
    uint64_t bits = read_big_endian(d, sizeof(bits));
    int64_t value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}
