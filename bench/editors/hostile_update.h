#ifndef BENCH_EDITORS_HOSTILE_UPDATE_H
#define BENCH_EDITORS_HOSTILE_UPDATE_H

/* Updates that are well-formed and made to be slow, or to spoil what others write. All append to `out`; all but the
 * bomb are v1. */
#include <stdint.h>
#include "crdt/base/buf.h"

#define HOSTILE_AUTHORS  10000
#define HOSTILE_GAPS     2000
#define HOSTILE_DELETION 1000000
#define HOSTILE_PIECES   90000

/* HOSTILE_AUTHORS authors, each with one letter at the same place. */
void hostile_authors(struct buf *out);
/* One of them. */
void hostile_letter(uint64_t author, struct buf *out);
/* One author with HOSTILE_GAPS letters, a missing one before each. */
void hostile_gaps(struct buf *out);
/* One author with HOSTILE_PIECES letters, none of which stands behind the one before: as many structs. */
void hostile_pieces(struct buf *out);
/* The deletion of HOSTILE_DELETION units of this author from `clock` on. */
void hostile_claim(uint64_t author, uint64_t clock, struct buf *out);
/* Update format v2: run-length coded columns that say 2^31 structs. Readers that expand them never end. */
void hostile_bomb(struct buf *out);

#endif
