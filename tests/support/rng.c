#include "tests/support/rng.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void rng_init(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        r->state[i] = splitmix64(&seed);
    }
}

uint64_t rng_test_seed(uint64_t fixed)
{
    const char *text = getenv("CAHIER_SEED");
    uint64_t seed = fixed;
    char *end;

    if (text != NULL && *text != '\0') {
        seed = strtoull(text, &end, 0);
        if (*end != '\0') {
            fprintf(stderr, "CAHIER_SEED=%s is not a number\n", text);
            exit(1);
        }
    }
    fprintf(stderr, "seed %" PRIu64 " (repeat with CAHIER_SEED=%" PRIu64 ")\n", seed, seed);
    return seed;
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *r, uint64_t bound)
{
    uint64_t x, excess;

    assert(bound > 0);
    excess = (0 - bound) % bound; /* 2^64 mod bound: the numbers below it would come once too often */
    do {
        x = rng_next(r);
    } while (x < excess);
    return x % bound;
}

bool rng_chance(struct rng *r, unsigned percent)
{
    return rng_below(r, 100) < percent;
}

struct rng rng_fork(struct rng *r)
{
    struct rng out;

    rng_init(&out, rng_next(r));
    return out;
}
