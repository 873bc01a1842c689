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
 * Each source that has blocks waits in `queue`, sorted once by the id of its first block. When its turn comes it is
 * opened as an *input*: its next block, and where the blocks after that come from. In each turn the input with the
 * first block in order (client descending, clock ascending) is read from as long as its blocks follow on what is
 * written. An input that has more goes into `heap`; one that has not gives its memory to the next source. So disjoint
 * sources, however many, need one input.
 *
 * `held` is the block to be written next. It is held back because a GC block may still grow, and it borrows from the
 * memory of `holder`, which is therefore kept one turn longer.
 *
 * Where yjs finds equal keys its stable sort puts the input of the turn before first: so of equals the one that moved
 * last (highest `turn`) is first, then the queue in the order of the arguments.
 *
 * Two things make a merge begin anew, in another way (enum merge_again). For the second all inputs must be seen at
 * once: fewer than EXACT_INPUTS sources are all opened in the beginning. */

#define EXACT_INPUTS     64                  /* below this many, yjs's sort is a binary insertion sort */
#define UNORDERED_MEMORY ((size_t)256 << 20) /* for sources that must be held as blocks */
#define UNORDERED_BLOCKS 16

struct input {
    struct block block;               /* the next one, when `live` */
    bool live, reads;                 /* reads: from `dec`; else from `more` */
    const struct block *more;         /* blocks in memory behind `block` */
    size_t left;                      /* how many */
    const struct state_vector *known; /* may be NULL */
    uint64_t turn;                    /* when it last moved */
    struct id reached;                /* client and end of the last block read, Skips too */
    struct update_dec dec;
    struct update_columns columns;
    struct arena scratch;            /* what the decoder's blocks borrow from */
    struct input *next_made, *spare; /* all inputs; those free for another source */
};

enum merge_again {
    MERGE_DONE,
    MERGE_UNORDERED, /* a source goes backwards: all blocks into memory, each ordered run becomes a source */
    MERGE_EXACT      /* a GC block and an item at one clock: yjs's own sort, step by step */
};

struct merge {
    const struct update_source *sources;
    size_t count;
    struct idset_range *queue; /* (client, clock, index of the source), sorted */
    size_t queue_at, queue_count;
    struct input *opened[EXACT_INPUTS]; /* by index, when the sources are few */
    struct input **heap;
    size_t heap_count, heap_cap;
    uint64_t turns;
    struct block held;
    uint64_t held_offset; /* its first clocks, which are written already */
    struct input *holder; /* where it comes from; NULL: nothing is held */
    struct lazy_enc enc;
    struct idset deletes;
    struct input *made, *spare;
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

static bool is_few(const struct merge *m)
{
    return m->count < EXACT_INPUTS;
}

/* ---- Inputs ------------------------------------------------------------------------------------------------ */

static struct input *take_input(struct merge *m)
{
    struct input *in = m->spare;

    if (in != NULL) {
        m->spare = in->spare;
        return in;
    }
    in = malloc(sizeof(*in));
    if (in == NULL) {
        fail(m, RC_NOMEM);
        return NULL;
    }
    arena_init(&in->scratch, 0);
    in->next_made = m->made;
    m->made = in;
    return in;
}

static void close_decoder(struct input *in)
{
    if (in->reads) {
        update_dec_finish(&in->dec);
        in->reads = false;
    }
}

/* Gives an input's memory to the next source. */
static void release_input(struct merge *m, struct input *in)
{
    if (is_few(m)) {
        return; /* `opened` still looks at it */
    }
    close_decoder(in);
    arena_reset(&in->scratch);
    in->spare = m->spare;
    m->spare = in;
}

static void free_inputs(struct merge *m)
{
    while (m->made != NULL) {
        struct input *in = m->made;

        m->made = in->next_made;
        close_decoder(in);
        arena_finish(&in->scratch);
        free(in);
    }
}

/* ---- Reading a source ---------------------------------------------------------------------------------- */

/* 1: in->block is the next block of the source, Skips and all; 0: the end. */
static int next_raw(struct input *in)
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

static bool goes_backwards(const struct input *in)
{
    const struct id *id = &in->block.id;

    return id->client > in->reached.client || (id->client == in->reached.client && id->clock < in->reached.clock);
}

/* Whether the block is one to merge: no Skip, and not known. One that is known in part is cut. */
static bool wanted(struct merge *m, struct input *in)
{
    struct block *b = &in->block;
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
        rc = block_slice(b, known - b->id.clock, &in->scratch);
        if (rc != RC_OK) {
            fail(m, rc);
        }
    }
    return true;
}

