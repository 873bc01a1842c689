#include "crdt/core/mem.h"

#include <stdlib.h>

int mem_grow(struct mem *m, void **data, uint32_t *cap, uint64_t need, size_t size)
{
    uint64_t want = (uint64_t)*cap + *cap / 2;
    if (want < need) {
        want = need;
    }
    if (want > UINT32_MAX) {
        want = UINT32_MAX;
    }
    if (need > UINT32_MAX || (want - *cap) * size > mem_left(m)) {
        want = need;
    }
    if (need > UINT32_MAX || (want - *cap) * size > mem_left(m)) {
        return RC_LIMIT;
    }
    void *grown = realloc(*data, (size_t)want * size);
    if (!grown) {
        return RC_NOMEM;
    }
    m->used += (size_t)(want - *cap) * size;
    *data = grown;
    *cap = (uint32_t)want;
    return RC_OK;
}

void mem_trim(struct mem *m, void **data, uint32_t *cap, uint32_t count, size_t size)
{
    if (count == *cap) {
        return;
    }
    if (count == 0) {
        free(*data);
        *data = NULL;
    } else {
        void *shrunk = realloc(*data, (size_t)count * size);
        if (!shrunk) {
            return; /* the larger block is still good */
        }
        *data = shrunk;
    }
    m->used -= (size_t)(*cap - count) * size;
    *cap = count;
}
