/*
 * option_time.c - the least shift in time.
 *
 * A volume [s, e) shifted by x conflicts with one that is active in [s', e') and
 * near in space exactly if s' - e - T < x < e' - s + T: the ends of this interval
 * are where a march passes it.
 */
#include <math.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

/* a - b + c; `open` where a or b has no end. */
static int64_t difference(int64_t a, int64_t b, int64_t c, int64_t open)
{
    int64_t d;
    if (a == TF_TIME_MIN || a == TF_TIME_MAX || b == TF_TIME_MIN || b == TF_TIME_MAX ||
        __builtin_sub_overflow(a, b, &d) || __builtin_add_overflow(d, c, &d))
        return open;
    return d;
}

static struct tf_volume4 shifted(const struct option_march *march, const struct tf_volume4 *plan,
                                 int64_t amount)
{
    struct tf_volume4 v = *plan;
    v.start_ns = tf_time_add(v.start_ns, march->sign * amount);
    v.end_ns = tf_time_add(v.end_ns, march->sign * amount);
    if (march->level_m != 0)
        v.alt = tf_band_moved(&v.alt, march->level_m);
    return v;
}

static int64_t shift_that_passes(const struct option_march *march, const struct tf_volume4 *plan,
                                 const struct tf_item *item)
{
    const struct option_task *task = march->task;
    int64_t t = task->table->pair[task->operation->kind][item->kind].time_ns;
    return march->sign > 0 ? difference(item->v4.end_ns, plan->start_ns, t, INT64_MAX)
                           : difference(plan->end_ns, item->v4.start_ns, t, INT64_MAX);
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

/* The shift beyond which the cost is `below`. */
static int64_t dearest_shift_ns(const struct option_task *task, double level_m, double below)
{
    double left = below - option_cost(task, 0, level_m, 0);
    double ns = left / task->limits.delay_weight * (double)TF_SECOND_NS;
    return ns < 9e18 ? (int64_t)ns : INT64_MAX;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum tf_status option_try_times(struct option_task *task, double level_m, double below)
{
    const struct tf_option_limits *limits = &task->limits;
    int64_t low = difference(limits->earliest_start_ns, task->start_ns, 0, INT64_MIN + 1);
    int64_t high = difference(limits->latest_start_ns, task->start_ns, 0, INT64_MAX);
    int64_t dearest = dearest_shift_ns(task, level_m, below), shift;
    enum tf_status rc = TF_OK;
    if (low > high)
        return TF_OK;
    struct option_march march = {.change = shifted,
                                 .passed = shift_that_passes,
                                 .task = task,
                                 .sign = 1,
                                 .from = low > 1 ? low : 1,
                                 .limit = least(high, dearest),
                                 .step = limits->time_step_ns,
                                 .level_m = level_m};
    if (option_march(&march, &shift))
        rc = offer_shift(task, shift, level_m, below);
    march.sign = -1;
    march.from = high < -1 ? -high : 1;
    march.limit = least(-low, dearest);
    if (!rc && option_march(&march, &shift))
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
