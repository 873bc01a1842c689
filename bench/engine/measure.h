#ifndef BENCH_ENGINE_MEASURE_H
#define BENCH_ENGINE_MEASURE_H

/* Repeated measurements of one thing, and what they come to.
 *
 * CPU time is that of the whole process; the bench has one thread. Times are in milliseconds. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/rc.h"

#define MEASURE_MAX 400 /* runs of one task */

struct measure_clock {
    double cpu, wall; /* milliseconds */
};
struct measure_clock measure_now(void);
/* Milliseconds since `start`. */
struct measure_clock measure_since(struct measure_clock start);

struct measure {
    double cpu[MEASURE_MAX], wall[MEASURE_MAX];
    size_t count;
    double spent; /* CPU time of all runs: wall time would depend on the neighbours */
};
/* Beyond MEASURE_MAX nothing is kept. */
void measure_add(struct measure *m, struct measure_clock run);
/* A value that is no time. */
void measure_add_value(struct measure *m, double value);
/* At least `repeat` runs; more of a quick task, as long as all take less than `budget` milliseconds together; of
 * a slow one fewer, when they have taken `patience`. */
bool measure_goes_on(const struct measure *m, size_t repeat, double budget, double patience);

struct measure_summary {
    double median, min, max;
    size_t runs; /* 0: nothing was measured */
};
struct measure_summary measure_summarize(const double *values, size_t count);

/* From now on the heap keeps what is given back, as V8's does: another run finds it there, and its time is not that of
 * the kernel, which would clear the same pages again. Blocks above 32 MiB still come and go. */
void measure_keep_heap(void);
/* Bytes that malloc has handed out and not got back; 0 where the allocator does not tell. */
size_t measure_heap(void);

#endif
