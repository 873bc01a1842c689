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

/* The same for whoever finds the ranges in their order and needs no set of them:
 *
 *     struct delete_set_enc e = {.format = format};
 *     delete_set_enc_edges(&e, edges, count);                  // again and again
 *     delete_set_enc_client(&e, client);                       // whose they were; then those of the next
 *     delete_set_enc_finish(&e, &out);
 */
struct delete_set_enc {      /* private, but for: */
    enum crdt_format format; /* set at first */
    struct buf clients;      /* what is complete; its failures are sticky */
    struct buf ranges;       /* of the client at hand */
    uint64_t client_count, range_count;
    uint64_t at;    /* what v2 counts from */
    uint32_t start; /* of the range that is open */
    bool open;
};

/* Clocks at which being deleted begins and ends, by turns; they ascend from one call to the next. */
void delete_set_enc_edges(struct delete_set_enc *e, const uint32_t *edges, uint32_t count);
/* Ends the client, clients descending; a range that is open must have ended. Without ranges it is left out. */
void delete_set_enc_client(struct delete_set_enc *e, uint64_t client);
/* Appends the set to `out`, whose failures are sticky, and frees. */
void delete_set_enc_finish(struct delete_set_enc *e, struct buf *out);

#endif
