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

/* One node of a shape's hierarchy. */
struct place {
    struct tf_sphere sphere;
    int level;
    uint32_t index;
};

static void edge_sphere(const struct tf_shape *s, uint32_t e, struct tf_sphere *out)
{
    const struct tf_vec3 *p = &s->points[tf_edge_point(s, e)], *q = &s->points[tf_edge_end(s, e)];
    struct tf_vec3 half = tf_v3_scale(tf_v3_sub(*q, *p), 0.5);
    double sq = tf_v3_dot(half, half);
    out->centre.x_m = p->x_m + half.x_m;
    out->centre.y_m = p->y_m + half.y_m;
    out->centre.z_m = p->z_m + half.z_m;
    /* The arc's height over its chord is |half|^2 / (2R). */
    out->radius_m = sqrt(sq) + sq / (2.0 * TF_RADIUS_MIN_M);
}

static void place_at(const struct tf_shape *s, int level, uint32_t index, struct place *out)
{
    out->level = level;
    out->index = index;
    if (level == 0)
        edge_sphere(s, index, &out->sphere);
    else
        out->sphere = s->spheres[s->level_start[level - 1] + index];
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

/* The children of p, and their order by distance from q: what is near lowers the
 * limit for the rest. */
struct opened {
    struct place child[TF_BLOCK];
    uint8_t order[TF_BLOCK];
    unsigned count;
};

static void open_towards(const struct tf_shape *s, const struct place *p, const struct place *q,
                         struct opened *out)
{
    double key[TF_BLOCK];
    uint32_t first, last;
    children(s, p->level, p->index, &first, &last);
    out->count = last - first;
    for (unsigned i = 0; i < out->count; i++) {
        place_at(s, p->level - 1, first + i, &out->child[i]);
        struct tf_vec3 d = tf_v3_sub(out->child[i].sphere.centre, q->sphere.centre);
        double sq = tf_v3_dot(d, d);
        unsigned at = i;
        for (; at > 0 && key[at - 1] > sq; at--) {
            key[at] = key[at - 1];
            out->order[at] = out->order[at - 1];
        }
        key[at] = sq;
        out->order[at] = (uint8_t)i;
    }
}

static bool walk(const struct walk *w, const struct place *a, const struct place *b);

/* Both nodes of one shape, opened together, so that each pair comes once. */
static bool open_both(const struct walk *w, const struct place *a, const struct place *b)
{
    uint32_t af, al, bf, bl;
    children(w->a, a->level, a->index, &af, &al);
    children(w->b, b->level, b->index, &bf, &bl);
    for (uint32_t i = af; i < al; i++) {
        struct place pa, pb;
        place_at(w->a, a->level - 1, i, &pa);
        for (uint32_t j = bf > i ? bf : i; j < bl; j++) {
            place_at(w->b, b->level - 1, j, &pb);
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
    struct opened opened;
    bool open_a = a->level >= b->level;
    if (open_a)
        open_towards(w->a, a, b, &opened);
    else
        open_towards(w->b, b, a, &opened);
    for (unsigned i = 0; i < opened.count; i++) {
        const struct place *child = &opened.child[opened.order[i]];
        if (!(open_a ? walk(w, child, b) : walk(w, a, child)))
            return false;
    }
    return true;
}

bool tf_edge_pairs(const struct tf_shape *a, const struct tf_shape *b, const double *limit_m,
                   tf_edge_visit visit, void *ctx)
{
    struct walk w = {a, b, limit_m, visit, ctx};
    uint32_t na = a->levels ? 1 : a->edge_count, nb = b->levels ? 1 : b->edge_count;
    for (uint32_t i = 0; i < na; i++) {
        struct place pa, pb;
        place_at(a, a->levels, i, &pa);
        for (uint32_t j = a == b ? i : 0; j < nb; j++) {
            place_at(b, b->levels, j, &pb);
            if (!walk(&w, &pa, &pb))
                return false;
        }
    }
    return true;
}
