/*
 * option_level.c - the least change of level, in closed form, and levels combined
 * with a shift in time.
 *
 * Levels are counted in micrometres, so that they share the spans of the shifts.
 */
#include <math.h>
#include <stdlib.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

#define UM_PER_M 1e6
/* Where any level will do, they are rounded to this. */
#define FINEST_STEP_UM 100000
/* Above plain overlap there must be some gap: touching is a conflict. */
#define LEAST_GAP_M 0.001
/* Kept off the exact minimum, so that rounding cannot fall below it. */
#define ROUNDING_M 1e-6

int64_t option_level_step_um(const struct option_task *task)
{
    double step = task->limits.level_step_m * UM_PER_M;
    return step >= 1 ? (int64_t)llround(step) : FINEST_STEP_UM;
}

static int64_t um(double m)
{
    if (isinf(m) || fabs(m) > 1e9)
        return m > 0 ? INT64_MAX : INT64_MIN;
    return (int64_t)llround(m * UM_PER_M);
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

bool option_level_range(const struct option_task *task, int64_t *low_um, int64_t *high_um)
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

/* --- forbidden levels -------------------------------------------------- */

struct level_search {
    struct option_task *task;
    const struct tf_band *mine;
};

static bool add_forbidden_level(void *ctx, const struct tf_item *item)
{
    struct level_search *search = ctx;
    struct option_task *task = search->task;
    double v = task->table->pair[task->operation->kind][item->kind].vertical_m;
    double need = fmax(v, LEAST_GAP_M) + ROUNDING_M;
    double rise = tf_band_rise_above_m(search->mine, &item->v4.alt, need);
    double descent = tf_band_descent_below_m(search->mine, &item->v4.alt, need);
    span_set_add(&task->spans, isinf(descent) ? INT64_MIN : um(-descent), um(rise));
    return task->spans.status == TF_OK;
}

enum tf_status option_level_spans(struct option_task *task, int64_t low_um, int64_t high_um)
{
    const struct tf_entity *plan = task->operation;
    span_set_clear(&task->spans);
    for (size_t i = 0; i < plan->volume_count && !task->spans.status; i++) {
        const struct tf_band *mine = &plan->volumes[i].alt;
        struct tf_volume4 wide = plan->volumes[i];
        wide.alt = tf_band_w84(tf_band_moved(mine, (double)low_um / UM_PER_M).lower_m,
                               tf_band_moved(mine, (double)high_um / UM_PER_M).upper_m);
        struct level_search search = {task, mine};
        option_query(task, &wide, add_forbidden_level, &search);
    }
    return task->spans.status;
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
    int64_t low, high, level, step = option_level_step_um(task);
    size_t before = task->count;
    *blocked = TF_BLOCKED_FIXED;
    if (!option_level_range(task, &low, &high))
        return TF_OK;
    enum tf_status rc = option_level_spans(task, low, high);
    if (!rc && span_set_free_place(&task->spans, 1, high, step, &level))
        rc = offer_level(task, level);
    span_set_mirror(&task->spans);
    if (!rc && span_set_free_place(&task->spans, 1, -low, step, &level))
        rc = offer_level(task, -level);
    *blocked = task->count > before ? TF_BLOCKED_NOT : TF_BLOCKED_LEVEL;
    return rc;
}

/* --- a level and a shift ----------------------------------------------- */

/* Levels tried with a shift in time, each way. */
enum { COMBINED_LEVELS = 4 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/*
 * The least rises that get above one of the others at least: the upper ends of the
 * spans, rounded to the step. Returns how many, at most COMBINED_LEVELS.
 */
static size_t least_rises(const struct span_set *set, int64_t step, int64_t limit, int64_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        int64_t high = set->spans[i].high;
        if (high <= 0 || high > limit || (high % step && step - high % step > limit - high))
            continue;
        int64_t level = high % step ? high + step - high % step : high;
        size_t k = 0;
        while (k < count && out[k] != level)
            k++;
        if (k < count)
            continue;
        if (count == COMBINED_LEVELS && level >= out[COMBINED_LEVELS - 1])
            continue;
        out[count == COMBINED_LEVELS ? COMBINED_LEVELS - 1 : count++] = level;
        qsort(out, count, sizeof *out, by_value);
    }
    return count;
}

static enum tf_status try_levels(struct option_task *task, const int64_t *levels, size_t count,
                                 double sign)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < count && !rc; i++) {
        double level_m = sign * (double)levels[i] / UM_PER_M, best = option_best_cost(task);
        if (option_cost(task, 0, level_m, 0) < best)
            rc = option_try_times(task, level_m, best);
    }
    return rc;
}

enum tf_status option_find_combined(struct option_task *task)
{
    int64_t low, high, step = option_level_step_um(task);
    int64_t up[COMBINED_LEVELS], down[COMBINED_LEVELS];
    if (task->start_ns == TF_TIME_MIN || !option_level_range(task, &low, &high))
        return TF_OK;
    enum tf_status rc = option_level_spans(task, low, high);
    if (rc)
        return rc;
    size_t ups = least_rises(&task->spans, step, high, up);
    span_set_mirror(&task->spans);
    size_t downs = least_rises(&task->spans, step, -low, down);
    rc = try_levels(task, up, ups, 1);
    return rc ? rc : try_levels(task, down, downs, -1);
}
