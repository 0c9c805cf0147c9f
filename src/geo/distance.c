/*
 * distance.c - how far apart two outlines are: the edge kernel, the decision
 * "within", and the closest approach.
 *
 * 3D distances between surface points are chords. A chord c belongs to a
 * geodesic of about c + c^3 / (24 R^2), where R, the curvature in its direction,
 * lies between TF_RADIUS_MIN_M and TF_RADIUS_MAX_M. Comparisons are made on chords
 * as long as these bounds decide; what falls between them is decided by the geodesic.
 */
#include "geo/kernel.h"

double tf_chord_most(double arc_m)
{
    double half = arc_m / (2.0 * TF_RADIUS_MAX_M);
    return half < (TF_PI / 2.0) ? 2.0 * TF_RADIUS_MAX_M * sin(half) : 2.0 * TF_RADIUS_MAX_M;
}

double tf_chord_least(double arc_m)
{
    double half = arc_m / (2.0 * TF_RADIUS_MIN_M);
    return half < (TF_PI / 2.0) ? 2.0 * TF_RADIUS_MIN_M * sin(half) : 2.0 * TF_RADIUS_MIN_M;
}

double tf_arc_most(double chord_m)
{
    double ratio = chord_m / (2.0 * TF_RADIUS_MIN_M);
    return ratio < 1.0 ? 2.0 * TF_RADIUS_MIN_M * asin(ratio) : TF_PI * TF_WGS84_A_M;
}

static double clamp01(double t)
{
    return t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
}

/* The point of the parabola over A-B at t. `d_sq` = |B - A|^2. */
static struct tf_vec3 edge_at(const struct tf_edge3 *e, double d_sq, double t)
{
    /* k n = normal(mid) / (2 R N): mean radii are right to 0.7 % of 0.49 m. */
    const double lift = 1.0 / (2.0 * 6.3674e6 * 6.3889e6);
    struct tf_vec3 chord = tf_v3_add(tf_v3_scale(e->a, 1.0 - t), tf_v3_scale(e->b, t));
    struct tf_vec3 normal = tf_v3_normal(tf_v3_add(e->a, e->b));
    return tf_v3_add(chord, tf_v3_scale(normal, 0.5 * t * (1.0 - t) * d_sq * lift));
}

/* v without its part along the unit-free normal n (n_sq = |n|^2). */
static struct tf_vec3 flatten(struct tf_vec3 v, struct tf_vec3 n, double n_sq)
{
    return tf_v3_sub(v, tf_v3_scale(n, tf_v3_dot(v, n) / n_sq));
}

/*
 * Closest parameters s, t of segments p + s d1, q + t d2, where r = p - q, all
 * flattened into the plane of the local horizon, so that the different heights of the
 * chords do not count (method: Ericson, Real-Time Collision Detection, 5.1.9).
 */
static void closest_parameters(struct tf_vec3 d1, struct tf_vec3 d2, struct tf_vec3 r, double *s,
                               double *t)
{
    double a = tf_v3_dot(d1, d1), e = tf_v3_dot(d2, d2), f = tf_v3_dot(d2, r);
    double c = tf_v3_dot(d1, r), b = tf_v3_dot(d1, d2);
    if (a <= 0.0) {
        *s = 0.0;
        *t = e > 0.0 ? clamp01(f / e) : 0.0;
        return;
    }
    if (e <= 0.0) {
        *t = 0.0;
        *s = clamp01(-c / a);
        return;
    }
    double denominator = a * e - b * b;
    *s = denominator > 1e-14 * a * e ? clamp01((b * f - c * e) / denominator) : 0.0;
    *t = (b * *s + f) / e;
    if (*t < 0.0) {
        *t = 0.0;
        *s = clamp01(-c / a);
    } else if (*t > 1.0) {
        *t = 1.0;
        *s = clamp01((b - c) / a);
    }
}

double tf_edge_distance_sq(const struct tf_edge3 *p, const struct tf_edge3 *q, struct tf_vec3 *on_p,
                           struct tf_vec3 *on_q)
{
    struct tf_vec3 d1 = tf_v3_sub(p->b, p->a), d2 = tf_v3_sub(q->b, q->a);
    struct tf_vec3 r = tf_v3_sub(p->a, q->a);
    struct tf_vec3 n = tf_v3_normal(tf_v3_add(tf_v3_add(p->a, p->b), tf_v3_add(q->a, q->b)));
    double n_sq = tf_v3_dot(n, n);
    if (n_sq < 1.0) /* antipodal: any horizon will do */
        n = tf_v3_normal(p->a), n_sq = tf_v3_dot(n, n);
    double s, t;
    closest_parameters(flatten(d1, n, n_sq), flatten(d2, n, n_sq), flatten(r, n, n_sq), &s, &t);
    *on_p = edge_at(p, tf_v3_dot(d1, d1), s);
    *on_q = edge_at(q, tf_v3_dot(d2, d2), t);
    struct tf_vec3 gap = tf_v3_sub(*on_p, *on_q);
    return tf_v3_dot(gap, gap);
}

