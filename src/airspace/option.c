/*
 * option.c - the search for options: limits, the order of the moves, ranking.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "airspace/option_task.h"

/* --- limits ------------------------------------------------------------ */

static const struct tf_option_limits default_limits = {
    .moves = TF_OPTION_ALL,
    .floor_m = -500,
    .ceiling_m = 20000,
    .max_level_change_m = 3000,
    .max_offset_m = 50000,
    .max_extra_distance_m = 100000,
    .time_step_ns = 60 * TF_SECOND_NS,
    .max_options = 8,
    .delay_weight = 1,
    .level_weight = 0.5,
    .distance_weight = 0.1,
};

/* Offsets of the numbers that must not be negative, and may be left out. */
static const struct {
    size_t offset;
    const char *field;
} amounts[] = {
    {offsetof(struct tf_option_limits, max_level_change_m), "max_level_change_m"},
    {offsetof(struct tf_option_limits, max_offset_m), "max_offset_m"},
    {offsetof(struct tf_option_limits, max_extra_distance_m), "max_extra_distance_m"},
    {offsetof(struct tf_option_limits, level_step_m), "level_step_m"},
    {offsetof(struct tf_option_limits, delay_weight), "delay_weight"},
    {offsetof(struct tf_option_limits, level_weight), "level_weight"},
    {offsetof(struct tf_option_limits, distance_weight), "distance_weight"},
};

static enum tf_status refuse(const char *field, struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, field,
                        TF_TEXT("The limit %1 is negative, not a number, or too large. Give a "
                                "value of 0 or more."),
                        field, NULL, NULL);
}

static enum tf_status fill_amounts(struct tf_option_limits *limits, struct tf_fault *fault)
{
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        double *value = (double *)(void *)((char *)limits + amounts[i].offset);
        if (!(*value >= 0 && *value <= TF_OPTION_MAX_AMOUNT))
            return refuse(amounts[i].field, fault);
        if (*value == 0)
            memcpy(value, (const char *)&default_limits + amounts[i].offset, sizeof *value);
    }
    return TF_OK;
}

static double above_ceiling_m(const struct tf_entity *plan, double ceiling_m)
{
    double above_m = 0;
    for (size_t i = 0; i < plan->volume_count; i++) {
        const struct tf_band *band = &plan->volumes[i].alt;
        if (isfinite(band->upper_m))
            above_m = fmax(above_m, band->upper_m - band->upper_margin_m - ceiling_m);
    }
    return above_m;
}

static enum tf_status fill_limits(struct option_task *task, const struct tf_option_limits *given,
                                  struct tf_fault *fault)
{
    struct tf_option_limits *limits = &task->limits;
    *limits = given ? *given : default_limits;
    enum tf_status rc = fill_amounts(limits, fault);
    if (rc)
        return rc;
    if (limits->time_step_ns < 0)
        return refuse("time_step_ns", fault);
    if (!isfinite(limits->floor_m) || !isfinite(limits->ceiling_m))
        return refuse("ceiling_m", fault);
    if (given && (given->floor_m != 0 || given->ceiling_m != 0)) {
        task->floor_given = given->floor_m != default_limits.floor_m;
        task->above_m = above_ceiling_m(task->operation, given->ceiling_m);
    } else {
        limits->floor_m = default_limits.floor_m;
        limits->ceiling_m = default_limits.ceiling_m;
    }
    if (limits->moves == 0)
        limits->moves = TF_OPTION_ALL;
    if (limits->time_step_ns == 0)
        limits->time_step_ns = default_limits.time_step_ns;
    if (limits->max_options == 0)
        limits->max_options = default_limits.max_options;
    if (limits->earliest_start_ns == 0)
        limits->earliest_start_ns = tf_time_add(task->start_ns, -TF_HOUR_NS);
    if (limits->now_ns != 0 && limits->now_ns > limits->earliest_start_ns)
        limits->earliest_start_ns = limits->now_ns;
    if (limits->latest_start_ns == 0)
        limits->latest_start_ns = tf_time_add(task->start_ns, 6 * TF_HOUR_NS);
    return TF_OK;
}

/* --- how many it conflicts with ---------------------------------------- */

struct entity_list {
    uint64_t *entities;
    size_t count, capacity;
    bool failed;
};

static bool note_entity(void *ctx, const struct tf_item *item)
{
    struct entity_list *list = ctx;
    if (list->count > 0 && list->entities[list->count - 1] == item->entity)
        return true;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 32;
        uint64_t *grown = realloc(list->entities, capacity * sizeof *grown);
        list->failed = !grown;
        if (!grown)
            return false;
        list->entities = grown;
        list->capacity = capacity;
    }
    list->entities[list->count++] = item->entity;
    return true;
}

