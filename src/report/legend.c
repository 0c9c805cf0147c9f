/*
 * legend.c - what the lines and patterns of a map mean, below it.
 */
#include "report/map.h"

#include <stdio.h>

enum { ROW = 24, SWATCH = 34, PAD = 12, MAX_LISTED = 24 };

/* Items flow from the left, a new row where one does not fit. */
struct flow {
    struct map *map;
    double x, y;
    bool draw;
};

/* Makes room for an item and draws its swatch (markup about 0,0: 34 x 14) and words. */
static void item(struct flow *flow, const char *class, const char *swatch, const char *words)
{
    struct page *page = flow->map->page;
    struct label_text cut = labels_cut(words, 64);
    double wide = SWATCH + 6 + labels_text_width(cut.text, 12) + 20;
    if (flow->x > PAD && flow->x + wide > flow->map->view.width) {
        flow->x = PAD;
        flow->y += ROW;
    }
    if (flow->draw) {
        tf_buf_printf(page->out, "<g class=\"%s\" transform=\"translate(", class);
        text_fixed(page->out, flow->x, 1);
        tf_buf_char(page->out, ' ');
        text_fixed(page->out, flow->y, 1);
        tf_buf_printf(page->out, ")\">%s<text x=\"%d\" y=\"12\">", swatch, SWATCH + 6);
        text_arg(&page->text, cut.text);
        page_text(page, "</text></g>\n");
    }
    flow->x += wide;
}

static void parties(struct flow *flow)
{
    const struct page *page = flow->map->page;
    for (size_t i = 0; i < page->party_count && i < MAX_LISTED; i++) {
        const char *name = page->parties[i].name;
        item(flow, page_party_style(i).text,
             "<rect class=\"vol\" width=\"34\" height=\"14\" y=\"1\"/>",
             name ? name : text_get(&page->text, TF_TEXT("no party named")));
    }
    if (page->party_count > MAX_LISTED)
        item(flow, "p6 d0", "", text_get(&page->text, TF_TEXT("and further parties")));
}

static bool has_kind(const struct page *page, unsigned kinds)
{
    for (size_t i = 0; i < page->report->picture->count; i++)
        if (kinds >> page_entity(page, i)->kind & 1)
            return true;
    return false;
}

static bool has_trajectory(const struct page *page)
{
    for (size_t i = 0; i < page->report->picture->count; i++)
        if (page_entity(page, i)->waypoint_count > 1)
            return true;
    return false;
}

/* Whether there are conflicts of outlines that only come close, or that overlap. */
static bool has_clash(const struct page *page, bool apart)
{
    for (size_t i = 0; i < page_conflict_count(page); i++)
        if ((page_closest(page, page_conflict(page, i))->distance_m > 0) == apart)
            return true;
    return false;
}

static void classes(struct flow *flow)
{
    struct page *page = flow->map->page;
    const struct {
        bool present;
        const char *swatch, *words;
    } rows[] = {
        {has_kind(page, 1u << TF_KIND_ZONE),
         "<rect class=\"vol pat\" style=\"fill:url(#z6)\" width=\"34\" height=\"14\" y=\"1\"/>",
         TF_TEXT("zone")},
        {has_kind(page, 1u << TF_KIND_GROUND | 1u << TF_KIND_SEA),
         "<rect class=\"vol pat\" style=\"fill:url(#s6)\" width=\"34\" height=\"14\" y=\"1\"/>",
         TF_TEXT("operation on ground or at sea")},
        {has_kind(page, 1u << TF_KIND_HAZARD),
         "<rect class=\"vol pat\" style=\"fill:url(#h6)\" width=\"34\" height=\"14\" y=\"1\"/>",
         TF_TEXT("hazard area")},
        {has_kind(page, 1u << TF_KIND_SITE),
         "<path class=\"glyph\" transform=\"translate(17 8)\" fill-rule=\"evenodd\" "
         "d=\"M0 -7L7 0L0 7L-7 0ZM-2 -2V2H2V-2Z\"/>",
         TF_TEXT("protected site and its radius")},
        {has_trajectory(page),
         "<path class=\"band\" d=\"M0 2H34V14H0Z\"/><path class=\"way\" d=\"M0 8H34\"/>"
         "<path class=\"arrow\" d=\"M23 8L12 3.5V12.5Z\"/>",
         TF_TEXT("trajectory with its accuracy")},
        {has_clash(page, false), "<rect class=\"clash\" width=\"34\" height=\"14\" y=\"1\"/>",
         TF_TEXT("overlap for a part of the time")},
        {has_clash(page, true), "<rect class=\"clash near\" width=\"34\" height=\"14\" y=\"1\"/>",
         TF_TEXT("too close for a part of the time")},
        {flow->map->marked > 0,
         "<circle class=\"spot\" cx=\"3\" cy=\"8\" r=\"3\"/><path class=\"leader\" d=\"M3 8H14\"/>"
         "<rect class=\"badge\" x=\"13\" y=\"-1\" width=\"18\" height=\"18\" rx=\"9\"/>"
         "<text class=\"badge-n\" x=\"22\" y=\"12\">1</text>",
         TF_TEXT("closest approach, with the number of the conflict")},
        {flow->map->summed > 0,
         "<circle class=\"many\" fill-opacity=\".45\" cx=\"17\" cy=\"8\" r=\"8\"/>",
         TF_TEXT("further volumes, only counted")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].present)
            item(flow, "p6 d0", rows[i].swatch, text_get(&page->text, rows[i].words));
}

/* Volumes that have no outline on this map, since they go beyond it on every side. */
static void covering(struct flow *flow)
{
    struct page *page = flow->map->page;
    for (size_t i = 0; i < flow->map->covering_count; i++) {
        uint64_t index = flow->map->covering[i];
        struct word words =
            word_fill(&page->text, TF_TEXT("covers the whole map: %1"),
                      labels_cut(page_name(page_entity(page, index)), 28).text, NULL);
        item(flow, page_style(page, index).text,
             "<rect class=\"vol\" width=\"34\" height=\"14\" y=\"1\"/>"
             "<path class=\"arrow\" d=\"M17 3L21 7H18V13H16V7H13Z\"/>",
             words.text);
    }
}

double map_legend(struct map *map, double y, bool draw)
{
    struct flow flow = {.map = map, .x = PAD, .y = y, .draw = draw};
    parties(&flow);
    flow.x = PAD;
    flow.y += ROW;
    classes(&flow);
    covering(&flow);
    return flow.y + ROW + 4 - y;
}
