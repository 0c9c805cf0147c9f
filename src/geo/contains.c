/*
 * contains.c - what lies inside what.
 */
#include "geo/kernel.h"

/* A right-handed frame with `out` through the shape's centre. */
struct frame {
    struct tf_vec3 east, north, out;
};

static struct frame frame_at(struct tf_vec3 centre)
{
    struct frame f;
    f.out = tf_v3_scale(centre, 1.0 / tf_v3_norm(centre));
    struct tf_vec3 axis = fabs(f.out.z_m) < 0.9 ? tf_v3(0, 0, 1) : tf_v3(1, 0, 0);
    f.east = tf_v3_cross(axis, f.out);
    f.east = tf_v3_scale(f.east, 1.0 / tf_v3_norm(f.east));
    f.north = tf_v3_cross(f.out, f.east);
    return f;
}

/*
 * Crossings of the ray that leaves p eastward, in the gnomonic plane about the
 * centre (where edges, short as they are, are straight). With m = (out.p) north -
 * (north.p) out, the sign of m.v says on which side of the ray's line v lies; the edge is
 * crossed east of p if p is on the left of it going up. All points of an area lie in
 * one hemisphere.
 */
struct ray {
    struct tf_vec3 from, m;
    double m_norm;
};

static bool crosses(const struct tf_shape *s, const struct ray *ray, uint32_t edge)
{
    const struct tf_vec3 *v = s->points + tf_edge_point(s, edge);
    bool above = tf_v3_dot(ray->m, v[0]) >= 0.0, next_above = tf_v3_dot(ray->m, v[1]) >= 0.0;
    if (next_above == above)
        return false;
    struct tf_vec3 plane = tf_v3_cross(v[0], tf_v3_sub(v[1], v[0]));
    return (tf_v3_dot(plane, ray->from) > 0.0) == next_above;
}

/* Parity of the crossings in nodes [first, last) of a level; blocks that lie wholly on
 * one side of the ray's line are passed over. */
static bool crossings_odd(const struct tf_shape *s, const struct ray *ray, int level,
                          uint32_t first, uint32_t last)
{
    bool odd = false;
    for (uint32_t i = first; i < last; i++) {
        if (level == 0) {
            odd ^= crosses(s, ray, i);
            continue;
        }
        const struct tf_sphere *ball = &s->spheres[s->level_start[level - 1] + i];
        if (fabs(tf_v3_dot(ray->m, ball->centre)) > ray->m_norm * ball->radius_m)
            continue;
        uint32_t below =
            level == 1 ? s->edge_count : s->level_start[level - 1] - s->level_start[level - 2];
        uint32_t end = (i + 1) * TF_BLOCK < below ? (i + 1) * TF_BLOCK : below;
        odd ^= crossings_odd(s, ray, level - 1, i * TF_BLOCK, end);
    }
    return odd;
}

bool tf_area_has(const struct tf_shape *s, struct tf_vec3 p)
{
    struct tf_vec3 d = tf_v3_sub(p, s->centre_v);
    if (tf_v3_dot(d, d) > s->extent_m * s->extent_m)
        return false;
    struct frame f = frame_at(s->centre_v);
    struct ray ray = {.from = p};
    ray.m = tf_v3_sub(tf_v3_scale(f.north, tf_v3_dot(f.out, p)),
                      tf_v3_scale(f.out, tf_v3_dot(f.north, p)));
    ray.m_norm = tf_v3_norm(ray.m);
    return crossings_odd(s, &ray, s->levels, 0, s->levels ? 1 : s->edge_count);
}

bool tf_shape_contains_point(const struct tf_shape *a, struct tf_latlng p)
{
    return tf_core_distance_m(a, tf_vec3_from_latlng(p)) <= a->radius_m + TF_KERNEL_ERROR_M;
}

/* A polygon that is not grown: b is inside if it begins inside, keeps its
 * distance from every ring, and does not surround a hole. */
