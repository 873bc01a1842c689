#include "bench/engine/measure.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEPT_BLOCK_MAX (32 << 20) /* bytes; the most that malloc accepts */

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6 : 0;
}

struct measure_clock measure_now(void)
{
    return (struct measure_clock){clock_ms(CLOCK_PROCESS_CPUTIME_ID), clock_ms(CLOCK_MONOTONIC)};
}

struct measure_clock measure_since(struct measure_clock start)
{
    struct measure_clock now = measure_now();

    return (struct measure_clock){now.cpu - start.cpu, now.wall - start.wall};
}

void measure_add(struct measure *m, struct measure_clock run)
{
    if (m->count < MEASURE_MAX) {
        m->cpu[m->count] = run.cpu;
        m->wall[m->count++] = run.wall;
        m->spent += run.cpu;
    }
}

void measure_add_value(struct measure *m, double value)
{
    if (m->count < MEASURE_MAX) {
        m->cpu[m->count] = value;
        m->wall[m->count++] = value;
    }
}

bool measure_goes_on(const struct measure *m, size_t repeat, double budget, double patience)
{
    if (m->count == 0) {
        return true;
    }
    if (m->count >= MEASURE_MAX || m->spent >= patience) {
        return false;
    }
    return m->count < repeat || m->spent < budget;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct measure_summary measure_summarize(const double *values, size_t count)
{
    double sorted[MEASURE_MAX];

    if (count == 0 || count > MEASURE_MAX) {
        return (struct measure_summary){0};
    }
    memcpy(sorted, values, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare);
    return (struct measure_summary){
        .median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
        .min = sorted[0],
        .max = sorted[count - 1],
        .runs = count,
    };
}

void measure_keep_heap(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_MAX);
}

size_t measure_heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}
