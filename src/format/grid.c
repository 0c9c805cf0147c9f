/*
 * grid.c - transverse Mercator and polar stereographic projection of WGS84, as
 * UTM and UPS use them (formulas: see grid.h).
 */
#include "format/grid.h"

#include "geo/angle.h"
#include <math.h>

#define UTM_SCALE 0.9996
#define UPS_SCALE 0.994
#define UTM_EASTING_M 500000.0
#define UTM_NORTHING_M 10000000.0
#define UPS_ORIGIN_M 2000000.0
#define BAND_SOUTH_DEG (-80.0)
#define BAND_NORTH_DEG 84.0

enum { ORDER = 6 };

/* Krueger's series, Karney 2011 (35), (36): row j is the factor of sin 2j; the
 * coefficients of n^1..n^6. */
static const double alpha_terms[ORDER][ORDER] = {
    {1.0 / 2, -2.0 / 3, 5.0 / 16, 41.0 / 180, -127.0 / 288, 7891.0 / 37800},
    {0, 13.0 / 48, -3.0 / 5, 557.0 / 1440, 281.0 / 630, -1983433.0 / 1935360},
    {0, 0, 61.0 / 240, -103.0 / 140, 15061.0 / 26880, 167603.0 / 181440},
    {0, 0, 0, 49561.0 / 161280, -179.0 / 168, 6601661.0 / 7257600},
    {0, 0, 0, 0, 34729.0 / 80640, -3418889.0 / 1995840},
    {0, 0, 0, 0, 0, 212378941.0 / 319334400},
};
static const double beta_terms[ORDER][ORDER] = {
    {1.0 / 2, -2.0 / 3, 37.0 / 96, -1.0 / 360, -81.0 / 512, 96199.0 / 604800},
    {0, 1.0 / 48, 1.0 / 15, -437.0 / 1440, 46.0 / 105, -1118711.0 / 3870720},
    {0, 0, 17.0 / 480, -37.0 / 840, -209.0 / 4480, 5569.0 / 90720},
    {0, 0, 0, 4397.0 / 161280, -11.0 / 504, -830251.0 / 7257600},
    {0, 0, 0, 0, 4583.0 / 161280, -108847.0 / 3991680},
    {0, 0, 0, 0, 0, 20648693.0 / 638668800},
};

static const double third_flattening = TF_WGS84_F / (2 - TF_WGS84_F);

static double eccentricity(void)
{
    return sqrt(TF_WGS84_F * (2 - TF_WGS84_F));
}

/* Radius of the rectifying sphere, Karney 2011 (14). */
static double rectifying_radius_m(void)
{
    double n = third_flattening, n2 = n * n;
    return TF_WGS84_A_M / (1 + n) * (1 + n2 / 4 + n2 * n2 / 64 + n2 * n2 * n2 / 256);
}

static double polynomial(const double terms[ORDER])
{
    double sum = 0;
    for (int i = ORDER; i-- > 0;)
        sum = (sum + terms[i]) * third_flattening;
    return sum;
}

/* Tangent of the conformal latitude from that of the geographic one, (7)-(9). */
static double conformal_tan(double tau)
{
    double e = eccentricity();
    double sigma = sinh(e * atanh(e * tau / hypot(1, tau)));
    return tau * hypot(1, sigma) - sigma * hypot(1, tau);
}

/* Its inverse by Newton's method, (19)-(21); three steps reach full precision. */
static double geographic_tan(double tau_conformal)
{
    double e2 = TF_WGS84_F * (2 - TF_WGS84_F);
    double tau = tau_conformal / (1 - e2);
    if (fabs(tau_conformal) > 70) /* near a pole: the limit is the better start */
        tau = tau_conformal * exp(eccentricity() * atanh(eccentricity()));
    for (int i = 0; i < 6; i++) {
        double got = conformal_tan(tau);
        double step = (tau_conformal - got) / hypot(1, got) * (1 + (1 - e2) * tau * tau) /
                      ((1 - e2) * hypot(1, tau));
        tau += step;
        if (!(fabs(step) > 1e-15 * (1 + fabs(tau))))
            break;
    }
    return tau;
}

