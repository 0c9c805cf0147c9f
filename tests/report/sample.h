/*
 * sample.h - pictures with conflicts for the tests of reports, and for looking at them.
 *
 * Conflicts are found here by trying every pair of volumes, so that a report can be
 * tested without the search.
 */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include "report/report.h"

struct sample {
    struct tf_picture picture;
    struct tf_conflicts conflicts;
    struct tf_notes notes;
    struct tf_separation_table separation;
    struct tf_report_options options[4];
    size_t option_count;
    struct tf_report report; /* of the above, in English */
};

/* Two parties, a convoy, sites and a zone 3000 km wide about Sicily and Malta. */
void sample_two_parties(struct sample *out);
/* Two circles that overlap, with these names and the first one's party (may be NULL). */
void sample_two_circles(struct sample *out, struct tf_latlng at, const char *name_a,
                        const char *name_b, const char *party);
/* `count` circles in rows, some of them in conflict. */
void sample_many(struct sample *out, size_t count, bool in_conflict);
void sample_empty(struct sample *out);
void sample_release(struct sample *sample);

/* A few translations into Arabic, enough to see a page in that direction. */
const char *sample_arabic(const char *english);

#endif
