/*
 * points.h - random magnitudes and places for the geometry tests.
 */
#ifndef TESTS_GEO_POINTS_H
#define TESTS_GEO_POINTS_H

#include "../support/random.h"
#include <math.h>
#include <tafadi/geo.h>

/* Uniform in its logarithm. */
static inline double random_magnitude(uint64_t *state, double lo, double hi)
{
    return exp(random_between(state, log(lo), log(hi)));
}

/* Uniform on the sphere. */
static inline struct tf_latlng random_point(uint64_t *state)
{
    double z = random_between(state, -1.0, 1.0);
    struct tf_latlng p = {asin(z) * 57.29577951308232, random_between(state, -180.0, 180.0)};
    return p;
}

#endif
