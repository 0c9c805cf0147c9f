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

struct option_task {
    const struct tf_index_view *view;
    uint64_t entity;
    const struct tf_entity *operation;
    const struct tf_separation_table *table;
    bool (*want)(void *ctx, uint64_t entity_a, uint64_t entity_b); /* NULL: all */
    void *ctx;
    struct tf_option_limits limits; /* with the defaults filled in */
    bool floor_given;               /* one of its own, not the default */
    double above_m;   /* by how much the plan is above a given ceiling; 0: it is not */
    int64_t start_ns; /* the first start of the plan; TF_TIME_MIN: open */
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

/*
 * Marching: the least amount of one change (a shift in nanoseconds, a level in
 * micrometres) that is clear, by jumps. At each candidate the view names some of what
 * is in the way; all amounts up to where the last of these is passed are in conflict
 * too, so nothing clear is jumped over. Never more jumps than steps.
 */
struct option_march {
    /* The plan's volume i, changed by `amount`. */
    struct tf_volume4 (*change)(const struct option_march *march, const struct tf_volume4 *plan,
                                int64_t amount);
    /* The amount from which on the plan's volume no longer conflicts with this item. */
    int64_t (*passed)(const struct option_march *march, const struct tf_volume4 *plan,
                      const struct tf_item *item);
    const struct option_task *task;
    int sign;                  /* 1: later or up; -1: earlier or down */
    int64_t from, limit, step; /* 1 <= from; a multiple of step is found */
    double level_m;            /* shifts: at this change of level */
};
bool option_march(const struct option_march *march, int64_t *amount);
/* Rounds x >= 1 up to a multiple of step; false above limit. */
bool option_round_up(int64_t x, int64_t step, int64_t limit, int64_t *out);

#endif