/* Metres east of the central meridian and north of the equator, scaled. */
static void mercator_forward(double lat_deg, double dlng_deg, double *x_m, double *y_m)
{
    double tau = conformal_tan(tan(lat_deg * TF_RAD_PER_DEG)), lambda = dlng_deg * TF_RAD_PER_DEG;
    double xi0 = atan2(tau, cos(lambda)), eta0 = asinh(sin(lambda) / hypot(tau, cos(lambda)));
    double xi = xi0, eta = eta0;
    for (int j = 0; j < ORDER; j++) {
        double a = polynomial(alpha_terms[j]), k = 2.0 * (j + 1);
        xi += a * sin(k * xi0) * cosh(k * eta0);
        eta += a * cos(k * xi0) * sinh(k * eta0);
    }
    *x_m = UTM_SCALE * rectifying_radius_m() * eta;
    *y_m = UTM_SCALE * rectifying_radius_m() * xi;
}

static void mercator_reverse(double x_m, double y_m, double *lat_deg, double *dlng_deg)
{
    double xi0 = y_m / (UTM_SCALE * rectifying_radius_m());
    double eta0 = x_m / (UTM_SCALE * rectifying_radius_m());
    double xi = xi0, eta = eta0;
    for (int j = 0; j < ORDER; j++) {
        double b = polynomial(beta_terms[j]), k = 2.0 * (j + 1);
        xi -= b * sin(k * xi0) * cosh(k * eta0);
        eta -= b * cos(k * xi0) * sinh(k * eta0);
    }
    double tau = sin(xi) / hypot(sinh(eta), cos(xi));
    *lat_deg = atan(geographic_tan(tau)) / TF_RAD_PER_DEG;
    *dlng_deg = atan2(sinh(eta), cos(xi)) / TF_RAD_PER_DEG;
}

/* Distance from the pole on the plane of a point at conformal exp(-psi) = 1. */
static double stereographic_radius_m(void)
{
    double e = eccentricity();
    return 2 * TF_WGS84_A_M * UPS_SCALE / sqrt(pow(1 + e, 1 + e) * pow(1 - e, 1 - e));
}

/* UPS: x to 90 E; y away from the reader's pole view, NGA.SIG.0012 chapter 8. */
static void stereographic_forward(struct tf_latlng p, bool north, double *x_m, double *y_m)
{
    double tau = conformal_tan(tan((north ? p.lat_deg : -p.lat_deg) * TF_RAD_PER_DEG));
    double rho = fabs(p.lat_deg) >= 90 ? 0 : stereographic_radius_m() / (hypot(1, tau) + tau);
    *x_m = rho * sin(p.lng_deg * TF_RAD_PER_DEG);
    *y_m = (north ? -rho : rho) * cos(p.lng_deg * TF_RAD_PER_DEG);
}

static struct tf_latlng stereographic_reverse(double x_m, double y_m, bool north)
{
    double t = hypot(x_m, y_m) / stereographic_radius_m();
    double lat_deg = t > 0 ? atan(geographic_tan((1 / t - t) / 2)) / TF_RAD_PER_DEG : 90;
    double lng_deg = t > 0 ? atan2(x_m, north ? -y_m : y_m) / TF_RAD_PER_DEG : 0;
    return (struct tf_latlng){north ? lat_deg : -lat_deg, lng_deg};
}

/* Zones that are wider than 6 degrees: south-west Norway and Svalbard. */
static const struct {
    double south_deg, north_deg, west_deg, east_deg;
    int zone;
} wide_zones[] = {
    {56, 64, 3, 12, 32},  {72, 84, 0, 9, 31},   {72, 84, 9, 21, 33},
    {72, 84, 21, 33, 35}, {72, 84, 33, 42, 37},
};

