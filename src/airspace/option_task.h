/*
 * option_task.h - one search for options: what its parts share.
 *
 * The parts (option_time.c, option_level.c, option_offset.c, option_detour.c)
 * propose changes; option_offer() verifies each against the whole view and
 * keeps it only if it is clear.
 */
#ifndef TF_AIRSPACE_OPTION_TASK_H
#define TF_AIRSPACE_OPTION_TASK_H

#include <tafadi/option.h>

#include "airspace/option_span.h"

struct option_task {
    const struct tf_index_view *view;
    uint64_t entity;
    const struct tf_entity *operation;
    const struct tf_separation_table *table;
    bool (*want)(void *ctx, uint64_t entity_a, uint64_t entity_b); /* NULL: all */
    void *ctx;
    struct tf_option_limits limits; /* with the defaults filled in */
    bool floor_given;
    int64_t start_ns;      /* the first start of the plan; TF_TIME_MIN: open */
    struct span_set spans; /* scratch */
    struct tf_option *options;
    size_t count, capacity;
};

/* Items that conflict with `volume`, itself and the unwanted excepted. Return
 * false to stop. */
typedef bool (*option_visit)(void *ctx, const struct tf_item *item);
void option_query(const struct option_task *task, const struct tf_volume4 *volume,
                  option_visit visit, void *ctx);
bool option_is_clear(const struct option_task *task, const struct tf_volume4 *volumes,
                     size_t count);

/* Fills the option's volumes and waypoints with copies of the plan's, moved. */
TF_MUST_CHECK enum tf_status option_copy_plan(const struct option_task *task, int64_t shift_ns,
                                              double level_m, struct tf_option *out);
void option_release(struct tf_option *option); /* idempotent */
/* Least cost of a change with these parts. */
double option_cost(const struct option_task *task, int64_t shift_ns, double level_m,
                   double distance_m);
/* Least cost among what was kept so far; INFINITY if nothing was. */
double option_best_cost(const struct option_task *task);
/* Takes the candidate over. *kept (may be NULL): it was verified clear and kept. */
TF_MUST_CHECK enum tf_status option_offer(struct option_task *task, struct tf_option *candidate,
                                          bool *kept);

/* The pure moves. Each keeps what it finds, and says what blocked it if it found nothing. */
TF_MUST_CHECK enum tf_status option_find_time(struct option_task *task,
                                              enum tf_blocked_by *blocked);
TF_MUST_CHECK enum tf_status option_find_level(struct option_task *task,
                                               enum tf_blocked_by *blocked);
TF_MUST_CHECK enum tf_status option_find_lateral(struct option_task *task,
                                                 enum tf_blocked_by *blocked);
TF_MUST_CHECK enum tf_status option_find_detour(struct option_task *task,
                                                enum tf_blocked_by *blocked);
/* Levels with a shift in time at each, where that is cheaper than what was kept. */
TF_MUST_CHECK enum tf_status option_find_combined(struct option_task *task);

/* The least shifts in time, later and earlier, with the level changed by `level_m`; only
 * what costs less than `below`. */
TF_MUST_CHECK enum tf_status option_try_times(struct option_task *task, double level_m,
                                              double below);
/* The range of level changes within the limits, in micrometres (low <= 0 <= high).
 * False: this operation's level cannot be changed. */
bool option_level_range(const struct option_task *task, int64_t *low_um, int64_t *high_um);
/* Fills task->spans with the forbidden level changes, in micrometres. */
TF_MUST_CHECK enum tf_status option_level_spans(struct option_task *task, int64_t low_um,
                                                int64_t high_um);
int64_t option_level_step_um(const struct option_task *task);

#endif
