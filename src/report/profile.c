/*
 * profile.c - altitude over time: a rectangle per volume, the conflicts hatched.
 *
 * The dark part of a rectangle is what was meant, the light rim the margin by which a
 * limit of another reference was moved outward. Heights above a ground whose own height is not
 * known have no place on the axis: what has only such limits stands in a strip below it.
 */
#include "report/chart.h"
#include "report/sections.h"

#include <math.h>
#include <stdio.h>

enum { HEIGHT = 500, TOP = 26, BOTTOM = 380, STRIP = 390, FOOT = 440, LEFT = 72, RIGHT = 930 };
/* A limit with a larger margin than this (unknown terrain) is not a height on the axis. */
#define KNOWN_MARGIN_M 2000.0

struct profile {
    struct chart chart;
    double low_m, high_m; /* what the axis shows */
    bool compressed;      /* the axis is a square root */
    struct labels labels;
    bool strip; /* something stands in the strip */
    size_t drawn, left_out;
};

static bool lower_is_known(const struct tf_band *alt)
{
    return isfinite(alt->lower_m) && alt->lower_margin_m <= KNOWN_MARGIN_M;
}

static bool upper_is_known(const struct tf_band *alt)
{
    return isfinite(alt->upper_m) && alt->upper_margin_m <= KNOWN_MARGIN_M;
}

/* Both limits are heights above a ground of unknown height. */
static bool is_above_ground(const struct tf_band *alt)
{
    return !lower_is_known(alt) && !upper_is_known(alt) && isfinite(alt->lower_m) &&
           isfinite(alt->upper_m);
}

/* --- the altitude axis ------------------------------------------------------------------------ */

static double bend(const struct profile *p, double m)
{
    double above = fmin(fmax(m, p->low_m), p->high_m) - p->low_m;
    return p->compressed ? sqrt(above) : above;
}

static double y_of(const struct profile *p, double m)
{
    return BOTTOM - bend(p, m) / bend(p, p->high_m) * (BOTTOM - TOP);
}

static void stretch(struct profile *p, const struct tf_band *alt)
{
    if (lower_is_known(alt)) {
        p->low_m = fmin(p->low_m, alt->lower_m);
        p->high_m = fmax(p->high_m, alt->lower_m);
    }
    if (upper_is_known(alt)) {
        p->low_m = fmin(p->low_m, alt->upper_m);
        p->high_m = fmax(p->high_m, alt->upper_m);
    }
    p->strip |= is_above_ground(alt);
}

/* Volumes that are drawn: those of entities in conflict, or all if there are none. */
static bool is_drawn(const struct profile *p, size_t index, const struct tf_volume4 *v)
{
    const struct page *page = p->chart.page;
    bool wanted = page->involved == 0 || page->conflicts_of[index] > 0;
    return wanted && chart_shows(&p->chart, v->start_ns, v->end_ns);
}

/* The range of the axis; it is compressed if most happens in its lowest part. */
static void set_range(struct profile *p)
{
    const struct tf_picture *picture = p->chart.page->report->picture;
    size_t low = 0, all = 0;
    p->low_m = INFINITY;
    p->high_m = -INFINITY;
    for (size_t i = 0; i < picture->count; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_volume4 *v = &picture->entities[i].volumes[k];
            if (!is_drawn(p, i, v))
                continue;
            stretch(p, &v->alt);
        }
    if (p->low_m > p->high_m) {
        p->low_m = 0;
        p->high_m = 1000;
    }
    for (size_t i = 0; i < picture->count; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_volume4 *v = &picture->entities[i].volumes[k];
            if (!is_drawn(p, i, v))
                continue;
            all += upper_is_known(&v->alt);
            low +=
                upper_is_known(&v->alt) && v->alt.upper_m < p->low_m + (p->high_m - p->low_m) / 5;
        }
    p->compressed = low * 2 >= all && all > 1;
    double pad = fmax((p->high_m - p->low_m) * 0.05, 50);
    p->low_m -= p->compressed ? fmin(pad, 50) : pad;
    p->high_m += pad;
}

static void altitude_text(const struct profile *p, const char *class, double x, double y,
                          const char *text)
{
    struct page *page = p->chart.page;
    tf_buf_printf(page->out, "<text class=\"tick %s\"", class);
    page_attr(page, "x", x);
    page_attr(page, "y", y);
    page_text(page, ">");
    text_figure(&page->text, text);
    page_text(page, "</text>");
}

