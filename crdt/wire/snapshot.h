#ifndef CRDT_WIRE_SNAPSHOT_H
#define CRDT_WIRE_SNAPSHOT_H

/* Snapshots as bytes (yjs: encodeSnapshot, encodeSnapshotV2): a delete set, then a state vector. */
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/wire/state_vector.h"

struct snapshot {
    struct idset deletes; /* normal after decoding */
    struct state_vector state;
};

void snapshot_finish(struct snapshot *s); /* zeroed storage is fine */
/* `out` is zeroed or a snapshot to replace. On failure it is empty. */
int snapshot_decode(enum crdt_format format, struct span bytes, struct snapshot *out) MUST_CHECK;
void snapshot_write(enum crdt_format format, const struct snapshot *s, struct buf *out);

#endif
