/*
 * entity.c - operations, zones, sites, and pictures made of them.
 */
#include <stdlib.h>
#include <string.h>
#include <tafadi/volume.h>

/* Room for one more element: doubles the array. *capacity 0 with count > 0 means
 * that the array's room is not known, and is taken as full. */
static enum tf_status reserve(void **array, size_t element, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return TF_OK;
    size_t wanted = count < 4 ? 4 : count * 2;
    if (wanted > SIZE_MAX / element)
        return TF_NOMEM;
    void *grown = realloc(*array, wanted * element);
    if (!grown)
        return TF_NOMEM;
    *array = grown;
    *capacity = wanted;
    return TF_OK;
}

void tf_entity_release(struct tf_entity *entity)
{
    char *const texts[] = {entity->id,       entity->name, entity->party,
                           entity->category, entity->note, entity->source};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    tf_volumes_free(entity->volumes, entity->volume_count);
    free(entity->waypoints);
    *entity = (struct tf_entity){0};
}

enum tf_status tf_entity_add_volume(struct tf_entity *entity, struct tf_volume4 *volume)
{
    void *volumes = entity->volumes;
    enum tf_status rc =
        reserve(&volumes, sizeof *entity->volumes, entity->volume_count, &entity->volume_capacity);
    entity->volumes = volumes;
    if (rc)
        return rc;
    entity->volumes[entity->volume_count++] = *volume;
    volume->shape = NULL;
    return TF_OK;
}

enum tf_status tf_entity_set_text(char **field, const char *text)
{
    char *copy = NULL;
    if (text) {
        size_t size = strlen(text) + 1;
        copy = malloc(size);
        if (!copy)
            return TF_NOMEM;
        memcpy(copy, text, size);
    }
    free(*field);
    *field = copy;
    return TF_OK;
}

enum tf_status tf_picture_add(struct tf_picture *picture, struct tf_entity *entity)
{
    void *entities = picture->entities;
    enum tf_status rc =
        reserve(&entities, sizeof *picture->entities, picture->count, &picture->capacity);
    picture->entities = entities;
    if (rc)
        return rc;
    picture->entities[picture->count++] = *entity;
    *entity = (struct tf_entity){0};
    return TF_OK;
}

void tf_picture_release(struct tf_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++)
        tf_entity_release(&picture->entities[i]);
    free(picture->entities);
    *picture = (struct tf_picture){0};
}
