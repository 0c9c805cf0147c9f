/*
 * outline.c - gathers the rings of tf_shape_outline.
 */
#include "format/outline.h"

#include "geo/angle.h"
#include <math.h>

struct gather {
    struct tf_json_rings *list;
    size_t ring;
    enum tf_status status;
};

static void gather_vertex(void *ctx, size_t ring, struct tf_latlng vertex)
{
    struct gather *g = ctx;
    if (ring != g->ring && !g->status)
        g->status = tf_json_rings_close(g->list, false);
    g->ring = ring;
    if (!g->status)
        g->status = tf_json_rings_add(g->list, vertex);
}

static enum tf_status gather_outline(const struct tf_shape *shape, struct tf_outline *out)
{
    *out = (struct tf_outline){0};
    struct gather g = {.list = &out->list};
    tf_shape_outline(shape, TF_OUTLINE_ERROR_M, gather_vertex, &g);
    if (!g.status)
        g.status = tf_json_rings_close(&out->list, false);
    if (g.status) {
        tf_outline_release(out);
        return g.status;
    }
    tf_json_rings_finish(&out->list);
    out->rings = out->list.rings;
    out->ring_count = out->list.ring_count;
    return TF_OK;
}

enum tf_status tf_outline_of(const struct tf_shape *shape, struct tf_outline *out)
{
    struct tf_shape *wider;
    bool thin = tf_shape_kind(shape) == TF_SHAPE_CORRIDOR && tf_shape_radius_m(shape) < 0.5;
    if (!thin)
        return gather_outline(shape, out);
    enum tf_status rc = tf_shape_grow(shape, 1, &wider, NULL);
    if (!rc) {
        rc = gather_outline(wider, out);
        tf_shape_unref(wider);
    }
    return rc;
}

bool tf_outline_is_hole(const struct tf_shape *shape, size_t ring)
{
    return tf_shape_kind(shape) == TF_SHAPE_POLYGON && ring > 0 &&
           ring < tf_shape_ring_count(shape);
}

/*
 * How far a geodesic and a line straight in longitude and latitude are apart, at
 * most, about: a parallel of latitude p bends by tan(p) / R away from a geodesic,
 * which over a length L makes L^2 tan(p) / 8R.
 */
static double bend_m(struct tf_latlng a, struct tf_latlng b)
{
    double lat_deg = fmin(89, fmax(fabs(a.lat_deg), fabs(b.lat_deg)));
    double length_m = tf_geodesic_inverse(a, b, NULL, NULL);
    return length_m * length_m * tan(lat_deg * TF_PI / 180) / (8 * 6.35e6);
}

bool tf_outline_is_own(const struct tf_shape *shape, enum tf_edges edges)
{
    if (tf_shape_kind(shape) != TF_SHAPE_POLYGON || tf_shape_radius_m(shape) > 0)
        return false;
    if (tf_shape_edges(shape) == edges)
        return true;
    for (size_t r = 0; r < tf_shape_ring_count(shape); r++) {
        struct tf_ring ring = tf_shape_ring(shape, r);
        for (size_t i = 0; i < ring.count; i++)
            if (bend_m(ring.vertices[i], ring.vertices[(i + 1) % ring.count]) > TF_LONLAT_ERROR_M)
                return false;
    }
    return true;
}

static struct tf_latlng between(struct tf_latlng a, struct tf_latlng b, double fraction)
{
    double lng_deg = a.lng_deg + fraction * remainder(b.lng_deg - a.lng_deg, 360);
    return (struct tf_latlng){a.lat_deg + fraction * (b.lat_deg - a.lat_deg),
                              remainder(lng_deg, 360)};
}

enum tf_status tf_outline_line(const struct tf_shape *corridor, struct tf_points *out,
                               double *more_m)
{
    enum { PIECES_MAX = 360 };
    struct tf_ring line = tf_shape_ring(corridor, 0);
    bool straight = tf_shape_edges(corridor) == TF_EDGES_LONLAT;
    enum tf_status rc = TF_OK;
    *more_m = 0;
    for (size_t i = 0; !rc && straight && i + 1 < line.count; i++) {
        struct tf_latlng a = line.vertices[i], b = line.vertices[i + 1];
        double apart_m = bend_m(a, b);
        double pieces = fmin(ceil(sqrt(apart_m / TF_LONLAT_ERROR_M)), PIECES_MAX);
        if (apart_m > TF_LONLAT_ERROR_M * pieces * pieces)
            *more_m = fmax(*more_m, apart_m / (pieces * pieces));
        rc = tf_points_push(out, a);
        for (double k = 1; !rc && k < pieces; k++)
            rc = tf_points_push(out, between(a, b, k / pieces));
    }
    for (size_t i = straight ? line.count - 1 : 0; !rc && i < line.count; i++)
        rc = tf_points_push(out, line.vertices[i]);
    return rc;
}

void tf_outline_release(struct tf_outline *outline)
{
    tf_json_rings_release(&outline->list);
    *outline = (struct tf_outline){0};
}
