/*
 * figures.c - the maps of a page: the whole, and single places that are too small on it.
 */
#include "report/map.h"
#include "report/sections.h"

#include <stdio.h>

static void count_if(struct page *page, const char *one, const char *many, size_t n)
{
    if (n == 0)
        return;
    page_text(page, " ");
    text_count(&page->text, one, many, n, NULL, NULL);
}

/* What the map leaves out, and what its lines are worth. */
static void caption(struct page *page, const struct map *map)
{
    page_text(page, "<figcaption>");
    page_say(page,
             TF_TEXT("Coastlines and borders are for orientation only and imply no position on "
                     "the status of any territory (Natural Earth, public domain)."));
    count_if(page,
             TF_TEXT_PLURAL("%1 volume lies outside of this map.",
                            "%1 volumes lie outside of this map."),
             map->elsewhere);
    count_if(page,
             TF_TEXT_PLURAL("%1 volume is not drawn, only counted in the grey circles.",
                            "%1 volumes are not drawn, only counted in the grey circles."),
             map->summed);
    count_if(page,
             TF_TEXT_PLURAL("%1 pair of volumes in conflict is not hatched.",
                            "%1 pairs of volumes in conflict are not hatched."),
             map->unhatched);
    count_if(page,
             TF_TEXT_PLURAL("%1 conflict is marked by a dot without its number.",
                            "%1 conflicts are marked by dots without their numbers."),
             map->unmarked);
    count_if(page,
             TF_TEXT_PLURAL("%1 name has no room on the map.", "%1 names have no room on the map."),
             map->unnamed);
    page_text(page, "</figcaption>");
}

static enum tf_status details(struct page *page, const struct view *whole)
{
    struct view views[PAGE_MAX_DETAILS];
    size_t conflicts[PAGE_MAX_DETAILS];
    size_t n = 0;
    enum tf_status status = map_details(page, whole, views, conflicts, &n);
    if (status || n == 0)
        return status;
    page_text(page, "<h3>");
    page_say(page, TF_TEXT("Details"));
    page_text(page, "</h3><div class=\"details\">\n");
    for (size_t i = 0; i < n && !status && page->out->len < PAGE_DETAIL_LIMIT; i++) {
        struct map map;
        char id[16];
        snprintf(id, sizeof id, "d%zu", i + 1);
        page_text(page, "<figure>");
        struct map_request request = {
            .view = views[i], .id = id, .only = true, .conflict = conflicts[i]};
        status = map_write(page, &request, &map);
        page_text(page, "<figcaption>");
        text_say(&page->text, TF_TEXT("Around conflict %1"), word_count(conflicts[i] + 1).text,
                 NULL, NULL, NULL);
        page_text(page, "</figcaption></figure>\n");
    }
    page_text(page, "</div>\n");
    return status;
}

enum tf_status section_maps(struct page *page)
{
    struct map map;
    struct map_request request = {.id = "map", .inset = true};
    enum tf_status status = map_focus(page, MAP_WIDTH, MAP_HEIGHT, &request.view);
    if (status)
        return status;
    section_open(page, "maps", TF_TEXT("Map"));
    page_text(page, "<figure>");
    status = map_write(page, &request, &map);
    if (!status)
        caption(page, &map);
    page_text(page, "</figure>\n");
    if (!status)
        status = details(page, &request.view);
    section_close(page);
    return status;
}
