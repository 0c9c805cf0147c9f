/*
 * test_cells_s2.cpp - cell ids and their hierarchy against the S2 library, whose
 * ids ours must equal bit for bit.
 */
#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <s2/s2cell.h>
#include <s2/s2cell_id.h>
#include <s2/s2latlng.h>
#include <tafadi/cell.h>

extern "C" {
#include "points.h"
#include <cmocka.h> /* last: its macros are names in S2's headers */
}

namespace
{

constexpr int kPoints = 100000;

S2CellId leaf(tf_latlng p)
{
    return S2CellId(S2LatLng::FromDegrees(p.lat_deg, p.lng_deg));
}

/* Mostly anywhere; else on the seams: whole degrees, face borders, poles. */
tf_latlng tricky_point(uint64_t *r)
{
    static const double kFaceCorner = 35.264389682754654;

    switch (random_below(r, 6)) {
    case 0:
        return {random_below(r, 181) - 90.0, random_below(r, 361) - 180.0};
    case 1:
        return {random_between(r, -90, 90), 45.0 * random_below(r, 9) - 180.0};
    case 2:
        return {(random_below(r, 2) ? kFaceCorner : -kFaceCorner) + random_between(r, -1e-7, 1e-7),
                90.0 * random_below(r, 4) - 135.0 + random_between(r, -1e-7, 1e-7)};
    case 3:
        return {(random_below(r, 2) ? 90.0 : -90.0), random_between(r, -180, 180)};
    default:
        return random_point(r);
    }
}

/* A random valid cell: near a tricky point, any level. */
tf_cell random_cell(uint64_t *r)
{
    return tf_cell_from_latlng(tricky_point(r), (int)random_below(r, 31));
}

void print_seed(uint64_t seed, tf_cell cell)
{
    char token[TF_CELL_TOKEN_SIZE];

    tf_cell_token(cell, token);
    print_error("seed %llu, cell %s\n", (unsigned long long)seed, token);
}

#define CHECK(seed, cell, condition)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            print_seed(seed, cell);                                                                \
        assert_true(condition);                                                                    \
    } while (0)

void ids_of_points(void **)
{
    uint64_t seed = random_seed(11), r = seed;

    for (int n = 0; n < kPoints; n++) {
        tf_latlng p = tricky_point(&r);
        S2CellId expected = leaf(p);
        for (int level = 30; level >= 0; level--) {
            tf_cell cell = tf_cell_from_latlng(p, level);
            CHECK(seed, cell, cell == expected.parent(level).id());
        }
    }
}

void hierarchy(void **)
{
    uint64_t seed = random_seed(12), r = seed;

    for (int n = 0; n < kPoints; n++) {
        tf_cell cell = random_cell(&r);
        S2CellId s2(cell);
        CHECK(seed, cell, tf_cell_is_valid(cell) && s2.is_valid());
        CHECK(seed, cell, tf_cell_level(cell) == s2.level());
        CHECK(seed, cell, tf_cell_range_min(cell) == s2.range_min().id());
        CHECK(seed, cell, tf_cell_range_max(cell) == s2.range_max().id());
        for (int level = 0; level <= 30; level++)
            CHECK(seed, cell,
                  tf_cell_parent(cell, level) == (level <= s2.level() ? s2.parent(level).id() : 0));
        for (int k = 0; k < 4; k++)
            CHECK(seed, cell, tf_cell_child(cell, k) == (s2.is_leaf() ? 0 : s2.child(k).id()));
    }
}

void neighbours(void **)
{
    uint64_t seed = random_seed(13), r = seed;

    for (int n = 0; n < kPoints; n++) {
        tf_cell cell = random_cell(&r), edge[4], all[8];
        S2CellId s2(cell), expected[4];
        std::vector<S2CellId> around;
        s2.GetEdgeNeighbors(expected);
        tf_cell_edge_neighbours(cell, edge);
        for (int k = 0; k < 4; k++)
            CHECK(seed, cell, edge[k] == expected[k].id());
        s2.AppendAllNeighbors(s2.level(), &around);
        std::sort(around.begin(), around.end());
        around.erase(std::unique(around.begin(), around.end()), around.end());
        size_t count = tf_cell_all_neighbours(cell, all);
        std::sort(all, all + count);
        CHECK(seed, cell, count == around.size());
        for (size_t k = 0; k < count; k++)
            CHECK(seed, cell, all[k] == around[k].id());
    }
}

