/*
 * path.h - lines and rings on the Earth as SVG path data, cut at the map's frame.
 *
 * A path collects projected points; edges that bend in the projection are cut into
 * pieces. Writing clips to a rectangle somewhat larger than the map (so that the
 * cut is not seen) and leaves out points that are less than half a pixel from the
 * one before, so that output is bounded by what can be seen.
 */
#ifndef TF_REPORT_PATH_H
#define TF_REPORT_PATH_H

#include "report/view.h"

struct path {
    const struct view *view; /* borrowed */
    struct xy *points, *spare;
    size_t count, capacity;
    struct tf_latlng last; /* where the previous edge ended */
    enum tf_status status; /* TF_NOMEM once memory ran out */
};

/* What part of the map a path covered, in pixels, after clipping. */
struct extent {
    double left, right, top, bottom; /* left > right: nothing */
};
struct extent extent_none(void);

void path_init(struct path *path, const struct view *view);
void path_release(struct path *path);
void path_clear(struct path *path);
/* One point without regard to the edge before it. */
void path_point(struct path *path, struct xy p);
/* The next vertex; the edge to it is straight in the projection (dense data). */
void path_dense(struct path *path, struct tf_latlng p);
/* The next vertex; the edge runs as `edges` says. */
void path_edge(struct path *path, struct tf_latlng p, enum tf_edges edges);
/* Write as a closed ring or an open line. Grow `extent` (may be NULL). Returns whether
 * anything was written. */
bool path_write_ring(struct path *path, struct tf_buf *out, struct extent *extent);
bool path_write_line(struct path *path, struct tf_buf *out, struct extent *extent);

#endif