static void grid_at(const struct profile *p, double m)
{
    struct page *page = p->chart.page;
    double y = y_of(p, m);
    page_text(page, "<line class=\"grid\"");
    page_attr(page, "x1", LEFT);
    page_attr(page, "x2", RIGHT);
    page_attr(page, "y1", y);
    page_attr(page, "y2", y);
    page_text(page, "/>");
    altitude_text(p, "end", LEFT - 6, y + 4, word_fixed(m, 0).text);
    altitude_text(p, "", RIGHT + 6, y + 4, word_fixed(m / TF_FOOT_M, 0).text);
}

static void altitude_axis(const struct profile *p)
{
    static const double steps[] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000};
    enum { COUNT = sizeof steps / sizeof *steps };
    double last_y = 1e9;
    int i = 0;
    while (i + 1 < COUNT && steps[i] * 9 < p->high_m - p->low_m)
        i++;
    double fine = p->compressed ? steps[i > 3 ? i - 3 : 0] : steps[i];
    for (double m = ceil(p->low_m / fine) * fine; m <= p->high_m; m += fine) {
        if (last_y - y_of(p, m) < 22)
            continue;
        last_y = y_of(p, m);
        grid_at(p, m);
    }
    struct page *page = p->chart.page;
    altitude_text(p, "end strong", LEFT - 6, TOP - 12, "m");
    altitude_text(p, "strong", RIGHT + 6, TOP - 12, "ft");
    page_text(page, "<text class=\"tick\"");
    page_attr(page, "x", LEFT);
    page_attr(page, "y", TOP - 12);
    page_text(page, ">");
    page_say(page, p->compressed ? TF_TEXT("altitude above the WGS84 ellipsoid (compressed upward)")
                                 : TF_TEXT("altitude above the WGS84 ellipsoid"));
    page_text(page, "</text>\n");
}

static void strip_axis(const struct profile *p)
{
    struct page *page = p->chart.page;
    altitude_text(p, "end strong", LEFT - 6, (STRIP + FOOT) / 2.0 + 4, "AGL");
    page_text(page, "<rect class=\"stripe\"");
    page_attr(page, "x", LEFT);
    page_attr(page, "y", STRIP);
    page_attr(page, "width", RIGHT - LEFT);
    page_attr(page, "height", FOOT - STRIP);
    page_text(page, "/>\n");
}

/* --- volumes ---------------------------------------------------------------------------------- */

/* From where to where a band reaches in the drawing. */
struct reach {
    double top, bottom;
};

static struct reach reach_of(const struct profile *p, const struct tf_band *alt)
{
    if (is_above_ground(alt))
        return (struct reach){STRIP, FOOT};
    return (struct reach){y_of(p, alt->upper_m), y_of(p, alt->lower_m)};
}

static void draw_inner(struct profile *p, const struct tf_volume4 *v, double x, double w)
{
    const struct tf_band *alt = &v->alt;
    struct reach r = reach_of(p, alt);
    if (!is_above_ground(alt)) {
        if (upper_is_known(alt))
            r.top = y_of(p, alt->upper_m - alt->upper_margin_m);
        if (lower_is_known(alt))
            r.bottom = y_of(p, alt->lower_m + alt->lower_margin_m);
    }
    if (r.bottom > r.top)
        chart_rect(p->chart.page, "inner", x, r.top, w, r.bottom - r.top);
}

static void draw_volume(struct profile *p, size_t index, const struct tf_volume4 *v)
{
    struct page *page = p->chart.page;
    double x = chart_x(&p->chart, v->start_ns), w = chart_x(&p->chart, v->end_ns) - x;
    struct reach r = reach_of(p, &v->alt);
    tf_buf_printf(page->out, "<g class=\"%s\"><title>", page_style(page, index).text);
    text_arg(&page->text, page_name(page_entity(page, index)));
    page_text(page, " \xC2\xB7 ");
    text_say(&page->text, TF_TEXT("%1 to %2"), word_altitude(&page->text, v->alt.lower).text,
             word_altitude(&page->text, v->alt.upper).text, NULL, NULL);
    page_text(page, "</title>");
    chart_rect(page, "outer", x, r.top, w, r.bottom - r.top);
    draw_inner(p, v, x, w);
    page_text(page, "</g>\n");
    p->drawn++;
}

static void draw_name(struct profile *p, size_t index, const struct tf_volume4 *v)
{
    struct page *page = p->chart.page;
    struct label_text cut = labels_cut(page_name(page_entity(page, index)), 24);
    double w = labels_text_width(cut.text, 12) + 4;
    double x = chart_x(&p->chart, v->start_ns), right = chart_x(&p->chart, v->end_ns);
    struct reach r = reach_of(p, &v->alt);
    double middle = (r.top + r.bottom) / 2;
    struct xy at, anchor = {fmin(fmax(x + w / 2 + 3, LEFT + w / 2), RIGHT - w / 2), middle};
    if (right - x < 2 || !labels_place(&p->labels, anchor, w, 15, LABELS_NEAR, &at))
        return;
    page_text(page, "<text class=\"name hot\"");
    page_attr(page, "x", at.x);
    page_attr(page, "y", at.y + 4);
    page_text(page, ">");
    text_arg(&page->text, cut.text);
    page_text(page, "</text>\n");
}

