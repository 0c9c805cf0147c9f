/*
 * summary.c - the answer first: how many conflicts, between whom, from when; what was
 * compared, and under which separation.
 */
#include "report/sections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void term(struct page *page, const char *name)
{
    page_text(page, "<dt>");
    page_say(page, name);
    page_text(page, "</dt><dd>");
}

static void count_row(struct page *page, const char *name, size_t n)
{
    term(page, name);
    text_figure(&page->text, word_count(n).text);
    page_text(page, "</dd>\n");
}

/* --- between whom ---------------------------------------------------------------------- */

enum { MAX_SIDES = 64, MAX_LISTED = 12 };

struct between {
    size_t a, b, count; /* parties, a <= b */
};

/* Adds to the counts; what goes beyond MAX_LISTED pairs of parties is summed up. */
static void add_between(struct between *list, size_t *n, size_t *beyond, size_t a, size_t b)
{
    size_t low = a < b ? a : b, high = a < b ? b : a;
    for (size_t i = 0; i < *n; i++)
        if (list[i].a == low && list[i].b == high) {
            list[i].count++;
            return;
        }
    if (*n < MAX_LISTED)
        list[(*n)++] = (struct between){low, high, 1};
    else
        ++*beyond;
}

static const char *party_name(const struct page *page, size_t party)
{
    const char *name = page->parties[party].name;
    return name ? name : text_get(&page->text, TF_TEXT("no party named"));
}

static void between_whom(struct page *page)
{
    struct between list[MAX_LISTED];
    size_t n = 0, beyond = 0;
    for (size_t i = 0; i < page_conflict_count(page); i++) {
        const struct tf_conflict *c = page_conflict(page, i);
        add_between(list, &n, &beyond, page->party_of[c->a], page->party_of[c->b]);
    }
    page_text(page, "<ul>");
    for (size_t i = 0; i < n; i++) {
        page_text(page, "<li>");
        if (list[i].a == list[i].b)
            text_count(&page->text,
                       TF_TEXT_PLURAL("%1 conflict within %2", "%1 conflicts within %2"),
                       list[i].count, party_name(page, list[i].a), NULL);
        else
            text_count(
                &page->text,
                TF_TEXT_PLURAL("%1 conflict between %2 and %3", "%1 conflicts between %2 and %3"),
                list[i].count, party_name(page, list[i].a), party_name(page, list[i].b));
        page_text(page, "</li>");
    }
    if (beyond > 0) {
        page_text(page, "<li>");
        text_count(&page->text,
                   TF_TEXT_PLURAL("%1 conflict between other parties",
                                  "%1 conflicts between other parties"),
                   beyond, NULL, NULL);
        page_text(page, "</li>");
    }
    page_text(page, "</ul>\n");
}

static void verdict(struct page *page)
{
    size_t count = page_conflict_count(page);
    if (count == 0) {
        page_text(page, "<div class=\"verdict\"><p><strong>");
        page_say(page, TF_TEXT("No conflicts found"));
        page_text(page, "</strong></p><p>");
        page_say(page, TF_TEXT("Among what was compared, no two come closer to each other than the "
                               "separation demands while both are active."));
        page_text(page, "</p></div>\n");
        return;
    }
    const struct tf_conflict *first = page_conflict(page, page->first);
    page_text(page, "<div class=\"verdict bad\"><p><strong>");
    text_count(&page->text, TF_TEXT_PLURAL("%1 conflict found", "%1 conflicts found"), count, NULL,
               NULL);
    page_text(page, "</strong></p><p>");
    text_say(&page->text, TF_TEXT("The first begins at %1: number %2, %3 and %4."),
             word_time(&page->text, first->first_ns).text, word_count(page->first + 1).text,
             page_name(page_entity(page, first->a)), page_name(page_entity(page, first->b)));
    page_text(page, "</p>");
    between_whom(page);
    page_text(page, "</div>\n");
}

/* --- what was compared -------------------------------------------------------------------- */

