#include <stdlib.h>
#include "crdt/core/bulk.h"
#include "crdt/core/direct.h"
#include "crdt/core/direct_wait.h"
#include "crdt/core/plan.h"
#include "crdt/core/txn.h"
#include "crdt/wire/ditto.h"
#include "crdt/wire/keystroke.h"
#include "crdt/wire/state.h"
#include "crdt/wire/update_dec.h"

/* Updates from bytes into a document: decode and check everything, then let the plan decide (crdt/core/plan.h). */

/* A decoded update, in the document's scratch arena. Blocks lie in pieces that are never moved: a group tells how many
 * blocks it claims, but no claim is believed beyond PIECE_MAX at a time. */
struct update {
    struct piece *pieces;
    size_t count, cap;
    struct idset deletes;
    struct block only; /* of an update with one block … */
    struct piece only_piece;
};

#define PIECE_MAX 8192

static int add_piece(struct update *u, const struct block *blocks, uint32_t count, struct arena *scratch)
{
    if (u->count == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : 1;
        struct piece *grown = arena_alloc(scratch, cap * sizeof(*grown));
        if (!grown) {
            return RC_NOMEM;
        }
        if (u->count > 0) {
            memcpy(grown, u->pieces, u->count * sizeof(*grown));
        }
        u->pieces = grown;
        u->cap = cap;
    }
    u->pieces[u->count++] = (struct piece){blocks, count};
    return RC_OK;
}

/* Decodes what follows `first` in its group, as far as one piece goes. */
static int decode_piece(struct update_dec *dec, const struct block *first, struct update *u, struct arena *scratch)
{
    uint32_t count = 1, room = dec->blocks < PIECE_MAX ? (uint32_t)dec->blocks + 1 : PIECE_MAX;
    struct block *blocks = arena_alloc(scratch, room * sizeof(*blocks));
    int got = 1;

    if (!blocks) {
        return RC_NOMEM;
    }
    blocks[0] = *first;
    while (got == 1 && count < room) {
        got = update_dec_next(dec, &blocks[count]);
        count += got == 1;
    }
    return got < 0 ? got : add_piece(u, blocks, count, scratch);
}

static int decode_blocks(struct update_dec *dec, struct update *u, struct arena *scratch)
{
    struct block first;
    int got = update_dec_next(dec, &u->only);

    if (got == 1 && update_dec_at_end(dec)) { /* a keystroke: nothing to allocate */
        u->only_piece = (struct piece){&u->only, 1};
        u->pieces = &u->only_piece;
        u->count = 1;
        return RC_OK;
    }
    first = u->only;
    while (got == 1) {
        int rc = decode_piece(dec, &first, u, scratch);
        if (rc != RC_OK) {
            return rc;
        }
        got = update_dec_next(dec, &first);
    }
    return got;
}

static int open_update(enum crdt_format format, struct span bytes, bool trusted, struct arena *scratch,
                       struct update_dec *dec)
{
    int rc = update_dec_init(dec, format, bytes, scratch);

    if (rc == RC_OK && trusted) {
        update_dec_trust(dec);
    }
    return rc;
}

/* What follows the blocks, in normal form. */
static int decode_deletes(struct update_dec *dec, struct idset *deletes)
{
    int rc = update_dec_deletes(dec, deletes);

    return rc == RC_OK && deletes->count > 1 ? idset_normalize(deletes) : rc;
}

static int decode(enum crdt_format format, struct span bytes, bool trusted, struct update *u, struct arena *scratch)
{
    struct update_dec dec;

    int rc = open_update(format, bytes, trusted, scratch, &dec);

    if (rc == RC_OK) {
        rc = decode_blocks(&dec, u, scratch);
    }
    if (rc == RC_OK) {
        rc = decode_deletes(&dec, &u->deletes);
    }
    update_dec_finish(&dec);
    return rc;
}

/* ---- a whole state ---------------------------------------------------------------------------------- */

#define BLOCK_BYTES 4 /* of a usual block, at least: more blocks than that are not believed in before they come */

