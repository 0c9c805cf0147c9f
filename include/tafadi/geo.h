/*
 * geo.h - points, geodesics and outlines on the WGS84 ellipsoid.
 *
 * Frame: WGS84 geodetic latitude and longitude in degrees, on the surface of
 * the ellipsoid; altitude and time live one layer up (volume.h). Everything
 * works anywhere: across the antimeridian, over the poles.
 *
 * An outline ("shape") is a core - a point, a line or an area - and a radius by
 * which the core is grown:
 *
 *      circle   = point, radius         ( . )
 *      corridor = line,  half-width     (=====)   with round ends and joints
 *      polygon  = area with holes, radius 0;  a grown polygon has radius > 0
 *
 * so that growing by a distance is exact and one distance function serves all:
 * d(A, B) = max(0, d(core A, core B) - radius A - radius B).
 *
 * Exactness. Edges are geodesics, cut into pieces of at most
 * TF_EDGE_PIECE_M; distances are found in 3D (Earth-centred Cartesian
 * coordinates) with a correction for curvature. tf_shape_within() never says
 * "apart" of two shapes that are within the distance: it errs by at most
 * TF_GEO_TOLERANCE_M up to 100 km, towards "within".
 *
 * Shapes are immutable and reference-counted (atomically): share them between
 * threads freely. No function here allocates unless it returns a shape.
 */
#ifndef TAFADI_GEO_H
#define TAFADI_GEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* WGS84 (NIMA TR8350.2): semi-major axis and flattening. */
#define TF_WGS84_A_M 6378137.0
#define TF_WGS84_F (1.0 / 298.257223563)

#define TF_NAUTICAL_MILE_M 1852.0 /* exact */

/* Distance decisions are conservative by at most this much up to 100 km. */
#define TF_GEO_TOLERANCE_M 0.01
/* The longest straight piece into which edges are cut. */
#define TF_EDGE_PIECE_M 5000.0
/* Default for how far a densified lon/lat edge may be from the true one. */
#define TF_LONLAT_ERROR_M 0.1
/* Limits of one shape. */
#define TF_SHAPE_MAX_RADIUS_M 5.0e6
enum { TF_SHAPE_MAX_VERTICES = 100000, TF_SHAPE_MAX_RINGS = 1000 };

struct tf_latlng {
    double lat_deg; /* -90..90 */
    double lng_deg; /* -180..180; 180 and -180 are the same meridian */
};

/* A vector in Earth-centred, Earth-fixed coordinates (x: 0N 0E, z: north pole). */
struct tf_vec3 {
    double x_m, y_m, z_m;
};

/* The point on the ellipsoid's surface, and back (closed form
 * with one refinement; < 1e-9 m on the surface). */
struct tf_vec3 tf_vec3_from_latlng(struct tf_latlng p);
struct tf_latlng tf_latlng_from_vec3(struct tf_vec3 v);

/* Finite, latitude in -90..90, longitude in -180..180. */
bool tf_latlng_is_valid(struct tf_latlng p);

/*
 * Geodesics (Karney, "Algorithms for geodesics", J. Geodesy 87, 2013; series to
 * order 6, error < 15 nm).
 */
/* Inverse problem: distance from a to b; azimuths (degrees clockwise from
 * north, -180..180) at a and at b; out-pointers may be NULL. */
double tf_geodesic_inverse(struct tf_latlng a, struct tf_latlng b, double *azimuth_a_deg,
                           double *azimuth_b_deg);
/* Direct problem: the point `distance_m` from a along `azimuth_deg`. */
struct tf_latlng tf_geodesic_direct(struct tf_latlng a, double azimuth_deg, double distance_m,
                                    double *azimuth_b_deg);
/* The point at `fraction` (0..1) of the geodesic from a to b. */
struct tf_latlng tf_geodesic_interpolate(struct tf_latlng a, struct tf_latlng b, double fraction);

/* How the edges of an outline run between its vertices. */
enum tf_edges {
    TF_EDGES_GEODESIC, /* shortest path (ASTM F3548, ED-269, ACO, OpenAir) */
    TF_EDGES_LONLAT    /* straight in longitude and latitude (GeoJSON, RFC 7946 3.1.1) */
};

enum tf_shape_kind { TF_SHAPE_CIRCLE, TF_SHAPE_CORRIDOR, TF_SHAPE_POLYGON };

/* Borrowed vertices of one ring or line. A ring may be open or closed (first
 * vertex repeated at the end); its winding is ignored: the inside is the
 * smaller side. */
struct tf_ring {
    const struct tf_latlng *vertices;
    size_t count;
};

struct tf_shape;

/*
 * Constructors. *out is owned by the caller (tf_shape_unref). Inputs are
 * borrowed for the call. Refusals (fault->field and fault->at name the vertex):
 *   TF_RANGE      coordinate or radius not finite or out of range; radius < 0,
 *                 or above TF_SHAPE_MAX_RADIUS_M; max_error_m < 0; a rectangle that is
 *                 empty or too wide
 *   TF_RING       fewer than 3 distinct vertices, a zero-length edge or repeated
 *                 vertex, edges that cross or touch, a hole outside its ring or
 *                 across another
 *   TF_TOO_LARGE  does not fit in an open hemisphere, or too many vertices
 *   TF_MISSING    no vertices
 *   TF_NOMEM
 * A polygon's first ring is its outside, the others are holes. Consecutive
 * vertices of an edge are joined by the shorter way round; for lon/lat edges a
 * difference of longitude above 180 degrees means "across the antimeridian".
 * `max_error_m` bounds the deviation of densified lon/lat edges (0: TF_LONLAT_ERROR_M);
 * the shape carries it as slop, by which decisions are widened.
 */
