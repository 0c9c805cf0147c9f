/*
 * conflict.h - the search for conflicts: pairs found, and what becomes of them.
 */
#ifndef TAFADI_AIRSPACE_CONFLICT_H
#define TAFADI_AIRSPACE_CONFLICT_H

#include "airspace/index.h"

/* A pair in conflict; a before b by (entity, volume). The closest approach is found at once, while
 * the outlines are in the cache. */
struct tf_found {
    uint64_t entity_a, entity_b;
    uint32_t volume_a, volume_b;
    const struct tf_item *a, *b;
    struct tf_nearest nearest;
};

/* A search under way. */
struct tf_finder {
    const struct tf_search *search;
    const struct tf_separation_table *table;
    struct tf_separation_table defaults; /* the table, if the search has none */
    struct tf_found *found;
    size_t count, capacity, most;
    size_t done, total, steps; /* of the progress */
    enum tf_status status;     /* why it was stopped */
};
void tf_finder_init(struct tf_finder *finder, const struct tf_search *search, size_t total);
void tf_finder_release(struct tf_finder *finder);
/* Tests two items whose boxes meet; keeps them if they are in conflict. False: stop. */
bool tf_finder_test(struct tf_finder *finder, const struct tf_item *x, const struct tf_item *y);
/* Called in every small portion of work; reports progress now and then. False: stop. */
bool tf_finder_step(struct tf_finder *finder);

/* Tests every pair of items of the forest whose boxes meet, once. */
void tf_join_forest(struct tf_finder *finder, const struct tf_forest *forest);

/* Sorts the pairs, describes and groups them. */
TF_MUST_CHECK enum tf_status tf_finder_report(struct tf_finder *finder, struct tf_conflicts *out);

#endif
