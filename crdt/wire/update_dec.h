#ifndef CRDT_WIRE_UPDATE_DEC_H
#define CRDT_WIRE_UPDATE_DEC_H

/* Reads an update of either format as a sequence of blocks and then a delete set.
 *
 *     rc = update_dec_init(&dec, format, bytes, &scratch);
 *     while (rc == RC_OK && (got = update_dec_next(&dec, &block)) > 0) { ... }
 *     if (got == 0) rc = update_dec_deletes(&dec, &deletes);
 *     update_dec_finish(&dec);
 *
 * Blocks come in wire order: by group, each of one client with clocks that follow without a hole (holes
 * are Skip blocks). yjs writes groups by client descending; the decoder does not ask for that, nor that a
 * client has one group only.
 *
 * What is refused (RC_FORMAT unless said otherwise): truncated input, unknown content or type numbers, blocks
 * of length 0, text that is not UTF-8, JSON that does not parse; RC_RANGE: ids or ends beyond 2^53 - 1; RC_LIMIT:
 * values nested deeper than LIB0_ANY_DEPTH, or more work than `budget`. Bytes behind the delete set are ignored, as yjs
 * does.
 *
 * Work. A v1 block takes at least two bytes, so v1 is linear by itself. In v2 a run of any length of
 * blocks without own bytes (say 100,000 letters typed at the front and deleted) legitimately takes some 40 bytes,
 * so no bound by size holds for valid updates. Instead blocks are limited to UPDATE_DEC_FREE + 64 for each byte, which
 * a claimed count is held against before any block is read; update_dec_trust lifts that for states that this program
 * wrote itself. The bytes of keys that v2 may repeat by number are limited likewise (yjs never repeats one).
 *
 * Ownership: spans of a block are borrowed from the input or live in the scratch arena; both must outlive the
 * blocks. The decoder's struct may be copied while no other copy is used; one of the copies is finished. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/arena.h"
#include "crdt/base/buf.h"
#include "crdt/core/block.h"
#include "crdt/core/idset.h"
#include "crdt/crdt.h"
#include "crdt/lib0/columns.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/number.h"

#define UPDATE_DEC_FREE ((uint64_t)1 << 20)

/* The columns of format v2, and the keys that it may repeat by number. */
struct update_columns { /* private */
    struct int_diff_opt_rle_dec key_clock, left_clock, right_clock;
    struct uint_opt_rle_dec client, type_ref, len;
    struct rle_dec info, parent_info;
    struct string_dec string;
    struct span *keys; /* in the arena */
    size_t key_count, key_cap;
    uint64_t key_budget; /* bytes of repeated keys still allowed */
};

struct update_dec {     /* private */
    struct lib0_dec in; /* v1: all; v2: the bytes behind the columns */
    enum crdt_format format;
    uint64_t groups;              /* groups still to come */
    uint64_t blocks;              /* blocks still to come in this group */
    uint64_t client, clock;       /* of the next block */
    struct lib0_known own, other; /* v1: `client`, and the one that an id named last */
    uint64_t budget;              /* blocks that v2 may still give */
    struct arena *scratch;
    struct buf values;              /* canonical values on their way into the arena */
    struct update_columns *columns; /* v2 */
};

int update_dec_init(struct update_dec *d, enum crdt_format format, struct span update,
                    struct arena *scratch) MUST_CHECK;
/* The same, with the columns of v2 in `columns` instead of the arena; borrowed as long as the decoder is used. */
int update_dec_init_in(struct update_dec *d, enum crdt_format format, struct span update, struct arena *scratch,
                       struct update_columns *columns) MUST_CHECK;
/* The id of the first block, without a decoder. 1: *out is set; 0: there is none, or it is a Skip or stands behind an
 * empty group; negative: malformed. */
int update_dec_peek(enum crdt_format format, struct span update, struct id *out) MUST_CHECK;
/* Lifts the limit on blocks, for bytes that were written here. Right after init. */
void update_dec_trust(struct update_dec *d);
/* 1: *out is the next block; 0: no more blocks; negative: an error, which comes again on every call. Without a block
 * *out has no meaning: it is written in place because this runs for every struct. */
int update_dec_next(struct update_dec *d, struct block *out) MUST_CHECK;
/* True when certainly no more blocks come (a last group may also claim none). */
bool update_dec_at_end(const struct update_dec *d);
/* After update_dec_next gave 0: appends the delete set's ranges, in the order read; ranges of length 0 are dropped. */
int update_dec_deletes(struct update_dec *d, struct idset *out) MUST_CHECK;
void update_dec_finish(struct update_dec *d);

#endif
