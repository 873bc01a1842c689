#ifndef SERVER_BASE_BACKGROUND_H
#define SERVER_BASE_BACKGROUND_H

/* The event loop and the threads behind it, where they share a core.
 *
 *                              share of a core that all want     when it wakes up
 *   the loop                   three fifths                      interrupts the others at once
 *   the store                  one fifth                         interrupts the others, in its share
 *   workers, checkpoints       one fifth                         wait for the end of a slice
 *
 * Everybody waits for the loop, somebody for a commit, mostly nobody for a worker. Who runs keeps the core for a
 * slice, some three milliseconds, even when somebody wakes up who waited longer; Linux 6.12 lets who asks for a shorter
 * slice interrupt (sched(7), sched_setattr(2)), older systems pay no regard to it. A saturated loop leaves the store
 * the time for its commits, which become fewer and larger.
 *
 * In the real-time classes nobody is interrupted by his equals, and none of this holds: there, long work that nobody
 * waits for yields. */
#include <stddef.h>

/* The calling thread works behind the loop. */
void background_enter(void);
/* Called for each of many rows, `row` counting them: behind a few dozen, a thread of a real-time class lets its equals
 * go first. In other classes nothing happens. */
void background_row(size_t row);
/* The calling thread works in short slices: the loop's, the store's. To be called when the others run: a thread that it
 * began would be the same. */
void background_brief(void);

#endif
