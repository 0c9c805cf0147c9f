/*
 * shape.c - making outlines: validation, cutting of edges into short pieces,
 * bounds, and the one block of memory that a shape is.
 */
#include "geo/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_POINT_M 1e-6

/* A growing list of points while edges are cut. */
struct pieces {
    struct tf_vec3 *points;
    size_t count, capacity;
    double slop_m; /* greatest deviation found of lon/lat pieces */
};

static enum tf_status pieces_add(struct pieces *list, struct tf_vec3 p)
{
    if (list->count >= TF_MAX_PIECES)
        return TF_TOO_LARGE;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        struct tf_vec3 *points = realloc(list->points, capacity * sizeof *points);
        if (!points)
            return TF_NOMEM;
        list->points = points;
        list->capacity = capacity;
    }
    list->points[list->count++] = p;
    return TF_OK;
}

/* Points after a (the last in list) up to and with b, along the geodesic. */
static enum tf_status cut_geodesic(struct tf_latlng a, struct tf_latlng b, struct pieces *list)
{
    struct tf_vec3 end = tf_vec3_from_latlng(b);
    double chord_m = tf_v3_norm(tf_v3_sub(end, list->points[list->count - 1]));
    if (tf_arc_most(chord_m) <= TF_EDGE_PIECE_M) /* short: no need of the geodesic */
        return pieces_add(list, end);
    double azimuth_deg;
    double length_m = tf_geodesic_inverse(a, b, &azimuth_deg, NULL);
    double n = ceil(length_m / TF_EDGE_PIECE_M);
    if (n > TF_MAX_PIECES)
        return TF_TOO_LARGE;
    for (double i = 1.0; i < n; i++) {
        struct tf_latlng p = tf_geodesic_direct(a, azimuth_deg, length_m * i / n, NULL);
        enum tf_status rc = pieces_add(list, tf_vec3_from_latlng(p));
        if (rc)
            return rc;
    }
    return pieces_add(list, end);
}

/* A stretch of a straight line in longitude and latitude; longitudes not wrapped. */
struct stretch {
    struct tf_latlng a, b;
    struct tf_vec3 va, vb;
};

static struct tf_vec3 unwrapped(struct tf_latlng p)
{
    p.lng_deg = remainder(p.lng_deg, 360.0);
    return tf_vec3_from_latlng(p);
}

/* How far the stretch's true middle is from the middle of the geodesic a-b. */
static double deviation_m(const struct stretch *s, struct tf_vec3 middle)
{
    struct tf_vec3 chord = tf_v3_sub(s->vb, s->va);
    struct tf_vec3 sum = tf_v3_add(s->va, s->vb);
    double bulge_m = tf_v3_dot(chord, chord) / (8.0 * TF_RADIUS_MIN_M);
    struct tf_vec3 normal = tf_v3_normal(sum);
    struct tf_vec3 arc =
        tf_v3_add(tf_v3_scale(sum, 0.5), tf_v3_scale(normal, bulge_m / tf_v3_norm(normal)));
    return tf_v3_norm(tf_v3_sub(arc, middle));
}

static enum tf_status cut_stretch(const struct stretch *s, double max_error_m, int depth,
                                  struct pieces *list)
{
    struct tf_latlng mid = {(s->a.lat_deg + s->b.lat_deg) / 2.0,
                            (s->a.lng_deg + s->b.lng_deg) / 2.0};
    struct tf_vec3 middle = unwrapped(mid);
    double length_m = tf_v3_norm(tf_v3_sub(s->vb, s->va));
    double via_m = tf_v3_norm(tf_v3_sub(s->va, middle)) + tf_v3_norm(tf_v3_sub(middle, s->vb));
    double off_m = deviation_m(s, middle);
    if (via_m <= TF_EDGE_PIECE_M && length_m > 0.0 && off_m <= max_error_m) {
        if (off_m > list->slop_m && off_m > 0.001)
            list->slop_m = off_m;
        return pieces_add(list, s->vb);
    }
    if (depth == 0)
        return TF_TOO_LARGE;
    struct stretch first = {s->a, mid, s->va, middle}, second = {mid, s->b, middle, s->vb};
    enum tf_status rc = cut_stretch(&first, max_error_m, depth - 1, list);
    return rc ? rc : cut_stretch(&second, max_error_m, depth - 1, list);
}

