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

/* A cell on its face of the cube: its borders and its middle. */
struct tf_cell_square {
    int face;
    double u[3], v[3]; /* low, middle, high */
};
void tf_cell_square(tf_cell cell, struct tf_cell_square *out); /* of a valid cell */

/* A vector towards (u[i], v[j]), of length 1 to sqrt(3). */
struct tf_vec3 tf_cell_ray(const struct tf_cell_square *square, int i, int j);
/* A lower bound of the sine of the angle from a unit vector to the cell; negative
 * inside. */
double tf_cell_sine_to(const struct tf_cell_square *square, struct tf_vec3 direction);

#endif
