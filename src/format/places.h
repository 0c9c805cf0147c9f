/*
 * places.h - an entity's volumes by place, for formats whose objects have one outline, one pair of
 * levels and many times.
 */
#ifndef TF_FORMAT_PLACES_H
#define TF_FORMAT_PLACES_H

#include <stdbool.h>
#include <tafadi/tafadi.h>

/* Volumes that differ in time only: first, first + step, ... first + (count - 1) step. */
struct tf_place {
    size_t first, count, step;
};
/* The next place; from zero on. false: there are no more. Every volume is in one. O(1) a volume. */
bool tf_place_next(const struct tf_entity *entity, struct tf_place *place);
static inline const struct tf_volume4 *tf_place_volume(const struct tf_entity *entity,
                                                       const struct tf_place *place, size_t i)
{
    return &entity->volumes[place->first + i * place->step];
}

#endif