static struct tf_edge3 edge_of(const struct tf_shape *s, uint32_t e)
{
    return (struct tf_edge3){s->points[tf_edge_point(s, e)], s->points[tf_edge_end(s, e)]};
}

struct within {
    const struct tf_shape *a, *b;
    double arc_m, sure_sq, possible_sq;
    bool found;
};

static bool within_visit(void *ctx, uint32_t ea, uint32_t eb)
{
    struct within *w = ctx;
    struct tf_edge3 p = edge_of(w->a, ea), q = edge_of(w->b, eb);
    struct tf_vec3 on_p, on_q;
    double sq = tf_edge_distance_sq(&p, &q, &on_p, &on_q);
    if (sq > w->possible_sq)
        return true;
    w->found = sq <= w->sure_sq ||
               tf_geodesic_inverse(tf_latlng_from_vec3(on_p), tf_latlng_from_vec3(on_q), NULL,
                                   NULL) <= w->arc_m + TF_KERNEL_ERROR_M;
    return !w->found;
}

bool tf_edges_within(const struct tf_shape *a, const struct tf_shape *b, double arc_m)
{
    double possible = tf_chord_most(arc_m) + TF_KERNEL_ERROR_M;
    double sure = tf_chord_least(arc_m);
    struct within w = {a, b, arc_m, sure * sure, possible * possible, false};
    tf_edge_pairs(a, b, &possible, within_visit, &w);
    return w.found;
}

/* One lies in the other's area, as far as one point of each tells. */
static bool one_inside(const struct tf_shape *a, const struct tf_shape *b)
{
    return (tf_shape_is_area(a) && tf_area_has(a, b->points[0])) ||
           (tf_shape_is_area(b) && tf_area_has(b, a->points[0]));
}

bool tf_shape_within(const struct tf_shape *a, const struct tf_shape *b, double distance_m)
{
    if (a == b) /* for which tf_edge_pairs leaves out an edge and itself */
        return true;
    struct tf_vec3 d = tf_v3_sub(a->centre_v, b->centre_v);
    double reach = distance_m + a->extent_m + b->extent_m + TF_GEO_TOLERANCE_M;
    if (tf_v3_dot(d, d) > reach * reach) /* the chord is shorter than the geodesic */
        return false;
    double arc_m = distance_m + a->radius_m + b->radius_m + a->slop_m + b->slop_m;
    return tf_edges_within(a, b, arc_m) || one_inside(a, b);
}

bool tf_shape_intersects(const struct tf_shape *a, const struct tf_shape *b)
{
    return tf_shape_within(a, b, 0.0);
}

/* Closest approach in two passes: the least chord, then the least geodesic among
 * the pairs whose chords are too close to it to tell. */
struct closest {
    const struct tf_shape *a, *b;
    double limit_m;    /* blocks farther apart cannot matter */
    double best_sq;    /* first pass: least squared chord */
    double enough_sq;  /* first pass: no less is asked */
    bool exact;        /* second pass */
    double best_arc_m; /* second pass */
    struct tf_vec3 on_a, on_b;
};

static bool closest_visit(void *ctx, uint32_t ea, uint32_t eb)
{
    struct closest *c = ctx;
    struct tf_edge3 p = edge_of(c->a, ea), q = edge_of(c->b, eb);
    struct tf_vec3 on_p, on_q;
    double sq = tf_edge_distance_sq(&p, &q, &on_p, &on_q);
    if (!c->exact) {
        if (sq < c->best_sq) {
            c->best_sq = sq;
            c->limit_m = sqrt(sq);
            c->on_a = on_p, c->on_b = on_q;
        }
        return c->best_sq > c->enough_sq;
    }
    if (sq > c->limit_m * c->limit_m)
        return true;
    double arc_m =
        tf_geodesic_inverse(tf_latlng_from_vec3(on_p), tf_latlng_from_vec3(on_q), NULL, NULL);
    if (arc_m < c->best_arc_m) {
        c->best_arc_m = arc_m;
        c->on_a = on_p, c->on_b = on_q;
    }
    return true;
}

