/*
 * undulation.h - the generated table of geoid undulation bounds (undulation_table.c).
 */
#ifndef TF_AIRSPACE_UNDULATION_H
#define TF_AIRSPACE_UNDULATION_H

#include <stdint.h>

#define UNDULATION_CELL_DEG 2.5
enum { UNDULATION_ROWS = 72, UNDULATION_COLS = 144 };

/* Whole metres, rounded outward; the cell with its border. */
struct undulation_cell {
    int8_t low_m, high_m;
};

extern const struct undulation_cell tf_undulation_cells[UNDULATION_ROWS][UNDULATION_COLS];

#endif
