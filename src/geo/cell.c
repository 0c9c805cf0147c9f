/*
 * cell.c - S2 cell ids: the Hilbert curve over the six faces of a cube.
 *
 * An id is, from the highest bit: 3 bits of face, 2 bits per level for the
 * position along the curve, a 1, and zeros. So a cell's descendants are the ids
 * within +- (lowest bit - 1) of it, and sorting by id walks the curve.
 *
 *      face   position (2 bits per level)    1  0 .. 0
 *      [ 3 ]  [ 2 ][ 2 ] .. [ 2 ]           [1][  ..  ]
 *
 * A face is the square -1..1 in (u, v) at distance 1 from the centre. To make
 * cells more even in size it is divided evenly not in u but in s, 0..1, with
 * u = (4 s^2 - 1) / 3 for s >= 1/2 and odd symmetry about the middle.
 * The arithmetic follows the definition of S2 (s2geometry.io) in the order of its
 * operations, so that ids are the same bit for bit.
 */
#include "geo/cells.h"

#include <math.h>
#include <string.h>

#include "geo/angle.h"

enum { FACES = 6, ID_BITS = 64, POSITION_BITS = 61 };

/*
 * The curve in one square: from its start orientation, the quarter (2 i + j) at
 * each position; the inverse; and what the orientation changes by in that
 * quarter. Orientation bit 0: i and j swapped; bit 1: both reversed.
 */
static const uint8_t quarter_at[4][4] = {{0, 1, 3, 2}, {0, 2, 3, 1}, {3, 2, 0, 1}, {3, 1, 0, 2}};
static const uint8_t position_of[4][4] = {{0, 1, 3, 2}, {0, 3, 1, 2}, {2, 3, 1, 0}, {2, 1, 3, 0}};
static const uint8_t turn_at[4] = {1, 0, 0, 3};

/*
 * The faces: which axis (0 x, 1 y, 2 z) u, v and the outward w run along, and in
 * which direction.
 */
struct face_axes {
    int8_t axis[3], sign[3];
};
static const struct face_axes faces[FACES] = {
    {{1, 2, 0}, {1, 1, 1}},    {{0, 2, 1}, {-1, 1, 1}},  {{0, 1, 2}, {-1, -1, 1}},
    {{2, 1, 0}, {-1, -1, -1}}, {{2, 0, 1}, {-1, 1, -1}}, {{1, 0, 2}, {1, 1, -1}},
};

static uint64_t lowest_bit(tf_cell cell)
{
    return cell & (~cell + 1);
}

static uint64_t lowest_bit_at(int level)
{
    return (uint64_t)1 << (2 * (TF_CELL_MAX_LEVEL - level));
}

static bool level_is_valid(int level)
{
    return level >= 0 && level <= TF_CELL_MAX_LEVEL;
}

bool tf_cell_is_valid(tf_cell cell)
{
    /* The mark must be at an even place. */
    return cell >> POSITION_BITS < FACES && (lowest_bit(cell) & 0x1555555555555555u) != 0;
}

int tf_cell_level(tf_cell cell)
{
    int level = TF_CELL_MAX_LEVEL;

    if (!tf_cell_is_valid(cell))
        return -1;
    while (lowest_bit_at(level) != lowest_bit(cell))
        level--;
    return level;
}

tf_cell tf_cell_parent(tf_cell cell, int level)
{
    uint64_t mark;

    if (!tf_cell_is_valid(cell) || !level_is_valid(level))
        return 0;
    mark = lowest_bit_at(level);
    if (mark < lowest_bit(cell))
        return 0;
    return (cell & (~mark + 1)) | mark;
}

tf_cell tf_cell_child(tf_cell cell, int position)
{
    uint64_t mark = lowest_bit(cell);

    if (!tf_cell_is_valid(cell) || mark == 1 || position < 0 || position > 3)
        return 0;
    return cell - mark + (2 * (uint64_t)position + 1) * (mark >> 2);
}

tf_cell tf_cell_range_min(tf_cell cell)
{
    return tf_cell_is_valid(cell) ? cell - (lowest_bit(cell) - 1) : 0;
}

tf_cell tf_cell_range_max(tf_cell cell)
{
    return tf_cell_is_valid(cell) ? cell + (lowest_bit(cell) - 1) : 0;
}

tf_cell tf_cell_at(struct tf_cell_place place)
{
    unsigned orientation = (unsigned)place.face & 1;
    uint64_t position = (uint64_t)place.face;

    for (int k = place.level - 1; k >= 0; k--) {
        unsigned quarter = (unsigned)(2 * (place.i >> k & 1) + (place.j >> k & 1));
        unsigned p = position_of[orientation][quarter];
        position = position << 2 | p;
        orientation ^= turn_at[p];
    }
    return (2 * position + 1) << (2 * (TF_CELL_MAX_LEVEL - place.level));
}

