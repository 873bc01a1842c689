#ifndef SERVER_NET_CHANNEL_H
#define SERVER_NET_CHANNEL_H

/* What the transports on sockets, WebSockets (lws.c) and event streams (sse.c), do alike with a connection: queue for
 * it, refuse what a slow reader cannot take, close it, and remember until the end of the turn that it has work.
 *
 *     rooms ─ send ─► outq ─┐
 *     rooms ─ send ─► outq ─┼─► dirty list ─ channel_hub_flush ─► `settle` of the transport, once for each
 *     rooms ─ close ────────┘
 *
 * A transport embeds a channel at the beginning of each connection of its own, and a channel hub in what holds them
 * all. It puts channel_send and its siblings into its conn_ops, around them what is special about it, and writes to
 * its sockets in `settle`.
 *
 *     channel_init ─► channel_announce ─► channel_give* ─► channel_finish
 *          rooms:     opened              message          closed, when it was announced
 *
 * Invariants: a channel is in its hub's list from init to finish, and in the dirty list while `dirty`. Nothing is
 * queued once it is `closing`, and the rooms hear nothing of it but `closed`. Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/clock.h"
#include "server/net/addresses.h"
#include "server/net/arrivals.h"
#include "server/net/counts.h"
#include "server/net/loop.h"
#include "server/net/outq.h"
#include "server/net/transport.h"

#define CHANNEL_REASON_MAX   123 /* bytes of a close reason: RFC 6455, 5.5 */
#define CHANNEL_CLOSE_TIME_S 5   /* for a peer to take what is queued and the close */

/* What every transport is given. All is borrowed until the transport is destroyed. */
struct channel_host {
    struct net_loop *loop;
    const struct clock *clock;
    const struct conn_events *events;
    void *rooms;
    uint64_t *serial; /* counts the connections of all transports */
    struct outq_limits limits;
    size_t per_address;        /* connections of one address; 0: any number */
    struct arrivals *arrivals; /* what incomplete messages may take together */
};

/* All of one transport; read `first` and `count`, the rest is private. */
struct channel_hub {
    struct channel_host host;
    struct channel *first, *dirty;
    size_t count;
    struct addresses addresses;    /* of those that are announced */
    bool released;                 /* the rooms are to hear nothing */
    struct channel_counts *counts; /* the transport's, which counts bytes_out and closed_silent itself */
};

/* With many connections each is cold in the processor's caches when a message for it comes: what every message needs
 * stands together, down to the first two members of `conn`. */
struct channel {
    struct channel_hub *hub;
    struct channel *next_dirty;
    bool announced; /* the rooms know it */
    bool closing;
    bool dirty;
    bool refused; /* a send was refused: `drained` is owed */
    struct outq out;
    struct conn conn;             /* a struct conn of ours is in a channel: channel_of_conn */
    struct channel *next, **link; /* in the hub's list */
    char *strings;                /* note, token and peer */
    struct address *address;
    uint64_t closing_us;
    uint16_t close_code; /* with `reason`: to be said to the peer, once `closing` */
    char reason[CHANNEL_REASON_MAX + 1];
};

static inline struct channel *channel_of_conn(const struct conn *c)
{
    return (struct channel *)((uintptr_t)c - offsetof(struct channel, conn));
}

/* What the rooms are to know of a connection; see struct conn. Everything is copied. */
struct channel_opening {
    enum conn_protocol protocol;
    struct span note, token, peer;
};

void channel_hub_init(struct channel_hub *hub, const struct channel_host *host, struct channel_counts *counts);
uint64_t channel_hub_now_us(const struct channel_hub *hub);
/* Has this address as many channels as it may? */
bool channel_hub_is_crowded(const struct channel_hub *hub, struct span peer);
/* Settles every channel that has work: `settle` may queue more, which settles it again, and may finish the channel. At
 * the end of a turn, after the rooms'. */
void channel_hub_flush(struct channel_hub *hub, void (*settle)(struct channel *c));
/* The rooms hear nothing more: no channel that they know may be left. */
void channel_hub_release_rooms(struct channel_hub *hub);
/* Closes all with `code`; `reason` as for conn_close. */
void channel_hub_close_all(struct channel_hub *hub, uint16_t code, const char *reason);

/* On failure (RC_NOMEM) `c` is not in the hub. `ops` is borrowed until finish. */
int channel_init(struct channel *c, struct channel_hub *hub, const struct conn_ops *ops,
                 const struct channel_opening *o) MUST_CHECK;
/* Tells the rooms that it is gone, if they know it, and takes it out of the hub. The storage stays the caller's. */
void channel_finish(struct channel *c);
/* The rooms hear `opened`. */
void channel_announce(struct channel *c);
/* The rooms hear a whole message, borrowed; an empty one is only counted. Not when closing. */
void channel_give(struct channel *c, struct span message);
/* It has work at the end of the turn. */
void channel_mark(struct channel *c);
/* The rooms hear `drained` when that is owed and little enough is left: `queued` bytes. */
void channel_tell_drained(struct channel *c, size_t queued);
/* Closing, and the peer has had the time to take it. */
bool channel_is_overdue(const struct channel *c, uint64_t now_us);

/* For conn_ops (transport.h). */
int channel_send(struct conn *conn, struct frame *f, enum outq_kind kind) MUST_CHECK;
size_t channel_drop(struct conn *conn);
void channel_close(struct conn *conn, uint16_t code, const char *reason);
size_t channel_queued(const struct conn *conn);

#endif
