#include "crdt/wire/merge.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "crdt/lib0/dec.h"
#include "crdt/wire/lazy_enc.h"
#include "crdt/wire/slice.h"
#include "crdt/wire/update_dec.h"

/* How it works.
 *
 * Each source becomes an *input*: its next block, and where the blocks after that come from. In each round the input
 * with the first block in order (client descending, clock ascending) is taken and read from as long as its blocks
 * follow on what is written. `held` is the block to be written next; it is held back because a GC block may still grow.
 *
 * Inputs not read from yet stand in `queue`, sorted once. An input that was read from and has more goes into `heap`.
 * Where yjs finds equal keys its stable sort puts the input of the round before first: so of equals the one that moved
 * last (highest `turn`) is first, then the queue in the order of the arguments.
 *
 * Two things make a merge begin anew, in another way (enum merge_again). */

#define EXACT_INPUTS     64                  /* below this many, yjs's sort is a binary insertion sort */
#define UNORDERED_MEMORY ((size_t)256 << 20) /* for sources that must be held as blocks */
#define UNORDERED_BLOCKS 16
#define QUEUE_LOOK_AHEAD 8

/* The decoder of a source that has more than one block. */
struct reader {
    struct update_dec dec;
    struct reader *next; /* all readers, to be freed */
};

struct input {
    struct block block;               /* the next one */
    struct reader *reader;            /* where more come from; NULL: from `more`, if any */
    const struct block *more;         /* blocks in memory behind `block` */
    size_t left;                      /* how many */
    const struct state_vector *known; /* may be NULL */
    uint64_t turn;                    /* when it last moved */
    bool live;                        /* `block` is set */
};

enum merge_again {
    MERGE_DONE,
    MERGE_UNORDERED, /* a source goes backwards: all blocks into memory, each ordered run becomes a source */
    MERGE_EXACT      /* a GC block and an item at one clock: yjs's own sort, step by step */
};

struct merge {
    struct input *inputs;
    struct idset_range *queue; /* (client, clock, index of the input), sorted */
    size_t queue_at, queue_count;
    size_t *heap; /* indexes of inputs */
    size_t heap_count;
    size_t count; /* inputs */
    uint64_t turns;
    struct block held;
    uint64_t held_offset; /* its first clocks, which are written already */
    bool holds;
    struct lazy_enc enc;
    struct idset deletes;
    struct arena scratch;
    struct reader *readers;
    enum merge_again again;
    int rc; /* the first failure */
};

static uint64_t end_of(const struct block *b)
{
    return b->id.clock + b->len;
}

static void fail(struct merge *m, int rc)
{
    if (m->rc == RC_OK) {
        m->rc = rc;
    }
}

/* ---- Reading a source ---------------------------------------------------------------------------------- */

/* 1: *out is the next block of the source, Skips and all; 0: the end. */
static int next_raw(struct input *in, struct block *out)
{
    if (in->reader != NULL) {
        return update_dec_next(&in->reader->dec, out);
    }
    if (in->left == 0) {
        return 0;
    }
    *out = *in->more++;
    in->left--;
    return 1;
}

/* Whether the block is one to merge: no Skip, and not known. One that is known in part is cut. */
static bool wanted(struct merge *m, const struct input *in, struct block *b)
{
    uint64_t known;
    int rc;

    if (b->ref == BLOCK_SKIP) {
        return false;
    }
    known = in->known != NULL ? state_vector_get(in->known, b->id.client) : 0;
    if (end_of(b) <= known) {
        return false;
    }
    if (b->id.clock < known) {
        rc = block_slice(b, known - b->id.clock, &m->scratch);
        if (rc != RC_OK) {
            fail(m, rc);
        }
    }
    return true;
}

static void read_deletes(struct merge *m, struct update_dec *dec)
{
    int rc = update_dec_deletes(dec, &m->deletes);

    if (rc != RC_OK) {
        fail(m, rc);
    }
}