static void read_deletes(struct merge *m, struct input *in)
{
    int rc = update_dec_deletes(&in->dec, &m->deletes);

    if (rc != RC_OK) {
        fail(m, rc);
    }
}

/* The next block of an input, or live = false at its end, where its delete set is read. */
static void advance(struct merge *m, struct input *in)
{
    int got;

    in->live = false;
    while ((got = next_raw(in)) > 0) {
        if (goes_backwards(in)) {
            m->again = MERGE_UNORDERED;
            return;
        }
        in->reached = (struct id){in->block.id.client, end_of(&in->block)};
        if (wanted(m, in)) {
            in->live = true;
            return;
        }
    }
    if (got < 0) {
        fail(m, got);
    } else if (in->reads) {
        read_deletes(m, in);
    }
}

static void open_bytes(struct merge *m, struct input *in, const struct update_source *source)
{
    int rc = update_dec_init_in(&in->dec, source->format, source->bytes, &in->scratch, &in->columns);

    in->reads = true;
    if (rc != RC_OK) {
        fail(m, rc);
    } else if (source->trusted) {
        update_dec_trust(&in->dec);
    }
}

/* Reads up to the first block; NULL when there is no memory. */
static struct input *open_input(struct merge *m, const struct update_source *source)
{
    struct input *in = take_input(m);

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
        advance(m, in);
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
    struct input *in;

    if (source->blocks == NULL && source->deletes == NULL && source->known == NULL) {
        int got = update_dec_peek(source->format, source->bytes, &first);

        if (got > 0) {
            enqueue(m, first, index);
            return;
        }
        if (got < 0) {
            fail(m, got);
            return;
        }
    }
    in = open_input(m, source);
    if (in != NULL) {
        if (in->live) {
            enqueue(m, in->block.id, index);
        }
        release_input(m, in);
    }
}

static void open_few(struct merge *m, size_t index)
{
    struct input *in = open_input(m, &m->sources[index]);

    m->opened[index] = in;
    if (in != NULL && in->live) {
        enqueue(m, in->block.id, index);
    }
}

static void fill_queue(struct merge *m)
{
    for (size_t i = 0; i < m->count && m->rc == RC_OK; i++) {
        if (m->sources[i].deletes != NULL) {
            add_deletes(m, m->sources[i].deletes);
        }
        if (is_few(m)) {
            open_few(m, i);
        } else {
            look_at(m, i);
        }
    }
    if (m->rc == RC_OK) {
        m->rc = idset_range_sort(m->queue, m->queue_count);
    }
}

/* ---- Writing --------------------------------------------------------------------------------------------- */

static void write_held(struct merge *m)
{
    lazy_enc_block(&m->enc, &m->held, m->held_offset);
}

