#ifndef CRDT_WIRE_IDS_PUBLIC_H
#define CRDT_WIRE_IDS_PUBLIC_H

/* The public id sets (crdt.h) are sets of core/idset.h in normal form. */
#include "crdt/core/idset.h"

struct crdt_ids {
    struct idset set; /* normal */
};

/* Takes the ranges of `set` over and empties it; what `ids` had is gone. */
void ids_replace(struct crdt_ids *ids, struct idset *set);

#endif
