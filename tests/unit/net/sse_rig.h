#ifndef TESTS_UNIT_NET_SSE_RIG_H
#define TESTS_UNIT_NET_SSE_RIG_H

/* Event streams on a fake clock, polled by the test, with journal-keeping rooms behind them (net_rig.h); the peers are
 * plain sockets. As in server/api, GET begins a session or goes on with one, and POST is a post.
 *
 * A test begins with the first session open: `p` is its answer, `session` its id. */
#include <stddef.h>
#include <stdint.h>
#include "server/base/clock.h"
#include "server/net/sse.h"
#include "server/net/sse_wire.h"
#include "tests/unit/net/net_rig.h"

#define SSE_RIG_NOTE        "note"
#define SSE_RIG_SOFT        20000
#define SSE_RIG_HARD        60000
#define SSE_RIG_SESSIONS    3
#define SSE_RIG_PER_ADDRESS 2
#define SSE_RIG_LAST_MAX    (SSE_ID_MAX + 8)

/* One answer: what has come of it. */
struct sse_peer {
    int fd;
    bool closed;
    size_t len;
    char got[400000];
};

struct sse_rig {
    struct net_loop *loop;
    struct http_server *http;
    struct arrivals arrivals;
    struct sse_hub *hub;
    struct clock_fake clock;
    uint64_t serial;
    uint8_t secret; /* "random" bytes: all 1, then all 2, … */
    struct net_journal journal;
    struct sse_peer *p;
    char session[SSE_ID_MAX];
    /* What the next requests mean, and how they ended. */
    const char *last; /* id of the last event */
    bool poll;
    const char *address;
    struct sse_post post;
    int rc, done;
};

/* For cmocka: *state is the rig. */
int sse_rig_set_up(void **state);
int sse_rig_tear_down(void **state);
void sse_rig_turn(struct sse_rig *rig);
/* Time passes, with a tick at its end. */
void sse_rig_wait(struct sse_rig *rig, uint64_t seconds);
/* Sends a request and hears what comes back. */
struct sse_peer *sse_rig_ask(struct sse_rig *rig, const char *method, struct span body);
/* A GET: `last` NULL begins a session. */
struct sse_peer *sse_rig_get(struct sse_rig *rig, const char *last);
/* A POST of one-letter messages; what sse_hub_post said, and for RC_OK what `done` said, 1 when it waits. */
int sse_rig_post(struct sse_rig *rig, const char *session, uint64_t number, const char *letters);
/* "SESSION.NUMBER" of the first session: what Last-Event-ID says. */
const char *sse_rig_last(struct sse_rig *rig, unsigned number, char out[SSE_RIG_LAST_MAX]);
void sse_rig_hear(struct sse_rig *rig, struct sse_peer *p);
/* Hears what is left and asserts that it holds this. */
void sse_rig_expect(struct sse_rig *rig, struct sse_peer *p, const char *text);
void sse_rig_hang_up(struct sse_rig *rig, struct sse_peer *p);

#endif
