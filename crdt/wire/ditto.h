#ifndef CRDT_WIRE_DITTO_H
#define CRDT_WIRE_DITTO_H

/* Typing sends an update for each letter, and each says the same as the one before, but for the letter and for two
 * clocks, which are one more: its own and its origin's. So the document keeps the last one that came with its clocks
 * stepped on (struct ditto in doc.h), and when just that arrives, in either format, nothing needs to be decoded.
 * Likewise it keeps the last one that went out, and the next letter typed here goes out in a copy.
 *
 *     01 01 05 84 01 04 01 61 00      "a" by client 1 at clock 5, behind clock 4
 *           ▲        ▲     ▲
 *     01 01 06 84 01 05 01 ?? 00      what comes next
 *
 * It holds as long as typing goes on in the same run (core/stroke.h), or among what waits, and the clocks need no byte
 * more. */
#include "crdt/core/doc.h"
#include "crdt/wire/keystroke.h"

/* The letter, ASCII and borrowed from the update, if this is what was to come next; its length is 0 if not. */
struct span ditto_letter(struct crdt_doc *doc, enum crdt_format format, struct span update);
/* That letter has gone into its run, or waits. */
void ditto_step(struct crdt_doc *doc);
/* An update, read as `k`, has gone in, or out, or waits: `d` is the next one if it went on in a run letter by letter.
 */
void ditto_learn(const struct crdt_doc *doc, struct ditto *d, enum crdt_format format, struct span update,
                 const struct keystroke *k);

/* Appends the update of the last transaction, a local one, if it typed one letter more; out->rc tells failures. False:
 * nothing was appended, it is another update. */
bool ditto_write(struct crdt_doc *doc, enum crdt_format format, struct buf *out);
/* That other update has been written so: remembers it for the next time. */
void ditto_written(struct crdt_doc *doc, enum crdt_format format, struct span update);

#endif
