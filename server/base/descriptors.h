#ifndef SERVER_BASE_DESCRIPTORS_H
#define SERVER_BASE_DESCRIPTORS_H

/* The process's table of open files: each connection is one. */
#include <stddef.h>

/* Allows as many as the system gives, and makes the table large enough for `expected` of them. To be called while there
 * is one thread: when a table grows that threads share, Linux lets whoever opens the next file wait for all processors
 * (synchronize_rcu in expand_files), some ten milliseconds in which the loop would stand still. What is refused costs
 * that time only. */
void descriptors_prepare(size_t expected);

#endif
