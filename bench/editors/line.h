#ifndef BENCH_EDITORS_LINE_H
#define BENCH_EDITORS_LINE_H

/* One WebSocket connection of the generator: a client that costs little, so that it measures the server and not itself.
 *
 *     line_open ─► connecting ─► upgrading ─► open ─► closed          events: opened, message*, closed
 *
 * All lines share a net: one epoll, one large buffer to read into, one to build frames in. A line has memory of its own
 * only while a message is incomplete or the peer does not take what we send. One read a wake-up, level-triggered.
 * Pings are answered. A server that breaks RFC 6455 is hung up on, with 1002 as the close code of the line.
 *
 * `closed` comes once for every line_open that gave RC_OK, unless line_abort hung up. From within an event a line may
 * be sent to and aborted. One thread. */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/editors/ws_frame.h"
#include "crdt/base/buf.h"
#include "tests/support/rng.h"

#define LINE_INBOX      ((size_t)256 << 10)
#define LINE_CLOSED_TCP 1006 /* hung up without a close frame; the number that browsers show */

enum line_state { LINE_OFF, LINE_CONNECTING, LINE_UPGRADING, LINE_OPEN };

struct line {
    enum line_state state;
    int fd;
    uint16_t close_code; /* the server's, or ours (1002, 1006); 0 while open */
    bool deaf;           /* does not read */
    bool fragmented;     /* a message has begun whose end has not come */
    uint32_t armed;      /* epoll events asked for */
    struct buf in;       /* an incomplete frame or head */
    struct buf message;  /* fragments */
    struct buf out;      /* what the socket did not take */
    size_t out_at;
    char key[WS_KEY_LEN + 1];
    const char *path;                 /* borrowed until opened */
    uint64_t bytes_in, bytes_out;     /* of all connections that this line had */
    uint64_t messages_in, frames_out; /* likewise */
};

struct line_events {
    void (*opened)(void *user, struct line *line);
    void (*message)(void *user, struct line *line, struct span message); /* borrowed until return */
    void (*closed)(void *user, struct line *line);
};

struct line_net {
    int epoll;
    struct sockaddr_in server;
    char host[64];
    const struct line_events *events; /* borrowed */
    void *user;
    uint8_t *inbox;
    struct buf frames;
    struct rng rng;
    int receive_buffer; /* SO_RCVBUF of new lines; 0: the system's */
};

/* RC_IO: no epoll. `server` and `host` are set by line_net_aim. */
int line_net_init(struct line_net *net, const struct line_events *events, void *user) MUST_CHECK;
void line_net_finish(struct line_net *net);
/* Where lines go to. RC_NOTFOUND: the name has no address. */
int line_net_aim(struct line_net *net, const char *host, const char *port) MUST_CHECK;
/* Waits at most until `until` (nanotime) and handles what is ready. Gives whether anything was. */
bool line_net_turn(struct line_net *net, uint64_t until);

/* The line must be off. `path` is borrowed until it is open. RC_IO: no socket. */
int line_open(struct line_net *net, struct line *line, const char *path) MUST_CHECK;
/* Sends these messages in one write. Nothing happens unless the line is open. */
void line_send(struct line_net *net, struct line *line, const struct span *messages, size_t count);
/* Bytes as they are, without a frame: for those who break rules. */
void line_send_raw(struct line_net *net, struct line *line, struct span bytes);
/* Bytes that the socket did not take yet. */
size_t line_waiting(const struct line *line);
/* Stops or goes on reading. */
void line_set_deaf(struct line_net *net, struct line *line, bool deaf);
/* Hangs up at once, without `closed`. */
void line_abort(struct line *line);
void line_finish(struct line *line);

#endif
