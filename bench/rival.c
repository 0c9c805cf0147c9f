/*
 * rival.c - SQLite R*Tree and GEOS, used as well as they allow: one transaction to fill the
 * tree, one prepared statement, integers, plain geometries ready made, a prepared
 * geometry for the query's outline.
 */
#include "rival.h"

#include <geos_c.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DEGREE_M 111195.0
#define COS_48 0.6691306

struct rival {
    sqlite3 *db;
    sqlite3_stmt *select;
    GEOSContextHandle_t geos;
    const struct tf_item *items;
    GEOSGeometry **outlines;
    size_t count;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "rival: %s failed\n", what);
    exit(1);
}

static void print_nothing(const char *format, ...)
{
    (void)format;
}

struct points {
    double x[4000], y[4000];
    unsigned count;
};

static void add_point(void *ctx, size_t ring, struct tf_latlng v)
{
    struct points *points = ctx;
    if (ring > 0 || points->count == 3999)
        return;
    points->x[points->count] = v.lng_deg * DEGREE_M * COS_48;
    points->y[points->count++] = v.lat_deg * DEGREE_M;
}

/* The outline as a polygon; circles and corridors by buffers of eight to the quarter. */
static GEOSGeometry *outline_of(GEOSContextHandle_t geos, const struct tf_shape *shape)
{
    struct points points = {.count = 0};
    struct tf_ring ring = tf_shape_ring(shape, 0);
    for (size_t i = 0; i < ring.count; i++)
        add_point(&points, 0, ring.vertices[i]);
    bool area = tf_shape_kind(shape) == TF_SHAPE_POLYGON;
    if (area)
        add_point(&points, 0, ring.vertices[0]);
    GEOSCoordSequence *s =
        GEOSCoordSeq_copyFromArrays_r(geos, points.x, points.y, NULL, NULL, points.count);
    must(s != NULL, "coordinates");
    if (area)
        return GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, s), NULL, 0);
    GEOSGeometry *core =
        points.count == 1 ? GEOSGeom_createPoint_r(geos, s) : GEOSGeom_createLineString_r(geos, s);
    GEOSGeometry *grown = GEOSBuffer_r(geos, core, tf_shape_radius_m(shape), 8);
    GEOSGeom_destroy_r(geos, core);
    must(grown != NULL, "buffer");
    return grown;
}

static int clamped(double value)
{
    return (int)fmax(-2147483000.0, fmin(2147483000.0, value));
}

/* lat, lng (1e-7 degrees), altitude (cm), time (s): lo, hi of each. */
static void bounds_of(const struct tf_volume4 *v, GEOSContextHandle_t geos, const GEOSGeometry *g,
                      const struct tf_separation *minima, int out[8])
{
    double west, south, east, north, h = minima->horizontal_m;
    GEOSGeom_getXMin_r(geos, g, &west);
    GEOSGeom_getXMax_r(geos, g, &east);
    GEOSGeom_getYMin_r(geos, g, &south);
    GEOSGeom_getYMax_r(geos, g, &north);
    out[0] = clamped((south - h) / DEGREE_M * 1e7);
    out[1] = clamped((north + h) / DEGREE_M * 1e7);
    out[2] = clamped((west - h) / DEGREE_M / COS_48 * 1e7);
    out[3] = clamped((east + h) / DEGREE_M / COS_48 * 1e7);
    out[4] = clamped((v->alt.lower_m - minima->vertical_m) * 100);
    out[5] = clamped((v->alt.upper_m + minima->vertical_m) * 100);
    out[6] = clamped((double)v->start_ns / 1e9 - (double)minima->time_ns / 1e9);
    out[7] = clamped((double)v->end_ns / 1e9 + (double)minima->time_ns / 1e9);
}

static void fill(struct rival *r)
{
    sqlite3_stmt *insert;
    struct tf_separation none = {0};
    sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL);
    sqlite3_prepare_v2(r->db, "INSERT INTO v VALUES(?,?,?,?,?,?,?,?,?)", -1, &insert, NULL);
    for (size_t i = 0; i < r->count; i++) {
        int b[8];
        r->outlines[i] = outline_of(r->geos, r->items[i].v4.shape);
        bounds_of(&r->items[i].v4, r->geos, r->outlines[i], &none, b);
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)i);
        for (int k = 0; k < 8; k++)
            sqlite3_bind_int(insert, k + 2, b[k]);
        must(sqlite3_step(insert) == SQLITE_DONE, "insert");
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL);
}

struct rival *rival_new(const struct tf_item *items, size_t count)
{
    struct rival *r = calloc(1, sizeof *r);
    must(r != NULL, "memory");
    r->items = items;
    r->count = count;
    r->outlines = calloc(count, sizeof(GEOSGeometry *));
    r->geos = GEOS_init_r();
    GEOSContext_setNoticeHandler_r(r->geos, print_nothing);
    must(r->outlines && sqlite3_open(":memory:", &r->db) == SQLITE_OK, "open");
    must(sqlite3_exec(r->db,
                      "CREATE VIRTUAL TABLE v USING rtree_i32(id, s, n, w, e, lo, hi, t0, t1)",
                      NULL, NULL, NULL) == SQLITE_OK,
         "rtree_i32");
    fill(r);
    must(sqlite3_prepare_v2(r->db,
                            "SELECT id FROM v WHERE n >= ? AND s <= ? AND e >= ? AND w <= ?"
                            " AND hi >= ? AND lo <= ? AND t1 >= ? AND t0 <= ?",
                            -1, &r->select, NULL) == SQLITE_OK,
         "select");
    return r;
}

void rival_free(struct rival *r)
{
    for (size_t i = 0; i < r->count; i++)
        GEOSGeom_destroy_r(r->geos, r->outlines[i]);
    free(r->outlines);
    sqlite3_finalize(r->select);
    sqlite3_close(r->db);
    GEOS_finish_r(r->geos);
    free(r);
}

static bool meets(const struct tf_volume4 *a, const struct tf_volume4 *b,
                  const struct tf_separation *minima)
{
    return a->start_ns < tf_time_add(b->end_ns, minima->time_ns) &&
           b->start_ns < tf_time_add(a->end_ns, minima->time_ns) &&
           a->alt.lower_m - b->alt.upper_m < minima->vertical_m &&
           b->alt.lower_m - a->alt.upper_m < minima->vertical_m;
}

void *rival_outline(struct rival *r, const struct tf_volume4 *volume)
{
    return outline_of(r->geos, volume->shape);
}

void rival_outline_free(struct rival *r, void *outline)
{
    GEOSGeom_destroy_r(r->geos, outline);
}

size_t rival_query(struct rival *r, const struct tf_volume4 *volume, const void *outline,
                   const struct tf_separation *minima)
{
    int b[8];
    const GEOSPreparedGeometry *prepared = GEOSPrepare_r(r->geos, outline);
    bounds_of(volume, r->geos, outline, minima, b);
    for (int k = 0; k < 8; k++)
        sqlite3_bind_int(r->select, k + 1, b[k]);
    size_t found = 0;
    while (sqlite3_step(r->select) == SQLITE_ROW) {
        size_t i = (size_t)sqlite3_column_int64(r->select, 0);
        if (meets(volume, &r->items[i].v4, minima))
            found += GEOSPreparedDistanceWithin_r(r->geos, prepared, r->outlines[i],
                                                  minima->horizontal_m) == 1;
    }
    sqlite3_reset(r->select);
    GEOSPreparedGeom_destroy_r(r->geos, prepared);
    return found;
}
