#ifndef TESTS_UNIT_NET_HTTP_RIG_H
#define TESTS_UNIT_NET_HTTP_RIG_H

/* A server on a fake clock, polled by the test; the peer is a plain socket.
 *
 * It answers with the length of the body; "/fixed" with static bytes; "/hold" is left in `held`; "/stream" begins an
 * answer in pieces, and stands in `held` whenever the next may be given. */
#include "server/base/clock.h"
#include "server/net/http.h"
#include "server/net/loop.h"

#define H "Host: localhost\r\n"

#define HTTP_RIG_BODY   100000 /* bytes of one body at most */
#define HTTP_RIG_BODIES 1000   /* of all together, beyond the first of each (arrivals.h) */

struct http_rig {
    struct net_loop *loop;
    struct http_server *server;
    struct arrivals arrivals;
    struct clock_fake clock;
    struct http_exchange *held;
    size_t requests, drained, gone;
};

/* For cmocka: *state is the rig. */
int http_rig_set_up(void **state);
int http_rig_tear_down(void **state);
/* A socket that is connected to the server; the caller closes it. */
int http_rig_connect(struct http_rig *rig);
/* Sends, lets the loop run, and gives what has come back (static, until the next call); *closed says whether the server
 * hung up. */
const char *http_rig_talk(struct http_rig *rig, int fd, const char *text, bool *closed);

#endif
