#include <limits.h>
#include "crdt/crdt.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"

/* Canonical values (crdt/lib0/any.h) for those who only know crdt.h. */

/* Those that are not read by read_value, below, anyway. */
static bool read_scalar(struct lib0_dec *d, uint8_t tag, struct crdt_value *v)
{
    switch (tag) {
    case LIB0_ANY_UNDEFINED:
        v->kind = CRDT_UNDEFINED;
        return true;
    case LIB0_ANY_INTEGER:
        v->kind = CRDT_NUMBER;
        v->number = lib0_dec_any_integer(d);
        return true;
    case LIB0_ANY_FLOAT32:
        v->kind = CRDT_NUMBER;
        v->number = (double)lib0_dec_f32(d);
        return true;
    case LIB0_ANY_FLOAT64:
        v->kind = CRDT_NUMBER;
        v->number = lib0_dec_f64(d);
        return true;
    case LIB0_ANY_BIGINT:
        v->kind = CRDT_BIGINT;
        v->bigint = lib0_dec_bigint(d);
        return true;
    case LIB0_ANY_STRING:
    case LIB0_ANY_BYTES:
        v->kind = tag == LIB0_ANY_STRING ? CRDT_STRING : CRDT_BYTES;
        v->bytes = lib0_dec_varbytes(d);
        return true;
    default:
        return false;
    }
}

static void read_container(struct lib0_dec *d, struct span whole, struct crdt_value *v)
{
    struct lib0_dec end = lib0_dec_of(whole);

    lib0_any_skip(&end);
    (void)lib0_dec_u8(d);
    v->count = lib0_dec_varuint(d);
    v->bytes = span_of(d->pos, d->rc == RC_OK && end.rc == RC_OK ? (size_t)(end.pos - d->pos) : 0);
    *d = end;
}

/* Any value. Returns its length, 0 when it is none. */
__attribute__((noinline)) static size_t read_any(struct span bytes, struct crdt_value *out)
{
    struct lib0_dec d = lib0_dec_of(bytes);
    struct crdt_value v = {0};
    uint8_t tag = bytes.data[0];

    if (tag == LIB0_ANY_ARRAY || tag == LIB0_ANY_OBJECT) {
        v.kind = tag == LIB0_ANY_ARRAY ? CRDT_VALUES : CRDT_OBJECT;
        read_container(&d, bytes, &v);
    } else if (!read_scalar(&d, lib0_dec_u8(&d), &v)) {
        return 0;
    }
    if (d.rc != RC_OK) {
        return 0;
    }
    *out = v;
    return bytes.len - lib0_dec_left(&d);
}

/* What most attributes are, without a reader: a small number, a short text, a truth, nothing, the empty object. */
static inline size_t read_value(struct span bytes, struct crdt_value *out)
{
    uint8_t tag = bytes.data[0], next = bytes.len > 1 ? bytes.data[1] : 0xff;

    if (tag == LIB0_ANY_INTEGER && next < 0x40) {
        *out = (struct crdt_value){.kind = CRDT_NUMBER, .number = next};
        return 2;
    }
    if (tag == LIB0_ANY_STRING && next < 0x80 && next <= bytes.len - 2) {
        *out = (struct crdt_value){.kind = CRDT_STRING, .bytes = span_of(bytes.data + 2, next)};
        return 2 + (size_t)next;
    }
    if (tag == LIB0_ANY_OBJECT && next == 0) {
        *out = (struct crdt_value){.kind = CRDT_OBJECT, .bytes = span_of(bytes.data + 2, 0)};
        return 2;
    }
    if (tag == LIB0_ANY_TRUE || tag == LIB0_ANY_FALSE) {
        *out = (struct crdt_value){.kind = CRDT_BOOL, .boolean = tag == LIB0_ANY_TRUE};
        return 1;
    }
    if (tag == LIB0_ANY_NULL) {
        *out = (struct crdt_value){.kind = CRDT_NULL};
        return 1;
    }
    return read_any(bytes, out);
}

bool crdt_value_is_null(struct span value)
{
    return value.len == 0 || value.data[0] == LIB0_ANY_NULL || value.data[0] == LIB0_ANY_UNDEFINED;
}

inline bool crdt_value_is_small(struct span value, uint8_t number)
{
    return value.len == 2 && value.data[0] == LIB0_ANY_INTEGER && value.data[1] == number;
}

inline bool crdt_value_read(struct span *cursor, struct crdt_value *out)
{
    size_t len = cursor->len > 0 ? read_value(*cursor, out) : 0;

    if (len > 0) {
        *cursor = span_of(cursor->data + len, cursor->len - len);
    }
    return len > 0;
}

/* Apart, so that the way that nearly every key goes stays short. */
__attribute__((noinline)) static struct crdt_attr read_long_key(struct span bytes)
{
    struct lib0_dec d = lib0_dec_of(bytes);
    struct span key = lib0_dec_varbytes(&d);

    return (struct crdt_attr){d.rc == RC_OK ? key : (struct span){0}, span_of(d.pos, lib0_dec_left(&d))};
}

inline bool crdt_value_read_key(struct span *cursor, struct span *key)
{
    const uint8_t *data = cursor->data;
    struct crdt_attr found;

    if (cursor->len > 0 && data[0] < 0x80 && data[0] < cursor->len) {
        *key = span_of(data + 1, data[0]);
        *cursor = span_of(data + 1 + data[0], cursor->len - 1 - data[0]);
        return true;
    }
    found = read_long_key(*cursor);
    if (found.key.data == NULL) {
        return false;
    }
    *key = found.key;
    *cursor = found.value;
    return true;
}

bool crdt_value_member(const struct crdt_value *object, const char *key, struct crdt_value *out)
{
    struct span members = object->kind == CRDT_OBJECT ? object->bytes : (struct span){0}, name;
    struct crdt_value value;

    while (crdt_value_read_key(&members, &name) && crdt_value_read(&members, &value)) {
        if (span_equal(name, span_str(key))) {
            *out = value;
            return true;
        }
    }
    return false;
}

int crdt_value_to_json(struct span value, struct buf *out)
{
    return lib0_any_to_json_tagged(value, out);
}

int crdt_value_to_string(struct span value, struct buf *out)
{
    return lib0_any_to_string(value, out);
}

int crdt_value_from_json(struct span json, struct buf *out)
{
    return lib0_any_from_json(json, out);
}
