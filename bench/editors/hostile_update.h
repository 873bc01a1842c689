#ifndef BENCH_EDITORS_HOSTILE_UPDATE_H
#define BENCH_EDITORS_HOSTILE_UPDATE_H

/* Updates (v1) that are well-formed and made to be slow.
 *
 *     0   HOSTILE_AUTHORS authors, each with one letter at the same place
 *     1   one author with HOSTILE_GAPS letters, a missing one before each
 *     2   a deletion of HOSTILE_DELETION units of an author of whom nothing is known */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/buf.h"

#define HOSTILE_AUTHORS  10000
#define HOSTILE_GAPS     2000
#define HOSTILE_DELETION 1000000

/* One author's only letter, at the same place as all the others': what update 0 says at once. */
void hostile_letter(uint64_t author, struct buf *out);
/* Appends update `number`; false beyond the last. */
bool hostile_update(unsigned number, struct buf *out);

#endif
