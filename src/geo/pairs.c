/*
 * pairs.c - walking the pairs of edges of two shapes that may be close, through
 * the bounding spheres of their blocks.
 *
 * A node is (level, index): level 0 is an edge, level l >= 1 a block of
 * TF_BLOCK^l edges, whose sphere is stored at level l - 1. The recursion opens
 * the node of the higher level first; its depth is at most 2 * TF_MAX_LEVELS.
 */
#include "geo/kernel.h"

struct walk {
    const struct tf_shape *a, *b;
    const double *limit_m;
    tf_edge_visit visit;
    void *ctx;
};

static struct tf_sphere edge_sphere(const struct tf_shape *s, uint32_t e)
{
    struct tf_vec3 p = s->points[tf_edge_point(s, e)], q = s->points[tf_edge_end(s, e)];
    struct tf_vec3 mid = tf_v3_scale(tf_v3_add(p, q), 0.5);
    struct tf_vec3 half = tf_v3_sub(q, mid);
    double sq = tf_v3_dot(half, half);
    /* The arc's height over its chord is |half|^2 / (2R). */
    return (struct tf_sphere){mid, sqrt(sq) + sq / (2.0 * TF_RADIUS_MIN_M)};
}

static struct tf_sphere node_sphere(const struct tf_shape *s, int level, uint32_t index)
{
    return level == 0 ? edge_sphere(s, index) : s->spheres[s->level_start[level - 1] + index];
}

/* Children of node (level, index): [first, last) at level - 1. */
static void children(const struct tf_shape *s, int level, uint32_t index, uint32_t *first,
                     uint32_t *last)
{
    uint32_t below =
        level == 1 ? s->edge_count : s->level_start[level - 1] - s->level_start[level - 2];
    *first = index * TF_BLOCK;
    *last = *first + TF_BLOCK < below ? *first + TF_BLOCK : below;
}

static bool apart(const struct tf_sphere *p, const struct tf_sphere *q, double limit_m)
{
    double reach = p->radius_m + q->radius_m + limit_m;
    struct tf_vec3 d = tf_v3_sub(p->centre, q->centre);
    return tf_v3_dot(d, d) > reach * reach;
}

static bool walk(const struct walk *w, int la, uint32_t ia, int lb, uint32_t ib)
{
    bool same = w->a == w->b;
    if (same && la == lb && ib < ia)
        return true;
    struct tf_sphere sa = node_sphere(w->a, la, ia), sb = node_sphere(w->b, lb, ib);
    if (apart(&sa, &sb, *w->limit_m))
        return true;
    if (la == 0 && lb == 0)
        return (same && ia == ib) || w->visit(w->ctx, ia, ib);
    uint32_t first, last;
    if (same && la == lb) { /* open both together, so that each pair comes once */
        uint32_t bf, bl;
        children(w->a, la, ia, &first, &last);
        children(w->b, lb, ib, &bf, &bl);
        for (uint32_t i = first; i < last; i++)
            for (uint32_t j = bf; j < bl; j++)
                if (!walk(w, la - 1, i, lb - 1, j))
                    return false;
        return true;
    }
    if (la >= lb) {
        children(w->a, la, ia, &first, &last);
        for (uint32_t i = first; i < last; i++)
            if (!walk(w, la - 1, i, lb, ib))
                return false;
        return true;
    }
    children(w->b, lb, ib, &first, &last);
    for (uint32_t j = first; j < last; j++)
        if (!walk(w, la, ia, lb - 1, j))
            return false;
    return true;
}

bool tf_edge_pairs(const struct tf_shape *a, const struct tf_shape *b, const double *limit_m,
                   tf_edge_visit visit, void *ctx)
{
    struct walk w = {a, b, limit_m, visit, ctx};
    uint32_t na = a->levels ? 1 : a->edge_count, nb = b->levels ? 1 : b->edge_count;
    for (uint32_t i = 0; i < na; i++)
        for (uint32_t j = 0; j < nb; j++)
            if (!walk(&w, a->levels, i, b->levels, j))
                return false;
    return true;
}
