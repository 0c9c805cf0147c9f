/*
 * page.h - what all parts of a report share: the parties and their styles, who is in
 * conflict with whom, and limits.
 *
 * Every number on a page is a conflict's place in the list, from 1: in the table, on the
 * maps, in the profile and in the timeline.
 */
#ifndef TF_REPORT_PAGE_H
#define TF_REPORT_PAGE_H

#include "report/report.h"
#include "report/text.h"

/* Bounds of what is drawn or listed one by one. What is beyond is counted, and said. */
enum {
    PAGE_MAX_VOLUMES = 3000,        /* drawn on a map */
    PAGE_MAX_CONFLICTS = 1000,      /* rows */
    PAGE_MAX_HATCHES = 300,         /* hatched conflict areas on a map, and spans in charts */
    PAGE_MAX_MARKS = 400,           /* numbered places on a map */
    PAGE_MAX_LABELS = 150,          /* names on a map */
    PAGE_MAX_DETAILS = 6,           /* maps of single places */
    PAGE_MAX_ROWS = 80,             /* of the timeline */
    PAGE_MAX_PROFILE_VOLUMES = 400, /* of the profile */
    PAGE_MAX_OPTIONS = 200,         /* operations with options */
    PAGE_MAX_NOTES = 500,
    PAGE_MAX_ENTITIES = 500, /* in the list of what was compared */
    PAGE_STYLES = 8,         /* colours; dashes change after each round */
    PAGE_DASHES = 4
};
/* Bytes after which a map draws no more volumes one by one. */
#define PAGE_MAP_BUDGET ((size_t)2 << 20)
/* Length of a page beyond which no further map of a single place is added. */
#define PAGE_DETAIL_LIMIT ((size_t)8 << 20)

struct party {
    const char *name; /* borrowed; NULL: those who name none */
    size_t entities;
};

struct page {
    const struct tf_report *report;
    struct tf_buf *out;
    struct text text;
    bool rtl;
    struct party *parties; /* in order of first appearance */
    size_t party_count;
    uint32_t *party_of;     /* per entity: index of its party */
    uint32_t *conflicts_of; /* per entity: how many conflicts */
    size_t involved;        /* entities in a conflict */
    size_t first;           /* the conflict that begins first; count if there is none */
};

/* Borrows report and out. Refuses conflicts that name no entity, volume or pair (TF_RANGE). */
TF_MUST_CHECK enum tf_status page_init(struct page *page, const struct tf_report *report,
                                       struct tf_buf *out);
void page_release(struct page *page);

size_t page_conflict_count(const struct page *page);
const struct tf_conflict *page_conflict(const struct page *page, size_t index);
const struct tf_conflict_pair *page_pairs(const struct page *page, const struct tf_conflict *c);
/* Of a conflict's pairs, the one that is closest: by distance, then by gap. */
const struct tf_conflict_pair *page_closest(const struct page *page, const struct tf_conflict *c);
const struct tf_entity *page_entity(const struct page *page, uint64_t entity);
/* Its name, or its id. */
const char *page_name(const struct tf_entity *entity);
/* Whether the search looked at it (tf_index_build_picture). */
bool page_is_compared(const struct page *page, const struct tf_entity *entity);
/* The colour and dash classes of an entity's party, such as "p3 d1". */
struct word page_style(const struct page *page, uint64_t entity);
struct word page_party_style(size_t party);

/* SVG helpers: an attribute x="12.3", with a leading space. */
void page_attr(struct page *page, const char *name, double value);
/* A number in a red plate. */
void page_badge(struct page *page, size_t number, double x, double y);
double page_badge_width(size_t number);
void page_text(struct page *page, const char *markup); /* as it is */
void page_say(struct page *page, const char *english); /* translated, escaped */

#endif
