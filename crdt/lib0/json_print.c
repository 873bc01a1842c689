#include <inttypes.h>
#include <math.h>
#include "crdt/lib0/any.h"

/* Canonical bytes -> JSON text. Both printers are one walk; `tagged` tells what happens to values that JSON has not. */

struct printer {
    struct lib0_dec in;
    struct buf *out;
    bool tagged;
};

static void print_value(struct printer *p, unsigned depth);

/* ---- Strings ------------------------------------------------------------------------------------ */

static void put_escape(struct buf *out, uint8_t c)
{
    static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";

    for (const char *l = letters; *l != '\0'; l += 2) {
        if ((uint8_t)l[0] == c) {
            buf_put_u8(out, '\\');
            buf_put_u8(out, (uint8_t)l[1]);
            return;
        }
    }
    buf_printf(out, "\\u%04x", c);
}

static bool needs_escape(uint8_t c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

void lib0_put_json_string(struct buf *out, struct span utf8)
{
    size_t from = 0;

    buf_put_u8(out, '"');
    for (size_t i = 0; i < utf8.len; i++) {
        if (needs_escape(utf8.data[i])) {
            buf_put(out, utf8.data + from, i - from);
            put_escape(out, utf8.data[i]);
            from = i + 1;
        }
    }
    if (from < utf8.len) {
        buf_put(out, utf8.data + from, utf8.len - from);
    }
    buf_put_u8(out, '"');
}

/* ---- Values that JSON has not ------------------------------------------------------------------- */

/* RFC 4648, section 4, with padding. */
static void put_base64(struct buf *out, struct span s)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < s.len; i += 3) {
        size_t left = s.len - i;
        uint32_t group = (uint32_t)s.data[i] << 16;

        group |= left > 1 ? (uint32_t)s.data[i + 1] << 8 : 0;
        group |= left > 2 ? s.data[i + 2] : 0;
        buf_put_u8(out, (uint8_t)alphabet[group >> 18]);
        buf_put_u8(out, (uint8_t)alphabet[group >> 12 & 63]);
        buf_put_u8(out, (uint8_t)(left > 1 ? alphabet[group >> 6 & 63] : '='));
        buf_put_u8(out, (uint8_t)(left > 2 ? alphabet[group & 63] : '='));
    }
}

static void print_bytes(struct printer *p, struct span bytes)
{
    if (p->tagged) {
        buf_put_str(p->out, "{\"$bytes\":\"");
        put_base64(p->out, bytes);
        buf_put_str(p->out, "\"}");
        return;
    }
    buf_put_u8(p->out, '{');
    for (size_t i = 0; i < bytes.len; i++) {
        buf_printf(p->out, "%s\"%zu\":%u", i > 0 ? "," : "", i, bytes.data[i]);
    }
    buf_put_u8(p->out, '}');
}

static void print_bigint(struct printer *p, int64_t value)
{
    if (p->tagged) {
        buf_printf(p->out, "{\"$bigint\":\"%" PRId64 "\"}", value);
    } else {
        lib0_dec_fail(&p->in, RC_TYPE);
    }
}

static void print_number(struct printer *p, double value)
{
    if (isfinite(value)) {
        lib0_put_js_number(p->out, value);
    } else {
        buf_put_str(p->out, "null");
    }
}

/* ---- Containers --------------------------------------------------------------------------------- */

static bool failed(const struct printer *p)
{
    return p->in.rc != RC_OK || p->out->rc != RC_OK;
}

static void print_array(struct printer *p, unsigned depth)
{
    uint64_t count = lib0_dec_varuint(&p->in);

    buf_put_u8(p->out, '[');
    for (uint64_t i = 0; i < count && !failed(p); i++) {
        if (i > 0) {
            buf_put_u8(p->out, ',');
        }
        print_value(p, depth);
    }
    buf_put_u8(p->out, ']');
}

/* JSON.stringify leaves members out that are undefined. */
static bool skip_undefined(struct printer *p)
{
    if (p->tagged || p->in.pos == p->in.end || *p->in.pos != LIB0_ANY_UNDEFINED) {
        return false;
    }
    p->in.pos++;
    return true;
}

static void print_object(struct printer *p, unsigned depth)
{
    uint64_t count = lib0_dec_varuint(&p->in);
    bool first = true;

    buf_put_u8(p->out, '{');
    for (uint64_t i = 0; i < count && !failed(p); i++) {
        struct span key = lib0_dec_varbytes(&p->in);

        if (skip_undefined(p)) {
            continue;
        }
        if (!first) {
            buf_put_u8(p->out, ',');
        }
        first = false;
        lib0_put_json_string(p->out, key);
        buf_put_u8(p->out, ':');
        print_value(p, depth);
    }
    buf_put_u8(p->out, '}');
}

static void print_container(struct printer *p, uint8_t tag, unsigned depth)
{
    if (depth == 0) {
        lib0_dec_fail(&p->in, RC_LIMIT);
    } else if (tag == LIB0_ANY_ARRAY) {
        print_array(p, depth - 1);
    } else {
        print_object(p, depth - 1);
    }
}

/* `depth` is how many containers may still be entered. */
static void print_value(struct printer *p, unsigned depth)
{
    uint8_t tag = lib0_dec_u8(&p->in);

    switch (tag) {
    case LIB0_ANY_UNDEFINED:
        buf_put_str(p->out, p->tagged ? "{\"$undefined\":true}" : "null");
        break;
    case LIB0_ANY_NULL:
        buf_put_str(p->out, "null");
        break;
    case LIB0_ANY_INTEGER:
        print_number(p, lib0_dec_any_integer(&p->in));
        break;
    case LIB0_ANY_FLOAT32:
        print_number(p, (double)lib0_dec_f32(&p->in));
        break;
    case LIB0_ANY_FLOAT64:
        print_number(p, lib0_dec_f64(&p->in));
        break;
    case LIB0_ANY_BIGINT:
        print_bigint(p, lib0_dec_bigint(&p->in));
        break;
    case LIB0_ANY_FALSE:
        buf_put_str(p->out, "false");
        break;
    case LIB0_ANY_TRUE:
        buf_put_str(p->out, "true");
        break;
    case LIB0_ANY_STRING:
        lib0_put_json_string(p->out, lib0_dec_varbytes(&p->in));
        break;
    case LIB0_ANY_OBJECT:
    case LIB0_ANY_ARRAY:
        print_container(p, tag, depth);
        break;
    case LIB0_ANY_BYTES:
        print_bytes(p, lib0_dec_varbytes(&p->in));
        break;
    default:
        lib0_dec_fail(&p->in, RC_FORMAT);
    }
}

static int print(struct span any, bool tagged, struct buf *out)
{
    struct printer p = {.in = lib0_dec_of(any), .out = out, .tagged = tagged};
    size_t before = out->len;
    int rc;

    print_value(&p, LIB0_ANY_DEPTH);
    if (p.in.rc == RC_OK && !lib0_dec_at_end(&p.in)) {
        lib0_dec_fail(&p.in, RC_FORMAT);
    }
    rc = out->rc != RC_OK ? out->rc : p.in.rc; /* a full buffer stops the reading before its end */
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}

int lib0_any_to_json(struct span any, struct buf *out)
{
    if (any.len == 1 && any.data[0] == LIB0_ANY_UNDEFINED) {
        return RC_NOTFOUND;
    }
    return print(any, false, out);
}

int lib0_any_to_json_tagged(struct span any, struct buf *out)
{
    return print(any, true, out);
}