static void compared(struct page *page)
{
    const struct tf_picture *picture = page->report->picture;
    size_t operations = 0, zones = 0, sites = 0, volumes = 0, left_out = 0;
    for (size_t i = 0; i < picture->count; i++) {
        const struct tf_entity *e = &picture->entities[i];
        if (!page_is_compared(page, e)) {
            left_out++;
            continue;
        }
        volumes += e->volume_count;
        zones += e->kind == TF_KIND_ZONE;
        sites += e->kind == TF_KIND_SITE;
        operations += e->kind != TF_KIND_ZONE && e->kind != TF_KIND_SITE;
    }
    count_row(page, TF_TEXT("Operations compared"), operations);
    count_row(page, TF_TEXT("Zones compared"), zones);
    count_row(page, TF_TEXT("Protected sites compared"), sites);
    count_row(page, TF_TEXT("Volumes compared"), volumes);
    if (left_out > 0)
        count_row(page, TF_TEXT("Not compared (drafts, ended, withdrawn, for information only)"),
                  left_out);
    if (page->report->from_ns != 0 || page->report->until_ns != 0) {
        term(page, TF_TEXT("Times compared"));
        text_say(&page->text, TF_TEXT("from %1 until %2"),
                 word_time(&page->text, page->report->from_ns).text,
                 word_time(&page->text, page->report->until_ns).text, NULL, NULL);
        page_text(page, "</dd>\n");
    }
}

/* --- separation ----------------------------------------------------------------------------- */

static bool same_minima(const struct tf_separation *a, const struct tf_separation *b)
{
    return a->horizontal_m >= b->horizontal_m && a->horizontal_m <= b->horizontal_m &&
           a->vertical_m >= b->vertical_m && a->vertical_m <= b->vertical_m &&
           a->time_ns == b->time_ns;
}

/* A pair of kinds that occurs in the picture, and is compared. */
struct kinds {
    enum tf_kind a, b;
    bool said;
};

static size_t kinds_present(const struct page *page, struct kinds *out)
{
    bool present[TF_KIND_COUNT] = {false};
    size_t n = 0;
    for (size_t i = 0; i < page->report->picture->count; i++)
        if ((size_t)page_entity(page, i)->kind < TF_KIND_COUNT)
            present[page_entity(page, i)->kind] = true;
    for (int a = 0; a < TF_KIND_COUNT; a++)
        for (int b = a; b < TF_KIND_COUNT; b++)
            if (present[a] && present[b] && page->report->separation->compared[a][b])
                out[n++] = (struct kinds){(enum tf_kind)a, (enum tf_kind)b, false};
    return n;
}

static void minima_row(struct page *page, const struct tf_separation *minima, struct kinds *kinds,
                       size_t n)
{
    page_text(page, "<tr><td>");
    text_arg(&page->text, word_distance(&page->text, minima->horizontal_m).text);
    page_text(page, "</td><td>");
    text_arg(&page->text, word_height(&page->text, minima->vertical_m).text);
    page_text(page, "</td><td>");
    text_arg(&page->text, word_duration(&page->text, minima->time_ns).text);
    page_text(page, "</td><td>");
    size_t same = 0;
    for (size_t i = 0; i < n; i++)
        same += same_minima(minima, &page->report->separation->pair[kinds[i].a][kinds[i].b]);
    if (same == n)
        page_say(page, TF_TEXT("everything that was compared"));
    for (size_t i = 0, said = 0; i < n; i++) {
        if (same == n)
            kinds[i].said = true;
        if (kinds[i].said ||
            !same_minima(minima, &page->report->separation->pair[kinds[i].a][kinds[i].b]))
            continue;
        page_text(page, said++ ? "; " : "");
        text_arg(&page->text, word_kind(&page->text, kinds[i].a).text);
        page_text(page, " \xE2\x80\x93 ");
        text_arg(&page->text, word_kind(&page->text, kinds[i].b).text);
        kinds[i].said = true;
    }
    page_text(page, "</td></tr>\n");
}

static void separation(struct page *page)
{
    struct kinds kinds[TF_KIND_COUNT * (TF_KIND_COUNT + 1) / 2];
    if (!page->report->separation)
        return;
    size_t n = kinds_present(page, kinds);
    if (n == 0)
        return;
    page_text(page, "<div class=\"scroll\"><table><caption>");
    page_say(page, TF_TEXT("Separation demanded: closer than both distances within the time is a "
                           "conflict, and so is any overlap."));
    page_text(page, "</caption><thead><tr>");
    section_column(page, TF_TEXT("Horizontal"));
    section_column(page, TF_TEXT("Vertical"));
    section_column(page, TF_TEXT("Time"));
    section_column(page, TF_TEXT("Between"));
    page_text(page, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++)
        if (!kinds[i].said)
            minima_row(page, &page->report->separation->pair[kinds[i].a][kinds[i].b], kinds, n);
    page_text(page, "</tbody></table></div>\n");
}

void section_summary(struct page *page)
{
    section_open(page, "summary", TF_TEXT("Summary"));
    verdict(page);
    page_text(page, "<dl>\n");
    compared(page);
    page_text(page, "</dl>\n");
    separation(page);
    section_close(page);
}
