/*
 * bench_geo.cpp - outlines and cells beside S2 and GEOS: coverings, cell ids, and the
 * predicates on the same random outlines.
 *
 * usage: bench_geo
 *
 * Each line is the median of nine runs over the same inputs, in processor time: ours, the other's,
 * and how many times faster ours is. S2 gets polygons (circles and corridors of many
 * vertices); GEOS works in a plane, in metres about the outlines, plain and prepared,
 * and so does less than ours.
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <geos_c.h>
#include <s2/s2cell_id.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2latlng.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>
#include <s2/s2region_coverer.h>
#include <tafadi/cell.h>

namespace
{

constexpr int kRepeats = 9, kOutlines = 200, kPoints = 20000, kLevel = 13;
constexpr double kDegree = 3.14159265358979323846 / 180.0;

using Ring = std::vector<tf_latlng>;

std::mt19937_64 generator(7);

double in(double lo, double hi)
{
    return std::uniform_real_distribution<double>(lo, hi)(generator);
}

void must(bool ok, const char *what)
{
    if (!ok) {
        std::fprintf(stderr, "bench_geo: %s failed\n", what);
        std::exit(1);
    }
}

/* Of this process's use of the processor: the machine may have other work. */
double seconds(const std::function<void()> &run)
{
    timespec start, end;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    run();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}

double median(std::vector<double> times)
{
    std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
    return times[kRepeats / 2];
}

/* Ours and theirs in turn. */
void report(const char *what, const char *rival, size_t n, const std::function<void()> &ours,
            const std::function<void()> &theirs)
{
    std::vector<double> a, b;

    for (int i = 0; i < kRepeats; i++) {
        a.push_back(seconds(ours) / (double)n * 1e6);
        b.push_back(seconds(theirs) / (double)n * 1e6);
    }
    std::printf("%-42s %10.3f us  %-13s %10.3f us  %7.1f x\n", what, median(a), rival, median(b),
                median(b) / median(a));
}

tf_latlng from(tf_latlng p, double azimuth_deg, double distance_m)
{
    return tf_geodesic_direct(p, std::remainder(azimuth_deg, 360.0), distance_m, nullptr);
}

Ring star(tf_latlng centre, double size_m, int n)
{
    Ring ring;

    for (int i = 0; i < n; i++)
        ring.push_back(from(centre, 360.0 * (i + in(0.1, 0.9)) / n, size_m * in(0.4, 1.0)));
    return ring;
}

void append_arc(Ring *ring, tf_latlng centre, double from_deg, double to_deg, double radius_m)
{
    for (int i = 0; i <= 32; i++)
        ring->push_back(from(centre, from_deg + (to_deg - from_deg) * i / 32, radius_m));
}

/* What a corridor of one leg covers; a circle if a and b are one point. The long sides get
 * vertices as well: great circles of S2 are not the border's curve. */
Ring capsule(tf_latlng a, tf_latlng b, double radius_m)
{
    Ring ring;
    double at_a = 0, at_b = 0;
    double length_m = tf_geodesic_inverse(a, b, &at_a, &at_b);
    int pieces = (int)std::ceil(length_m / 5000.0);

    append_arc(&ring, a, at_a + 90, at_a + (length_m > 0 ? 270 : 430), radius_m);
    for (int side = 0; length_m > 0 && side < 2; side++) {
        for (int i = 1; i < pieces; i++) {
            double azimuth, along = side ? length_m * (pieces - i) / pieces : length_m * i / pieces;
            tf_latlng p = tf_geodesic_direct(a, at_a, along, &azimuth);
            ring.push_back(from(p, azimuth + (side ? 90 : -90), radius_m));
        }
        if (!side)
            append_arc(&ring, b, at_b - 90, at_b + 90, radius_m);
    }
    return ring;
}

/* One outline in three worlds. */
struct Outline {
    tf_shape *ours = nullptr;
    std::unique_ptr<S2Polygon> s2;
    GEOSGeometry *geos = nullptr;
    const GEOSPreparedGeometry *prepared = nullptr;
};

std::unique_ptr<S2Polygon> s2_polygon(const Ring &ring)
{
    std::vector<S2Point> points;

    for (const tf_latlng &p : ring)
        points.push_back(S2LatLng::FromDegrees(p.lat_deg, p.lng_deg).ToPoint());
    auto loop = std::make_unique<S2Loop>(points, S2Debug::DISABLE);
    loop->Normalize();
    return std::make_unique<S2Polygon>(std::move(loop), S2Debug::DISABLE);
}

