/*
 * cover.c - coverings: the S2 cells that an outline touches.
 *
 * From a few coarse cells about the shape, cells are halved down the curve. A
 * cell lies within a circle about its centre; the distance of the centre from
 * the shape's border tells whether the circle, and so the cell, is wholly outside or
 * wholly inside. What remains - cells along the border - is decided, once the
 * cell is small enough, by the distance of its own outline from the shape, and
 * before that by its children. So a covering costs as many tests as its border
 * has cells; the inside is counted out.
 *
 * A small cell's outline: its corners joined by geodesics. The true edges are
 * great circles of the sphere on which geodetic latitude is taken as spherical;
 * on a cell of level 12, the largest that is decided so, they are within
 * EDGE_ERROR_M of the geodesics, and decisions are widened by that.
 */
#include <stdlib.h>

#include "geo/cells.h"
#include "geo/kernel.h"

enum { FACES = 6, MOST_ROOTS = 9, MOST_CELLS = 4000000, OUTLINE_LEVEL = 12 };

/* Length of the shortest width of cells of level 0 on the unit sphere (times 2^-level
 * for others), 2 sqrt(2) / 3, rounded down. */
#define LEAST_WIDTH 0.94
#define EDGE_ERROR_M 0.001

enum contact { OUTSIDE, INSIDE, NEAR_BORDER };

/* A cell on the ellipsoid. */
struct patch {
    struct tf_vec3 centre, corner[5]; /* the first corner is repeated */
    double radius_m;                  /* of a circle that holds it */
};

static struct tf_vec3 surface_at(struct tf_vec3 normal)
{
    double n_m = TF_WGS84_A_M / sqrt(1.0 - TF_WGS84_E2 * normal.z_m * normal.z_m);

    return tf_v3(n_m * normal.x_m, n_m * normal.y_m, n_m * (1.0 - TF_WGS84_E2) * normal.z_m);
}

/* No arc of the unit sphere grows by more than the greatest radius of curvature. */
static void patch_init(struct patch *p, tf_cell cell)
{
    struct tf_cell_rays rays;
    double chord_sq = 0.0;

    tf_cell_rays(cell, &rays);
    p->centre = surface_at(rays.centre);
    for (int k = 0; k < 4; k++) {
        struct tf_vec3 d = tf_v3_sub(rays.corner[k], rays.centre);
        chord_sq = fmax(chord_sq, tf_v3_dot(d, d));
        p->corner[k] = surface_at(rays.corner[k]);
    }
    p->corner[4] = p->corner[0];
    p->radius_m = TF_RADIUS_MAX_M * 2.0 * asin(sqrt(chord_sq) / 2.0) + EDGE_ERROR_M;
}

/* What the walk along the border looks for: an edge within `limit_m` of the
 * patch's centre, and one within the shorter distance that puts it inside. */
struct look {
    const struct tf_shape *shape;
    struct tf_vec3 centre;
    double limit_m, inside_m;
    bool near, inside;
};

static bool look_at_edge(void *ctx, uint32_t edge, uint32_t unused)
{
    struct look *look = ctx;
    const struct tf_shape *s = look->shape;
    struct tf_edge3 e = {s->points[tf_edge_point(s, edge)], s->points[tf_edge_end(s, edge)]};
    struct tf_edge3 point = {look->centre, look->centre};
    struct tf_vec3 on_edge, on_point;
    double sq = tf_edge_distance_sq(&e, &point, &on_edge, &on_point);

    (void)unused;
    if (sq > look->limit_m * look->limit_m)
        return true;
    look->near = true;
    look->limit_m = sqrt(sq);
    look->inside = look->limit_m <= look->inside_m;
    return !look->inside && look->inside_m > 0.0;
}

/* OUTSIDE and INSIDE are certain. */
static enum contact patch_contact(const struct patch *p, const struct tf_shape *s)
{
    double grown_m = s->radius_m + s->slop_m;
    double reach_m = s->extent_m + p->radius_m + TF_GEO_TOLERANCE_M;
    struct tf_vec3 d = tf_v3_sub(p->centre, s->centre_v), centre = p->centre;
    struct tf_shape point = {.kind = TF_SHAPE_CIRCLE, .point_count = 1, .edge_count = 1};
    struct look look = {.shape = s, .centre = centre};

