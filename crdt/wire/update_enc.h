#ifndef CRDT_WIRE_UPDATE_ENC_H
#define CRDT_WIRE_UPDATE_ENC_H

/* Writes an update of either format, byte for byte as yjs's UpdateEncoderV1 and V2 do.
 *
 *     update_enc_init(&enc, format, &out);
 *     update_enc_clients(&enc, 1);                              // groups to follow
 *     update_enc_begin_client(&enc, 2, client, clock);          // blocks to follow, clock of the first
 *     update_enc_block(&enc, &block, offset);
 *     update_enc_string(&enc, flags, &origin, NULL, utf8, units);
 *     update_enc_deletes(&enc, &deletes);
 *     rc = update_enc_finish(&enc);
 *
 * The counts must be true; lazy_enc.h is for those who do not know them beforehand. v1 appends straight to
 * `out`; v2 collects columns and assembles them in finish. Errors are sticky and told by finish.
 *
 * A known difference from yjs: embeds and formats hold JSON text in v1, and JSON.stringify throws for bigints and gives
 * nothing for undefined. Here the tagged form of crdt_value_to_json and null are written, so that every document can be
 * encoded in both formats. */
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/core/block.h"
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/lib0/columns.h"

struct update_enc {   /* private */
    struct buf *out;  /* borrowed until finish */
    struct buf *rest; /* where counts, clocks and values go: v1 `out`, v2 `tail` */
    size_t start;     /* length of `out` at init */
    enum crdt_format format;
    /* From here only v2. */
    struct buf tail, text; /* text: JSON on its way into the strings */
    uint64_t keys;
    struct int_diff_opt_rle_enc key_clock, left_clock, right_clock;
    struct uint_opt_rle_enc client, type_ref, len;
    struct rle_enc info, parent_info;
    struct string_enc string;
};

void update_enc_init(struct update_enc *e, enum crdt_format format, struct buf *out);
void update_enc_clients(struct update_enc *e, uint64_t count);
/* `clock` is the clock of the first block, offset included. */
void update_enc_begin_client(struct update_enc *e, uint64_t blocks, uint64_t client, uint64_t clock);
/* The same without the number of blocks: lazy_enc.c puts it in later. */
void update_enc_begin_uncounted(struct update_enc *e, uint64_t client, uint64_t clock);
/* Writes a block without its first `offset` clocks (offset < len): its origin is then the id before, and half a
 * surrogate pair becomes U+FFFD. Without origin and right origin it must have a parent. */
void update_enc_block(struct update_enc *e, const struct block *b, uint64_t offset);

/* The same for the commonest blocks, without a struct block. `flags` are BLOCK_HAS_ORIGIN, BLOCK_HAS_RIGHT_ORIGIN (at
 * least one of them) and BLOCK_HAS_PARENT_SUB; an id that flags do not announce may be NULL. */
void update_enc_string(struct update_enc *e, unsigned flags, const struct id *origin, const struct id *right_origin,
                       struct span utf8, uint64_t units);
void update_enc_deleted(struct update_enc *e, unsigned flags, const struct id *origin, const struct id *right_origin,
                        uint64_t len);
void update_enc_gc(struct update_enc *e, uint64_t len);
void update_enc_skip(struct update_enc *e, uint64_t len);

/* The delete set, which must be grouped by client (idset_group) or normal. Once, after the last block. */
void update_enc_deletes(struct update_enc *e, const struct idset *deletes);
/* Completes `out` and frees the columns. On failure `out` has its former length (its sticky rc stays). */
int update_enc_finish(struct update_enc *e) MUST_CHECK;
/* Gives up: frees, and `out` has its former length. */
void update_enc_discard(struct update_enc *e);

#endif
