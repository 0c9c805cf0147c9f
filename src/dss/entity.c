/*
 * entity.c - entities as single blocks of memory, and how extents compare.
 */
#include "dss/entity.h"

#include <stdlib.h>

static char *place(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *to = *at;
    memcpy(to, text, size);
    *at += size;
    return to;
}

struct dss_entity *dss_entity_new(const struct dss_entity *like)
{
    size_t cells = like->extent.cell_count * sizeof(tf_cell);
    const char *ovn = like->ovn ? like->ovn : "", *used = like->used ? like->used : "";
    size_t texts = strlen(like->owner) + strlen(like->url) + strlen(ovn) + strlen(used) + 4;
    struct dss_entity *e = malloc(sizeof *e + cells + texts);
    if (!e)
        return NULL;
    memcpy(e, like, sizeof *e);
    atomic_init(&e->refs, 1);
    atomic_init(&e->notification_index, atomic_load(&like->notification_index));
    tf_cell *to = (tf_cell *)(e + 1);
    if (cells > 0)
        memcpy(to, like->extent.cells, cells);
    e->extent.cells = to;
    char *at = (char *)to + cells;
    e->owner = place(&at, like->owner);
    e->url = place(&at, like->url);
    e->ovn = place(&at, ovn);
    e->used = place(&at, used);
    return e;
}

struct dss_entity *dss_entity_ref(const struct dss_entity *entity)
{
    struct dss_entity *e = (struct dss_entity *)(uintptr_t)entity; /* only the count changes */
    if (e)
        atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void dss_entity_unref(const struct dss_entity *entity)
{
    struct dss_entity *e = (struct dss_entity *)(uintptr_t)entity;
    if (e && atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) == 1)
        free(e);
}

bool dss_cells_overlap(const struct dss_extent *a, const struct dss_extent *b)
{
    for (size_t i = 0, j = 0; i < a->cell_count && j < b->cell_count;) {
        if (a->cells[i] == b->cells[j])
            return true;
        if (a->cells[i] < b->cells[j])
            i++;
        else
            j++;
    }
    return false;
}

bool dss_cells_cover(const struct dss_extent *outer, const struct dss_extent *inner)
{
    size_t i = 0;
    for (size_t j = 0; j < inner->cell_count; j++, i++) {
        while (i < outer->cell_count && outer->cells[i] < inner->cells[j])
            i++;
        if (i == outer->cell_count || outer->cells[i] != inner->cells[j])
            return false;
    }
    return true;
}

bool dss_extent_overlaps(const struct dss_extent *a, const struct dss_extent *b)
{
    return a->start_us <= b->end_us && b->start_us <= a->end_us && a->lower_m <= b->upper_m &&
           b->lower_m <= a->upper_m && dss_cells_overlap(a, b);
}
