/*
 * map.h - maps of a picture: what is planned where, and where it clashes.
 */
#ifndef TF_REPORT_MAP_H
#define TF_REPORT_MAP_H

#include "report/labels.h"
#include "report/page.h"
#include "report/path.h"

/* The pixels of a map within its drawing, and of what stands below it. */
enum { MAP_COVERING = 8, MAP_SHOWN = 400, MAP_WIDTH = 1000, MAP_HEIGHT = 640, MAP_DETAIL = 480 };

struct map_request;

/* What of an entity shows on a map, for its name. */
struct shown {
    uint64_t entity;
    struct extent extent;
};

/* A map being drawn. */
struct map {
    struct page *page;
    const struct map_request *request;
    struct view view;
    struct path path;
    struct labels labels;
    const char *id;          /* request->id */
    size_t drawn, elsewhere; /* volumes drawn one by one; outside of the view */
    size_t summed;           /* volumes within the view that were only counted */
    size_t hatched, unhatched, marked, unmarked; /* conflicts */
    uint64_t covering[MAP_COVERING];             /* entities that cover the whole map */
    size_t covering_count;
    struct shown shown[MAP_SHOWN]; /* the first, those in conflict before the others */
    size_t shown_count, unnamed;
    size_t layered; /* bytes of volumes drawn one by one, in finished layers */
};

/* The view that shows the conflicts (or, without any, everything but what is far
 * larger than the rest). */
TF_MUST_CHECK enum tf_status map_focus(const struct page *page, double width, double height,
                                       struct view *view);
/* Where single conflicts are too small to be seen on a map with view `whole`: views of
 * their own, at most PAGE_MAX_DETAILS, and for each the conflict that it is about. */
TF_MUST_CHECK enum tf_status map_details(const struct page *page, const struct view *whole,
                                         struct view *views, size_t *conflicts, size_t *count);
/* What to draw. */
struct map_request {
    struct view view;
    const char *id;  /* prefix of element ids: letters and digits */
    bool inset;      /* with an overview in a corner, and a legend */
    bool standalone; /* with a style sheet, patterns and a legend of its own */
    bool only;       /* only one conflict is hatched, `conflict` */
    size_t conflict;
};
/* A whole <svg> element. Fills `map` with what was drawn and what was not. */
TF_MUST_CHECK enum tf_status map_write(struct page *page, const struct map_request *request,
                                       struct map *map);

/* --- parts, in the order in which they are drawn --- */

/* Graticule with labels (mapbase.c). */
void map_graticule(struct map *map);
/* Operations, zones and sites, names, conflicts (mapshape.c). TF_NOMEM. */
TF_MUST_CHECK enum tf_status map_entities(struct map *map);
TF_MUST_CHECK enum tf_status map_clashes(struct map *map);
void map_marks(struct map *map);
void map_names(struct map *map);
/* Scale bar and north arrow (mapbase.c). */
void map_scale(struct map *map);
/* The overview in that corner on the right where it hides less; keeps its place free of
 * labels (overview.c). */
TF_MUST_CHECK enum tf_status map_overview(struct map *map);
/* Legend (legend.c): its height in pixels; drawn with its top at y. */
double map_legend(struct map *map, double y, bool draw);

#endif
