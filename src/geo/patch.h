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
    struct tf_vec3 toward; /* unit normal at the shape's centre */
    struct tf_shape few;
    struct tf_vec3 points[2 * TF_BORDER_EDGES];
    uint32_t edge_point[TF_BORDER_EDGES];
};

void tf_border_init(struct tf_border *border, const struct tf_shape *shape);

/* All but BORDER are certain; TOUCHED: and perhaps inside. */
enum tf_contact { TF_CONTACT_OUTSIDE, TF_CONTACT_BORDER, TF_CONTACT_TOUCHED, TF_CONTACT_INSIDE };

/* How the cell lies to the shape. If `below` is not NULL and the answer is BORDER or TOUCHED, it
 * is set to what matters of the border in this cell's children. */
enum tf_contact tf_cell_contact(tf_cell cell, const struct tf_border *border,
                                struct tf_border *below);

/* Decides the BORDER case: whether the cell is touched, to within TF_GEO_TOLERANCE_M. */
bool tf_cell_touches_border(tf_cell cell, int level, const struct tf_border *border);

/* Both: never BORDER. */
enum tf_contact tf_cell_contact_exact(tf_cell cell, int level, const struct tf_border *border);

#endif
