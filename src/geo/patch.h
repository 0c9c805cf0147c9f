/*
 * patch.h - how an outline meets one S2 cell, for the coverings.
 */
#ifndef TF_GEO_PATCH_H
#define TF_GEO_PATCH_H

#include "geo/cells.h"
#include "geo/kernel.h"

enum { TF_BORDER_EDGES = 16 };

/*
 * A shape, and the part of its border that matters in some cell: all of it, or a
 * copy of the few edges near the cell. `part` may point into the struct itself
 * or into a border it was narrowed from: neither moves while it is used.
 */
struct tf_border {
    const struct tf_shape *shape, *part;
    struct tf_shape few;
    struct tf_vec3 points[2 * TF_BORDER_EDGES];
    uint32_t edge_point[TF_BORDER_EDGES];
};

static inline void tf_border_init(struct tf_border *b, const struct tf_shape *shape)
{
    b->shape = b->part = shape;
}

/* OUTSIDE and INSIDE are certain. */
enum tf_contact { TF_CONTACT_OUTSIDE, TF_CONTACT_INSIDE, TF_CONTACT_BORDER };

/* How the cell lies to the shape. If `below` is not NULL and the answer is BORDER, it is
 * set to what matters of the border in this cell's children. */
enum tf_contact tf_cell_contact(tf_cell cell, int level, const struct tf_border *border,
                                struct tf_border *below);

/* Decides the BORDER case: whether the cell is touched, to within TF_GEO_TOLERANCE_M. */
bool tf_cell_touches_border(tf_cell cell, int level, const struct tf_border *border);

/* Both: BORDER means that the cell is touched. */
enum tf_contact tf_cell_contact_exact(tf_cell cell, int level, const struct tf_border *border);

#endif
