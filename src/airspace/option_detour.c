/*
 * option_detour.c - trajectories and corridors led round what they conflict with.
 *
 * The first stretch in conflict gets a bulge to one side, as small as a search
 * finds it clear; then the rest is examined again, with the later times. Start
 * and end stay where they are. Both sides are tried.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "airspace/option_path.h"
#include "airspace/option_task.h"

enum { ROUNDS_MAX = 8, HALVINGS = 5 };
#define GROWTH 1.25
#define FIRST_STEPS 400.0 /* the first offset is this fraction of the limit */

/* One way round on one side, as far as it is found. */
struct detour {
    double side_deg;
    double extra_m, offset_m, azimuth_deg;
    double changed_m; /* extra, and what the bulges leave out */
    enum tf_blocked_by blocked;
    size_t bulges;
    size_t clear_legs; /* of the path, from its start: examined already */
};

struct stretch {
    double from_m, to_m;
    bool found;
};

/* --- where the conflicts are ------------------------------------------- */

/* Extends the stretch by a leg; false once it has ended. */
static enum tf_status scan_leg(const struct option_task *task, const struct path *path, size_t leg,
                               struct stretch *stretch, bool *ended)
{
    struct tf_volume4 *volumes;
    size_t count;
    enum tf_status rc = path_leg_volumes(path, &path->nodes[leg], path->piece_m, &volumes, &count);
    if (rc)
        return rc;
    double begin_m = path->at_m[leg], length_m = path->at_m[leg + 1] - begin_m;
    for (size_t k = 0; k < count && !*ended; k++) {
        bool clear = option_is_clear(task, &volumes[k], 1);
        if (!clear && !stretch->found)
            *stretch = (struct stretch){begin_m + length_m * (double)k / (double)count, 0, true};
        if (!clear)
            stretch->to_m = begin_m + length_m * (double)(k + 1) / (double)count;
        *ended = clear && stretch->found;
    }
    tf_volumes_free(volumes, count);
    return TF_OK;
}

static enum tf_status first_stretch(const struct option_task *task, const struct path *path,
                                    size_t clear_legs, struct stretch *out)
{
    bool ended = false;
    enum tf_status rc = TF_OK;
    *out = (struct stretch){0, 0, false};
    for (size_t leg = clear_legs; leg + 1 < path->count && !ended && !rc; leg++)
        rc = scan_leg(task, path, leg, out, &ended);
    return rc;
}

static enum tf_status leg_is_clear(const struct option_task *task, const struct path *path,
                                   const struct tf_waypoint ends[2], bool *clear)
{
    struct tf_volume4 *volumes;
    size_t count;
    *clear = false;
    enum tf_status rc = path_leg_volumes(path, ends, INFINITY, &volumes, &count);
    if (rc)
        return rc == TF_NOMEM ? rc : TF_OK;
    *clear = option_is_clear(task, volumes, count);
    tf_volumes_free(volumes, count);
    return TF_OK;
}

/* Whether a conflict is at an end of the path, which must stay where it is. */
static enum tf_status node_is_clear(const struct option_task *task, const struct path *path,
                                    const struct tf_waypoint *node, bool *clear)
{
    struct tf_waypoint ends[2] = {*node, *node};
    ends[1].t_ns = tf_time_add(node->t_ns, 1);
    return leg_is_clear(task, path, ends, clear);
}

/* --- one bulge --------------------------------------------------------- */

static enum tf_status bulge_is_clear(const struct option_task *task, const struct path *path,
                                     const struct bulge_nodes *nodes, bool *clear)
{
    enum tf_status rc = TF_OK;
    *clear = true;
    for (size_t i = 0; i + 1 < nodes->count && *clear && !rc; i++)
        rc = leg_is_clear(task, path, &nodes->nodes[i], clear);
    return rc;
}

/* Tries one bulge: clear, and not too long. */
static enum tf_status try_bulge(const struct option_task *task, const struct path *path,
                                const struct bulge *bulge, double extra_left_m,
                                struct bulge_nodes *nodes, bool *good, bool *too_long)
{
    path_bulge(path, bulge, nodes);
    *good = false;
    *too_long = nodes->extra_m > extra_left_m;
    return *too_long ? TF_OK : bulge_is_clear(task, path, nodes, good);
}

/* Steep and less steep ways to the same offset. */
static enum tf_status try_ramps(const struct option_task *task, const struct path *path,
                                struct bulge *bulge, double extra_left_m, struct bulge_nodes *nodes,
                                bool *good, bool *too_long)
{
    static const double ramps[] = {2, 0.5};
    enum tf_status rc = TF_OK;
    *good = false;
    for (size_t i = 0; i < sizeof ramps / sizeof *ramps && !*good && !rc; i++) {
        bool this_too_long;
        bulge->ramp_m = ramps[i] * bulge->offset_m;
        rc = try_bulge(task, path, bulge, extra_left_m, nodes, good, &this_too_long);
        *too_long = i == 0 ? this_too_long : *too_long && this_too_long;
    }
    return rc;
}

