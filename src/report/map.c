/*
 * map.c - which view a map takes, and its parts put together.
 */
#include "report/map.h"

#include "report/coast.h"
#include "report/style.h"

#include <math.h>
#include <stdlib.h>

/* No map shows less than this from its centre to its side. */
#define MIN_HALF_M 400.0

/* --- views ------------------------------------------------------------------------------ */

struct caps {
    struct cap *items;
    size_t count, capacity;
    enum tf_status status; /* TF_NOMEM once memory ran out */
};

static void caps_add(struct caps *caps, struct tf_latlng centre, double radius_m)
{
    if (caps->count == caps->capacity && !caps->status) {
        size_t capacity = caps->capacity ? caps->capacity * 2 : 64;
        struct cap *items = realloc(caps->items, capacity * sizeof *items);
        if (items) {
            caps->items = items;
            caps->capacity = capacity;
        } else {
            caps->status = TF_NOMEM;
        }
    }
    if (caps->count < caps->capacity)
        caps->items[caps->count++] = (struct cap){centre, radius_m};
}

/* By its vertices, or some of them: tighter than one cap for what is long and narrow. */
static void caps_add_shape(struct caps *caps, const struct tf_shape *shape)
{
    struct tf_ring ring = tf_shape_ring(shape, 0);
    size_t step = ring.count / 64 + 1;
    for (size_t i = 0; i < ring.count; i += step)
        caps_add(caps, ring.vertices[i], tf_shape_radius_m(shape));
}

/* What must be seen of a pair: the place, the smaller volume, and the larger if it is not
 * out of proportion. */