int tf_grid_zone(struct tf_latlng p)
{
    if (p.lat_deg < BAND_SOUTH_DEG || p.lat_deg >= BAND_NORTH_DEG)
        return 0;
    for (size_t i = 0; i < sizeof wide_zones / sizeof *wide_zones; i++)
        if (p.lat_deg >= wide_zones[i].south_deg && p.lat_deg < wide_zones[i].north_deg &&
            p.lng_deg >= wide_zones[i].west_deg && p.lng_deg < wide_zones[i].east_deg)
            return wide_zones[i].zone;
    return p.lng_deg >= 180 ? 1 : (int)floor((p.lng_deg + 180) / 6) + 1;
}

bool tf_grid_zone_span(int zone, double lat_deg, double *west_deg, double *east_deg)
{
    *west_deg = zone * 6 - 186;
    *east_deg = *west_deg + 6;
    for (size_t i = 0; i < sizeof wide_zones / sizeof *wide_zones; i++) {
        double west = wide_zones[i].west_deg, east = wide_zones[i].east_deg;
        if (lat_deg < wide_zones[i].south_deg || lat_deg >= wide_zones[i].north_deg)
            continue;
        if (wide_zones[i].zone == zone) {
            *west_deg = west;
            *east_deg = east;
            return true;
        }
        if (west <= *west_deg && east > *west_deg) /* the neighbour takes our west */
            *west_deg = fmin(east, *east_deg);
        else if (west < *east_deg && east >= *east_deg)
            *east_deg = fmax(west, *west_deg);
    }
    return *west_deg < *east_deg;
}

static double central_meridian_deg(int zone)
{
    return zone * 6 - 183;
}

struct tf_grid_point tf_grid_in_zone(struct tf_latlng p, int zone)
{
    struct tf_grid_point g = {.zone = zone, .north = p.lat_deg >= 0};
    double dlng = remainder(p.lng_deg - central_meridian_deg(zone), 360);
    mercator_forward(p.lat_deg, dlng, &g.easting_m, &g.northing_m);
    g.easting_m += UTM_EASTING_M;
    g.northing_m += g.north ? 0 : UTM_NORTHING_M;
    return g;
}

struct tf_grid_point tf_grid_from_latlng(struct tf_latlng p)
{
    struct tf_grid_point g = {.zone = tf_grid_zone(p), .north = p.lat_deg >= 0};
    if (g.zone > 0)
        return tf_grid_in_zone(p, g.zone);
    stereographic_forward(p, g.north, &g.easting_m, &g.northing_m);
    g.easting_m += UPS_ORIGIN_M;
    g.northing_m += UPS_ORIGIN_M;
    return g;
}

enum tf_status tf_grid_to_latlng(const struct tf_grid_point *g, struct tf_latlng *out)
{
    if (!isfinite(g->easting_m) || !isfinite(g->northing_m) || g->zone < 0 || g->zone > 60)
        return TF_RANGE;
    if (g->zone == 0) {
        double x = g->easting_m - UPS_ORIGIN_M, y = g->northing_m - UPS_ORIGIN_M;
        if (hypot(x, y) > UPS_ORIGIN_M)
            return TF_RANGE;
        *out = stereographic_reverse(x, y, g->north);
        return TF_OK;
    }
    double x = g->easting_m - UTM_EASTING_M, y = g->northing_m - (g->north ? 0 : UTM_NORTHING_M);
    if (fabs(x) > UTM_EASTING_M || fabs(y) > UTM_NORTHING_M)
        return TF_RANGE;
    double dlng_deg;
    mercator_reverse(x, y, &out->lat_deg, &dlng_deg);
    out->lng_deg = remainder(central_meridian_deg(g->zone) + dlng_deg, 360);
    return TF_OK;
}
