#ifndef SERVER_ROOMS_QUOTA_H
#define SERVER_ROOMS_QUOTA_H

/* How much one connection may send: a token bucket, of which each message takes its share, a long one several.
 *
 *     shares taken, in time to come:   0 ────────────────── 0.1 s ── heap ──► not read
 *                                                              └─ a heap later it is read again
 *
 * Who is a tenth of a second ahead is not read any more: what it sends waits in its own sockets. It is read again when
 * it is a fiftieth of a second back, so that what it sends comes in heaps of ten messages, not of hundreds. Those who
 * wait are read again one after another, spread over that time, and in the turns of the loop where the others' messages
 * have been dealt with: a flood is many small heaps, between which everybody else is served.
 *
 * Those who wait stand in a list, in the order in which their times come. */
#include <stddef.h>
#include <stdint.h>

struct peer;
struct rooms;

/* Those who wait, as rooms have them. */
struct quota_queue {
    struct peer *first, *last;
    size_t count;
    uint64_t looked_us; /* when they were last looked at */
};

/* A message of so many bytes came. May pause its sender. */
void quota_pay(struct peer *p, size_t bytes);
/* Reads those again whose time has come. Answer: in so many milliseconds it wants to be called again; 0: nobody waits.
 * To be called at least then; more often does no harm. */
unsigned quota_go_on(struct rooms *rooms);
/* The peer waits no longer: it goes. One that does not wait is fine. */
void quota_forget(struct peer *p);

#endif