static void caps_add_pair(struct caps *caps, const struct page *page, const struct tf_conflict *c,
                          const struct tf_conflict_pair *pair)
{
    const struct tf_shape *a = page_entity(page, c->a)->volumes[pair->volume_a].shape;
    const struct tf_shape *b = page_entity(page, c->b)->volumes[pair->volume_b].shape;
    double small = fmin(tf_shape_extent_m(a), tf_shape_extent_m(b));
    double most = fmax(4 * small, 5 * pair->minima.horizontal_m);
    caps_add(caps, pair->place_a, pair->distance_m + pair->minima.horizontal_m / 2);
    caps_add(caps, pair->place_b, pair->distance_m + pair->minima.horizontal_m / 2);
    if (tf_shape_extent_m(a) <= most)
        caps_add_shape(caps, a);
    if (tf_shape_extent_m(b) <= most)
        caps_add_shape(caps, b);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Extents beyond this are out of proportion to the rest: eight times the third quartile. */
static enum tf_status usual_extent(const struct page *page, double *out)
{
    const struct tf_picture *picture = page->report->picture;
    size_t n = 0, total = 0;
    for (size_t i = 0; i < picture->count; i++)
        total += picture->entities[i].volume_count;
    double *sizes = calloc(total + 1, sizeof *sizes);
    if (!sizes)
        return TF_NOMEM;
    for (size_t i = 0; i < picture->count; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++)
            sizes[n++] = tf_shape_extent_m(picture->entities[i].volumes[k].shape);
    qsort(sizes, n, sizeof *sizes, by_size);
    *out = n ? fmax(8 * sizes[n * 3 / 4 < n ? n * 3 / 4 : n - 1], 20000) : 0;
    free(sizes);
    return TF_OK;
}

/* Everything that is not far larger than the rest; all if nothing remains. */
static enum tf_status caps_of_all(const struct page *page, struct caps *caps)
{
    const struct tf_picture *picture = page->report->picture;
    double usual;
    enum tf_status status = usual_extent(page, &usual);
    for (size_t i = 0; i < picture->count && !status; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_shape *shape = picture->entities[i].volumes[k].shape;
            if (tf_shape_extent_m(shape) <= usual)
                caps_add_shape(caps, shape);
        }
    return status ? status : caps->status;
}

static enum tf_status caps_of_conflicts(const struct page *page, struct caps *caps)
{
    for (size_t i = 0; i < page_conflict_count(page); i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        for (size_t k = 0; k < c->pair_count; k++)
            caps_add_pair(caps, page, c, &page_pairs(page, c)[k]);
    }
    return caps->status;
}

/* Operations of which a part is in conflict are shown whole, if that keeps the
 * conflicts large enough to be seen. */
static enum tf_status widen(const struct page *page, struct view *view, struct caps *caps)
{
    const struct tf_picture *picture = page->report->picture;
    double limit_m = 3 * view->width / 2 / view->px_per_m;
    size_t kept = caps->count;
    for (size_t i = 0; i < picture->count; i++) {
        const struct tf_entity *e = &picture->entities[i];
        for (size_t k = 0; page->conflicts_of[i] && k < e->volume_count; k++) {
            double reach = view_distance_m(view, tf_shape_centre(e->volumes[k].shape)) +
                           tf_shape_extent_m(e->volumes[k].shape);
            if (reach > limit_m) {
                caps->count = kept; /* not this one */
                break;
            }
            caps_add_shape(caps, e->volumes[k].shape);
        }
        kept = caps->count;
    }
    return caps->status;
}

enum tf_status map_focus(const struct page *page, double width, double height, struct view *view)
{
    struct caps caps = {NULL, 0, 0, TF_OK};
    bool conflicts = page_conflict_count(page) > 0;
    enum tf_status status = conflicts ? caps_of_conflicts(page, &caps) : caps_of_all(page, &caps);
    if (!status)
        view_fit(view, caps.items, caps.count, MIN_HALF_M, width, height);
    if (!status && conflicts)
        status = widen(page, view, &caps);
    if (!status && conflicts)
        view_fit(view, caps.items, caps.count, MIN_HALF_M, width, height);
    free(caps.items);
    return status;
}

/* A view of one conflict's closest pair. */
static enum tf_status view_of_conflict(const struct page *page, const struct tf_conflict *c,
                                       struct view *view)
{
    struct caps caps = {NULL, 0, 0, TF_OK};
    caps_add_pair(&caps, page, c, page_closest(page, c));
    if (!caps.status)
        view_fit(view, caps.items, caps.count, MIN_HALF_M, MAP_DETAIL, MAP_DETAIL * 3 / 4.0);
    if (!caps.status) /* with what lies around it */
        view_set(view, view->centre, view->width / view->px_per_m, view->width, view->height);
    free(caps.items);
    return caps.status;
}

enum tf_status map_details(const struct page *page, const struct view *whole, struct view *views,
                           size_t *conflicts, size_t *count)
{
    double whole_m = whole->width / 2 / whole->px_per_m;
    size_t n = 0;
    for (size_t i = 0; i < page_conflict_count(page) && n < PAGE_MAX_DETAILS; i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        struct tf_latlng place = page_closest(page, c)->place_a;
        struct view view;
        bool seen = false;
        enum tf_status status = view_of_conflict(page, c, &view);
        if (status)
            return status;
        for (size_t k = 0; k < n && !seen; k++)
            seen = view_holds(&views[k], view_project(&views[k], place)) &&
                   views[k].px_per_m < view.px_per_m * 4;
        if (seen || view.width / 2 / view.px_per_m > whole_m / 6)
            continue;
        conflicts[n] = i;
        views[n++] = view;
    }
    *count = n;
    return TF_OK;
}

/* --- the drawing ------------------------------------------------------------------------ */

static void open_svg(struct map *map, double height, bool standalone)
{
    struct page *page = map->page;
    tf_buf_printf(page->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"%s\" direction=\"ltr\" "
                  "role=\"img\" aria-labelledby=\"%st %sd\" viewBox=\"0 0 ",
                  map->id, map->id, map->id);
    text_fixed(page->out, map->view.width, 0);
    tf_buf_char(page->out, ' ');
    text_fixed(page->out, height, 0);
    if (standalone && page->report->lang) {
        page_text(page, "\" xml:lang=\"");
        tf_buf_xml(page->out, page->report->lang);
    }
    tf_buf_printf(page->out, "\"><title id=\"%st\">", map->id);
    if (standalone && page->report->title)
        tf_buf_xml(page->out, page->report->title);
    else
        page_say(page, TF_TEXT("Map"));
    tf_buf_printf(page->out, "</title><desc id=\"%sd\">", map->id);
    text_count(&page->text,
               TF_TEXT_PLURAL("Map of the operations, zones and sites, with %1 conflict marked.",
                              "Map of the operations, zones and sites, with %1 conflicts marked."),
               page_conflict_count(page), NULL, NULL);
    page_text(page, "</desc>\n");
}

static void standalone_style(struct page *page)
{
    page_text(page, "<style>\n");
    style_drawing(page->out);
    page_text(page, "svg{background:var(--bg)}\n</style>\n<defs>\n");
    style_patterns(page->out);
    page_text(page, "</defs>\n");
}

static void rect(struct map *map, const char *class)
{
    tf_buf_printf(map->page->out, "<rect class=\"%s\" width=\"", class);
    text_fixed(map->page->out, map->view.width, 0);
    tf_buf_text(map->page->out, "\" height=\"");
    text_fixed(map->page->out, map->view.height, 0);
    tf_buf_text(map->page->out, "\"/>");
}

/* Everything within the frame, from the sea upward. */
static enum tf_status draw(struct map *map, bool inset)
{
    struct page *page = map->page;
    tf_buf_printf(page->out, "<clipPath id=\"%sf\">", map->id);
    rect(map, "sea");
    tf_buf_printf(page->out, "</clipPath>\n<g clip-path=\"url(#%sf)\">", map->id);
    rect(map, "sea");
    enum tf_status status = coast_write(&map->view, page->out);
    map_graticule(map);
    if (!status)
        status = map_entities(map);
    if (!status)
        status = map_clashes(map);
    if (!status && inset) {
        status = map_overview(map);
    }
    if (status)
        return status;
    map_marks(map);
    map_names(map);
    map_scale(map);
    page_text(page, "</g>");
    rect(map, "frame");
    return TF_OK;
}

/* Corners that belong to the scale and the arrow. */
static void keep_free(struct map *map)
{
    double w = map->view.width, h = map->view.height;
    labels_block(&map->labels, (struct extent){0, w / 5 + 100, h - 66, h - 20});
    labels_block(&map->labels, (struct extent){0, 56, 0, 60});
}

enum tf_status map_write(struct page *page, const struct map_request *request, struct map *map)
{
    /* The height is known only once the legend is, and that only after drawing. */
    struct tf_buf body = TF_BUF_INIT(TF_REPORT_MAX_BYTES), *out = page->out;
    const struct view *view = &request->view;
    *map = (struct map){.page = page, .request = request, .view = *view, .id = request->id};
    path_init(&map->path, &map->view);
    labels_init(&map->labels, view->width, view->height);
    keep_free(map);
    page->text.in_svg = true;
    page->out = page->text.out = &body;
    enum tf_status status = draw(map, request->inset);
    page->out = page->text.out = out;
    path_release(&map->path);
    if (!status)
        status = tf_buf_status(&body);
    if (status)
        goto out;
    bool legend = request->inset || request->standalone;
    double below = legend ? map_legend(map, view->height + 10, false) + 10 : 0;
    open_svg(map, view->height + below, request->standalone);
    if (request->standalone)
        standalone_style(page);
    tf_buf_append(page->out, body.data, body.len);
    if (legend)
        map_legend(map, view->height + 10, true);
    page_text(page, "</svg>\n");
    status = tf_buf_status(page->out);
out:
    page->text.in_svg = false;
    tf_buf_release(&body);
    return status;
}
