#ifndef CRDT_CORE_BULK_TABLE_H
#define CRDT_CORE_BULK_TABLE_H

/* Structs by id while a state is loaded in bulk. The clocks of an author are divided into about as many equal buckets
 * as it has structs, and the table tells for each bucket which struct holds its first clock:
 *
 *   clocks    0 . . . 4 . . . 8 . . . 12 . .        shift 2
 *   structs   A─────── B─ C──── D───────────
 *   table     A       A       D       D    (D)
 *
 * So a look-up takes one step as a rule, and log n at worst. */
#include "crdt/core/bulk.h"

/* Makes the table, and left of each struct. Cuts items so that every origin ends one, and the deletes cover each living
 * one wholly or not at all. BULK_UNFIT, RC_NOMEM, RC_LIMIT. */
int bulk_resolve(struct bulk *b, const struct idset *deletes) MUST_CHECK;
/* The struct that holds a clock of an author; BULK_NONE when it is not there. */
uint32_t bulk_find(const struct bulk *b, uint32_t client, uint32_t clock);

#endif
