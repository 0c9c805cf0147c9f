/*
 * angle.h - an angle as its sine and cosine, which keeps it exact where degrees
 * are (multiples of 90) and near them.
 */
#ifndef TF_GEO_ANGLE_H
#define TF_GEO_ANGLE_H

#include <math.h>

#define TF_PI 3.14159265358979323846
#define TF_RAD_PER_DEG (TF_PI / 180.0)
#define TF_DEG_PER_RAD (180.0 / TF_PI)

struct angle {
    double s, c;
};

/* Of `deg` + `rest_deg`, the latter being a rounding error of the former. Finite
 * and moderate input; exact at multiples of 90. */
static inline struct angle angle_from_deg(double deg, double rest_deg)
{
    double quarters = rint(deg * (1.0 / 90.0));
    double rad = (deg - 90.0 * quarters + rest_deg) * TF_RAD_PER_DEG;
    double s = sin(rad), c = cos(rad);

    switch ((int)quarters & 3) {
    case 0:
        return (struct angle){s, c};
    case 1:
        return (struct angle){c, -s};
    case 2:
        return (struct angle){-s, -c};
    default:
        return (struct angle){-c, s};
    }
}

/* Of the direction (x, y); not both zero. */
static inline struct angle angle_of(double y, double x)
{
    double scale = 1.0 / sqrt(x * x + y * y);

    return (struct angle){y * scale, x * scale};
}

static inline double angle_deg(struct angle a)
{
    return atan2(a.s, a.c) * TF_DEG_PER_RAD;
}

/* sine and cosine of a - b. */
static inline struct angle angle_minus(struct angle a, struct angle b)
{
    return (struct angle){a.s * b.c - a.c * b.s, a.c * b.c + a.s * b.s};
}

static inline struct angle angle_plus(struct angle a, struct angle b)
{
    return (struct angle){a.s * b.c + a.c * b.s, a.c * b.c - a.s * b.s};
}

#endif
