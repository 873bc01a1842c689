#include "server/net/arrivals.h"

#include <assert.h>

int arrivals_grow(struct arrivals *a, size_t *taken, size_t len)
{
    size_t wanted = len > ARRIVALS_FREE ? len - ARRIVALS_FREE : 0;

    if (wanted <= *taken) {
        return RC_OK;
    }
    if (wanted - *taken > a->limit - a->used) {
        return RC_LIMIT;
    }
    a->used += wanted - *taken;
    *taken = wanted;
    return RC_OK;
}

bool arrivals_is_too_slow(uint64_t us, size_t len)
{
    uint64_t seconds = us / 1000000;

    return seconds > ARRIVALS_GRACE && seconds - ARRIVALS_GRACE > len / ARRIVALS_RATE;
}

void arrivals_end(struct arrivals *a, size_t *taken)
{
    assert(*taken <= a->used);
    a->used -= *taken;
    *taken = 0;
}