struct tf_cell_place tf_cell_place(tf_cell cell)
{
    int face = (int)(cell >> POSITION_BITS);
    struct tf_cell_place place = {face, tf_cell_level(cell), 0, 0};
    unsigned orientation = (unsigned)face & 1;

    for (int k = 0; k < place.level; k++) {
        unsigned p = (unsigned)(cell >> (POSITION_BITS - 2 - 2 * k)) & 3;
        unsigned quarter = quarter_at[orientation][p];
        place.i = place.i << 1 | quarter >> 1;
        place.j = place.j << 1 | (quarter & 1);
        orientation ^= turn_at[p];
    }
    return place;
}

/*
 * Between s (0..1, evenly divided) and u (-1..1, on the cube).
 */
static double u_from_s(double s)
{
    if (s >= 0.5)
        return (1 / 3.0) * (4 * s * s - 1);
    return (1 / 3.0) * (1 - 4 * (1 - s) * (1 - s));
}

static double s_from_u(double u)
{
    return u >= 0 ? 0.5 * sqrt(1 + 3 * u) : 1 - 0.5 * sqrt(1 - 3 * u);
}

/* By cases: a table of axes takes several times as long. */
static struct tf_vec3 ray(int face, double u, double v)
{
    switch (face) {
    case 0:
        return (struct tf_vec3){1, u, v};
    case 1:
        return (struct tf_vec3){-u, 1, v};
    case 2:
        return (struct tf_vec3){-u, -v, 1};
    case 3:
        return (struct tf_vec3){-1, -v, -u};
    case 4:
        return (struct tf_vec3){v, -1, -u};
    default:
        return (struct tf_vec3){v, u, -1};
    }
}

static struct tf_latlng latlng_of_ray(struct tf_vec3 v)
{
    double axis = sqrt(v.x_m * v.x_m + v.y_m * v.y_m);

    return (struct tf_latlng){atan2(v.z_m, axis) * TF_DEG_PER_RAD,
                              atan2(v.y_m + 0.0, v.x_m + 0.0) * TF_DEG_PER_RAD};
}

void tf_cell_square(tf_cell cell, struct tf_cell_square *out)
{
    struct tf_cell_place p = tf_cell_place(cell);
    double step = 0.5 / (double)((int64_t)1 << p.level); /* exact */

    out->face = p.face;
    for (int k = 0; k < 3; k++) {
        out->u[k] = u_from_s((double)(2 * p.i + k) * step);
        out->v[k] = u_from_s((double)(2 * p.j + k) * step);
    }
}

struct tf_vec3 tf_cell_ray(const struct tf_cell_square *square, int i, int j)
{
    return ray(square->face, square->u[i], square->v[j]);
}

/* Sine of the angle by which `along` / `out` lies beyond the planes through lo and hi. */
static double sine_beyond(double along, double out, double lo, double hi)
{
    double below = (lo * out - along) / sqrt(1.0 + lo * lo);
    double above = (along - hi * out) / sqrt(1.0 + hi * hi);

    return fmax(below, above);
}

double tf_cell_sine_to(const struct tf_cell_square *square, struct tf_vec3 direction)
{
    const struct face_axes *f = &faces[square->face];
    const double xyz[3] = {direction.x_m, direction.y_m, direction.z_m};
    double u = f->sign[0] * xyz[f->axis[0]], v = f->sign[1] * xyz[f->axis[1]];
    double w = f->sign[2] * xyz[f->axis[2]];

    return fmax(sine_beyond(u, w, square->u[0], square->u[2]),
                sine_beyond(v, w, square->v[0], square->v[2]));
}

struct tf_latlng tf_cell_centre(tf_cell cell)
{
    struct tf_cell_square square;

    if (!tf_cell_is_valid(cell))
        return (struct tf_latlng){NAN, NAN};
    tf_cell_square(cell, &square);
    return latlng_of_ray(ray(square.face, square.u[1], square.v[1]));
}

void tf_cell_vertices(tf_cell cell, struct tf_latlng out[4])
{
    struct tf_cell_square square;
    bool valid = tf_cell_is_valid(cell);

    if (valid)
        tf_cell_square(cell, &square);
    for (int k = 0; k < 4; k++)
        out[k] = valid ? latlng_of_ray(tf_cell_ray(&square, (k + 1) / 2 % 2 * 2, k / 2 * 2))
                       : (struct tf_latlng){NAN, NAN};
}

/* Index of the leaf that holds s; ties to even, clamped, as S2 rounds. */
static int64_t leaf_index(double s)
{
    const int64_t leaves = (int64_t)1 << TF_CELL_MAX_LEVEL;
    int64_t i = lrint((double)leaves * s - 0.5);

    return i < 0 ? 0 : i >= leaves ? leaves - 1 : i;
}

