/*
 * option_level.c - the least change of level, and levels combined with a shift in
 * time.
 *
 * Levels are counted in micrometres, so that they can be marched like shifts.
 */
#include <math.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

#define UM_PER_M 1e6
/* Where any level will do, they are rounded to this. */
#define FINEST_STEP_UM 100000
/* Above plain overlap there must be some gap: touching is a conflict. */
#define LEAST_GAP_M 0.001
/* Half of what a gap may fall short of the minimum by rounding (conflict.h), so that a
 * step of exactly the minimum is enough. */
#define ROUNDING_M 0.5e-6

static int64_t level_step_um(const struct option_task *task)
{
    double step = task->limits.level_step_m * UM_PER_M;
    return step >= 1 ? (int64_t)llround(step) : FINEST_STEP_UM;
}

/* Rounded up; INT64_MAX if it has no end. */
static int64_t um(double m)
{
    return m < 1e9 ? (int64_t)ceil(m * UM_PER_M) : INT64_MAX;
}

/* --- what may be moved, and how far ------------------------------------ */

static bool on_the_surface(const struct tf_band *band)
{
    return isinf(band->lower_m) || (band->lower.ref == TF_ALT_AGL && tf_alt_m(band->lower) <= 0);
}

static bool can_move(enum tf_kind kind, const struct tf_band *band)
{
    if (kind == TF_KIND_GROUND || kind == TF_KIND_SEA || kind == TF_KIND_SITE ||
        (kind == TF_KIND_HAZARD && on_the_surface(band)))
        return false;
    return isfinite(band->lower_m) && isfinite(band->upper_m);
}

/*
 * How far one band may sink: to the floor, by the middle of what its lower limit can
 * be; nothing above ground goes below it, and without a given floor nothing goes
 * below zero of its own reference.
 */
static double room_below_m(const struct option_task *task, const struct tf_band *band)
{
    double written = tf_alt_m(band->lower);
    double room = band->lower_m + band->lower_margin_m - task->limits.floor_m;
    if (!task->floor_given || band->lower.ref == TF_ALT_AGL)
        room = fmin(room, written);
    room = fmin(room, written - TF_ALT_MIN_M);
    return fmax(0, fmin(room, task->limits.max_level_change_m));
}

static double room_above_m(const struct option_task *task, const struct tf_band *band)
{
    double room = task->limits.ceiling_m - (band->upper_m - band->upper_margin_m);
    room = fmin(room, TF_ALT_MAX_M - tf_alt_m(band->upper));
    return fmax(0, fmin(room, task->limits.max_level_change_m));
}

static bool level_range(const struct option_task *task, int64_t *low_um, int64_t *high_um)
{
    const struct tf_entity *plan = task->operation;
    double below = INFINITY, above = INFINITY;
    for (size_t i = 0; i < plan->volume_count; i++) {
        const struct tf_band *band = &plan->volumes[i].alt;
        if (!can_move(plan->kind, band))
            return false;
        below = fmin(below, room_below_m(task, band));
        above = fmin(above, room_above_m(task, band));
    }
    *low_um = -(int64_t)floor(below * UM_PER_M);
    *high_um = (int64_t)floor(above * UM_PER_M);
    return true;
}

/* --- the least level --------------------------------------------------- */

static struct tf_volume4 moved(const struct option_march *march, const struct tf_volume4 *plan,
                               int64_t amount)
{
    struct tf_volume4 v = *plan;
    v.alt = tf_band_moved(&plan->alt, march->sign * (double)amount / UM_PER_M);
    return v;
}

static int64_t level_that_passes(const struct option_march *march, const struct tf_volume4 *plan,
                                 const struct tf_item *item)
{
    const struct option_task *task = march->task;
    const struct tf_separation *minima = &task->table->pair[task->operation->kind][item->kind];
    double need = fmax(minima->vertical_m - ROUNDING_M, LEAST_GAP_M);
    bool one_place = minima->horizontal_m <= 0;
    const struct tf_band *band = &plan->alt, *other = &item->v4.alt;
    return um(march->sign > 0 ? tf_band_rise_above_m(band, other, need, one_place)
                              : tf_band_descent_below_m(band, other, need, one_place));
}

