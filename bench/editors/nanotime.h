#ifndef BENCH_EDITORS_NANOTIME_H
#define BENCH_EDITORS_NANOTIME_H

/* The clock of the measurement: nanoseconds since some moment, never going back. */
#include <stdint.h>
#include <time.h>

#define NANO_US UINT64_C(1000)
#define NANO_MS UINT64_C(1000000)
#define NANO_S  UINT64_C(1000000000)

static inline uint64_t nanotime(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NANO_S + (uint64_t)t.tv_nsec;
}

#endif
