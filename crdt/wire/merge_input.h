#ifndef CRDT_WIRE_MERGE_INPUT_H
#define CRDT_WIRE_MERGE_INPUT_H

/* A merge at work (merge.h), and the sources that it reads from.
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
 * once: fewer than MERGE_EXACT_INPUTS sources are all opened in the beginning. */
#include "crdt/base/arena.h"
#include "crdt/wire/lazy_enc.h"
#include "crdt/wire/merge.h"
#include "crdt/wire/update_dec.h"

#define MERGE_EXACT_INPUTS 64 /* below this many, yjs's sort is a binary insertion sort */

struct merge_input {
    struct block block;               /* the next one, when `live` */
    bool live, reads;                 /* reads: from `dec`; else from `more` */
    const struct block *more;         /* blocks in memory behind `block` */
    size_t left;                      /* how many */
    const struct state_vector *known; /* may be NULL */
    uint64_t turn;                    /* when it last moved */
    struct id reached;                /* client and end of the last block read, Skips too */
    struct update_dec dec;
    struct update_columns columns;
    struct arena scratch;                  /* what the decoder's blocks borrow from */
    struct merge_input *next_made, *spare; /* all inputs; those free for another source */
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
    struct merge_input *opened[MERGE_EXACT_INPUTS]; /* by index, when the sources are few */
    struct merge_input **heap;
    size_t heap_count, heap_cap;
    uint64_t turns;
    struct block held;
    uint64_t held_offset;       /* its first clocks, which are written already */
    struct merge_input *holder; /* where it comes from; NULL: nothing is held */
    struct lazy_enc enc;
    struct idset deletes;
    struct merge_input *made, *spare;
    enum merge_again again;
    int rc; /* the first failure */
};

static inline uint64_t merge_block_end(const struct block *b)
{
    return b->id.clock + b->len;
}

static inline bool merge_is_few(const struct merge *m)
{
    return m->count < MERGE_EXACT_INPUTS;
}

/* Keeps the first failure. */
void merge_fail(struct merge *m, int rc);
/* Where each source with blocks stands; few are opened at once. Failures are in m->rc, so below. */
void merge_fill_queue(struct merge *m);
/* A source's input, at its first block; NULL after a failure. */
struct merge_input *merge_open(struct merge *m, const struct update_source *source);
/* To its next block, if there is one (`live`). */
void merge_advance(struct merge *m, struct merge_input *in);
/* Its memory goes to the next source. */
void merge_release(struct merge *m, struct merge_input *in);
void merge_free_inputs(struct merge *m);

#endif
