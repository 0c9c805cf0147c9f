/*
 * rings.c - refuses rings that do not bound an area.
 *
 * Edges that are not neighbours may neither cross nor touch; neighbours may not
 * fold back on each other; holes lie inside the outer ring and outside of each
 * other. Sides are signed distances from the plane through an edge and the Earth's centre,
 * exact to about 1e-9 m; closer than TOUCH_M counts as touching.
 */
#include "geo/kernel.h"

#include <stdio.h>

#define TOUCH_M 1e-6

/* Signed distance of c from the plane of a, b and the centre; left is positive. */
static double side_m(struct tf_vec3 a, struct tf_vec3 b, struct tf_vec3 c)
{
    struct tf_vec3 plane = tf_v3_cross(a, tf_v3_sub(b, a));
    return tf_v3_dot(plane, tf_v3_sub(c, a)) / tf_v3_norm(plane);
}

/* c, known to be near the plane of a-b, lies between them. */
static bool between(struct tf_vec3 a, struct tf_vec3 b, struct tf_vec3 c)
{
    struct tf_vec3 d = tf_v3_sub(b, a);
    double along = tf_v3_dot(tf_v3_sub(c, a), d), slack = TOUCH_M * tf_v3_norm(d);
    return along >= -slack && along <= tf_v3_dot(d, d) + slack;
}

static bool edges_meet(const struct tf_vec3 p[2], const struct tf_vec3 q[2])
{
    double q0 = side_m(p[0], p[1], q[0]), q1 = side_m(p[0], p[1], q[1]);
    double p0 = side_m(q[0], q[1], p[0]), p1 = side_m(q[0], q[1], p[1]);
    if (q0 * q1 < 0.0 && p0 * p1 < 0.0)
        return true;
    return (fabs(q0) <= TOUCH_M && between(p[0], p[1], q[0])) ||
           (fabs(q1) <= TOUCH_M && between(p[0], p[1], q[1])) ||
           (fabs(p0) <= TOUCH_M && between(q[0], q[1], p[0])) ||
           (fabs(p1) <= TOUCH_M && between(q[0], q[1], p[1]));
}

/* Neighbours p then q (p[1] == q[0]) go back the way they came. */
static bool folds_back(const struct tf_vec3 p[2], const struct tf_vec3 q[2])
{
    struct tf_vec3 back = tf_v3_sub(p[0], p[1]), on = tf_v3_sub(q[1], q[0]);
    if (tf_v3_dot(back, on) <= 0.0)
        return false;
    return fabs(side_m(p[0], p[1], q[1])) <= TOUCH_M || fabs(side_m(q[0], q[1], p[0])) <= TOUCH_M;
}

struct check {
    const struct tf_shape *s;
    uint32_t bad_a, bad_b;
};

static uint32_t ring_of(const struct tf_shape *s, uint32_t point)
{
    uint32_t ring = 0;
    while (point >= s->point_start[ring + 1])
        ring++;
    return ring;
}

/* Does the edge from point q follow the edge from point p in its ring? */
static bool follows(const struct tf_shape *s, uint32_t p, uint32_t q)
{
    if (q == p + 1)
        return true;
    uint32_t ring = ring_of(s, p);
    return p + 2 == s->point_start[ring + 1] && q == s->point_start[ring];
}

static bool check_visit(void *ctx, uint32_t ea, uint32_t eb)
{
    struct check *c = ctx;
    uint32_t i = tf_edge_point(c->s, ea), j = tf_edge_point(c->s, eb);
    const struct tf_vec3 *p = c->s->points + i, *q = c->s->points + j;
    bool bad;
    if (follows(c->s, i, j))
        bad = folds_back(p, q);
    else if (follows(c->s, j, i))
        bad = folds_back(q, p);
    else
        bad = edges_meet(p, q);
    if (bad)
        c->bad_a = ea, c->bad_b = eb;
    return !bad;
}

void tf_edge_origin(const struct tf_shape *s, uint32_t e, size_t *ring, size_t *vertex)
{
    uint32_t point = tf_edge_point(s, e), r = ring_of(s, point);
    size_t n = s->ring_start[r + 1] - s->ring_start[r], k = 0;
    const struct tf_latlng *v = s->vertices + s->ring_start[r];
    for (uint32_t i = s->point_start[r] + 1; i <= point && k + 1 < n; i++) {
        struct tf_vec3 next = tf_vec3_from_latlng(v[k + 1]);
        struct tf_vec3 d = tf_v3_sub(next, s->points[i]);
        if (tf_v3_dot(d, d) < TOUCH_M * TOUCH_M)
            k++;
    }
    *ring = r;
    *vertex = k;
}

static enum tf_status refuse(const struct tf_shape *s, uint32_t ea, uint32_t eb,
                             struct tf_fault *fault)
{
    size_t ring_a, vertex_a, ring_b, vertex_b;
    tf_edge_origin(s, ea, &ring_a, &vertex_a);
    tf_edge_origin(s, eb, &ring_b, &vertex_b);
    char field[64], first[24], second[24];
    snprintf(field, sizeof field, "rings[%zu].vertices[%zu]", ring_a, vertex_a);
    snprintf(first, sizeof first, "%zu", vertex_a);
    snprintf(second, sizeof second, "%zu", vertex_b);
    return tf_fault_set(
        fault, TF_RING, vertex_a, field,
        ring_a == ring_b ? TF_TEXT("The edge after vertex %1 crosses or touches the edge after "
                                   "vertex %2. Correct the outline or split it.")
                         : TF_TEXT("The edge after vertex %1 crosses or touches the edge after "
                                   "vertex %2 of another ring. Correct the outline or the hole."),
        first, second, NULL);
}

/* First points of holes: inside ring 0, outside all other holes. */
static enum tf_status check_holes(const struct tf_shape *s, struct tf_fault *fault)
{
    for (uint32_t hole = 1; hole < s->ring_count; hole++) {
        struct tf_vec3 p = s->points[s->point_start[hole]];
        for (uint32_t ring = 0; ring < s->ring_count; ring++) {
            if (ring == hole)
                continue;
            struct tf_shape one = *s;
            one.ring_count = 1;
            one.points = s->points + s->point_start[ring];
            one.edge_count = s->point_start[ring + 1] - s->point_start[ring] - 1;
            one.edge_point = NULL;
            one.levels = 0;
            if (tf_area_has(&one, p) == (ring == 0))
                continue;
            char field[64];
            snprintf(field, sizeof field, "rings[%u].vertices[0]", hole);
            return tf_fault_set(fault, TF_RING, 0, field,
                                TF_TEXT("A hole must lie inside the outer ring and outside of "
                                        "other holes. Remove it or correct the order of rings."),
                                NULL, NULL, NULL);
        }
    }
    return TF_OK;
}

enum tf_status tf_rings_check(const struct tf_shape *s, struct tf_fault *fault)
{
    struct check c = {.s = s};
    double limit_m = 2.0 * TOUCH_M;
    if (!tf_edge_pairs(s, s, &limit_m, check_visit, &c))
        return refuse(s, c.bad_a < c.bad_b ? c.bad_a : c.bad_b,
                      c.bad_a < c.bad_b ? c.bad_b : c.bad_a, fault);
    return check_holes(s, fault);
}
