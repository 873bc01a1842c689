#include "crdt/core/client.h"
#include "crdt/core/txn.h"
#include "crdt/wire/ditto.h"
#include "crdt/wire/state.h"

/* Local transactions: crdt/types makes the edits between begin and commit. */

int crdt_txn_begin(struct crdt_doc *doc)
{
    if (doc->txn.active) {
        return RC_STATE;
    }
    int rc = client_make_own(doc);
    if (rc == RC_OK) {
        txn_open(doc, true);
    }
    return rc;
}

/* Not inlined: what is typed on should not pay for what any other update needs. */
__attribute__((noinline)) static int write_anew(struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    size_t before = out->len;
    int rc = state_encode_changes(doc, format, out);
    if (rc == RC_OK) {
        ditto_written(doc, format, buf_slice(out, before, out->len - before));
    }
    return rc;
}

static int write_changes(struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    return ditto_write(doc, format, out) ? out->rc : write_anew(doc, format, out);
}

int crdt_txn_commit(struct crdt_doc *doc, enum crdt_format format, struct buf *update)
{
    if (!doc->txn.active) {
        return RC_STATE;
    }
    txn_close(doc);
    return update ? write_changes(doc, format, update) : RC_OK;
}
