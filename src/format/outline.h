/*
 * outline.h - any shape as polygons, for formats that know nothing else.
 *
 * The polygons are never smaller than the shape. A corridor is one ring for each
 * leg; a polygon is its border, its holes, and, if it is grown, a ring along each
 * edge: the shape is the union of all rings but the holes. A line without width gets
 * one of 1 m.
 */
#ifndef TF_FORMAT_OUTLINE_H
#define TF_FORMAT_OUTLINE_H

#include "format/json.h"
#include "format/text.h"

/* How far an outline may be outside of the true border. */
#define TF_OUTLINE_ERROR_M 1.0

struct tf_outline {
    struct tf_ring *rings; /* owned by `list` */
    size_t ring_count;
    struct tf_json_rings list;
};
/* TF_NOMEM or TF_OK. *out: tf_outline_release. */
enum tf_status tf_outline_of(const struct tf_shape *shape, struct tf_outline *out);
/* Whether the rings that the shape was made from can be written as they are, in a
 * format whose edges are `edges`: a polygon, not grown, whose edges are those or
 * so short that it makes no difference above TF_LONLAT_ERROR_M. */
bool tf_outline_is_own(const struct tf_shape *shape, enum tf_edges edges);
/* Ring 0 of a polygon is its border; the next ones are its holes. */
bool tf_outline_is_hole(const struct tf_shape *shape, size_t ring);
void tf_outline_release(struct tf_outline *outline);
/*
 * The line of a corridor for a format whose edges are geodesics: with more points where the
 * corridor's own edges are straight in longitude and latitude. *more_m: by how much the
 * corridor has to be wider on each side, because there would be too many of them. *out:
 * tf_points_release, also on failure.
 */
enum tf_status tf_outline_line(const struct tf_shape *corridor, struct tf_points *out,
                               double *more_m);

#endif
