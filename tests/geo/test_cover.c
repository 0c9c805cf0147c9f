/*
 * test_cover.c - laws of coverings: whatever is in the shape is covered, nothing
 * far from it is, levels agree with each other, cells are disjoint and in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <tafadi/cell.h>

#include "allocfail.h"
#include "shapes.h"

enum { MOST = 200000 };

/* Ids of a covering. */
struct cover {
    tf_cell *cells;
    size_t count;
};

static void cover_free(struct cover *c)
{
    free(c->cells);
    c->cells = NULL;
}

static struct cover fixed(const struct tf_shape *shape, int level)
{
    struct cover c = {malloc(MOST * sizeof(tf_cell)), 0};

    assert_non_null(c.cells);
    assert_int_equal(tf_cell_cover(shape, level, c.cells, MOST, &c.count), TF_OK);
    return c;
}

static struct cover mixed(const struct tf_shape *shape, int min_level, int max_level, size_t most)
{
    struct cover c = {malloc(MOST * sizeof(tf_cell)), 0};

    assert_non_null(c.cells);
    assert_int_equal(
        tf_cell_cover_levels(shape, min_level, max_level, most, c.cells, MOST, &c.count), TF_OK);
    return c;
}

/* Binary search over disjoint, sorted cells. */
static bool covers(const struct cover *c, tf_cell leaf)
{
    size_t lo = 0, hi = c->count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (tf_cell_range_max(c->cells[mid]) < leaf)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->count && tf_cell_range_min(c->cells[lo]) <= leaf;
}

static bool is_sorted_disjoint(const struct cover *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!tf_cell_is_valid(c->cells[i]) ||
            (i > 0 && tf_cell_range_max(c->cells[i - 1]) >= tf_cell_range_min(c->cells[i])))
            return false;
    return c->count > 0;
}

/* A level whose coverings of this size stay small. */
static int modest_level(double size_m, uint64_t *r)
{
    int level = (int)floor(log2(1e7 / size_m)) + (int)random_below(r, 6);

    return level < 0 ? 0 : level > TF_CELL_MAX_LEVEL ? TF_CELL_MAX_LEVEL : level;
}

static void explain(uint64_t seed, int n, const struct sample *s, int level)
{
    print_error("seed %llu, sample %d: kind %d at %.9g %.9g, radius %g m, level %d\n",
                (unsigned long long)seed, n, (int)s->kind, s->v[0].lat_deg, s->v[0].lng_deg,
                s->radius_m, level);
}

/* A random point in or around the shape. */
static struct tf_latlng point_about(uint64_t *r, const struct tf_shape *s)
{
    double reach_m = tf_shape_extent_m(s) * sqrt(random_between(r, 0.0, 1.0));

    return tf_geodesic_direct(tf_shape_centre(s), random_between(r, -180.0, 180.0), reach_m, NULL);
}

/* Sizes from a metre to a continent, anywhere, poles and antimeridian included. */
static bool any_sample(uint64_t *r, struct sample *s, double *size_m)
{
    struct tf_latlng near = random_point(r);

    if (random_below(r, 4) == 0)
        near.lat_deg = random_below(r, 2) ? 90.0 - random_magnitude(r, 1e-6, 1.0) : -90.0;
    if (random_below(r, 4) == 0)
        near.lng_deg = remainder(180.0 + random_between(r, -0.01, 0.01), 360.0);
    *size_m = random_magnitude(r, 1.0, 3e6);
    return sample_any(r, near, *size_m, s) == TF_OK;
}

static void points_inside_are_covered(void **state)
{
    uint64_t seed = random_seed(31), r = seed;
    int inside = 0;

    (void)state;
    for (int n = 0; n < 400; n++) {
        struct sample s;
        double size_m;
        if (!any_sample(&r, &s, &size_m))
            continue;
        int level = modest_level(size_m, &r);
        int min_level = (int)random_below(&r, (unsigned)level + 1);
        struct cover one = fixed(s.shape, level);
        struct cover many = mixed(s.shape, min_level, level, 1 + random_below(&r, 40));
        assert_true(is_sorted_disjoint(&one) && is_sorted_disjoint(&many));
        for (int k = 0; k < 60; k++) {
            struct tf_latlng p = point_about(&r, s.shape);
            tf_cell leaf = tf_cell_from_latlng(p, TF_CELL_MAX_LEVEL);
            if (!tf_shape_contains_point(s.shape, p))
                continue;
            inside++;
            if (!covers(&one, leaf) || !covers(&many, leaf)) {
                explain(seed, n, &s, level);
                fail_msg("%.9g %.9g is not covered", p.lat_deg, p.lng_deg);
            }
        }
        cover_free(&one);
        cover_free(&many);
        tf_shape_unref(s.shape);
    }
    assert_true(inside > 4000);
}

/* The outline of a cell as a shape of its own, through the public constructors. */
static struct tf_shape *shape_of_cell(tf_cell cell)
{
    struct tf_latlng corner[4];
    struct tf_ring ring = {corner, 4};
    struct tf_shape *out = NULL;

    tf_cell_vertices(cell, corner);
    assert_int_equal(tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0.0, &out, NULL), TF_OK);
    return out;
}

