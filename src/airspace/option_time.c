/*
 * option_time.c - the least shift in time, in closed form.
 *
 * A volume [s, e) shifted by x conflicts with one that is active in [s', e') and
 * near in space exactly if s' - e - T < x < e' - s + T. The free shifts are what
 * the union of these open intervals leaves.
 */
#include <math.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

/* a - b + c, without end where a or b is open. */
static int64_t difference(int64_t a, int64_t b, int64_t c, int64_t open)
{
    int64_t d;
    if (a == TF_TIME_MIN || a == TF_TIME_MAX || b == TF_TIME_MIN || b == TF_TIME_MAX ||
        __builtin_sub_overflow(a, b, &d) || __builtin_add_overflow(d, c, &d))
        return open;
    return d;
}

struct shift_search {
    struct option_task *task;
    const struct tf_volume4 *mine;
};

static bool add_forbidden_shift(void *ctx, const struct tf_item *item)
{
    struct shift_search *search = ctx;
    struct option_task *task = search->task;
    const struct tf_volume4 *mine = search->mine, *other = &item->v4;
    int64_t t = task->table->pair[task->operation->kind][item->kind].time_ns;
    span_set_add(&task->spans, difference(other->start_ns, mine->end_ns, -t, INT64_MIN),
                 difference(other->end_ns, mine->start_ns, t, INT64_MAX));
    return task->spans.status == TF_OK;
}

/* The permitted shifts, low..high. */
static void shift_range(const struct option_task *task, int64_t *low, int64_t *high)
{
    *low = difference(task->limits.earliest_start_ns, task->start_ns, 0, INT64_MIN + 1);
    *high = difference(task->limits.latest_start_ns, task->start_ns, 0, INT64_MAX);
}

static enum tf_status shift_spans(struct option_task *task, double level_m, int64_t low,
                                  int64_t high)
{
    span_set_clear(&task->spans);
    for (size_t i = 0; i < task->operation->volume_count && !task->spans.status; i++) {
        struct tf_volume4 mine = task->operation->volumes[i];
        if (level_m != 0)
            mine.alt = tf_band_moved(&mine.alt, level_m);
        struct tf_volume4 wide = mine;
        wide.start_ns = tf_time_add(mine.start_ns, low < 0 ? low : 0);
        wide.end_ns = tf_time_add(mine.end_ns, high > 0 ? high : 0);
        struct shift_search search = {task, &mine};
        option_query(task, &wide, add_forbidden_shift, &search);
    }
    return task->spans.status;
}

static enum tf_status offer_shift(struct option_task *task, int64_t shift_ns, double level_m,
                                  double below)
{
    double cost = option_cost(task, shift_ns, level_m, 0);
    if (cost >= below)
        return TF_OK;
    struct tf_option option;
    enum tf_status rc = option_copy_plan(task, shift_ns, level_m, &option);
    if (rc)
        return rc;
    option.moves = TF_OPTION_TIME | (level_m != 0 ? TF_OPTION_LEVEL : 0);
    option.cost = cost;
    return option_offer(task, &option, NULL);
}

enum tf_status option_try_times(struct option_task *task, double level_m, double below)
{
    int64_t low, high, shift, step = task->limits.time_step_ns;
    shift_range(task, &low, &high);
    if (low > high)
        return TF_OK;
    enum tf_status rc = shift_spans(task, level_m, low, high);
    if (!rc && span_set_free_place(&task->spans, low > 1 ? low : 1, high, step, &shift))
        rc = offer_shift(task, shift, level_m, below);
    span_set_mirror(&task->spans);
    if (!rc && span_set_free_place(&task->spans, high < -1 ? -high : 1, -low, step, &shift))
        rc = offer_shift(task, -shift, level_m, below);
    return rc;
}

enum tf_status option_find_time(struct option_task *task, enum tf_blocked_by *blocked)
{
    if (task->operation->kind == TF_KIND_SITE || task->start_ns == TF_TIME_MIN) {
        *blocked = TF_BLOCKED_FIXED;
        return TF_OK;
    }
    size_t before = task->count;
    enum tf_status rc = option_try_times(task, 0, INFINITY);
    *blocked = task->count > before ? TF_BLOCKED_NOT : TF_BLOCKED_TIME;
    return rc;
}
