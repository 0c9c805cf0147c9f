/*
 * cells.h - inside of the S2 cells: their place on the cube and their corners as
 * directions, for the coverings.
 */
#ifndef TF_GEO_CELLS_H
#define TF_GEO_CELLS_H

#include <tafadi/cell.h>

/* Cell (i, j) of the 2^level x 2^level cells of a face; i runs with u, j with v. */
struct tf_cell_place {
    int face, level;
    int64_t i, j;
};

/* `cell` must be valid. */
struct tf_cell_place tf_cell_place(tf_cell cell);
/* The cell at a place; i and j must be in range. */
tf_cell tf_cell_at(struct tf_cell_place place);

/* Unit vectors to the centre and, counter-clockwise, the corners of a valid cell. */
struct tf_cell_rays {
    struct tf_vec3 centre, corner[4];
};
struct tf_vec3 tf_cell_centre_ray(tf_cell cell);
void tf_cell_rays(tf_cell cell, struct tf_cell_rays *out);

#endif
