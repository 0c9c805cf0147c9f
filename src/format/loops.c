/*
 * loops.c - cuts rings at points that they pass again; see loops.h.
 *
 * The points walked so far are a stack; where each lies in it is known from a hash table, so
 * the cost grows with the number of points only.
 */
#include "format/loops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct key {
    int64_t lat, lng; /* 1e-9 degrees */
};

struct walk {
    struct tf_latlng *stack;
    size_t depth;
    size_t *table; /* stack position + 1; 0: free */
    size_t mask;
};

static struct key key_of(struct tf_latlng p)
{
    return (struct key){llround(p.lat_deg * 1e9), llround(p.lng_deg * 1e9)};
}

static bool same(struct tf_latlng a, struct tf_latlng b)
{
    struct key x = key_of(a), y = key_of(b);
    return x.lat == y.lat && x.lng == y.lng;
}

static size_t hash(struct key k)
{
    uint64_t h = (uint64_t)k.lat * UINT64_C(0x9E3779B97F4A7C15) ^
                 (uint64_t)k.lng * UINT64_C(0xC2B2AE3D27D4EB4F);
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return (size_t)(h ^ h >> 32);
}

/*
 * The slot of a point: one that holds it, or a free one. Slots are never emptied: `points` (the
 * ring itself, indexed by slot - 1) tells whose a slot is.
 */
static size_t slot_of(const struct walk *w, const struct tf_latlng *points, struct tf_latlng p)
{
    size_t i = hash(key_of(p)) & w->mask;
    while (w->table[2 * i] && !same(points[w->table[2 * i] - 1], p))
        i = (i + 1) & w->mask;
    return i;
}

static enum tf_status add_polygon(const struct tf_latlng *points, size_t count,
                                  struct tf_shapes *out, struct tf_fault *fault)
{
    struct tf_ring ring = {points, count};
    if (out->count == TF_LOOPS_MAX)
        return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                            TF_TEXT("The border passes through the same points too often. Correct "
                                    "it."),
                            NULL, NULL, NULL);
    enum tf_status rc =
        tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0, &out->items[out->count], fault);
    out->count += !rc;
    return rc;
}

/* Walks the ring; a loop closes where a point is in the stack already. */
static enum tf_status cut_ring(struct walk *w, const struct tf_points *ring, struct tf_shapes *out,
                               bool *cut, struct tf_fault *fault)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < ring->count; i++) {
        size_t slot = slot_of(w, ring->items, ring->items[i]);
        size_t at = w->table[2 * slot + 1];
        bool passed = w->table[2 * slot] && at < w->depth && same(w->stack[at], ring->items[i]);
        if (!w->table[2 * slot])
            w->table[2 * slot] = i + 1;
        if (!passed) {
            w->table[2 * slot + 1] = w->depth;
            w->stack[w->depth++] = ring->items[i];
            continue;
        }
        *cut = true;
        if (w->depth - at >= 3)
            rc = add_polygon(w->stack + at, w->depth - at, out, fault);
        w->depth = at + 1;
    }
    /* What is left is the last loop; two points left of a cut ring are a spike. */
    if (!rc && (w->depth >= 3 || out->count == 0))
        rc = add_polygon(w->stack, w->depth, out, fault);
    return rc;
}

enum tf_status tf_shapes_from_ring(const struct tf_points *ring, struct tf_shapes *out, bool *cut,
                                   struct tf_fault *fault)
{
    struct tf_points tidy = {0};
    struct walk w = {0};
    size_t slots = 16;
    while (slots < 2 * ring->count)
        slots *= 2;
    w.mask = slots - 1;
    *out = (struct tf_shapes){0};
    *cut = false;
    tidy.items = calloc(ring->count + 1, sizeof *tidy.items);
    w.stack = calloc(ring->count + 1, sizeof *w.stack);
    w.table = calloc(2 * slots, sizeof *w.table);
    enum tf_status rc = tidy.items && w.stack && w.table ? TF_OK : TF_NOMEM;
    if (rc) {
        tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
        goto out;
    }
    tidy.count = tidy.capacity = ring->count;
    if (ring->count > 0)
        memcpy(tidy.items, ring->items, ring->count * sizeof *ring->items);
    tf_points_tidy(&tidy, true);
    rc = cut_ring(&w, &tidy, out, cut, fault);
    if (rc)
        tf_shapes_release(out);
out:
    free(tidy.items);
    free(w.stack);
    free(w.table);
    return rc;
}

void tf_shapes_release(struct tf_shapes *shapes)
{
    for (size_t i = 0; i < shapes->count; i++)
        tf_shape_unref(shapes->items[i]);
    shapes->count = 0;
}
