#ifndef CRDT_CORE_MEM_H
#define CRDT_CORE_MEM_H

/* The memory budget of one document, and arrays that grow inside it.
 *
 * Every byte a document holds passes through here, so that `used` is the truth and an input from
 * outside meets `limit` before it meets the machine's. Arrays are referred to by index: growth
 * moves them, so a pointer into one lives only until the next reserve. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"

struct mem {
    size_t used, limit; /* bytes */
};

/* Bytes that may still be taken. */
static inline size_t mem_left(const struct mem *m)
{
    return m->used < m->limit ? m->limit - m->used : 0;
}
int mem_grow(struct mem *m, void **data, uint32_t *cap, uint64_t need, size_t size) MUST_CHECK; /* private */
/* Makes room for `need` elements of `size` bytes in the array at *data, whose capacity is *cap. Grows by half at least.
 * RC_NOMEM, or RC_LIMIT over the budget: nothing has changed. */
static inline int MUST_CHECK mem_reserve(struct mem *m, void **data, uint32_t *cap, uint64_t need, size_t size)
{
    return need <= *cap ? RC_OK : mem_grow(m, data, cap, need, size);
}
/* Shrinks an array to `count` elements (0 frees it). */
void mem_trim(struct mem *m, void **data, uint32_t *cap, uint32_t count, size_t size);

#endif
