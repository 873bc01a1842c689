#include "crdt/wire/merge_input.h"

#include <stdlib.h>
#include "crdt/core/slice.h"

void merge_fail(struct merge *m, int rc)
{
    if (m->rc == RC_OK) {
        m->rc = rc;
    }
}

/* ---- Inputs ------------------------------------------------------------------------------------------------ */

static struct merge_input *take_input(struct merge *m)
{
    struct merge_input *in = m->spare;

    if (in != NULL) {
        m->spare = in->spare;
        return in;
    }
    in = malloc(sizeof(*in));
    if (in == NULL) {
        merge_fail(m, RC_NOMEM);
        return NULL;
    }
    arena_init(&in->scratch, 0);
    in->next_made = m->made;
    m->made = in;
    return in;
}

static void close_decoder(struct merge_input *in)
{
    if (in->reads) {
        update_dec_finish(&in->dec);
        in->reads = false;
    }
}

/* Gives an input's memory to the next source. */
void merge_release(struct merge *m, struct merge_input *in)
{
    if (merge_is_few(m)) {
        return; /* `opened` still looks at it */
    }
    close_decoder(in);
    arena_reset(&in->scratch);
    in->spare = m->spare;
    m->spare = in;
}

void merge_free_inputs(struct merge *m)
{
    while (m->made != NULL) {
        struct merge_input *in = m->made;

        m->made = in->next_made;
        close_decoder(in);
        arena_finish(&in->scratch);
        free(in);
    }
}

/* ---- Reading a source ---------------------------------------------------------------------------------- */

/* 1: in->block is the next block of the source, Skips and all; 0: the end. */
static int next_raw(struct merge_input *in)
{
    if (in->reads) {
        return update_dec_next(&in->dec, &in->block);
    }
    if (in->left == 0) {
        return 0;
    }
    in->block = *in->more++;
    in->left--;
    return 1;
}

static bool goes_backwards(const struct merge_input *in)
{
    const struct id *id = &in->block.id;

    return id->client > in->reached.client || (id->client == in->reached.client && id->clock < in->reached.clock);
}

/* Whether the block is one to merge: no Skip, and not known. One that is known in part is cut. */
static bool wanted(struct merge *m, struct merge_input *in)
{
    struct block *b = &in->block;
    uint64_t known;
    int rc;

    if (b->ref == BLOCK_SKIP) {
        return false;
    }
    known = in->known != NULL ? state_vector_get(in->known, b->id.client) : 0;
    if (merge_block_end(b) <= known) {
        return false;
    }
    if (b->id.clock < known) {
        rc = block_slice(b, known - b->id.clock, &in->scratch);
        if (rc != RC_OK) {
            merge_fail(m, rc);
        }
    }
    return true;
}

static void read_deletes(struct merge *m, struct merge_input *in)
{
    int rc = update_dec_deletes(&in->dec, &m->deletes);

    if (rc != RC_OK) {
        merge_fail(m, rc);
    }
}

/* The next block of an input, or live = false at its end, where its delete set is read. */
void merge_advance(struct merge *m, struct merge_input *in)
{
    int got;

    in->live = false;
    while ((got = next_raw(in)) > 0) {
        if (goes_backwards(in)) {
            m->again = MERGE_UNORDERED;
            return;
        }
        in->reached = (struct id){in->block.id.client, merge_block_end(&in->block)};
        if (wanted(m, in)) {
            in->live = true;
            return;
        }
    }
    if (got < 0) {
        merge_fail(m, got);
    } else if (in->reads) {
        read_deletes(m, in);
    }
}

static void open_bytes(struct merge *m, struct merge_input *in, const struct update_source *source)
{
    int rc = update_dec_init_in(&in->dec, source->format, source->bytes, &in->scratch, &in->columns);

    in->reads = true;
    if (rc != RC_OK) {
        merge_fail(m, rc);
    } else if (source->trusted) {
        update_dec_trust(&in->dec);
    }
}

/* Reads up to the first block; NULL when there is no memory. */
struct merge_input *merge_open(struct merge *m, const struct update_source *source)
{
    struct merge_input *in = take_input(m);

    if (in == NULL) {
        return NULL;
    }
    in->live = in->reads = false;
    in->more = source->blocks;
    in->left = source->block_count;
    in->known = source->known;
    in->turn = 0;
    in->reached = (struct id){UINT64_MAX, 0};
    if (source->blocks == NULL && source->deletes == NULL) {
        open_bytes(m, in, source);
    }
    if (m->rc == RC_OK) {
        merge_advance(m, in);
    }
    return in;
}

static void add_deletes(struct merge *m, const struct idset *deletes)
{
    const struct idset_range *r = idset_ranges(deletes);

    for (size_t i = 0; m->rc == RC_OK && i < deletes->count; i++) {
        m->rc = idset_push(&m->deletes, r[i].client, r[i].clock, r[i].len);
    }
}

static void enqueue(struct merge *m, struct id id, size_t source)
{
    m->queue[m->queue_count++] = (struct idset_range){id.client, id.clock, source};
}

/* Where a source stands in the queue, without keeping it open: there may be very many. */
static void look_at(struct merge *m, size_t index)
{
    const struct update_source *source = &m->sources[index];
    struct id first;
    struct merge_input *in;

    if (source->blocks == NULL && source->deletes == NULL && source->known == NULL) {
        int got = update_dec_peek(source->format, source->bytes, &first);

        if (got > 0) {
            enqueue(m, first, index);
            return;
        }
        if (got < 0) {
            merge_fail(m, got);
            return;
        }
    }
    in = merge_open(m, source);
    if (in != NULL) {
        if (in->live) {
            enqueue(m, in->block.id, index);
        }
        merge_release(m, in);
    }
}

static void open_few(struct merge *m, size_t index)
{
    struct merge_input *in = merge_open(m, &m->sources[index]);

    m->opened[index] = in;
    if (in != NULL && in->live) {
        enqueue(m, in->block.id, index);
    }
}

void merge_fill_queue(struct merge *m)
{
    for (size_t i = 0; i < m->count && m->rc == RC_OK; i++) {
        if (m->sources[i].deletes != NULL) {
            add_deletes(m, m->sources[i].deletes);
        }
        if (merge_is_few(m)) {
            open_few(m, i);
        } else {
            look_at(m, i);
        }
    }
    if (m->rc == RC_OK) {
        m->rc = idset_range_sort(m->queue, m->queue_count);
    }
}