/* The next block of an input, or live = false at its end, where its delete set is read. */
static void advance(struct merge *m, struct input *in)
{
    struct block next;
    int got;

    while ((got = next_raw(in, &next)) > 0) {
        /* A block that is cut begins later still, so `next` may be compared as it comes. */
        bool backwards = in->live && (next.id.client > in->block.id.client ||
                                      (next.id.client == in->block.id.client && next.id.clock < end_of(&in->block)));

        if (backwards) {
            m->again = MERGE_UNORDERED;
            in->live = false;
            return;
        }
        if (wanted(m, in, &next)) {
            in->block = next;
            in->live = true;
            return;
        }
    }
    in->live = false;
    if (got < 0) {
        fail(m, got);
    } else if (in->reader != NULL) {
        read_deletes(m, &in->reader->dec);
    }
}

/* Moves a decoder into memory of its own, because its source has more blocks. */
static struct reader *keep_reader(struct merge *m, const struct update_dec *dec)
{
    struct reader *r = arena_alloc(&m->scratch, sizeof(*r));

    if (r != NULL) {
        r->dec = *dec;
        r->next = m->readers;
        m->readers = r;
    }
    return r;
}

/* A source of bytes. The usual one has a single block and a small delete set: it is read at once. */
static void open_bytes(struct merge *m, struct input *in, const struct update_source *source)
{
    struct reader first;
    int rc = update_dec_init(&first.dec, source->format, source->bytes, &m->scratch);

    if (rc != RC_OK) {
        fail(m, rc);
        update_dec_finish(&first.dec);
        return;
    }
    if (source->trusted) {
        update_dec_trust(&first.dec);
    }
    in->reader = &first;
    advance(m, in);
    in->reader = NULL;
    if (in->live && !update_dec_at_end(&first.dec)) {
        in->reader = keep_reader(m, &first.dec);
        if (in->reader == NULL) {
            fail(m, RC_NOMEM);
            update_dec_finish(&first.dec);
        }
        return;
    }
    if (in->live) {
        read_deletes(m, &first.dec);
    }
    update_dec_finish(&first.dec);
}

static void add_deletes(struct merge *m, const struct idset *deletes)
{
    const struct idset_range *r = idset_ranges(deletes);

    for (size_t i = 0; m->rc == RC_OK && i < deletes->count; i++) {
        m->rc = idset_push(&m->deletes, r[i].client, r[i].clock, r[i].len);
    }
}

static void open_input(struct merge *m, struct input *in, const struct update_source *source)
{
    *in = (struct input){.known = source->known};
    if (source->blocks == NULL && source->deletes == NULL) {
        open_bytes(m, in, source);
        return;
    }
    in->more = source->blocks;
    in->left = source->block_count;
    if (source->deletes != NULL) {
        add_deletes(m, source->deletes);
    }
    advance(m, in);
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

static void write_held(struct merge *m)
{
    lazy_enc_block(&m->enc, &m->held, m->held_offset);
}

static void hold(struct merge *m, struct input *in, uint64_t offset)
{
    m->held = in->block;
    m->held_offset = offset;
    m->holds = true;
    advance(m, in);
}

static void write_skip(struct merge *m, uint64_t until)
{
    struct block skip = {.id = {m->held.id.client, end_of(&m->held)}, .ref = BLOCK_SKIP};

    skip.len = until - skip.id.clock;
    lazy_enc_block(&m->enc, &skip, 0);
}

/* The held block and the input's have the same client, and the input's reaches further. */
static void continue_client(struct merge *m, struct input *in)
{
    uint64_t end = end_of(&m->held);

    if (end < in->block.id.clock) {
        write_held(m);
        write_skip(m, in->block.id.clock);
        hold(m, in, 0);
        return;
    }
    if (m->held.ref == BLOCK_GC && in->block.ref == BLOCK_GC) {
        /* As yjs: the input stays where it is, and gives way in its next turn. */
        m->held.len = end_of(&in->block) - m->held.id.clock;
        return;
    }
    write_held(m);
    hold(m, in, end - in->block.id.clock);
}

/* Passes over what is held already. True when the input may still be the next one to write. */
static bool pass_covered(struct merge *m, struct input *in)
{
    uint64_t client = in->block.id.client;
    bool moved = false;

    while (in->live && in->block.id.client == m->held.id.client && end_of(&in->block) <= end_of(&m->held)) {
        advance(m, in);
        moved = true;
    }
    return in->live && in->block.id.client == client && !(moved && in->block.id.clock > end_of(&m->held));
}

/* One turn of an input. */
static void take_turn(struct merge *m, struct input *in)
{
    in->turn = ++m->turns;
    if (!m->holds) {
        hold(m, in, 0);
    } else if (in->block.id.client != m->held.id.client) {
        write_held(m);
        hold(m, in, 0);
    } else if (pass_covered(m, in)) {
        continue_client(m, in);
    } else {
        return;
    }
    while (in->live && in->block.id.client == m->held.id.client && in->block.id.clock == end_of(&m->held)) {
        write_held(m);
        hold(m, in, 0);
    }
}

/* ---- Whose turn it is: queue and heap ------------------------------------------------------------------------ */

/* By key, and among equals the one that moved last. */
static bool input_before(const struct input *a, const struct input *b)
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
    size_t moved = m->heap[at];

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= m->heap_count) {
            break;
        }
        if (child + 1 < m->heap_count && input_before(&m->inputs[m->heap[child + 1]], &m->inputs[m->heap[child]])) {
            child++;
        }
        if (input_before(&m->inputs[moved], &m->inputs[m->heap[child]])) {
            break;
        }
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = moved;
}