static enum tf_status cut_lonlat(struct tf_latlng a, struct tf_latlng b, double max_error_m,
                                 struct pieces *list)
{
    double d_deg = b.lng_deg - a.lng_deg;
    if (d_deg > 180.0)
        b.lng_deg -= 360.0;
    else if (d_deg < -180.0)
        b.lng_deg += 360.0;
    if (fabs(a.lat_deg) == 90.0)
        a.lng_deg = b.lng_deg;
    if (fabs(b.lat_deg) == 90.0)
        b.lng_deg = a.lng_deg;
    struct stretch s = {a, b, unwrapped(a), unwrapped(b)};
    return cut_stretch(&s, max_error_m, 40, list);
}

/* What a constructor was asked for. */
struct request {
    enum tf_shape_kind kind;
    enum tf_edges edges;
    const struct tf_ring *rings;
    size_t ring_count;
    double radius_m, max_error_m;
    struct tf_fault *fault;
};

static enum tf_status refuse_vertex(const struct request *q, enum tf_status code, size_t ring,
                                    size_t vertex, const char *part, const char *message)
{
    char field[64], number[24];
    snprintf(field, sizeof field, "rings[%zu].vertices[%zu]%s", ring, vertex, part);
    snprintf(number, sizeof number, "%zu", vertex);
    return tf_fault_set(q->fault, code, vertex, field, message, number, NULL, NULL);
}

static bool same_point(struct tf_latlng a, struct tf_latlng b)
{
    struct tf_vec3 d = tf_v3_sub(tf_vec3_from_latlng(a), tf_vec3_from_latlng(b));
    return tf_v3_dot(d, d) <= SAME_POINT_M * SAME_POINT_M;
}

/* Number of vertices without a repeated last one. */
static size_t open_count(const struct request *q, struct tf_ring ring)
{
    size_t n = ring.count;
    if (q->kind == TF_SHAPE_POLYGON && n > 1 && same_point(ring.vertices[0], ring.vertices[n - 1]))
        n--;
    return n;
}

static enum tf_status check_vertex(const struct request *q, size_t r, size_t i)
{
    const struct tf_latlng *p = &q->rings[r].vertices[i];
    if (!(p->lat_deg >= -90.0 && p->lat_deg <= 90.0))
        return refuse_vertex(q, TF_RANGE, r, i, ".lat_deg",
                             TF_TEXT("The latitude of vertex %1 is not within -90 to 90 degrees. "
                                     "Are latitude and longitude swapped?"));
    if (!(p->lng_deg >= -180.0 && p->lng_deg <= 180.0))
        return refuse_vertex(q, TF_RANGE, r, i, ".lng_deg",
                             TF_TEXT("The longitude of vertex %1 is not within -180 to 180 "
                                     "degrees. Correct it."));
    return TF_OK;
}

static enum tf_status check_ring(const struct request *q, size_t r)
{
    struct tf_ring ring = q->rings[r];
    for (size_t i = 0; i < ring.count; i++) {
        enum tf_status rc = check_vertex(q, r, i);
        if (rc)
            return rc;
    }
    size_t n = open_count(q, ring), least = q->kind == TF_SHAPE_POLYGON ? 3 : 1;
    if (n < least)
        return refuse_vertex(q, TF_RING, r, n ? n - 1 : 0, "",
                             TF_TEXT("A ring needs at least three different vertices, a line "
                                     "at least one. Add the missing ones."));
    for (size_t i = 1; i < n; i++)
        if (same_point(ring.vertices[i - 1], ring.vertices[i]))
            return refuse_vertex(q, TF_RING, r, i, "",
                                 TF_TEXT("Vertex %1 repeats the one before it: an edge of length "
                                         "zero. Remove it."));
    return TF_OK;
}

static enum tf_status check_request(const struct request *q)
{
    if (!(q->radius_m >= 0.0 && q->radius_m <= TF_SHAPE_MAX_RADIUS_M))
        return tf_fault_set(q->fault, TF_RANGE, TF_NO_INDEX, "radius_m",
                            TF_TEXT("The radius or half-width must be between 0 and 5,000 km. "
                                    "Correct it."),
                            NULL, NULL, NULL);
    if (!(q->max_error_m >= 0.0))
        return tf_fault_set(q->fault, TF_RANGE, TF_NO_INDEX, "max_error_m",
                            TF_TEXT("The permitted error must not be negative."), NULL, NULL, NULL);
    size_t total = 0;
    for (size_t r = 0; r < q->ring_count && r <= TF_SHAPE_MAX_RINGS; r++) {
        total += q->rings[r].count < TF_SHAPE_MAX_VERTICES ? q->rings[r].count
                                                           : TF_SHAPE_MAX_VERTICES + 1;
        if (total > TF_SHAPE_MAX_VERTICES)
            break;
    }
    if (total > TF_SHAPE_MAX_VERTICES || q->ring_count > TF_SHAPE_MAX_RINGS)
        return tf_fault_set(q->fault, TF_TOO_LARGE, TF_NO_INDEX, "rings",
                            TF_TEXT("The outline has more than 100,000 vertices or 1,000 rings. "
                                    "Simplify or split it."),
                            NULL, NULL, NULL);
    if (q->ring_count == 0)
        return tf_fault_set(q->fault, TF_MISSING, TF_NO_INDEX, "rings",
                            TF_TEXT("The outline has no vertices."), NULL, NULL, NULL);
    for (size_t r = 0; r < q->ring_count; r++) {
        enum tf_status rc = check_ring(q, r);
        if (rc)
            return rc;
    }
    return TF_OK;
}