GEOSGeometry *geos_polygon(const Ring &ring, tf_latlng origin)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create((unsigned)ring.size() + 1, 2);

    for (size_t i = 0; i <= ring.size(); i++) {
        const tf_latlng &p = ring[i % ring.size()];
        double north = (p.lat_deg - origin.lat_deg) * kDegree * 6371000;
        double east =
            (p.lng_deg - origin.lng_deg) * kDegree * 6371000 * std::cos(origin.lat_deg * kDegree);
        GEOSCoordSeq_setXY(s, (unsigned)i, east, north);
    }
    return GEOSGeom_createPolygon(GEOSGeom_createLinearRing(s), nullptr, 0);
}

tf_shape *our_polygon(const Ring &ring)
{
    tf_ring r = {ring.data(), ring.size()};
    tf_shape *out = nullptr;

    must(tf_shape_polygon(&r, 1, TF_EDGES_GEODESIC, 0, &out, nullptr) == TF_OK, "polygon");
    return out;
}

tf_shape *our_corridor(tf_latlng a, tf_latlng b, double radius_m)
{
    tf_latlng line[2] = {a, b};
    tf_ring r = {line, 2};
    tf_shape *out = nullptr;

    must(tf_shape_corridor(r, radius_m, TF_EDGES_GEODESIC, 0, &out, nullptr) == TF_OK, "corridor");
    return out;
}

size_t cover_ours(const tf_shape *shape, std::vector<tf_cell> *cells)
{
    size_t count = 0;

    must(tf_cell_cover(shape, kLevel, cells->data(), cells->size(), &count) == TF_OK, "covering");
    return count;
}

/* A covering of each outline; the numbers of cells are printed as a check. */
void compare_coverings(const char *what, const std::vector<Outline> &outlines)
{
    std::vector<tf_cell> cells(400000);
    std::vector<S2CellId> ids;
    S2RegionCoverer::Options options;
    size_t ours = 0, theirs = 0;

    options.set_fixed_level(kLevel);
    options.set_max_cells(400000);
    S2RegionCoverer coverer(options);
    report(
        what, "S2", outlines.size(),
        [&] {
            ours = 0;
            for (const Outline &o : outlines)
                ours += cover_ours(o.ours, &cells);
        },
        [&] {
            theirs = 0;
            for (const Outline &o : outlines) {
                coverer.GetCovering(*o.s2, &ids);
                theirs += ids.size();
            }
        });
    std::printf("%-42s %10.1f               %10.1f\n", "    cells each",
                (double)ours / (double)outlines.size(), (double)theirs / (double)outlines.size());
}

tf_latlng place()
{
    return {in(24.0, 25.0), in(46.0, 47.0)};
}

void coverings()
{
    std::vector<Outline> flights(kOutlines), circles(kOutlines), stars(kOutlines), regions(10),
        routes(3);

    for (Outline &o : flights) {
        tf_latlng a = place(), b = from(a, in(0, 360), 1000);
        o.ours = our_corridor(a, b, 50);
        o.s2 = s2_polygon(capsule(a, b, 50));
    }
    for (Outline &o : circles) {
        tf_latlng a = place();
        must(tf_shape_circle(a, 500, &o.ours, nullptr) == TF_OK, "circle");
        o.s2 = s2_polygon(capsule(a, a, 500));
    }
    for (Outline &o : stars) {
        Ring ring = star(place(), 1500, 12);
        o.ours = our_polygon(ring);
        o.s2 = s2_polygon(ring);
    }
    for (Outline &o : regions) {
        Ring ring = star(place(), 50000, 40);
        o.ours = our_polygon(ring);
        o.s2 = s2_polygon(ring);
    }
    for (Outline &o : routes) {
        tf_latlng a = place(), b = from(a, in(0, 360), 1e6);
        o.ours = our_corridor(a, b, 5000);
        o.s2 = s2_polygon(capsule(a, b, 5000));
    }
    compare_coverings("cover: drone flight, 1 km x 100 m", flights);
    compare_coverings("cover: circle, 500 m", circles);
    compare_coverings("cover: polygon, 1.5 km, 12 vertices", stars);
    compare_coverings("cover: polygon, 50 km, 40 vertices", regions);
    compare_coverings("cover: corridor, 1000 km x 10 km", routes);
    for (auto *list : {&flights, &circles, &stars, &regions, &routes})
        for (Outline &o : *list)
            tf_shape_unref(o.ours);
}

