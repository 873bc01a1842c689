#ifndef SERVER_BASE_BACKGROUND_H
#define SERVER_BASE_BACKGROUND_H

/* Threads behind the event loop, where they share a core with it. In the ordinary class the system sees to it that who
 * has slept is served soon. In the real-time classes nobody is interrupted by his equals: there, long work that nobody
 * waits for would hold up the loop until it is done. */
#include <stddef.h>

/* Called for each of many rows, `row` counting them: behind a few dozen, a thread of a real-time class lets its equals
 * go first. In other classes nothing happens. */
void background_row(size_t row);

#endif
