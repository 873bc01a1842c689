#ifndef CRDT_WIRE_UPDATE_CONTENT_H
#define CRDT_WIRE_UPDATE_CONTENT_H

/* What blocks contain, brought into the canonical form of core/block.h: JSON texts and embeds become any values, those
 * that an any value may write in several ways one of them, options of subdocuments those that yjs looks at. */
#include "crdt/wire/update_dec.h"

/* Reads the content of a block whose `ref` is set and whose `len` is 1: sets len, type and content. Failures are kept
 * in the decoder. */
void update_content(struct update_dec *d, struct block *out);

#endif
