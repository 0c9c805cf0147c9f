/*
 * view.h - which part of the Earth a map shows, and where a point falls on it.
 *
 * Projection: azimuthal equidistant about the view's centre, on the sphere whose
 * radius is the ellipsoid's mean radius of curvature there. It has no seam: the
 * antimeridian and the poles are points like others; only the antipode of the
 * centre is far away in every direction. Scale is true from the centre outward;
 * flattening costs at most 0.4 % in scale. Source: Snyder, "Map projections: a
 * working manual", USGS PP 1395, chapter 25.
 */
#ifndef TF_REPORT_VIEW_H
#define TF_REPORT_VIEW_H

#include "report/report.h"

struct xy {
    double x, y; /* pixels; y downward */
};

struct view {
    struct tf_latlng centre;
    double east[3], north[3], up[3]; /* unit vectors at the centre */
    double earth_m;                  /* radius of the sphere */
    double px_per_m;
    double width, height; /* pixels; the centre falls on their middle */
};

/* A view with half_width_m from the centre to the left and right edge. */
void view_set(struct view *view, struct tf_latlng centre, double half_width_m, double width,
              double height);
struct xy view_project(const struct view *view, struct tf_latlng p);
struct tf_latlng view_unproject(const struct view *view, struct xy p);
/* On the sphere of the view. */
double view_distance_m(const struct view *view, struct tf_latlng p);
/* Metres from the centre to a corner. */
double view_reach_m(const struct view *view);
bool view_holds(const struct view *view, struct xy p);
/* The point halfway on the great circle. */
struct tf_latlng view_midpoint(struct tf_latlng a, struct tf_latlng b);

/* A round piece of the Earth that a view should show. */
struct cap {
    struct tf_latlng centre;
    double radius_m;
};
/* A view that holds all caps with a margin, no closer than min_half_m. No cap: the world. */
void view_fit(struct view *view, const struct cap *caps, size_t count, double min_half_m,
              double width, double height);

#endif
