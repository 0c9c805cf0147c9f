/*
 * sections.h - the parts of a page, in the order in which they stand.
 *
 * Each writes one <section> (or nothing, where it has nothing to say) and leaves failures in
 * the page's buffer, unless it says otherwise.
 */
#ifndef TF_REPORT_SECTIONS_H
#define TF_REPORT_SECTIONS_H

#include "report/page.h"

void section_summary(struct page *page);                      /* summary.c */
TF_MUST_CHECK enum tf_status section_maps(struct page *page); /* figures.c; TF_NOMEM */
void section_conflicts(struct page *page);                    /* conflicts.c */
void section_profile(struct page *page);                      /* profile.c */
void section_timeline(struct page *page);                     /* timeline.c */
void section_options(struct page *page);                      /* options.c */
void section_entities(struct page *page);                     /* entities.c */
void section_notes(struct page *page);                        /* entities.c */

/* Helpers: an opening <section> with its heading; a cell of a table's head; the name of an
 * entity with its id, kind and party as one block. */
void section_open(struct page *page, const char *id, const char *heading);
void section_close(struct page *page);
void section_column(struct page *page, const char *heading);
void section_entity(struct page *page, uint64_t entity);
/* "from ..." and "until ...", each on a line of its own. */
void section_times(struct page *page, int64_t start_ns, int64_t end_ns);
/* A list that was cut: "%1 more are not listed here." Nothing if more is 0. */
void section_more(struct page *page, size_t more);

#endif
