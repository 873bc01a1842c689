#ifndef SERVER_BASE_CACHE_H
#define SERVER_BASE_CACHE_H

/* The processor's caches. A server of many connections meets each of them after all others, when nothing of it is in a
 * cache any more: each line of memory that a message needs then costs about as much as three hundred instructions, and
 * lines that are asked for one behind the other cost their sum. So what every message needs stands together at the
 * beginning of a structure, the structure begins with a line, and what will be needed soon is asked for ahead.
 *
 * Hints: nothing here changes what a program does. Any thread. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LINE 64 /* bytes, on every processor that we know */

/* Zeroed memory that begins with a line; free() gives it back. NULL without memory. */
static inline void *cache_calloc(size_t size)
{
    void *p = aligned_alloc(CACHE_LINE, (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);

    return p ? memset(p, 0, size) : NULL;
}

/* Asks for the lines of `p[0, size)`, without waiting for them. Any pointer will do, also NULL. */
static inline void cache_fetch(const void *p, size_t size)
{
    for (size_t at = 0; at < size; at += CACHE_LINE) {
        __builtin_prefetch((const void *)((uintptr_t)p + at));
    }
}

#endif
