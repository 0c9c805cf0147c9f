/*
 * chart.c - a time axis, and spans on it.
 */
#include "report/chart.h"

#include <math.h>
#include <stdlib.h>

/* --- which times to show -------------------------------------------------------------------- */

struct times {
    int64_t from_ns, until_ns;
    bool any;
};

static void include(struct times *times, int64_t from_ns, int64_t until_ns)
{
    if (from_ns == TF_TIME_MIN && until_ns == TF_TIME_MAX)
        return;
    if (from_ns == TF_TIME_MIN)
        from_ns = tf_time_add(until_ns, -TF_HOUR_NS);
    if (until_ns == TF_TIME_MAX)
        until_ns = tf_time_add(from_ns, TF_HOUR_NS);
    times->from_ns = times->any && times->from_ns < from_ns ? times->from_ns : from_ns;
    times->until_ns = times->any && times->until_ns > until_ns ? times->until_ns : until_ns;
    times->any = true;
}

static double length_s(int64_t from_ns, int64_t until_ns)
{
    return ((double)until_ns - (double)from_ns) / 1e9;
}

static int by_length(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Ten times the median length of a conflict (of a sample, if there are many), in
 * seconds; longer ones do not set the axis. */
static double usual_length_s(const struct page *page)
{
    enum { SAMPLE = 256 };
    double lengths[SAMPLE];
    size_t n = page_conflict_count(page), step = n / SAMPLE + 1, taken = 0;
    for (size_t i = 0; i < n; i += step)
        lengths[taken++] =
            length_s(page_conflict(page, i)->first_ns, page_conflict(page, i)->last_ns);
    qsort(lengths, taken, sizeof *lengths, by_length);
    return taken > 0 ? fmax(10 * lengths[(taken - 1) / 2], 600) : INFINITY;
}

static void include_conflicts(const struct page *page, struct times *times)
{
    double usual = usual_length_s(page);
    for (size_t i = 0; i < page_conflict_count(page); i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        if (length_s(c->first_ns, c->last_ns) <= usual)
            include(times, c->first_ns, c->last_ns);
    }
}

static void include_entities(const struct page *page, bool all, struct times *times)
{
    for (size_t i = 0; i < page->report->picture->count; i++) {
        const struct tf_entity *e = page_entity(page, i);
        bool fixed = e->kind == TF_KIND_ZONE || e->kind == TF_KIND_SITE;
        for (size_t k = 0; k < e->volume_count && (all || !fixed); k++)
            include(times, e->volumes[k].start_ns, e->volumes[k].end_ns);
    }
}

bool chart_span(const struct page *page, int64_t *from_ns, int64_t *until_ns)
{
    struct times times = {0, 0, false};
    include_conflicts(page, &times);
    if (!times.any)
        include_entities(page, false, &times);
    if (!times.any)
        include_entities(page, true, &times);
    if (!times.any)
        return false;
    double pad_s = fmax(length_s(times.from_ns, times.until_ns) * 0.15, 300);
    int64_t pad_ns = (int64_t)(fmin(pad_s, 1e9) * 1e9);
    *from_ns = tf_time_add(times.from_ns, -pad_ns);
    *until_ns = tf_time_add(times.until_ns, pad_ns);
    return *from_ns < *until_ns;
}

/* --- drawing ---------------------------------------------------------------------------------- */

double chart_x(const struct chart *chart, int64_t t_ns)
{
    double f = ((double)t_ns - (double)chart->from_ns) /
               ((double)chart->until_ns - (double)chart->from_ns);
    return chart->left + fmin(fmax(f, 0), 1) * (chart->right - chart->left);
}

bool chart_shows(const struct chart *chart, int64_t start_ns, int64_t end_ns)
{
    return start_ns < chart->until_ns && end_ns > chart->from_ns;
}

void chart_open(struct page *page, const char *id, double height, const char *title,
                const char *description)
{
    tf_buf_printf(page->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"%s\" direction=\"ltr\" "
                  "role=\"img\" aria-labelledby=\"%st %sd\" viewBox=\"0 0 %d ",
                  id, id, id, CHART_WIDTH);
    text_fixed(page->out, height, 0);
    tf_buf_printf(page->out, "\"><title id=\"%st\">", id);
    page_say(page, title);
    tf_buf_printf(page->out, "</title><desc id=\"%sd\">", id);
    page_say(page, description);
    page_text(page, "</desc>\n");
}

void chart_rect(struct page *page, const char *class, double x, double y, double w, double h)
{
    tf_buf_printf(page->out, "<rect class=\"%s\"", class);
    page_attr(page, "x", x);
    page_attr(page, "y", y);
    page_attr(page, "width", fmax(w, 1));
    page_attr(page, "height", fmax(h, 1));
    page_text(page, "/>");
}

/* The smallest step with which the labels have room. */
static int64_t step_for(double seconds)
{
    static const int64_t steps_s[] = {1,      2,      5,       10,      15,      30,
                                      60,     120,    300,     600,     900,     1800,
                                      3600,   7200,   10800,   21600,   43200,   86400,
                                      172800, 604800, 1209600, 2592000, 7776000, 31536000};
    enum { COUNT = sizeof steps_s / sizeof *steps_s };
    int i = 0;
    while (i + 1 < COUNT && (double)steps_s[i] * 9 < seconds)
        i++;
    int64_t step_s = steps_s[i];
    while ((double)step_s * 20 < seconds)
        step_s *= 2; /* beyond decades */
    return step_s * TF_SECOND_NS;
}

static void tick(const struct chart *chart, int64_t t_ns, bool with_date, bool with_time)
{
    struct page *page = chart->page;
    double x = chart_x(chart, t_ns);
    page_text(page, "<line class=\"grid\"");
    page_attr(page, "x1", x);
    page_attr(page, "x2", x);
    page_attr(page, "y1", chart->top);
    page_attr(page, "y2", chart->bottom + 5);
    page_text(page, "/>");
    for (int line = 0; line < 2; line++) {
        if (!(line == 0 ? with_time : with_date))
            continue;
        tf_buf_printf(page->out, "<text class=\"tick mid%s\"", line ? " strong" : "");
        page_attr(page, "x", x);
        page_attr(page, "y", chart->bottom + 18 + (line && with_time ? 14 : 0));
        tf_buf_printf(page->out, ">%s</text>",
                      line ? word_date(t_ns).text : word_time_of_day(t_ns).text);
    }
}

void chart_time_axis(const struct chart *chart)
{
    struct page *page = chart->page;
    double seconds = length_s(chart->from_ns, chart->until_ns);
    int64_t step = step_for(seconds), day = TF_TIME_MIN;
    int64_t t = chart->from_ns - chart->from_ns % step;
    for (int drawn = 0; t < chart->until_ns && drawn < 60; drawn++) {
        if (t >= chart->from_ns) {
            int64_t today = t / TF_DAY_NS;
            tick(chart, t, today != day || step >= TF_DAY_NS, step < TF_DAY_NS);
            day = today;
        }
        int64_t next = tf_time_add(t, step);
        if (next <= t)
            break;
        t = next;
    }
    page_text(page, "<path class=\"axis\" d=\"M");
    text_fixed(page->out, chart->left, 1);
    page_text(page, " ");
    text_fixed(page->out, chart->bottom, 1);
    page_text(page, "H");
    text_fixed(page->out, chart->right, 1);
    page_text(page, "\"/><text class=\"tick end\"");
    page_attr(page, "x", chart->right + 4);
    page_attr(page, "y", chart->bottom + 46);
    page_text(page, ">");
    page_say(page, TF_TEXT("time (UTC)"));
    page_text(page, "</text>\n");
}

void chart_hatch(const struct chart *chart, size_t conflict, double top, double bottom)
{
    const struct tf_conflict *c = page_conflict(chart->page, conflict);
    double x = chart_x(chart, c->first_ns), w = chart_x(chart, c->last_ns) - x;
    chart_rect(chart->page, "clash", x, top, fmax(w, 3), bottom - top);
}

void chart_number(const struct chart *chart, struct labels *labels, size_t conflict, double top,
                  double bottom)
{
    struct page *page = chart->page;
    const struct tf_conflict *c = page_conflict(page, conflict);
    double wide = page_badge_width(conflict + 1);
    struct xy at, middle = {(chart_x(chart, c->first_ns) + chart_x(chart, c->last_ns)) / 2,
                            (top + bottom) / 2};
    if (labels_place(labels, middle, wide, 17, LABELS_NEAR, &at))
        page_badge(page, conflict + 1, at.x, at.y);
}

size_t chart_clashes_outside(const struct chart *chart)
{
    size_t outside = 0;
    for (size_t i = 0; i < page_conflict_count(chart->page); i++) {
        const struct tf_conflict *c = page_conflict(chart->page, i);
        outside += !chart_shows(chart, c->first_ns, c->last_ns);
    }
    return outside;
}
