/*
 * endings.c - the heap of endings.
 */
#include "dss/endings.h"

#include "dss/tables.h"

static void swap(struct dss_endings *h, size_t i, size_t j)
{
    struct dss_ending t = h->items[i];
    h->items[i] = h->items[j];
    h->items[j] = t;
}

bool dss_endings_reserve(struct dss_endings *h)
{
    void *items = h->items;
    bool fits = dss_grow(&items, h->count, &h->capacity, sizeof *h->items);
    h->items = items;
    return fits;
}

bool dss_endings_push(struct dss_endings *h, const struct dss_entity *e)
{
    if (!dss_endings_reserve(h))
        return false;
    size_t i = h->count++;
    h->items[i] = (struct dss_ending){e->extent.end_us, e->id, e->kind};
    for (; i > 0 && h->items[(i - 1) / 2].end_us > h->items[i].end_us; i = (i - 1) / 2)
        swap(h, i, (i - 1) / 2);
    return true;
}

void dss_endings_pop(struct dss_endings *h)
{
    swap(h, 0, --h->count);
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < h->count; child++)
            if (h->items[child].end_us < h->items[least].end_us)
                least = child;
        if (least == i)
            return;
        swap(h, i, least);
        i = least;
    }
}
