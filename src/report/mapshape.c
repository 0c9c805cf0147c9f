/*
 * mapshape.c - operations, zones and sites on a map.
 *
 * Those in conflict come first where there is a choice (budget of bytes, number of
 * volumes, names); on paper they lie on top.
 */
#include "report/map.h"
#include "report/shapepath.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Volumes that are not drawn one by one are counted on a grid of this size, pixels. */
enum { GRID = 40, COLUMNS = MAP_WIDTH / GRID + 1, ROWS = 1000 / GRID + 1 };

enum { PATTERN_NONE, PATTERN_ZONE, PATTERN_SURFACE, PATTERN_HAZARD };

static int pattern_of(enum tf_kind kind)
{
    switch (kind) {
    case TF_KIND_ZONE:
        return PATTERN_ZONE;
    case TF_KIND_GROUND:
    case TF_KIND_SEA:
        return PATTERN_SURFACE;
    case TF_KIND_HAZARD:
        return PATTERN_HAZARD;
    default:
        return PATTERN_NONE;
    }
}

static bool within_budget(const struct map *map)
{
    return map->drawn < PAGE_MAX_VOLUMES && map->layered + map->page->out->len < PAGE_MAP_BUDGET;
}

static void group_open(struct map *map, uint64_t index)
{
    struct page *page = map->page;
    const struct tf_entity *entity = page_entity(page, index);
    tf_buf_printf(page->out, "<g class=\"%s%s\"><title>", page_style(page, index).text,
                  page->conflicts_of[index] ? " hot" : "");
    text_arg(&page->text, page_name(entity));
    page_text(page, " \xC2\xB7 ");
    text_arg(&page->text, word_kind(&page->text, entity->kind).text);
    if (entity->party) {
        page_text(page, " \xC2\xB7 ");
        text_arg(&page->text, entity->party);
    }
    page_text(page, "</title>");
}

/* One volume as a <path>; takes itself back if nothing of it is in the view. */
static bool draw_volume(struct map *map, uint64_t index, const struct tf_shape *shape,
                        struct extent *extent)
{
    struct page *page = map->page;
    enum tf_kind kind = page_entity(page, index)->kind;
    static const char letters[] = {0, 'z', 's', 'h'};
    int pattern = pattern_of(kind);
    size_t before = page->out->len;
    struct extent known = *extent;
    if (kind == TF_KIND_SITE) {
        page_text(page, "<path class=\"ring\"");
    } else if (pattern == PATTERN_NONE) {
        page_text(page, "<path class=\"vol\"");
    } else {
        tf_buf_printf(page->out, "<path class=\"vol pat\" style=\"fill:url(#%c%d)\"",
                      letters[pattern], (int)(page->party_of[index] % PAGE_STYLES));
    }
    tf_buf_printf(page->out, " fill-rule=\"%s\" d=\"", shapepath_rule(shape));
    bool shows = shapepath_write(&map->path, shape, page->out, extent);
    bool covers = shows && shapepath_covers(&map->path);
    if (covers && map->covering_count < MAP_COVERING)
        map->covering[map->covering_count++] = index;
    if (!shows || covers) { /* there is no outline to be seen */
        *extent = known;
        if (!tf_buf_status(page->out))
            page->out->len = before;
        return covers;
    }
    page_text(page, "\"/>\n");
    return true;
}

/* A diamond with a dot for a site, so that it is seen at any scale. */
static void draw_site(struct map *map, const struct tf_shape *shape)
{
    struct xy at = view_project(&map->view, tf_shape_centre(shape));
    if (!view_holds(&map->view, at))
        return;
    tf_buf_text(map->page->out, "<path class=\"glyph\" transform=\"translate(");
    text_fixed(map->page->out, at.x, 1);
    tf_buf_char(map->page->out, ' ');
    text_fixed(map->page->out, at.y, 1);
    tf_buf_text(map->page->out, ")\" fill-rule=\"evenodd\" "
                                "d=\"M0 -7L7 0L0 7L-7 0ZM-2 -2V2H2V-2Z\"/>\n");
    labels_block(&map->labels, (struct extent){at.x - 8, at.x + 8, at.y - 8, at.y + 8});
}

