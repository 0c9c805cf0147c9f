/*
 * point.c - points on the WGS84 ellipsoid: degrees to Earth-centred vectors and
 * back.
 */
#include <math.h>
#include <tafadi/geo.h>

#include "geo/angle.h"

static const double f1 = 1.0 - TF_WGS84_F;
static const double e2 = TF_WGS84_F * (2.0 - TF_WGS84_F);

struct tf_vec3 tf_vec3_from_latlng(struct tf_latlng p)
{
    struct angle lat = angle_from_deg(p.lat_deg, 0.0);
    struct angle lng = angle_from_deg(p.lng_deg, 0.0);
    double normal_m = TF_WGS84_A_M / sqrt(1.0 - e2 * lat.s * lat.s);
    double axis_m = normal_m * lat.c;

    return (struct tf_vec3){axis_m * lng.c, axis_m * lng.s, normal_m * (1.0 - e2) * lat.s};
}

/*
 * Bowring (Survey Review 28, 1985): the parametric latitude of the foot point,
 * improved twice; exact on the surface, below 1e-9 m for points within 1000 km
 * of it. `r_m` is the distance from the axis.
 */
static double latitude_deg(double r_m, double z_m)
{
    struct angle beta = angle_of(z_m, r_m * f1);
    double b_m = TF_WGS84_A_M * f1;
    double ep2 = e2 / (f1 * f1);
    double up = z_m, out = r_m;

    for (int i = 0; i < 2; i++) {
        up = z_m + ep2 * b_m * beta.s * beta.s * beta.s;
        out = r_m - e2 * TF_WGS84_A_M * beta.c * beta.c * beta.c;
        beta = angle_of(up * f1, out);
    }
    return atan2(up, out) * TF_DEG_PER_RAD;
}

struct tf_latlng tf_latlng_from_vec3(struct tf_vec3 v)
{
    double r_m = hypot(v.x_m, v.y_m);
    double from_centre_m = hypot(r_m, v.z_m);

    if (from_centre_m < 0.9 * TF_WGS84_A_M) {
        /* Deep in the Earth the foot point is ill-defined: go up radially. */
        double up = from_centre_m > 0.0 ? TF_WGS84_A_M / from_centre_m : 0.0;
        r_m *= up;
        v.z_m *= up;
    }
    if (r_m == 0.0 && v.z_m == 0.0)
        return (struct tf_latlng){0.0, 0.0};
    return (struct tf_latlng){latitude_deg(r_m, v.z_m), atan2(v.y_m, v.x_m) * TF_DEG_PER_RAD};
}

bool tf_latlng_is_valid(struct tf_latlng p)
{
    /* Comparisons with NaN are false. */
    return p.lat_deg >= -90.0 && p.lat_deg <= 90.0 && p.lng_deg >= -180.0 && p.lng_deg <= 180.0;
}