/* Cuts every ring; starts[r] is where ring r begins in list. */
static enum tf_status cut_rings(const struct request *q, struct pieces *list, uint32_t *starts)
{
    enum tf_status rc = TF_OK;
    double error_m = q->max_error_m > 0.0 ? q->max_error_m : TF_LONLAT_ERROR_M;
    for (size_t r = 0; r < q->ring_count && !rc; r++) {
        const struct tf_latlng *v = q->rings[r].vertices;
        size_t n = open_count(q, q->rings[r]);
        size_t edges = q->kind == TF_SHAPE_POLYGON ? n : n - 1;
        starts[r] = (uint32_t)list->count;
        rc = pieces_add(list, tf_vec3_from_latlng(v[0]));
        for (size_t i = 0; i < edges && !rc; i++) {
            struct tf_latlng a = v[i], b = v[(i + 1) % n];
            rc = q->edges == TF_EDGES_LONLAT ? cut_lonlat(a, b, error_m, list)
                                             : cut_geodesic(a, b, list);
        }
        if (!rc && q->kind == TF_SHAPE_POLYGON)
            list->points[list->count - 1] = list->points[starts[r]];
    }
    starts[q->ring_count] = (uint32_t)list->count;
    return rc;
}

/* Number of nodes on each level over `edges` edges, into level_start; levels used. */
static uint8_t plan_levels(uint32_t edges, uint32_t level_start[TF_MAX_LEVELS + 1])
{
    uint8_t levels = 0;
    level_start[0] = 0;
    for (uint32_t n = edges; n > TF_BLOCK || (levels > 0 && n > 1);) {
        n = (n + TF_BLOCK - 1) / TF_BLOCK;
        level_start[levels + 1] = level_start[levels] + n;
        levels++;
    }
    return levels;
}

/* The sphere around the points' box. */
static struct tf_sphere sphere_of_points(const struct tf_vec3 *p, size_t n)
{
    struct tf_vec3 lo = p[0], hi = p[0];
    for (size_t i = 1; i < n; i++) {
        lo = tf_v3(fmin(lo.x_m, p[i].x_m), fmin(lo.y_m, p[i].y_m), fmin(lo.z_m, p[i].z_m));
        hi = tf_v3(fmax(hi.x_m, p[i].x_m), fmax(hi.y_m, p[i].y_m), fmax(hi.z_m, p[i].z_m));
    }
    struct tf_sphere s = {tf_v3_scale(tf_v3_add(lo, hi), 0.5), 0.0};
    for (size_t i = 0; i < n; i++)
        s.radius_m = fmax(s.radius_m, tf_v3_norm(tf_v3_sub(p[i], s.centre)));
    s.radius_m += TF_BULGE_M;
    return s;
}

static void fill_spheres(struct tf_shape *s)
{
    for (uint32_t k = 0; s->levels > 0 && k < s->level_start[1]; k++) {
        struct tf_vec3 ends[2 * TF_BLOCK];
        size_t n = 0;
        for (uint32_t e = k * TF_BLOCK; e < (k + 1) * TF_BLOCK && e < s->edge_count; e++) {
            ends[n++] = s->points[tf_edge_point(s, e)];
            ends[n++] = s->points[tf_edge_end(s, e)];
        }
        s->spheres[k] = sphere_of_points(ends, n);
    }
    for (int level = 1; level < s->levels; level++) {
        const struct tf_sphere *below = s->spheres + s->level_start[level - 1];
        uint32_t n = s->level_start[level] - s->level_start[level - 1];
        struct tf_sphere *here = s->spheres + s->level_start[level];
        for (uint32_t first = 0; first < n; first += TF_BLOCK, here++) {
            uint32_t last = first + TF_BLOCK < n ? first + TF_BLOCK : n;
            struct tf_vec3 sum = {0, 0, 0};
            for (uint32_t i = first; i < last; i++)
                sum = tf_v3_add(sum, below[i].centre);
            here->centre = tf_v3_scale(sum, 1.0 / (last - first));
            here->radius_m = 0.0;
            for (uint32_t i = first; i < last; i++) {
                double d = tf_v3_norm(tf_v3_sub(below[i].centre, here->centre));
                here->radius_m = fmax(here->radius_m, d + below[i].radius_m);
            }
        }
    }
}