static struct option_march march_of(const struct option_task *task, int sign, int64_t limit)
{
    /* A plan above the ceiling has to come down at least to it. */
    int64_t from = sign < 0 ? um(task->above_m) : 1;
    return (struct option_march){.change = moved,
                                 .passed = level_that_passes,
                                 .task = task,
                                 .sign = sign,
                                 .from = from > 1 ? from : 1,
                                 .limit = limit,
                                 .step = level_step_um(task)};
}

static enum tf_status offer_level(struct option_task *task, int64_t level_um)
{
    double level_m = (double)level_um / UM_PER_M;
    struct tf_option option;
    enum tf_status rc = option_copy_plan(task, 0, level_m, &option);
    if (rc)
        return rc;
    option.moves = TF_OPTION_LEVEL;
    option.cost = option_cost(task, 0, level_m, 0);
    return option_offer(task, &option, NULL);
}

enum tf_status option_find_level(struct option_task *task, enum tf_blocked_by *blocked)
{
    int64_t low, high, level;
    size_t before = task->count;
    enum tf_status rc = TF_OK;
    *blocked = TF_BLOCKED_FIXED;
    if (!level_range(task, &low, &high))
        return TF_OK;
    struct option_march up = march_of(task, 1, high), down = march_of(task, -1, -low);
    if (option_march(&up, &level))
        rc = offer_level(task, level);
    if (!rc && option_march(&down, &level))
        rc = offer_level(task, -level);
    *blocked = task->count > before ? TF_BLOCKED_NOT : TF_BLOCKED_LEVEL;
    return rc;
}

/* --- a level and a shift ----------------------------------------------- */

/* Levels tried with a shift in time, each way. */
enum { COMBINED_LEVELS = 4 };

/* The least levels that pass one at least of what is in conflict with the plan. */
struct levels {
    struct option_march march;
    const struct tf_volume4 *plan;
    int64_t um[COMBINED_LEVELS]; /* rising */
    size_t count;
};

static bool note_level(void *ctx, const struct tf_item *item)
{
    struct levels *levels = ctx;
    const struct option_march *march = &levels->march;
    int64_t level = march->passed(march, levels->plan, item);
    if (level >= 1 && level < march->from)
        level = march->from;
    if (level < 1 || !option_round_up(level, march->step, march->limit, &level))
        return true;
    size_t at = 0;
    while (at < levels->count && levels->um[at] < level)
        at++;
    if (at == COMBINED_LEVELS || (at < levels->count && levels->um[at] == level))
        return true;
    if (levels->count < COMBINED_LEVELS)
        levels->count++;
    for (size_t i = levels->count - 1; i > at; i--)
        levels->um[i] = levels->um[i - 1];
    levels->um[at] = level;
    return true;
}

static enum tf_status try_levels(struct option_task *task, int sign, int64_t limit)
{
    const struct tf_entity *plan = task->operation;
    struct levels levels = {.march = march_of(task, sign, limit)};
    for (size_t i = 0; i < plan->volume_count; i++) {
        levels.plan = &plan->volumes[i];
        option_query(task, levels.plan, note_level, &levels);
    }
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < levels.count && !rc; i++) {
        double level_m = sign * (double)levels.um[i] / UM_PER_M, best = option_best_cost(task);
        if (option_cost(task, 0, level_m, 0) < best)
            rc = option_try_times(task, level_m, best);
    }
    return rc;
}

enum tf_status option_find_combined(struct option_task *task)
{
    int64_t low, high;
    if (task->start_ns == TF_TIME_MIN || !level_range(task, &low, &high))
        return TF_OK;
    enum tf_status rc = try_levels(task, 1, high);
    return rc ? rc : try_levels(task, -1, -low);
}