    if (tf_v3_dot(d, d) > reach_m * reach_m)
        return OUTSIDE;
    point.points = &centre;
    look.limit_m = tf_chord_most(grown_m + p->radius_m + TF_KERNEL_ERROR_M) + TF_KERNEL_ERROR_M;
    if (s->radius_m > p->radius_m)
        look.inside_m = tf_chord_least(s->radius_m - p->radius_m) - TF_KERNEL_ERROR_M;
    tf_edge_pairs(s, &point, &look.limit_m, look_at_edge, &look);
    if (look.inside)
        return INSIDE;
    if (look.near)
        return NEAR_BORDER;
    return tf_shape_is_area(s) && tf_area_has(s, centre) ? INSIDE : OUTSIDE;
}

static bool outline_touches(struct patch *p, const struct tf_shape *s)
{
    uint32_t point_start[2] = {0, 5};
    struct tf_shape outline = {.kind = TF_SHAPE_POLYGON,
                               .extent_m = p->radius_m,
                               .centre_v = p->centre,
                               .ring_count = 1,
                               .point_count = 5,
                               .edge_count = 4,
                               .points = p->corner,
                               .point_start = point_start};

    return tf_shape_within(s, &outline, EDGE_ERROR_M);
}

static bool touches(tf_cell cell, int level, const struct tf_shape *s);

/* Of a cell that the shape's border may enter. */
static bool border_touches(tf_cell cell, int level, struct patch *p, const struct tf_shape *s)
{
    if (level >= OUTLINE_LEVEL)
        return outline_touches(p, s);
    for (int k = 0; k < 4; k++)
        if (touches(tf_cell_child(cell, k), level + 1, s))
            return true;
    return false;
}

static bool touches(tf_cell cell, int level, const struct tf_shape *s)
{
    struct patch p;
    enum contact contact;

    patch_init(&p, cell);
    contact = patch_contact(&p, s);
    return contact == INSIDE || (contact == NEAR_BORDER && border_touches(cell, level, &p, s));
}

/* The finest level, at most `most`, on which a cell and its neighbours hold all that is
 * within the shape's extent of a point in the cell; -1 if none. */
static int root_level(const struct tf_shape *s, int most)
{
    double angle = (s->extent_m + 2.0 * TF_GEO_TOLERANCE_M) / TF_RADIUS_MIN_M;
    int level = -1;

    while (level < most && ldexp(LEAST_WIDTH, -level - 1) >= angle)
        level++;
    return level;
}

static int by_id(const void *a, const void *b)
{
    const tf_cell x = *(const tf_cell *)a, y = *(const tf_cell *)b;

    return x < y ? -1 : x > y;
}

/* Cells of `level` (as root_level gives, or less) that hold the shape, sorted. */
static size_t roots(const struct tf_shape *s, int level, tf_cell out[MOST_ROOTS])
{
    size_t count = 0;

    if (level < 0) {
        for (; count < FACES; count++)
            out[count] = tf_cell_at((struct tf_cell_place){(int)count, 0, 0, 0});
        return count;
    }
    out[count] = tf_cell_from_latlng(s->centre, level);
    count += 1 + tf_cell_all_neighbours(out[0], out + 1);
    qsort(out, count, sizeof *out, by_id);
    return count;
}

/*
 * Fixed level.
 */
struct covering {
    const struct tf_shape *shape;
    int level;
    tf_cell *out;
    size_t capacity, count; /* above MOST_CELLS: given up */
};

/* All descendants of a cell at the covering's level. */
static void emit_all(struct covering *c, tf_cell cell, int level)
{
    size_t n = (size_t)1 << 2 * (c->level - level);
    uint64_t step = (uint64_t)1 << (1 + 2 * (TF_CELL_MAX_LEVEL - c->level));
    tf_cell first = tf_cell_range_min(cell) + step / 2 - 1;

    for (size_t i = 0; i < n && c->count + i < c->capacity; i++)
        c->out[c->count + i] = first + i * step;
    c->count = n > MOST_CELLS ? MOST_CELLS + 1 : c->count + n;
}

