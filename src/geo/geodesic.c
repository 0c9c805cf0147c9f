/*
 * geodesic.c - geodesics on the WGS84 ellipsoid: the direct and inverse problems.
 *
 * After C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55;
 * equation numbers below are its. The ellipsoidal geodesic is mapped to a great
 * circle of the auxiliary sphere (reduced latitudes beta, arc sigma, longitude
 * omega); distance s and longitude lambda are series in sigma of order 6 in eps
 * (16). The inverse problem is solved by Newton's method for the azimuth alpha1
 * at the first point, from a spherical start or, nearly antipodal, from the
 * solution of the astroid equation (section 5).
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <tafadi/geo.h>

#include "geo/angle.h"

enum { ORDER = 6, MAX_NEWTON = 20, MAX_STEPS = 100 };

#define F TF_WGS84_F
#define N (F / (2.0 - F)) /* third flattening */

static const double f1 = 1.0 - F;                                  /* b / a */
static const double b_m = TF_WGS84_A_M * (1.0 - F);                /* polar semi-axis */
static const double ep2 = F * (2.0 - F) / ((1.0 - F) * (1.0 - F)); /* second eccentricity^2 */
static const double tiny = 1e-150;                                 /* its square does not vanish */

/* c[1] sin(2 sigma) + .. + c[ORDER] sin(2 ORDER sigma), by Clenshaw summation. */
static double sine_series(struct angle sigma, const double c[ORDER + 1])
{
    double twice_cos = 2.0 * (sigma.c - sigma.s) * (sigma.c + sigma.s);
    double y1 = 0.0, y2 = 0.0;

    for (int k = ORDER; k > 0; k--) {
        double y = twice_cos * y1 - y2 + c[k];
        y2 = y1;
        y1 = y;
    }
    return 2.0 * sigma.s * sigma.c * y1;
}

/* Distance: A1 (17) and C1 (18), as s / b = A1 (sigma + sum C1 sin 2l sigma) (15). */
static double series_1(double e, double c[ORDER + 1])
{
    double q = e * e, d = e;

    c[0] = 0.0;
    c[1] = d * (-1.0 / 2 + q * (3.0 / 16 - q / 32));
    d *= e;
    c[2] = d * (-1.0 / 16 + q * (1.0 / 32 - q * 9 / 2048));
    d *= e;
    c[3] = d * (-1.0 / 48 + q * 3 / 256);
    d *= e;
    c[4] = d * (-5.0 / 512 + q * 3 / 512);
    d *= e;
    c[5] = d * (-7.0 / 1280);
    d *= e;
    c[6] = d * (-7.0 / 2048);
    return (1.0 + q * (1.0 / 4 + q * (1.0 / 64 + q / 256))) / (1.0 - e);
}

/* The reverse of (15): C1' (21), sigma = tau + sum C1' sin 2l tau (20). */
static void series_1_reverse(double e, double c[ORDER + 1])
{
    double q = e * e, d = e;

    c[0] = 0.0;
    c[1] = d * (1.0 / 2 + q * (-9.0 / 32 + q * 205 / 1536));
    d *= e;
    c[2] = d * (5.0 / 16 + q * (-37.0 / 96 + q * 1335 / 4096));
    d *= e;
    c[3] = d * (29.0 / 96 - q * 75 / 128);
    d *= e;
    c[4] = d * (539.0 / 1536 - q * 2391 / 2560);
    d *= e;
    c[5] = d * (3467.0 / 7680);
    d *= e;
    c[6] = d * (38081.0 / 61440);
}

/* Reduced length: A2 (42) and C2 (43). */
static double series_2(double e, double c[ORDER + 1])
{
    double q = e * e, d = e;

    c[0] = 0.0;
    c[1] = d * (1.0 / 2 + q * (1.0 / 16 + q / 32));
    d *= e;
    c[2] = d * (3.0 / 16 + q * (1.0 / 32 + q * 35 / 2048));
    d *= e;
    c[3] = d * (5.0 / 48 + q * 5 / 256);
    d *= e;
    c[4] = d * (35.0 / 512 + q * 7 / 512);
    d *= e;
    c[5] = d * (63.0 / 1280);
    d *= e;
    c[6] = d * (77.0 / 2048);
    return (1.0 - e) * (1.0 + q * (1.0 / 4 + q * (9.0 / 64 + q * 25 / 256)));
}

