#include <stdlib.h>
#include "crdt/core/plan.h"
#include "crdt/core/txn.h"
#include "crdt/wire/state.h"
#include "crdt/wire/update_dec.h"

/* Updates from bytes into a document: decode and check everything, then let the plan decide (crdt/core/plan.h). */

/* A decoded update, in the document's scratch arena. */
struct update {
    struct block *blocks;
    size_t count, cap;
    struct idset deletes;
};

/* One slot for the next block. Doubles by copying within the arena: at most twice the room. */
static struct block *next_slot(struct update *u, struct arena *scratch)
{
    if (u->count == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : 2;
        struct block *grown = arena_alloc(scratch, cap * sizeof(*grown));
        if (!grown) {
            return NULL;
        }
        if (u->count > 0) {
            memcpy(grown, u->blocks, u->count * sizeof(*grown));
        }
        u->blocks = grown;
        u->cap = cap;
    }
    return &u->blocks[u->count];
}

static int decode_blocks(struct update_dec *dec, struct update *u, struct arena *scratch)
{
    int got;

    do {
        struct block *slot = next_slot(u, scratch);
        if (!slot) {
            return RC_NOMEM;
        }
        got = update_dec_next(dec, slot);
        u->count += got == 1;
    } while (got == 1);
    return got;
}

static int decode(enum crdt_format format, struct span bytes, struct update *u, struct arena *scratch)
{
    struct update_dec dec;
    int rc = update_dec_init(&dec, format, bytes, scratch);

    if (rc == RC_OK) {
        rc = decode_blocks(&dec, u, scratch);
    }
    if (rc == RC_OK) {
        rc = update_dec_deletes(&dec, &u->deletes);
    }
    if (rc == RC_OK) {
        rc = idset_normalize(&u->deletes);
    }
    update_dec_finish(&dec);
    return rc;
}

int crdt_apply(struct crdt_doc *doc, enum crdt_format format, struct span update, struct buf *changes)
{
    struct update u = {0};

    if (doc->txn.active) {
        return RC_STATE;
    }
    int rc = decode(format, update, &u, &doc->scratch);
    if (rc == RC_OK) {
        rc = apply_blocks(doc, u.blocks, u.count, &u.deletes, &doc->scratch);
    }
    if (rc == RC_OK && changes) {
        rc = state_encode_changes(doc, CRDT_V1, changes);
    }
    idset_finish(&u.deletes);
    arena_reset(&doc->scratch);
    return rc;
}
