/*
 * option_path.c - a line that an operation follows, and a bulge in it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "airspace/band.h"
#include "airspace/option_path.h"

/* Nodes nearer than this are one. */
#define SAME_PLACE_M 0.01
/* A corridor's pieces are examined this much wider, so that what is found clear
 * stays so when the whole is measured within TF_GEO_TOLERANCE_M. */
#define PIECE_SLACK_M 0.1
#define PIECES 64.0
#define LEAST_PIECE_M 100.0

enum tf_status path_make(const struct tf_waypoint *nodes, size_t count,
                         const struct tf_volume4 *corridor, struct path *out)
{
    struct path path = {.count = count, .corridor = corridor};
    path.nodes = malloc(count * sizeof *path.nodes);
    path.at_m = malloc(count * sizeof *path.at_m);
    if (!path.nodes || !path.at_m) {
        option_path_release(&path);
        return TF_NOMEM;
    }
    memcpy(path.nodes, nodes, count * sizeof *nodes);
    path.at_m[0] = 0;
    for (size_t i = 1; i < count; i++)
        path.at_m[i] =
            path.at_m[i - 1] + tf_geodesic_inverse(nodes[i - 1].at, nodes[i].at, NULL, NULL);
    path.piece_m = fmax(LEAST_PIECE_M, path_length_m(&path) / PIECES);
    *out = path;
    return TF_OK;
}

enum tf_status path_of_corridor(const struct tf_volume4 *corridor, struct path *out)
{
    struct tf_ring line = tf_shape_ring(corridor->shape, 0);
    struct tf_waypoint *nodes = calloc(line.count, sizeof *nodes);
    if (!nodes)
        return TF_NOMEM;
    for (size_t i = 0; i < line.count; i++)
        nodes[i].at = line.vertices[i];
    enum tf_status rc = path_make(nodes, line.count, corridor, out);
    free(nodes);
    return rc;
}

void option_path_release(struct path *path)
{
    free(path->nodes);
    free(path->at_m);
    path->nodes = NULL;
    path->at_m = NULL;
    path->count = 0;
}

double path_length_m(const struct path *path)
{
    return path->at_m[path->count - 1];
}

/* --- volumes ----------------------------------------------------------- */

static enum tf_status corridor_volume(const struct path *path, const struct tf_latlng *vertices,
                                      size_t count, double slack_m, struct tf_volume4 *out)
{
    const struct tf_volume4 *like = path->corridor;
    struct tf_volume4 v = *like;
    enum tf_status rc = tf_shape_corridor((struct tf_ring){vertices, count},
                                          tf_shape_radius_m(like->shape) + slack_m,
                                          TF_EDGES_GEODESIC, 0, &v.shape, NULL);
    if (rc)
        return rc;
    v.alt = tf_band_at(&like->alt, v.shape, path->altitudes);
    *out = v;
    return TF_OK;
}

static enum tf_status corridor_pieces(const struct path *path, const struct tf_waypoint ends[2],
                                      double piece_m, struct tf_volume4 **out, size_t *count)
{
    double length_m = tf_geodesic_inverse(ends[0].at, ends[1].at, NULL, NULL);
    size_t pieces = (size_t)fmin(1000, fmax(1, ceil(length_m / piece_m))), made = 0;
    struct tf_volume4 *volumes = malloc(pieces * sizeof *volumes);
    enum tf_status rc = volumes ? TF_OK : TF_NOMEM;
    for (; made < pieces && !rc; made += !rc) {
        double from = (double)made / (double)pieces, to = (double)(made + 1) / (double)pieces;
        struct tf_latlng line[2] = {tf_geodesic_interpolate(ends[0].at, ends[1].at, from),
                                    tf_geodesic_interpolate(ends[0].at, ends[1].at, to)};
        rc = corridor_volume(path, line, length_m < SAME_PLACE_M ? 1 : 2, PIECE_SLACK_M,
                             &volumes[made]);
    }
    if (rc) {
        if (volumes)
            tf_volumes_free(volumes, made);
        return rc;
    }
    *out = volumes;
    *count = pieces;
    return TF_OK;
}

