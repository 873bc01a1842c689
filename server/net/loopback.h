#ifndef SERVER_NET_LOOPBACK_H
#define SERVER_NET_LOOPBACK_H

/* A transport without sockets, for tests: the test plays the peers.
 *
 *     loopback_connect(lb, CONN_YWEBSOCKET, "note", "", &conn);   // rooms get `opened`
 *     loopback_deliver(lb, conn, message);                        // rooms get `message`
 *     loopback_turn(lb);                                          // rooms get `turn`, then `closed` and `drained` as
 * due while (loopback_take(conn, &bytes)) …                        // what the rooms sent
 *
 * Everything happens inside the calls of the test, in order; nothing waits. A stalled peer takes nothing, so that its
 * queue fills as a slow reader's does. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/net/transport.h"

struct loopback;

/* `events` and `rooms` are borrowed until destroy. `soft` and `hard` limit each queue (outq.h). */
int loopback_create(const struct conn_events *events, void *rooms, size_t soft, size_t hard,
                    struct loopback **out) MUST_CHECK;
/* Disconnects whoever is left (rooms get `closed`). NULL is fine. */
void loopback_destroy(struct loopback *lb);
/* The connection stays readable for the test, also after `closed`, until loopback_release or destroy. */
int loopback_connect(struct loopback *lb, enum conn_protocol protocol, const char *note, const char *token,
                     struct conn **out) MUST_CHECK;
/* A message from the peer. While paused, messages wait (delivered by the next turn after resume). RC_STATE when the
 * connection is closing or closed. */
int loopback_deliver(struct loopback *lb, struct conn *c, struct span message) MUST_CHECK;
/* The peer goes away without a word; rooms get `closed` at once. */
void loopback_disconnect(struct loopback *lb, struct conn *c);
/* A stalled peer reads nothing. Otherwise a turn moves the queue to the peer's inbox. */
void loopback_stall(struct conn *c, bool stalled);
/* Ends a loop turn. */
void loopback_turn(struct loopback *lb);
/* Calls `tick`. */
void loopback_tick(struct loopback *lb);
/* The next message in the peer's inbox, appended to `out` (cleared first); false when there is none. */
bool loopback_take(struct conn *c, struct buf *out);
/* Messages in the inbox. */
size_t loopback_inbox(const struct conn *c);
/* The code given to conn_close; 0 while open, 1006 after a disconnect by the peer. */
uint16_t loopback_close_code(const struct conn *c);
bool loopback_is_paused(const struct conn *c);
/* Frees a connection that is closed. */
void loopback_release(struct loopback *lb, struct conn *c);

#endif