/* Small triangles along a line, one about every 120 pixels. */
static void arrows(struct map *map)
{
    struct tf_buf *out = map->page->out;
    const struct path *path = &map->path;
    double due = 60;
    int drawn = 0;
    tf_buf_text(out, "<path class=\"arrow\" d=\"M0 0");
    for (size_t i = 1; i < path->count && drawn < 40; i++) {
        struct xy a = path->points[i - 1], b = path->points[i];
        double length = hypot(b.x - a.x, b.y - a.y);
        if (length > due) {
            double ux = (b.x - a.x) / length, uy = (b.y - a.y) / length;
            struct xy p = {a.x + ux * due, a.y + uy * due};
            const double shape[3][2] = {{6, 0}, {-5, 4.5}, {-5, -4.5}};
            for (int k = 0; k < 3 && view_holds(&map->view, p); k++) {
                tf_buf_char(out, k ? 'L' : 'M');
                text_fixed(out, p.x + shape[k][0] * ux - shape[k][1] * uy, 1);
                tf_buf_char(out, ' ');
                text_fixed(out, p.y + shape[k][0] * uy + shape[k][1] * ux, 1);
            }
            if (view_holds(&map->view, p)) {
                tf_buf_char(out, 'Z');
                drawn++;
            }
            due = 120 - (length - due > 120 ? 0 : length - due);
        } else {
            due -= length;
        }
    }
    tf_buf_text(out, "\"/>\n");
}

struct sums {
    unsigned count[ROWS][COLUMNS];
};

static void sum_up(struct map *map, struct sums *sums, const struct tf_shape *shape)
{
    struct xy at = view_project(&map->view, tf_shape_centre(shape));
    at.x = fmin(fmax(at.x, 0), map->view.width - 1);
    at.y = fmin(fmax(at.y, 0), map->view.height - 1);
    sums->count[(int)(at.y / GRID)][(int)(at.x / GRID)]++;
    map->summed++;
}

/* A trajectory: the union of its volumes without inner lines, and the line with arrows. */
static void draw_trajectory(struct map *map, const struct tf_entity *entity, struct sums *sums,
                            struct extent *extent)
{
    struct tf_buf *out = map->page->out;
    tf_buf_text(out, "<path class=\"band\" d=\"");
    for (size_t i = 0; i < entity->volume_count; i++) {
        const struct tf_shape *shape = entity->volumes[i].shape;
        if (!shapepath_may_show(&map->view, shape)) {
            map->elsewhere++;
        } else if (!within_budget(map)) {
            sum_up(map, sums, shape);
        } else {
            shapepath_write(&map->path, shape, out, extent);
            map->drawn++;
        }
    }
    tf_buf_text(out, "M0 0\"/>\n<path class=\"way\" d=\"");
    path_clear(&map->path);
    for (size_t i = 0; i < entity->waypoint_count; i++)
        path_edge(&map->path, entity->waypoints[i].at, TF_EDGES_GEODESIC);
    path_write_line(&map->path, out, extent);
    tf_buf_text(out, "M0 0\"/>\n");
    arrows(map);
}

static void draw_areas(struct map *map, uint64_t index, struct sums *sums, struct extent *extent)
{
    const struct tf_entity *entity = page_entity(map->page, index);
    for (size_t i = 0; i < entity->volume_count; i++) {
        const struct tf_shape *shape = entity->volumes[i].shape;
        if (!shapepath_may_show(&map->view, shape)) {
            map->elsewhere++;
            continue;
        }
        if (!within_budget(map)) {
            sum_up(map, sums, shape);
            continue;
        }
        if (!draw_volume(map, index, shape, extent)) {
            map->elsewhere++;
            continue;
        }
        map->drawn++;
        if (entity->kind == TF_KIND_SITE)
            draw_site(map, shape);
    }
}

/* Not only along the frame or in a corner: what is written reaches a little beyond them. */
static bool is_within(const struct map *map, const struct extent *e)
{
    double wide = e->right - e->left, high = e->bottom - e->top;
    bool at_side = e->left <= 0 || e->right >= map->view.width;
    bool at_end = e->top <= 0 || e->bottom >= map->view.height;
    if (e->left > e->right)
        return false;
    if ((at_side && wide < 1) || (at_end && high < 1))
        return false;
    return !(at_side && at_end && wide < 30 && high < 30);
}