static int by_entity(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum tf_status count_conflicts(const struct option_task *task, size_t *out)
{
    struct entity_list list = {0};
    const struct tf_entity *plan = task->operation;
    for (size_t i = 0; i < plan->volume_count && !list.failed; i++)
        option_query(task, &plan->volumes[i], note_entity, &list);
    if (list.count > 1)
        qsort(list.entities, list.count, sizeof *list.entities, by_entity);
    size_t distinct = 0;
    for (size_t i = 0; i < list.count; i++)
        distinct += i == 0 || list.entities[i] != list.entities[i - 1];
    free(list.entities);
    if (list.failed)
        return TF_NOMEM;
    *out = distinct;
    return TF_OK;
}

/* --- ranking ----------------------------------------------------------- */

/* One part of a change is no more than that of another, in the same direction. */
static bool within(double a, double b)
{
    return a == 0 || (a > 0 ? b >= a : b <= a);
}

/* Whether b asks for everything that a asks for, and more. */
static bool dominates(const struct tf_option *a, const struct tf_option *b)
{
    double turn_deg = fabs(remainder(a->offset_azimuth_deg - b->offset_azimuth_deg, 360));
    return a->cost <= b->cost && (a->moves & ~b->moves) == 0 &&
           within((double)a->shift_ns, (double)b->shift_ns) && within(a->level_m, b->level_m) &&
           a->offset_m <= b->offset_m && a->extra_distance_m <= b->extra_distance_m &&
           (a->offset_m == 0 || turn_deg < 89);
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* By cost; what costs the same in a fixed order, whatever the search found first. */
static int by_cost(const void *a, const void *b)
{
    const struct tf_option *x = a, *y = b;
    int order = compare(x->cost, y->cost);
    if (!order)
        order = compare(x->moves, y->moves);
    if (!order)
        order = compare((double)y->shift_ns, (double)x->shift_ns);
    if (!order)
        order = compare(y->level_m, x->level_m);
    if (!order)
        order = compare(x->offset_azimuth_deg, y->offset_azimuth_deg);
    return order;
}

/* Sorts, drops what another option makes pointless, and what is beyond the number asked. */
static void rank(struct option_task *task)
{
    size_t kept = 0;
    if (task->count > 1)
        qsort(task->options, task->count, sizeof *task->options, by_cost);
    for (size_t i = 0; i < task->count; i++) {
        bool pointless = kept == task->limits.max_options;
        for (size_t k = 0; k < kept && !pointless; k++)
            pointless = dominates(&task->options[k], &task->options[i]);
        if (pointless)
            option_release(&task->options[i]);
        else
            task->options[kept++] = task->options[i];
    }
    task->count = kept;
}

/* --- the search -------------------------------------------------------- */

/* What of the plan itself is outside of the limits, so that a move that leaves it as it
 * is is none. */
static enum tf_blocked_by hindered(const struct option_task *task, unsigned move)
{
    const struct tf_option_limits *limits = &task->limits;
    bool in_time = task->start_ns == TF_TIME_MIN || (task->start_ns >= limits->earliest_start_ns &&
                                                     task->start_ns <= limits->latest_start_ns);
    if (!in_time && move != TF_OPTION_TIME)
        return TF_BLOCKED_TIME;
    return task->above_m > 0 && move != TF_OPTION_LEVEL ? TF_BLOCKED_LEVEL : TF_BLOCKED_NOT;
}

static enum tf_status find_all(struct option_task *task, struct tf_options *out)
{
    const struct {
        unsigned move;
        enum tf_status (*find)(struct option_task *, enum tf_blocked_by *);
        enum tf_blocked_by *blocked;
    } moves[] = {
        {TF_OPTION_TIME, option_find_time, &out->blocked_time},
        {TF_OPTION_LEVEL, option_find_level, &out->blocked_level},
        {TF_OPTION_LATERAL, option_find_lateral, &out->blocked_lateral},
    };
    unsigned wanted = task->limits.moves;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < sizeof moves / sizeof *moves && !rc; i++) {
        if (!(wanted & moves[i].move))
            continue;
        *moves[i].blocked = hindered(task, moves[i].move);
        if (*moves[i].blocked == TF_BLOCKED_NOT)
            rc = moves[i].find(task, moves[i].blocked);
    }
    if (!rc && (wanted & TF_OPTION_TIME) && (wanted & TF_OPTION_LEVEL) &&
        task->operation->kind != TF_KIND_SITE)
        rc = option_find_combined(task);
    return rc;
}

static int64_t first_start(const struct tf_entity *plan)
{
    int64_t start_ns = TF_TIME_MAX;
    for (size_t i = 0; i < plan->volume_count; i++)
        if (plan->volumes[i].start_ns < start_ns)
            start_ns = plan->volumes[i].start_ns;
    return start_ns;
}

static void release_list(struct tf_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        option_release(&options[i]);
    free(options);
}

enum tf_status tf_options_find(const struct tf_index_view *view, uint64_t entity,
                               const struct tf_entity *operation, const struct tf_search *search,
                               const struct tf_option_limits *limits, struct tf_options *out,
                               struct tf_fault *fault)
{
    struct tf_separation_table defaults;
    struct option_task task = {.view = view,
                               .entity = entity,
                               .operation = operation,
                               .table = search ? search->table : NULL,
                               .want = search ? search->want : NULL,
                               .ctx = search ? search->ctx : NULL,
                               .start_ns = first_start(operation)};
    if (!task.table) {
        tf_separation_defaults(&defaults);
        task.table = &defaults;
    }
    struct tf_options found = {0};
    enum tf_status rc = fill_limits(&task, limits, fault);
    if (rc)
        return rc;
    rc = count_conflicts(&task, &found.conflict_count);
    if (!rc && found.conflict_count > 0)
        rc = find_all(&task, &found);
    if (rc) {
        release_list(task.options, task.count);
        return tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    }
    rank(&task);
    found.options = task.options;
    found.count = task.count;
    *out = found;
    return TF_OK;
}

void tf_options_release(struct tf_options *options)
{
    release_list(options->options, options->count);
    *options = (struct tf_options){0};
}
