/*
 * overview.c - a small map in a corner: where on Earth the large one is.
 */
#include "report/coast.h"
#include "report/map.h"

#include <math.h>

enum { WIDE = 190, HIGH = 130, GAP = 10, FOOT = 26 /* the degrees at the bottom */ };

/* The places of all conflicts as dots, for a small map. */
static void dots(const struct page *page, const struct view *view, struct tf_buf *out)
{
    size_t count = page_conflict_count(page);
    struct xy last = {-99, -99};
    for (size_t i = 0, drawn = 0; i < count && drawn < PAGE_MAX_MARKS; i++) {
        struct xy at = view_project(view, page_closest(page, page_conflict(page, i))->place_a);
        if (!view_holds(view, at) || hypot(at.x - last.x, at.y - last.y) < 2)
            continue;
        tf_buf_text(out, "<circle class=\"spot\" r=\"3\" cx=\"");
        text_fixed(out, at.x, 1);
        tf_buf_text(out, "\" cy=\"");
        text_fixed(out, at.y, 1);
        tf_buf_text(out, "\"/>");
        last = at;
        drawn++;
    }
}

/* How much of what is drawn lies in a corner: samples within volumes. */
static size_t hidden_at(const struct map *map, double left, double top)
{
    enum { ACROSS = 5, DOWN = 4, MAX_ENTITIES = 60, MAX_VOLUMES = 20 };
    size_t hits = 0;
    for (int i = 0; i < ACROSS * DOWN; i++) {
        struct xy at = {left + WIDE * (i % ACROSS + 0.5) / ACROSS,
                        top + HIGH * (i / ACROSS + 0.5) / DOWN};
        struct tf_latlng p = view_unproject(&map->view, at);
        for (size_t k = 0; k < map->shown_count && k < MAX_ENTITIES; k++) {
            const struct tf_entity *e = page_entity(map->page, map->shown[k].entity);
            for (size_t v = 0; v < e->volume_count && v < MAX_VOLUMES; v++)
                hits += tf_shape_contains_point(e->volumes[v].shape, p);
        }
    }
    return hits;
}

/* The map's frame within the overview. */
static void focus(struct map *map, double scale)
{
    double w = fmax(map->view.width * scale, 6), h = fmax(map->view.height * scale, 4);
    tf_buf_text(map->page->out, "<rect class=\"focus\"");
    page_attr(map->page, "x", (WIDE - w) / 2);
    page_attr(map->page, "y", (HIGH - h) / 2);
    page_attr(map->page, "width", w);
    page_attr(map->page, "height", h);
    tf_buf_text(map->page->out, "/>");
}

enum tf_status map_overview(struct map *map)
{
    struct tf_buf *out = map->page->out;
    struct view small;
    int left = (int)map->view.width - WIDE - GAP, low = (int)map->view.height - HIGH - FOOT;
    int top = hidden_at(map, left, low) < hidden_at(map, left, GAP) ? low : GAP;
    double half_m = fmin(fmax(map->view.width / 2 / map->view.px_per_m * 7, 1.2e6), 1.9e7);
    view_set(&small, map->view.centre, half_m, WIDE, HIGH);
    labels_block(&map->labels, (struct extent){left - 6, left + WIDE + 6, top - 6, top + HIGH + 6});
    tf_buf_printf(out,
                  "<clipPath id=\"%so\"><rect width=\"%d\" height=\"%d\" rx=\"4\"/></clipPath>\n"
                  "<g transform=\"translate(%d %d)\"><g clip-path=\"url(#%so)\">"
                  "<rect class=\"sea\" width=\"%d\" height=\"%d\"/>\n",
                  map->id, WIDE, HIGH, left, top, map->id, WIDE, HIGH);
    enum tf_status status = coast_write(&small, out);
    dots(map->page, &small, out);
    focus(map, small.px_per_m / map->view.px_per_m);
    tf_buf_printf(out, "</g><rect class=\"frame\" width=\"%d\" height=\"%d\" rx=\"4\"/></g>\n",
                  WIDE, HIGH);
    return status;
}