static void descend(struct covering *c, tf_cell cell, int level)
{
    struct patch p;
    enum contact contact;

    if (c->count > MOST_CELLS)
        return;
    patch_init(&p, cell);
    contact = patch_contact(&p, c->shape);
    if (contact == OUTSIDE)
        return;
    if (contact == INSIDE) {
        emit_all(c, cell, level);
        return;
    }
    if (level == c->level) {
        if (border_touches(cell, level, &p, c->shape))
            emit_all(c, cell, level);
        return;
    }
    for (int k = 0; k < 4; k++)
        descend(c, tf_cell_child(cell, k), level + 1);
}

enum tf_status tf_cell_cover(const struct tf_shape *shape, int level, tf_cell *out, size_t capacity,
                             size_t *count)
{
    struct covering c = {shape, level, out, capacity, 0};
    tf_cell root[MOST_ROOTS];
    int start;
    size_t n;

    if (level < 0 || level > TF_CELL_MAX_LEVEL)
        return TF_RANGE;
    start = root_level(shape, level);
    n = roots(shape, start, root);
    for (size_t i = 0; i < n; i++)
        descend(&c, root[i], start < 0 ? 0 : start);
    if (c.count > MOST_CELLS)
        return TF_TOO_LARGE;
    *count = c.count;
    return c.count > capacity ? TF_LIMIT : TF_OK;
}

/*
 * Multi-level. Cells are split level by level, those with the fewest touched
 * children first, for as long as the number of cells permits.
 */
struct node {
    tf_cell cell;
    uint8_t level;
    bool whole;              /* inside the shape: only split to reach min_level */
    uint8_t touched, filled; /* bit per child */
};

struct nodes {
    struct node *list;
    size_t count, capacity;
};

static enum tf_status nodes_add(struct nodes *n, tf_cell cell, int level, bool whole)
{
    if (n->count > MOST_CELLS)
        return TF_TOO_LARGE;
    if (n->count == n->capacity) {
        size_t capacity = n->capacity ? 2 * n->capacity : 64;
        struct node *list = realloc(n->list, capacity * sizeof *list);
        if (!list)
            return TF_NOMEM;
        n->list = list;
        n->capacity = capacity;
    }
    n->list[n->count++] = (struct node){cell, (uint8_t)level, whole, 0, 0};
    return TF_OK;
}

/* Contact of a cell for the purpose of splitting: NEAR_BORDER really touches. */
static enum contact cell_contact(tf_cell cell, int level, const struct tf_shape *s)
{
    struct patch p;
    enum contact contact;

    patch_init(&p, cell);
    contact = patch_contact(&p, s);
    if (contact == NEAR_BORDER && !border_touches(cell, level, &p, s))
        return OUTSIDE;
    return contact;
}

static void look_at_children(struct node *node, const struct tf_shape *s)
{
    node->touched = node->filled = 0;
    for (int k = 0; k < 4; k++) {
        enum contact contact =
            node->whole ? INSIDE : cell_contact(tf_cell_child(node->cell, k), node->level + 1, s);
        if (contact != OUTSIDE)
            node->touched |= (uint8_t)(1 << k);
        if (contact == INSIDE)
            node->filled |= (uint8_t)(1 << k);
    }
}

static unsigned bits_of(uint8_t mask)
{
    return (mask & 1u) + (mask >> 1 & 1u) + (mask >> 2 & 1u) + (mask >> 3 & 1u);
}

/* Replaces node i by its touched children. */
static enum tf_status split(struct nodes *n, size_t i)
{
    struct node parent = n->list[i];
    bool first = true;

