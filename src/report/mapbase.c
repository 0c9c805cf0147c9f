/*
 * mapbase.c - graticule, scale and north of a map.
 */
#include "report/map.h"

#include "geo/angle.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Steps of the graticule, degrees, with the decimals that their labels need. */
static const struct {
    double deg;
    int decimals;
} steps[] = {{0.001, 3}, {0.002, 3}, {0.005, 3}, {0.01, 2}, {0.02, 2},
             {0.05, 2},  {0.1, 1},   {0.2, 1},   {0.5, 1},  {1, 0},
             {2, 0},     {5, 0},     {10, 0},    {15, 0},   {30, 0}};
enum { STEP_COUNT = sizeof steps / sizeof *steps, SAMPLES = 60 };

static int step_for(double deg)
{
    int i = 0;
    while (i + 1 < STEP_COUNT && steps[i].deg < deg)
        i++;
    return i;
}

/* What a view shows of latitudes and longitudes. */
struct span {
    double south, north, west, east; /* west..east may leave -180..180 */
    bool pole;                       /* all longitudes */
};

static struct span span_of(const struct view *view)
{
    struct span s = {90, -90, 0, 0, false};
    for (int i = 0; i <= 24; i++)
        for (int j = 0; j <= 16; j++) {
            struct xy at = {view->width * i / 24, view->height * j / 16};
            struct tf_latlng p = view_unproject(view, at);
            double dlng = remainder(p.lng_deg - view->centre.lng_deg, 360.0);
            s.south = fmin(s.south, p.lat_deg);
            s.north = fmax(s.north, p.lat_deg);
            s.west = fmin(s.west, dlng);
            s.east = fmax(s.east, dlng);
        }
    bool north = view_holds(view, view_project(view, (struct tf_latlng){90, 0}));
    bool south = view_holds(view, view_project(view, (struct tf_latlng){-90, 0}));
    s.pole = north || south || s.east - s.west > 300;
    s.north = north ? 90 : s.north;
    s.south = south ? -90 : s.south;
    s.west = s.pole ? -180 : s.west + view->centre.lng_deg;
    s.east = s.pole ? 180 : s.east + view->centre.lng_deg;
    return s;
}

/* Draws one line of the graticule from a to b and finds where to write its value: at
 * the bottom (meridians) or the left (parallels) edge, else at any other. */
static bool grid_line(struct map *map, struct tf_latlng a, struct tf_latlng b, bool meridian,
                      struct xy *label)
{
    bool found = false, best = false;
    struct xy last = {0, 0};
    path_clear(&map->path);
    for (int i = 0; i <= SAMPLES; i++) {
        double f = (double)i / SAMPLES;
        struct tf_latlng p = {a.lat_deg + f * (b.lat_deg - a.lat_deg),
                              remainder(a.lng_deg + f * (b.lng_deg - a.lng_deg), 360.0)};
        struct xy at = view_project(&map->view, p);
        path_point(&map->path, at);
        bool crosses = i > 0 && view_holds(&map->view, last) != view_holds(&map->view, at);
        bool here =
            crosses && (meridian ? fmax(last.y, at.y) > map->view.height : fmin(last.x, at.x) < 0);
        if (crosses && (!found || (here && !best))) {
            double x = (last.x + at.x) / 2, y = (last.y + at.y) / 2, w = map->view.width;
            double t = meridian ? (map->view.height - last.y) / (at.y - last.y)
                                : (0 - last.x) / (at.x - last.x);
            if (here) {
                x = last.x + t * (at.x - last.x);
                y = last.y + t * (at.y - last.y);
            }
            *label =
                (struct xy){fmin(fmax(x, 24), w - 24), fmin(fmax(y, 12), map->view.height - 8)};
            found = true;
            best = here;
        }
        last = at;
    }
    tf_buf_text(map->page->out, "<path class=\"grid\" d=\"");
    path_write_line(&map->path, map->page->out, NULL);
    tf_buf_text(map->page->out, "M0 0\"/>");
    return found;
}

static void grid_label(struct map *map, struct xy at, double value, int decimals, bool meridian)
{
    struct word number = word_fixed(fabs(value), decimals);
    char text[40];
    const char *side = meridian ? (value < 0 ? "W" : "E") : value < 0 ? "S" : "N";
    if (fabs(value) < 1e-9 || fabs(fabs(value) - 180) < 1e-9)
        side = "";
    snprintf(text, sizeof text, "%.20s\xC2\xB0%s", number.text, side);
    double w = labels_text_width(text, 10.5);
    struct xy place;
    if (!meridian)
        at.x = w / 2 + 6;
    if (!labels_place(&map->labels, at, w, 12, LABELS_HERE, &place))
        return;
    tf_buf_text(map->page->out, "<text class=\"tick mid\"");
    page_attr(map->page, "x", place.x);
    page_attr(map->page, "y", place.y + 4);
    tf_buf_printf(map->page->out, ">%s</text>\n", text);
}

