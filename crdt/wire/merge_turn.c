#include "crdt/wire/merge_turn.h"

#include <stdlib.h>

/* ---- Writing --------------------------------------------------------------------------------------------- */

void merge_write_held(struct merge *m)
{
    lazy_enc_block(&m->enc, &m->held, m->held_offset);
}

static void hold(struct merge *m, struct merge_input *in, uint64_t offset)
{
    struct merge_input *before = m->holder;

    m->held = in->block;
    m->held_offset = offset;
    m->holder = in;
    if (before != NULL && before != in && !before->live) {
        merge_release(m, before);
    }
    merge_advance(m, in);
}

static void write_skip(struct merge *m, uint64_t until)
{
    struct block skip = {.id = {m->held.id.client, merge_block_end(&m->held)}, .ref = BLOCK_SKIP};

    skip.len = until - skip.id.clock;
    lazy_enc_block(&m->enc, &skip, 0);
}

/* The held block and the input's have the same client, and the input's reaches further. */
static void continue_client(struct merge *m, struct merge_input *in)
{
    uint64_t end = merge_block_end(&m->held);

    if (end < in->block.id.clock) {
        merge_write_held(m);
        write_skip(m, in->block.id.clock);
        hold(m, in, 0);
        return;
    }
    if (m->held.ref == BLOCK_GC && in->block.ref == BLOCK_GC) {
        /* As yjs: the input stays where it is, and gives way in its next turn. */
        m->held.len = merge_block_end(&in->block) - m->held.id.clock;
        return;
    }
    merge_write_held(m);
    hold(m, in, end - in->block.id.clock);
}

/* Passes over what is held already. True when the input may still be the next one to write. */
static bool pass_covered(struct merge *m, struct merge_input *in)
{
    uint64_t client = in->block.id.client;
    bool moved = false;

    while (in->live && in->block.id.client == m->held.id.client &&
           merge_block_end(&in->block) <= merge_block_end(&m->held)) {
        merge_advance(m, in);
        moved = true;
    }
    return in->live && in->block.id.client == client && !(moved && in->block.id.clock > merge_block_end(&m->held));
}

/* One turn of an input. */
void merge_take_turn(struct merge *m, struct merge_input *in)
{
    in->turn = ++m->turns;
    if (m->holder == NULL) {
        hold(m, in, 0);
    } else if (in->block.id.client != m->held.id.client) {
        merge_write_held(m);
        hold(m, in, 0);
    } else if (pass_covered(m, in)) {
        continue_client(m, in);
    } else {
        return;
    }
    while (in->live && in->block.id.client == m->held.id.client && in->block.id.clock == merge_block_end(&m->held)) {
        merge_write_held(m);
        hold(m, in, 0);
    }
}

/* ---- Whose turn it is: queue and heap ------------------------------------------------------------------------ */

/* By key, and among equals the one that moved last. */
static bool input_before(const struct merge_input *a, const struct merge_input *b)
{
    if (a->block.id.client != b->block.id.client) {
        return a->block.id.client > b->block.id.client;
    }
    if (a->block.id.clock != b->block.id.clock) {
        return a->block.id.clock < b->block.id.clock;
    }
    return a->turn > b->turn;
}

static void sift_down(struct merge *m, size_t at)
{
    struct merge_input *moved = m->heap[at];

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= m->heap_count) {
            break;
        }
        if (child + 1 < m->heap_count && input_before(m->heap[child + 1], m->heap[child])) {
            child++;
        }
        if (input_before(moved, m->heap[child])) {
            break;
        }
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = moved;
}

static void heap_push(struct merge *m, struct merge_input *in)
{
    size_t at = m->heap_count;

    if (at == m->heap_cap) {
        size_t cap = m->heap_cap == 0 ? 16 : 2 * m->heap_cap;
        struct merge_input **heap = realloc(m->heap, cap * sizeof(struct merge_input *));

        if (heap == NULL) {
            merge_fail(m, RC_NOMEM);
            return;
        }
        m->heap = heap;
        m->heap_cap = cap;
    }
    m->heap_count++;
    while (at > 0 && input_before(in, m->heap[(at - 1) / 2])) {
        m->heap[at] = m->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    m->heap[at] = in;
}

static bool same_key(const struct block *a, const struct block *b)
{
    return a->id.client == b->id.client && a->id.clock == b->id.clock;
}

/* Whether another input has a block of the other sort (GC, item) at the same id. */
static bool meets_other_sort(const struct merge *m, const struct merge_input *in)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct merge_input *other = m->opened[i];

        if (other->live && same_key(&other->block, &in->block) &&
            (other->block.ref == BLOCK_GC) != (in->block.ref == BLOCK_GC)) {
            return true;
        }
    }
    return false;
}

/* The first of the queue and the first of the heap in order. */
static bool heap_is_first(const struct merge *m)
{
    const struct idset_range *waiting = &m->queue[m->queue_at];
    const struct block *moved;

    if (m->heap_count == 0) {
        return false;
    }
    if (m->queue_at == m->queue_count) {
        return true;
    }
    moved = &m->heap[0]->block;
    return moved->id.client != waiting->client ? moved->id.client > waiting->client : moved->id.clock <= waiting->clock;
}

static void pop_heap(struct merge *m)
{
    m->heap[0] = m->heap[--m->heap_count];
    if (m->heap_count > 0) {
        sift_down(m, 0);
    }
}

static struct merge_input *next_input(struct merge *m)
{
    size_t index;

    if (heap_is_first(m)) {
        struct merge_input *in = m->heap[0];

        pop_heap(m);
        return in;
    }
    index = (size_t)m->queue[m->queue_at++].len;
    return merge_is_few(m) ? m->opened[index] : merge_open(m, &m->sources[index]);
}

void merge_run(struct merge *m)
{
    while (m->rc == RC_OK && m->again == MERGE_DONE && (m->heap_count > 0 || m->queue_at < m->queue_count)) {
        struct merge_input *in = next_input(m);

        if (m->rc != RC_OK) {
            return;
        }
        if (merge_is_few(m) && meets_other_sort(m, in)) {
            m->again = MERGE_EXACT;
            return;
        }
        merge_take_turn(m, in);
        if (in->live) {
            heap_push(m, in);
        } else if (in != m->holder) {
            merge_release(m, in);
        }
    }
}
