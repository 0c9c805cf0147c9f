/*
 * test_cover_s2.cpp - coverings at a fixed level against the S2 library.
 *
 * The same outlines as S2 polygons, small enough that geodesics and S2's great
 * circles do not differ: stars as they are, circles and corridors as polygons of
 * many vertices. The sets of cells must be equal, except for cells that come
 * within the stated tolerance of the outline without touching it.
 */
#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include <s2/mutable_s2shape_index.h>
#include <s2/s2cell.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2latlng.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>
#include <s2/s2region_coverer.h>
#include <s2/s2region_union.h>
#include <tafadi/cell.h>

extern "C" {
#include "shapes.h"
#include <cmocka.h> /* last: its macros are names in S2's headers */
}

namespace
{

constexpr double kRadiusM = 6371010.0;
constexpr double kToleranceM = 0.012;

using Polygons = std::vector<std::unique_ptr<S2Polygon>>;

S2Point s2_point(tf_latlng p)
{
    return S2LatLng::FromDegrees(p.lat_deg, p.lng_deg).ToPoint();
}

std::unique_ptr<S2Polygon> s2_polygon(const std::vector<tf_latlng> &ring)
{
    std::vector<S2Point> points;
    for (const tf_latlng &p : ring)
        points.push_back(s2_point(p));
    auto loop = std::make_unique<S2Loop>(points, S2Debug::DISABLE);
    loop->Normalize();
    return std::make_unique<S2Polygon>(std::move(loop), S2Debug::DISABLE);
}

void append_arc(std::vector<tf_latlng> *ring, tf_latlng centre, double from_deg, double to_deg,
                double radius_m)
{
    constexpr int kSteps = 500;

    for (int i = 0; i <= kSteps; i++) {
        double azimuth = from_deg + (to_deg - from_deg) * i / kSteps;
        ring->push_back(tf_geodesic_direct(centre, remainder(azimuth, 360.0), radius_m, nullptr));
    }
}

/* One polygon for a star, two half circles for a circle, one capsule per leg for a
 * corridor. */
Polygons s2_polygons(const struct sample &s)
{
    Polygons out;

    if (s.kind == TF_SHAPE_POLYGON) {
        out.push_back(s2_polygon(std::vector<tf_latlng>(s.v, s.v + s.n)));
        return out;
    }
    for (size_t i = 0; i < std::max<size_t>(s.n - 1, 1); i++) {
        tf_latlng a = s.v[i], b = s.v[s.n > 1 ? i + 1 : i];
        double at_a = 0.0, at_b = 0.0;
        std::vector<tf_latlng> ring;
        if (s.n > 1)
            tf_geodesic_inverse(a, b, &at_a, &at_b);
        append_arc(&ring, a, at_a + 90.0, at_a + 270.0, s.radius_m);
        append_arc(&ring, b, at_b - 90.0, at_b + 90.0, s.radius_m);
        if (s.n == 1) /* the seams of the halves coincide */
            ring.pop_back(), ring.erase(ring.begin());
        out.push_back(s2_polygon(ring));
    }
    return out;
}

std::vector<tf_cell> s2_cover(const Polygons &polygons, int level)
{
    S2RegionCoverer::Options options;
    std::vector<std::unique_ptr<S2Region>> regions;
    std::vector<S2CellId> cells;
    std::vector<tf_cell> out;

    options.set_fixed_level(level);
    options.set_max_cells(100000);
    for (const auto &p : polygons)
        regions.emplace_back(p->Clone());
    S2RegionCoverer coverer(options);
    coverer.GetCovering(S2RegionUnion(std::move(regions)), &cells);
    for (S2CellId cell : cells)
        out.push_back(cell.id());
    return out;
}

double distance_m(tf_cell cell, const Polygons &polygons)
{
    S2Polygon square{S2Cell(S2CellId(cell))};
    double least = 1e9;

    for (const auto &p : polygons) {
        if (p->Intersects(square))
            return 0.0;
        S2ClosestEdgeQuery query(&p->index());
        S2ClosestEdgeQuery::ShapeIndexTarget target(&square.index());
        least = std::min(least, query.GetDistance(&target).radians() * kRadiusM);
    }
    return least;
}

std::vector<tf_cell> our_cover(const tf_shape *shape, int level)
{
    std::vector<tf_cell> cells(64);
    size_t count = 0;
    enum tf_status rc = tf_cell_cover(shape, level, cells.data(), cells.size(), &count);

    if (rc == TF_LIMIT) {
        assert_true(count > cells.size());
        cells.resize(count);
        rc = tf_cell_cover(shape, level, cells.data(), cells.size(), &count);
    }
    assert_int_equal(rc, TF_OK);
    cells.resize(count);
    return cells;
}

/* Where coverings go wrong: poles, the antimeridian, edges and corners of the cube. */
tf_latlng hard_place(uint64_t *r)
{
    double wobble_lat = random_between(r, -0.01, 0.01), wobble_lng = random_between(r, -0.01, 0.01);

    switch (random_below(r, 6)) {
    case 0:
        return {(random_below(r, 2) ? 90.0 : -90.0) * random_between(r, 0.9999, 1.0),
                random_between(r, -180, 180)};
    case 1:
        return {random_between(r, -85, 85), remainder(180.0 + wobble_lng, 360.0)};
    case 2:
        return {random_between(r, -40, 40), 90.0 * random_below(r, 4) - 135.0 + wobble_lng};
    case 3:
        return {(random_below(r, 2) ? 35.26438968 : -35.26438968) + wobble_lat,
                90.0 * random_below(r, 4) - 135.0 + wobble_lng};
    default:
        return random_point(r);
    }
}

/* Edges within 2 km; now and then smaller than a cell, or at a coarse level. */
void fixed_level_equals_s2(void **)
{
    uint64_t seed = random_seed(21), r = seed;
    int extra = 0, total = 0;

    for (int n = 0; n < 1200; n++) {
        struct sample s;
        tf_latlng near = hard_place(&r);
        double size_m = random_magnitude(&r, 5.0, 2500.0);
        int level =
            13 + (int)random_below(&r, 3) - (random_below(&r, 4) ? 0 : (int)random_below(&r, 12));
        if (sample_any(&r, near, size_m, &s))
            continue;
        Polygons polygons = s2_polygons(s);
        std::vector<tf_cell> ours = our_cover(s.shape, level), theirs = s2_cover(polygons, level);
        std::vector<tf_cell> missed, more;
        assert_true(std::is_sorted(ours.begin(), ours.end()));
        std::set_difference(theirs.begin(), theirs.end(), ours.begin(), ours.end(),
                            std::back_inserter(missed));
        std::set_difference(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                            std::back_inserter(more));
        for (tf_cell cell : missed) {
            if (distance_m(cell, polygons) > 0.0)
                continue;
            print_error("seed %llu, sample %d, kind %d, level %d: cell %s is missing\n",
                        (unsigned long long)seed, n, s.kind, level,
                        S2CellId(cell).ToToken().c_str());
            fail();
        }
        for (tf_cell cell : more) {
            double off_m = distance_m(cell, polygons);
            if (off_m <= kToleranceM)
                continue;
            print_error("seed %llu, sample %d, kind %d, level %d: cell %s is %g m too much\n",
                        (unsigned long long)seed, n, s.kind, level,
                        S2CellId(cell).ToToken().c_str(), off_m);
            fail();
        }
        extra += (int)more.size();
        total += (int)ours.size();
        tf_shape_unref(s.shape);
    }
    print_message("  %d cells, %d of them only within the tolerance\n", total, extra);
    assert_true(total > 3000 && extra * 100 < total);
}

double leaves(const std::vector<tf_cell> &cells)
{
    double sum = 0;

    for (tf_cell cell : cells)
        sum += (double)(tf_cell_range_max(cell) - tf_cell_range_min(cell)) + 1;
    return sum;
}

/* With the same limits, a mixed covering spills over no more than S2's, on the whole. */
void mixed_levels_are_as_tight_as_s2(void **)
{
    uint64_t seed = random_seed(22), r = seed;
    double ours = 0, theirs = 0;

    for (int n = 0; n < 400; n++) {
        struct sample s;
        S2RegionCoverer::Options options;
        std::vector<std::unique_ptr<S2Region>> regions;
        std::vector<S2CellId> ids;
        tf_cell cells[400];
        size_t count;
        int most = 4 + (int)random_below(&r, 30);
        if (sample_any(&r, hard_place(&r), random_magnitude(&r, 300.0, 2500.0), &s))
            continue;
        for (const auto &p : s2_polygons(s))
            regions.emplace_back(p->Clone());
        options.set_max_level(18);
        options.set_max_cells(most);
        S2RegionCoverer(options).GetCovering(S2RegionUnion(std::move(regions)), &ids);
        assert_int_equal(tf_cell_cover_levels(s.shape, 0, 18, (size_t)most, cells, 400, &count),
                         TF_OK);
        assert_true(count <= (size_t)most);
        std::vector<tf_cell> expected;
        for (S2CellId id : ids)
            expected.push_back(id.id());
        ours += leaves(std::vector<tf_cell>(cells, cells + count)) / leaves(expected);
        theirs += 1;
        tf_shape_unref(s.shape);
    }
    print_message("  area covered, beside S2's: %.3f\n", ours / theirs);
    assert_true(ours / theirs < 1.1);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_level_equals_s2),
        cmocka_unit_test(mixed_levels_are_as_tight_as_s2),
    };

    return cmocka_run_group_tests_name("coverings", tests, nullptr, nullptr);
}
