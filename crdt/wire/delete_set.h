#ifndef CRDT_WIRE_DELETE_SET_H
#define CRDT_WIRE_DELETE_SET_H

/* Delete sets as bytes (yjs: readDeleteSet, writeDeleteSet with DSEncoderV1 or V2).
 *
 *   varuint clients, then for each (written in descending order)
 *     varuint client, varuint ranges, then for each
 *       v1: varuint clock, varuint len
 *       v2: varuint distance from the end of the range before (from 0 at first), varuint len - 1 */
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/lib0/dec.h"

/* Appends the ranges in the order read; those of length 0 are dropped. Failures are kept in in->rc and returned; `out`
 * may then hold a part. */
int delete_set_read(enum crdt_format format, struct lib0_dec *in, struct idset *out) MUST_CHECK;
/* `set` is grouped by client, or normal. v2 cannot tell ranges that go backwards: such a set is written in its normal
 * form. Failures are sticky in out->rc. */
void delete_set_write(enum crdt_format format, const struct idset *set, struct buf *out);

#endif
