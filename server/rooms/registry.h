#ifndef SERVER_ROOMS_REGISTRY_H
#define SERVER_ROOMS_REGISTRY_H

/* All rooms by name, all peers, and the time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/base/completion.h"
#include "server/rooms/quota.h"
#include "server/rooms/rooms.h"

#define TICKS_A_SECOND 10

struct peer;
struct room;

struct rooms {
    struct rooms_config config;
    struct room **bucket; /* a power of two, chained */
    size_t buckets, count;
    uint64_t seed;                      /* of the hash, so that strangers cannot aim at one bucket */
    struct peer *peers[TICKS_A_SECOND]; /* by the tick of a second that looks at them */
    struct room *restless;              /* every tick looks at these */
    size_t connections, sessions;
    size_t held;              /* bytes held by all sessions */
    struct room *dirty;       /* rooms with something to send at the end of the turn */
    struct room *late;        /* rooms that had their share of the turn */
    struct completion again;  /* brings the loop back to them … */
    bool coming_back;         /* … and is under way */
    size_t given_back;        /* bytes freed by notes at rest and long edits, and not taken again, since … */
    uint64_t trimmed_us;      /* … the heap gave its free pages back */
    uint64_t turn;            /* counts turns */
    size_t errands;           /* under way, of all rooms */
    size_t compacting;        /* rooms that are being compacted */
    uint64_t serial;          /* of rooms and sessions */
    uint64_t now_us;          /* monotonic, as of the current event */
    struct quota_queue quota; /* connections that are not read for a while */
    uint64_t ticks;
    struct rooms_stats stats;
    bool stopping, ended; /* rooms_stop was called; nothing new begins any more */
    uint64_t stop_us;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

/* NULL when it is not there. */
struct room *registry_find(const struct rooms *rooms, struct span name);
uint64_t registry_hash(const struct rooms *rooms, struct span name);
/* Grows the table when it is due; without memory the chains get longer. */
void registry_insert(struct rooms *rooms, struct room *room);
void registry_remove(struct rooms *rooms, struct room *room);
/* Rooms in `late` go on as soon as the loop has looked at its sockets. */
void rooms_come_back(struct rooms *rooms);
/* Looks at the clock. */
void registry_touch(struct rooms *rooms);

#endif
