#ifndef BENCH_EDITORS_HISTOGRAM_H
#define BENCH_EDITORS_HISTOGRAM_H

/* How often each duration occurred, in constant memory: log-linear buckets, as in HdrHistogram (Tene).
 *
 *     bucket    0 … 255          one nanosecond each
 *               then 128 a power of two: a bucket is 1/128 to 1/256 of its values wide
 *
 * A percentile is the middle of its bucket, so it is off by at most 1/256 = 0.4 %. Durations from HISTOGRAM_TOP on (18
 * minutes) count as HISTOGRAM_TOP - 1. Zeroed storage is an empty histogram. */
#include <stdint.h>

#define HISTOGRAM_BITS    7
#define HISTOGRAM_POWER   40
#define HISTOGRAM_TOP     (UINT64_C(1) << HISTOGRAM_POWER)
#define HISTOGRAM_BUCKETS ((HISTOGRAM_POWER - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
    uint64_t count, sum, min, max; /* min and max are exact; of no meaning while count is 0 */
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *h);
void histogram_add(struct histogram *h, uint64_t ns);
void histogram_merge(struct histogram *h, const struct histogram *other);
/* The least duration that `share` (0 to 1) of all do not exceed; 0 when there are none. 1: the longest, exactly. */
uint64_t histogram_at(const struct histogram *h, double share);
/* The same of what was added since `before`, a copy of it made then; to the bucket. */
uint64_t histogram_at_since(const struct histogram *h, const struct histogram *before, double share);
double histogram_mean(const struct histogram *h);
/* How many took at most `ns`; exact to the bucket. */
uint64_t histogram_until(const struct histogram *h, uint64_t ns);

#endif
