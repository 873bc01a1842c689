#ifndef TESTS_UNIT_LIB0_ALLOC_FAULT_H
#define TESTS_UNIT_LIB0_ALLOC_FAULT_H

/* Makes one allocation fail. The program is linked with --wrap for malloc, calloc and realloc (meson.build), so that
 * calls from the engine and from the test come through here, those of the C library do not. */

/* The n-th allocation from now fails, 1 being the next; 0: none does. Counting starts again. */
void alloc_fault_at(unsigned n);
/* Allocations since. */
unsigned alloc_fault_count(void);

#endif
