#include <inttypes.h>
#include "crdt/lib0/any.h"

/* Canonical bytes -> JavaScript's String(value) (ECMA-262 ToString): arrays join their members with commas, objects are
 * "[object Object]" whatever they hold. */

static void put_string(struct lib0_dec *in, struct buf *out, unsigned depth);

/* Array.prototype.join: null and undefined are empty. */
static void put_joined(struct lib0_dec *in, struct buf *out, unsigned depth)
{
    uint64_t count = lib0_dec_varuint(in);

    for (uint64_t i = 0; i < count && in->rc == RC_OK && out->rc == RC_OK; i++) {
        uint8_t tag = lib0_dec_at_end(in) ? 0 : *in->pos;

        if (i > 0) {
            buf_put_u8(out, ',');
        }
        if (tag == LIB0_ANY_NULL || tag == LIB0_ANY_UNDEFINED) {
            in->pos++;
        } else {
            put_string(in, out, depth);
        }
    }
}

static void put_bytes(struct buf *out, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        buf_printf(out, "%s%u", i > 0 ? "," : "", bytes.data[i]);
    }
}

static void put_object(struct lib0_dec *in, struct buf *out)
{
    in->pos--; /* back to its tag */
    lib0_any_skip(in);
    buf_put_str(out, "[object Object]");
}

static void put_string(struct lib0_dec *in, struct buf *out, unsigned depth)
{
    switch (lib0_dec_u8(in)) {
    case LIB0_ANY_UNDEFINED:
        buf_put_str(out, "undefined");
        break;
    case LIB0_ANY_NULL:
        buf_put_str(out, "null");
        break;
    case LIB0_ANY_INTEGER:
        lib0_put_js_number(out, lib0_dec_any_integer(in));
        break;
    case LIB0_ANY_FLOAT32:
        lib0_put_js_number(out, (double)lib0_dec_f32(in));
        break;
    case LIB0_ANY_FLOAT64:
        lib0_put_js_number(out, lib0_dec_f64(in));
        break;
    case LIB0_ANY_BIGINT:
        buf_printf(out, "%" PRId64, lib0_dec_bigint(in));
        break;
    case LIB0_ANY_FALSE:
        buf_put_str(out, "false");
        break;
    case LIB0_ANY_TRUE:
        buf_put_str(out, "true");
        break;
    case LIB0_ANY_STRING:
        buf_put_span(out, lib0_dec_varbytes(in));
        break;
    case LIB0_ANY_OBJECT:
        put_object(in, out);
        break;
    case LIB0_ANY_ARRAY:
        if (depth == 0) {
            lib0_dec_fail(in, RC_LIMIT);
        } else {
            put_joined(in, out, depth - 1);
        }
        break;
    case LIB0_ANY_BYTES:
        put_bytes(out, lib0_dec_varbytes(in));
        break;
    default:
        lib0_dec_fail(in, RC_FORMAT);
    }
}

int lib0_any_to_string(struct span any, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(any);
    size_t before = out->len;
    int rc;

    put_string(&in, out, LIB0_ANY_DEPTH);
    if (in.rc == RC_OK && !lib0_dec_at_end(&in)) {
        lib0_dec_fail(&in, RC_FORMAT);
    }
    rc = out->rc != RC_OK ? out->rc : in.rc; /* a full buffer stops the reading before its end */
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}
