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

void arrivals_end(struct arrivals *a, size_t *taken)
{
    assert(*taken <= a->used);
    a->used -= *taken;
    *taken = 0;
}
