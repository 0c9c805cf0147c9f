/*
 * view.c - the azimuthal equidistant projection, and views that hold given places.
 */
#include "report/view.h"

#include "geo/angle.h"
#include <float.h>
#include <math.h>

static void unit(struct tf_latlng p, double out[3])
{
    double lat = p.lat_deg * TF_RAD_PER_DEG, lng = p.lng_deg * TF_RAD_PER_DEG;
    out[0] = cos(lat) * cos(lng);
    out[1] = cos(lat) * sin(lng);
    out[2] = sin(lat);
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static struct tf_latlng latlng_of(const double v[3])
{
    return (struct tf_latlng){.lat_deg = atan2(v[2], hypot(v[0], v[1])) / TF_RAD_PER_DEG,
                              .lng_deg = atan2(v[1], v[0]) / TF_RAD_PER_DEG};
}

/* The mean radius of curvature sqrt(M N) of the ellipsoid at a latitude. */
static double mean_radius_m(double lat_deg)
{
    double e2 = TF_WGS84_F * (2 - TF_WGS84_F), s = sin(lat_deg * TF_RAD_PER_DEG);
    return TF_WGS84_A_M * sqrt(1 - e2) / (1 - e2 * s * s);
}

void view_set(struct view *view, struct tf_latlng centre, double half_width_m, double width,
              double height)
{
    double lat = centre.lat_deg * TF_RAD_PER_DEG, lng = centre.lng_deg * TF_RAD_PER_DEG;
    *view = (struct view){.centre = centre,
                          .east = {-sin(lng), cos(lng), 0},
                          .north = {-sin(lat) * cos(lng), -sin(lat) * sin(lng), cos(lat)},
                          .earth_m = mean_radius_m(centre.lat_deg),
                          .px_per_m = width / 2 / half_width_m,
                          .width = width,
                          .height = height};
    unit(centre, view->up);
}

struct xy view_project(const struct view *view, struct tf_latlng p)
{
    double v[3];
    unit(p, v);
    double e = dot(v, view->east), n = dot(v, view->north), u = dot(v, view->up);
    double side = sqrt(e * e + n * n), angle = atan2(side, u);
    double k = side > 0 ? angle / side * view->earth_m * view->px_per_m : 0;
    return (struct xy){view->width / 2 + k * e, view->height / 2 - k * n};
}

struct tf_latlng view_unproject(const struct view *view, struct xy p)
{
    double e = p.x - view->width / 2, n = view->height / 2 - p.y, r = hypot(e, n);
    double angle = fmin(r / view->px_per_m / view->earth_m, TF_PI), v[3];
    double k = r > 0 ? sin(angle) / r : 0;
    for (int i = 0; i < 3; i++)
        v[i] = cos(angle) * view->up[i] + k * (e * view->east[i] + n * view->north[i]);
    return latlng_of(v);
}

double view_distance_m(const struct view *view, struct tf_latlng p)
{
    double v[3];
    unit(p, v);
    return view->earth_m * atan2(hypot(dot(v, view->east), dot(v, view->north)), dot(v, view->up));
}

double view_reach_m(const struct view *view)
{
    return hypot(view->width, view->height) / 2 / view->px_per_m;
}

bool view_holds(const struct view *view, struct xy p)
{
    return p.x >= 0 && p.x <= view->width && p.y >= 0 && p.y <= view->height;
}

struct tf_latlng view_midpoint(struct tf_latlng a, struct tf_latlng b)
{
    double u[3], v[3];
    unit(a, u);
    unit(b, v);
    for (int i = 0; i < 3; i++)
        u[i] += v[i];
    return latlng_of(u);
}

/* The middle of the caps' centres as directions; the first where they cancel out. */
static struct tf_latlng mean_centre(const struct cap *caps, size_t count)
{
    double sum[3] = {0, 0, 0}, v[3];
    for (size_t i = 0; i < count; i++) {
        unit(caps[i].centre, v);
        for (int k = 0; k < 3; k++)
            sum[k] += v[k];
    }
    return sqrt(dot(sum, sum)) > 1e-6 * (double)count ? latlng_of(sum) : caps[0].centre;
}

struct frame {
    double left, right, top, bottom; /* metres about a centre, y downward */
};

static struct frame frame_of(const struct view *metres, const struct cap *caps, size_t count)
{
    struct frame f = {DBL_MAX, -DBL_MAX, DBL_MAX, -DBL_MAX};
    for (size_t i = 0; i < count; i++) {
        struct xy p = view_project(metres, caps[i].centre);
        double r = caps[i].radius_m;
        f.left = fmin(f.left, p.x - r);
        f.right = fmax(f.right, p.x + r);
        f.top = fmin(f.top, p.y - r);
        f.bottom = fmax(f.bottom, p.y + r);
    }
    return f;
}

void view_fit(struct view *view, const struct cap *caps, size_t count, double min_half_m,
              double width, double height)
{
    struct tf_latlng centre = count ? mean_centre(caps, count) : (struct tf_latlng){20, 15};
    double half_m = count ? 0 : TF_WGS84_A_M * TF_PI;
    /* Twice: about the mean, then about the middle of what that showed. */
    for (int round = 0; count > 0 && round < 3; round++) {
        struct view metres;
        view_set(&metres, centre, 1, 2, 2); /* one pixel a metre, the centre at 1, 1 */
        struct frame f = frame_of(&metres, caps, count);
        centre =
            view_unproject(&metres, (struct xy){(f.left + f.right) / 2, (f.top + f.bottom) / 2});
        half_m = fmax(f.right - f.left, (f.bottom - f.top) * width / height) / 2;
    }
    half_m = fmin(fmax(half_m * 1.15, min_half_m), TF_WGS84_A_M * TF_PI);
    view_set(view, centre, half_m, width, height);
}