/* The first offset that is clear; *blocked says why there is none. */
static enum tf_status grow_bulge(const struct option_task *task, const struct path *path,
                                 double extra_left_m, struct bulge *bulge, double *blocked_m,
                                 struct bulge_nodes *nodes, enum tf_blocked_by *blocked)
{
    double limit_m = task->limits.max_offset_m, step_m = limit_m / FIRST_STEPS;
    *blocked_m = 0;
    for (double offset_m = step_m;;
         offset_m = fmin(limit_m, fmax(offset_m + step_m, offset_m * GROWTH))) {
        bool good, too_long = false;
        bulge->offset_m = offset_m;
        enum tf_status rc = try_ramps(task, path, bulge, extra_left_m, nodes, &good, &too_long);
        *blocked = good ? TF_BLOCKED_NOT : too_long ? TF_BLOCKED_DISTANCE : TF_BLOCKED_OFFSET;
        if (rc || good || too_long || offset_m >= limit_m)
            return rc;
        *blocked_m = offset_m;
    }
}

/* Halves the last step, then looks for longer ramps, which make the way shorter. */
static enum tf_status tighten_bulge(const struct option_task *task, const struct path *path,
                                    double extra_left_m, double blocked_m, struct bulge *bulge,
                                    struct bulge_nodes *best)
{
    static const double longer[] = {4, 8, 16};
    struct bulge_nodes nodes;
    bool good, too_long;
    for (int i = 0; i < HALVINGS; i++) {
        struct bulge smaller = *bulge;
        smaller.offset_m = (blocked_m + bulge->offset_m) / 2;
        enum tf_status rc = try_ramps(task, path, &smaller, extra_left_m, &nodes, &good, &too_long);
        if (rc)
            return rc;
        if (good) {
            *bulge = smaller;
            *best = nodes;
        } else {
            blocked_m = smaller.offset_m;
        }
    }
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        struct bulge flatter = *bulge;
        flatter.ramp_m = longer[i] * bulge->offset_m;
        enum tf_status rc = try_bulge(task, path, &flatter, extra_left_m, &nodes, &good, &too_long);
        if (rc)
            return rc;
        if (good && nodes.extra_m < best->extra_m)
            *best = nodes;
    }
    return TF_OK;
}

/* --- a whole path ------------------------------------------------------ */

/*
 * An end in conflict cannot be led round. That of a trajectory may come out of it by being
 * reached later, so it counts only once no way was found.
 */
static enum tf_status check_ends(const struct option_task *task, const struct path *path,
                                 bool found_no_way, struct detour *detour)
{
    bool clear;
    enum tf_status rc = node_is_clear(task, path, &path->nodes[0], &clear);
    if (!rc && clear && (path->corridor || found_no_way))
        rc = node_is_clear(task, path, &path->nodes[path->count - 1], &clear);
    if (!clear)
        detour->blocked = TF_BLOCKED_FIXED;
    return rc;
}

static enum tf_status round_stretch(const struct option_task *task, struct path *path,
                                    const struct stretch *stretch, struct detour *detour)
{
    struct bulge bulge = {
        .from_m = stretch->from_m, .to_m = stretch->to_m, .side_deg = detour->side_deg};
    struct bulge_nodes nodes;
    double left_m = task->limits.max_extra_distance_m - detour->extra_m, blocked_m;
    enum tf_status rc =
        grow_bulge(task, path, left_m, &bulge, &blocked_m, &nodes, &detour->blocked);
    if (rc)
        return rc;
    if (detour->blocked)
        return check_ends(task, path, true, detour);
    rc = tighten_bulge(task, path, left_m, blocked_m, &bulge, &nodes);
    if (!rc)
        rc = path_splice(path, &nodes);
    if (rc)
        return rc;
    detour->bulges++;
    detour->clear_legs = nodes.keep_before > 0 ? nodes.keep_before - 1 : 0;
    detour->extra_m += nodes.extra_m;
    detour->changed_m += fabs(nodes.extra_m);
    if (bulge.offset_m > detour->offset_m) {
        detour->offset_m = bulge.offset_m;
        detour->azimuth_deg = nodes.azimuth_deg;
    }
    return TF_OK;
}