static void heap_push(struct merge *m, size_t input)
{
    size_t at = m->heap_count++;

    while (at > 0 && input_before(&m->inputs[input], &m->inputs[m->heap[(at - 1) / 2]])) {
        m->heap[at] = m->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    m->heap[at] = input;
}

static bool same_key(const struct block *a, const struct block *b)
{
    return a->id.client == b->id.client && a->id.clock == b->id.clock;
}

/* Whether another input has a block of the other sort (GC, item) at the same id. */
static bool meets_other_sort(const struct merge *m, const struct input *in)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct input *other = &m->inputs[i];

        if (other->live && same_key(&other->block, &in->block) &&
            (other->block.ref == BLOCK_GC) != (in->block.ref == BLOCK_GC)) {
            return true;
        }
    }
    return false;
}

static void turn_from_heap(struct merge *m)
{
    struct input *in = &m->inputs[m->heap[0]];

    take_turn(m, in);
    if (!in->live) {
        m->heap[0] = m->heap[--m->heap_count];
    }
    if (m->heap_count > 0) {
        sift_down(m, 0);
    }
}

static void turn_from_queue(struct merge *m)
{
    size_t index = (size_t)m->queue[m->queue_at++].len;
    struct input *in = &m->inputs[index];

    if (m->queue_at + QUEUE_LOOK_AHEAD < m->queue_count) {
        __builtin_prefetch(&m->inputs[m->queue[m->queue_at + QUEUE_LOOK_AHEAD].len]);
    }
    take_turn(m, in);
    if (in->live) {
        heap_push(m, index);
    }
}

static void run_turns(struct merge *m)
{
    while (m->rc == RC_OK && m->again == MERGE_DONE && (m->heap_count > 0 || m->queue_at < m->queue_count)) {
        struct input *waiting = m->queue_at < m->queue_count ? &m->inputs[m->queue[m->queue_at].len] : NULL;
        struct input *moved = m->heap_count > 0 ? &m->inputs[m->heap[0]] : NULL;
        bool from_heap = waiting == NULL || (moved != NULL && input_before(moved, waiting));

        if (m->count < EXACT_INPUTS && meets_other_sort(m, from_heap ? moved : waiting)) {
            m->again = MERGE_EXACT;
        } else if (from_heap) {
            turn_from_heap(m);
        } else {
            turn_from_queue(m);
        }
    }
}

/* ---- Whose turn it is: as yjs sorts ------------------------------------------------------------------------- */

/* yjs's comparison. Of a GC block and an item at one id each is "before" the other. */
static int yjs_compare(const struct input *a, const struct input *b)
{
    if (a->block.id.client != b->block.id.client) {
        return a->block.id.client > b->block.id.client ? -1 : 1;
    }
    if (a->block.id.clock != b->block.id.clock) {
        return a->block.id.clock < b->block.id.clock ? -1 : 1;
    }
    return (a->block.ref == BLOCK_GC) == (b->block.ref == BLOCK_GC) ? 0 : -1;
}

static void reverse(size_t *order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        size_t swapped = order[i];

        order[i] = order[count - 1 - i];
        order[count - 1 - i] = swapped;
    }
}

