#include "crdt/core/hash.h"

#include <string.h>

#define HASH_CAP_MIN 8

void hash_put(struct hash_index *ix, uint32_t hash, uint32_t value)
{
    uint32_t at = hash_start(ix, hash);

    while (ix->slot[at]) {
        at = hash_step(ix, at);
    }
    ix->slot[at] = value;
    ix->count++;
}

int hash_plan(struct mem *m, const struct hash_index *ix, uint64_t more, struct hash_index *out)
{
    uint64_t cap = ix->cap ? ix->cap : HASH_CAP_MIN;
    struct hash_index grown = {0};

    while (cap < 2 * (ix->count + more)) {
        cap *= 2;
    }
    if (cap == ix->cap || more == 0) {
        *out = *ix;
        return RC_OK;
    }
    int rc = mem_reserve(m, (void **)&grown.slot, &grown.cap, cap, sizeof(uint32_t));
    if (rc == RC_OK) {
        memset(grown.slot, 0, cap * sizeof(uint32_t));
        *out = grown;
    }
    return rc;
}

void hash_replace(struct mem *m, struct hash_index *ix, const struct hash_index *grown)
{
    hash_finish(m, ix);
    *ix = *grown;
}

void hash_finish(struct mem *m, struct hash_index *ix)
{
    mem_trim(m, (void **)&ix->slot, &ix->cap, 0, sizeof(uint32_t));
    ix->count = 0;
}
