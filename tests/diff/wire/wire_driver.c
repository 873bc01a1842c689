/* Answers questions about updates as bytes, for wire_diff.mjs and record_vectors.mjs.
 *
 * A frame is a u32 length (little-endian) and that many bytes. Request: operation, format, then parts, each a u32
 * length and its bytes. Answer: 0 and the result, or the negated return code alone. Ends with the input. */
#include <stdio.h>
#include <stdlib.h>
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/lib0/dec.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/state_vector.h"
#include "tests/support/bytes.h"

enum operation {
    OP_MERGE = 'm',      /* updates */
    OP_DIFF = 'd',       /* update, state vector */
    OP_STATE = 's',      /* update */
    OP_CONVERT = 'c',    /* update; to the other format */
    OP_REWRITE = 'r',    /* update; to the same format */
    OP_VECTOR = 'v',     /* state vector, read and written */
    OP_SNAPSHOT = 'n',   /* snapshot, read and written */
    OP_DELETE_SET = 'e', /* delete set, read, normalized and written */
};

static uint32_t u32_of(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static int rewrite_vector(struct span bytes, struct buf *out)
{
    struct state_vector sv = {0};
    int rc = state_vector_decode(bytes, &sv);

    if (rc == RC_OK) {
        state_vector_write(&sv, out);
    }
    state_vector_finish(&sv);
    return rc;
}

static int rewrite_snapshot(enum crdt_format format, struct span bytes, struct buf *out)
{
    struct snapshot s = {0};
    int rc = snapshot_decode(format, bytes, &s);

    if (rc == RC_OK) {
        snapshot_write(format, &s, out);
    }
    snapshot_finish(&s);
    return rc;
}

static int rewrite_delete_set(enum crdt_format format, struct span bytes, struct buf *out)
{
    struct lib0_dec in = lib0_dec_of(bytes);
    struct idset set;
    int rc;

    idset_init(&set);
    rc = delete_set_read(format, &in, &set);
    if (rc == RC_OK) {
        rc = idset_normalize(&set);
    }
    if (rc == RC_OK) {
        delete_set_write(format, &set, out);
    }
    idset_finish(&set);
    return rc;
}

static int answer(uint8_t op, enum crdt_format format, const struct span *parts, size_t count, struct buf *out)
{
    enum crdt_format other = format == CRDT_V1 ? CRDT_V2 : CRDT_V1;

    if (op != OP_MERGE && count == 0) {
        return RC_ARG;
    }
    switch (op) {
    case OP_MERGE:
        return crdt_update_merge(format, parts, count, out);
    case OP_DIFF:
        return crdt_update_diff(format, parts[0], parts[1], out);
    case OP_STATE:
        return crdt_update_state_vector(format, parts[0], out);
    case OP_CONVERT:
        return crdt_update_convert(format, other, parts[0], out);
    case OP_REWRITE:
        return crdt_update_convert(format, format, parts[0], out);
    case OP_VECTOR:
        return rewrite_vector(parts[0], out);
    case OP_SNAPSHOT:
        return rewrite_snapshot(format, parts[0], out);
    case OP_DELETE_SET:
        return rewrite_delete_set(format, parts[0], out);
    default:
        return RC_ARG;
    }
}

static void put_frame(int rc, const struct buf *result)
{
    size_t len = 1 + (rc == RC_OK ? result->len : 0);
    uint8_t head[5] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24), (uint8_t)-rc};

    (void)fwrite(head, 1, sizeof(head), stdout);
    if (rc == RC_OK && result->len > 0) {
        (void)fwrite(result->data, 1, result->len, stdout);
    }
    (void)fflush(stdout);
}

/* Splits a request into parts, each in a block of its own. */
static struct span *split_parts(const uint8_t *at, const uint8_t *end, size_t *count)
{
    size_t cap = 1;
    struct span *parts = malloc(cap * sizeof(*parts));

    *count = 0;
    while (parts != NULL && end - at >= 4) {
        size_t len = u32_of(at);

        at += 4;
        if (len > (size_t)(end - at)) {
            break;
        }
        if (*count == cap) {
            cap *= 2;
            parts = realloc(parts, cap * sizeof(*parts));
            if (parts == NULL) {
                break;
            }
        }
        parts[(*count)++] = bytes_copy(at, len);
        at += len;
    }
    return parts;
}

static int answer_frame(const uint8_t *frame, size_t len)
{
    struct buf result = {0};
    size_t count;
    struct span *parts = len < 2 ? NULL : split_parts(frame + 2, frame + len, &count);
    int rc;

    if (parts == NULL) {
        return EXIT_FAILURE;
    }
    rc = answer(frame[0], frame[1] == 2 ? CRDT_V2 : CRDT_V1, parts, count, &result);
    put_frame(rc, &result);
    for (size_t i = 0; i < count; i++) {
        bytes_free(parts[i]);
    }
    free(parts);
    buf_finish(&result);
    return EXIT_SUCCESS;
}

int main(void)
{
    uint8_t head[4];
    int status = EXIT_SUCCESS;

    while (status == EXIT_SUCCESS && fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
        size_t len = u32_of(head);
        uint8_t *frame = malloc(len > 0 ? len : 1);

        if (frame == NULL || fread(frame, 1, len, stdin) != len) {
            status = EXIT_FAILURE;
        } else {
            status = answer_frame(frame, len);
        }
        free(frame);
    }
    return status;
}