static int add_blocks(struct update_dec *dec, size_t size, struct bulk *bulk)
{
    struct block block;
    int rc = RC_OK, got;

    while (rc == RC_OK && (got = update_dec_next(dec, &block)) != 0) {
        uint64_t more = dec->blocks < size / BLOCK_BYTES ? dec->blocks : size / BLOCK_BYTES;
        rc = got < 0 ? got : bulk_add(bulk, &block, more);
    }
    return rc;
}

/* BULK_UNFIT: it has to go struct by struct. */
static int load(struct crdt_doc *doc, enum crdt_format format, struct span state, bool trusted)
{
    struct idset deletes;
    struct update_dec dec;
    struct bulk bulk;
    int rc = bulk_begin(&bulk, doc, state.len, &doc->scratch);

    idset_init(&deletes);
    if (rc == RC_OK) {
        rc = open_update(format, state, trusted, &doc->scratch, &dec);
        if (rc == RC_OK) {
            rc = add_blocks(&dec, state.len, &bulk);
        }
        if (rc == RC_OK) {
            rc = decode_deletes(&dec, &deletes);
        }
        update_dec_finish(&dec);
    }
    if (rc == RC_OK) {
        rc = bulk_end(&bulk, &deletes);
    }
    bulk_finish(&bulk);
    idset_finish(&deletes);
    doc_scratch_done(doc);
    return rc;
}

/* ---- any update --------------------------------------------------------------------------------------- */

/* False: nothing has changed, it is not what was expected to come. */
static bool apply_ditto(struct crdt_doc *doc, enum crdt_format format, struct span bytes)
{
    struct span letter = ditto_letter(doc, format, bytes);

    if (letter.len == 0) {
        return false;
    }
    if (!(doc->ditto.item ? direct_letter(doc, letter.data[0]) : direct_wait_letter(doc, letter.data[0]))) {
        return false;
    }
    ditto_step(doc);
    return true;
}

/* False: nothing has changed, it is no keystroke or it cannot go in yet. */
static bool apply_keystroke(struct crdt_doc *doc, enum crdt_format format, struct span bytes, int *rc)
{
    struct keystroke k;
    struct piece piece = {&k.text, 1};
    uint32_t author = doc->recent;

    if (!keystroke_decode(format, bytes, &k) || !direct_apply(doc, &piece, k.types, &k.deleted, k.erases, rc)) {
        return false;
    }
    if (doc->recent == author && *rc == RC_OK) { /* who types alone */
        ditto_learn(doc, &doc->ditto, format, bytes, &k);
    }
    return true;
}

static int apply_blocks(struct crdt_doc *doc, enum crdt_format format, struct span update, bool trusted)
{
    struct update u;

    u.pieces = NULL;
    u.count = u.cap = 0;
    idset_init(&u.deletes);
    int rc = decode(format, update, trusted, &u, &doc->scratch);
    if (rc == RC_OK) {
        rc = apply_pieces(doc, u.pieces, u.count, &u.deletes, &doc->scratch);
    }
    idset_finish(&u.deletes);
    doc_scratch_done(doc);
    return rc;
}

/* `whole`: it may be a whole state. */
static int apply(struct crdt_doc *doc, enum crdt_format format, struct span update, bool trusted, bool whole)
{
    int rc = BULK_UNFIT;

    if (apply_ditto(doc, format, update)) {
        return RC_OK;
    }
    if (apply_keystroke(doc, format, update, &rc)) {
        return rc;
    }
    if (whole && bulk_suits(doc)) {
        rc = load(doc, format, update, trusted);
    }
    return rc == BULK_UNFIT ? apply_blocks(doc, format, update, trusted) : rc;
}

int crdt_apply(struct crdt_doc *doc, enum crdt_format format, struct span update, struct buf *changes)
{
    if (doc->txn.active) {
        return RC_STATE;
    }
    int rc = apply(doc, format, update, false, !changes);
    return rc == RC_OK && changes ? state_encode_changes(doc, CRDT_V1, changes) : rc;
}

int crdt_load(struct crdt_doc *doc, enum crdt_format format, struct span state)
{
    return doc->txn.active ? RC_STATE : apply(doc, format, state, true, true);
}
