/*
 * tree_cost.c - the cost of boxes, for insertion, splits and bulk partition.
 */
#include "airspace/tree_cost.h"

#include <float.h>
#include <math.h>

/* 1 / typical size of a query: 2 km, 150 m, 15 min. Costs are relative to it,
 * so that the product of five stays far inside of a float. */
static const float PER_QUERY[TF_DIMS] = {1 / 2e5F, 1 / 2e5F, 1 / 2e5F, 1 / 1.5e4F, 1 / 900.0F};

/* Chance to be met, in units of that of a point. */
static float cost_of(const struct tf_box5 *box)
{
    float cost = 1;
    for (unsigned d = 0; d < TF_DIMS; d++) {
        float extent = -(float)box->bound[d] - (float)box->bound[TF_DIMS + d];
        cost *= 1 + extent * PER_QUERY[d];
    }
    return cost;
}

typedef float floats __attribute__((vector_size(16)));

/* Chances of four entries to be met, and how they grow by the box. */
static void weigh_four(const struct tf_node *node, unsigned four, const struct tf_box5 *box,
                       floats *before, floats *growth)
{
    floats now = {1, 1, 1, 1}, then = now;
    for (unsigned d = 0; d < TF_DIMS; d++) {
        tf_lanes lo = ((const tf_lanes *)(const void *)node->bound[d])[four];
        tf_lanes hi = ((const tf_lanes *)(const void *)node->bound[TF_DIMS + d])[four];
        int32_t to_lo = box->bound[d], to_hi = box->bound[TF_DIMS + d];
        tf_lanes box_lo = {to_lo, to_lo, to_lo, to_lo}, box_hi = {to_hi, to_hi, to_hi, to_hi};
        tf_lanes less_lo = lo < box_lo, less_hi = hi < box_hi;
        tf_lanes new_lo = (lo & less_lo) | (box_lo & ~less_lo);
        tf_lanes new_hi = (hi & less_hi) | (box_hi & ~less_hi);
        now *= 1 - (__builtin_convertvector(lo, floats) + __builtin_convertvector(hi, floats)) *
                       PER_QUERY[d];
        then *= 1 - (__builtin_convertvector(new_lo, floats) +
                     __builtin_convertvector(new_hi, floats)) *
                        PER_QUERY[d];
    }
    *before = now;
    *growth = then - now;
}

unsigned tf_cost_choose(const struct tf_node *node, const struct tf_box5 *box)
{
    floats before[TF_FAN / 4], growth[TF_FAN / 4];
    for (unsigned four = 0; four < TF_FAN / 4; four++)
        weigh_four(node, four, box, &before[four], &growth[four]);
    unsigned best = 0;
    float least = growth[0][0], size = before[0][0];
    for (unsigned i = 1; i < node->count; i++) {
        float more = growth[i / 4][i % 4], chance = before[i / 4][i % 4];
        if (more < least || (more == least && chance < size)) {
            best = i;
            least = more;
            size = chance;
        }
    }
    return best;
}

/* Insertion sort by the middle. */
static void sort_entries(struct tf_entry5 *entries, unsigned count, enum tf_dim dim)
{
    for (unsigned i = 1; i < count; i++) {
        struct tf_entry5 moved = entries[i];
        int64_t key = tf_cost_middle(&moved.box, dim);
        unsigned at = i;
        for (; at > 0 && tf_cost_middle(&entries[at - 1].box, dim) > key; at--)
            entries[at] = entries[at - 1];
        entries[at] = moved;
    }
}

/* Cheapest cut in the present order; returns its cost. */
static float best_cut(const struct tf_entry5 *entries, unsigned count, unsigned least,
                      unsigned *cut)
{
    float left[TF_FAN + 1], best = FLT_MAX;
    struct tf_box5 box = tf_box5_empty();
    for (unsigned i = 0; i < count; i++) {
        tf_box5_add(&box, &entries[i].box);
        left[i] = cost_of(&box) * (float)(i + 1);
    }
    box = tf_box5_empty();
    for (unsigned i = count; i-- > least;) {
        tf_box5_add(&box, &entries[i].box);
        float cost = left[i - 1] + cost_of(&box) * (float)(count - i);
        if (count - i >= least && cost < best) {
            best = cost;
            *cut = i;
        }
    }
    return best;
}

unsigned tf_cost_split(struct tf_entry5 *entries, unsigned count, unsigned least)
{
    float best = FLT_MAX;
    enum tf_dim best_dim = TF_DIM_X;
    unsigned cut = count / 2, best_at = count / 2;
    for (enum tf_dim dim = TF_DIM_X; dim < TF_DIMS; dim++) {
        sort_entries(entries, count, dim);
        float cost = best_cut(entries, count, least, &cut);
        if (cost < best) {
            best = cost;
            best_dim = dim;
            best_at = cut;
        }
    }
    sort_entries(entries, count, best_dim);
    return best_at;
}

/*
 * Halving a set along a dimension lowers the chance of a meeting the more, the
 * further the middles are spread in comparison to the extents and the query.
 */
enum tf_dim tf_cost_dimension(const struct tf_entry5 *entries, size_t count)
{
    enum { SAMPLE = 256 };
    size_t step = count / SAMPLE + 1;
    double best = -1;
    enum tf_dim best_dim = TF_DIM_X;
    for (enum tf_dim dim = TF_DIM_X; dim < TF_DIMS; dim++) {
        double first = (double)tf_cost_middle(&entries[0].box, dim);
        double n = 0, sum = 0, squares = 0, extents = 0;
        for (size_t i = 0; i < count; i += step) {
            const int32_t *bound = entries[i].box.bound;
            double middle = (double)tf_cost_middle(&entries[i].box, dim) - first;
            n++;
            sum += middle;
            squares += middle * middle;
            extents -= (double)bound[dim] + bound[TF_DIMS + dim];
        }
        double variance = squares / n - sum / n * (sum / n);
        double spread = variance > 0 ? sqrt(variance) : 0;
        double score = spread / (extents / n + 1 / (double)PER_QUERY[dim]);
        if (score > best) {
            best = score;
            best_dim = dim;
        }
    }
    return best_dim;
}
