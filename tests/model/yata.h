#ifndef TESTS_MODEL_YATA_H
#define TESTS_MODEL_YATA_H

/* A second Yjs document, as slow and as plain as it can be, to compare the engine with.
 *
 * Each clock is an element of its own: there is nothing to cut and nothing to join. A list is an array of elements, a
 * map key is a list whose last element is the value. Elements that wait are tried again and again. Nothing is
 * collected: what is deleted stays and is marked. All look-ups are linear or by small tables, nothing is shared with
 * crdt/core; only the decoding of updates is the engine's.
 *
 * Out of memory ends the program. */
#include "crdt/crdt.h"

struct yata;

struct yata *yata_create(void);
void yata_destroy(struct yata *y);
/* False when the update cannot be decoded. */
bool yata_apply(struct yata *y, enum crdt_format format, struct span update);
/* True while elements or deletes wait. */
bool yata_waits(const struct yata *y);
/* The snapshot, as crdt_encode_snapshot writes it. */
void yata_snapshot(const struct yata *y, struct buf *out);
/* NULL when every root of the document shows the same elements in the same order, nested types and map values
 * included, else a static sentence. */
const char *yata_compare(const struct yata *y, const struct crdt_doc *doc);

#endif