/* A unit vector about which all points lie within a small angle: the middle of the
 * box, moved towards the farthest point in shrinking steps (Badoiu, Clarkson). */
static struct tf_vec3 middle_direction(const struct tf_vec3 *p, size_t n)
{
    struct tf_vec3 c = sphere_of_points(p, n).centre;
    double length = tf_v3_norm(c);
    if (length < 1.0)
        c = p[0], length = tf_v3_norm(c);
    c = tf_v3_scale(c, 1.0 / length);
    if (length > 0.7 * TF_WGS84_A_M) /* the cap is smaller than about 45 degrees */
        return c;
    for (int step = 1; step <= 64; step++) {
        size_t far = 0;
        double least = INFINITY;
        for (size_t i = 0; i < n; i++) {
            double cosine = tf_v3_dot(c, p[i]) / tf_v3_norm(p[i]);
            if (cosine < least)
                least = cosine, far = i;
        }
        struct tf_vec3 pull = tf_v3_scale(p[far], 1.0 / (tf_v3_norm(p[far]) * (step + 1)));
        c = tf_v3_add(c, pull);
        c = tf_v3_scale(c, 1.0 / tf_v3_norm(c));
    }
    return c;
}

/* Centre and extent; false if an area does not fit in an open hemisphere. */
static bool fill_cap(struct tf_shape *s)
{
    struct tf_vec3 c = middle_direction(s->points, s->point_count);
    double chord_sq = 0.0, least = INFINITY;
    s->centre = tf_latlng_from_vec3(tf_v3_scale(c, TF_WGS84_A_M));
    if (s->point_count == 1)
        s->centre = s->vertices[0];
    s->centre_v = tf_vec3_from_latlng(s->centre);
    for (uint32_t i = 0; i < s->point_count; i++) {
        struct tf_vec3 d = tf_v3_sub(s->points[i], s->centre_v);
        chord_sq = fmax(chord_sq, tf_v3_dot(d, d));
        least = fmin(least, tf_v3_dot(c, s->points[i]));
    }
    double bulge_m = s->point_count > 1 ? TF_BULGE_M : 0.0;
    s->extent_m = tf_arc_most(sqrt(chord_sq)) + s->radius_m + s->slop_m + bulge_m;
    return least > 0.01 * TF_WGS84_A_M;
}

/* The core's box. A coordinate takes its extremes on the border, or, in an
 * area, where the ellipsoid itself does. */
static void fill_box(struct tf_shape *s)
{
    double bulge_m = s->point_count > 1 ? TF_BULGE_M : 0.0;
    for (int axis = 0; axis < 3; axis++) {
        double lo = INFINITY, hi = -INFINITY;
        for (uint32_t i = 0; i < s->point_count; i++) {
            const struct tf_vec3 *p = &s->points[i];
            double c = axis == 0 ? p->x_m : axis == 1 ? p->y_m : p->z_m;
            lo = fmin(lo, c);
            hi = fmax(hi, c);
        }
        s->box.lo[axis] = lo - bulge_m;
        s->box.hi[axis] = hi + bulge_m;
    }
    static const struct tf_latlng extremes[3][2] = {
        {{0, 180}, {0, 0}}, {{0, -90}, {0, 90}}, {{-90, 0}, {90, 0}}};
    for (int axis = 0; axis < 3 && s->kind == TF_SHAPE_POLYGON; axis++) {
        double reach_m = axis == 2 ? TF_WGS84_A_M * (1.0 - TF_WGS84_F) : TF_WGS84_A_M;
        if (tf_area_has(s, tf_vec3_from_latlng(extremes[axis][0])))
            s->box.lo[axis] = -reach_m;
        if (tf_area_has(s, tf_vec3_from_latlng(extremes[axis][1])))
            s->box.hi[axis] = reach_m;
    }
}