/* Longitude: A3 (24) and C3 (25), with the powers of the third flattening. */
static double series_3(double e, double c[ORDER + 1])
{
    double d = e;

    c[0] = 0.0;
    c[1] =
        d * ((1 - N) / 4 + e * ((1 - N * N) / 8 + e * ((3 + N * (3 - N)) / 64 +
                                                       e * ((5.0 / 128 + N / 64) + e * 3 / 128))));
    d *= e;
    c[2] = d * ((2 - N * (3 - N)) / 32 +
                e * ((3 - N * (2 + 3 * N)) / 64 + e * ((3 + N) / 128 + e * 5 / 256)));
    d *= e;
    c[3] = d * ((5 - N * (9 - 5 * N)) / 192 + e * ((3.0 / 128 - 5 * N / 192) + e * 7 / 512));
    d *= e;
    c[4] = d * ((7 - 14 * N) / 512 + e * 7 / 512);
    d *= e;
    c[5] = d * (21.0 / 2560);
    c[6] = 0.0;
    return 1.0 - e * ((1 - N) / 2 +
                      e * ((2 + N * (1 - 3 * N)) / 8 +
                           e * ((1 + N * (3 + N)) / 16 + e * ((3 + 2 * N) / 64 + e * 3 / 128))));
}

/* eps (16) of a geodesic whose azimuth at the equator has cosine `calpha0`. */
static double small_parameter(double calpha0)
{
    double k2 = calpha0 * calpha0 * ep2; /* (9) */

    return k2 / (2.0 * (1.0 + sqrt(1.0 + k2)) + k2);
}

/* Reduced latitude (6), never exactly at a pole, and never so near the equator that its
 * square vanishes. */
static struct angle reduced_latitude(double lat_deg)
{
    struct angle phi = angle_from_deg(lat_deg, 0.0);
    struct angle beta = angle_of(phi.s * f1, phi.c);

    beta.c = fmax(beta.c, tiny);
    if (fabs(beta.s) < tiny)
        beta.s = 0.0;
    return beta;
}

static double normal_longitude_deg(double lng_deg)
{
    return remainder(lng_deg, 360.0);
}

/* alpha0: azimuth where the geodesic of azimuth alpha at beta crosses the equator (5), (10). */
static struct angle equator_azimuth(struct angle alpha, struct angle beta)
{
    return (struct angle){alpha.s * beta.c, hypot(alpha.c, alpha.s * beta.s)};
}

/*
 * The direct problem.
 */
/* Arc from the first point that the distance corresponds to. */
static struct angle end_of_arc(struct angle sigma1, double distance_m, double eps, double *arc)
{
    double c1[ORDER + 1], reverse[ORDER + 1];
    double a1 = series_1(eps, c1);
    double b11 = sine_series(sigma1, c1);
    double tau12 = distance_m / (b_m * a1);
    struct angle lag = {sin(b11), cos(b11)};
    struct angle tau1 = angle_plus(sigma1, lag);
    struct angle tau2 = angle_plus(tau1, (struct angle){sin(tau12), cos(tau12)});
    struct angle step;

    series_1_reverse(eps, reverse);
    *arc = tau12 + sine_series(tau2, reverse) + b11;
    step = (struct angle){sin(*arc), cos(*arc)};
    return angle_plus(sigma1, step);
}

