/*
 * shapepath.c - outlines of circles, corridors and polygons in the projection.
 *
 * Corridors are outlined in the drawing's plane, where one outline can follow the
 * whole line: a half circle at the ends, an arc on the outer side of each bend.
 * The data keep their exact geometry; here it is a matter of pixels.
 */
#include "report/shapepath.h"

#include "geo/angle.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool shapepath_may_show(const struct view *view, const struct tf_shape *shape)
{
    double away = view_distance_m(view, tf_shape_centre(shape));
    return away * 0.99 <= view_reach_m(view) + tf_shape_extent_m(shape) * 1.01;
}

bool shapepath_covers(const struct path *path)
{
    const struct view *view = path->view;
    for (size_t i = 0; i < path->count; i++)
        if (view_holds(view, path->points[i]) ||
            (path->points[i].x > 0 && path->points[i].x < view->width) ||
            (path->points[i].y > 0 && path->points[i].y < view->height))
            return false;
    return path->count >= 4;
}

const char *shapepath_rule(const struct tf_shape *shape)
{
    bool plain = tf_shape_kind(shape) == TF_SHAPE_POLYGON && tf_shape_radius_m(shape) <= 0;
    return plain ? "evenodd" : "nonzero";
}

/* --- polygons as they are ---------------------------------------------------------- */

static bool write_rings(struct path *path, const struct tf_shape *shape, struct tf_buf *out,
                        struct extent *extent)
{
    bool wrote = false;
    enum tf_edges edges = tf_shape_edges(shape);
    for (size_t r = 0; r < tf_shape_ring_count(shape); r++) {
        struct tf_ring ring = tf_shape_ring(shape, r);
        path_clear(path);
        for (size_t i = 0; i <= ring.count; i++)
            path_edge(path, ring.vertices[i % ring.count], edges);
        wrote |= path_write_ring(path, out, extent);
    }
    return wrote;
}

/* --- circles and grown polygons ------------------------------------------------------ */

struct outline {
    struct path *path;
    struct tf_buf *out;
    struct extent *extent;
    size_t ring;
    bool wrote;
};

static void outline_close(struct outline *o)
{
    if (o->path->count > 0)
        o->wrote |= path_write_ring(o->path, o->out, o->extent);
    path_clear(o->path);
}

static void outline_vertex(void *ctx, size_t ring, struct tf_latlng vertex)
{
    struct outline *o = ctx;
    if (ring != o->ring)
        outline_close(o);
    o->ring = ring;
    path_edge(o->path, vertex, TF_EDGES_GEODESIC);
}

static bool write_outline(struct path *path, const struct tf_shape *shape, struct tf_buf *out,
                          struct extent *extent)
{
    struct outline o = {.path = path, .out = out, .extent = extent};
    double error_m = fmin(0.25 / path->view->px_per_m, tf_shape_radius_m(shape) / 60);
    path_clear(path);
    tf_shape_outline(shape, fmax(error_m, 0.001), outline_vertex, &o);
    outline_close(&o);
    return o.wrote;
}

/* --- corridors ----------------------------------------------------------------------- */

struct side {
    struct path *path;
    double r; /* half-width in pixels */
};

static void arc(const struct side *s, struct xy centre, double from, double turn)
{
    int steps = (int)ceil(fabs(turn) / 0.25);
    for (int i = 0; i <= steps; i++) {
        double angle = from + (steps ? turn * i / steps : 0);
        path_point(s->path,
                   (struct xy){centre.x + s->r * cos(angle), centre.y + s->r * sin(angle)});
    }
}

static double heading(struct xy a, struct xy b)
{
    return atan2(b.y - a.y, b.x - a.x);
}

/* Walks the line from its start to its end along its left side (in the drawing), with
 * the cap at its end. */
static void walk(const struct side *s, const struct xy *line, size_t n, bool backward)
{
    for (size_t i = 0; i + 1 < n; i++) {
        struct xy a = line[backward ? n - 1 - i : i], b = line[backward ? n - 2 - i : i + 1];
        double angle = heading(a, b), side = angle - TF_PI / 2;
        if (i == 0)
            arc(s, a, side, 0);
        if (i + 2 == n) {
            arc(s, b, side, TF_PI);
            continue;
        }
        struct xy c = line[backward ? n - 3 - i : i + 2];
        double turn = remainder(heading(b, c) - angle, 2 * TF_PI);
        double cut = s->r * tan(fabs(turn) / 2);
        bool inner = turn < 0; /* the left side is inside of a left bend */
        if (inner && cut < hypot(b.x - a.x, b.y - a.y) && cut < hypot(c.x - b.x, c.y - b.y)) {
            double middle = side + turn / 2, reach = s->r / cos(turn / 2);
            path_point(s->path, (struct xy){b.x + reach * cos(middle), b.y + reach * sin(middle)});
        } else {
            arc(s, b, side, turn);
        }
    }
}

/* Leaves out points that are closer than a pixel fraction to the one before. */
static size_t thin(struct xy *line, size_t n)
{
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (hypot(line[i].x - line[kept - 1].x, line[i].y - line[kept - 1].y) > 0.3)
            line[kept++] = line[i];
    return kept;
}

static bool write_corridor(struct path *path, const struct tf_shape *shape, struct tf_buf *out,
                           struct extent *extent)
{
    struct tf_ring ring = tf_shape_ring(shape, 0);
    struct side side = {path, tf_shape_radius_m(shape) * path->view->px_per_m};
    path_clear(path);
    for (size_t i = 0; i < ring.count; i++)
        path_edge(path, ring.vertices[i], tf_shape_edges(shape));
    if (path->status || path->count == 0)
        return false;
    struct xy *line = malloc(path->count * sizeof *line);
    if (!line) {
        path->status = TF_NOMEM;
        return false;
    }
    memcpy(line, path->points, path->count * sizeof *line);
    size_t n = thin(line, path->count);
    path_clear(path);
    side.r = fmax(side.r, 0.6);
    if (n == 1) {
        arc(&side, line[0], 0, 2 * TF_PI);
    } else {
        walk(&side, line, n, false);
        walk(&side, line, n, true);
    }
    free(line);
    return path_write_ring(path, out, extent);
}

bool shapepath_write(struct path *path, const struct tf_shape *shape, struct tf_buf *out,
                     struct extent *extent)
{
    if (tf_shape_kind(shape) == TF_SHAPE_CORRIDOR)
        return write_corridor(path, shape, out, extent);
    if (tf_shape_kind(shape) == TF_SHAPE_POLYGON && tf_shape_radius_m(shape) <= 0)
        return write_rings(path, shape, out, extent);
    return write_outline(path, shape, out, extent);
}
