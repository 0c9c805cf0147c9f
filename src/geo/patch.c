/*
 * patch.c - how an outline meets one S2 cell.
 *
 * A cell lies within a circle about its centre; the distance of the centre from
 * the shape's border tells whether the circle, and so the cell, is wholly outside or
 * wholly inside. What remains, cells along the border, is decided by the
 * distance of the cell's own outline from the shape if the cell is small, and
 * by its children if it is not.
 *
 * A small cell's outline: its corners joined by geodesics. The true edges are
 * great circles of the sphere on which geodetic latitude is taken as spherical;
 * on a cell of level 12, the largest that is decided so, they are within
 * EDGE_ERROR_M of the geodesics, and decisions are widened by that.
 */
#include "geo/patch.h"

enum { OUTLINE_LEVEL = 12, FEW_EDGES = 4 };

#define EDGE_ERROR_M 0.001
/* No corner is farther from its cell's centre than this times 2^-level (radians;
 * 1.2194 found over all cells of the first levels and in the limit). */
#define CORNER_ANGLE 1.22
/* For shorter distances the arc stands for its chord: they differ by < 1 cm. */
#define NEARLY_STRAIGHT_M 20000.0
/* Added to how far edges are looked for: more than all errors of the kernel. */
#define LOOK_SLACK_M 0.02

/* The surface point whose normal this is. */
static struct tf_vec3 surface_at(struct tf_vec3 normal)
{
    double n_m = TF_WGS84_A_M / sqrt(1.0 - TF_WGS84_E2 * normal.z_m * normal.z_m);

    return tf_v3(n_m * normal.x_m, n_m * normal.y_m, n_m * (1.0 - TF_WGS84_E2) * normal.z_m);
}

/* Of a circle about the centre that holds the cell: no arc of the unit sphere
 * grows by more than the greatest radius of curvature. */
static double circle_m(const struct tf_cell_rays *rays)
{
    double chord_sq = 0.0, half;

    for (int k = 0; k < 4; k++) {
        struct tf_vec3 d = tf_v3_sub(rays->corner[k], rays->centre);
        chord_sq = fmax(chord_sq, tf_v3_dot(d, d));
    }
    half = sqrt(chord_sq) / 2.0;
    /* asin(x) <= x + x^3 / 4 for x <= 1/2 */
    return TF_RADIUS_MAX_M * 2.0 * (half + half * half * half / 4.0) + EDGE_ERROR_M;
}

static double longest_chord_m(double arc_m)
{
    return arc_m < NEARLY_STRAIGHT_M ? arc_m : tf_chord_most(arc_m);
}

/* A lower bound of tf_chord_least: sin(x) >= x - x^3 / 6. */
static double shortest_chord_m(double arc_m)
{
    double ratio = arc_m / TF_RADIUS_MIN_M;

    return arc_m * (1.0 - ratio * ratio / 24.0);
}

/* What the walk along the border looks for. */
struct look {
    const struct tf_shape *part;
    struct tf_vec3 centre;
    double near_sq;   /* an edge nearer than this may touch the cell, */
    double inside_sq; /* and one nearer than this puts the cell inside (0: none can) */
    bool near, inside;
    struct tf_border *below; /* where edges for the children go, or NULL */
    uint32_t collected;      /* may exceed the space */
};

static void collect(struct look *look, const struct tf_edge3 *e)
{
    struct tf_border *below = look->below;
    uint32_t n = look->collected++;

    if (n >= TF_BORDER_EDGES)
        return;
    below->points[2 * n] = e->a;
    below->points[2 * n + 1] = e->b;
    below->edge_point[n] = 2 * n;
}

static bool look_at_edge(void *ctx, uint32_t edge, uint32_t unused)
{
    struct look *look = ctx;
    const struct tf_shape *s = look->part;
    struct tf_edge3 e = {s->points[tf_edge_point(s, edge)], s->points[tf_edge_end(s, edge)]};
    struct tf_edge3 point = {look->centre, look->centre};
    struct tf_vec3 on_edge, on_point;
    double sq = tf_edge_distance_sq(&e, &point, &on_edge, &on_point);

    (void)unused;
    look->near |= sq <= look->near_sq;
    look->inside = sq <= look->inside_sq;
    if (look->below)
        collect(look, &e);
    if (look->inside)
        return false;
    return !look->near || look->inside_sq > 0.0 ||
           (look->below && look->collected <= TF_BORDER_EDGES);
}