struct tf_latlng tf_geodesic_direct(struct tf_latlng a, double azimuth_deg, double distance_m,
                                    double *azimuth_b_deg)
{
    struct angle alpha1 = angle_from_deg(normal_longitude_deg(azimuth_deg), 0.0);
    struct angle beta1 = reduced_latitude(a.lat_deg);
    struct angle alpha0 = equator_azimuth(alpha1, beta1);
    bool on_equator = beta1.s == 0.0 && alpha1.c == 0.0;
    struct angle sigma1 =
        on_equator ? (struct angle){0.0, 1.0} : angle_of(beta1.s, alpha1.c * beta1.c);
    double eps = small_parameter(alpha0.c);
    double c3[ORDER + 1], arc;
    struct angle sigma2 = end_of_arc(sigma1, distance_m, eps, &arc);
    double a3 = series_3(eps, c3);
    double sbeta2 = alpha0.c * sigma2.s;
    double cbeta2 = hypot(alpha0.s, alpha0.c * sigma2.c);
    /* Longitudes on the auxiliary sphere (12), without the ambiguity of full turns. */
    struct angle omega1 = {alpha0.s * sigma1.s, sigma1.c};
    struct angle omega2 = {alpha0.s * sigma2.s, sigma2.c};
    struct angle omega12 = angle_minus(omega2, omega1);
    double lag = F * a3 * alpha0.s *
                 (arc + sine_series(sigma2, c3) - sine_series(sigma1, c3)); /* (8), (23) */
    double lambda12 = atan2(omega12.s, omega12.c) - lag;

    if (azimuth_b_deg)
        *azimuth_b_deg = atan2(alpha0.s, alpha0.c * sigma2.c) * TF_DEG_PER_RAD;
    if (cbeta2 == 0.0)
        cbeta2 = tiny;
    return (struct tf_latlng){
        atan2(sbeta2, f1 * cbeta2) * TF_DEG_PER_RAD,
        normal_longitude_deg(a.lng_deg + lambda12 * TF_DEG_PER_RAD),
    };
}

/*
 * The inverse problem, in canonical position: |beta2| <= -beta1, 0 <= lambda12 <= pi.
 */
struct inverse {
    struct angle beta1, beta2, lambda12;
    double dn1, dn2; /* sqrt(1 + e'^2 sin^2 beta) */
    struct angle alpha1, alpha2;
};

/* What a trial azimuth alpha1 leads to. */
struct trial {
    struct angle alpha0, sigma1, sigma2;
    double sigma12, eps;
};

static void trial_arc(struct trial *t)
{
    struct angle d = angle_minus(t->sigma2, t->sigma1);

    t->sigma12 = atan2(fmax(0.0, d.s), d.c);
}

/* alpha2 at beta2 (5), (45), careful where the difference of squares is small. */
static struct angle azimuth_at_second(const struct inverse *g, double salpha0)
{
    double x = g->alpha1.c * g->beta1.c;
    double gain = g->beta1.c < -g->beta1.s ? (g->beta2.c - g->beta1.c) * (g->beta2.c + g->beta1.c)
                                           : (g->beta1.s - g->beta2.s) * (g->beta1.s + g->beta2.s);

    if (g->beta2.c == g->beta1.c && fabs(g->beta2.s) == -g->beta1.s)
        return (struct angle){g->alpha1.s, fabs(g->alpha1.c)};
    return (struct angle){salpha0 / g->beta2.c, sqrt(fmax(0.0, x * x + gain)) / g->beta2.c};
}

static void trial_triangle(struct inverse *g, struct trial *t)
{
    if (g->beta1.s == 0.0 && g->alpha1.c == 0.0)
        g->alpha1.c = -tiny; /* on the equator: west of the node, not on it */
    t->alpha0 = equator_azimuth(g->alpha1, g->beta1);
    g->alpha2 = azimuth_at_second(g, t->alpha0.s);
    t->sigma1 = angle_of(g->beta1.s, g->alpha1.c * g->beta1.c);
    t->sigma2 = angle_of(g->beta2.s, g->alpha2.c * g->beta2.c);
    t->eps = small_parameter(t->alpha0.c);
    trial_arc(t);
}