void cell_ids()
{
    std::vector<tf_latlng> points;
    volatile uint64_t sink = 0;

    for (int i = 0; i < kPoints; i++)
        points.push_back({in(-90, 90), in(-180, 180)});
    report(
        "cell id of a point, level 13", "S2", points.size(),
        [&] {
            for (const tf_latlng &p : points)
                sink = sink + tf_cell_from_latlng(p, kLevel);
        },
        [&] {
            for (const tf_latlng &p : points)
                sink = sink +
                       S2CellId(S2LatLng::FromDegrees(p.lat_deg, p.lng_deg)).parent(kLevel).id();
        });
}

/* Outlines within a few kilometres of each other: some meet, some do not. */
std::vector<Outline> neighbourhood(tf_latlng origin)
{
    std::vector<Outline> outlines(kOutlines);

    for (Outline &o : outlines) {
        Ring ring = star(from(origin, in(0, 360), in(0, 5000)), 1500, 12);
        o.ours = our_polygon(ring);
        o.s2 = s2_polygon(ring);
        o.geos = geos_polygon(ring, origin);
        o.prepared = GEOSPrepare(o.geos);
    }
    return outlines;
}

using Pair = std::function<bool(const Outline &, const Outline &)>;

size_t over_pairs(const std::vector<Outline> &outlines, const Pair &test)
{
    size_t found = 0;

    for (const Outline &a : outlines)
        for (const Outline &b : outlines)
            found += test(a, b);
    return found;
}

void compare_pairs(const char *what, const char *rival, const std::vector<Outline> &outlines,
                   const Pair &ours, const Pair &theirs)
{
    size_t a = 0, b = 0;

    report(
        what, rival, outlines.size() * outlines.size(), [&] { a = over_pairs(outlines, ours); },
        [&] { b = over_pairs(outlines, theirs); });
    if (a != b)
        std::printf("    answers differ: %zu and %zu of %zu\n", a, b,
                    outlines.size() * outlines.size());
}

void predicates()
{
    tf_latlng origin = {24.7, 46.7};
    std::vector<Outline> outlines = neighbourhood(origin);
    auto ours = [](const Outline &a, const Outline &b) {
        return tf_shape_intersects(a.ours, b.ours);
    };
    auto within = [](const Outline &a, const Outline &b) {
        return tf_shape_within(a.ours, b.ours, 500);
    };

    compare_pairs(
        "intersects: 12 and 12 vertices", "GEOS", outlines, ours,
        [](const Outline &a, const Outline &b) { return GEOSIntersects(a.geos, b.geos) == 1; });
    compare_pairs("intersects: 12 and 12 vertices", "GEOS prepared", outlines, ours,
                  [](const Outline &a, const Outline &b) {
                      return GEOSPreparedIntersects(a.prepared, b.geos) == 1;
                  });
    compare_pairs("intersects: 12 and 12 vertices", "S2", outlines, ours,
                  [](const Outline &a, const Outline &b) { return a.s2->Intersects(*b.s2); });
    compare_pairs("within 500 m: 12 and 12 vertices", "GEOS prepared", outlines, within,
                  [](const Outline &a, const Outline &b) {
                      return GEOSPreparedDistanceWithin(a.prepared, b.geos, 500) == 1;
                  });
    compare_pairs(
        "distance: 12 and 12 vertices", "GEOS", outlines,
        [](const Outline &a, const Outline &b) { return tf_shape_distance_m(a.ours, b.ours) > 0; },
        [](const Outline &a, const Outline &b) {
            double d = 0;
            GEOSDistance(a.geos, b.geos, &d);
            return d > 0;
        });
    for (Outline &o : outlines) {
        tf_shape_unref(o.ours);
        GEOSPreparedGeom_destroy(o.prepared);
        GEOSGeom_destroy(o.geos);
    }
}

void quiet(const char *, ...)
{
}

} // namespace

int main()
{
    initGEOS(quiet, quiet);
    std::printf("%-42s %13s  %-13s %13s  %9s\n", "median of 9 runs, per item", "ours", "other", "",
                "ratio");
    cell_ids();
    coverings();
    predicates();
    finishGEOS();
    return 0;
}