static bool area_contains(const struct tf_shape *a, const struct tf_shape *b, double need_m)
{
    if (!tf_area_has(a, b->points[0]) || tf_edges_within(a, b, need_m))
        return false;
    for (uint32_t ring = 1; ring < a->ring_count; ring++)
        if (tf_shape_is_area(b) && tf_area_has(b, a->points[a->point_start[ring]]))
            return false;
    return true;
}

/* Distance of p from the core's border, negative inside an area. */
static double signed_distance_m(const struct tf_shape *s, struct tf_vec3 p)
{
    if (!tf_shape_is_area(s) || !tf_area_has(s, p))
        return tf_core_distance_m(s, p);
    struct tf_shape border = *s;
    border.kind = TF_SHAPE_CORRIDOR;
    return -tf_core_distance_m(&border, p);
}

/* The surface point over (x, y) of the plane that touches the unit sphere at out. */
static struct tf_vec3 surface_at(const struct frame *f, double x, double y)
{
    const double b_m = TF_WGS84_A_M * (1.0 - TF_WGS84_F);
    struct tf_vec3 v =
        tf_v3_add(f->out, tf_v3_add(tf_v3_scale(f->east, x), tf_v3_scale(f->north, y)));
    double k = (v.x_m * v.x_m + v.y_m * v.y_m) / (TF_WGS84_A_M * TF_WGS84_A_M) +
               v.z_m * v.z_m / (b_m * b_m);
    return tf_v3_scale(v, 1.0 / sqrt(k));
}

/*
 * b's core lies where a's signed distance is at most `bound_m`: squares of the
 * tangent plane are halved until each is clear of b, or wholly near enough to a.
 * Distances change by no more than one moves, so a square's middle and its
 * reach decide. Undecided at TF_KERNEL_ERROR_M, or after too many steps: no.
 */
static bool covered(const struct tf_shape *a, const struct tf_shape *b, double bound_m)
{
    enum { MAX_STEPS = 20000, MAX_DEPTH = 40 };
    struct square {
        double x, y, half;
    } stack[3 * MAX_DEPTH + 4];
    struct frame f = frame_at(b->centre_v);
    double angle = b->extent_m / (TF_WGS84_A_M * 0.99);
    if (angle > 1.4)
        return false;
    size_t depth = 0;
    stack[depth++] = (struct square){0.0, 0.0, tan(angle) + 1e-9};
    for (int step = 0; depth > 0; step++) {
        struct square q = stack[--depth];
        double reach_m = q.half * TF_SQRT2 * TF_WGS84_A_M * 1.001;
        struct tf_vec3 p = surface_at(&f, q.x, q.y);
        double to_b_m = tf_core_distance_m(b, p);
        if (to_b_m > reach_m + TF_KERNEL_ERROR_M)
            continue;
        double to_a_m = signed_distance_m(a, p);
        if (to_a_m + reach_m <= bound_m)
            continue;
        if (to_a_m - to_b_m > bound_m || reach_m < TF_KERNEL_ERROR_M || step > MAX_STEPS ||
            depth + 4 > sizeof stack / sizeof *stack)
            return false;
        double h = q.half / 2.0;
        for (int i = 0; i < 4; i++)
            stack[depth++] = (struct square){q.x + (i & 1 ? h : -h), q.y + (i & 2 ? h : -h), h};
    }
    return true;
}

bool tf_shape_contains(const struct tf_shape *a, const struct tf_shape *b)
{
    double need_m = b->radius_m + b->slop_m + a->slop_m + TF_KERNEL_ERROR_M;
    if (tf_shape_is_area(a) && area_contains(a, b, need_m))
        return true;
    if (tf_shape_is_area(a) && a->radius_m == 0.0)
        return false;
    double bound_m = a->radius_m - need_m;
    if (b->point_count == 1)
        return signed_distance_m(a, b->points[0]) <= bound_m;
    return covered(a, b, bound_m);
}