TF_MUST_CHECK enum tf_status tf_shape_circle(struct tf_latlng centre, double radius_m,
                                             struct tf_shape **out, struct tf_fault *fault);
/* One vertex or more; one vertex makes a circle. */
TF_MUST_CHECK enum tf_status tf_shape_corridor(struct tf_ring line, double half_width_m,
                                               enum tf_edges edges, double max_error_m,
                                               struct tf_shape **out, struct tf_fault *fault);
TF_MUST_CHECK enum tf_status tf_shape_polygon(const struct tf_ring *rings, size_t ring_count,
                                              enum tf_edges edges, double max_error_m,
                                              struct tf_shape **out, struct tf_fault *fault);
/* South < north; west > east crosses the antimeridian. Edges follow meridians
 * and parallels. May span at most 170 degrees of longitude. */
TF_MUST_CHECK enum tf_status tf_shape_rectangle(double south_deg, double west_deg, double north_deg,
                                                double east_deg, struct tf_shape **out,
                                                struct tf_fault *fault);
/* A new shape: all points within `by_m` >= 0 of `shape`. TF_RANGE: by_m is negative, or the
 * radius would be above TF_SHAPE_MAX_RADIUS_M. */
TF_MUST_CHECK enum tf_status tf_shape_grow(const struct tf_shape *shape, double by_m,
                                           struct tf_shape **out, struct tf_fault *fault);
/* A new shape, each vertex carried `distance_m` along the geodesic in direction
 * `azimuth_deg` of the shape's centre (a rigid move to first order). Refused as by the
 * constructors if what it becomes cannot be. */
TF_MUST_CHECK enum tf_status tf_shape_offset(const struct tf_shape *shape, double azimuth_deg,
                                             double distance_m, struct tf_shape **out,
                                             struct tf_fault *fault);

/* One more owner / one less (the last frees). Accept NULL. Thread-safe. */
struct tf_shape *tf_shape_ref(const struct tf_shape *shape);
void tf_shape_unref(const struct tf_shape *shape);

/* What the shape was made from; pointers are valid as long as the shape. Rings
 * come back open (no repeated vertex), the corridor's line as ring 0, the
 * circle's centre as ring 0 with one vertex. */
enum tf_shape_kind tf_shape_kind(const struct tf_shape *shape);
enum tf_edges tf_shape_edges(const struct tf_shape *shape);
size_t tf_shape_ring_count(const struct tf_shape *shape);
struct tf_ring tf_shape_ring(const struct tf_shape *shape, size_t index);
double tf_shape_radius_m(const struct tf_shape *shape);
double tf_shape_slop_m(const struct tf_shape *shape);
size_t tf_shape_memory_bytes(const struct tf_shape *shape);
/* A bounding cap: its centre and the geodesic radius that holds the shape. */
struct tf_latlng tf_shape_centre(const struct tf_shape *shape);
double tf_shape_extent_m(const struct tf_shape *shape);

/* Bounds of all surface points within `by_m` of the shape, axis-parallel in
 * Earth-centred coordinates: free of poles and antimeridian. Never too small. */
struct tf_box3 {
    double lo[3], hi[3];
};
void tf_shape_box(const struct tf_shape *shape, double by_m, struct tf_box3 *out);

/*
 * Predicates and distance. Space is closed: touching is intersecting. Cost:
 * O(pieces of a x pieces of b), with early rejection by bounding spheres.
 */
/* False only if a and b are more than `distance_m` apart. */
bool tf_shape_within(const struct tf_shape *a, const struct tf_shape *b, double distance_m);
bool tf_shape_intersects(const struct tf_shape *a, const struct tf_shape *b);
/* True only if every point of b is in a (conservative: may say false of a b
 * that reaches within TF_GEO_TOLERANCE_M of a's border). */
bool tf_shape_contains(const struct tf_shape *a, const struct tf_shape *b);
/* Closed; errs towards true, by TF_GEO_TOLERANCE_M at most. */
bool tf_shape_contains_point(const struct tf_shape *a, struct tf_latlng p);

/* Closest approach. Error <= 1 cm up to 100 km, 1e-6 of the distance beyond. */
struct tf_nearest {
    double distance_m;           /* 0 if they intersect */
    struct tf_latlng on_a, on_b; /* where; if they intersect, one common point */
};
void tf_shape_nearest(const struct tf_shape *a, const struct tf_shape *b, struct tf_nearest *out);
double tf_shape_distance_m(const struct tf_shape *a, const struct tf_shape *b);

/*
 * The outline as closed rings whose union (even-odd for the rings of a polygon) is the
 * shape, for drawing and for formats that know polygons only: calls `emit` for every
 * vertex in order, ring by ring (the first vertex is not repeated). A polygon gives its
 * rings; a circle one ring; a corridor, or the border of a grown polygon, one capsule
 * for each piece. Round parts lie on or outside the true border, by at
 * most max_error_m (but have at most 360 corners).
 */
typedef void (*tf_outline_emit)(void *ctx, size_t ring, struct tf_latlng vertex);
void tf_shape_outline(const struct tf_shape *shape, double max_error_m, tf_outline_emit emit,
                      void *ctx);

#ifdef __cplusplus
}
#endif
#endif
