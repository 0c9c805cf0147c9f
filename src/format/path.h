/*
 * path.h - borders made of points and arcs, as OpenAir and ACOs draw them.
 *
 * Arcs are cut so that the ring is never smaller than what was written: where the area
 * is inside of the arc, along tangents; where it is outside, along chords. The
 * deviation is at most TF_ARC_ERROR_M.
 */
#ifndef TF_FORMAT_PATH_H
#define TF_FORMAT_PATH_H

#include "format/text.h"

#define TF_ARC_ERROR_M 1.0

/* A point, or an arc about a centre: from azimuth_deg, turning sweep_deg (clockwise
 * positive), its radius going evenly from radius_a to radius_b. */
struct tf_path_item {
    bool is_arc, has_ends;
    struct tf_latlng at;   /* point */
    struct tf_latlng a, b; /* ends of the arc, if has_ends (exactly as written) */
    struct tf_latlng centre;
    double radius_a_m, radius_b_m, azimuth_deg, sweep_deg;
};
/* Zero is valid. */
struct tf_path {
    struct tf_path_item *items; /* owned */
    size_t count, capacity;
};
/* TF_NOMEM; TF_TOO_LARGE. */
enum tf_status tf_path_point(struct tf_path *path, struct tf_latlng p);
/* From a to b about the centre. Equal ends: a full circle. */
enum tf_status tf_path_arc_between(struct tf_path *path, struct tf_latlng centre,
                                   struct tf_latlng a, struct tf_latlng b, bool clockwise);
/* Between two azimuths (degrees). */
enum tf_status tf_path_arc_angles(struct tf_path *path, struct tf_latlng centre, double radius_m,
                                  double from_deg, double to_deg, bool clockwise);
void tf_path_release(struct tf_path *path);
/* The ring of points; `out` is appended to. */
enum tf_status tf_path_ring(const struct tf_path *path, struct tf_points *out);

#endif
