#ifndef CRDT_WIRE_MERGE_H
#define CRDT_WIRE_MERGE_H

/* Merging updates without a document (yjs: mergeUpdatesV2), from bytes and from blocks held in memory.
 *
 * Every source is read once, block by block; the next block is always the one with the highest client, then the lowest
 * clock. Sources wait in an array sorted once; only those that have been read from stand in a heap. So merging n
 * updates of one block each is a sort and a scan.
 *
 * The result has yjs's bytes, with two exceptions where yjs depends on the order of overlapping arguments or loses
 * data:
 *  - A GC block and an item at the same clock in different sources: yjs compares them inconsistently, so the choice
 * depends on its sorting algorithm. Reproduced for fewer than 64 sources; beyond, the source read last goes first.
 *  - A source whose groups are not by client descending, or has a client twice (yjs writes no such update): yjs drops
 * blocks. Here nothing is lost.
 */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/buf.h"
#include "crdt/core/block.h"
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/wire/state_vector.h"

/* Either bytes, or (when blocks or deletes is set) blocks and deletes. All is borrowed during the merge. */
struct update_source {
    enum crdt_format format; /* of `bytes` */
    struct span bytes;
    const struct block *blocks;
    size_t block_count;
    const struct idset *deletes;      /* may be NULL */
    const struct state_vector *known; /* may be NULL; else what it covers of the blocks is left out (yjs: diffUpdate) */
    bool trusted;                     /* bytes written by this program: see update_dec_trust */
};

int update_merge(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out) MUST_CHECK;

#endif
