/*
 * index_picture.c - the index of a picture.
 */
#include <stdlib.h>
#include <tafadi/conflict.h>

static bool is_left_out(const struct tf_entity *entity, bool with_drafts)
{
    if (entity->kind == TF_KIND_ZONE)
        return entity->restriction == TF_RESTRICTION_INFORMATION ||
               entity->restriction == TF_RESTRICTION_NONE;
    return entity->state == TF_STATE_ENDED || entity->state == TF_STATE_WITHDRAWN ||
           (entity->state == TF_STATE_DRAFT && !with_drafts);
}

/* Writes the items to `out` (NULL: only counts them). */
static size_t list_items(const struct tf_picture *picture, bool with_drafts, struct tf_item *out)
{
    size_t count = 0;
    for (size_t e = 0; e < picture->count; e++) {
        const struct tf_entity *entity = &picture->entities[e];
        if (is_left_out(entity, with_drafts))
            continue;
        for (size_t v = 0; out && v < entity->volume_count; v++)
            out[count + v] = (struct tf_item){e, (uint32_t)v, entity->kind, entity->volumes[v]};
        count += entity->volume_count;
    }
    return count;
}

enum tf_status tf_index_build_picture(struct tf_index *index, const struct tf_picture *picture,
                                      bool with_drafts)
{
    size_t count = list_items(picture, with_drafts, NULL);
    struct tf_item *items = calloc(count ? count : 1, sizeof *items);
    if (!items)
        return TF_NOMEM;
    list_items(picture, with_drafts, items);
    enum tf_status status = tf_index_build(index, items, count);
    free(items);
    return status;
}
