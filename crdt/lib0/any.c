#include "crdt/lib0/any.h"
#include <float.h>
#include <math.h>
#include "crdt/lib0/any_build.h"
#include "crdt/lib0/enc.h"

/* Reading, skipping and writing of single values. What an object needs is in any_build.c. */

/* ---- Builders ----------------------------------------------------------------------------------- */

#define INTEGER_MAX 2147483647.0 /* lib0/binary.js BITS31 */

void lib0_put_any_undefined(struct buf *b)
{
    buf_put_u8(b, LIB0_ANY_UNDEFINED);
}

void lib0_put_any_null(struct buf *b)
{
    buf_put_u8(b, LIB0_ANY_NULL);
}

void lib0_put_any_bool(struct buf *b, bool value)
{
    buf_put_u8(b, value ? LIB0_ANY_TRUE : LIB0_ANY_FALSE);
}

static bool is_integer(double value)
{
    return fabs(value) <= INTEGER_MAX && (double)(int64_t)value == value;
}

static bool is_float32(double value)
{
    return isinf(value) || (fabs(value) <= (double)FLT_MAX && (double)(float)value == value);
}

void lib0_put_any_number(struct buf *b, double value)
{
    if (is_integer(value)) {
        buf_put_u8(b, LIB0_ANY_INTEGER);
        lib0_put_varint(b, (uint64_t)fabs(value), signbit(value) != 0);
    } else if (is_float32(value)) {
        buf_put_u8(b, LIB0_ANY_FLOAT32);
        lib0_put_f32(b, (float)value);
    } else {
        buf_put_u8(b, LIB0_ANY_FLOAT64);
        lib0_put_f64(b, isnan(value) ? (double)NAN : value);
    }
}

void lib0_put_any_bigint(struct buf *b, int64_t value)
{
    buf_put_u8(b, LIB0_ANY_BIGINT);
    lib0_put_bigint(b, value);
}

void lib0_put_any_string(struct buf *b, struct span utf8)
{
    buf_put_u8(b, LIB0_ANY_STRING);
    lib0_put_varstring(b, utf8);
}

void lib0_put_any_bytes(struct buf *b, struct span bytes)
{
    buf_put_u8(b, LIB0_ANY_BYTES);
    lib0_put_varbytes(b, bytes);
}

/* ---- Normal form -------------------------------------------------------------------------------- */

double lib0_dec_any_integer(struct lib0_dec *in)
{
    bool negative;
    int64_t value = lib0_dec_varint(in, &negative);

    return value == 0 && negative ? -0.0 : (double)value;
}

/* How many members a container claims; each takes at least `size` bytes. */
static uint64_t read_count(struct lib0_dec *in, size_t size)
{
    uint64_t count = lib0_dec_varuint(in);

    if (count > lib0_dec_left(in) / size) {
        lib0_dec_fail(in, RC_FORMAT);
        return 0;
    }
    return count;
}

static void normalize_value(struct lib0_dec *in, struct any_build *b, unsigned depth);

static void normalize_array(struct lib0_dec *in, struct any_build *b, unsigned depth)
{
    uint64_t count = read_count(in, 1);

    buf_put_u8(b->out, LIB0_ANY_ARRAY);
    lib0_put_varuint(b->out, count);
    for (uint64_t i = 0; i < count && in->rc == RC_OK && b->out->rc == RC_OK; i++) {
        normalize_value(in, b, depth);
    }
}

static void normalize_object(struct lib0_dec *in, struct any_build *b, unsigned depth)
{
    struct any_frame frame = any_build_open(b, LIB0_ANY_OBJECT);
    uint64_t count = read_count(in, 2);

    for (uint64_t i = 0; i < count && in->rc == RC_OK && b->out->rc == RC_OK; i++) {
        any_build_key(b, lib0_dec_varstring(in));
        normalize_value(in, b, depth);
    }
    any_build_close_object(b, &frame);
}