/* One block of memory for the shape and all its arrays. */
static struct tf_shape *allocate(const struct request *q, uint32_t points, uint32_t vertices)
{
    uint32_t rings = (uint32_t)q->ring_count;
    uint32_t edges = q->kind == TF_SHAPE_POLYGON ? points - rings : points > 1 ? points - 1 : 1;
    uint32_t level_start[TF_MAX_LEVELS + 1];
    uint8_t levels = plan_levels(edges, level_start);
    size_t spheres = level_start[levels];
    size_t bytes = sizeof(struct tf_shape) + points * sizeof(struct tf_vec3) +
                   spheres * sizeof(struct tf_sphere) + vertices * sizeof(struct tf_latlng) +
                   (2 * (size_t)rings + 2 + (rings > 1 ? edges : 0)) * sizeof(uint32_t);
    struct tf_shape *s = malloc(bytes);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    s->bytes = bytes;
    s->points = (struct tf_vec3 *)(s + 1);
    s->spheres = (struct tf_sphere *)(s->points + points);
    s->vertices = (struct tf_latlng *)(s->spheres + spheres);
    s->ring_start = (uint32_t *)(s->vertices + vertices);
    s->point_start = s->ring_start + rings + 1;
    s->edge_point = rings > 1 ? s->point_start + rings + 1 : NULL;
    atomic_init(&s->refs, 1);
    s->kind = (uint8_t)q->kind;
    s->edges = (uint8_t)q->edges;
    s->levels = levels;
    memcpy(s->level_start, level_start, sizeof level_start);
    s->radius_m = q->radius_m;
    s->ring_count = rings;
    s->vertex_count = vertices;
    s->point_count = points;
    s->edge_count = edges;
    return s;
}

static void copy_in(struct tf_shape *s, const struct request *q, const struct pieces *list,
                    const uint32_t *starts)
{
    uint32_t vertex = 0, edge = 0;
    memcpy(s->points, list->points, list->count * sizeof *list->points);
    memcpy(s->point_start, starts, (q->ring_count + 1) * sizeof *starts);
    for (size_t r = 0; r < q->ring_count; r++) {
        size_t n = open_count(q, q->rings[r]);
        s->ring_start[r] = vertex;
        memcpy(s->vertices + vertex, q->rings[r].vertices, n * sizeof *s->vertices);
        vertex += (uint32_t)n;
        for (uint32_t i = starts[r]; s->edge_point && i + 1 < starts[r + 1]; i++)
            s->edge_point[edge++] = i;
    }
    s->ring_start[q->ring_count] = vertex;
    s->slop_m = list->slop_m;
    fill_spheres(s);
}

static enum tf_status refuse_large(const struct request *q)
{
    return tf_fault_set(q->fault, TF_TOO_LARGE, TF_NO_INDEX, "rings",
                        TF_TEXT("The area does not fit in a hemisphere, or its edges are too long "
                                "to be represented. Split it."),
                        NULL, NULL, NULL);
}

