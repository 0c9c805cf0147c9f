/*
 * cover.c - coverings: the S2 cells that an outline touches.
 *
 * From a few coarse cells about the shape, cells are halved down the curve (which
 * keeps them sorted). Cells wholly outside are dropped, cells wholly inside counted out
 * without a look, and those on the border looked into (patch.h). So a covering
 * costs as many tests as its border has cells.
 */
#include <stdlib.h>

#include "geo/patch.h"

enum { FACES = 6, MOST_ROOTS = 9, MOST_CELLS = 4000000 };

/* Length of the shortest width of cells of level 0 on the unit sphere (times 2^-level
 * for others), 2 sqrt(2) / 3, rounded down. */
#define LEAST_WIDTH 0.94

/* What the shape spans from its centre on the sphere of S2, at most (radians). */
static double span(const struct tf_shape *s)
{
    return (s->extent_m + 2.0 * TF_GEO_TOLERANCE_M) / TF_RADIUS_MIN_M;
}

/* The finest level, at most `most`, on which a cell and its neighbours hold all that is
 * within the shape's extent of a point in the cell; -1 if none. */
static int root_level(const struct tf_shape *s, int most)
{
    double angle = span(s);
    int level = -1;

    for (double width = LEAST_WIDTH; level < most && width >= angle; width /= 2.0)
        level++;
    return level;
}

static int by_id(const void *a, const void *b)
{
    const tf_cell x = *(const tf_cell *)a, y = *(const tf_cell *)b;

    return x < y ? -1 : x > y;
}

/* Cells of `level` (as root_level gives, or less) that hold the shape, sorted. */
static size_t roots(const struct tf_border *border, int level, tf_cell out[MOST_ROOTS])
{
    struct tf_cell_square square;
    size_t count = 0;

    if (level < 0) {
        for (; count < FACES; count++)
            out[count] = tf_cell_at((struct tf_cell_place){(int)count, 0, 0, 0});
        return count;
    }
    out[0] = tf_cell_from_latlng(border->shape->centre, level);
    tf_cell_square(out[0], &square);
    if (tf_cell_sine_to(&square, border->toward) < -span(border->shape))
        return 1; /* the cell holds the shape by itself */
    count = 1 + tf_cell_all_neighbours(out[0], out + 1);
    qsort(out, count, sizeof *out, by_id);
    return count;
}

/*
 * Fixed level.
 */
struct covering {
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

static void descend(struct covering *c, tf_cell cell, int level, const struct tf_border *border)
{
    struct tf_border below;
    bool is_last = level == c->level;
    enum tf_contact contact;

    if (c->count > MOST_CELLS)
        return;
    contact = tf_cell_contact(cell, border, is_last ? NULL : &below);
    if (contact == TF_CONTACT_OUTSIDE)
        return;
    if (contact == TF_CONTACT_INSIDE)
        emit_all(c, cell, level);
    else if (!is_last)
        for (int k = 0; k < 4; k++)
            descend(c, tf_cell_child(cell, k), level + 1, &below);
    else if (contact == TF_CONTACT_TOUCHED || tf_cell_touches_border(cell, level, border))
        emit_all(c, cell, level);
}

enum tf_status tf_cell_cover(const struct tf_shape *shape, int level, tf_cell *out, size_t capacity,
                             size_t *count)
{
    struct covering c = {level, out, capacity, 0};
    tf_cell root[MOST_ROOTS];
    struct tf_border border;
    int start;
    size_t n;

    if (level < 0 || level > TF_CELL_MAX_LEVEL)
        return TF_RANGE;
    tf_border_init(&border, shape);
    start = root_level(shape, level);
    n = roots(&border, start, root);
    for (size_t i = 0; i < n; i++)
        descend(&c, root[i], start < 0 ? 0 : start, &border);
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

static void look_at_children(struct node *node, const struct tf_border *border)
{
    node->touched = node->filled = 0;
    for (int k = 0; k < 4; k++) {
        enum tf_contact contact = TF_CONTACT_INSIDE;
        if (!node->whole)
            contact = tf_cell_contact_exact(tf_cell_child(node->cell, k), node->level + 1, border);
        if (contact != TF_CONTACT_OUTSIDE)
            node->touched |= (uint8_t)(1 << k);
        if (contact == TF_CONTACT_INSIDE)
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
                                  const struct tf_border *border)
{
    size_t count = n->count;

    for (size_t i = 0; i < count; i++)
        if (n->list[i].level == level && (level < min_level || !n->list[i].whole))
            look_at_children(&n->list[i], border);
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
static enum tf_status start_nodes(struct nodes *n, const struct tf_border *border, int min_level,
                                  int max_level, size_t max_cells)
{
    const struct tf_shape *s = border->shape;
    int level = root_level(s, max_level);

    for (;; level--) {
        tf_cell root[MOST_ROOTS];
        size_t count = roots(border, level, root);
        int at = level < 0 ? 0 : level;
        n->count = 0;
        for (size_t i = 0; i < count; i++) {
            enum tf_contact contact = tf_cell_contact_exact(root[i], at, border);
            enum tf_status rc = contact == TF_CONTACT_OUTSIDE
                                    ? TF_OK
                                    : nodes_add(n, root[i], at, contact == TF_CONTACT_INSIDE);
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
    struct tf_border border;
    tf_cell *ids = NULL;
    enum tf_status rc;
    size_t n;

    if (min_level < 0 || max_level > TF_CELL_MAX_LEVEL || min_level > max_level)
        return TF_RANGE;
    tf_border_init(&border, shape);
    rc = start_nodes(&nodes, &border, min_level, max_level, max_cells);
    for (int level = 0; level < max_level && !rc; level++)
        rc = split_level(&nodes, level, min_level, max_cells, &border);
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
