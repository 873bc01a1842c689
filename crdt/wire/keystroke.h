#ifndef CRDT_WIRE_KEYSTROKE_H
#define CRDT_WIRE_KEYSTROKE_H

/* The commonest update, written without detours: one run of text at most, one deleted range at most, in format v1.
 *
 *     1 | 1 client clock | info | origin | right origin | text | deletes: 0, or 1 client 1 clock len */
#include "crdt/base/buf.h"
#include "crdt/core/doc.h"

/* Appends what the last transaction changed, if it is so little; out->rc tells failures. False: nothing was appended.
 */
bool keystroke_encode(const struct crdt_doc *doc, struct buf *out);

#endif
