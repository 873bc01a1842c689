#ifndef SERVER_BASE_HEAP_H
#define SERVER_BASE_HEAP_H

/* The heap of the process. Any thread; all threads that allocate meanwhile may wait for it. */

/* Gives free pages back to the system, those between blocks in use included: malloc keeps them, since most programs
 * will want as much again. Linear in what is free: some 0.1 ms a megabyte. */
void heap_trim(void);

#endif
