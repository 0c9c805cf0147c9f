/*
 * random.h - a seeded generator (splitmix64) and random points for the geometry
 * tests. The seed comes from TAFADI_SEED or is fixed; tests print it on failure.
 */
#ifndef TESTS_GEO_RANDOM_H
#define TESTS_GEO_RANDOM_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <tafadi/geo.h>

struct random {
    uint64_t state, seed;
};

static inline struct random random_start(uint64_t fallback)
{
    const char *text = getenv("TAFADI_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : fallback;

    return (struct random){seed, seed};
}

static inline uint64_t random_bits(struct random *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in lo..hi. */
static inline double random_in(struct random *r, double lo, double hi)
{
    return lo + (hi - lo) * ((double)(random_bits(r) >> 11) * 0x1p-53);
}

/* Uniform in its logarithm. */
static inline double random_magnitude(struct random *r, double lo, double hi)
{
    return exp(random_in(r, log(lo), log(hi)));
}

static inline unsigned random_below(struct random *r, unsigned n)
{
    return (unsigned)(random_bits(r) % n);
}

/* Uniform on the sphere. */
static inline struct tf_latlng random_point(struct random *r)
{
    double z = random_in(r, -1.0, 1.0);

    return (struct tf_latlng){asin(z) * 57.29577951308232, random_in(r, -180.0, 180.0)};
}

#endif
