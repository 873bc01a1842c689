#include "crdt/wire/merge_runs.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/wire/merge_input.h"
#include "crdt/wire/update_dec.h"

#define UNORDERED_MEMORY ((size_t)256 << 20) /* for sources that must be held as blocks */
#define UNORDERED_BLOCKS 16

static bool follows(const struct block *before, const struct block *b)
{
    return b->id.client < before->id.client ||
           (b->id.client == before->id.client && b->id.clock >= merge_block_end(before));
}

static int add_run(struct merge_runs *u, const struct block *blocks, size_t count, const struct state_vector *known)
{
    if (u->count == u->cap) {
        size_t cap = u->cap == 0 ? 16 : 2 * u->cap;
        struct update_source *runs = realloc(u->runs, cap * sizeof(*runs));

        if (runs == NULL) {
            return RC_NOMEM;
        }
        u->runs = runs;
        u->cap = cap;
    }
    u->runs[u->count++] = (struct update_source){.blocks = blocks, .block_count = count, .known = known};
    return RC_OK;
}

static int add_blocks(struct merge_runs *u, const struct block *blocks, size_t count, const struct state_vector *known)
{
    size_t start = 0;
    int rc = RC_OK;

    for (size_t i = 1; rc == RC_OK && i <= count; i++) {
        if (i == count || !follows(&blocks[i - 1], &blocks[i])) {
            rc = add_run(u, blocks + start, i - start, known);
            start = i;
        }
    }
    return rc;
}

static int copy_deletes(struct merge_runs *u, const struct idset *deletes)
{
    const struct idset_range *r = deletes != NULL ? idset_ranges(deletes) : NULL;
    int rc = RC_OK;

    for (size_t i = 0; r != NULL && rc == RC_OK && i < deletes->count; i++) {
        rc = idset_push(&u->deletes, r[i].client, r[i].clock, r[i].len);
    }
    return rc;
}

/* Reads all blocks into one array in the arena, doubling it when full. */
static int decode_all(struct merge_runs *u, struct update_dec *dec, struct block **blocks, size_t *count)
{
    size_t cap = UNORDERED_BLOCKS, n = 0;
    struct block *all = arena_alloc(&u->scratch, cap * sizeof(*all));
    int got = all == NULL ? RC_LIMIT : 1;

    while (got > 0 && (got = update_dec_next(dec, &all[n])) > 0) {
        if (++n == cap) {
            struct block *larger = arena_alloc(&u->scratch, 2 * cap * sizeof(*all));

            if (larger == NULL) {
                return RC_LIMIT;
            }
            memcpy(larger, all, n * sizeof(*all));
            all = larger;
            cap *= 2;
        }
    }
    *blocks = all;
    *count = n;
    return got;
}

static int add_bytes(struct merge_runs *u, const struct update_source *source)
{
    struct update_dec dec;
    struct block *blocks = NULL;
    size_t count = 0;
    int rc = update_dec_init(&dec, source->format, source->bytes, &u->scratch);

    if (rc == RC_OK && source->trusted) {
        update_dec_trust(&dec);
    }
    if (rc == RC_OK) {
        rc = decode_all(u, &dec, &blocks, &count);
    }
    if (rc == RC_OK) {
        rc = update_dec_deletes(&dec, &u->deletes);
    }
    if (rc == RC_OK) {
        rc = add_blocks(u, blocks, count, source->known);
    }
    update_dec_finish(&dec);
    return rc;
}

int merge_runs_add(struct merge_runs *u, const struct update_source *source)
{
    int rc;

    if (source->blocks == NULL && source->deletes == NULL) {
        return add_bytes(u, source);
    }
    rc = add_blocks(u, source->blocks, source->block_count, source->known);
    return rc == RC_OK ? copy_deletes(u, source->deletes) : rc;
}

void merge_runs_init(struct merge_runs *u)
{
    *u = (struct merge_runs){.count = 0};
    arena_init(&u->scratch, UNORDERED_MEMORY);
}

int merge_runs_end(struct merge_runs *u)
{
    int rc = add_run(u, NULL, 0, NULL);

    if (rc == RC_OK) {
        u->runs[u->count - 1].deletes = &u->deletes;
    }
    return rc;
}

void merge_runs_finish(struct merge_runs *u)
{
    free(u->runs);
    idset_finish(&u->deletes);
    arena_finish(&u->scratch);
}