/* Every volume that belongs here; only the first of an entity gets a name. */
static void each_volume(struct profile *p, bool names)
{
    const struct tf_picture *picture = p->chart.page->report->picture;
    for (size_t i = 0; i < picture->count; i++) {
        bool named = false;
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_volume4 *v = &picture->entities[i].volumes[k];
            if (!is_drawn(p, i, v))
                continue;
            if (names && !named && p->labels.refused < PAGE_MAX_LABELS)
                draw_name(p, i, v);
            else if (!names && p->drawn < PAGE_MAX_PROFILE_VOLUMES)
                draw_volume(p, i, v);
            else if (!names)
                p->left_out++;
            named = true;
        }
    }
}

/* From the lower of the tops to the higher of the bottoms: what they share, or the gap. With
 * something above ground: all of the other, since it may be anywhere there. */
static struct reach clash_of(const struct profile *p, const struct tf_conflict *c)
{
    const struct page *page = p->chart.page;
    const struct tf_conflict_pair *pair = page_closest(page, c);
    const struct tf_band *a = &page_entity(page, c->a)->volumes[pair->volume_a].alt;
    const struct tf_band *b = &page_entity(page, c->b)->volumes[pair->volume_b].alt;
    struct reach ra = reach_of(p, a), rb = reach_of(p, b);
    if (is_above_ground(a))
        return rb;
    if (is_above_ground(b))
        return ra;
    double one = fmax(ra.top, rb.top), two = fmin(ra.bottom, rb.bottom);
    return (struct reach){fmin(one, two), fmax(fmax(one, two), fmin(one, two) + 4)};
}

static void draw_clashes(struct profile *p, bool numbers)
{
    const struct page *page = p->chart.page;
    for (size_t i = 0; i < page_conflict_count(page) && i < PAGE_MAX_HATCHES; i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        if (!chart_shows(&p->chart, c->first_ns, c->last_ns))
            continue;
        struct reach r = clash_of(p, c);
        if (numbers)
            chart_number(&p->chart, &p->labels, i, r.top, r.bottom);
        else
            chart_hatch(&p->chart, i, r.top, r.bottom);
    }
}

static void draw(struct profile *p)
{
    struct page *page = p->chart.page;
    page->text.in_svg = true;
    chart_open(page, "prof", p->chart.bottom + HEIGHT - FOOT, TF_TEXT("Altitude over time"),
               TF_TEXT("Each volume is a rectangle between its altitudes and times; conflicts are "
                       "hatched and numbered."));
    altitude_axis(p);
    if (p->strip)
        strip_axis(p);
    chart_time_axis(&p->chart);
    each_volume(p, false);
    draw_clashes(p, false);
    draw_clashes(p, true);
    each_volume(p, true);
    page_text(page, "</svg>\n");
    page->text.in_svg = false;
}

void section_profile(struct page *page)
{
    struct profile p = {.chart = {.page = page, .left = LEFT, .right = RIGHT, .top = TOP}};
    if (!chart_span(page, &p.chart.from_ns, &p.chart.until_ns))
        return;
    labels_init(&p.labels, CHART_WIDTH, HEIGHT);
    set_range(&p);
    p.chart.bottom = p.strip ? FOOT : BOTTOM;
    section_open(page, "profile", TF_TEXT("Altitude over time"));
    page_text(page, "<figure>");
    draw(&p);
    page_text(page, "<figcaption>");
    page_say(page,
             TF_TEXT("Dark: as planned. Light with a broken line: the margin for limits whose "
                     "reference (mean sea level, ground, pressure) cannot be converted "
                     "exactly. Hatched: in conflict."));
    if (p.strip) {
        page_text(page, " ");
        page_say(page,
                 TF_TEXT("AGL: between heights above a ground whose own height is not known."));
    }
    if (p.left_out > 0) {
        page_text(page, " ");
        text_count(&page->text,
                   TF_TEXT_PLURAL("%1 further volume is not drawn here.",
                                  "%1 further volumes are not drawn here."),
                   p.left_out, NULL, NULL);
    }
    page_text(page, "</figcaption></figure>\n");
    section_close(page);
}
