#include "bench/bench_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("cahier-bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

void *memory_create(size_t count, size_t size)
{
    return must(calloc(count > 0 ? count : 1, size));
}

void *memory_reach(void *array, size_t *cap, size_t index, size_t size)
{
    size_t more = *cap == 0 ? 64 : *cap;

    if (index < *cap) {
        return array;
    }
    while (more <= index) {
        more *= 2;
    }
    array = must(realloc(array, more * size));
    memset((char *)array + *cap * size, 0, (more - *cap) * size);
    *cap = more;
    return array;
}

char *memory_text(const char *text)
{
    return must(strdup(text));
}
