/* Relative positions of ours behind tests/support/js/driver.mjs, for position_diff.mjs.
 *
 * There is one document. A request is an operation (one byte) and operands; integers are varints, bytes are counted by
 * a varuint. An answer is 0 and the result, or 1 and why there is none. */
#include <stdio.h>
#include <stdlib.h>
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/types/position.h"
#include "tests/support/bytes.h"
#include "tests/support/frames.h"

enum operation {
    OP_CREATE = 'c',  /* 1 to keep deleted content */
    OP_APPLY = 'a',   /* update, v1 */
    OP_MAKE = 'm',    /* a position that stands for a type, index, assoc: the position's bytes */
    OP_RESOLVE = 'r', /* a position: index, then the end of its type as a position */
    OP_COPY = 'y'     /* a position: read and written again */
};

static struct crdt_doc *doc;

static int create(struct lib0_dec *in)
{
    crdt_doc_destroy(doc);
    doc = NULL;
    return crdt_doc_create(&(struct crdt_doc_options){.keep_deleted = lib0_dec_varuint(in) != 0}, &doc);
}

/* In a block of its own, so that reading beyond it is seen; lives until the answer is written. */
static struct span operand(struct lib0_dec *in)
{
    struct span given = lib0_dec_varbytes(in);

    return bytes_copy(given.data, given.len);
}

static int apply(struct lib0_dec *in)
{
    struct span update = operand(in);
    int rc = crdt_apply(doc, CRDT_V1, update, NULL);

    bytes_free(update);
    return rc;
}

static int make_at(const struct position *anchor, struct lib0_dec *in, struct buf *out)
{
    struct crdt_type type;
    struct position made;
    uint64_t unused;
    int rc = position_resolve(doc, anchor, &type, &unused);

    if (rc == RC_OK) {
        uint64_t index = lib0_dec_varuint(in);
        int64_t assoc = lib0_dec_varint(in, NULL);
        rc = position_make(doc, type, index, assoc, &made);
    }
    if (rc == RC_OK) {
        position_write(&made, out);
    }
    return rc;
}

static int resolve(const struct position *p, struct buf *out)
{
    struct crdt_type type;
    struct position end;
    uint64_t index;
    int rc = position_resolve(doc, p, &type, &index);

    rc = rc == RC_OK ? position_make(doc, type, UINT64_MAX, 0, &end) : rc;
    if (rc == RC_OK) {
        lib0_put_varuint(out, index);
        position_write(&end, out);
    }
    return rc;
}

static int with_position(uint8_t op, struct lib0_dec *in, struct buf *out)
{
    struct span bytes = operand(in);
    struct position p;
    int rc = position_read(bytes, &p);

    if (rc == RC_OK && op == OP_COPY) {
        position_write(&p, out);
    } else if (rc == RC_OK) {
        rc = op == OP_MAKE ? make_at(&p, in, out) : resolve(&p, out);
    }
    bytes_free(bytes);
    return rc;
}

static int answer(struct lib0_dec *in, struct buf *out)
{
    uint8_t op = lib0_dec_u8(in);

    switch (op) {
    case OP_CREATE:
        return create(in);
    case OP_APPLY:
        return apply(in);
    default:
        return with_position(op, in, out);
    }
}

static void answer_frame(const uint8_t *frame, size_t len)
{
    struct buf result = {0};
    struct lib0_dec in = lib0_dec_of(span_of(frame, len));
    int rc = answer(&in, &result);
    const char *broken = doc != NULL ? crdt_check(doc) : NULL;

    if (broken != NULL) {
        fprintf(stderr, "crdt_check: %s\n", broken);
        exit(EXIT_FAILURE);
    }
    frame_write(rc != RC_OK, rc != RC_OK ? span_str(rc_name(rc)) : buf_span(&result));
    buf_finish(&result);
}

int main(void)
{
    uint8_t *frame;
    size_t len;

    while ((frame = frame_read(&len)) != NULL) {
        answer_frame(frame, len);
        free(frame);
    }
    crdt_doc_destroy(doc);
    return EXIT_SUCCESS;
}
