/* Diff, state vector and conversion of updates, without a document (yjs: utils/updates.js). All three read the blocks
 * of one update in order and hold no more than one of them. The declarations are crdt.h's. */
#include "crdt/crdt.h"

#include "crdt/lib0/enc.h"
#include "crdt/wire/lazy_enc.h"
#include "crdt/wire/state_vector.h"
#include "crdt/wire/update_dec.h"

/* An update being read and one being written. */
struct passage {
    struct arena scratch;
    struct update_dec dec;
    struct lazy_enc enc;
    struct idset deletes;
    struct block block; /* read last */
    int got;            /* what reading it gave: 1, 0 or an error */
};

static void read_next(struct passage *p)
{
    /* What the block before left in the arena has been written. v2's columns and keys live there, too. */
    if (p->dec.format == CRDT_V1) {
        arena_reset(&p->scratch);
    }
    p->got = update_dec_next(&p->dec, &p->block);
}

static void passage_open(struct passage *p, enum crdt_format from, enum crdt_format to, struct span update,
                         struct buf *out)
{
    int rc;

    arena_init(&p->scratch, 0);
    idset_init(&p->deletes);
    lazy_enc_init(&p->enc, to, out);
    rc = update_dec_init(&p->dec, from, update, &p->scratch);
    if (rc != RC_OK) {
        p->got = rc;
        return;
    }
    read_next(p);
}

/* Reads the delete set and writes it as it was; frees all. */
static int passage_close(struct passage *p)
{
    int rc = p->got;

    if (rc == RC_OK) {
        rc = update_dec_deletes(&p->dec, &p->deletes);
    }
    if (rc == RC_OK) {
        rc = idset_group(&p->deletes);
    }
    if (rc == RC_OK) {
        rc = lazy_enc_finish(&p->enc, &p->deletes);
    } else {
        lazy_enc_discard(&p->enc);
    }
    idset_finish(&p->deletes);
    update_dec_finish(&p->dec);
    arena_finish(&p->scratch);
    return rc;
}

int crdt_update_convert(enum crdt_format from, enum crdt_format to, struct span update, struct buf *out)
{
    struct passage p;

    for (passage_open(&p, from, to, update, out); p.got > 0; read_next(&p)) {
        lazy_enc_block(&p.enc, &p.block, 0);
    }
    return passage_close(&p);
}

/* ---- Diff ------------------------------------------------------------------------------------------------ */

static bool same_client(const struct passage *p, uint64_t client)
{
    return p->got > 0 && p->block.id.client == client;
}

/* Writes the block, which reaches beyond `known`, and all others of its client that follow. */
static void write_rest_of_client(struct passage *p, uint64_t known)
{
    uint64_t client = p->block.id.client;

    lazy_enc_block(&p->enc, &p->block, known > p->block.id.clock ? known - p->block.id.clock : 0);
    for (read_next(p); same_client(p, client); read_next(p)) {
        lazy_enc_block(&p->enc, &p->block, 0);
    }
}

static void diff_blocks(struct passage *p, const struct state_vector *sv)
{
    while (p->got > 0) {
        uint64_t known = state_vector_get(sv, p->block.id.client);

        /* No group begins with a Skip. */
        if (p->block.ref != BLOCK_SKIP && p->block.id.clock + p->block.len > known) {
            write_rest_of_client(p, known);
        } else {
            read_next(p);
        }
    }
}

int crdt_update_diff(enum crdt_format format, struct span update, struct span state_vector, struct buf *out)
{
    struct state_vector sv = {0};
    struct passage p;
    int rc = state_vector_decode(state_vector, &sv);

    if (rc == RC_OK) {
        passage_open(&p, format, format, update, out);
        diff_blocks(&p, &sv);
        rc = passage_close(&p);
    }
    state_vector_finish(&sv);
    return rc;
}

/* ---- State vector ------------------------------------------------------------------------------------------ */

/* How far a client's blocks reach from clock 0 on without a hole. */
struct reach {
    uint64_t client, clock;
    bool stopped; /* at a hole, or because they do not begin at 0 */
};

static struct reach reach_begin(const struct block *b)
{
    return (struct reach){b->id.client, 0, b->id.clock != 0};
}

static int reach_note(const struct reach *r, struct state_vector *sv)
{
    return r->clock > 0 ? state_vector_add(sv, r->client, r->clock) : RC_OK;
}

/* Entries in the order of the groups, which yjs does not sort. */
static int collect_reaches(struct update_dec *dec, struct arena *scratch, struct state_vector *sv)
{
    struct block b;
    struct reach r = {0};
    bool first = true;
    int got, rc = RC_OK;

    while (rc == RC_OK && (got = update_dec_next(dec, &b)) != 0) {
        if (got < 0) {
            return got;
        }
        if (first || b.id.client != r.client) {
            rc = reach_note(&r, sv);
            r = reach_begin(&b);
            /* yjs counts a Skip that is the very first block of the update. */
            r.clock = first && !r.stopped ? b.len : 0;
            first = false;
        }
        r.stopped = r.stopped || b.ref == BLOCK_SKIP;
        if (!r.stopped) {
            r.clock = b.id.clock + b.len;
        }
        if (dec->format == CRDT_V1) {
            arena_reset(scratch);
        }
    }
    return rc == RC_OK ? reach_note(&r, sv) : rc;
}

/* The delete set is not looked at. */
int crdt_update_state_vector(enum crdt_format format, struct span update, struct buf *out)
{
    struct state_vector sv = {0};
    struct update_dec dec;
    struct arena scratch;
    size_t start = out->len;
    int rc;

    arena_init(&scratch, 0);
    rc = update_dec_init(&dec, format, update, &scratch);
    if (rc == RC_OK) {
        rc = collect_reaches(&dec, &scratch, &sv);
    }
    if (rc == RC_OK) {
        state_vector_write(&sv, out);
        rc = out->rc;
    }
    if (rc != RC_OK) {
        out->len = start;
    }
    update_dec_finish(&dec);
    arena_finish(&scratch);
    state_vector_finish(&sv);
    return rc;
}
