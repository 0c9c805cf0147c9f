/*
 * mapclash.c - conflicts on a map: the hatched area, the closest approach, the number.
 */
#include "report/map.h"
#include "report/shapepath.h"

#include <math.h>
#include <stdio.h>

/* The shape in which a conflict is seen: the volume itself if they overlap, else grown
 * by a little more than half of the minimum, so that the two meet. Caller unrefs. */
static enum tf_status reach_of(const struct tf_shape *shape, const struct tf_conflict_pair *pair,
                               struct tf_shape **out)
{
    double by_m = pair->distance_m > 0 ? fmax(pair->minima.horizontal_m, pair->distance_m) / 2 : 0;
    enum tf_status status = TF_RANGE;
    if (by_m > 0)
        status = tf_shape_grow(shape, by_m * 1.005 + TF_GEO_TOLERANCE_M, out, NULL);
    if (status && status != TF_NOMEM) { /* overlapping, or too large to grow: as it is */
        *out = tf_shape_ref(shape);
        status = TF_OK;
    }
    return status;
}

/* The part that two shapes share, hatched: one outline, clipped by the other. */
static bool hatch(struct map *map, const char *key, const char *class, const struct tf_shape *a,
                  const struct tf_shape *b)
{
    struct page *page = map->page;
    size_t before = page->out->len;
    struct extent extent = extent_none();
    tf_buf_printf(page->out, "<clipPath id=\"%s%s\"><path clip-rule=\"%s\" d=\"", map->id, key,
                  shapepath_rule(a));
    bool shows = shapepath_write(&map->path, a, page->out, &extent);
    tf_buf_printf(page->out,
                  "\"/></clipPath><path class=\"%s\" clip-path=\"url(#%s%s)\" "
                  "fill-rule=\"%s\" d=\"",
                  class, map->id, key, shapepath_rule(b));
    bool covered = shows && shapepath_covers(&map->path);
    shows = shows && shapepath_write(&map->path, b, page->out, &extent);
    if (covered && shapepath_covers(&map->path))
        shows = false; /* hatching everything would tell nothing */
    page_text(page, "\"/>\n");
    if (!shows && !tf_buf_status(page->out))
        page->out->len = before;
    return shows;
}

static enum tf_status hatch_pair(struct map *map, const char *key, const struct tf_conflict *c,
                                 const struct tf_conflict_pair *pair)
{
    const struct tf_shape *a = page_entity(map->page, c->a)->volumes[pair->volume_a].shape;
    const struct tf_shape *b = page_entity(map->page, c->b)->volumes[pair->volume_b].shape;
    struct tf_shape *near_a = NULL, *near_b = NULL;
    enum tf_status status = reach_of(a, pair, &near_a);
    if (!status)
        status = reach_of(b, pair, &near_b);
    if (!status && shapepath_may_show(&map->view, near_a) &&
        shapepath_may_show(&map->view, near_b)) {
        map->hatched +=
            hatch(map, key, pair->distance_m > 0 ? "clash near" : "clash", near_a, near_b);
    }
    tf_shape_unref(near_a);
    tf_shape_unref(near_b);
    return status ? status : map->path.status;
}

enum tf_status map_clashes(struct map *map)
{
    size_t count = page_conflict_count(map->page);
    enum tf_status status = TF_OK;
    for (size_t i = 0; i < count && !status; i++) {
        const struct tf_conflict *c = page_conflict(map->page, i);
        const struct tf_conflict_pair *pairs = page_pairs(map->page, c);
        if (map->request->only && i != map->request->conflict)
            continue;
        for (size_t k = 0; k < c->pair_count && !status; k++) {
            if (map->hatched >= PAGE_MAX_HATCHES || map->layered >= 2 * PAGE_MAP_BUDGET) {
                map->unhatched += c->pair_count - k;
                break;
            }
            char key[48];
            snprintf(key, sizeof key, "k%zu-%zu", i + 1, k);
            size_t before = map->page->out->len;
            status = hatch_pair(map, key, c, &pairs[k]);
            map->layered += map->page->out->len - before;
        }
    }
    return status;
}

static void line(struct map *map, const char *class, struct xy a, struct xy b)
{
    struct page *page = map->page;
    tf_buf_printf(page->out, "<line class=\"%s\"", class);
    page_attr(page, "x1", a.x);
    page_attr(page, "y1", a.y);
    page_attr(page, "x2", b.x);
    page_attr(page, "y2", b.y);
    page_text(page, "/>");
}

static void spot(struct map *map, struct xy at)
{
    page_text(map->page, "<circle class=\"spot\" r=\"3\"");
    page_attr(map->page, "cx", at.x);
    page_attr(map->page, "cy", at.y);
    page_text(map->page, "/>");
}

static void mark_title(struct map *map, size_t number, const struct tf_conflict *c)
{
    struct page *page = map->page;
    page_text(page, "<title>");
    text_say(&page->text, TF_TEXT("Conflict %1: %2 and %3"), word_count(number).text,
             page_name(page_entity(page, c->a)), page_name(page_entity(page, c->b)), NULL);
    page_text(page, "</title>");
}

void map_marks(struct map *map)
{
    size_t count = page_conflict_count(map->page);
    for (size_t i = 0; i < count; i++) {
        const struct tf_conflict *c = page_conflict(map->page, i);
        const struct tf_conflict_pair *pair = page_closest(map->page, c);
        struct xy a = view_project(&map->view, pair->place_a);
        struct xy b = view_project(&map->view, pair->place_b);
        struct xy middle = {(a.x + b.x) / 2, (a.y + b.y) / 2}, at;
        if (!view_holds(&map->view, middle))
            continue;
        double wide = page_badge_width(i + 1);
        struct xy beside = {middle.x + 14 + wide / 2, middle.y - 14};
        if (map->marked >= PAGE_MAX_MARKS ||
            !labels_place(&map->labels, beside, wide + 2, 20, LABELS_FAR, &at)) {
            map->unmarked++;
            spot(map, middle);
            continue;
        }
        tf_buf_printf(map->page->out, "<g class=\"mark\" id=\"%sm%zu\">", map->id, i + 1);
        mark_title(map, i + 1, c);
        if (hypot(a.x - b.x, a.y - b.y) > 1)
            line(map, "reach", a, b);
        spot(map, a);
        if (hypot(a.x - b.x, a.y - b.y) > 1)
            spot(map, b);
        if (hypot(at.x - middle.x, at.y - middle.y) > 12)
            line(map, "leader", middle, at);
        page_badge(map->page, i + 1, at.x, at.y);
        page_text(map->page, "</g>\n");
        map->marked++;
    }
}
