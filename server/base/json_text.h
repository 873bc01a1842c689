#ifndef SERVER_BASE_JSON_TEXT_H
#define SERVER_BASE_JSON_TEXT_H

/* JSON written by hand, piece by piece into a buffer; reading is jansson's. */
#include "crdt/base/buf.h"
#include "crdt/base/span.h"

/* A string literal with its quotes (RFC 8259, 7), escaped as JSON.stringify does. `utf8` must be well-formed. A failure
 * is kept in out->rc. */
void json_put_string(struct buf *out, struct span utf8);

#endif
