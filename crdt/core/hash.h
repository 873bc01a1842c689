#ifndef CRDT_CORE_HASH_H
#define CRDT_CORE_HASH_H

/* Open addressing over indexes. The owner walks the slots that a hash may stand in and compares:
 *
 *     for (uint32_t at = hash_start(ix, h); (found = ix->slot[at]) != 0; at = hash_step(ix, at))
 *         if (equal(found)) …
 *
 * At most half of the slots are used. Slot value 0 is empty. */
#include <string.h>
#include "crdt/core/doc.h"

/* Folded multiplication: the seed is secret per document, so that strangers cannot aim at one slot. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product =
        (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd6e8feb86659fd93));

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t hash_u64(uint64_t seed, uint64_t x)
{
    return (uint32_t)hash_mix(hash_mix(seed, x), seed);
}

static inline uint32_t hash_bytes(uint64_t seed, uint32_t owner, const uint8_t *data, size_t len)
{
    uint64_t h = hash_mix(seed, owner ^ ((uint64_t)len << 32));

    for (; len >= 8; data += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        h = hash_mix(h, word);
    }
    uint64_t tail = 0;
    for (size_t i = 0; i < len; i++) {
        tail = tail << 8 | data[i];
    }
    return hash_u64(h, tail);
}

static inline uint32_t hash_start(const struct hash_index *ix, uint32_t hash)
{
    return hash & (ix->cap - 1);
}

static inline uint32_t hash_step(const struct hash_index *ix, uint32_t at)
{
    return (at + 1) & (ix->cap - 1);
}

/* Enters a value that is not there yet; a free slot has been reserved. */
void hash_put(struct hash_index *ix, uint32_t hash, uint32_t value);
/* An empty table with room for ix->count + more; ix itself, unchanged, when that has the room. The owner enters
 * its values and calls hash_replace. */
int hash_plan(struct mem *m, const struct hash_index *ix, uint64_t more, struct hash_index *out) MUST_CHECK;
void hash_replace(struct mem *m, struct hash_index *ix, const struct hash_index *grown);
void hash_finish(struct mem *m, struct hash_index *ix);

#endif
