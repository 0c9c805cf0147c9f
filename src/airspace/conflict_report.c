/*
 * conflict_report.c - the pairs found, in order, described and grouped by entities.
 */
#include "airspace/conflict.h"

#include "airspace/separation.h"

#include <stdlib.h>

static int compare_u64(uint64_t x, uint64_t y)
{
    return (x > y) - (x < y);
}

static int compare_found(const void *x, const void *y)
{
    const struct tf_found *p = x, *q = y;
    int order = compare_u64(p->entity_a, q->entity_a);
    if (!order)
        order = compare_u64(p->entity_b, q->entity_b);
    if (!order)
        order = compare_u64(p->volume_a, q->volume_a);
    return order ? order : compare_u64(p->volume_b, q->volume_b);
}

/*
 * Which of the minima in space; nearest and gap are known. Where the outlines meet, bands
 * that are apart above every one place are near each other only because the
 * ground differs: without a horizontal minimum the vertical one would have to reach.
 */
static unsigned needed_in_space(const struct tf_conflict_pair *pair, const struct tf_volume4 *a,
                                const struct tf_volume4 *b, bool meet)
{
    double gap_here_m = tf_band_gap_at_place_m(&a->alt, &b->alt, NULL);
    unsigned flags = TF_DECIDED_OVERLAP;
    if (!meet || tf_separation_gap_keeps(gap_here_m, pair->minima.vertical_m))
        flags |= TF_DECIDED_HORIZONTAL;
    if (pair->vertical_gap_m > 0 || (meet && !flags && gap_here_m > 0))
        flags |= TF_DECIDED_VERTICAL;
    return flags;
}

/* Which minima the conflict needs. */
static unsigned needed(const struct tf_conflict_pair *pair, const struct tf_volume4 *a,
                       const struct tf_volume4 *b)
{
    double slop_m = tf_shape_slop_m(a->shape) + tf_shape_slop_m(b->shape);
    bool clear = pair->distance_m > slop_m + 3 * TF_GEO_TOLERANCE_M;
    bool meet = !clear && (pair->distance_m <= 0 || tf_shape_intersects(a->shape, b->shape));
    unsigned flags = needed_in_space(pair, a, b, meet);
    if (!tf_separation_time_meets(a, b, 0))
        flags |= TF_DECIDED_TIME;
    /* If the true outlines are farther apart by their error, it may be none. */
    if (slop_m > 0 && pair->distance_m > 0 &&
        pair->distance_m + slop_m >= pair->minima.horizontal_m)
        flags |= TF_DECIDED_OUTLINE_UNCERTAIN;
    return flags;
}

static void describe(const struct tf_found *found, const struct tf_separation *minima,
                     struct tf_conflict_pair *out)
{
    const struct tf_volume4 *a = &found->a->v4, *b = &found->b->v4;
    const struct tf_nearest *nearest = &found->nearest;
    bool uncertain;
    *out = (struct tf_conflict_pair){.volume_a = found->volume_a,
                                     .volume_b = found->volume_b,
                                     .distance_m = nearest->distance_m,
                                     .vertical_gap_m =
                                         tf_separation_gap_m(&a->alt, &b->alt, minima, &uncertain),
                                     .place_a = nearest->on_a,
                                     .place_b = nearest->on_b,
                                     .minima = *minima};
    tf_separation_span(a, b, minima->time_ns, &out->first_ns, &out->last_ns);
    out->decided = needed(out, a, b);
    if (uncertain)
        out->decided |= TF_DECIDED_ALTITUDE_UNCERTAIN;
    out->time_ns = out->first_ns;
    if (!(out->decided & TF_DECIDED_TIME))
        out->time_ns = a->start_ns > b->start_ns ? a->start_ns : b->start_ns;
}

/* Fewer margins first, then fewer uncertainties. */
static unsigned weakness(unsigned decided)
{
    unsigned margins = 0, doubts = 0;
    for (unsigned flag = TF_DECIDED_HORIZONTAL; flag <= TF_DECIDED_TIME; flag <<= 1)
        margins += (decided & flag) != 0;
    doubts += (decided & TF_DECIDED_ALTITUDE_UNCERTAIN) != 0;
    doubts += (decided & TF_DECIDED_OUTLINE_UNCERTAIN) != 0;
    return margins * 4 + doubts;
}

static void add_pair(struct tf_conflict *conflict, const struct tf_conflict_pair *pair)
{
    conflict->pair_count++;
    if (pair->first_ns < conflict->first_ns)
        conflict->first_ns = pair->first_ns;
    if (pair->last_ns > conflict->last_ns)
        conflict->last_ns = pair->last_ns;
    if (pair->distance_m < conflict->distance_m)
        conflict->distance_m = pair->distance_m;
    if (pair->vertical_gap_m < conflict->vertical_gap_m)
        conflict->vertical_gap_m = pair->vertical_gap_m;
    if (weakness(pair->decided) < weakness(conflict->decided))
        conflict->decided = pair->decided;
}

static struct tf_conflict first_of(const struct tf_found *found,
                                   const struct tf_conflict_pair *pair, size_t at)
{
    return (struct tf_conflict){.a = found->entity_a,
                                .b = found->entity_b,
                                .kind_a = found->a->kind,
                                .kind_b = found->b->kind,
                                .first_pair = at,
                                .pair_count = 1,
                                .first_ns = pair->first_ns,
                                .last_ns = pair->last_ns,
                                .distance_m = pair->distance_m,
                                .vertical_gap_m = pair->vertical_gap_m,
                                .decided = pair->decided};
}

static bool same_entities(const struct tf_found *p, const struct tf_found *q)
{
    return p->entity_a == q->entity_a && p->entity_b == q->entity_b;
}

static size_t count_groups(const struct tf_finder *finder)
{
    size_t groups = 0;
    for (size_t i = 0; i < finder->count; i++)
        groups += i == 0 || !same_entities(&finder->found[i - 1], &finder->found[i]);
    return groups;
}

enum tf_status tf_finder_report(struct tf_finder *finder, struct tf_conflicts *out)
{
    struct tf_conflicts list = {0};
    if (finder->count == 0) {
        *out = list;
        return TF_OK;
    }
    qsort(finder->found, finder->count, sizeof *finder->found, compare_found);
    list.conflicts = calloc(count_groups(finder), sizeof *list.conflicts);
    list.pairs = calloc(finder->count, sizeof *list.pairs);
    if (!list.conflicts || !list.pairs) {
        tf_conflicts_release(&list);
        return TF_NOMEM;
    }
    for (size_t i = 0; i < finder->count; i++) {
        const struct tf_found *found = &finder->found[i];
        struct tf_conflict_pair *pair = &list.pairs[list.pair_count++];
        describe(found, &finder->table->pair[found->a->kind][found->b->kind], pair);
        if (i > 0 && same_entities(found - 1, found))
            add_pair(&list.conflicts[list.count - 1], pair);
        else
            list.conflicts[list.count++] = first_of(found, pair, i);
    }
    *out = list;
    return TF_OK;
}

void tf_conflicts_release(struct tf_conflicts *list)
{
    free(list->conflicts);
    free(list->pairs);
    *list = (struct tf_conflicts){0};
}
