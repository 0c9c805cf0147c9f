/*
 * page.c - what is worked out once for all parts of a report.
 */
#include "report/page.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many parties the rest share the last entry's style and name. */
enum { MAX_PARTIES = 64 };

static bool same_party(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static uint32_t party_index(struct page *page, const char *name)
{
    size_t i = 0;
    while (i < page->party_count && !same_party(page->parties[i].name, name))
        i++;
    if (i == MAX_PARTIES)
        i = MAX_PARTIES - 1;
    if (i == page->party_count)
        page->parties[page->party_count++] = (struct party){.name = name};
    page->parties[i].entities++;
    return (uint32_t)i;
}

static bool conflict_is_sound(const struct page *page, const struct tf_conflict *c)
{
    const struct tf_picture *picture = page->report->picture;
    const struct tf_conflicts *list = page->report->conflicts;
    if (c->a >= picture->count || c->b >= picture->count || c->pair_count == 0 ||
        c->first_pair > list->pair_count || c->pair_count > list->pair_count - c->first_pair)
        return false;
    for (size_t i = 0; i < c->pair_count; i++) {
        const struct tf_conflict_pair *pair = &list->pairs[c->first_pair + i];
        if (pair->volume_a >= picture->entities[c->a].volume_count ||
            pair->volume_b >= picture->entities[c->b].volume_count)
            return false;
    }
    return true;
}

static enum tf_status note_conflicts(struct page *page)
{
    size_t count = page_conflict_count(page);
    page->first = count;
    for (size_t i = 0; i < count; i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        if (!conflict_is_sound(page, c))
            return TF_RANGE;
        page->involved += !page->conflicts_of[c->a];
        page->conflicts_of[c->a]++;
        page->involved += !page->conflicts_of[c->b];
        page->conflicts_of[c->b]++;
        if (page->first == count || c->first_ns < page_conflict(page, page->first)->first_ns)
            page->first = i;
    }
    return TF_OK;
}

enum tf_status page_init(struct page *page, const struct tf_report *report, struct tf_buf *out)
{
    size_t n = report->picture->count;
    *page = (struct page){.report = report,
                          .out = out,
                          .text = {.out = out,
                                   .translate = report->translate,
                                   .translate_plural = report->translate_plural},
                          .rtl = report->lang && strncmp(report->lang, "ar", 2) == 0};
    page->parties = calloc(MAX_PARTIES, sizeof *page->parties);
    page->party_of = calloc(n + 1, sizeof *page->party_of);
    page->conflicts_of = calloc(n + 1, sizeof *page->conflicts_of);
    enum tf_status status = TF_NOMEM;
    if (!page->parties || !page->party_of || !page->conflicts_of)
        goto out;
    for (size_t i = 0; i < n; i++)
        page->party_of[i] = party_index(page, report->picture->entities[i].party);
    status = note_conflicts(page);
out:
    if (status)
        page_release(page);
    return status;
}

void page_release(struct page *page)
{
    free(page->parties);
    free(page->party_of);
    free(page->conflicts_of);
    page->parties = NULL;
    page->party_of = page->conflicts_of = NULL;
}

size_t page_conflict_count(const struct page *page)
{
    return page->report->conflicts ? page->report->conflicts->count : 0;
}

const struct tf_conflict *page_conflict(const struct page *page, size_t index)
{
    return &page->report->conflicts->conflicts[index];
}

const struct tf_conflict_pair *page_pairs(const struct page *page, const struct tf_conflict *c)
{
    return &page->report->conflicts->pairs[c->first_pair];
}

const struct tf_conflict_pair *page_closest(const struct page *page, const struct tf_conflict *c)
{
    const struct tf_conflict_pair *pairs = page_pairs(page, c), *best = pairs;
    for (size_t i = 1; i < c->pair_count; i++) {
        const struct tf_conflict_pair *p = &pairs[i];
        if (p->distance_m < best->distance_m ||
            (p->distance_m <= best->distance_m && p->vertical_gap_m < best->vertical_gap_m))
            best = p;
    }
    return best;
}

const struct tf_entity *page_entity(const struct page *page, uint64_t entity)
{
    return &page->report->picture->entities[entity];
}

const char *page_name(const struct tf_entity *entity)
{
    if (entity->name && *entity->name)
        return entity->name;
    return entity->id ? entity->id : "?";
}

bool page_is_compared(const struct page *page, const struct tf_entity *entity)
{
    if (entity->state == TF_STATE_DRAFT)
        return page->report->with_drafts;
    if (entity->state == TF_STATE_ENDED || entity->state == TF_STATE_WITHDRAWN)
        return false;
    return entity->kind != TF_KIND_ZONE || (entity->restriction != TF_RESTRICTION_NONE &&
                                            entity->restriction != TF_RESTRICTION_INFORMATION);
}

struct word page_party_style(size_t party)
{
    struct word w;
    snprintf(w.text, sizeof w.text, "p%d d%d", (int)(party % PAGE_STYLES),
             (int)((party + party / PAGE_STYLES) % PAGE_DASHES));
    return w;
}

struct word page_style(const struct page *page, uint64_t entity)
{
    return page_party_style(page->party_of[entity]);
}

void page_attr(struct page *page, const char *name, double value)
{
    tf_buf_char(page->out, ' ');
    tf_buf_text(page->out, name);
    tf_buf_text(page->out, "=\"");
    text_fixed(page->out, value, 1);
    tf_buf_char(page->out, '"');
}

double page_badge_width(size_t number)
{
    return 18 + (number > 9 ? 5 : 0) + (number > 99 ? 7 : 0) + (number > 999 ? 7 : 0);
}

void page_badge(struct page *page, size_t number, double x, double y)
{
    double wide = page_badge_width(number);
    page_text(page, "<rect class=\"badge\" height=\"18\" rx=\"9\"");
    page_attr(page, "x", x - wide / 2);
    page_attr(page, "y", y - 9);
    page_attr(page, "width", wide);
    page_text(page, "/><text class=\"badge-n\"");
    page_attr(page, "x", x);
    page_attr(page, "y", y + 4);
    tf_buf_printf(page->out, ">%zu</text>", number);
}

void page_text(struct page *page, const char *markup)
{
    tf_buf_text(page->out, markup);
}

void page_say(struct page *page, const char *english)
{
    text_say(&page->text, english, NULL, NULL, NULL, NULL);
}
