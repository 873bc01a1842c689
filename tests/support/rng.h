#ifndef TESTS_SUPPORT_RNG_H
#define TESTS_SUPPORT_RNG_H

/* Random numbers that a seed repeats: xoshiro256** seeded by splitmix64 (Blackman and Vigna, "Scrambled
 * Linear Pseudorandom Number Generators", 2021). The same seed gives the same numbers on every machine,
 * and the same as tests/support/js/rng.mjs. */
#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state[4]; /* private */
};

void rng_init(struct rng *r, uint64_t seed);
/* The seed of a test: $CAHIER_SEED when set (decimal, or 0x…), else `fixed`. Prints it, with how to repeat
 * the run, on standard error, which Meson shows when a test fails. */
uint64_t rng_test_seed(uint64_t fixed);
uint64_t rng_next(struct rng *r);
/* 0 to bound - 1, each as likely; bound must not be 0. */
uint64_t rng_below(struct rng *r, uint64_t bound);
/* True `percent` times in a hundred. */
bool rng_chance(struct rng *r, unsigned percent);
/* A generator whose numbers do not depend on how many this one gives afterwards. */
struct rng rng_fork(struct rng *r);

#endif