void map_graticule(struct map *map)
{
    struct span s = span_of(&map->view);
    int lat_step = step_for((s.north - s.south) / 7);
    double middle = fmin(fabs(map->view.centre.lat_deg), 85) * TF_RAD_PER_DEG;
    int lng_step =
        s.pole
            ? STEP_COUNT - 1
            : step_for(fmax((s.east - s.west) / 12, (s.north - s.south) / 7 / cos(middle) * 0.9));
    double d = steps[lat_step].deg, e = steps[lng_step].deg;
    double north = fmin(s.north, 89.999), south = fmax(s.south, -89.999);
    for (double lat = ceil(south / d) * d; lat <= north; lat += d) {
        struct xy at;
        if (grid_line(map, (struct tf_latlng){lat, s.west}, (struct tf_latlng){lat, s.east}, false,
                      &at))
            grid_label(map, at, lat, steps[lat_step].decimals, false);
    }
    for (double lng = ceil(s.west / e) * e; lng <= s.east - (s.pole ? e / 2 : 0); lng += e) {
        struct xy at;
        if (grid_line(map, (struct tf_latlng){north, lng}, (struct tf_latlng){south, lng}, true,
                      &at))
            grid_label(map, at, remainder(lng, 360.0), steps[lng_step].decimals, true);
    }
}

/* The largest of 1, 2, 5 x 10^k that is at most `most`. */
static double round_length(double most)
{
    double power = pow(10, floor(log10(most)));
    double lead = most / power;
    return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

static void bar(struct map *map, double x, double y, double length, const char *label)
{
    struct page *page = map->page;
    for (int half = 0; half < 2; half++) {
        tf_buf_printf(page->out, "<rect class=\"scale-%c\"", half ? 'b' : 'a');
        page_attr(page, "x", x + half * length / 2);
        page_attr(page, "y", y);
        page_attr(page, "width", length / 2);
        page_text(page, " height=\"4\"/>");
    }
    page_text(page, "<text class=\"tick\"");
    page_attr(page, "x", x + length + 6);
    page_attr(page, "y", y + 6);
    page_text(page, ">");
    text_arg(&page->text, label);
    page_text(page, "</text>\n");
}

/* An arrow towards true north, as it is where the arrow stands. */
static void north_arrow(struct map *map, struct xy at)
{
    struct tf_latlng p = view_unproject(&map->view, at);
    if (fabs(p.lat_deg) > 89.9)
        return;
    struct tf_latlng q = {p.lat_deg + 0.01, p.lng_deg};
    struct xy to = view_project(&map->view, q);
    double angle = atan2(to.x - at.x, at.y - to.y) / TF_RAD_PER_DEG;
    tf_buf_text(map->page->out, "<g transform=\"translate(");
    text_fixed(map->page->out, at.x, 1);
    tf_buf_char(map->page->out, ' ');
    text_fixed(map->page->out, at.y, 1);
    tf_buf_text(map->page->out, ") rotate(");
    text_fixed(map->page->out, angle, 1);
    tf_buf_text(map->page->out, ")\"><path class=\"scale-a\" d=\"M0 -12L5 8L0 4Z\"/>"
                                "<path class=\"scale-b\" d=\"M0 -12L-5 8L0 4Z\"/>"
                                "<text class=\"mid strong halo\" y=\"-15\">N</text></g>\n");
}

void map_scale(struct map *map)
{
    struct page *page = map->page;
    double widest = map->view.width / 5, y = map->view.height - 54;
    double metres = round_length(widest / map->view.px_per_m);
    double miles = round_length(widest / map->view.px_per_m / TF_NAUTICAL_MILE_M);
    char label[64];
    page_text(page, "<rect class=\"plate\" x=\"8\" width=\"");
    text_fixed(page->out, widest + 64, 1);
    page_text(page, "\" height=\"36\" rx=\"4\"");
    page_attr(page, "y", y - 8);
    page_text(page, "/>");
    bar(map, 16, y, metres * map->view.px_per_m,
        word_fill(&page->text, metres < 1000 ? TF_TEXT("%1 m") : TF_TEXT("%1 km"),
                  word_fixed(metres < 1000 ? metres : metres / 1000, 0).text, NULL)
            .text);
    int decimals = miles < 0.01 ? 3 : miles < 0.1 ? 2 : miles < 1 ? 1 : 0;
    snprintf(label, sizeof label, "%.20s NM", word_fixed(miles, decimals).text);
    bar(map, 16, y + 14, miles * TF_NAUTICAL_MILE_M * map->view.px_per_m, label);
    north_arrow(map, (struct xy){30, 40});
}
