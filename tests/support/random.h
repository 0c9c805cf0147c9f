/*
 * random.h - a seeded generator for property tests (splitmix64: Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", 2014).
 *
 * random_seed() takes the seed from the environment variable TAFADI_SEED if it
 * is set, so that a failure can be repeated: print the seed when a law fails.
 */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 <= result < n, n > 0 (the bias is below 2^-32 for n < 2^32). */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
    return random_next(state) % n;
}

/* lo <= result < hi. */
static inline double random_between(uint64_t *state, double lo, double hi)
{
    return lo + (hi - lo) * ((double)(random_next(state) >> 11) * 0x1p-53);
}

static inline uint64_t random_seed(uint64_t otherwise)
{
    const char *text = getenv("TAFADI_SEED");
    return text ? strtoull(text, NULL, 0) : otherwise;
}

#endif