static void draw_entity(struct map *map, uint64_t index, struct sums *sums)
{
    const struct tf_entity *entity = page_entity(map->page, index);
    struct extent extent = extent_none();
    bool some = false;
    for (size_t i = 0; i < entity->volume_count && !some; i++)
        some = shapepath_may_show(&map->view, entity->volumes[i].shape);
    if (!some) {
        map->elsewhere += entity->volume_count;
        return;
    }
    bool grouped = within_budget(map);
    if (grouped)
        group_open(map, index);
    if (entity->waypoint_count > 1 && grouped)
        draw_trajectory(map, entity, sums, &extent);
    else
        draw_areas(map, index, sums, &extent);
    if (grouped)
        page_text(map->page, "</g>\n");
    if (!is_within(map, &extent))
        return;
    if (map->shown_count < MAP_SHOWN)
        map->shown[map->shown_count++] = (struct shown){index, extent};
    else
        map->unnamed++;
}

/* A dot per cell of the grid, its area by the number of volumes. */
static void draw_sums(struct map *map, const struct sums *sums)
{
    struct page *page = map->page;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            unsigned n = sums->count[row][column];
            if (n == 0)
                continue;
            page_text(page, "<circle class=\"many\" fill-opacity=\".45\"");
            page_attr(page, "cx", column * GRID + GRID / 2.0);
            page_attr(page, "cy", row * GRID + GRID / 2.0);
            page_attr(page, "r", fmin(3 + 1.6 * log2((double)n + 1), GRID / 2.0 - 1));
            page_text(page, "/><text class=\"mid halo tick\"");
            page_attr(page, "x", column * GRID + GRID / 2.0);
            page_attr(page, "y", row * GRID + GRID / 2.0 + 4);
            tf_buf_printf(page->out, ">+%u</text>\n", n);
        }
}

/* What lies below what: large and quiet things first, conflicts on top. */
static const struct {
    bool zones, hot;
} layers[] = {{true, false}, {false, false}, {true, true}, {false, true}};
enum { LAYERS = sizeof layers / sizeof *layers };

/* The entities of one layer, into a buffer of their own. */
static void draw_layer(struct map *map, int k, struct sums *sums, struct tf_buf *layer)
{
    struct page *page = map->page;
    struct tf_buf *out = page->out;
    *layer = (struct tf_buf)TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    page->out = page->text.out = layer;
    for (size_t i = 0; i < page->report->picture->count; i++)
        if ((page_entity(page, i)->kind == TF_KIND_ZONE) == layers[k].zones &&
            (page->conflicts_of[i] > 0) == layers[k].hot)
            draw_entity(map, i, sums);
    page->out = page->text.out = out;
    map->layered += layer->len;
}

/* Layers are made from the top, so that conflicts get the budget first, and written
 * from the bottom. */
enum tf_status map_entities(struct map *map)
{
    struct tf_buf *out = map->page->out;
    struct sums *sums = calloc(1, sizeof *sums);
    struct tf_buf layer[LAYERS];
    if (!sums)
        return TF_NOMEM;
    for (int k = LAYERS - 1; k >= 0; k--)
        draw_layer(map, k, sums, &layer[k]);
    for (int k = 0; k < LAYERS; k++) {
        if (layer[k].len > 0)
            tf_buf_append(out, layer[k].data, layer[k].len);
        if (layer[k].status && !out->status)
            out->status = layer[k].status;
        tf_buf_release(&layer[k]);
    }
    draw_sums(map, sums);
    free(sums);
    return map->path.status;
}

/* --- names ----------------------------------------------------------------------------- */

/* At the middle of what shows of it; below the symbol of a site. */
static bool write_name(struct map *map, const struct shown *shown)
{
    struct page *page = map->page;
    const struct tf_entity *entity = page_entity(page, shown->entity);
    struct label_text cut = labels_cut(page_name(entity), 26);
    const struct extent *e = &shown->extent;
    struct xy at, anchor = {(e->left + e->right) / 2, (e->top + e->bottom) / 2};
    anchor.y += entity->kind == TF_KIND_SITE ? 18 : 0;
    if (!labels_place(&map->labels, anchor, labels_text_width(cut.text, 12) + 4, 15, LABELS_NEAR,
                      &at))
        return false;
    tf_buf_printf(page->out, "<text class=\"name%s\"",
                  page->conflicts_of[shown->entity] ? " hot" : "");
    page_attr(page, "x", at.x);
    page_attr(page, "y", at.y + 4);
    page_text(page, ">");
    text_arg(&page->text, cut.text);
    page_text(page, "</text>\n");
    return true;
}

void map_names(struct map *map)
{
    size_t written = 0;
    for (size_t i = 0; i < map->shown_count; i++) {
        bool done = written < PAGE_MAX_LABELS && write_name(map, &map->shown[i]);
        written += done;
        map->unnamed += !done;
    }
}
