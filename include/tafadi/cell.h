/*
 * cell.h - S2 cells: the hierarchical cells on the sphere whose 64-bit ids the
 * ASTM DSS and its pools use as their index.
 *
 * Ids are those of the S2 library, bit for bit (Hilbert curve on six cube
 * faces, quadratic projection). As there, the geodetic latitude is taken as the
 * latitude on the unit sphere. Level 0 is a cube face, level 30 about 1 cm;
 * level 13, the DSS's, about 1 km.
 */
#ifndef TAFADI_CELL_H
#define TAFADI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/geo.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TF_CELL_MAX_LEVEL = 30, TF_CELL_DSS_LEVEL = 13, TF_CELL_TOKEN_SIZE = 17 };

typedef uint64_t tf_cell; /* 0 is no cell */

tf_cell tf_cell_from_latlng(struct tf_latlng p, int level); /* 0 if p or level is invalid */
bool tf_cell_is_valid(tf_cell cell);
int tf_cell_level(tf_cell cell);                   /* -1 if invalid */
tf_cell tf_cell_parent(tf_cell cell, int level);   /* level <= the cell's */
tf_cell tf_cell_child(tf_cell cell, int position); /* position 0..3 */
/* The range of leaf ids in the cell: contains(x) == (min <= x && x <= max). */
tf_cell tf_cell_range_min(tf_cell cell);
tf_cell tf_cell_range_max(tf_cell cell);
struct tf_latlng tf_cell_centre(tf_cell cell);
void tf_cell_vertices(tf_cell cell, struct tf_latlng out[4]); /* counter-clockwise */
void tf_cell_edge_neighbours(tf_cell cell, tf_cell out[4]);
/* All cells of the same level that share an edge or a corner: 8, or 7 at a
 * cube corner, 4 for a whole face. Returns how many. */
size_t tf_cell_all_neighbours(tf_cell cell, tf_cell out[8]);
/* Lower-case hex without trailing zeros, as S2's tokens; "X" for 0. */
void tf_cell_token(tf_cell cell, char out[TF_CELL_TOKEN_SIZE]);
tf_cell tf_cell_from_token(const char *token); /* 0 if it is none */

/*
 * Coverings. Cells that the shape touches (closed; decided conservatively to
 * within TF_GEO_TOLERANCE_M), sorted by id, no duplicates.
 *
 * Fixed level: exactly the cells of `level` that the shape intersects.
 * Multi-level: between min_level and max_level, at most max_cells if that is
 * possible without leaving the shape uncovered; large cells where the shape
 * fills them.
 *
 * Writes at most `capacity` ids and the number needed to *count: if that is
 * larger, returns TF_LIMIT and out holds nothing useful. Fixed level stops
 * counting at 4,000,000 cells (TF_TOO_LARGE). Levels outside of 0..30, or min_level >
 * max_level, are TF_RANGE. Only the multi-level covering allocates, for itself
 * (TF_NOMEM).
 *
 * Cost: by the cells along the border, not by those inside; a few microseconds for a
 * shape of about a cell, about 1 us per cell for a long corridor.
 */
TF_MUST_CHECK enum tf_status tf_cell_cover(const struct tf_shape *shape, int level, tf_cell *out,
                                           size_t capacity, size_t *count);
TF_MUST_CHECK enum tf_status tf_cell_cover_levels(const struct tf_shape *shape, int min_level,
                                                  int max_level, size_t max_cells, tf_cell *out,
                                                  size_t capacity, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
