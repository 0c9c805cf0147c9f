/*
 * option_span.c - forbidden stretches on a line, and the nearest free place on it.
 */
#include <stdlib.h>

#include "airspace/option_span.h"

void span_set_add(struct span_set *set, int64_t low, int64_t high)
{
    if (low >= high || set->status)
        return;
    if (set->count == SPAN_SET_MAX) {
        set->status = TF_LIMIT;
        return;
    }
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? set->capacity * 2 : 64;
        struct span *grown = realloc(set->spans, capacity * sizeof *grown);
        if (!grown) {
            set->status = TF_NOMEM;
            return;
        }
        set->spans = grown;
        set->capacity = capacity;
    }
    set->spans[set->count++] = (struct span){low, high};
}

void span_set_clear(struct span_set *set)
{
    set->count = 0;
}

void span_set_release(struct span_set *set)
{
    free(set->spans);
    *set = (struct span_set){0};
}

static int64_t mirrored(int64_t x)
{
    return x == INT64_MIN ? INT64_MAX : x == INT64_MAX ? INT64_MIN : -x;
}

void span_set_mirror(struct span_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct span span = set->spans[i];
        set->spans[i] = (struct span){mirrored(span.high), mirrored(span.low)};
    }
}

static int by_low(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->low != y->low ? (x->low < y->low ? -1 : 1)
                            : (x->high > y->high) - (x->high < y->high);
}

/* Rounds x >= 1 up to a multiple of step; false above limit. */
static bool round_up(int64_t x, int64_t step, int64_t limit, int64_t *out)
{
    int64_t rest = x % step;
    if (x > limit || (rest && step - rest > limit - x))
        return false;
    *out = rest ? x + (step - rest) : x;
    return true;
}

bool span_set_free_place(struct span_set *set, int64_t from, int64_t limit, int64_t step,
                         int64_t *out)
{
    int64_t place;
    if (!round_up(from, step, limit, &place))
        return false;
    if (set->count > 1)
        qsort(set->spans, set->count, sizeof *set->spans, by_low);
    for (size_t i = 0; i < set->count && set->spans[i].low < place; i++)
        if (place < set->spans[i].high && !round_up(set->spans[i].high, step, limit, &place))
            return false;
    *out = place;
    return true;
}