/* The face of the largest coordinate. */
static int face_of(const double xyz[3])
{
    double x = fabs(xyz[0]), y = fabs(xyz[1]), z = fabs(xyz[2]);
    int axis = x > y ? (x > z ? 0 : 2) : (y > z ? 1 : 2);

    return xyz[axis] < 0 ? axis + 3 : axis;
}

tf_cell tf_cell_from_latlng(struct tf_latlng p, int level)
{
    double phi = TF_RAD_PER_DEG * p.lat_deg, theta = TF_RAD_PER_DEG * p.lng_deg;
    double cos_phi = cos(phi), w;
    double xyz[3] = {cos(theta) * cos_phi, sin(theta) * cos_phi, sin(phi)};
    const struct face_axes *f;
    struct tf_cell_place place = {0, level, 0, 0};

    if (!tf_latlng_is_valid(p) || !level_is_valid(level))
        return 0;
    place.face = face_of(xyz);
    f = &faces[place.face];
    w = f->sign[2] * xyz[f->axis[2]];
    place.i = leaf_index(s_from_u(f->sign[0] * xyz[f->axis[0]] / w));
    place.j = leaf_index(s_from_u(f->sign[1] * xyz[f->axis[1]] / w));
    place.i >>= TF_CELL_MAX_LEVEL - level;
    place.j >>= TF_CELL_MAX_LEVEL - level;
    return tf_cell_at(place);
}

/*
 * The cell beside a face's border, exactly: in units of half a cell the face is
 * the square -n..n, n = 2^level, at distance n. A centre one unit beyond the border
 * is folded over the cube's edge: there the coordinate is n, and the distance
 * from the old face one unit less.
 */
static tf_cell folded(struct tf_cell_place p)
{
    const struct face_axes *f = &faces[p.face];
    int64_t n = (int64_t)1 << p.level;
    int64_t uvw[3] = {2 * p.i + 1 - n, 2 * p.j + 1 - n, n};
    int64_t xyz[3];

    for (int k = 0; k < 2; k++) {
        if (uvw[k] > n || uvw[k] < -n) {
            uvw[k] = uvw[k] > n ? n : -n;
            uvw[2] = n - 1;
        }
    }
    for (int k = 0; k < 3; k++)
        xyz[f->axis[k]] = f->sign[k] * uvw[k];
    for (int axis = 0; axis < 3; axis++)
        if (xyz[axis] == n || xyz[axis] == -n)
            p.face = xyz[axis] < 0 ? axis + 3 : axis;
    f = &faces[p.face];
    p.i = (f->sign[0] * xyz[f->axis[0]] + n - 1) / 2;
    p.j = (f->sign[1] * xyz[f->axis[1]] + n - 1) / 2;
    return tf_cell_at(p);
}

static bool is_off(int64_t index, int level)
{
    return index < 0 || index >> level != 0;
}

/* Steps in the order of S2's edges: down, right, up, left; then the corners. */
static const int8_t steps[8][2] = {{0, -1},  {1, 0},  {0, 1}, {-1, 0},
                                   {-1, -1}, {1, -1}, {1, 1}, {-1, 1}};

void tf_cell_edge_neighbours(tf_cell cell, tf_cell out[4])
{
    tf_cell all[8];

    if (tf_cell_is_valid(cell))
        tf_cell_all_neighbours(cell, all);
    for (int k = 0; k < 4; k++)
        out[k] = tf_cell_is_valid(cell) ? all[k] : 0;
}

size_t tf_cell_all_neighbours(tf_cell cell, tf_cell out[8])
{
    struct tf_cell_place place;
    size_t count = 0;

    if (!tf_cell_is_valid(cell))
        return 0;
    place = tf_cell_place(cell);
    for (int k = 0; k < 8; k++) {
        struct tf_cell_place next = place;
        next.i += steps[k][0];
        next.j += steps[k][1];
        /* Over two borders at once lies nothing: three faces meet there. */
        if (!is_off(next.i, next.level) || !is_off(next.j, next.level))
            out[count++] = folded(next);
    }
    return count;
}

void tf_cell_token(tf_cell cell, char out[TF_CELL_TOKEN_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    if (cell == 0) {
        memcpy(out, "X", 2);
        return;
    }
    for (; cell != 0; cell <<= 4)
        out[n++] = digits[cell >> (ID_BITS - 4)];
    out[n] = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

tf_cell tf_cell_from_token(const char *token)
{
    tf_cell cell = 0;
    int shift = ID_BITS;

    for (; *token; token++) {
        int value = digit_value(*token);
        if (value < 0 || shift == 0)
            return 0;
        shift -= 4;
        cell |= (tf_cell)value << shift;
    }
    return tf_cell_is_valid(cell) ? cell : 0;
}