/* Everything but arrays and objects. */
static void normalize_scalar(struct lib0_dec *in, uint8_t tag, struct buf *out)
{
    switch (tag) {
    case LIB0_ANY_UNDEFINED:
    case LIB0_ANY_NULL:
    case LIB0_ANY_FALSE:
    case LIB0_ANY_TRUE:
        buf_put_u8(out, tag);
        break;
    case LIB0_ANY_INTEGER:
        lib0_put_any_number(out, lib0_dec_any_integer(in));
        break;
    case LIB0_ANY_FLOAT32:
        lib0_put_any_number(out, (double)lib0_dec_f32(in));
        break;
    case LIB0_ANY_FLOAT64:
        lib0_put_any_number(out, lib0_dec_f64(in));
        break;
    case LIB0_ANY_BIGINT:
        lib0_put_any_bigint(out, lib0_dec_bigint(in));
        break;
    case LIB0_ANY_STRING:
        lib0_put_any_string(out, lib0_dec_varstring(in));
        break;
    case LIB0_ANY_BYTES:
        lib0_put_any_bytes(out, lib0_dec_varbytes(in));
        break;
    default:
        lib0_dec_fail(in, RC_FORMAT);
    }
}

static bool is_container(uint8_t tag)
{
    return tag == LIB0_ANY_ARRAY || tag == LIB0_ANY_OBJECT;
}

/* `depth` is how many containers may still be entered. */
static void normalize_tagged(struct lib0_dec *in, uint8_t tag, struct any_build *b, unsigned depth)
{
    if (!is_container(tag)) {
        normalize_scalar(in, tag, b->out);
    } else if (depth == 0) {
        lib0_dec_fail(in, RC_LIMIT);
    } else if (tag == LIB0_ANY_ARRAY) {
        normalize_array(in, b, depth - 1);
    } else {
        normalize_object(in, b, depth - 1);
    }
}

static void normalize_value(struct lib0_dec *in, struct any_build *b, unsigned depth)
{
    normalize_tagged(in, lib0_dec_u8(in), b, depth);
}

static void normalize_container(struct lib0_dec *in, uint8_t tag, struct buf *out)
{
    struct any_build build;
    int rc;

    any_build_init(&build, out);
    build.drop_proto = true;
    normalize_tagged(in, tag, &build, LIB0_ANY_DEPTH);
    rc = any_build_finish(&build);
    if (rc != RC_OK) {
        lib0_dec_fail(in, rc);
    }
}

int lib0_any_normalize(struct lib0_dec *in, struct buf *out)
{
    size_t before = out->len;
    uint8_t tag = lib0_dec_u8(in);

    if (is_container(tag)) {
        normalize_container(in, tag, out);
    } else {
        normalize_scalar(in, tag, out);
    }
    if (out->rc != RC_OK) {
        lib0_dec_fail(in, out->rc);
    }
    if (in->rc != RC_OK) {
        out->len = before;
    }
    return in->rc;
}

/* ---- Skipping ----------------------------------------------------------------------------------- */

static void skip_members(struct lib0_dec *in, uint64_t count, bool keys, unsigned depth);

static void skip_value(struct lib0_dec *in, unsigned depth)
{
    uint8_t tag = lib0_dec_u8(in);

    switch (tag) {
    case LIB0_ANY_UNDEFINED:
    case LIB0_ANY_NULL:
    case LIB0_ANY_FALSE:
    case LIB0_ANY_TRUE:
        break;
    case LIB0_ANY_INTEGER:
        (void)lib0_dec_varint(in, NULL);
        break;
    case LIB0_ANY_FLOAT32:
        (void)lib0_dec_bytes(in, 4);
        break;
    case LIB0_ANY_FLOAT64:
    case LIB0_ANY_BIGINT:
        (void)lib0_dec_bytes(in, 8);
        break;
    case LIB0_ANY_STRING:
    case LIB0_ANY_BYTES:
        (void)lib0_dec_varbytes(in);
        break;
    case LIB0_ANY_ARRAY:
    case LIB0_ANY_OBJECT:
        if (depth == 0) {
            lib0_dec_fail(in, RC_LIMIT);
        } else {
            skip_members(in, lib0_dec_varuint(in), tag == LIB0_ANY_OBJECT, depth - 1);
        }
        break;
    default:
        lib0_dec_fail(in, RC_FORMAT);
    }
}

static void skip_members(struct lib0_dec *in, uint64_t count, bool keys, unsigned depth)
{
    for (uint64_t i = 0; i < count && in->rc == RC_OK; i++) {
        if (keys) {
            (void)lib0_dec_varbytes(in);
        }
        skip_value(in, depth);
    }
}

void lib0_any_skip(struct lib0_dec *in)
{
    skip_value(in, LIB0_ANY_DEPTH);
}
