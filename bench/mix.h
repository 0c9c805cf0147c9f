/*
 * mix.h - a busy continent for the benchmarks: volumes of one day over Europe.
 *
 *     80 %  drone flights: 5-30 minutes, corridors of 0.5-5 km or circles of
 *           0.1-1 km, below 120 m, around 300 towns
 *     10 %  jet corridors: 20-1000 km (uniform in the logarithm), 2 km to each
 *           side, on one flight level, at 230 m/s
 *     10 %  zones: circles and polygons of 0.2-5 km, from the ground to 300-3000 m,
 *           for weeks or until further notice, mostly outside of the towns
 *
 * Everything from one seed.
 */
#ifndef TAFADI_BENCH_MIX_H
#define TAFADI_BENCH_MIX_H

#include <tafadi/conflict.h>

#define MIX_DAY_NS (INT64_C(1795000000) * TF_SECOND_NS)

/* The next item; entity and volume are the caller's to set. Ends the program if memory runs out.
 * Release item->v4. */
struct tf_item mix_next(uint64_t *state);
/* A drone flight within one cell of about 1 km, in one hour. */
struct tf_item mix_in_cell(uint64_t *state);
/* `count` items, entity = place in the array. */
struct tf_item *mix_make(uint64_t seed, size_t count, struct tf_item (*next)(uint64_t *));
void mix_free(struct tf_item *items, size_t count);

/* Seconds of a monotonic clock; of this process's use of the processor (for long runs, on
 * machines that have other work too). */
double bench_now_s(void);
double bench_cpu_s(void);
/* Sorts, and returns the value at `part` (0..1) of it. */
double bench_quantile(double *values, size_t count, double part);
/* Ends the program with a message unless status is TF_OK. */
void bench_must(enum tf_status status, const char *what);

#endif
