#ifndef CRDT_WIRE_LAZY_ENC_H
#define CRDT_WIRE_LAZY_ENC_H

/* An update encoder for those who do not know in advance how many groups and blocks there will be (yjs:
 * LazyStructWriter). Blocks are written one behind the other; finish opens the gaps for the counts with one move. */
#include "crdt/wire/update_enc.h"

struct lazy_group {
    size_t at;       /* where its bytes begin, in enc.rest */
    uint64_t blocks; /* how many it has */
};

struct lazy_enc { /* private */
    struct update_enc enc;
    struct lazy_group *groups;
    size_t count, cap;
    uint64_t client, clock; /* where the next block of this group must begin */
    int rc;
};

void lazy_enc_init(struct lazy_enc *e, enum crdt_format format, struct buf *out);
/* As update_enc_block. A new group begins with another client, or where the clocks do not follow. */
void lazy_enc_block(struct lazy_enc *e, const struct block *b, uint64_t offset);
/* Writes the counts, the delete set (grouped or normal), and completes `out`; frees. On failure `out` has its former
 * length. */
int lazy_enc_finish(struct lazy_enc *e, const struct idset *deletes) MUST_CHECK;
void lazy_enc_discard(struct lazy_enc *e);

#endif