/* Length of the ordered run at the head; one that descends strictly is turned round. */
static size_t count_run(const struct input *inputs, size_t *order, size_t count)
{
    size_t run = 2;
    bool descending;

    if (count < 2) {
        return count;
    }
    descending = yjs_compare(&inputs[order[1]], &inputs[order[0]]) < 0;
    while (run < count && (yjs_compare(&inputs[order[run]], &inputs[order[run - 1]]) < 0) == descending) {
        run++;
    }
    if (descending) {
        reverse(order, run);
    }
    return run;
}

/* Array.prototype.sort of V8 for fewer than 64 elements (TimSort: one run, the rest by binary insertion). With a
 * comparison that contradicts itself its result depends on each step, so the steps are the same here. */
static void yjs_sort(const struct input *inputs, size_t *order, size_t count)
{
    for (size_t start = count_run(inputs, order, count); start < count; start++) {
        size_t pivot = order[start], left = 0, right = start;

        while (left < right) {
            size_t middle = left + (right - left) / 2;

            if (yjs_compare(&inputs[pivot], &inputs[order[middle]]) < 0) {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        memmove(order + left + 1, order + left, (start - left) * sizeof(*order));
        order[left] = pivot;
    }
}

static size_t drop_finished(const struct input *inputs, size_t *order, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (inputs[order[i]].live) {
            order[kept++] = order[i];
        }
    }
    return kept;
}

static void run_turns_exactly(struct merge *m)
{
    size_t order[EXACT_INPUTS];
    size_t count = m->count;

    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    while (m->rc == RC_OK && m->again == MERGE_DONE && (count = drop_finished(m->inputs, order, count)) > 0) {
        yjs_sort(m->inputs, order, count);
        take_turn(m, &m->inputs[order[0]]);
    }
}

/* ---- A merge ---------------------------------------------------------------------------------------------------- */

static int merge_init(struct merge *m, size_t count, enum crdt_format to, struct buf *out)
{
    *m = (struct merge){.count = count};
    arena_init(&m->scratch, 0);
    lazy_enc_init(&m->enc, to, out);
    if (count == 0) {
        return RC_OK;
    }
    if (count > SIZE_MAX / sizeof(*m->inputs)) {
        return RC_NOMEM;
    }
    m->inputs = malloc(count * sizeof(*m->inputs));
    m->queue = malloc(count * sizeof(*m->queue));
    m->heap = malloc(count * sizeof(*m->heap));
    return m->inputs == NULL || m->queue == NULL || m->heap == NULL ? RC_NOMEM : RC_OK;
}

static void merge_finish(struct merge *m)
{
    for (struct reader *r = m->readers; r != NULL; r = r->next) {
        update_dec_finish(&r->dec);
    }
    free(m->inputs);
    free(m->queue);
    free(m->heap);
    idset_finish(&m->deletes);
    arena_finish(&m->scratch);
}

static void open_inputs(struct merge *m, const struct update_source *sources)
{
    for (size_t i = 0; i < m->count && m->rc == RC_OK; i++) {
        struct input *in = &m->inputs[i];

        open_input(m, in, &sources[i]);
        if (in->live) {
            m->queue[m->queue_count++] = (struct idset_range){in->block.id.client, in->block.id.clock, i};
        }
    }
}

/* Merges all or, with *again set, wants to be called another way. `exactly`: with yjs's sort. */
static int merge_once(const struct update_source *sources, size_t count, enum crdt_format to, bool exactly,
                      struct buf *out, enum merge_again *again)
{
    struct merge m;

    m.rc = merge_init(&m, count, to, out);
    if (m.rc == RC_OK) {
        open_inputs(&m, sources);
    }
    if (m.rc == RC_OK) {
        m.rc = idset_range_sort(m.queue, m.queue_count);
    }
    if (m.rc == RC_OK && exactly) {
        run_turns_exactly(&m);
    } else if (m.rc == RC_OK) {
        run_turns(&m);
    }
    if (m.rc == RC_OK && m.again == MERGE_DONE) {
        m.rc = idset_normalize(&m.deletes);
    }
    if (m.rc == RC_OK && m.again == MERGE_DONE) {
        if (m.holds) {
            write_held(&m);
        }
        m.rc = lazy_enc_finish(&m.enc, &m.deletes);
    } else {
        lazy_enc_discard(&m.enc);
    }
    merge_finish(&m);
    *again = m.again;
    return m.rc;
}

static int merge_ordered(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out,
                         enum merge_again *again)
{
    int rc = merge_once(sources, count, to, false, out, again);

    if (rc == RC_OK && *again == MERGE_EXACT) {
        rc = merge_once(sources, count, to, true, out, again);
    }
    return rc;
}

/* ---- Sources that go backwards ---------------------------------------------------------------------------------- */

/* All blocks of all sources in memory, cut into runs that go forwards. */
struct unordered {
    struct arena scratch;
    struct idset deletes;
    struct update_source *runs;
    size_t count, cap;
};

static bool follows(const struct block *before, const struct block *b)
{
    return b->id.client < before->id.client || (b->id.client == before->id.client && b->id.clock >= end_of(before));
}

static int add_run(struct unordered *u, const struct block *blocks, size_t count, const struct state_vector *known)
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

static int add_blocks(struct unordered *u, const struct block *blocks, size_t count, const struct state_vector *known)
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

static int copy_deletes(struct unordered *u, const struct idset *deletes)
{
    const struct idset_range *r = deletes != NULL ? idset_ranges(deletes) : NULL;
    int rc = RC_OK;

    for (size_t i = 0; r != NULL && rc == RC_OK && i < deletes->count; i++) {
        rc = idset_push(&u->deletes, r[i].client, r[i].clock, r[i].len);
    }
    return rc;
}

/* Reads all blocks into one array in the arena, doubling it when full. */
static int decode_all(struct unordered *u, struct update_dec *dec, struct block **blocks, size_t *count)
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

static int add_bytes(struct unordered *u, const struct update_source *source)
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

static int add_source(struct unordered *u, const struct update_source *source)
{
    int rc;

    if (source->blocks == NULL && source->deletes == NULL) {
        return add_bytes(u, source);
    }
    rc = add_blocks(u, source->blocks, source->block_count, source->known);
    return rc == RC_OK ? copy_deletes(u, source->deletes) : rc;
}

static int merge_unordered(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out)
{
    struct unordered u = {0};
    enum merge_again again;
    int rc = RC_OK;

    arena_init(&u.scratch, UNORDERED_MEMORY);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = add_source(&u, &sources[i]);
    }
    if (rc == RC_OK) {
        rc = add_run(&u, NULL, 0, NULL);
    }
    if (rc == RC_OK) {
        u.runs[u.count - 1].deletes = &u.deletes;
        rc = merge_ordered(u.runs, u.count, to, out, &again);
    }
    free(u.runs);
    idset_finish(&u.deletes);
    arena_finish(&u.scratch);
    return rc;
}