/* The bound that src/geo/patch.c relies on: the middle of a cell's edge (a great circle in
 * geodetic latitude) is within 1 mm of the geodesic between the corners at level 12. */
static void edges_of_small_cells_are_geodesics(void **state)
{
    uint64_t seed = random_seed(35), r = seed;
    double worst_m = 0.0;

    (void)state;
    for (int n = 0; n < 40000; n++) {
        struct tf_latlng corner[4], child[4];
        tf_cell cell = tf_cell_from_latlng(random_point(&r), 12);
        tf_cell_vertices(cell, corner);
        for (int k = 0; k < 4; k++) {
            double to_mid_deg, to_end_deg;
            double half_m,
                whole_m = tf_geodesic_inverse(corner[k], corner[(k + 1) % 4], &to_end_deg, NULL);
            tf_cell_vertices(tf_cell_child(cell, k), child);
            /* Each child has one corner of the cell, and the middles of the edges there. */
            for (int i = 0; i < 4; i++) {
                half_m = tf_geodesic_inverse(corner[k], child[i], &to_mid_deg, NULL);
                double turn = remainder(to_mid_deg - to_end_deg, 360.0) / 57.29577951308232;
                if (half_m > 1.0 && half_m < 0.6 * whole_m && fabs(turn) < 0.01)
                    worst_m = fmax(worst_m, fabs(half_m * sin(turn)));
            }
        }
    }
    print_message("  edges of level 12: within %.2g m of geodesics\n", worst_m);
    assert_true(worst_m > 1e-6 && worst_m < 0.001);
}

/* Every covering cell touches the shape, and no cell beside the covering does. */
static void borders_are_tight(void **state)
{
    uint64_t seed = random_seed(32), r = seed;
    tf_cell around[8];

    (void)state;
    for (int n = 0; n < 60; n++) {
        struct sample s;
        double size_m = random_magnitude(&r, 100.0, 30000.0);
        if (sample_any(&r, random_point(&r), size_m, &s))
            continue;
        int level = size_m > 3000.0 ? 12 : 14;
        struct cover c = fixed(s.shape, level);
        for (size_t i = 0; i < c.count; i += 1 + c.count / 200) {
            struct tf_shape *cell = shape_of_cell(c.cells[i]);
            if (!tf_shape_within(s.shape, cell, 0.002)) {
                explain(seed, n, &s, level);
                fail_msg("cell %zu of the covering does not touch", i);
            }
            tf_shape_unref(cell);
            size_t beside = tf_cell_all_neighbours(c.cells[i], around);
            for (size_t k = 0; k < beside; k++) {
                if (covers(&c, around[k]))
                    continue;
                cell = shape_of_cell(around[k]);
                if (tf_shape_distance_m(s.shape, cell) <= 0.0) {
                    explain(seed, n, &s, level);
                    fail_msg("a cell beside cell %zu is missing", i);
                }
                tf_shape_unref(cell);
            }
        }
        cover_free(&c);
        tf_shape_unref(s.shape);
    }
}

/* Coarse cells are decided by their descendants: a coarse covering is what the
 * parents of a fine one are. */
static void levels_agree(void **state)
{
    uint64_t seed = random_seed(33), r = seed;

    (void)state;
    for (int n = 0; n < 60; n++) {
        struct sample s;
        double size_m = random_magnitude(&r, 1000.0, 4e5);
        if (sample_any(&r, random_point(&r), size_m, &s))
            continue;
        struct cover fine = fixed(s.shape, 12);
        for (int level = 0; level < 12; level++) {
            struct cover coarse = fixed(s.shape, level);
            size_t at = 0;
            for (size_t i = 0; i < fine.count; i++) {
                tf_cell parent = tf_cell_parent(fine.cells[i], level);
                while (at < coarse.count && coarse.cells[at] < parent && i > 0 &&
                       coarse.cells[at] == tf_cell_parent(fine.cells[i - 1], level))
                    at++;
                if (at >= coarse.count || coarse.cells[at] != parent) {
                    explain(seed, n, &s, level);
                    fail();
                }
            }
            assert_true(at + 1 == coarse.count);
            cover_free(&coarse);
        }
        cover_free(&fine);
        tf_shape_unref(s.shape);
    }
}

static void mixed_levels_keep_their_limits(void **state)
{
    uint64_t seed = random_seed(34), r = seed;

    (void)state;
    for (int n = 0; n < 300; n++) {
        struct sample s;
        double size_m;
        if (!any_sample(&r, &s, &size_m))
            continue;
        int max_level = modest_level(size_m, &r);
        int min_level = (int)random_below(&r, (unsigned)max_level + 1);
        size_t most = 1 + random_below(&r, 100);
        struct cover c = mixed(s.shape, min_level, max_level, most);
        struct cover coarsest = fixed(s.shape, min_level);
        assert_true(is_sorted_disjoint(&c));
        for (size_t i = 0; i < c.count; i++) {
            int level = tf_cell_level(c.cells[i]);
            assert_true(level >= min_level && level <= max_level);
        }
        /* More only if even the coarsest permitted cells are more. */
        if (c.count > most && c.count > coarsest.count) {
            explain(seed, n, &s, min_level);
            fail_msg("%zu cells, %zu permitted, %zu needed", c.count, most, coarsest.count);
        }
        cover_free(&c);
        cover_free(&coarsest);
        tf_shape_unref(s.shape);
    }
}