/* Points `below` to the edges collected if they fit, else to all that were there. */
static void narrow(struct tf_border *below, const struct tf_border *border, uint32_t collected)
{
    struct tf_shape *few = &below->few;

    below->shape = border->shape;
    below->part = border->part;
    if (collected > TF_BORDER_EDGES || collected == border->part->edge_count)
        return;
    *few = (struct tf_shape){.kind = TF_SHAPE_CORRIDOR,
                             .radius_m = border->shape->radius_m,
                             .slop_m = border->shape->slop_m,
                             .extent_m = border->shape->extent_m,
                             .centre_v = border->shape->centre_v,
                             .point_count = 2 * collected,
                             .edge_count = collected,
                             .points = below->points,
                             .edge_point = below->edge_point};
    below->part = few;
}

static enum tf_contact contact(const struct tf_cell_rays *rays, const struct tf_border *border,
                               struct tf_border *below)
{
    const struct tf_shape *s = border->shape;
    double circle = circle_m(rays);
    double near_m = longest_chord_m(s->radius_m + s->slop_m + circle) + LOOK_SLACK_M;
    double inside_m = shortest_chord_m(s->radius_m - circle) - TF_KERNEL_ERROR_M;
    struct tf_vec3 centre = surface_at(rays->centre);
    struct tf_shape point = {.kind = TF_SHAPE_CIRCLE, .point_count = 1, .edge_count = 1};
    struct look look = {.part = border->part, .centre = centre, .near_sq = near_m * near_m};

    point.points = &centre;
    if (inside_m > 0.0)
        look.inside_sq = inside_m * inside_m;
    if (below && border->part->edge_count > FEW_EDGES) {
        look.below = below;
        near_m += circle; /* what is near to a child is within this of its parent's centre */
    }
    tf_edge_pairs(border->part, &point, &near_m, look_at_edge, &look);
    if (look.inside)
        return TF_CONTACT_INSIDE;
    if (!look.near)
        return tf_shape_is_area(s) && tf_area_has(s, centre) ? TF_CONTACT_INSIDE
                                                             : TF_CONTACT_OUTSIDE;
    if (below)
        narrow(below, border, look.below ? look.collected : TF_BORDER_EDGES + 1);
    return TF_CONTACT_BORDER;
}

enum tf_contact tf_cell_contact(tf_cell cell, int level, const struct tf_border *border,
                                struct tf_border *below)
{
    const struct tf_shape *s = border->shape;
    double reach_m = s->extent_m + ldexp(TF_RADIUS_MAX_M * CORNER_ANGLE, -level) + LOOK_SLACK_M;
    struct tf_cell_rays rays;
    struct tf_vec3 d;

    rays.centre = tf_cell_centre_ray(cell);
    d = tf_v3_sub(surface_at(rays.centre), s->centre_v);
    if (tf_v3_dot(d, d) > reach_m * reach_m)
        return TF_CONTACT_OUTSIDE;
    tf_cell_rays(cell, &rays);
    return contact(&rays, border, below);
}

static bool outline_touches(tf_cell cell, const struct tf_border *border)
{
    struct tf_cell_rays rays;
    struct tf_vec3 corner[5];
    struct tf_shape outline = {.kind = TF_SHAPE_POLYGON,
                               .ring_count = 1,
                               .point_count = 5,
                               .edge_count = 4,
                               .points = corner};

    tf_cell_rays(cell, &rays);
    for (int k = 0; k < 5; k++)
        corner[k] = surface_at(rays.corner[k % 4]);
    outline.centre_v = surface_at(rays.centre);
    outline.extent_m = circle_m(&rays);
    return tf_shape_within(border->part, &outline, EDGE_ERROR_M) ||
           (border->part != border->shape && tf_shape_is_area(border->shape) &&
            tf_area_has(border->shape, corner[0]));
}

bool tf_cell_touches_border(tf_cell cell, int level, const struct tf_border *border)
{
    if (level >= OUTLINE_LEVEL)
        return outline_touches(cell, border);
    for (int k = 0; k < 4; k++)
        if (tf_cell_contact_exact(tf_cell_child(cell, k), level + 1, border) != TF_CONTACT_OUTSIDE)
            return true;
    return false;
}

enum tf_contact tf_cell_contact_exact(tf_cell cell, int level, const struct tf_border *border)
{
    struct tf_border below;
    enum tf_contact found =
        tf_cell_contact(cell, level, border, level < OUTLINE_LEVEL ? &below : NULL);

    if (found == TF_CONTACT_BORDER &&
        !tf_cell_touches_border(cell, level, level < OUTLINE_LEVEL ? &below : border))
        return TF_CONTACT_OUTSIDE;
    return found;
}
