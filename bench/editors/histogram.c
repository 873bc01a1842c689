#include "bench/editors/histogram.h"

#include <string.h>

/* 0 for values below 256; each further power of two has its own half of 256, so buckets go on without a gap. */
static unsigned shift_of(uint64_t ns)
{
    unsigned top = 63U - (unsigned)__builtin_clzll(ns | 1);

    return top > HISTOGRAM_BITS ? top - HISTOGRAM_BITS : 0;
}

static unsigned bucket_of(uint64_t ns)
{
    unsigned shift = shift_of(ns);

    return (shift << HISTOGRAM_BITS) + (unsigned)(ns >> shift);
}

static uint64_t middle_of(unsigned bucket)
{
    unsigned shift = bucket >> HISTOGRAM_BITS;

    shift -= shift > 0;
    uint64_t low = (uint64_t)(bucket - (shift << HISTOGRAM_BITS)) << shift;
    return low + ((UINT64_C(1) << shift) >> 1);
}

void histogram_clear(struct histogram *h)
{
    memset(h, 0, sizeof(*h));
}

void histogram_add(struct histogram *h, uint64_t ns)
{
    if (ns >= HISTOGRAM_TOP) {
        ns = HISTOGRAM_TOP - 1;
    }
    h->min = h->count == 0 || ns < h->min ? ns : h->min;
    h->max = ns > h->max ? ns : h->max;
    h->sum += ns;
    h->count++;
    h->bucket[bucket_of(ns)]++;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
    if (other->count == 0) {
        return;
    }
    h->min = h->count == 0 || other->min < h->min ? other->min : h->min;
    h->max = other->max > h->max ? other->max : h->max;
    h->sum += other->sum;
    h->count += other->count;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        h->bucket[i] += other->bucket[i];
    }
}

static uint64_t within(const struct histogram *h, uint64_t ns)
{
    return ns < h->min ? h->min : ns > h->max ? h->max : ns;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
    double wanted = share * (double)h->count;
    uint64_t seen = 0;

    for (unsigned i = 0; share < 1 && i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] > 0 && (double)seen >= wanted) {
            return within(h, middle_of(i));
        }
    }
    return h->max;
}

uint64_t histogram_at_since(const struct histogram *h, const struct histogram *before, double share)
{
    double wanted = share * (double)(h->count - before->count);
    uint64_t seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && h->count > before->count; i++) {
        uint64_t more = h->bucket[i] - before->bucket[i];
        seen += more;
        if (more > 0 && (double)seen >= wanted) {
            return middle_of(i);
        }
    }
    return 0;
}

double histogram_mean(const struct histogram *h)
{
    return h->count == 0 ? 0 : (double)h->sum / (double)h->count;
}

uint64_t histogram_until(const struct histogram *h, uint64_t ns)
{
    unsigned last = bucket_of(ns < HISTOGRAM_TOP ? ns : HISTOGRAM_TOP - 1);
    uint64_t seen = 0;

    for (unsigned i = 0; i <= last; i++) {
        seen += h->bucket[i];
    }
    return seen;
}
