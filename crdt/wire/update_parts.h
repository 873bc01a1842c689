#ifndef CRDT_WIRE_UPDATE_PARTS_H
#define CRDT_WIRE_UPDATE_PARTS_H

/* The parts that blocks are made of, read from v1's one sequence of bytes or from v2's columns. Failures are kept in
 * the decoder's `in.rc`, those of columns until update_failures gathers them; what is read then is 0 or empty. For
 * update_dec.c and update_content.c. */
#include "crdt/wire/update_dec.h"

enum id_side { SIDE_LEFT, SIDE_RIGHT }; /* v2 keeps their clocks apart; a parent's goes with the left ones */

static inline void update_fail(struct update_dec *d, int rc)
{
    lib0_dec_fail(&d->in, rc);
}
/* The first failure of any column becomes the decoder's, which is returned. */
int update_failures(struct update_dec *d);

static inline uint8_t update_info(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_u8(&d->in) : rle_dec_next(&d->columns->info);
}

static inline uint64_t update_len(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->len);
}

static inline uint64_t update_client(struct update_dec *d)
{
    return d->format == CRDT_V1 ? lib0_dec_varuint(&d->in) : uint_opt_rle_dec_next(&d->columns->client);
}

static inline struct id update_id(struct update_dec *d, enum id_side side)
{
    uint64_t client = update_client(d);

    if (d->format == CRDT_V1) {
        return (struct id){client, lib0_dec_varuint(&d->in)};
    }
    return (struct id){client, (uint64_t)int_diff_opt_rle_dec_next(side == SIDE_LEFT ? &d->columns->left_clock
                                                                                     : &d->columns->right_clock)};
}

bool update_parent_is_root(struct update_dec *d);
/* Text of a string struct, with its UTF-16 length. */
struct span update_text(struct update_dec *d, uint64_t *units);
/* Any other string. */
struct span update_string(struct update_dec *d);
/* A key or node name; v2 numbers them. */
struct span update_key(struct update_dec *d);

/* Scratch memory, or NULL with the failure kept. */
void *update_scratch(struct update_dec *d, size_t size);
struct span update_scratch_copy(struct update_dec *d, struct span bytes);

#endif
