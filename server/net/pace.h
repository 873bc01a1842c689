#ifndef SERVER_NET_PACE_H
#define SERVER_NET_PACE_H

/* How far apart the turns of a busy loop begin.
 *
 * A turn has costs that do not depend on how much arrived for it: waiting for sockets, a read and a write for each
 * connection, a commit. While there is time to spare every turn begins at once, and nobody waits. When the loop has
 * little left, its turns are held apart, so that each finds more: more edits in one read, merged into one message,
 * in one write. So pressure makes a server do less for the same edits, at the price of some milliseconds for each.
 *
 *     busy for over 85 % of 20 ms and a turn    twice as far apart: 1 ms at first, PACE_MOST_US at most
 *              under 83 %                       a quarter less, and below half a millisecond nothing
 *
 * What is waited here counts as time to spare. The two marks lie close together, since between them the distance stays
 * as it is: a loop that is busy for four fifths needs none, and must come back to that after a moment of pressure.
 * Knows no clock and no loop. */
#include <stdbool.h>
#include <stdint.h>

#define PACE_MOST_US 20000

struct pace {
    uint64_t window_us, idle_us; /* private: where the window began; time spared until then */
    uint64_t waited_us;          /* all that was answered below */
    uint64_t apart_us;
    uint64_t began_us; /* the last turn */
    bool changed;      /* `apart_us`, just now */
};

/* A turn may begin. `now_us`: a clock that does not go back; `idle_us`: time since its start that the loop had nothing
 * to do, without what is answered here. Answer: how long to wait first; mostly 0. The caller does. */
uint64_t pace_wait(struct pace *p, uint64_t now_us, uint64_t idle_us);

#endif
