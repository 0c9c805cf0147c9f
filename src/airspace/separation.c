/*
 * separation.c - separation minima by pair of kinds, and the exact conflict test.
 */
#include "airspace/separation.h"

#include <assert.h>
#include <stddef.h>

/* Kinds whose pairs are demanded the same. */
enum group {
    PILOTED,  /* aircraft with people on board */
    SMALL,    /* uncrewed aircraft */
    BALLOON,  /* uncrewed, cannot evade */
    SURFACE,  /* on land and at sea */
    DANGER,   /* hazard areas */
    BOUNDARY, /* zones and sites: an area that already holds its own margin */
    UNKNOWN,  /* other: as strict as piloted */
    GROUP_COUNT
};

static const enum group GROUP_OF[TF_KIND_COUNT] = {
    [TF_KIND_OTHER] = UNKNOWN,  [TF_KIND_CREWED] = PILOTED,  [TF_KIND_ROTORCRAFT] = PILOTED,
    [TF_KIND_UNCREWED] = SMALL, [TF_KIND_GROUND] = SURFACE,  [TF_KIND_SEA] = SURFACE,
    [TF_KIND_HAZARD] = DANGER,  [TF_KIND_BALLOON] = BALLOON, [TF_KIND_ZONE] = BOUNDARY,
    [TF_KIND_SITE] = BOUNDARY,
};

#define MINIMA(h, v, s)                                                                            \
    {                                                                                              \
        (h), (v), (s)*TF_SECOND_NS                                                                 \
    }
/* The numbers of docs/separation.md, which says where they come from. */
#define RADAR MINIMA(5 * TF_NAUTICAL_MILE_M, 1000 * TF_FOOT_M, 120)
#define REMAIN_CLEAR MINIMA(2000 * TF_FOOT_M, 250 * TF_FOOT_M, 60)
#define SLOW_DRIFT MINIMA(500, 100 * TF_FOOT_M, 60)
#define BETWEEN_DRONES MINIMA(100, 30, 10)
#define OVER_SURFACE MINIMA(150, 150, 60)
#define LOW_OVER_SURFACE MINIMA(30, 30, 10)
#define NONE MINIMA(0, 0, 0)

/* Upper half; the lower is its mirror image. */
static const struct tf_separation DEFAULTS[GROUP_COUNT][GROUP_COUNT] = {
    [PILOTED] = {[PILOTED] = RADAR,
                 [SMALL] = REMAIN_CLEAR,
                 [BALLOON] = RADAR,
                 [SURFACE] = OVER_SURFACE,
                 [DANGER] = NONE,
                 [BOUNDARY] = NONE,
                 [UNKNOWN] = RADAR},
    [SMALL] = {[SMALL] = BETWEEN_DRONES,
               [BALLOON] = SLOW_DRIFT,
               [SURFACE] = LOW_OVER_SURFACE,
               [DANGER] = NONE,
               [BOUNDARY] = NONE,
               [UNKNOWN] = REMAIN_CLEAR},
    [BALLOON] = {[BALLOON] = SLOW_DRIFT,
                 [SURFACE] = LOW_OVER_SURFACE,
                 [DANGER] = NONE,
                 [BOUNDARY] = NONE,
                 [UNKNOWN] = RADAR},
    [SURFACE] = {[SURFACE] = NONE, [DANGER] = NONE, [BOUNDARY] = NONE, [UNKNOWN] = OVER_SURFACE},
    [DANGER] = {[DANGER] = NONE, [BOUNDARY] = NONE, [UNKNOWN] = NONE},
    [BOUNDARY] = {[BOUNDARY] = NONE, [UNKNOWN] = NONE},
    [UNKNOWN] = {[UNKNOWN] = RADAR},
};

static bool is_boundary(enum tf_kind kind)
{
    return GROUP_OF[kind] == BOUNDARY;
}

void tf_separation_uniform(struct tf_separation minima, struct tf_separation_table *out)
{
    for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
        for (enum tf_kind b = 0; b < TF_KIND_COUNT; b++) {
            out->pair[a][b] = minima;
            out->compared[a][b] = !(is_boundary(a) && is_boundary(b));
        }
}

void tf_separation_defaults(struct tf_separation_table *out)
{
    tf_separation_uniform((struct tf_separation){0}, out);
    for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
        for (enum tf_kind b = 0; b < TF_KIND_COUNT; b++) {
            enum group x = GROUP_OF[a], y = GROUP_OF[b];
            out->pair[a][b] = x < y ? DEFAULTS[x][y] : DEFAULTS[y][x];
        }
}

void tf_separation_set(struct tf_separation_table *table, enum tf_kind a, enum tf_kind b,
                       struct tf_separation minima)
{
    table->pair[a][b] = table->pair[b][a] = minima;
}

bool tf_separation_time_meets(const struct tf_volume4 *a, const struct tf_volume4 *b,
                              int64_t time_ns)
{
    return a->start_ns < tf_time_add(b->end_ns, time_ns) &&
           b->start_ns < tf_time_add(a->end_ns, time_ns);
}

void tf_separation_span(const struct tf_volume4 *a, const struct tf_volume4 *b, int64_t time_ns,
                        int64_t *first_ns, int64_t *last_ns)
{
    int64_t start_ns = a->start_ns > b->start_ns ? a->start_ns : b->start_ns;
    int64_t end_ns = a->end_ns < b->end_ns ? a->end_ns : b->end_ns;
    *first_ns = tf_time_add(start_ns, -(time_ns / 2));
    *last_ns = tf_time_add(end_ns, time_ns - time_ns / 2);
}

/* FL340 over FL330 is 1000 ft in whatever unit, also where metres are rounded. */
#define ROUNDING_M 1e-6

double tf_separation_gap_m(const struct tf_band *a, const struct tf_band *b,
                           const struct tf_separation *minima, bool *uncertain)
{
    return minima->horizontal_m > 0 ? tf_band_gap_m(a, b, uncertain)
                                    : tf_band_gap_at_place_m(a, b, uncertain);
}

bool tf_separation_gap_keeps(double gap_m, double vertical_m)
{
    return gap_m > 0 && gap_m >= vertical_m - ROUNDING_M;
}

/* The index relies on it that a gap in W84 is never refuted by tf_separation_gap_m. */
bool tf_volume4_conflicts(const struct tf_volume4 *a, const struct tf_volume4 *b,
                          const struct tf_separation *minima)
{
    assert(minima->horizontal_m >= 0 && minima->vertical_m >= 0 && minima->time_ns >= 0);
    if (!tf_separation_time_meets(a, b, minima->time_ns))
        return false;
    double gap_m = tf_separation_gap_m(&a->alt, &b->alt, minima, NULL);
    if (tf_separation_gap_keeps(gap_m, minima->vertical_m))
        return false;
    return tf_shape_within(a->shape, b->shape, minima->horizontal_m);
}
