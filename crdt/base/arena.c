#include "crdt/base/arena.h"
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>

/* Blocks hang in a list, newest first, and double in size; only the newest has room. With ARENA_DEBUG (the build sets
 * it with AddressSanitizer) each allocation is a block of exactly its size, so that a step over its border is seen. */
#define ALIGNMENT   alignof(max_align_t)
#define FIRST_BLOCK ((size_t)1024)
#define LAST_BLOCK  ((size_t)1 << 20) /* blocks stop doubling here */

struct arena_block {
    struct arena_block *older;
    size_t size, used; /* bytes of `data` */
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit};
}

static void free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *older = block->older;

        free(block);
        block = older;
    }
}

void arena_finish(struct arena *a)
{
    if (a != NULL) {
        free_blocks(a->first);
        *a = (struct arena){0};
    }
}

static struct arena_block *push_block(struct arena *a, size_t size)
{
    struct arena_block *block = NULL;

    if (size <= SIZE_MAX - sizeof(*block)) {
        block = malloc(sizeof(*block) + size);
    }
    if (block != NULL) {
        *block = (struct arena_block){.older = a->first, .size = size};
        a->first = block;
    }
    return block;
}

/* `size` counts against the limit. */
static bool within_limit(const struct arena *a, size_t size)
{
    return a->limit == 0 || (a->used <= a->limit && size <= a->limit - a->used);
}

#ifdef ARENA_DEBUG

void arena_reset(struct arena *a)
{
    free_blocks(a->first);
    a->first = NULL;
    a->used = 0;
}

static void *take(struct arena *a, size_t size, size_t rounded)
{
    struct arena_block *block = push_block(a, size);

    (void)rounded;
    return block == NULL ? NULL : block->data;
}

#else

void arena_reset(struct arena *a)
{
    if (a->first != NULL) {
        free_blocks(a->first->older);
        a->first->older = NULL;
        a->first->used = 0;
    }
    a->used = 0;
}

static size_t next_size(const struct arena *a, size_t need)
{
    size_t size = a->first == NULL ? FIRST_BLOCK : a->first->size * 2;

    if (size > LAST_BLOCK) {
        size = LAST_BLOCK;
    }
    return size < need ? need : size;
}

static void *take(struct arena *a, size_t size, size_t rounded)
{
    struct arena_block *block = a->first;
    void *memory;

    (void)size;
    if (block == NULL || rounded > block->size - block->used) {
        block = push_block(a, next_size(a, rounded));
        if (block == NULL) {
            return NULL;
        }
    }
    memory = block->data + block->used;
    block->used += rounded;
    return memory;
}

#endif

void *arena_alloc(struct arena *a, size_t size)
{
    size_t rounded;
    void *memory;

    if (size > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    rounded = size == 0 ? ALIGNMENT : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!within_limit(a, rounded)) {
        return NULL;
    }
    memory = take(a, size, rounded);
    if (memory != NULL) {
        a->used += rounded;
    }
    return memory;
}