    for (int k = 0; k < 4; k++) {
        tf_cell child = tf_cell_child(parent.cell, k);
        bool whole = parent.filled >> k & 1;
        enum tf_status rc = TF_OK;
        if (!(parent.touched >> k & 1))
            continue;
        if (first)
            n->list[i] = (struct node){child, (uint8_t)(parent.level + 1), whole, 0, 0};
        else
            rc = nodes_add(n, child, parent.level + 1, whole);
        if (rc)
            return rc;
        first = false;
    }
    return TF_OK;
}

/* Splits what may be split of the nodes of one level. */
static enum tf_status split_level(struct nodes *n, int level, int min_level, size_t max_cells,
                                  const struct tf_shape *s)
{
    size_t count = n->count;

    for (size_t i = 0; i < count; i++)
        if (n->list[i].level == level && (level < min_level || !n->list[i].whole))
            look_at_children(&n->list[i], s);
    for (unsigned want = 1; want <= 4; want++) {
        for (size_t i = 0; i < count; i++) {
            const struct node *node = &n->list[i];
            enum tf_status rc;
            if (node->level != level || bits_of(node->touched) != want)
                continue;
            if (level >= min_level && n->count + want - 1 > max_cells)
                continue;
            rc = split(n, i);
            if (rc)
                return rc;
        }
    }
    return TF_OK;
}

/* The touched cells of the finest level that suffices for max_cells. */
static enum tf_status start_nodes(struct nodes *n, const struct tf_shape *s, int min_level,
                                  int max_level, size_t max_cells)
{
    int level = root_level(s, max_level);

    for (;; level--) {
        tf_cell root[MOST_ROOTS];
        size_t count = roots(s, level, root);
        int at = level < 0 ? 0 : level;
        n->count = 0;
        for (size_t i = 0; i < count; i++) {
            enum contact contact = cell_contact(root[i], at, s);
            enum tf_status rc =
                contact == OUTSIDE ? TF_OK : nodes_add(n, root[i], at, contact == INSIDE);
            if (rc)
                return rc;
        }
        if (n->count <= max_cells || level <= min_level)
            return TF_OK;
    }
}

/* Writes the ids, sorted, four siblings as their parent where min_level permits. */
static size_t gather(const struct nodes *n, int min_level, tf_cell *ids)
{
    size_t count = 0;

    for (size_t i = 0; i < n->count; i++)
        ids[i] = n->list[i].cell;
    qsort(ids, n->count, sizeof *ids, by_id);
    for (size_t i = 0; i < n->count; i++) {
        ids[count++] = ids[i];
        while (count >= 4 && tf_cell_level(ids[count - 1]) > min_level) {
            tf_cell parent = tf_cell_parent(ids[count - 1], tf_cell_level(ids[count - 1]) - 1);
            if (ids[count - 4] != tf_cell_child(parent, 0) ||
                ids[count - 3] != tf_cell_child(parent, 1) ||
                ids[count - 2] != tf_cell_child(parent, 2))
                break;
            count -= 3;
            ids[count - 1] = parent;
        }
    }
    return count;
}

enum tf_status tf_cell_cover_levels(const struct tf_shape *shape, int min_level, int max_level,
                                    size_t max_cells, tf_cell *out, size_t capacity, size_t *count)
{
    struct nodes nodes = {0};
    tf_cell *ids = NULL;
    enum tf_status rc;
    size_t n;

    if (min_level < 0 || max_level > TF_CELL_MAX_LEVEL || min_level > max_level)
        return TF_RANGE;
    rc = start_nodes(&nodes, shape, min_level, max_level, max_cells);
    for (int level = 0; level < max_level && !rc; level++)
        rc = split_level(&nodes, level, min_level, max_cells, shape);
    if (rc)
        goto out;
    ids = malloc((nodes.count + 1) * sizeof *ids);
    if (!ids) {
        rc = TF_NOMEM;
        goto out;
    }
    n = gather(&nodes, min_level, ids);
    for (size_t i = 0; i < n && i < capacity; i++)
        out[i] = ids[i];
    *count = n;
    rc = n > capacity ? TF_LIMIT : TF_OK;
out:
    free(ids);
    free(nodes.list);
    return rc;
}
