/*
 * mgrs.c - grid references as the Military Grid Reference System writes them.
 *
 *     37 S DA 12345 67890        YXJ 12345 67890
 *     |  | |  |     |            ||
 *     |  | |  east  north        |100 km square
 *     |  | 100 km square         UPS: A, B (south), Y, Z (north)
 *     |  band of latitude
 *     zone
 */
#include "format/grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SQUARE_M 100000.0
#define ROW_CYCLE_M 2000000.0 /* UTM row letters repeat after 20 squares */

static const char bands[] = "CDEFGHJKLMNPQRSTUVWX";
static const char rows[] = "ABCDEFGHJKLMNPQRSTUV";
static const char *const columns[3] = {"STUVWXYZ", "ABCDEFGH", "JKLMNPQR"}; /* by zone % 3 */

/* UPS: letters of the columns and rows, and the grid lines where they begin. */
static const struct polar {
    char letter;
    bool north;
    const char *columns, *rows;
    double west_m, south_m;
} polar_zones[] = {
    {'A', false, "JKLPQRSTUXYZ", "ABCDEFGHJKLMNPQRSTUVWXYZ", 800000, 800000},
    {'B', false, "ABCFGHJKLPQR", "ABCDEFGHJKLMNPQRSTUVWXYZ", 2000000, 800000},
    {'Y', true, "JKLPQRSTUXYZ", "ABCDEFGHJKLMNP", 800000, 1300000},
    {'Z', true, "ABCFGHJ", "ABCDEFGHJKLMNP", 2000000, 1300000},
};

bool tf_grid_band(char letter, double *south_deg, double *north_deg)
{
    const char *at = letter ? strchr(bands, letter) : NULL;
    if (!at)
        return false;
    *south_deg = -80 + 8 * (double)(at - bands);
    *north_deg = letter == 'X' ? 84 : *south_deg + 8;
    return true;
}

static char band_letter(double lat_deg)
{
    int band = (int)floor((lat_deg + 80) / 8);
    int last = (int)sizeof bands - 2;
    return bands[band < 0 ? 0 : band > last ? last : band];
}

/* The prefix "37SDA" or "YXJ" of the square that holds g; returns its length. */
static int square_prefix(const struct tf_grid_point *g, double lat_deg, char *out, size_t size)
{
    if (g->zone > 0) {
        int column = (int)floor(g->easting_m / SQUARE_M) - 1;
        column = column < 0 ? 0 : column > 7 ? 7 : column;
        int row = (int)floor(g->northing_m / SQUARE_M) + (g->zone % 2 ? 0 : 5);
        return snprintf(out, size, "%02d%c%c%c", g->zone, band_letter(lat_deg),
                        columns[g->zone % 3][column], rows[row % 20]);
    }
    const struct polar *p = &polar_zones[(g->north ? 2 : 0) + (g->easting_m >= 2000000 ? 1 : 0)];
    int column = (int)floor((g->easting_m - p->west_m) / SQUARE_M);
    int row = (int)floor((g->northing_m - p->south_m) / SQUARE_M);
    int last_column = (int)strlen(p->columns) - 1, last_row = (int)strlen(p->rows) - 1;
    column = column < 0 ? 0 : column > last_column ? last_column : column;
    row = row < 0 ? 0 : row > last_row ? last_row : row;
    return snprintf(out, size, "%c%c%c", p->letter, p->columns[column], p->rows[row]);
}

void tf_mgrs_format(struct tf_latlng p, int digits, char out[TF_MGRS_SIZE])
{
    struct tf_grid_point g = tf_grid_from_latlng(p);
    if (g.zone > 0 && g.northing_m >= 10000000) /* a point just south of the equator */
        g.northing_m = nextafter(10000000, 0);
    int n = square_prefix(&g, p.lat_deg, out, TF_MGRS_SIZE);
    if (digits <= 0 || n < 0)
        return;
    double unit_m = SQUARE_M * pow(10, -digits);
    int east = (int)floor(fmod(g.easting_m, SQUARE_M) / unit_m);
    int north = (int)floor(fmod(g.northing_m, SQUARE_M) / unit_m);
    snprintf(out + n, (size_t)(TF_MGRS_SIZE - n), "%0*d%0*d", digits, east, digits, north);
}

