/*
 * option_task.c - copying, verifying and keeping candidates for options.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

/* --- asking the view --------------------------------------------------- */

struct filter {
    const struct option_task *task;
    option_visit visit;
    void *ctx;
};

static bool pass_wanted(void *ctx, const struct tf_item *item)
{
    const struct filter *filter = ctx;
    const struct option_task *task = filter->task;
    if (item->entity == task->entity ||
        (task->want && !task->want(task->ctx, task->entity, item->entity)))
        return true;
    return filter->visit(filter->ctx, item);
}

void option_query(const struct option_task *task, const struct tf_volume4 *volume,
                  option_visit visit, void *ctx)
{
    struct filter filter = {task, visit, ctx};
    tf_index_query_kinds(task->view, volume, task->operation->kind, task->table, pass_wanted,
                         &filter);
}

static bool stop_at_first(void *ctx, const struct tf_item *item)
{
    (void)item;
    *(bool *)ctx = false;
    return false;
}

bool option_is_clear(const struct option_task *task, const struct tf_volume4 *volumes, size_t count)
{
    bool clear = true;
    for (size_t i = 0; i < count && clear; i++)
        option_query(task, &volumes[i], stop_at_first, &clear);
    return clear;
}

/* --- candidates -------------------------------------------------------- */

static enum tf_status copy_waypoints(const struct tf_entity *plan, int64_t shift_ns, double level_m,
                                     struct tf_option *out)
{
    if (plan->waypoint_count == 0)
        return TF_OK;
    out->waypoints = malloc(plan->waypoint_count * sizeof *out->waypoints);
    if (!out->waypoints)
        return TF_NOMEM;
    out->waypoint_count = plan->waypoint_count;
    for (size_t i = 0; i < plan->waypoint_count; i++) {
        struct tf_waypoint w = plan->waypoints[i];
        struct tf_band at = {.lower = w.alt};
        w.alt = tf_band_moved(&at, level_m).lower;
        w.t_ns = tf_time_add(w.t_ns, shift_ns);
        out->waypoints[i] = w;
    }
    return TF_OK;
}

enum tf_status option_copy_plan(const struct option_task *task, int64_t shift_ns, double level_m,
                                struct tf_option *out)
{
    const struct tf_entity *plan = task->operation;
    *out = (struct tf_option){.shift_ns = shift_ns, .level_m = level_m};
    out->volumes = malloc(plan->volume_count * sizeof *out->volumes);
    if (!out->volumes)
        return TF_NOMEM;
    out->volume_count = plan->volume_count;
    for (size_t i = 0; i < plan->volume_count; i++) {
        struct tf_volume4 v = tf_volume4_ref(&plan->volumes[i]);
        if (level_m != 0)
            v.alt = tf_band_moved(&v.alt, level_m);
        v.start_ns = tf_time_add(v.start_ns, shift_ns);
        v.end_ns = tf_time_add(v.end_ns, shift_ns);
        out->volumes[i] = v;
    }
    enum tf_status rc = copy_waypoints(plan, shift_ns, level_m, out);
    if (rc)
        option_release(out);
    return rc;
}

void option_release(struct tf_option *option)
{
    tf_volumes_free(option->volumes, option->volume_count);
    free(option->waypoints);
    *option = (struct tf_option){0};
}

double option_cost(const struct option_task *task, int64_t shift_ns, double level_m,
                   double distance_m)
{
    const struct tf_option_limits *limits = &task->limits;
    return limits->delay_weight * fabs((double)shift_ns / (double)TF_SECOND_NS) +
           limits->level_weight * fabs(level_m) + limits->distance_weight * distance_m;
}

double option_best_cost(const struct option_task *task)
{
    double best = INFINITY;
    for (size_t i = 0; i < task->count; i++)
        best = fmin(best, task->options[i].cost);
    return best;
}

static enum tf_status keep(struct option_task *task, const struct tf_option *candidate)
{
    if (task->count == task->capacity) {
        size_t capacity = task->capacity ? task->capacity * 2 : 8;
        struct tf_option *grown = realloc(task->options, capacity * sizeof *grown);
        if (!grown)
            return TF_NOMEM;
        task->options = grown;
        task->capacity = capacity;
    }
    task->options[task->count++] = *candidate;
    return TF_OK;
}

enum tf_status option_offer(struct option_task *task, struct tf_option *candidate, bool *kept)
{
    enum tf_status rc = TF_OK;
    bool clear = option_is_clear(task, candidate->volumes, candidate->volume_count);
    if (clear)
        rc = keep(task, candidate);
    if (!clear || rc)
        option_release(candidate);
    if (kept)
        *kept = clear && !rc;
    return rc;
}
