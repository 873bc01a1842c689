#include "crdt/crdt.h"
#include "crdt/lib0/any.h"

/* A text as Yjs delta in JSON: [{"insert":"…","attributes":{…}},…]. */

static int put_insert(const struct crdt_doc *doc, const struct crdt_delta_op *op, struct buf *out)
{
    switch (op->content) {
    case CRDT_CONTENT_STRING:
        lib0_put_json_string(out, op->bytes);
        return RC_OK;
    case CRDT_CONTENT_EMBED:
        return lib0_any_to_json_tagged(op->bytes, out);
    default:
        return crdt_type_to_json(doc, op->type, out);
    }
}

static int put_op(const struct crdt_doc *doc, const struct crdt_delta_op *op, struct buf *out)
{
    buf_put_str(out, "{\"insert\":");
    int rc = put_insert(doc, op, out);

    for (size_t i = 0; rc == RC_OK && i < op->attr_count; i++) {
        buf_put_str(out, i == 0 ? ",\"attributes\":{" : ",");
        lib0_put_json_string(out, op->attrs[i].key);
        buf_put_u8(out, ':');
        rc = lib0_any_to_json_tagged(op->attrs[i].value, out);
    }
    buf_put_str(out, op->attr_count > 0 ? "}}" : "}");
    return rc;
}

int crdt_text_to_delta(const struct crdt_doc *doc, struct crdt_type type, struct buf *out)
{
    struct crdt_delta *delta;
    struct crdt_delta_op op;
    size_t before = out->len;
    bool more = false;
    int rc = crdt_delta_open(doc, type, &delta);

    if (rc != RC_OK) {
        return rc;
    }
    buf_put_u8(out, '[');
    while ((rc = crdt_delta_next(delta, &op)) == 1) {
        if (more) {
            buf_put_u8(out, ',');
        }
        more = true;
        rc = put_op(doc, &op, out);
        if (rc != RC_OK || out->rc != RC_OK) {
            break;
        }
    }
    buf_put_u8(out, ']');
    crdt_delta_close(delta);
    rc = rc == RC_OK ? out->rc : rc;
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}