/* Reduced length m12 / b of a trial (38), (40). */
static double reduced_length(const struct inverse *g, const struct trial *t)
{
    double c1[ORDER + 1], c2[ORDER + 1];
    double a1 = series_1(t->eps, c1), a2 = series_2(t->eps, c2);
    double j12;

    for (int k = 1; k <= ORDER; k++)
        c1[k] = a1 * c1[k] - a2 * c2[k];
    j12 = (a1 - a2) * t->sigma12 + sine_series(t->sigma2, c1) - sine_series(t->sigma1, c1);
    return g->dn2 * (t->sigma1.c * t->sigma2.s) - g->dn1 * (t->sigma1.s * t->sigma2.c) -
           t->sigma1.c * t->sigma2.c * j12;
}

/* lambda(alpha1) - lambda12 and its derivative (46). */
static double longitude_error(const struct inverse *g, const struct trial *t, double *slope)
{
    double c3[ORDER + 1];
    double a3 = series_3(t->eps, c3);
    struct angle omega1 = {t->alpha0.s * t->sigma1.s, t->sigma1.c};
    struct angle omega2 = {t->alpha0.s * t->sigma2.s, t->sigma2.c};
    struct angle omega12 = angle_minus(omega2, omega1);
    struct angle off;

    omega12.s = fmax(0.0, omega12.s);
    off = angle_minus(omega12, g->lambda12);
    if (g->alpha2.c == 0.0)
        *slope = -2.0 * f1 * g->dn1 / g->beta1.s;
    else
        *slope = reduced_length(g, t) * f1 / (g->alpha2.c * g->beta2.c);
    return atan2(off.s, off.c) -
           F * a3 * t->alpha0.s *
               (t->sigma12 + sine_series(t->sigma2, c3) - sine_series(t->sigma1, c3));
}

/* Length of a solved trial (7). */
static double trial_length_m(const struct trial *t)
{
    double c1[ORDER + 1];
    double a1 = series_1(t->eps, c1);

    return b_m * a1 * (t->sigma12 + sine_series(t->sigma2, c1) - sine_series(t->sigma1, c1));
}

/* Azimuth towards beta2 at spherical longitude difference omega12, (49). */
static struct angle spherical_azimuth(const struct inverse *g, struct angle omega12)
{
    double y = g->beta2.c * omega12.s;
    double turn = g->beta2.c * g->beta1.s * omega12.s * omega12.s;
    double x = omega12.c >= 0.0
                   ? g->beta2.s * g->beta1.c - g->beta2.c * g->beta1.s + turn / (1.0 + omega12.c)
                   : g->beta2.s * g->beta1.c + g->beta2.c * g->beta1.s - turn / (1.0 - omega12.c);

    /* The first bracket is sin(beta2 - beta1), the second sin(beta1 + beta2). */
    return (struct angle){y, x};
}

/* The positive root of (x / (1 + mu))^2 + (y / mu)^2 = 1 (55); y != 0. The left side falls and is
 * convex: Newton's method from the left never overshoots. */
static double astroid_root(double x, double y)
{
    double mu = fmax(fabs(y), fabs(x) - 1.0);

    for (int i = 0; i < MAX_STEPS; i++) {
        double u = x / (1.0 + mu), v = y / mu;
        double excess = u * u + v * v - 1.0;
        double step = excess / (2.0 * (u * u / (1.0 + mu) + v * v / mu));
        if (!(step > mu * 1e-8))
            break;
        mu += step;
    }
    return mu;
}

/* Start for nearly antipodal points: section 5, (51)-(57). */
static struct angle antipodal_start(const struct inverse *g)
{
    double c3[ORDER + 1];
    double eps = small_parameter(g->beta1.s);
    double scale_lambda = F * g->beta1.c * series_3(eps, c3) * TF_PI;
    double sum = g->beta2.s * g->beta1.c + g->beta2.c * g->beta1.s; /* sin(beta1 + beta2) */
    double x = -atan2(g->lambda12.s, -g->lambda12.c) / scale_lambda;
    double y = sum / (scale_lambda * g->beta1.c);
    double mu, omega;

    if (y > -200.0 * DBL_EPSILON && x > -1.0 - 1e-5) {
        double s = fmin(1.0, -x);
        return (struct angle){s, -sqrt(1.0 - s * s)};
    }
    mu = astroid_root(x, y);
    omega = scale_lambda * -x * mu / (1.0 + mu);
    return spherical_azimuth(g, (struct angle){sin(omega), -cos(omega)});
}

