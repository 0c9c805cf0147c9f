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
/* For shorter distances the arc stands for its chord: they differ by < 1 cm. */
#define NEARLY_STRAIGHT_M 20000.0
/* Added to how far edges are looked for: more than all errors of the kernel. */
#define LOOK_SLACK_M 0.02

/* The surface point whose normal points along `ray`, of any length. */
static struct tf_vec3 surface_at(struct tf_vec3 ray)
{
    double flat_z = (1.0 - TF_WGS84_E2) * ray.z_m;
    double k = TF_WGS84_A_M / sqrt(ray.x_m * ray.x_m + ray.y_m * ray.y_m + ray.z_m * flat_z);

    return tf_v3(k * ray.x_m, k * ray.y_m, k * flat_z);
}

/* A cell on the ellipsoid. */
struct patch {
    struct tf_vec3 centre, corner[5]; /* the first corner again as the last */
    double radius_m;                  /* of a circle about the centre that holds the cell */
};

/*
 * The radius: a corner's arc is at most that of its chord on the most curved sphere, so its
 * angle on the sphere of S2 at most that over the least radius; the cell lies
 * within the greatest such angle; and no angle spans more than the greatest radius.
 */
static void patch_init(struct patch *patch, const struct tf_cell_square *square)
{
    double chord_sq = 0.0, half;

    patch->centre = surface_at(tf_cell_ray(square, 1, 1));
    for (int k = 0; k < 4; k++) {
        struct tf_vec3 corner = surface_at(tf_cell_ray(square, (k + 1) / 2 % 2 * 2, k / 2 * 2));
        struct tf_vec3 d = tf_v3_sub(corner, patch->centre);
        double sq = tf_v3_dot(d, d);
        chord_sq = sq > chord_sq ? sq : chord_sq;
        patch->corner[k] = corner;
    }
    patch->corner[4] = patch->corner[0];
    half = sqrt(chord_sq) / (2.0 * TF_RADIUS_MIN_M);
    /* asin(x) <= x + x^3 / 4 for x <= 1/2 */
    patch->radius_m = TF_RADIUS_MAX_M * 2.0 * (half + half * half * half / 4.0) + EDGE_ERROR_M;
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
    double limit_m;  /* edges farther away need not be seen */
    double near_m;   /* an edge nearer than this may touch the cell, */
    double touch_m;  /* one nearer than this puts the centre inside, */
    double inside_m; /* and one nearer than this the whole cell (-1: none can) */
    bool near, touched, inside;
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
    double away_m = sqrt(tf_edge_distance_sq(&e, &point, &on_edge, &on_point));

    (void)unused;
    look->near |= away_m <= look->near_m;
    look->touched |= away_m <= look->touch_m;
    look->inside = away_m <= look->inside_m;
    if (look->below)
        collect(look, &e);
    if (!look->near || (look->below && look->collected <= TF_BORDER_EDGES))
        return !look->inside;
    /* Only nearer edges can tell more. */
    look->limit_m = look->touched ? look->inside_m : look->touch_m;
    return !look->inside && look->limit_m > 0.0;
}