/* The parts of a text; letters upper case. */
struct parts {
    int zone; /* 0: UPS */
    char band, column, row;
    char digits[2 * TF_MGRS_MAX_DIGITS + 1];
    int digit_count;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next character that is no space, upper case; 0 at the end. */
static char next(const char **p, const char *end)
{
    while (*p < end && **p == ' ')
        (*p)++;
    char c = *p < end ? *(*p)++ : '\0';
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static enum tf_status split(const char *text, size_t len, struct parts *out)
{
    const char *p = text, *end = text + len;
    char c = next(&p, end);
    *out = (struct parts){0};
    for (int i = 0; i < 2 && is_digit(c); i++, c = next(&p, end))
        out->zone = out->zone * 10 + (c - '0');
    bool utm = out->zone > 0;
    char *letters[] = {&out->band, &out->column, &out->row};
    for (int i = 0; i < 3; i++, c = next(&p, end)) {
        if (c < 'A' || c > 'Z')
            return TF_SYNTAX;
        *letters[i] = c;
    }
    for (; is_digit(c) && out->digit_count < 2 * TF_MGRS_MAX_DIGITS; c = next(&p, end))
        out->digits[out->digit_count++] = c;
    if (c || p != end || out->digit_count % 2 != 0)
        return TF_SYNTAX;
    return utm && out->zone > 60 ? TF_RANGE : TF_OK;
}

/* The south-west corner of the 100 km square in its band. */
static enum tf_status utm_corner(const struct parts *parts, struct tf_grid_point *out)
{
    double south_deg, north_deg;
    const char *column = strchr(columns[parts->zone % 3], parts->column);
    const char *row = strchr(rows, parts->row);
    if (!tf_grid_band(parts->band, &south_deg, &north_deg) || !column || !row)
        return TF_RANGE;
    *out = (struct tf_grid_point){.zone = parts->zone, .north = south_deg >= 0};
    out->easting_m = SQUARE_M * (double)(column - columns[parts->zone % 3] + 1);
    double northing = SQUARE_M * (double)((row - rows + (parts->zone % 2 ? 0 : 15)) % 20);
    /* Parallels bend away from the equator off the central meridian: some km. */
    struct tf_grid_point bottom =
        tf_grid_from_latlng((struct tf_latlng){south_deg, parts->zone * 6 - 183});
    double least = floor((bottom.northing_m - 20000) / SQUARE_M) * SQUARE_M;
    while (northing < least)
        northing += ROW_CYCLE_M;
    out->northing_m = northing;
    return TF_OK;
}

static enum tf_status ups_corner(const struct parts *parts, struct tf_grid_point *out)
{
    for (size_t i = 0; i < sizeof polar_zones / sizeof *polar_zones; i++) {
        const struct polar *z = &polar_zones[i];
        if (z->letter != parts->band)
            continue;
        const char *column = strchr(z->columns, parts->column), *row = strchr(z->rows, parts->row);
        if (!column || !row)
            return TF_RANGE;
        *out = (struct tf_grid_point){.zone = 0, .north = z->north};
        out->easting_m = z->west_m + SQUARE_M * (double)(column - z->columns);
        out->northing_m = z->south_m + SQUARE_M * (double)(row - z->rows);
        return TF_OK;
    }
    return TF_RANGE;
}

/* The point of that zone and band of UTM that is next to p, by latitude, then longitude. */
static bool nearest_in_band(int zone, char band, struct tf_latlng *p)
{
    double south_deg, north_deg, west_deg, east_deg;
    if (!tf_grid_band(band, &south_deg, &north_deg))
        return false;
    p->lat_deg = fmin(fmax(p->lat_deg, south_deg), nextafter(north_deg, -90));
    if (!tf_grid_zone_span(zone, p->lat_deg, &west_deg, &east_deg))
        return false;
    double middle_deg = (west_deg + east_deg) / 2, half_deg = (east_deg - west_deg) / 2;
    double off_deg = remainder(p->lng_deg - middle_deg, 360);
    p->lng_deg = middle_deg + fmin(fmax(off_deg, -half_deg), half_deg);
    return true;
}

/* Is the point of the zone and band that is next to p in the square, give or take a
 * micrometre of rounding? */
static bool reaches(const struct tf_grid_point *corner, char band, double size_m,
                    struct tf_latlng p)
{
    struct tf_grid_point g;
    if (corner->zone > 0) {
        if (!nearest_in_band(corner->zone, band, &p))
            return false;
        g = tf_grid_in_zone(p, corner->zone);
    } else {
        p.lat_deg = corner->north ? fmax(p.lat_deg, 84) : fmin(p.lat_deg, nextafter(-80, -90));
        g = tf_grid_from_latlng(p);
    }
    double east_m = g.easting_m - corner->easting_m, north_m = g.northing_m - corner->northing_m;
    return east_m >= -1e-6 && east_m <= size_m + 1e-6 && north_m >= -1e-6 &&
           north_m <= size_m + 1e-6;
}

/*
 * Does any point of the square belong to the zone and band that were written? Where zones
 * and bands meet it may be a sliver of the square, at one of its corners or, where the
 * corner of zone and band lies in the square, next to that.
 */
static bool belongs(const struct tf_grid_point *corner, char band, double size_m)
{
    static const double at[][2] = {{.5, .5}, {0, 0}, {1, 0}, {0, 1}, {1, 1}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct tf_grid_point g = *corner;
        struct tf_latlng p;
        g.easting_m += at[i][0] * size_m;
        g.northing_m += at[i][1] * size_m;
        if (!tf_grid_to_latlng(&g, &p) && reaches(corner, band, size_m, p))
            return true;
    }
    return false;
}

static double read_digits(const char *digits, int count)
{
    double value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

enum tf_status tf_mgrs_parse(const char *text, size_t len, struct tf_latlng *out, double *size_m)
{
    struct parts parts;
    enum tf_status rc = split(text, len, &parts);
    if (rc)
        return rc;
    struct tf_grid_point g;
    rc = parts.zone > 0 ? utm_corner(&parts, &g) : ups_corner(&parts, &g);
    if (rc)
        return rc;
    int count = parts.digit_count / 2;
    double unit_m = SQUARE_M * pow(10, -count);
    g.easting_m += unit_m * read_digits(parts.digits, count);
    g.northing_m += unit_m * read_digits(parts.digits + count, count);
    if (!belongs(&g, parts.band, unit_m))
        return TF_RANGE;
    g.easting_m += unit_m / 2;
    g.northing_m += unit_m / 2;
    rc = tf_grid_to_latlng(&g, out);
    if (!rc)
        *size_m = unit_m;
    return rc;
}
