/*
 * fuzz_cell.c - any bytes as cell ids, as tokens and as small outlines to be
 * covered: no crash, and the laws of cell.h hold.
 *
 * Input: 8 bytes of id, a byte each for kind, level and radius, then vertices of
 * 4 bytes (offsets from the id's centre as 16-bit fractions). The whole input, cut
 * at its first NUL, is also read as a token.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/cell.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_VERTICES = 12, HEAD_BYTES = 11, VERTEX_BYTES = 4, TOKEN_MOST = 40, MOST_CELLS = 20000 };

static void require(bool law, const char *name)
{
    if (!law) {
        fprintf(stderr, "broken law: %s\n", name);
        abort();
    }
}

static void laws_of_token(const uint8_t *data, size_t size)
{
    char text[TOKEN_MOST + 1], back[TF_CELL_TOKEN_SIZE];
    size_t length = size < TOKEN_MOST ? size : TOKEN_MOST;
    memcpy(text, data, length);
    text[length] = '\0';
    tf_cell cell = tf_cell_from_token(text);
    if (cell == 0)
        return;
    tf_cell_token(cell, back);
    require(tf_cell_is_valid(cell), "a token names a valid cell");
    require(tf_cell_from_token(back) == cell, "tokens come back");
}

static void laws_of_invalid(tf_cell id)
{
    tf_cell out[8];
    struct tf_latlng corner[4];
    char token[TF_CELL_TOKEN_SIZE];
    require(tf_cell_level(id) == -1, "an invalid id has no level");
    require(tf_cell_parent(id, 0) == 0 && tf_cell_child(id, 0) == 0, "nor family");
    require(tf_cell_all_neighbours(id, out) == 0, "nor neighbours");
    tf_cell_edge_neighbours(id, out);
    tf_cell_vertices(id, corner);
    tf_cell_token(id, token);
    require(tf_cell_from_token(token) == 0, "its token names no cell");
}

static bool is_neighbour(tf_cell cell, tf_cell of)
{
    tf_cell around[8];
    size_t count = tf_cell_all_neighbours(of, around);
    for (size_t i = 0; i < count; i++)
        if (around[i] == cell)
            return true;
    return false;
}

static void laws_of_valid(tf_cell cell)
{
    tf_cell around[8];
    int level = tf_cell_level(cell);
    require(level >= 0 && level <= TF_CELL_MAX_LEVEL, "a valid id has a level");
    require(tf_cell_parent(cell, level) == cell, "a cell is its own parent");
    require(tf_cell_from_latlng(tf_cell_centre(cell), level) == cell, "the centre is inside");
    for (int k = 0; k < 4 && level < TF_CELL_MAX_LEVEL; k++) {
        tf_cell child = tf_cell_child(cell, k);
        require(tf_cell_parent(child, level) == cell, "children know their parent");
        require(tf_cell_range_min(cell) <= tf_cell_range_min(child) &&
                    tf_cell_range_max(child) <= tf_cell_range_max(cell),
                "children lie in the range");
    }
    size_t count = tf_cell_all_neighbours(cell, around);
    require(count == (level == 0 ? 4u : 7u) || count == 8, "number of neighbours");
    for (size_t i = 0; i < count; i++)
        require(tf_cell_level(around[i]) == level && is_neighbour(cell, around[i]),
                "neighbours are mutual");
}

static bool holds(const tf_cell *cells, size_t count, tf_cell leaf)
{
    for (size_t i = 0; i < count; i++)
        if (tf_cell_range_min(cells[i]) <= leaf && leaf <= tf_cell_range_max(cells[i]))
            return true;
    return false;
}

static void laws_of_cover(const tf_cell *cells, size_t count, const struct tf_shape *shape)
{
    struct tf_ring ring = tf_shape_ring(shape, 0);
    for (size_t i = 1; i < count; i++)
        require(tf_cell_range_max(cells[i - 1]) < tf_cell_range_min(cells[i]),
                "cells are sorted and disjoint");
    for (size_t i = 0; i < ring.count; i++)
        require(holds(cells, count, tf_cell_from_latlng(ring.vertices[i], TF_CELL_MAX_LEVEL)),
                "vertices are covered");
}

static void cover(const struct tf_shape *shape, int level, int min_level, size_t max_cells)
{
    static const int modest = 4; /* levels below the shape's own size */
    tf_cell *cells = malloc(MOST_CELLS * sizeof *cells);
    size_t count;
    int finest = modest + (int)floor(log2(6.0e6 / (tf_shape_extent_m(shape) + 0.001)));
    if (level > finest)
        level = finest < 0 ? 0 : finest;
    if (level > TF_CELL_MAX_LEVEL)
        level = TF_CELL_MAX_LEVEL;
    if (min_level > level)
        min_level = level;
    if (cells && tf_cell_cover(shape, level, cells, MOST_CELLS, &count) == TF_OK)
        laws_of_cover(cells, count, shape);
    if (cells && tf_cell_cover_levels(shape, min_level, level, max_cells, cells, MOST_CELLS,
                                      &count) == TF_OK)
        laws_of_cover(cells, count, shape);
    free(cells);
}

static struct tf_shape *shape_of(unsigned kind, struct tf_ring ring, double radius_m)
{
    struct tf_shape *shape = NULL;
    enum tf_edges edges = kind & 4 ? TF_EDGES_LONLAT : TF_EDGES_GEODESIC;
    enum tf_status rc;
    if ((kind & 3) == 0)
        rc = tf_shape_polygon(&ring, 1, edges, 0, &shape, NULL);
    else
        rc = tf_shape_corridor(ring, radius_m, edges, 0, &shape, NULL);
    return rc ? NULL : shape;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_latlng vertices[MAX_VERTICES];
    size_t count = 1;
    tf_cell id;
    laws_of_token(data, size);
    if (size < HEAD_BYTES)
        return 0;
    memcpy(&id, data, sizeof id);
    if (!tf_cell_is_valid(id)) {
        laws_of_invalid(id);
        return 0;
    }
    laws_of_valid(id);
    vertices[0] = tf_cell_centre(id);
    double scale_deg = exp2((data[8] >> 3) / 2.0 - 12.0) / INT16_MAX;
    for (size_t at = HEAD_BYTES; at + VERTEX_BYTES <= size && count < MAX_VERTICES;
         at += VERTEX_BYTES, count++) {
        int16_t offset[2];
        memcpy(offset, data + at, sizeof offset);
        vertices[count].lat_deg = fmax(-90, fmin(90, vertices[0].lat_deg + offset[0] * scale_deg));
        vertices[count].lng_deg = remainder(vertices[0].lng_deg + offset[1] * scale_deg, 360);
    }
    struct tf_shape *shape =
        shape_of(data[8] & 7, (struct tf_ring){vertices, count}, exp2(data[10] / 16.0) - 1);
    if (shape)
        cover(shape, data[9] & 31, data[9] >> 5, (size_t)1 << (data[10] & 7));
    tf_shape_unref(shape);
    return 0;
}
