/*
 * kmlvolumes.c - geometries of a Placemark into volumes.
 *
 * Heights, where ExtendedData does not give them (docs/formats.md):
 *   clampToGround      none said: unlimited
 *   polygon            from the ground to its highest corner, extruded or not
 *   line, point        from its lowest to its highest corner, each moved by the vertical
 *                      accuracy; extruded: from the ground
 *   relativeToGround is above ground, absolute above mean sea level.
 */
#include "format/kmldata.h"

#include <math.h>
#include <stdlib.h>

static const double DEFAULT_ACCURACY_H_M = 50, DEFAULT_ACCURACY_V_M = 30;

struct context {
    struct tf_reader *reader;
    const struct tf_kml_placemark *p;
    const struct tf_kml_geometry *g;
    struct tf_entity *into;
    struct tf_fault *fault;
};

static double accuracy_v_m(const struct context *c)
{
    double given = c->reader->options->accuracy_v_m;
    return given > 0 ? given : DEFAULT_ACCURACY_V_M;
}

static enum tf_alt_ref reference(const struct tf_kml_geometry *g)
{
    return g->mode == TF_KML_RELATIVE ? TF_ALT_AGL : TF_ALT_AMSL;
}

static void heights(const struct context *c, struct tf_alt *lower, struct tf_alt *upper)
{
    const struct tf_kml_ring *ring = &c->p->rings[c->g->first_ring];
    double low = INFINITY, high = -INFINITY;
    *lower = tf_alt_unlimited(true);
    *upper = tf_alt_unlimited(false);
    if (c->g->mode == TF_KML_CLAMPED || !c->g->has_z) {
        if (!c->p->has_lower && !c->p->has_upper)
            tf_reader_assume(c->reader, TF_ASSUMED_ALTITUDES);
    } else {
        for (size_t i = ring->first; i < ring->first + ring->count; i++) {
            low = fmin(low, c->p->vertices[i].z_m);
            high = fmax(high, c->p->vertices[i].z_m);
        }
        double margin_m = c->g->type == TF_KML_POLYGON ? 0 : accuracy_v_m(c);
        bool from_ground = c->g->extrude || c->g->type == TF_KML_POLYGON;
        *upper = (struct tf_alt){high + margin_m, TF_ALT_UNIT_M, reference(c->g)};
        *lower = (struct tf_alt){low - margin_m, TF_ALT_UNIT_M, reference(c->g)};
        if (from_ground)
            *lower = tf_alt_ground;
        /* A ceiling below the lowest ground is below the ground: then it bounds both. */
        if (from_ground && reference(c->g) == TF_ALT_AGL && high + margin_m < 0)
            lower->value = low;
    }
    if (c->p->has_lower)
        *lower = c->p->lower;
    if (c->p->has_upper)
        *upper = c->p->upper;
}

static enum tf_status add(const struct context *c, struct tf_shape *shape)
{
    struct tf_alt lower, upper;
    int64_t start_ns = TF_TIME_MIN, end_ns = TF_TIME_MAX;
    heights(c, &lower, &upper);
    if (!c->p->time.has_start && !c->p->time.has_end)
        tf_reader_times(c->reader, &start_ns, &end_ns);
    if (c->p->time.has_start)
        start_ns = c->p->time.start_ns;
    if (c->p->time.has_end)
        end_ns = c->p->time.end_ns;
    return tf_reader_volume(c->reader, c->into, shape, lower, upper, start_ns, end_ns, c->fault);
}

/* The points of a ring without heights; each that repeats the one before is dropped. */
static enum tf_status flat(const struct context *c, size_t ring, bool is_ring,
                           struct tf_points *out)
{
    const struct tf_kml_ring *r = &c->p->rings[ring];
    enum tf_status rc = TF_OK;
    for (size_t i = r->first; !rc && i < r->first + r->count; i++)
        rc = tf_points_push(out, c->p->vertices[i].at);
    tf_points_tidy(out, is_ring);
    return rc ? tf_fault_set(c->fault, rc, TF_NO_INDEX, "coordinates", NULL, NULL, NULL, NULL)
              : TF_OK;
}

static enum tf_status read_point(const struct context *c)
{
    struct tf_shape *shape;
    double radius_m = c->p->radius_m;
    if (isnan(radius_m)) {
        radius_m = tf_reader_site_radius_m(c->reader);
        tf_reader_assume(c->reader, TF_ASSUMED_RADIUS);
    }
    const struct tf_kml_ring *ring = &c->p->rings[c->g->first_ring];
    if (ring->count != 1)
        return tf_fault_set(c->fault, TF_SYNTAX, TF_NO_INDEX, "Point.coordinates",
                            TF_TEXT("A point needs one coordinate."), NULL, NULL, NULL);
    enum tf_status rc = tf_shape_circle(c->p->vertices[ring->first].at, radius_m, &shape, c->fault);
    return rc ? rc : add(c, shape);
}

