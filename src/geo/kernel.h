/*
 * kernel.h - inside of a shape: how outlines are stored, and the 3D kernel.
 *
 * Every core is a sequence of points on the ellipsoid in Earth-centred
 * coordinates, joined by edges of at most TF_EDGE_PIECE_M. A ring repeats its
 * first point at its end; a circle's core is one point, that is, one edge of
 * length zero. Edges are numbered through all rings.
 *
 * An edge is not its 3D chord but the parabola over it that meets the
 * surface:
 *                 .  -  ~  -  .          Q(t) = A + t D + t (1-t) |D|^2 k n
 *              A ---------------- B
 *
 * with D = B - A, n along the surface normal at mid-edge and k = 1/(2R). For
 * 5 km the parabola's height (0.49 m) is right to 4 mm and its course over the
 * ground to much less.
 *
 * For pruning, blocks of TF_BLOCK consecutive edges have bounding spheres, and blocks of
 * blocks, up to one.
 */
#ifndef TF_GEO_KERNEL_H
#define TF_GEO_KERNEL_H

#include "geo/angle.h"
#include <math.h>
#include <stdatomic.h>
#include <tafadi/geo.h>

#define TF_SQRT2 1.41421356237309504880
#define TF_WGS84_E2 (TF_WGS84_F * (2.0 - TF_WGS84_F))
/* Least and greatest radius of curvature of the ellipsoid (meridian at the
 * equator; at the poles), rounded outward. */
#define TF_RADIUS_MIN_M 6335439.0
#define TF_RADIUS_MAX_M 6399594.0
/* What the kernel's own approximations may amount to. */
#define TF_KERNEL_ERROR_M 0.005
/* Height of the arc over the chord of a longest piece, rounded up. */
#define TF_BULGE_M 0.5

enum { TF_BLOCK = 8, TF_MAX_LEVELS = 8, TF_MAX_PIECES = 200000 };

struct tf_sphere {
    struct tf_vec3 centre;
    double radius_m;
};

struct tf_shape {
    atomic_uint refs;
    uint8_t kind, edges, levels;
    double radius_m, slop_m, extent_m;
    struct tf_latlng centre;
    struct tf_vec3 centre_v;
    struct tf_box3 box; /* of the core */
    uint32_t ring_count, vertex_count, point_count, edge_count;
    uint32_t level_start[TF_MAX_LEVELS + 1]; /* into spheres; level 0 = blocks of edges */
    size_t bytes;
    /* In the same block of memory: */
    struct tf_vec3 *points;
    struct tf_sphere *spheres;  /* none if edge_count <= TF_BLOCK */
    struct tf_latlng *vertices; /* as given, rings open */
    uint32_t *ring_start;       /* ring_count + 1, into vertices */
    uint32_t *point_start;      /* ring_count + 1, into points */
    uint32_t *edge_point;       /* first point of each edge; only if ring_count > 1 */
};

static inline struct tf_vec3 tf_v3(double x, double y, double z)
{
    return (struct tf_vec3){x, y, z};
}
static inline struct tf_vec3 tf_v3_add(struct tf_vec3 a, struct tf_vec3 b)
{
    return tf_v3(a.x_m + b.x_m, a.y_m + b.y_m, a.z_m + b.z_m);
}
static inline struct tf_vec3 tf_v3_sub(struct tf_vec3 a, struct tf_vec3 b)
{
    return tf_v3(a.x_m - b.x_m, a.y_m - b.y_m, a.z_m - b.z_m);
}
static inline struct tf_vec3 tf_v3_scale(struct tf_vec3 a, double k)
{
    return tf_v3(a.x_m * k, a.y_m * k, a.z_m * k);
}
static inline double tf_v3_dot(struct tf_vec3 a, struct tf_vec3 b)
{
    return a.x_m * b.x_m + a.y_m * b.y_m + a.z_m * b.z_m;
}
static inline struct tf_vec3 tf_v3_cross(struct tf_vec3 a, struct tf_vec3 b)
{
    return tf_v3(a.y_m * b.z_m - a.z_m * b.y_m, a.z_m * b.x_m - a.x_m * b.z_m,
                 a.x_m * b.y_m - a.y_m * b.x_m);
}
static inline double tf_v3_norm(struct tf_vec3 a)
{
    return sqrt(tf_v3_dot(a, a));
}
/* Along the surface normal at surface point p; length N(latitude), about 6.39e6. */
static inline struct tf_vec3 tf_v3_normal(struct tf_vec3 p)
{
    return tf_v3(p.x_m, p.y_m, p.z_m / (1.0 - TF_WGS84_E2));
}

/* First point of edge e; its second is the next one. */
static inline uint32_t tf_edge_point(const struct tf_shape *s, uint32_t e)
{
    return s->edge_point ? s->edge_point[e] : e;
}
/* The second point of edge e (the same for a circle's only edge). */
static inline uint32_t tf_edge_end(const struct tf_shape *s, uint32_t e)
{
    uint32_t p = tf_edge_point(s, e);
    return s->point_count == 1 ? p : p + 1;
}
static inline bool tf_shape_is_area(const struct tf_shape *s)
{
    return s->kind == TF_SHAPE_POLYGON;
}

/* Bounds between the 3D chord of two surface points and the geodesic that joins
 * them (Schur: a curve that bends less spans more). */
double tf_chord_most(double arc_m);  /* no chord of this arc is longer */
double tf_chord_least(double arc_m); /* no chord of this arc is shorter */
double tf_arc_most(double chord_m);  /* no geodesic with this chord is longer */

/* An edge A-B of a shape (kernel form). */
struct tf_edge3 {
    struct tf_vec3 a, b;
};
/* Squared 3D distance of the closest points of two edges, and these points. */
double tf_edge_distance_sq(const struct tf_edge3 *p, const struct tf_edge3 *q, struct tf_vec3 *on_p,
                           struct tf_vec3 *on_q);
/* True if the cores come within chord `most`; `least` is its certain part. When
 * the answer lies between, the geodesic decides against arc_m. Ignores insides. */
bool tf_edges_within(const struct tf_shape *a, const struct tf_shape *b, double arc_m);
/* True if p (surface point) is inside the area core, by parity. */
bool tf_area_has(const struct tf_shape *s, struct tf_vec3 p);
/* Distance from p to the core (0 inside an area), within TF_KERNEL_ERROR_M to 100 km. */
double tf_core_distance_m(const struct tf_shape *s, struct tf_vec3 p);

/*
 * Walks pairs of edges of a and b (a == b: each unordered pair of different
 * edges once), skipping blocks that are farther apart than *limit_m (3D); the
 * visitor may lower *limit_m; it returns false to stop. Returns false if stopped.
 */
typedef bool (*tf_edge_visit)(void *ctx, uint32_t edge_a, uint32_t edge_b);
bool tf_edge_pairs(const struct tf_shape *a, const struct tf_shape *b, const double *limit_m,
                   tf_edge_visit visit, void *ctx);

/* Refuses crossing, touching or folding edges and misplaced holes. */
TF_MUST_CHECK enum tf_status tf_rings_check(const struct tf_shape *s, struct tf_fault *fault);
/* Which vertex edge e starts from, for messages: ring and index. */
void tf_edge_origin(const struct tf_shape *s, uint32_t e, size_t *ring, size_t *vertex);

#endif