int update_merge(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out)
{
    enum merge_again again;
    int rc = merge_ordered(sources, count, to, out, &again);

    if (rc == RC_OK && again == MERGE_UNORDERED) {
        rc = merge_unordered(sources, count, to, out);
    }
    return rc;
}

/* ---- The public function ------------------------------------------------------------------------------------------
 */

/* Decodes everything, for its errors. */
static int check_update(enum crdt_format format, struct span update)
{
    struct arena scratch;
    struct update_dec dec;
    struct idset deletes;
    struct block b;
    int rc;

    arena_init(&scratch, 0);
    idset_init(&deletes);
    rc = update_dec_init(&dec, format, update, &scratch);
    if (rc == RC_OK) {
        do {
            rc = update_dec_next(&dec, &b);
        } while (rc > 0);
    }
    if (rc == RC_OK) {
        rc = update_dec_deletes(&dec, &deletes);
    }
    update_dec_finish(&dec);
    idset_finish(&deletes);
    arena_finish(&scratch);
    return rc;
}

/* yjs gives a single update back as it is. */
static int copy_update(enum crdt_format format, struct span update, struct buf *out)
{
    int rc = check_update(format, update);

    if (rc == RC_OK) {
        buf_put_span(out, update);
        rc = out->rc;
    }
    return rc;
}

int crdt_update_merge(enum crdt_format format, const struct span *updates, size_t count, struct buf *out)
{
    struct update_source *sources;
    int rc;

    if (count == 1) {
        return copy_update(format, updates[0], out);
    }
    sources = calloc(count > 0 ? count : 1, sizeof(*sources));
    if (sources == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        sources[i].format = format;
        sources[i].bytes = updates[i];
    }
    rc = update_merge(sources, count, format, out);
    free(sources);
    return rc;
}