static enum tf_status read_line(const struct context *c)
{
    struct tf_shape *shape;
    struct tf_points points = {0};
    double half_m = c->p->width_m / 2;
    if (isnan(half_m)) {
        half_m = tf_reader_half_width_m(c->reader);
        tf_reader_assume(c->reader, TF_ASSUMED_WIDTH);
    }
    enum tf_status rc = flat(c, c->g->first_ring, false, &points);
    if (!rc)
        rc = tf_shape_corridor(tf_points_ring(&points), half_m, c->p->edges, 0, &shape, c->fault);
    tf_points_release(&points);
    return rc ? rc : add(c, shape);
}

static enum tf_status grow_shape(const struct context *c, struct tf_shape **shape)
{
    if (isnan(c->p->radius_m) || c->p->radius_m == 0)
        return TF_OK;
    struct tf_shape *grown;
    enum tf_status rc = tf_shape_grow(*shape, c->p->radius_m, &grown, c->fault);
    if (!rc) {
        tf_shape_unref(*shape);
        *shape = grown;
    }
    return rc;
}

static enum tf_status read_polygon(const struct context *c)
{
    size_t count = c->g->ring_count;
    struct tf_shape *shape = NULL;
    struct tf_points *points = calloc(count, sizeof *points);
    struct tf_ring *rings = calloc(count, sizeof *rings);
    enum tf_status rc =
        points && rings ? TF_OK
                        : tf_fault_set(c->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    for (size_t i = 0; !rc && i < count; i++) {
        rc = flat(c, c->g->first_ring + i, true, &points[i]);
        rings[i] = tf_points_ring(&points[i]);
    }
    if (!rc)
        rc = tf_shape_polygon(rings, count, c->p->edges, 0, &shape, c->fault);
    if (!rc)
        rc = grow_shape(c, &shape);
    if (rc)
        tf_shape_unref(shape);
    else
        rc = add(c, shape);
    for (size_t i = 0; points && i < count; i++)
        tf_points_release(&points[i]);
    free(points);
    free(rings);
    return rc;
}

/* The volumes of one of several tracks, or of one beside other geometries. */
static enum tf_status add_track(const struct context *c, struct tf_waypoint *waypoints,
                                size_t count)
{
    struct tf_entity alone = {.kind = c->into->kind};
    enum tf_status rc = tf_reader_trajectory(c->reader, &alone, waypoints, count, c->fault);
    for (size_t i = 0; !rc && i < alone.volume_count; i++)
        rc = tf_entity_add_volume(c->into, &alone.volumes[i]);
    tf_entity_release(&alone);
    return rc;
}

/* Two points at one time: the later one is dropped; points of a track rise in time. */
static enum tf_status read_track(const struct context *c)
{
    const struct tf_kml_ring *ring = &c->p->rings[c->g->first_ring];
    double accuracy_h = c->reader->options->accuracy_h_m;
    bool clamped = c->g->mode == TF_KML_CLAMPED || !c->g->has_z;
    struct tf_waypoint *waypoints = calloc(ring->count ? ring->count : 1, sizeof *waypoints);
    size_t n = 0;
    if (!waypoints)
        return tf_fault_set(c->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        const struct tf_kml_vertex *v = &c->p->vertices[i];
        if (n > 0 && waypoints[n - 1].t_ns == v->t_ns)
            continue;
        waypoints[n++] = (struct tf_waypoint){
            .at = v->at,
            .alt = {clamped ? 0 : v->z_m, TF_ALT_UNIT_M, clamped ? TF_ALT_AGL : reference(c->g)},
            .t_ns = v->t_ns,
            .accuracy_h_m = accuracy_h > 0 ? accuracy_h : DEFAULT_ACCURACY_H_M,
            .accuracy_v_m = accuracy_v_m(c)};
    }
    if (n < 2) {
        free(waypoints);
        return tf_fault_set(c->fault, TF_UNSUPPORTED, TF_NO_INDEX, "Track",
                            TF_TEXT("A track needs two points in time at least."), NULL, NULL,
                            NULL);
    }
    return c->p->geometry_count > 1
               ? add_track(c, waypoints, n)
               : tf_reader_trajectory(c->reader, c->into, waypoints, n, c->fault);
}

enum tf_status tf_kml_volumes(struct tf_reader *reader, struct tf_kml_placemark *p,
                              struct tf_entity *into, struct tf_fault *fault)
{
    static enum tf_status (*const readers[])(const struct context *) = {
        [TF_KML_POINT] = read_point,
        [TF_KML_LINE] = read_line,
        [TF_KML_POLYGON] = read_polygon,
        [TF_KML_TRACK] = read_track,
    };
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < p->geometry_count; i++) {
        struct context c = {reader, p, &p->geometries[i], into, fault};
        if (c.g->ring_count == 0 || p->rings[c.g->first_ring].count == 0)
            rc = tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, "coordinates",
                              TF_TEXT("A geometry has no coordinates. Add them, or remove it."),
                              NULL, NULL, NULL);
        else
            rc = readers[c.g->type](&c);
    }
    return rc;
}
