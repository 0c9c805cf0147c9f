/*
 * grid.h - military grids: UTM, UPS and MGRS on WGS84.
 *
 * Sources: NGA.SIG.0012 (UTM, UPS, MGRS: zones, bands, letters, exceptions of
 * Norway and Svalbard); C. Karney, "Transverse Mercator with an accuracy of a
 * few nanometers", J. Geodesy 85 (2011): Krueger's series to order 6, error
 * below 1 um within a zone.
 */
#ifndef TF_FORMAT_GRID_H
#define TF_FORMAT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <tafadi/geo.h>

/* A point of UTM (zone 1..60) or UPS (zone 0), with the false origins in. */
struct tf_grid_point {
    int zone;
    bool north; /* hemisphere: which false northing (UTM), which pole (UPS) */
    double easting_m, northing_m;
};

/* The zone in which NGA.SIG.0012 puts the point: 1..60, or 0 (UPS) south of 80 S and
 * from 84 N on. */
int tf_grid_zone(struct tf_latlng p);
/* The meridians between which zone 1..60 lies at that latitude (80 S to 84 N); false where
 * its neighbours take all of it (32, 34 and 36 from 72 N on). */
bool tf_grid_zone_span(int zone, double lat_deg, double *west_deg, double *east_deg);
/* In the zone of tf_grid_zone. `p` must be valid. */
struct tf_grid_point tf_grid_from_latlng(struct tf_latlng p);
/* In UTM zone 1..60, which need not be the point's own. */
struct tf_grid_point tf_grid_in_zone(struct tf_latlng p, int zone);
/* TF_RANGE if the zone is none or the point is far outside of the grid. */
TF_MUST_CHECK enum tf_status tf_grid_to_latlng(const struct tf_grid_point *g,
                                               struct tf_latlng *out);

/* "37SDA1234567890" and its terminator. */
enum { TF_MGRS_SIZE = 16, TF_MGRS_MAX_DIGITS = 5 };
/* Writes the square that holds p with `digits` (0..5) digits each way: 100 km .. 1 m. */
void tf_mgrs_format(struct tf_latlng p, int digits, char out[TF_MGRS_SIZE]);
/*
 * Reads MGRS text of exactly `len` bytes (ASCII, spaces allowed between the parts,
 * any case). *out is the *centre* of the square, *size_m its side (1 .. 100,000).
 * TF_SYNTAX: not MGRS at all; TF_RANGE: letters that do not exist or do not
 * belong together (band and square contradict each other).
 */
TF_MUST_CHECK enum tf_status tf_mgrs_parse(const char *text, size_t len, struct tf_latlng *out,
                                           double *size_m);
/* South and north latitude of a UTM band letter (C..X without I and O); false if
 * it is none. */
bool tf_grid_band(char letter, double *south_deg, double *north_deg);

#endif