/* True and alpha1 if the points are far from antipodal, else false. */
static bool spherical_start(struct inverse *g)
{
    double cosine = g->beta1.s * g->beta2.s + g->beta1.c * g->beta2.c * g->lambda12.c;
    struct angle difference = angle_minus(g->beta2, g->beta1);
    struct angle omega12 = g->lambda12;
    double lambda = atan2(g->lambda12.s, g->lambda12.c), sine;

    if (difference.c >= 0.0 && difference.s < 0.5 && g->beta2.c * lambda < 0.5) {
        double s = g->beta1.s + g->beta2.s, c = g->beta1.c + g->beta2.c;
        double omega = lambda / (f1 * sqrt(1.0 + ep2 * s * s / (s * s + c * c))); /* (48) */
        omega12 = (struct angle){sin(omega), cos(omega)};
    }
    g->alpha1 = spherical_azimuth(g, omega12);
    sine = hypot(g->alpha1.s, g->alpha1.c);
    return cosine >= 0.0 || sine >= 6.0 * N * TF_PI * g->beta1.c * g->beta1.c;
}

static struct angle turned(struct angle a, double by)
{
    struct angle sum = angle_plus(a, (struct angle){sin(by), cos(by)});

    return angle_of(sum.s, sum.c);
}

/* Where alpha1 lies: lambda grows with it in 0..pi. */
struct bracket {
    struct angle low, high;
};

static void bracket_narrow(struct bracket *b, struct angle alpha, double error)
{
    double cotangent = alpha.c / alpha.s;

    if (error > 0.0 && cotangent > b->high.c / b->high.s)
        b->high = alpha;
    else if (error < 0.0 && cotangent < b->low.c / b->low.s)
        b->low = alpha;
}

/* To the middle of the bracket; false if there is nothing between its ends. */
static bool bisect(struct inverse *g, const struct bracket *b)
{
    struct angle middle = angle_of(b->low.s + b->high.s, b->low.c + b->high.c);

    if (fabs(middle.s - b->low.s) + (b->low.c - middle.c) < 1e-15 ||
        fabs(middle.s - b->high.s) + (middle.c - b->high.c) < 1e-15)
        return false;
    g->alpha1 = middle;
    return true;
}

/* False if the step leads out of 0..pi. */
static bool newton_step(struct inverse *g, double step)
{
    struct angle next = turned(g->alpha1, step);

    if (!(fabs(step) < TF_PI && next.s > 0.0))
        return false;
    g->alpha1 = next;
    return true;
}

/*
 * Newton's method for alpha1, with halving where it fails. Where the problem is
 * well-conditioned (`regular`), convergence is quadratic, with a constant that grows as
 * 1 / cos(alpha2): the step after one of 1e-9 cos(alpha2) would be lost in the rounding.
 */
static void solve_azimuth(struct inverse *g, struct trial *t, bool regular)
{
    struct bracket bracket = {{tiny, 1.0}, {tiny, -1.0}};

    for (int i = 0; i < MAX_STEPS; i++) {
        double slope, step, error, last;

        trial_triangle(g, t);
        error = longitude_error(g, t, &slope);
        if (!(fabs(error) >= (i < MAX_NEWTON / 2 ? 1 : 16) * DBL_EPSILON))
            return;
        bracket_narrow(&bracket, g->alpha1, error);
        step = slope > 0.0 ? -error / slope : TF_PI;
        last = regular ? 1e-9 * g->alpha2.c : DBL_EPSILON * fabs(g->alpha1.c);
        if (i < MAX_NEWTON && newton_step(g, step)) {
            if (fabs(step) < last)
                break;
        } else if (!bisect(g, &bracket)) {
            break;
        }
    }
    trial_triangle(g, t);
}

static double solve_general_m(struct inverse *g)
{
    struct trial t;
    bool regular = spherical_start(g);

    if (!regular)
        g->alpha1 = antipodal_start(g);
    if (g->alpha1.s > 0.0)
        g->alpha1 = angle_of(g->alpha1.s, g->alpha1.c);
    else
        g->alpha1 = (struct angle){1.0, 0.0};
    solve_azimuth(g, &t, regular);
    return trial_length_m(&t);
}

