#ifndef CRDT_LIB0_ANY_BUILD_H
#define CRDT_LIB0_ANY_BUILD_H

/* Private to lib0: writes arrays and objects whose members become known one after another.
 *
 * An "any" container begins with the number of its members, which a JSON text only tells at its
 * end; and an object must stand in JavaScript's order with each key once, which needs all keys.
 * Members are appended as they come, behind a count of one byte. A container that is right that
 * way, which is the rule, gets its count patched in; the others (more than 127 members, or keys
 * to move) are noted as *late*, and any_build_finish copies everything once more, putting them
 * right. So the work is O(n log n) in the bytes, whatever the nesting and the keys.
 *
 *     {"b":1,"a":2,"b":3}  →  118 [2] "b" 1 "a" 2 "b" 3   late, order: "b" → 3, "a" → 2
 *                          →  118 2 "b" 3 "a" 2
 *
 * Nested containers are opened and closed like brackets. Errors are sticky in `rc` and in
 * `out->rc`. At most 2^32 - 1 bytes a value (RC_LIMIT). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"

struct any_build {
    struct buf *out;    /* members are appended here */
    bool drop_proto;    /* leave "__proto__" out of objects */
    size_t base;        /* where the value begins in `out`; offsets count from here */
    struct buf open;    /* struct any_member of the objects now open */
    struct buf late;    /* struct any_late, in the order in which they closed */
    struct buf ordered; /* struct any_member of the late objects */
    int rc;
};

/* A container between open and close, held by the caller. */
struct any_frame {
    uint32_t start; /* offset of its tag */
    uint32_t first; /* its first member in `open`; objects */
    uint32_t count; /* arrays */
};

void any_build_init(struct any_build *b, struct buf *out);
struct any_frame any_build_open(struct any_build *b, uint8_t tag);
/* Before each member of an object; its value is appended to `out` next. */
void any_build_key(struct any_build *b, struct span key);
/* Before each member of an array, likewise. */
static inline void any_build_item(struct any_frame *frame)
{
    frame->count++;
}
void any_build_close_array(struct any_build *b, const struct any_frame *frame);
void any_build_close_object(struct any_build *b, const struct any_frame *frame);
/* Completes `out` and frees. Returns the first error; what is in `out` behind `base` is then of no use. */
int any_build_finish(struct any_build *b) MUST_CHECK;

#endif
