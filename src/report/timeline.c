/*
 * timeline.c - who is active when: a row per operation, zone or site, by party.
 */
#include "report/chart.h"
#include "report/sections.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROW = 24, HEAD = 26, LEFT = 270, RIGHT = 985, TOP = 14, FOOT = 56 };

struct timeline {
    struct chart chart;
    struct labels labels;
    uint64_t *rows; /* entities, by party, those in conflict first */
    double *y;      /* per row: its top */
    size_t count, left_out;
};

static bool is_active(const struct timeline *t, size_t index)
{
    const struct tf_entity *e = page_entity(t->chart.page, index);
    for (size_t k = 0; k < e->volume_count; k++)
        if (chart_shows(&t->chart, e->volumes[k].start_ns, e->volumes[k].end_ns))
            return true;
    return false;
}

/* Chooses the rows (those in conflict have the first claim), then orders them by party. */
static void choose(struct timeline *t)
{
    const struct page *page = t->chart.page;
    size_t n = page->report->picture->count;
    uint64_t chosen[PAGE_MAX_ROWS];
    size_t count = 0;
    for (int hot = 1; hot >= 0; hot--)
        for (size_t i = 0; i < n; i++) {
            if ((page->conflicts_of[i] > 0) != (hot == 1) || !is_active(t, i))
                continue;
            if (count < PAGE_MAX_ROWS)
                chosen[count++] = i;
            else
                t->left_out++;
        }
    for (size_t p = 0; p < page->party_count; p++)
        for (size_t i = 0; i < count; i++)
            if (page->party_of[chosen[i]] == p)
                t->rows[t->count++] = chosen[i];
}

static bool begins_party(const struct timeline *t, size_t row)
{
    const uint32_t *party_of = t->chart.page->party_of;
    return row == 0 || party_of[t->rows[row]] != party_of[t->rows[row - 1]];
}

static void lay_out(struct timeline *t)
{
    double y = TOP;
    for (size_t i = 0; i < t->count; i++) {
        y += begins_party(t, i) ? HEAD : 0;
        t->y[i] = y;
        y += ROW;
    }
    t->chart.bottom = y + 4;
}

static void words(struct page *page, const char *class, double x, double y, const char *text)
{
    tf_buf_printf(page->out, "<text class=\"%s\"", class);
    page_attr(page, "x", x);
    page_attr(page, "y", y);
    page_text(page, ">");
    text_arg(&page->text, text);
    page_text(page, "</text>");
}

/* The times of an entity; volumes that follow each other without a gap
 * that can be seen make one bar. */
static void draw_bars(struct timeline *t, const struct tf_entity *e, double y)
{
    struct page *page = t->chart.page;
    int64_t start = 0, end = 0;
    bool pending = false;
    for (size_t k = 0; k <= e->volume_count; k++) {
        const struct tf_volume4 *v = k < e->volume_count ? &e->volumes[k] : NULL;
        if (v && !chart_shows(&t->chart, v->start_ns, v->end_ns))
            continue;
        bool meets = v && pending &&
                     chart_x(&t->chart, v->start_ns) <= chart_x(&t->chart, end) + 1 &&
                     v->end_ns >= start;
        if (meets) {
            start = v->start_ns < start ? v->start_ns : start;
            end = v->end_ns > end ? v->end_ns : end;
            continue;
        }
        if (pending) {
            double x = chart_x(&t->chart, start);
            chart_rect(page, "bar", x, y, chart_x(&t->chart, end) - x, ROW - 8);
        }
        pending = v != NULL;
        start = v ? v->start_ns : 0;
        end = v ? v->end_ns : 0;
    }
}

