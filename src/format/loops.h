/*
 * loops.h - rings as people draw them, made into rings that are simple.
 *
 * Files of borders repeat points, run out along a line and back, or pass through a
 * point twice (two areas drawn in one stroke, or a hole on a cut). A ring is cut where it
 * comes back to a point it has passed; what lies between is an area of its own.
 * Their union is never smaller than what was drawn (holes on a cut are filled). A
 * ring that crosses itself elsewhere is left to be refused by tf_shape_polygon.
 */
#ifndef TF_FORMAT_LOOPS_H
#define TF_FORMAT_LOOPS_H

#include "format/text.h"

enum { TF_LOOPS_MAX = 64 };

struct tf_shapes {
    struct tf_shape *items[TF_LOOPS_MAX]; /* owned */
    size_t count;
};
/* The polygons of one ring with geodesic edges; *cut is set if the ring had to be cut or a
 * spike was left out. Refusals as tf_shape_polygon; TF_TOO_LARGE: more than TF_LOOPS_MAX. */
enum tf_status tf_shapes_from_ring(const struct tf_points *ring, struct tf_shapes *out, bool *cut,
                                   struct tf_fault *fault);
void tf_shapes_release(struct tf_shapes *shapes);

#endif