enum tf_status path_leg_volumes(const struct path *path, const struct tf_waypoint ends[2],
                                double piece_m, struct tf_volume4 **out, size_t *count)
{
    if (path->corridor)
        return corridor_pieces(path, ends, piece_m, out, count);
    return tf_trajectory_volumes(ends, 2, NULL, path->altitudes, out, count, NULL);
}

enum tf_status path_volumes(const struct path *path, struct tf_volume4 **out, size_t *count)
{
    if (!path->corridor)
        return tf_trajectory_volumes(path->nodes, path->count, NULL, path->altitudes, out, count,
                                     NULL);
    struct tf_latlng *line = malloc(path->count * sizeof *line);
    struct tf_volume4 *volume = malloc(sizeof *volume);
    enum tf_status rc = line && volume ? TF_OK : TF_NOMEM;
    if (!rc) {
        for (size_t i = 0; i < path->count; i++)
            line[i] = path->nodes[i].at;
        rc = corridor_volume(path, line, path->count, 0, volume);
    }
    if (!rc) {
        *out = volume;
        *count = 1;
        volume = NULL;
    }
    free(line);
    free(volume);
    return rc;
}

/* --- places on the path ------------------------------------------------ */

static double mix(double a, double b, double fraction)
{
    return a + (b - a) * fraction;
}

/* A place on the path: the node as it would be there, and the leg it is on. */
struct place {
    struct tf_waypoint node;
    size_t leg;
    double at_m, azimuth_deg;
};

/* On the last leg that holds at_m if `late`, else on the first, so that hovers at a
 * place stay with the part of the path that is kept. */
static size_t leg_at(const struct path *path, double at_m, bool late)
{
    size_t leg = 0;
    if (late)
        while (leg + 2 < path->count && path->at_m[leg + 1] <= at_m)
            leg++;
    else
        while (leg + 2 < path->count && path->at_m[leg + 1] < at_m)
            leg++;
    return leg;
}

static struct place place_at(const struct path *path, double at_m, bool late)
{
    struct place place = {.leg = leg_at(path, at_m, late), .at_m = at_m};
    const struct tf_waypoint *a = &path->nodes[place.leg], *b = a + 1;
    double length_m = path->at_m[place.leg + 1] - path->at_m[place.leg];
    double fraction = length_m > 0 ? (at_m - path->at_m[place.leg]) / length_m : 0;
    place.node = *a;
    tf_geodesic_inverse(a->at, b->at, &place.azimuth_deg, NULL);
    place.node.at =
        tf_geodesic_direct(a->at, place.azimuth_deg, length_m * fraction, &place.azimuth_deg);
    place.node.alt = (struct tf_alt){mix(tf_alt_m(a->alt), tf_alt_m(b->alt), fraction),
                                     TF_ALT_UNIT_M, a->alt.ref};
    place.node.t_ns = a->t_ns + (int64_t)(fraction * (double)(b->t_ns - a->t_ns));
    place.node.accuracy_h_m = fmax(a->accuracy_h_m, b->accuracy_h_m);
    place.node.accuracy_v_m = fmax(a->accuracy_v_m, b->accuracy_v_m);
    place.node.accuracy_t_ns =
        a->accuracy_t_ns > b->accuracy_t_ns ? a->accuracy_t_ns : b->accuracy_t_ns;
    return place;
}

static double leg_speed_mps(const struct path *path, size_t leg)
{
    double length_m = path->at_m[leg + 1] - path->at_m[leg];
    int64_t duration_ns = path->nodes[leg + 1].t_ns - path->nodes[leg].t_ns;
    if (length_m < SAME_PLACE_M) { /* a hover: as fast as the whole */
        length_m = path_length_m(path);
        duration_ns = path->nodes[path->count - 1].t_ns - path->nodes[0].t_ns;
    }
    return length_m * 1e9 / (double)(duration_ns > 0 ? duration_ns : 1);
}

/* --- bulges ------------------------------------------------------------ */

/* The last node of the bulge, before it: what the next is reached from. */
struct bulge_end {
    const struct path *path;
    struct bulge_nodes *out;
    struct place base; /* where on the old path */
};

