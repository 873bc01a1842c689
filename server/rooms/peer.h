#ifndef SERVER_ROOMS_PEER_H
#define SERVER_ROOMS_PEER_H

/* A connection as rooms see it, with its sessions (session.h): one of y-websocket's, one for each address of
 * Hocuspocus'. It lives from the connection's opening to its end, as conn->user; the event loop's thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"
#include "server/base/cache.h"
#include "server/net/transport.h"

struct rooms;
struct session;

/* Why a connection is not read. */
enum peer_pause { PAUSE_RATE = 1, PAUSE_HELD = 2, PAUSE_STOP = 4 };

/* What every message needs stands first, in one line of the caches (base/cache.h). */
struct peer {
    struct rooms *rooms;
    struct conn *conn;
    struct session *first;
    uint64_t heard_us, sent_us;
    uint64_t busy_until_us; /* the token bucket: when the messages so far are paid for (quota.h) … */
    unsigned sessions, pauses;
    bool authenticated, closing;

    struct peer *next, **link;    /* in one of rooms->peers */
    struct peer *faster, *slower; /* … before and behind it in rooms->quota, while PAUSE_RATE */
    uint64_t opened_us, denied_us;
    size_t held; /* bytes held by all its sessions */
};

_Static_assert(offsetof(struct peer, next) <= CACHE_LINE, "more than every message needs");

/* NULL without memory. */
struct peer *peer_create(struct rooms *rooms, struct conn *conn);
void peer_destroy(struct peer *p); /* and its sessions */
/* Not read while any reason holds. */
void peer_pause(struct peer *p, enum peer_pause why);
void peer_resume(struct peer *p, enum peer_pause why);
void peer_close(struct peer *p, uint16_t code, const char *reason);
/* NULL: it has none of this address. */
struct session *peer_find(const struct peer *p, struct span address);

#endif