/* From a pole, or along one meridian: the azimuths are known. */
static double solve_meridian_m(struct inverse *g)
{
    struct trial t;

    g->alpha1 = g->lambda12;
    g->alpha2 = (struct angle){0.0, 1.0};
    t.eps = small_parameter(1.0);
    t.sigma1 = angle_of(g->beta1.s, g->alpha1.c * g->beta1.c);
    t.sigma2 = angle_of(g->beta2.s, g->beta2.c);
    trial_arc(&t);
    return trial_length_m(&t);
}

static double solve_m(struct inverse *g)
{
    if (g->beta1.c <= tiny || g->lambda12.s <= tiny)
        return solve_meridian_m(g);
    if (g->beta1.s == 0.0) {
        double lambda = atan2(g->lambda12.s, g->lambda12.c);
        if (lambda <= f1 * TF_PI) {
            g->alpha1 = g->alpha2 = (struct angle){1.0, 0.0};
            return TF_WGS84_A_M * lambda;
        }
    }
    return solve_general_m(g);
}

/* Difference of longitudes b - a in -180..180, as rounded value and rest. */
static double longitude_difference(double a_deg, double b_deg, double *rest_deg)
{
    double sum = b_deg - a_deg;
    double back = sum - b_deg;

    *rest_deg = (b_deg - (sum - back)) - (a_deg + back);
    return normal_longitude_deg(sum);
}

static void swap_points(struct tf_latlng *a, struct tf_latlng *b)
{
    struct tf_latlng keep = *a;

    *a = *b;
    *b = keep;
}

double tf_geodesic_inverse(struct tf_latlng a, struct tf_latlng b, double *azimuth_a_deg,
                           double *azimuth_b_deg)
{
    struct inverse g;
    bool swapped = fabs(a.lat_deg) < fabs(b.lat_deg);
    double rest, difference, east, north, length_m;

    if (swapped)
        swap_points(&a, &b);
    north = a.lat_deg < 0.0 ? 1.0 : -1.0;
    difference = longitude_difference(a.lng_deg, b.lng_deg, &rest);
    east = difference < 0.0 || (difference == 0.0 && rest < 0.0) ? -1.0 : 1.0;
    g.lambda12 = angle_from_deg(east * difference, east * rest);
    g.lambda12.s = fmax(0.0, g.lambda12.s);
    g.beta1 = reduced_latitude(north * a.lat_deg);
    g.beta2 = reduced_latitude(north * b.lat_deg);
    if (fabs(a.lat_deg) == fabs(b.lat_deg))
        g.beta2 = (struct angle){copysign(g.beta1.s, g.beta2.s), g.beta1.c};
    g.dn1 = sqrt(1.0 + ep2 * g.beta1.s * g.beta1.s);
    g.dn2 = sqrt(1.0 + ep2 * g.beta2.s * g.beta2.s);
    length_m = solve_m(&g);
    if (swapped) {
        struct angle keep = g.alpha1;
        g.alpha1 = g.alpha2;
        g.alpha2 = keep;
        north = -north;
        east = -east;
    }
    if (azimuth_a_deg)
        *azimuth_a_deg = atan2(east * g.alpha1.s, north * g.alpha1.c) * TF_DEG_PER_RAD;
    if (azimuth_b_deg)
        *azimuth_b_deg = atan2(east * g.alpha2.s, north * g.alpha2.c) * TF_DEG_PER_RAD;
    return length_m;
}

struct tf_latlng tf_geodesic_interpolate(struct tf_latlng a, struct tf_latlng b, double fraction)
{
    double azimuth_deg, length_m;

    if (fraction <= 0.0)
        return a;
    if (fraction >= 1.0)
        return b;
    length_m = tf_geodesic_inverse(a, b, &azimuth_deg, NULL);
    return tf_geodesic_direct(a, azimuth_deg, length_m * fraction, NULL);
}
