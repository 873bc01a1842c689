#ifndef TESTS_UNIT_NET_NET_RIG_H
#define TESTS_UNIT_NET_NET_RIG_H

/* What tests give a transport to talk to: rooms that write down what they hear, a loop and a server that nobody
 * listens to, and messages to send. Failures end the test (cmocka). */
#include <stdbool.h>
#include <stddef.h>
#include "server/net/http.h"
#include "server/net/loop.h"
#include "server/net/transport.h"

/* What the rooms heard, a word each: "opened", each message as it came, "drained", "closed"; with `turns` also "turn"
 * and "tick". The message "x" closes the connection with 4403 "so", "p" pauses it. */
struct net_journal {
    char text[512];
    bool turns;
    struct conn *conn; /* the newest */
};

/* Rooms whose pointer is a struct net_journal. */
extern const struct conn_events net_journal_events;
/* One more word. */
void net_journal_note(struct net_journal *j, const char *word);
/* Asserts that exactly this was heard since the last call. */
void net_journal_expect(struct net_journal *j, const char *words);

/* A loop that tells nobody anything. */
extern const struct net_loop_hooks net_rig_quiet;
/* For http_handler: refusals without a body, no WebSockets. */
void net_rig_refuse(void *context, unsigned status, struct http_response *out);
bool net_rig_no_upgrade(void *context, int fd, const struct http_request *r, struct span key, struct span early);

/* Sends a message of so many zeros; what conn_send said. */
int net_rig_send(struct conn *c, size_t len, enum outq_kind kind);

#endif