/* Points `below` to the edges collected if they fit, else to all that were there. */
static void narrow(struct tf_border *below, const struct tf_border *border, uint32_t collected)
{
    struct tf_shape *few = &below->few;

    below->shape = border->shape;
    below->part = border->part;
    below->toward = border->toward;
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

/* What is nearer than this is surely within the arc; -1 if nothing is. */
static double sure_chord_m(double arc_m)
{
    double chord_m = shortest_chord_m(arc_m) - TF_KERNEL_ERROR_M;

    return arc_m > 0.0 && chord_m > 0.0 ? chord_m : -1.0;
}

static enum tf_contact contact(const struct patch *patch, const struct tf_border *border,
                               struct tf_border *below)
{
    const struct tf_shape *s = border->shape;
    double near_m = longest_chord_m(s->radius_m + s->slop_m + patch->radius_m) + LOOK_SLACK_M;
    struct tf_vec3 centre = patch->centre;
    struct tf_shape point = {.kind = TF_SHAPE_CIRCLE, .point_count = 1, .edge_count = 1};
    struct look look = {.part = border->part,
                        .centre = centre,
                        .limit_m = near_m,
                        .near_m = near_m,
                        .touch_m = sure_chord_m(s->radius_m),
                        .inside_m = sure_chord_m(s->radius_m - patch->radius_m)};

    point.points = &centre;
    if (below && border->part->edge_count > FEW_EDGES) {
        look.below = below;
        look.limit_m += patch->radius_m; /* what is near a child is within this of its parent */
    }
    tf_edge_pairs(border->part, &point, &look.limit_m, look_at_edge, &look);
    if (look.inside)
        return TF_CONTACT_INSIDE;
    if (!look.near)
        return tf_shape_is_area(s) && tf_area_has(s, centre) ? TF_CONTACT_INSIDE
                                                             : TF_CONTACT_OUTSIDE;
    if (below)
        narrow(below, border, look.below ? look.collected : TF_BORDER_EDGES + 1);
    return look.touched ? TF_CONTACT_TOUCHED : TF_CONTACT_BORDER;
}

void tf_border_init(struct tf_border *border, const struct tf_shape *shape)
{
    struct tf_vec3 normal = tf_v3_normal(shape->centre_v);

    border->shape = border->part = shape;
    border->toward = tf_v3_scale(normal, 1.0 / tf_v3_norm(normal));
}

enum tf_contact tf_cell_contact(tf_cell cell, const struct tf_border *border,
                                struct tf_border *below)
{
    struct tf_cell_square square;
    struct patch patch;

    tf_cell_square(cell, &square);
    /* An angle is more than its sine, and no arc shrinks below the least radius. */
    if (tf_cell_sine_to(&square, border->toward) * TF_RADIUS_MIN_M >
        border->shape->extent_m + LOOK_SLACK_M)
        return TF_CONTACT_OUTSIDE;
    patch_init(&patch, &square);
    return contact(&patch, border, below);
}

static bool outline_touches(struct patch *patch, const struct tf_border *border)
{
    struct tf_shape outline = {.kind = TF_SHAPE_POLYGON,
                               .centre_v = patch->centre,
                               .extent_m = patch->radius_m,
                               .ring_count = 1,
                               .point_count = 5,
                               .edge_count = 4,
                               .points = patch->corner};

    return tf_shape_within(border->part, &outline, EDGE_ERROR_M) ||
           (border->part != border->shape && tf_shape_is_area(border->shape) &&
            tf_area_has(border->shape, patch->corner[0]));
}

bool tf_cell_touches_border(tf_cell cell, int level, const struct tf_border *border)
{
    struct tf_cell_square square;
    struct patch patch;

    tf_cell_square(cell, &square);
    patch_init(&patch, &square);
    if (tf_shape_is_area(border->shape) && tf_area_has(border->shape, patch.centre))
        return true;
    if (level >= OUTLINE_LEVEL)
        return outline_touches(&patch, border);
    for (int k = 0; k < 4; k++)
        if (tf_cell_contact_exact(tf_cell_child(cell, k), level + 1, border) != TF_CONTACT_OUTSIDE)
            return true;
    return false;
}

enum tf_contact tf_cell_contact_exact(tf_cell cell, int level, const struct tf_border *border)
{
    struct tf_border below;
    bool is_small = level >= OUTLINE_LEVEL;
    enum tf_contact found = tf_cell_contact(cell, border, is_small ? NULL : &below);

    if (found != TF_CONTACT_BORDER)
        return found;
    return tf_cell_touches_border(cell, level, is_small ? border : &below) ? TF_CONTACT_TOUCHED
                                                                           : TF_CONTACT_OUTSIDE;
}
