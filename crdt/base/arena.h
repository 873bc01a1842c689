#ifndef CRDT_BASE_ARENA_H
#define CRDT_BASE_ARENA_H

/* Scratch memory for one piece of work: allocate often, free all at once. Blocks never move.
 * Built with ARENA_DEBUG (the build sets it with AddressSanitizer) every allocation is a malloc of its own, so
 * that AddressSanitizer sees each border.
 *
 * `limit` bounds the bytes handed out between two resets, each allocation rounded up to the strictest
 * alignment: RC_LIMIT semantics show as NULL. Zeroed storage is an empty arena without limit. */
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
    struct arena_block *first; /* newest block */
    size_t used, limit;        /* bytes handed out; most that may be */
};

/* limit 0 means no limit. */
void arena_init(struct arena *a, size_t limit);
/* Frees everything; the arena is empty and usable again, without limit. NULL is fine. */
void arena_finish(struct arena *a);
/* Forgets everything handed out; keeps one block for the next piece of work. */
void arena_reset(struct arena *a);
/* Aligned for any type; NULL when out of memory or over the limit. Not zeroed. A size of 0 gives a pointer that must
 * not be read through. */
void *arena_alloc(struct arena *a, size_t size);

#endif
