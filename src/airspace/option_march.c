/*
 * option_march.c - the least clear amount of one change, by jumps.
 */
#include "airspace/option_task.h"

/* So many of what is in the way are looked at before a jump. */
enum { HITS_MAX = 16 };

bool option_round_up(int64_t x, int64_t step, int64_t limit, int64_t *out)
{
    int64_t rest = x % step;
    if (x > limit || (rest && step - rest > limit - x))
        return false;
    *out = rest ? x + (step - rest) : x;
    return true;
}

struct jump {
    const struct option_march *march;
    const struct tf_volume4 *plan;
    int64_t to;
    int hits;
};

static bool lengthen(void *ctx, const struct tf_item *item)
{
    struct jump *jump = ctx;
    int64_t passed = jump->march->passed(jump->march, jump->plan, item);
    if (passed > jump->to)
        jump->to = passed;
    return ++jump->hits < HITS_MAX;
}

bool option_march(const struct option_march *march, int64_t *amount)
{
    const struct tf_entity *plan = march->task->operation;
    size_t clear = 0, i = 0; /* volumes found clear in a row; what conflicted comes first again */
    int64_t place;
    if (!option_round_up(march->from, march->step, march->limit, &place))
        return false;
    while (clear < plan->volume_count) {
        struct tf_volume4 changed = march->change(march, &plan->volumes[i], place);
        struct jump jump = {march, &plan->volumes[i], place + 1, 0};
        option_query(march->task, &changed, lengthen, &jump);
        if (jump.hits == 0) {
            clear++;
            i = (i + 1) % plan->volume_count;
            continue;
        }
        if (!option_round_up(jump.to, march->step, march->limit, &place))
            return false;
        clear = 0;
    }
    *amount = place;
    return true;
}
