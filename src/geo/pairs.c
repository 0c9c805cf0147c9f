/*
 * pairs.c - walking the pairs of edges of two shapes that may be close, through
 * the bounding spheres of their blocks.
 *
 * A node is (level, index): level 0 is an edge, level l >= 1 a block of
 * TF_BLOCK^l edges, whose sphere is stored at level l - 1. The recursion opens
 * the node of the higher level first, its children in order of distance; its depth is at most 2 *
 * TF_MAX_LEVELS.
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

/* One node of a shape's hierarchy. */
struct place {
    int level;
    uint32_t index;
    struct tf_sphere sphere;
};

static struct place place_at(const struct tf_shape *s, int level, uint32_t index)
{
    return (struct place){level, index, node_sphere(s, level, index)};
}

/* The children of p, nearest to q first: what is near lowers the limit for the rest. Returns how
 * many. */
static unsigned open_towards(const struct tf_shape *s, const struct place *p, const struct place *q,
                             struct place out[TF_BLOCK])
{
    double key[TF_BLOCK];
    uint32_t first, last;
    unsigned count = 0;
    children(s, p->level, p->index, &first, &last);
    for (uint32_t i = first; i < last; i++) {
        struct place child = place_at(s, p->level - 1, i);
        struct tf_vec3 d = tf_v3_sub(child.sphere.centre, q->sphere.centre);
        double sq = tf_v3_dot(d, d);
        unsigned at = count++;
        for (; at > 0 && key[at - 1] > sq; at--) {
            key[at] = key[at - 1];
            out[at] = out[at - 1];
        }
        key[at] = sq;
        out[at] = child;
    }
    return count;
}

static bool walk(const struct walk *w, const struct place *a, const struct place *b);

/* Both nodes of one shape, opened together, so that each pair comes once. */
static bool open_both(const struct walk *w, const struct place *a, const struct place *b)
{
    uint32_t af, al, bf, bl;
    children(w->a, a->level, a->index, &af, &al);
    children(w->b, b->level, b->index, &bf, &bl);
    for (uint32_t i = af; i < al; i++) {
        struct place pa = place_at(w->a, a->level - 1, i);
        for (uint32_t j = bf > i ? bf : i; j < bl; j++) {
            struct place pb = place_at(w->b, b->level - 1, j);
            if (!walk(w, &pa, &pb))
                return false;
        }
    }
    return true;
}

static bool walk(const struct walk *w, const struct place *a, const struct place *b)
{
    bool same = w->a == w->b;
    if (apart(&a->sphere, &b->sphere, *w->limit_m))
        return true;
    if (a->level == 0 && b->level == 0)
        return (same && a->index == b->index) || w->visit(w->ctx, a->index, b->index);
    if (same)
        return open_both(w, a, b);
    struct place child[TF_BLOCK];
    bool open_a = a->level >= b->level;
    unsigned count = open_a ? open_towards(w->a, a, b, child) : open_towards(w->b, b, a, child);
    for (unsigned i = 0; i < count; i++)
        if (!(open_a ? walk(w, &child[i], b) : walk(w, a, &child[i])))
            return false;
    return true;
}

bool tf_edge_pairs(const struct tf_shape *a, const struct tf_shape *b, const double *limit_m,
                   tf_edge_visit visit, void *ctx)
{
    struct walk w = {a, b, limit_m, visit, ctx};
    uint32_t na = a->levels ? 1 : a->edge_count, nb = b->levels ? 1 : b->edge_count;
    for (uint32_t i = 0; i < na; i++) {
        struct place pa = place_at(a, a->levels, i);
        for (uint32_t j = a == b ? i : 0; j < nb; j++) {
            struct place pb = place_at(b, b->levels, j);
            if (!walk(&w, &pa, &pb))
                return false;
        }
    }
    return true;
}
