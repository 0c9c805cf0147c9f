/*
 * outline.c - gathers the rings of tf_shape_outline.
 */
#include "format/outline.h"

struct gather {
    struct tf_json_rings *list;
    size_t ring;
    enum tf_status status;
};

static void gather_vertex(void *ctx, size_t ring, struct tf_latlng vertex)
{
    struct gather *g = ctx;
    if (ring != g->ring && !g->status)
        g->status = tf_json_rings_close(g->list);
    g->ring = ring;
    if (!g->status)
        g->status = tf_json_rings_add(g->list, vertex);
}

static enum tf_status gather_outline(const struct tf_shape *shape, struct tf_outline *out)
{
    *out = (struct tf_outline){0};
    struct gather g = {.list = &out->list};
    tf_shape_outline(shape, TF_OUTLINE_ERROR_M, gather_vertex, &g);
    if (!g.status)
        g.status = tf_json_rings_close(&out->list);
    if (g.status) {
        tf_outline_release(out);
        return g.status;
    }
    tf_json_rings_finish(&out->list);
    out->rings = out->list.rings;
    out->ring_count = out->list.ring_count;
    return TF_OK;
}

enum tf_status tf_outline_of(const struct tf_shape *shape, struct tf_outline *out)
{
    struct tf_shape *wider;
    bool thin = tf_shape_kind(shape) == TF_SHAPE_CORRIDOR && tf_shape_radius_m(shape) < 0.5;
    if (!thin)
        return gather_outline(shape, out);
    enum tf_status rc = tf_shape_grow(shape, 1, &wider, NULL);
    if (!rc) {
        rc = gather_outline(wider, out);
        tf_shape_unref(wider);
    }
    return rc;
}

bool tf_outline_is_hole(const struct tf_shape *shape, size_t ring)
{
    return tf_shape_kind(shape) == TF_SHAPE_POLYGON && ring > 0 &&
           ring < tf_shape_ring_count(shape);
}

void tf_outline_release(struct tf_outline *outline)
{
    tf_json_rings_release(&outline->list);
    *outline = (struct tf_outline){0};
}