static void hold(struct merge *m, struct input *in, uint64_t offset)
{
    struct input *before = m->holder;

    m->held = in->block;
    m->held_offset = offset;
    m->holder = in;
    if (before != NULL && before != in && !before->live) {
        release_input(m, before);
    }
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
    if (m->holder == NULL) {
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
    struct input *moved = m->heap[at];

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

static void heap_push(struct merge *m, struct input *in)
{
    size_t at = m->heap_count;

    if (at == m->heap_cap) {
        size_t cap = m->heap_cap == 0 ? 16 : 2 * m->heap_cap;
        struct input **heap = realloc(m->heap, cap * sizeof(struct input *));

        if (heap == NULL) {
            fail(m, RC_NOMEM);
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
static bool meets_other_sort(const struct merge *m, const struct input *in)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct input *other = m->opened[i];

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

static struct input *next_input(struct merge *m)
{
    size_t index;

    if (heap_is_first(m)) {
        struct input *in = m->heap[0];

        pop_heap(m);
        return in;
    }
    index = (size_t)m->queue[m->queue_at++].len;
    return is_few(m) ? m->opened[index] : open_input(m, &m->sources[index]);
}

static void run_turns(struct merge *m)
{
    while (m->rc == RC_OK && m->again == MERGE_DONE && (m->heap_count > 0 || m->queue_at < m->queue_count)) {
        struct input *in = next_input(m);

        if (m->rc != RC_OK) {
            return;
        }
        if (is_few(m) && meets_other_sort(m, in)) {
            m->again = MERGE_EXACT;
            return;
        }
        take_turn(m, in);
        if (in->live) {
            heap_push(m, in);
        } else if (in != m->holder) {
            release_input(m, in);
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

static void reverse(struct input **order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct input *swapped = order[i];

        order[i] = order[count - 1 - i];
        order[count - 1 - i] = swapped;
    }
}

/* Length of the ordered run at the head; one that descends strictly is turned round. */
static size_t count_run(struct input **order, size_t count)
{
    size_t run = 2;
    bool descending;

    if (count < 2) {
        return count;
    }
    descending = yjs_compare(order[1], order[0]) < 0;
    while (run < count && (yjs_compare(order[run], order[run - 1]) < 0) == descending) {
        run++;
    }
    if (descending) {
        reverse(order, run);
    }
    return run;
}

/* Array.prototype.sort of V8 for fewer than 64 elements (TimSort: one run, the rest by binary insertion). With a
 * comparison that contradicts itself its result depends on each step, so the steps are the same here. */
static void yjs_sort(struct input **order, size_t count)
{
    for (size_t start = count_run(order, count); start < count; start++) {
        struct input *pivot = order[start];
        size_t left = 0, right = start;

        while (left < right) {
            size_t middle = left + (right - left) / 2;

            if (yjs_compare(pivot, order[middle]) < 0) {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        memmove(order + left + 1, order + left, (start - left) * sizeof(struct input *));
        order[left] = pivot;
    }
}

static size_t drop_finished(struct input **order, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (order[i]->live) {
            order[kept++] = order[i];
        }
    }
    return kept;
}

static void run_turns_exactly(struct merge *m)
{
    struct input *order[EXACT_INPUTS];
    size_t count = m->count;

    memcpy(order, m->opened, count * sizeof(struct input *));
    while (m->rc == RC_OK && m->again == MERGE_DONE && (count = drop_finished(order, count)) > 0) {
        yjs_sort(order, count);
        take_turn(m, order[0]);
    }
}

/* ---- A merge ---------------------------------------------------------------------------------------------------- */

static int merge_init(struct merge *m, const struct update_source *sources, size_t count, enum crdt_format to,
                      struct buf *out)
{
    *m = (struct merge){.sources = sources, .count = count};
    lazy_enc_init(&m->enc, to, out);
    if (count > SIZE_MAX / sizeof(*m->queue)) {
        return RC_NOMEM;
    }
    m->queue = malloc((count > 0 ? count : 1) * sizeof(*m->queue));
    return m->queue == NULL ? RC_NOMEM : RC_OK;
}

static void merge_finish(struct merge *m)
{
    free_inputs(m);
    free(m->queue);
    free(m->heap);
    idset_finish(&m->deletes);
}

/* Writes what is held and the deletes, or gives up. */
static int merge_end(struct merge *m)
{
    if (m->rc == RC_OK && m->again == MERGE_DONE) {
        m->rc = idset_normalize(&m->deletes);
    }
    if (m->rc != RC_OK || m->again != MERGE_DONE) {
        lazy_enc_discard(&m->enc);
        return m->rc;
    }
    if (m->holder != NULL) {
        write_held(m);
    }
    return lazy_enc_finish(&m->enc, &m->deletes);
}

/* Merges all or, with *again set, wants to be called another way. `exactly`: with yjs's sort. */
static int merge_once(const struct update_source *sources, size_t count, enum crdt_format to, bool exactly,
                      struct buf *out, enum merge_again *again)
{
    struct merge m;
    int rc;

    m.rc = merge_init(&m, sources, count, to, out);
    if (m.rc == RC_OK) {
        fill_queue(&m);
    }
    if (m.rc == RC_OK && exactly) {
        run_turns_exactly(&m);
    } else if (m.rc == RC_OK) {
        run_turns(&m);
    }
    rc = merge_end(&m);
    *again = m.again;
    merge_finish(&m);
    return rc;
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

/* ---- The public function ----------------------------------------------------------------------------------------- */

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
