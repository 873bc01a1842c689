#include "crdt/core/client.h"
#include "crdt/core/txn.h"
#include "crdt/wire/state.h"

/* Local transactions: crdt/types makes the edits between begin and commit. */

int crdt_txn_begin(struct crdt_doc *doc)
{
    if (doc->txn.active) {
        return RC_STATE;
    }
    if (!client_own_known(doc)) {
        int rc = client_make(doc, doc->client_id, &doc->own);
        if (rc != RC_OK) {
            return rc;
        }
    }
    txn_open(doc, true);
    return RC_OK;
}

int crdt_txn_commit(struct crdt_doc *doc, enum crdt_format format, struct buf *update)
{
    if (!doc->txn.active) {
        return RC_STATE;
    }
    txn_close(doc);
    return update ? state_encode_changes(doc, format, update) : RC_OK;
}
