#include "tests/unit/lib0/alloc_fault.h"
#include <stdbool.h>
#include <stddef.h>

static unsigned fails_at, count;

void alloc_fault_at(unsigned n)
{
    fails_at = n;
    count = 0;
}

unsigned alloc_fault_count(void)
{
    return count;
}

static bool fails_now(void)
{
    return ++count == fails_at;
}

/* The linker's names: __real_X is X, calls of X go to __wrap_X. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    return fails_now() ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __real_realloc(old, size);
}