void tokens(void **)
{
    uint64_t seed = random_seed(14), r = seed;
    char token[TF_CELL_TOKEN_SIZE];

    for (int n = 0; n < kPoints; n++) {
        tf_cell cell = random_cell(&r);
        tf_cell_token(cell, token);
        CHECK(seed, cell, token == S2CellId(cell).ToToken());
        CHECK(seed, cell, tf_cell_from_token(token) == cell);
    }
    tf_cell_token(0, token);
    assert_string_equal(token, "X");
    for (const char *none : {"", "X", "x", "0", "1g", "89c25 ", "12345678901234567", "f", "-1"})
        assert_true(tf_cell_from_token(none) == 0);
    assert_true(tf_cell_from_token("89C25") == tf_cell_from_token("89c25"));
}

bool near(tf_latlng p, const S2LatLng &q)
{
    return S2LatLng::FromDegrees(p.lat_deg, p.lng_deg).ToPoint().Angle(q.ToPoint()) < 2e-15;
}

void places(void **)
{
    uint64_t seed = random_seed(15), r = seed;

    for (int n = 0; n < kPoints; n++) {
        tf_cell cell = random_cell(&r);
        S2Cell s2{S2CellId(cell)};
        tf_latlng corner[4];
        tf_cell_vertices(cell, corner);
        for (int k = 0; k < 4; k++) {
            CHECK(seed, cell, tf_latlng_is_valid(corner[k]));
            CHECK(seed, cell, near(corner[k], S2LatLng(s2.GetVertex(k))));
        }
        CHECK(seed, cell, near(tf_cell_centre(cell), S2CellId(cell).ToLatLng()));
        CHECK(seed, cell, tf_cell_from_latlng(tf_cell_centre(cell), s2.level()) == cell);
    }
}

void invalid_ids(void **)
{
    uint64_t seed = random_seed(16), r = seed;
    tf_cell out[8];
    tf_latlng corner[4];

    for (int n = 0; n < kPoints; n++) {
        uint64_t id = random_next(&r) << random_below(&r, 64);
        bool valid = S2CellId(id).is_valid();
        CHECK(seed, id, tf_cell_is_valid(id) == valid);
        if (valid)
            continue;
        CHECK(seed, id, tf_cell_level(id) == -1 && tf_cell_parent(id, 0) == 0);
        CHECK(seed, id, tf_cell_child(id, 0) == 0 && tf_cell_range_min(id) == 0);
        CHECK(seed, id, tf_cell_all_neighbours(id, out) == 0);
        tf_cell_edge_neighbours(id, out);
        CHECK(seed, id, out[0] == 0 && out[3] == 0);
        tf_cell_vertices(id, corner);
        CHECK(seed, id, !tf_latlng_is_valid(corner[2]));
        CHECK(seed, id, !tf_latlng_is_valid(tf_cell_centre(id)));
    }
    assert_true(tf_cell_from_latlng({91, 0}, 13) == 0);
    assert_true(tf_cell_from_latlng({0, NAN}, 13) == 0);
    assert_true(tf_cell_from_latlng({0, 0}, 31) == 0);
    assert_true(tf_cell_from_latlng({0, 0}, -1) == 0);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_points), cmocka_unit_test(hierarchy), cmocka_unit_test(neighbours),
        cmocka_unit_test(tokens),        cmocka_unit_test(places),    cmocka_unit_test(invalid_ids),
    };

    return cmocka_run_group_tests_name("cells", tests, nullptr, nullptr);
}
