#ifndef CRDT_WIRE_KEYSTROKE_H
#define CRDT_WIRE_KEYSTROKE_H

/* The commonest update, read and written without detours: one run of text at most, one deleted range at most. Of format
 * v1,
 *
 *     0 or 1 | 1 client clock | info | origin | right origin | text | deletes: 0, or 1 client 1 clock len
 *
 * and of v2, which has the same in columns, see keystroke_v2.c. */
#include "crdt/base/buf.h"
#include "crdt/core/doc.h"
#include "crdt/core/idset.h"

struct keystroke {
    bool types, erases;         /* which of these there are */
    struct block text;          /* with an origin; borrows the update */
    struct idset_range deleted; /* len is at least 1 */
    /* Of the text, as they stand in the update: its clock, its origin's clock, and the end of all that was read. */
    const uint8_t *clock_at, *origin_at, *end;
};

/* False when the update is something else, or malformed: the general reader (update_dec.h) knows what. */
bool keystroke_decode(enum crdt_format format, struct span update, struct keystroke *out);
bool keystroke_decode_v2(struct span update, struct keystroke *out); /* private */
/* Appends what the last transaction changed, if it is so little; out->rc tells failures. False: nothing was appended.
 */
bool keystroke_encode(const struct crdt_doc *doc, struct buf *out);

#endif
