/*
 * chart.h - the time axis that the profile and the timeline share.
 *
 * Time runs from left to right in every language, as on the displays that people work
 * with.
 */
#ifndef TF_REPORT_CHART_H
#define TF_REPORT_CHART_H

#include "report/labels.h"
#include "report/page.h"

enum { CHART_WIDTH = 1000 };

struct chart {
    struct page *page;
    int64_t from_ns, until_ns; /* what the axis shows; from < until */
    double left, right;        /* pixels */
    double top, bottom;
};

/* The times that matter: the conflicts' (without those far longer than the others), or
 * else the operations'. False if nothing has a time. */
bool chart_span(const struct page *page, int64_t *from_ns, int64_t *until_ns);
/* Held at the axis' ends. */
double chart_x(const struct chart *chart, int64_t t_ns);
bool chart_shows(const struct chart *chart, int64_t start_ns, int64_t end_ns);
/* An <svg> with title and description (English, translated here), to be closed by </svg>. */
void chart_open(struct page *page, const char *id, double height, const char *title,
                const char *description);
/* Vertical lines with their times, and the axis at the bottom. */
void chart_time_axis(const struct chart *chart);
/* A hatched span of a conflict, and its number at the span's middle or close to it. All
 * spans of a drawing come before all numbers. */
void chart_hatch(const struct chart *chart, size_t conflict, double top, double bottom);
void chart_number(const struct chart *chart, struct labels *labels, size_t conflict, double top,
                  double bottom);
/* <rect class x y width height/>. */
void chart_rect(struct page *page, const char *class, double x, double y, double w, double h);
/* Conflicts of which nothing lies within the axis. */
size_t chart_clashes_outside(const struct chart *chart);

#endif