/* Leads the path round everything on one side, if it can. */
static enum tf_status lead_round(const struct option_task *task, struct path *path,
                                 struct detour *detour)
{
    for (int i = 0; i < ROUNDS_MAX; i++) {
        struct stretch stretch;
        enum tf_status rc = first_stretch(task, path, detour->clear_legs, &stretch);
        if (rc || !stretch.found)
            return rc;
        if (i == 0)
            rc = check_ends(task, path, false, detour);
        if (!rc && !detour->blocked)
            rc = round_stretch(task, path, &stretch, detour);
        if (rc || detour->blocked)
            return rc;
    }
    detour->blocked = TF_BLOCKED_OFFSET;
    return TF_OK;
}

/* --- the operation ----------------------------------------------------- */

static enum tf_status replace_volume(const struct path *path, struct tf_volume4 *volume)
{
    struct tf_volume4 *made;
    size_t count;
    enum tf_status rc = path_volumes(path, &made, &count);
    if (rc)
        return rc;
    tf_volume4_release(volume);
    *volume = made[0];
    free(made);
    return TF_OK;
}

static enum tf_status detour_corridors(const struct option_task *task, struct detour *detour,
                                       struct tf_option *option)
{
    enum tf_status rc = option_copy_plan(task, 0, 0, option);
    if (rc)
        return rc;
    for (size_t i = 0; i < option->volume_count && !rc && !detour->blocked; i++) {
        struct path path;
        size_t bulges = detour->bulges;
        detour->clear_legs = 0;
        rc = path_of_corridor(&task->operation->volumes[i], &path);
        if (rc)
            break;
        path.altitudes = task->limits.altitudes;
        rc = lead_round(task, &path, detour);
        if (!rc && !detour->blocked && detour->bulges > bulges)
            rc = replace_volume(&path, &option->volumes[i]);
        option_path_release(&path);
    }
    return rc;
}

static enum tf_status detour_trajectory(const struct option_task *task, struct detour *detour,
                                        struct tf_option *option)
{
    const struct tf_entity *plan = task->operation;
    struct path path;
    *option = (struct tf_option){0};
    enum tf_status rc = path_make(plan->waypoints, plan->waypoint_count, NULL, &path);
    if (rc)
        return rc;
    path.altitudes = task->limits.altitudes;
    rc = lead_round(task, &path, detour);
    if (!rc && !detour->blocked && detour->bulges) {
        rc = path_volumes(&path, &option->volumes, &option->volume_count);
        option->waypoints = path.nodes;
        option->waypoint_count = path.count;
        path.nodes = NULL;
    }
    option_path_release(&path);
    return rc;
}

static enum tf_status offer_detour(struct option_task *task, struct detour *detour)
{
    struct tf_option option;
    enum tf_status rc = task->operation->waypoint_count >= 2
                            ? detour_trajectory(task, detour, &option)
                            : detour_corridors(task, detour, &option);
    if (!rc && !detour->blocked && !detour->bulges)
        detour->blocked = TF_BLOCKED_FIXED;
    if (rc || detour->blocked) {
        option_release(&option);
        return rc;
    }
    option.moves = TF_OPTION_LATERAL;
    option.offset_m = detour->offset_m;
    option.offset_azimuth_deg = detour->azimuth_deg;
    option.extra_distance_m = fmax(0, detour->extra_m);
    option.cost = option_cost(task, 0, 0, detour->changed_m);
    bool kept;
    rc = option_offer(task, &option, &kept);
    if (!rc && !kept)
        detour->blocked = TF_BLOCKED_OFFSET;
    return rc;
}

/* Altitudes of a bulge are interpolated: that needs one reference, and it needs finite
 * lines that can be cut. */
static bool can_be_led_round(const struct tf_entity *plan)
{
    for (size_t i = 1; i < plan->waypoint_count; i++)
        if (plan->waypoints[i].alt.ref != plan->waypoints[0].alt.ref ||
            plan->waypoints[i].t_ns <= plan->waypoints[i - 1].t_ns)
            return false;
    return true;
}

enum tf_status option_find_detour(struct option_task *task, enum tf_blocked_by *blocked)
{
    /* The limit that blocks is the one that may open a way when it is raised. */
    static const int weight[] = {[TF_BLOCKED_NOT] = 3,
                                 [TF_BLOCKED_DISTANCE] = 2,
                                 [TF_BLOCKED_OFFSET] = 1,
                                 [TF_BLOCKED_FIXED] = 0};
    static const double sides_deg[] = {90, -90};
    *blocked = TF_BLOCKED_FIXED;
    if (!can_be_led_round(task->operation))
        return TF_OK;
    for (size_t i = 0; i < sizeof sides_deg / sizeof *sides_deg; i++) {
        struct detour detour = {.side_deg = sides_deg[i]};
        enum tf_status rc = offer_detour(task, &detour);
        if (rc)
            return rc;
        if (weight[detour.blocked] > weight[*blocked])
            *blocked = detour.blocked;
    }
    return TF_OK;
}
