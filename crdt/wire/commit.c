#include "crdt/core/client.h"
#include "crdt/core/txn.h"
#include "crdt/wire/state.h"

/* Local transactions: crdt/types makes the edits between begin and commit. */

int crdt_txn_begin(struct crdt_doc *doc)
{
    uint32_t client;

    if (doc->txn.active) {
        return RC_STATE;
    }
    int rc = client_make(doc, doc->client_id, &client);
    if (rc == RC_OK) {
        txn_open(doc, true);
    }
    return rc;
}

int crdt_txn_commit(struct crdt_doc *doc, enum crdt_format format, struct buf *update)
{
    if (!doc->txn.active) {
        return RC_STATE;
    }
    txn_close(doc);
    return update ? state_encode_changes(doc, format, update) : RC_OK;
}
