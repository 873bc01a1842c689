#ifndef SERVER_NET_ARRIVALS_H
#define SERVER_NET_ARRIVALS_H

/* Memory for messages and requests that are still arriving, of all connections together: each of them may be as large
 * as a message may be, but not all at once. Otherwise a thousand peers that send all of 16 MiB but the last byte would
 * hold 16 GB.
 *
 *     connection   [ first ARRIVALS_FREE bytes | beyond: taken from `used` ]
 *
 * The first bytes of each are not counted, so that ordinary edits arrive also while somebody holds all there is.
 * Invariant: `used` is the sum of what all have taken, at most `limit`. Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"

#define ARRIVALS_FREE  ((size_t)65536)
#define ARRIVALS_GRACE 60   /* seconds in which one may come as it likes; from then on … */
#define ARRIVALS_RATE  4096 /* … so many bytes for each second since it began */

struct arrivals {
    size_t limit;
    size_t used;
};

/* One that arrives has come to `len` bytes; *taken, 0 at first, is what it has taken so far. RC_LIMIT: there is no
 * more, and nothing has changed. */
int arrivals_grow(struct arrivals *a, size_t *taken, size_t len) MUST_CHECK;
/* Whether one that began `us` ago comes too slowly with `len` bytes, as what only means to hold a place does. */
bool arrivals_is_too_slow(uint64_t us, size_t len);
/* It has arrived, or never will. */
void arrivals_end(struct arrivals *a, size_t *taken);

#endif
