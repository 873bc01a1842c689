#ifndef CRDT_LIB0_ANY_H
#define CRDT_LIB0_ANY_H

/* lib0 "any" values: JavaScript values as self-describing bytes (lib0/encoding.js writeAny).
 *
 *   127 undefined            122 bigint (8 bytes, big-endian)
 *   126 null                 121 false
 *   125 integer (varint)     120 true
 *   124 float32              119 string (varstring)
 *   123 float64              118 object: varuint count, then key varstring + value each
 *                            117 array: varuint count, then values
 *                            116 bytes (varuint length + bytes)
 *
 * The engine keeps values in *canonical* bytes: what lib0 would write after JavaScript has held
 * the value. Numbers take the form writeAny chooses (integer when Number.isInteger and
 * |n| <= 2^31 - 1, else float32 when exact, else float64), object keys stand in JavaScript's order (array
 * indexes ascending first, then by first appearance), a repeated key keeps its first place and
 * its last value. Canonical bytes compare equal exactly when the values do.
 *
 * Reading an object, lib0 assigns its members one by one, so that "__proto__" makes no member; lib0_any_normalize
 * leaves it out, too. JSON.parse makes an ordinary member of it; lib0_any_from_json keeps it.
 *
 * All walks are iterative or bounded by LIB0_ANY_DEPTH; the work is O(n log n) in the bytes whatever they say. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/lib0/dec.h"

#define LIB0_ANY_DEPTH 512 /* arrays and objects within each other; deeper nesting is refused with RC_LIMIT */

enum lib0_any_tag {
    LIB0_ANY_BYTES = 116,
    LIB0_ANY_ARRAY = 117,
    LIB0_ANY_OBJECT = 118,
    LIB0_ANY_STRING = 119,
    LIB0_ANY_TRUE = 120,
    LIB0_ANY_FALSE = 121,
    LIB0_ANY_BIGINT = 122,
    LIB0_ANY_FLOAT64 = 123,
    LIB0_ANY_FLOAT32 = 124,
    LIB0_ANY_INTEGER = 125,
    LIB0_ANY_NULL = 126,
    LIB0_ANY_UNDEFINED = 127
};

/* Reads one value of any form and appends its canonical bytes. A failure is kept in `in->rc`
 * and returned; `out` has then its former length. RC_FORMAT, RC_RANGE (an integer beyond 2^53 - 1), RC_LIMIT (depth, or
 * 4 GiB), RC_NOMEM. */
int lib0_any_normalize(struct lib0_dec *in, struct buf *out) MUST_CHECK;
/* Skips one canonical value; anything else only fails. */
void lib0_any_skip(struct lib0_dec *in);
/* What stands behind LIB0_ANY_INTEGER, -0 included. */
double lib0_dec_any_integer(struct lib0_dec *in);

/* JSON text -> canonical bytes, as JSON.parse reads it (RFC 8259; duplicate keys: last value; 1e400 is infinite).
 * The text "undefined" is accepted as undefined, which is how ContentJSON writes it. RC_FORMAT, RC_LIMIT, RC_NOMEM;
 * `out` has then its former length. The escape of a lone surrogate becomes U+FFFD (JavaScript keeps it). */
int lib0_any_from_json(struct span json, struct buf *out) MUST_CHECK;
/* Canonical bytes -> JSON text, as JSON.stringify prints it: numbers by shortest round trip,
 * -0 as 0, NaN and infinities as null, undefined left out of objects and null in arrays, bytes as
 * {"0":…}. A lone undefined prints nothing and returns RC_NOTFOUND. A bigint returns RC_TYPE, where
 * JSON.stringify throws. These printers take exactly one value (RC_FORMAT otherwise) and leave `out` as long as it was
 * when they fail. */
int lib0_any_to_json(struct span any, struct buf *out) MUST_CHECK;
/* The same for people and tests: total. Bytes print as {"$bytes":"base64"}, undefined as
 * {"$undefined":true}, bigints as {"$bigint":"…"}. NaN and infinities print as null. */
int lib0_any_to_json_tagged(struct span any, struct buf *out) MUST_CHECK;
/* JavaScript's String(value): "1e+21", "a,b" for arrays and bytes, "[object Object]". */
int lib0_any_to_string(struct span any, struct buf *out) MUST_CHECK;
/* A double as JavaScript prints it: Number.prototype.toString, radix 10 (ECMA-262 6.1.6.1.20). */
void lib0_put_js_number(struct buf *out, double value);
/* A JSON string literal with JSON.stringify's escapes, quotes included. */
void lib0_put_json_string(struct buf *out, struct span utf8);

/* Builders of canonical values. */
void lib0_put_any_undefined(struct buf *b);
void lib0_put_any_null(struct buf *b);
void lib0_put_any_bool(struct buf *b, bool value);
void lib0_put_any_number(struct buf *b, double value);
void lib0_put_any_bigint(struct buf *b, int64_t value);
void lib0_put_any_string(struct buf *b, struct span utf8);
void lib0_put_any_bytes(struct buf *b, struct span bytes);

#endif