/* How long a way of way_m takes that replaces old_m in old_ns. A hover is not cut short. */
static int64_t way_time_ns(const struct bulge_end *end, const struct place *base, double way_m,
                           double old_m, int64_t old_ns)
{
    bool moving = old_m > SAME_PLACE_M && old_ns > 0;
    double speed_mps = moving ? old_m * 1e9 / (double)old_ns : leg_speed_mps(end->path, base->leg);
    double way_ns = fmin(1e18, fmax(1, way_m / speed_mps * 1e9));
    return moving || way_ns > (double)old_ns ? (int64_t)llround(way_ns) : old_ns;
}

/* Appends the node that replaces `base` on the old path, reached at the old speed. */
static void append(struct bulge_end *end, const struct place *base, double side_deg,
                   double offset_m)
{
    struct bulge_nodes *out = end->out;
    struct tf_waypoint node = base->node;
    if (offset_m > 0)
        node.at = tf_geodesic_direct(node.at, base->azimuth_deg + side_deg, offset_m, NULL);
    if (out->count > 0) {
        const struct tf_waypoint *last = &out->nodes[out->count - 1];
        double way_m = tf_geodesic_inverse(last->at, node.at, NULL, NULL);
        double old_m = base->at_m - end->base.at_m;
        int64_t old_ns = base->node.t_ns - end->base.node.t_ns;
        if (way_m < SAME_PLACE_M && old_ns <= 0)
            return;
        out->extra_m += way_m - old_m;
        if (!end->path->corridor) {
            node.t_ns = tf_time_add(last->t_ns, way_time_ns(end, base, way_m, old_m, old_ns));
            out->delay_ns = node.t_ns - base->node.t_ns;
        }
    }
    out->nodes[out->count++] = node;
    end->base = *base;
}

void path_bulge(const struct path *path, const struct bulge *bulge, struct bulge_nodes *out)
{
    double begin_m = fmax(0, bulge->from_m - bulge->ramp_m);
    double end_m = fmin(path_length_m(path), bulge->to_m + bulge->ramp_m);
    struct place first = place_at(path, begin_m, true), last = place_at(path, end_m, false);
    struct place from = place_at(path, bulge->from_m, true);
    struct place to = place_at(path, bulge->to_m, false);
    *out = (struct bulge_nodes){.azimuth_deg = remainder(from.azimuth_deg + bulge->side_deg, 360)};
    out->keep_before = begin_m - path->at_m[first.leg] < SAME_PLACE_M ? first.leg : first.leg + 1;
    out->keep_after = path->at_m[last.leg + 1] - end_m < SAME_PLACE_M ? last.leg + 2 : last.leg + 1;
    struct bulge_end end = {path, out, first};
    append(&end, &first, 0, 0);
    append(&end, &from, bulge->side_deg, bulge->offset_m);
    size_t inner = to.leg > from.leg ? to.leg - from.leg : 0;
    size_t step = inner / BULGE_INNER_MAX + 1;
    for (size_t i = from.leg + 1; i <= to.leg && inner; i += step) {
        struct place node = place_at(path, path->at_m[i], true);
        append(&end, &node, bulge->side_deg, bulge->offset_m);
    }
    append(&end, &to, bulge->side_deg, bulge->offset_m);
    append(&end, &last, 0, 0);
}

enum tf_status path_splice(struct path *path, const struct bulge_nodes *bulge)
{
    size_t after = path->count > bulge->keep_after ? path->count - bulge->keep_after : 0;
    size_t count = bulge->keep_before + bulge->count + after;
    struct tf_waypoint *nodes = malloc(count * sizeof *nodes);
    if (!nodes)
        return TF_NOMEM;
    memcpy(nodes, path->nodes, bulge->keep_before * sizeof *nodes);
    memcpy(nodes + bulge->keep_before, bulge->nodes, bulge->count * sizeof *nodes);
    struct tf_waypoint *rest = nodes + bulge->keep_before + bulge->count;
    for (size_t i = 0; i < after; i++) {
        rest[i] = path->nodes[bulge->keep_after + i];
        rest[i].t_ns = tf_time_add(rest[i].t_ns, bulge->delay_ns);
    }
    struct path spliced;
    enum tf_status rc = path_make(nodes, count, path->corridor, &spliced);
    free(nodes);
    if (rc)
        return rc;
    spliced.piece_m = path->piece_m;
    spliced.altitudes = path->altitudes;
    option_path_release(path);
    *path = spliced;
    return TF_OK;
}
