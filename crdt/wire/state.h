#ifndef CRDT_WIRE_STATE_H
#define CRDT_WIRE_STATE_H

/* Encoding what a document holds: its state, its state vector, what a transaction has changed (yjs: encoding.js). */
#include "crdt/core/doc.h"

/* What the last transaction added and deleted, as the update to send to the others. Nothing is appended when nothing
 * has changed. Between txn_close and the next change. */
int state_encode_changes(const struct crdt_doc *doc, enum crdt_format format, struct buf *out) MUST_CHECK;

#endif
