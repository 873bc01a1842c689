#ifndef SERVER_NET_LOOP_H
#define SERVER_NET_LOOP_H

/* The event loop, which owns sockets, rooms and documents. A thin cover of libuv, which libwebsockets runs on too, so
 * that nobody else sees either.
 *
 *   one turn:   timers, signals ─► `turn` if anything happened ─► wait for sockets, run their callbacks ─► `turn` ─┐
 *               └───────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * No turn waits for more to do. A loop that has no time to spare merges by itself: what arrives during one turn is
 * read, sent and committed by the next.
 *
 * One thread; net_loop_wake alone may be called from others. */
#include <stdbool.h>
#include "crdt/base/rc.h"

struct net_loop;

/* What happens on the loop. All members must be set. */
struct net_loop_hooks {
    void (*woken)(void *context);              /* net_loop_wake was called, once or more, since the last time */
    void (*turn)(void *context);               /* something happened: send what was collected */
    void (*tick)(void *context);               /* ten times a second */
    void (*signalled)(void *context, int sig); /* SIGINT or SIGTERM, when net_loop_catch_signals was called */
};

/* `hooks` is borrowed until destroy. Destroy it when everything that watches is closed. */
int net_loop_create(const struct net_loop_hooks *hooks, void *context, struct net_loop **out) MUST_CHECK;
void net_loop_destroy(struct net_loop *loop); /* NULL is fine */
/* SIGINT and SIGTERM come as `signalled` from now on. */
int net_loop_catch_signals(struct net_loop *loop) MUST_CHECK;
/* Until net_loop_stop. */
void net_loop_run(struct net_loop *loop);
void net_loop_stop(struct net_loop *loop);
/* Runs what is ready, without waiting. For tests and for closing down. */
void net_loop_poll(struct net_loop *loop);
/* Any thread. */
void net_loop_wake(struct net_loop *loop);
/* Something happened outside of the loop's own callbacks: `turn` is due. */
void net_loop_touch(struct net_loop *loop);
/* `turn` is due in so many milliseconds; replaces what was said before. 0: whenever something happens. */
void net_loop_alarm(struct net_loop *loop, unsigned ms);
/* The libuv loop, for lws.c. */
void *net_loop_native(struct net_loop *loop);

/* A file descriptor watched for being readable or writable. */
struct net_watch;

/* `ready` is called with what holds; an error counts as both. Watches nothing at first. The descriptor stays the
 * caller's. */
int net_watch_open(struct net_loop *loop, int fd, void (*ready)(void *context, bool readable, bool writable),
                   void *context, struct net_watch **out) MUST_CHECK;
/* What to wait for. */
void net_watch_set(struct net_watch *w, bool read, bool write);
/* No call comes after this one; the descriptor may be closed at once. NULL is fine. */
void net_watch_close(struct net_watch *w);

#endif