/* For chords up to SHORT_CHORD_M, whatever their direction, this is the geodesic to
 * 0.6 mm; and chords to less than that are in the order of their geodesics. */
#define SHORT_CHORD_M 30000.0
static double short_arc_m(double chord_m)
{
    const double k = 1.0 / (24.0 * 6.3674e6 * 6.3674e6);
    return chord_m + chord_m * chord_m * chord_m * k;
}

/* Least geodesic between the edges of the cores, and where; or any that is not longer than
 * enough_arc_m. */
static double edges_nearest(const struct tf_shape *a, const struct tf_shape *b, double enough_arc_m,
                            struct tf_vec3 *on_a, struct tf_vec3 *on_b)
{
    struct closest c = {.a = a, .b = b, .on_a = a->points[0], .on_b = b->points[0]};
    c.limit_m = tf_v3_norm(tf_v3_sub(c.on_a, c.on_b));
    c.best_sq = c.limit_m * c.limit_m;
    double enough_m = tf_chord_least(enough_arc_m);
    c.enough_sq = enough_m * enough_m;
    tf_edge_pairs(a, b, &c.limit_m, closest_visit, &c);
    double chord_m = sqrt(c.best_sq);
    c.best_arc_m = short_arc_m(chord_m);
    if (chord_m > SHORT_CHORD_M) {
        c.best_arc_m = tf_geodesic_inverse(tf_latlng_from_vec3(c.on_a), tf_latlng_from_vec3(c.on_b),
                                           NULL, NULL);
        /* Any pair with a shorter geodesic has a chord of at most tf_chord_most of it. */
        c.limit_m = tf_chord_most(c.best_arc_m);
        c.exact = true;
        if (c.limit_m > chord_m + 0.001 && c.best_sq > c.enough_sq)
            tf_edge_pairs(a, b, &c.limit_m, closest_visit, &c);
    }
    *on_a = c.on_a;
    *on_b = c.on_b;
    return c.best_arc_m;
}

double tf_core_distance_m(const struct tf_shape *s, struct tf_vec3 p)
{
    if (tf_shape_is_area(s) && tf_area_has(s, p))
        return 0.0;
    struct tf_shape point = {.kind = TF_SHAPE_CIRCLE, .point_count = 1, .edge_count = 1};
    point.points = &p;
    struct tf_vec3 on_s, on_p;
    return edges_nearest(s, &point, 0.0, &on_s, &on_p);
}

/* Moves p towards q, distance_m away, by the shape's radius: the border of what the core is grown
 * to. */
static struct tf_latlng towards(struct tf_vec3 p, struct tf_vec3 q, double distance_m,
                                double radius_m)
{
    struct tf_latlng from = tf_latlng_from_vec3(p);
    double step_m = radius_m < distance_m ? radius_m : distance_m, azimuth_deg;
    if (step_m <= 0.0)
        return from;
    if (distance_m <= SHORT_CHORD_M) {
        struct tf_vec3 way = tf_v3_scale(tf_v3_sub(q, p), step_m / distance_m);
        return tf_latlng_from_vec3(tf_v3_add(p, way));
    }
    tf_geodesic_inverse(from, tf_latlng_from_vec3(q), &azimuth_deg, NULL);
    return tf_geodesic_direct(from, azimuth_deg, step_m, NULL);
}

void tf_shape_nearest(const struct tf_shape *a, const struct tf_shape *b, struct tf_nearest *out)
{
    if (one_inside(a, b)) {
        bool b_in_a = tf_shape_is_area(a) && tf_area_has(a, b->points[0]);
        out->on_a = out->on_b = tf_latlng_from_vec3(b_in_a ? b->points[0] : a->points[0]);
        out->distance_m = 0.0;
        return;
    }
    struct tf_vec3 pa, pb;
    double core_m = edges_nearest(a, b, a->radius_m + b->radius_m, &pa, &pb);
    double distance_m = core_m - a->radius_m - b->radius_m;
    bool apart = distance_m > TF_KERNEL_ERROR_M;
    out->distance_m = apart ? distance_m : 0.0;
    out->on_a = towards(pa, pb, core_m, a->radius_m);
    out->on_b = apart ? towards(pb, pa, core_m, b->radius_m) : out->on_a;
}

double tf_shape_distance_m(const struct tf_shape *a, const struct tf_shape *b)
{
    struct tf_nearest nearest;
    tf_shape_nearest(a, b, &nearest);
    return nearest.distance_m;
}
