#ifndef SERVER_ROOMS_LAG_H
#define SERVER_ROOMS_LAG_H

/* Those who read more slowly than the others write.
 *
 * A connection whose queue is above its soft limit takes no more updates. From then on its session lags: the room keeps
 * what it sends to the others, once for all who lag, and when the queue has drained the session gets what it lacks,
 * merged into one message. So a jam makes messages fewer and larger, never the queues longer.
 *
 *     sent to the others     u7 u8 u9 u10 u11           one session lags from u7 on, another from u10
 *     kept                   [7  8  9  10  11]          options.lag_bytes at most
 *
 * When more than that would have to be kept, nothing is: whoever lags then is brought up to date from the document
 * once his queue has drained, with what changed since the state vector that he is known to have. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/span.h"

struct room;
struct session;

/* Of a room. Nothing is kept while nobody lags. */
struct lag {
    struct buf bytes; /* updates one behind the other */
    size_t *end;      /* where each ends */
    size_t count, cap;
    uint64_t first;  /* number of the first one kept */
    size_t sessions; /* that lag */
};

/* Of a session. */
struct lagging {
    bool on;       /* it gets no updates and no presence for now */
    bool states;   /* … and missed presence */
    bool lost;     /* … and more than is kept: the document has to tell */
    bool due;      /* … which it may as soon as it is here */
    uint64_t from; /* number of the first update that it lacks */
};

void lag_finish(struct lag *l);
/* The connection of a session refused an update (or presence). */
void lag_begin(struct session *s);
/* It leaves. */
void lag_end(struct session *s);
/* An update went to those who do not lag. */
void lag_keep(struct room *room, struct span update);
/* Presence went to those who do not lag. */
void lag_miss_states(struct room *room);
/* The queue of its connection has room again. */
void lag_catch_up(struct session *s);

#endif
