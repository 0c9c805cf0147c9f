/*
 * report.h - a picture with its conflicts and options as one self-contained
 * HTML page, or as an SVG map.
 *
 * Both functions append to `out`, whose maximum bounds the page (TF_LIMIT beyond; a
 * page of the largest picture stays below TF_REPORT_MAX_BYTES: what is too much to
 * be drawn or listed one by one is counted, and the page says so). TF_RANGE: a conflict
 * names an entity, volume or pair that is not there. TF_NOMEM.
 *
 * No external resource of any kind (fonts, scripts, tiles): the file can be
 * mailed, printed and read offline. The page has a map with coastlines for
 * orientation, an altitude x time profile, the list of conflicts and the options.
 */
#ifndef TF_REPORT_REPORT_H
#define TF_REPORT_REPORT_H

#include "base/buf.h"
#include "format/format.h"
#include <tafadi/tafadi.h>

#define TF_REPORT_MAX_BYTES ((size_t)20 << 20)

/* The options found for one entity of the picture. */
struct tf_report_options {
    uint64_t entity;
    struct tf_options found;
};

/* All pointers are borrowed for the call. */
struct tf_report {
    const struct tf_picture *picture;
    const struct tf_conflicts *conflicts; /* a, b are indices of picture->entities */
    const struct tf_report_options *options;
    size_t option_count;
    const struct tf_notes *notes; /* may be NULL */
    /* What was searched, stated on the page: the separation (NULL: not stated), the
     * window (both 0: all times), and whether drafts were compared. */
    const struct tf_separation_table *separation;
    int64_t from_ns, until_ns;
    bool with_drafts;
    const char *title;  /* may be NULL */
    int64_t made_at_ns; /* shown as the time of the report */
    const char *lang;   /* "en", "ar", "ru": direction and html lang */
    /* Translates an English message (gettext); NULL: English. */
    const char *(*translate)(const char *english);
    /* Plural forms, as ngettext; NULL: English. */
    const char *(*translate_plural)(const char *one, const char *many, unsigned long n);
};

TF_MUST_CHECK enum tf_status tf_report_html(const struct tf_report *report, struct tf_buf *out);
/* The map alone, as a standalone SVG document. */
TF_MUST_CHECK enum tf_status tf_report_svg(const struct tf_report *report, struct tf_buf *out);

#endif