static void large_cells_fill_the_inside(void **state)
{
    struct tf_shape *s = NULL;
    struct cover all, few;
    size_t coarse = 0;

    (void)state;
    assert_int_equal(tf_shape_circle((struct tf_latlng){24.7, 46.7}, 40000.0, &s, NULL), TF_OK);
    all = fixed(s, 13);
    few = mixed(s, 0, 13, 1000);
    assert_true(few.count <= 1000 && few.count * 4 < all.count);
    for (size_t i = 0; i < few.count; i++)
        coarse += tf_cell_level(few.cells[i]) <= 10;
    assert_true(coarse > 10);
    for (size_t i = 0; i < all.count; i++)
        assert_true(covers(&few, all.cells[i]));
    cover_free(&all);
    cover_free(&few);
    tf_shape_unref(s);
}

static void holes_are_left_out(void **state)
{
    struct tf_latlng outer[4] = {{10, 20}, {10, 21}, {11, 21}, {11, 20}};
    struct tf_latlng inner[4] = {{10.2, 20.2}, {10.8, 20.2}, {10.8, 20.8}, {10.2, 20.8}};
    struct tf_ring rings[2] = {{outer, 4}, {inner, 4}};
    struct tf_shape *s = NULL;
    struct cover c;

    (void)state;
    assert_int_equal(tf_shape_polygon(rings, 2, TF_EDGES_LONLAT, 0.0, &s, NULL), TF_OK);
    c = fixed(s, 13);
    assert_true(is_sorted_disjoint(&c));
    assert_false(covers(&c, tf_cell_from_latlng((struct tf_latlng){10.5, 20.5}, 30)));
    assert_true(covers(&c, tf_cell_from_latlng((struct tf_latlng){10.1, 20.5}, 30)));
    assert_true(covers(&c, tf_cell_from_latlng((struct tf_latlng){10.2, 20.2}, 30)));
    cover_free(&c);
    tf_shape_unref(s);
}

static void refusals_and_limits(void **state)
{
    struct tf_shape *s = NULL;
    tf_cell out[4];
    size_t count = 77;

    (void)state;
    assert_int_equal(tf_shape_circle((struct tf_latlng){0, 0}, 3000.0, &s, NULL), TF_OK);
    assert_int_equal(tf_cell_cover(s, -1, out, 4, &count), TF_RANGE);
    assert_int_equal(tf_cell_cover(s, 31, out, 4, &count), TF_RANGE);
    assert_int_equal(tf_cell_cover_levels(s, 5, 4, 8, out, 4, &count), TF_RANGE);
    assert_int_equal(tf_cell_cover_levels(s, -1, 4, 8, out, 4, &count), TF_RANGE);
    assert_int_equal(tf_cell_cover_levels(s, 0, 31, 8, out, 4, &count), TF_RANGE);
    assert_int_equal(tf_cell_cover(s, 30, out, 4, &count), TF_TOO_LARGE);
    assert_int_equal(tf_cell_cover_levels(s, 29, 30, 8, out, 4, &count), TF_TOO_LARGE);
    assert_int_equal(count, 77);
    assert_int_equal(tf_cell_cover(s, 13, out, 4, &count), TF_LIMIT);
    assert_true(count > 20 && count < 200);
    assert_int_equal(tf_cell_cover(s, 13, NULL, 0, &count), TF_LIMIT);
    assert_int_equal(tf_cell_cover_levels(s, 13, 13, 4, out, 4, &count), TF_LIMIT);
    assert_int_equal(tf_cell_cover_levels(s, 0, 30, 4, out, 4, &count), TF_OK);
    assert_true(count >= 1 && count <= 4);
    tf_shape_unref(s);
}

static enum tf_status cover_once(void *ctx)
{
    tf_cell out[300];
    size_t count;

    return tf_cell_cover_levels(ctx, 0, 14, 300, out, 300, &count);
}

static void failed_allocations_are_reported(void **state)
{
    struct tf_shape *s = NULL;

    (void)state;
    assert_int_equal(tf_shape_circle((struct tf_latlng){24.7, 46.7}, 20000.0, &s, NULL), TF_OK);
    assert_true(allocfail_each(cover_once, s, 100) >= 3);
    tf_shape_unref(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_inside_are_covered),
        cmocka_unit_test(edges_of_small_cells_are_geodesics),
        cmocka_unit_test(borders_are_tight),
        cmocka_unit_test(levels_agree),
        cmocka_unit_test(mixed_levels_keep_their_limits),
        cmocka_unit_test(large_cells_fill_the_inside),
        cmocka_unit_test(holes_are_left_out),
        cmocka_unit_test(refusals_and_limits),
        cmocka_unit_test(failed_allocations_are_reported),
    };

    return cmocka_run_group_tests_name("coverings", tests, NULL, NULL);
}
