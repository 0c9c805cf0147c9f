/*
 * places.c - see places.h.
 *
 * A zone with layers and a schedule has all its layers on the first day, all on the second, and so
 * on: each layer is a place. In any other order only volumes that follow each other are put
 * together.
 */
#include "format/places.h"

static bool same_alt(struct tf_alt a, struct tf_alt b)
{
    return a.value == b.value && a.unit == b.unit && a.ref == b.ref;
}

static bool same_place(const struct tf_entity *e, size_t i, size_t j)
{
    const struct tf_volume4 *a = &e->volumes[i], *b = &e->volumes[j];
    return a->shape == b->shape && same_alt(a->alt.lower, b->alt.lower) &&
           same_alt(a->alt.upper, b->alt.upper);
}

/* After how many volumes they begin anew at the same places; 0: they do not. */
static size_t layers_of(const struct tf_entity *e)
{
    size_t layers = 1;
    while (layers < e->volume_count && !same_place(e, 0, layers))
        layers++;
    if (layers == e->volume_count || e->volume_count % layers != 0)
        return 0;
    for (size_t i = layers; i < e->volume_count; i++)
        if (!same_place(e, i - layers, i))
            return 0;
    return layers;
}

bool tf_place_next(const struct tf_entity *entity, struct tf_place *place)
{
    bool is_first = place->count == 0;
    size_t layers = is_first ? layers_of(entity) : place->step;
    if (layers > 1) {
        place->first += !is_first;
        place->step = layers;
        place->count = entity->volume_count / layers;
        return place->first < layers;
    }
    place->first += place->count;
    place->count = place->step = 1;
    if (place->first >= entity->volume_count)
        return false;
    while (place->first + place->count < entity->volume_count &&
           same_place(entity, place->first, place->first + place->count))
        place->count++;
    return true;
}