static void draw_row(struct timeline *t, size_t row)
{
    struct page *page = t->chart.page;
    uint64_t index = t->rows[row];
    const struct tf_entity *e = page_entity(page, index);
    double y = t->y[row];
    if (begins_party(t, row)) {
        const char *party = page->parties[page->party_of[index]].name;
        words(
            page, "strong", 8, y - 7,
            labels_cut(party ? party : text_get(&page->text, TF_TEXT("no party named")), 60).text);
    }
    if (row % 2 == 0)
        chart_rect(page, "stripe", 0, y, CHART_WIDTH, ROW);
    words(page, page->conflicts_of[index] ? "strong" : "", 18, y + 16,
          labels_cut(page_name(e), 34).text);
    tf_buf_printf(page->out, "<g class=\"%s%s\">", page_style(page, index).text,
                  page->conflicts_of[index] ? " hot" : "");
    draw_bars(t, e, y + 4);
    page_text(page, "</g>\n");
}

static size_t row_of(const struct timeline *t, uint64_t index)
{
    size_t i = 0;
    while (i < t->count && t->rows[i] != index)
        i++;
    return i;
}

/* Hatches, or their numbers, in the rows of both sides. */
static void draw_clashes(struct timeline *t, bool numbers)
{
    const struct page *page = t->chart.page;
    for (size_t i = 0; i < page_conflict_count(page) && i < PAGE_MAX_HATCHES; i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        const uint64_t sides[2] = {c->a, c->b};
        for (int k = 0; k < 2 && chart_shows(&t->chart, c->first_ns, c->last_ns); k++) {
            size_t row = row_of(t, sides[k]);
            if (row == t->count)
                continue;
            double top = t->y[row] + 4, bottom = t->y[row] + ROW - 4;
            if (numbers)
                chart_number(&t->chart, &t->labels, i, top, bottom);
            else
                chart_hatch(&t->chart, i, top, bottom);
        }
    }
}

static void draw(struct timeline *t)
{
    struct page *page = t->chart.page;
    page->text.in_svg = true;
    chart_open(
        page, "time", t->chart.bottom + FOOT, TF_TEXT("Times by party"),
        TF_TEXT("Each row is an operation, zone or site with the times at which it is active; "
                "conflicts are hatched and numbered."));
    labels_init(&t->labels, CHART_WIDTH, t->chart.bottom);
    for (size_t i = 0; i < t->count; i++)
        draw_row(t, i);
    chart_time_axis(&t->chart);
    draw_clashes(t, false);
    draw_clashes(t, true);
    page_text(page, "</svg>\n");
    page->text.in_svg = false;
}

static void caption(struct page *page, const struct timeline *t)
{
    size_t outside = chart_clashes_outside(&t->chart);
    page_text(page, "<figcaption>");
    page_say(page, TF_TEXT("A red border marks what is in conflict, hatching when."));
    if (t->left_out > 0) {
        page_text(page, " ");
        text_count(&page->text,
                   TF_TEXT_PLURAL("%1 further row is not drawn here.",
                                  "%1 further rows are not drawn here."),
                   t->left_out, NULL, NULL);
    }
    if (outside > 0) {
        page_text(page, " ");
        text_count(&page->text,
                   TF_TEXT_PLURAL("%1 conflict lies outside of the times shown.",
                                  "%1 conflicts lie outside of the times shown."),
                   outside, NULL, NULL);
    }
    page_text(page, "</figcaption>");
}

void section_timeline(struct page *page)
{
    uint64_t rows[PAGE_MAX_ROWS];
    double y[PAGE_MAX_ROWS];
    struct timeline t = {
        .chart = {.page = page, .left = LEFT, .right = RIGHT, .top = TOP}, .rows = rows, .y = y};
    if (!chart_span(page, &t.chart.from_ns, &t.chart.until_ns))
        return;
    choose(&t);
    if (t.count == 0)
        return;
    lay_out(&t);
    section_open(page, "timeline", TF_TEXT("Times by party"));
    page_text(page, "<figure>");
    draw(&t);
    caption(page, &t);
    page_text(page, "</figure>\n");
    section_close(page);
}
