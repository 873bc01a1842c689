#include "crdt/wire/ids_public.h"

#include <stdlib.h>
#include "crdt/core/doc.h"
#include "crdt/lib0/dec.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/doc_deletes.h"
#include "crdt/wire/update_dec.h"

int crdt_ids_create(struct crdt_ids **out)
{
    *out = calloc(1, sizeof(**out));
    return *out ? RC_OK : RC_NOMEM;
}

void crdt_ids_destroy(struct crdt_ids *ids)
{
    if (ids) {
        idset_finish(&ids->set);
        free(ids);
    }
}

void ids_replace(struct crdt_ids *ids, struct idset *set)
{
    idset_finish(&ids->set);
    ids->set = *set;
    idset_init(set);
}

/* ---- one by one ---------------------------------------------------------------------------------------- */

static bool stands_behind(const struct idset *s, struct crdt_id_range range)
{
    if (s->count == 0) {
        return true;
    }
    const struct idset_range *last = &idset_ranges(s)[s->count - 1];
    return last->client > range.client || (last->client == range.client && last->clock + last->len <= range.clock);
}

int crdt_ids_add(struct crdt_ids *ids, struct crdt_id_range range)
{
    struct idset one = {0}, both = {0};

    if (range.client > LIB0_MAX_SAFE || range.clock > LIB0_MAX_SAFE || range.len > LIB0_MAX_SAFE - range.clock) {
        return RC_RANGE;
    }
    if (stands_behind(&ids->set, range)) {
        return idset_add(&ids->set, range.client, range.clock, range.len);
    }
    int rc = idset_add(&one, range.client, range.clock, range.len); /* few need no memory */
    if (rc == RC_OK) {
        rc = idset_union(&ids->set, &one, &both);
    }
    if (rc == RC_OK) {
        ids_replace(ids, &both);
    }
    return rc;
}

bool crdt_ids_contains(const struct crdt_ids *ids, uint64_t client, uint64_t clock)
{
    return idset_contains(&ids->set, client, clock);
}

bool crdt_ids_range(const struct crdt_ids *ids, size_t index, struct crdt_id_range *out)
{
    if (index >= ids->set.count) {
        return false;
    }
    const struct idset_range *r = &idset_ranges(&ids->set)[index];
    *out = (struct crdt_id_range){r->client, r->clock, r->len};
    return true;
}

/* ---- sets together --------------------------------------------------------------------------------------- */

static int combine(int (*operation)(const struct idset *, const struct idset *, struct idset *),
                   const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out)
{
    struct idset result = {0};
    int rc = operation(&a->set, &b->set, &result);

    if (rc == RC_OK) {
        ids_replace(out, &result);
    }
    idset_finish(&result);
    return rc;
}

int crdt_ids_union(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out)
{
    return combine(idset_union, a, b, out);
}

int crdt_ids_intersect(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out)
{
    return combine(idset_intersect, a, b, out);
}

int crdt_ids_subtract(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out)
{
    return combine(idset_subtract, a, b, out);
}

/* ---- bytes -------------------------------------------------------------------------------------------------- */

int crdt_ids_encode(const struct crdt_ids *ids, enum crdt_format format, struct buf *out)
{
    size_t before = out->len;

    delete_set_write(format, &ids->set, out);
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}

int crdt_ids_decode(struct span bytes, enum crdt_format format, struct crdt_ids *out)
{
    struct lib0_dec in = lib0_dec_of(bytes);
    struct idset set = {0};
    int rc = delete_set_read(format, &in, &set);

    if (rc == RC_OK) {
        rc = idset_normalize(&set);
    }
    if (rc == RC_OK) {
        ids_replace(out, &set);
    }
    idset_finish(&set);
    return rc;
}

/* ---- of documents and updates ---------------------------------------------------------------------------------- */

/* Both or neither. */
static int hand_out(int rc, struct idset *from_inserted, struct idset *from_deleted, struct crdt_ids *inserted,
                    struct crdt_ids *deleted)
{
    if (rc == RC_OK) {
        rc = idset_normalize(from_inserted);
    }
    if (rc == RC_OK) {
        rc = idset_normalize(from_deleted);
    }
    if (rc == RC_OK && inserted) {
        ids_replace(inserted, from_inserted);
    }
    if (rc == RC_OK && deleted) {
        ids_replace(deleted, from_deleted);
    }
    idset_finish(from_inserted);
    idset_finish(from_deleted);
    return rc;
}

int crdt_doc_ids(const struct crdt_doc *doc, struct crdt_ids *inserted, struct crdt_ids *deleted)
{
    struct idset in = {0}, del = {0};
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < doc->client_count; i++) {
        if (doc->clients[i].state > 0) {
            rc = idset_add(&in, doc->clients[i].id, 0, doc->clients[i].state);
        }
        if (rc == RC_OK && doc->clients[i].state > 0) {
            rc = doc_deletes(doc, i, &del);
        }
    }
    return hand_out(rc, &in, &del, inserted, deleted);
}

static int read_ids(struct update_dec *dec, struct idset *in, struct idset *del)
{
    struct block block;
    int got, rc = RC_OK;

    while (rc == RC_OK && (got = update_dec_next(dec, &block)) != 0) {
        rc = got < 0                   ? got
             : block.ref == BLOCK_SKIP ? RC_OK
                                       : idset_add(in, block.id.client, block.id.clock, block.len);
    }
    return rc == RC_OK ? update_dec_deletes(dec, del) : rc;
}

int crdt_update_ids(enum crdt_format format, struct span update, struct crdt_ids *inserted, struct crdt_ids *deleted)
{
    struct idset in = {0}, del = {0};
    struct update_dec dec;
    struct arena scratch;

    arena_init(&scratch, SIZE_MAX);
    int rc = update_dec_init(&dec, format, update, &scratch);
    if (rc == RC_OK) {
        rc = read_ids(&dec, &in, &del);
    }
    update_dec_finish(&dec);
    arena_finish(&scratch);
    return hand_out(rc, &in, &del, inserted, deleted);
}
