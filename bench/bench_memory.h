#ifndef BENCH_BENCH_MEMORY_H
#define BENCH_BENCH_MEMORY_H

/* Memory of a measuring program. Without it there is nothing to measure: these say so and end the program. */
#include <stddef.h>

/* `count` zeroed elements; the caller frees them with free(). */
void *memory_create(size_t count, size_t size);
/* Makes room for element `index` in a growing array of `*cap` elements; what is new is zeroed. Gives the array. */
void *memory_reach(void *array, size_t *cap, size_t index, size_t size);
/* A copy of a text; the caller frees it with free(). */
char *memory_text(const char *text);

#endif
