/*
 * reply.c - lists of entities and the reply of a rule.
 */
#include "dss/rules.h"

#include <stdlib.h>

void dss_list_add(struct dss_list *list, const struct dss_entity *entity)
{
    if (list->status)
        return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        const struct dss_entity **items = realloc(list->items, capacity * sizeof *items);
        if (!items) {
            list->status = TF_NOMEM;
            return;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = dss_entity_ref(entity);
}

void dss_list_release(struct dss_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        dss_entity_unref(list->items[i]);
    free(list->items);
    *list = (struct dss_list){0};
}

void dss_reply_release(struct dss_reply *reply)
{
    dss_entity_unref(reply->entity);
    for (size_t i = 0; i < reply->subscriber_count; i++)
        dss_entity_unref(reply->subscribers[i].subscription);
    free(reply->subscribers);
    dss_list_release(&reply->oirs);
    dss_list_release(&reply->constraints);
    dss_list_release(&reply->isas);
    dss_list_release(&reply->dependents);
    for (size_t i = 0; i < reply->member_count; i++)
        dss_member_release(&reply->members[i]);
    free(reply->members);
    *reply = (struct dss_reply){0};
}