static enum tf_status make(const struct request *q, struct tf_shape **out)
{
    struct pieces list = {0};
    struct tf_shape *s = NULL;
    uint32_t *starts = NULL;
    uint32_t vertices = 0;
    enum tf_status rc = check_request(q);
    if (rc)
        return rc;
    starts = calloc(q->ring_count + 1, sizeof *starts);
    rc = starts ? cut_rings(q, &list, starts) : TF_NOMEM;
    if (rc)
        goto out;
    for (size_t r = 0; r < q->ring_count; r++)
        vertices += (uint32_t)open_count(q, q->rings[r]);
    s = allocate(q, (uint32_t)list.count, vertices);
    if (!s) {
        rc = TF_NOMEM;
        goto out;
    }
    copy_in(s, q, &list, starts);
    if (!fill_cap(s) && q->kind == TF_SHAPE_POLYGON)
        rc = TF_TOO_LARGE;
    if (!rc && q->kind == TF_SHAPE_POLYGON)
        rc = tf_rings_check(s, q->fault);
    if (!rc) {
        fill_box(s);
        *out = s;
        s = NULL;
    }
out:
    if (rc == TF_TOO_LARGE)
        refuse_large(q);
    else if (rc == TF_NOMEM)
        tf_fault_set(q->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    tf_shape_unref(s);
    free(starts);
    free(list.points);
    return rc;
}

enum tf_status tf_shape_circle(struct tf_latlng centre, double radius_m, struct tf_shape **out,
                               struct tf_fault *fault)
{
    struct tf_ring ring = {&centre, 1};
    struct request q = {.kind = TF_SHAPE_CIRCLE,
                        .rings = &ring,
                        .ring_count = 1,
                        .radius_m = radius_m,
                        .fault = fault};
    return make(&q, out);
}

enum tf_status tf_shape_corridor(struct tf_ring line, double half_width_m, enum tf_edges edges,
                                 double max_error_m, struct tf_shape **out, struct tf_fault *fault)
{
    struct request q = {.kind = line.count == 1 ? TF_SHAPE_CIRCLE : TF_SHAPE_CORRIDOR,
                        .edges = edges,
                        .rings = &line,
                        .ring_count = 1,
                        .radius_m = half_width_m,
                        .max_error_m = max_error_m,
                        .fault = fault};
    return make(&q, out);
}

enum tf_status tf_shape_polygon(const struct tf_ring *rings, size_t ring_count, enum tf_edges edges,
                                double max_error_m, struct tf_shape **out, struct tf_fault *fault)
{
    struct request q = {.kind = TF_SHAPE_POLYGON,
                        .edges = edges,
                        .rings = rings,
                        .ring_count = ring_count,
                        .max_error_m = max_error_m,
                        .fault = fault};
    return make(&q, out);
}

enum tf_status tf_shape_rectangle(double south_deg, double west_deg, double north_deg,
                                  double east_deg, struct tf_shape **out, struct tf_fault *fault)
{
    double width_deg = east_deg - west_deg + (east_deg < west_deg ? 360.0 : 0.0);
    if (!(south_deg < north_deg))
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "north_deg",
                            TF_TEXT("The northern limit must be north of the southern one."), NULL,
                            NULL, NULL);
    if (!(width_deg > 0.0 && width_deg <= 170.0))
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "east_deg",
                            TF_TEXT("A rectangle may span more than 0 and at most 170 degrees of "
                                    "longitude. Split it."),
                            NULL, NULL, NULL);
    struct tf_latlng v[4];
    size_t n = 0;
    v[n++] = (struct tf_latlng){south_deg, west_deg};
    if (south_deg > -90.0)
        v[n++] = (struct tf_latlng){south_deg, east_deg};
    v[n++] = (struct tf_latlng){north_deg, east_deg};
    if (north_deg < 90.0)
        v[n++] = (struct tf_latlng){north_deg, west_deg};
    struct tf_ring ring = {v, n};
    return tf_shape_polygon(&ring, 1, TF_EDGES_LONLAT, 0.0, out, fault);
}

struct tf_shape *tf_shape_ref(const struct tf_shape *shape)
{
    struct tf_shape *s = (struct tf_shape *)(uintptr_t)shape; /* only the count changes */
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void tf_shape_unref(const struct tf_shape *shape)
{
    struct tf_shape *s = (struct tf_shape *)(uintptr_t)shape;
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        free(s);
}

enum tf_shape_kind tf_shape_kind(const struct tf_shape *shape)
{
    return (enum tf_shape_kind)shape->kind;
}

enum tf_edges tf_shape_edges(const struct tf_shape *shape)
{
    return (enum tf_edges)shape->edges;
}

size_t tf_shape_ring_count(const struct tf_shape *shape)
{
    return shape->ring_count;
}

struct tf_ring tf_shape_ring(const struct tf_shape *shape, size_t index)
{
    if (index >= shape->ring_count)
        return (struct tf_ring){NULL, 0};
    const uint32_t *start = shape->ring_start + index;
    return (struct tf_ring){shape->vertices + start[0], start[1] - start[0]};
}

double tf_shape_radius_m(const struct tf_shape *shape)
{
    return shape->radius_m;
}

double tf_shape_slop_m(const struct tf_shape *shape)
{
    return shape->slop_m;
}

size_t tf_shape_memory_bytes(const struct tf_shape *shape)
{
    return shape->bytes;
}

struct tf_latlng tf_shape_centre(const struct tf_shape *shape)
{
    return shape->centre;
}

double tf_shape_extent_m(const struct tf_shape *shape)
{
    return shape->extent_m;
}

void tf_shape_box(const struct tf_shape *shape, double by_m, struct tf_box3 *out)
{
    double grow_m = by_m + shape->radius_m + shape->slop_m + TF_GEO_TOLERANCE_M;
    for (int axis = 0; axis < 3; axis++) {
        out->lo[axis] = shape->box.lo[axis] - grow_m;
        out->hi[axis] = shape->box.hi[axis] + grow_m;
    }
}
