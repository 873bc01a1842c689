#ifndef SERVER_NET_ADDRESSES_H
#define SERVER_NET_ADDRESSES_H

/* How many connections each address has, so that nobody takes all of them.
 *
 * An IPv6 network of 64 bits counts as one address, since it is given to one customer; an IPv4 address that came as
 * IPv6 (::ffff:192.0.2.1) as what it is. A loopback address is not counted: it is a proxy on the same machine, or
 * somebody who has the machine anyway.
 *
 *     bucket ─► address, 3 connections ─► address, 1 connection
 *
 * An address is in the table while it has a connection. Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/span.h"

#define ADDRESSES_BUCKETS 1024

struct address;

/* Zeroed but for `most`; nothing is to be given back once all have left. */
struct addresses {
    size_t most; /* connections of one address; 0: any number */
    struct address *bucket[ADDRESSES_BUCKETS];
};

/* Has this address, as text, as many connections as it may? */
bool addresses_is_full(const struct addresses *t, struct span peer);
/* It has one more, be it full or not. NULL, which is not counted: a loopback address, no address, or out of memory. */
struct address *addresses_enter(struct addresses *t, struct span peer);
/* It has one less. NULL is fine. */
void addresses_leave(struct address *a);

#endif
