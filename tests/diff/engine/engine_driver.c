/* Documents of ours behind tests/support/js/driver.mjs, for engine_diff.mjs and record_vectors.mjs.
 *
 * A request is an operation (one byte), a document's number (one byte) and operands; integers are varuints, bytes are
 * counted by one. An answer is a byte and bytes: 0 and the result, 1 and why it was refused, or 2 and what
 * crdt_check found broken: it runs after every change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "tests/support/bytes.h"
#include "tests/support/random_edits.h"
#include "tests/support/frames.h"

#define DOCS 32

enum operation {
    OP_CREATE = 'c',   /* client, 1 to keep deleted content, memory limit */
    OP_APPLY = 'a',    /* format, update: what changed, as a v1 update */
    OP_ENCODE = 'e',   /* format, state vector: the state */
    OP_VECTOR = 'v',   /* the state vector */
    OP_SNAPSHOT = 's', /* the snapshot */
    OP_STAT = 't',     /* six varuints, see put_stat */
    OP_EDIT = 'l',     /* seed, edits, format: random local edits; the update */
    OP_SHOW = 'w',     /* root name, kind: its value, as JSON or XML */
};

static struct crdt_doc *docs[DOCS];

static int create(unsigned which, struct lib0_dec *in)
{
    struct crdt_doc_options options = {.client = lib0_dec_varuint(in)};
    struct crdt_doc *doc;

    options.keep_deleted = lib0_dec_varuint(in) != 0;
    options.memory_limit = (size_t)lib0_dec_varuint(in);
    int rc = in->rc == RC_OK ? crdt_doc_create(&options, &doc) : in->rc;
    if (rc == RC_OK) {
        crdt_doc_destroy(docs[which]);
        docs[which] = doc;
    }
    return rc;
}

static int put_stat(const struct crdt_doc *doc, struct buf *out)
{
    struct crdt_stat stat;

    crdt_doc_stat(doc, &stat);
    lib0_put_varuint(out, stat.structs);
    lib0_put_varuint(out, stat.items);
    lib0_put_varuint(out, stat.gc);
    lib0_put_varuint(out, stat.pending_structs);
    lib0_put_varuint(out, stat.pending_deletes);
    lib0_put_varuint(out, crdt_has_pending(doc));
    return RC_OK;
}

/* The operand gets a block of its own, so that reading beyond it is seen. */
static int with_bytes(struct crdt_doc *doc, uint8_t op, struct lib0_dec *in, struct buf *out)
{
    enum crdt_format format = lib0_dec_varuint(in) == 2 ? CRDT_V2 : CRDT_V1;
    struct span given = lib0_dec_varbytes(in);

    if (in->rc != RC_OK) {
        return in->rc;
    }
    struct span bytes = bytes_copy(given.data, given.len);
    int rc = op == OP_APPLY ? crdt_apply(doc, format, bytes, out) : crdt_encode_state(doc, format, bytes, out);
    bytes_free(bytes);
    return rc;
}

static int edit(struct crdt_doc *doc, struct lib0_dec *in, struct buf *out)
{
    uint64_t seed = lib0_dec_varuint(in), edits = lib0_dec_varuint(in), format = lib0_dec_varuint(in);
    struct rng rng;

    rng_init(&rng, seed);
    return in->rc == RC_OK ? random_edits(doc, &rng, (unsigned)edits, format == 2 ? CRDT_V2 : CRDT_V1, out, NULL)
                           : in->rc;
}

static int show(struct crdt_doc *doc, struct lib0_dec *in, struct buf *out)
{
    struct span name = lib0_dec_varbytes(in);
    enum crdt_kind kind = (enum crdt_kind)lib0_dec_varuint(in);
    struct crdt_type root;
    int rc = in->rc == RC_OK ? crdt_root_declare(doc, name, kind, &root) : in->rc;

    if (rc != RC_OK) {
        return rc;
    }
    switch (kind) {
    case CRDT_TEXT:
        return crdt_text_to_delta(doc, root, out);
    case CRDT_XML_FRAGMENT:
        return crdt_xml_to_string(doc, root, out);
    default:
        return crdt_type_to_json(doc, root, out);
    }
}

static int answer(uint8_t op, unsigned which, struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = docs[which];

    if (op == OP_CREATE) {
        return create(which, in);
    }
    if (doc == NULL) {
        return RC_NOTFOUND;
    }
    switch (op) {
    case OP_APPLY:
    case OP_ENCODE:
        return with_bytes(doc, op, in, out);
    case OP_VECTOR:
        return crdt_encode_state_vector(doc, out);
    case OP_SNAPSHOT:
        return crdt_encode_snapshot(doc, out);
    case OP_STAT:
        return put_stat(doc, out);
    case OP_EDIT:
        return edit(doc, in, out);
    case OP_SHOW:
        return show(doc, in, out);
    default:
        return RC_ARG;
    }
}

static void answer_frame(const uint8_t *frame, size_t len)
{
    struct buf result = {0};
    struct lib0_dec in = lib0_dec_of(span_of(frame, len));
    uint8_t op = lib0_dec_u8(&in);
    unsigned which = lib0_dec_u8(&in) % DOCS;
    int rc = answer(op, which, &in, &result);
    const char *broken = docs[which] != NULL && (op == OP_APPLY || op == OP_EDIT) ? crdt_check(docs[which]) : NULL;

    if (broken != NULL) {
        frame_write(2, span_str(broken));
    } else if (rc != RC_OK) {
        frame_write(1, span_str(rc_text(rc)));
    } else {
        frame_write(0, buf_span(&result));
    }
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
    for (unsigned i = 0; i < DOCS; i++) {
        crdt_doc_destroy(docs[i]);
    }
    return EXIT_SUCCESS;
}
