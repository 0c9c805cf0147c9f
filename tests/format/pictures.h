/*
 * pictures.h - random pictures, and whether two say the same.
 */
#ifndef TESTS_FORMAT_PICTURES_H
#define TESTS_FORMAT_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/tafadi.h>

/* What a format can say. Zero: everything. */
struct picture_limits {
    bool zones_only, operations_only;
    bool active_only;                /* only the four states of F3548; zones RESTRICTED */
    bool geodesic_only, lonlat_only; /* edges */
    bool circles_polygons;           /* no corridors, no grown polygons, no trajectories */
    bool no_holes;
    bool w84_metres_only, no_std; /* heights */
    bool surface_references;      /* AGL and AMSL only */
    bool whole_seconds, plain_texts, one_time, one_unit;
    bool no_names, no_notes, no_party, no_priority, no_category;
    int id_length; /* 0: as it comes */
};
/* Fails the test on an error. */
void random_picture(uint64_t *state, size_t entities, const struct picture_limits *limits,
                    struct tf_picture *out);
/* NULL if they say the same (sources aside, rings in any rotation and winding), else
 * what differs first, for the message. */
const char *picture_difference(const struct tf_picture *a, const struct tf_picture *b);

#endif
