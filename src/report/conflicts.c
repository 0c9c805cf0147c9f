/*
 * conflicts.c - the list of conflicts: who, when, where, how close, and why.
 */
#include "report/sections.h"

#include "format/grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void when(struct page *page, const struct tf_conflict *c)
{
    bool open = c->first_ns == TF_TIME_MIN || c->last_ns == TF_TIME_MAX;
    section_times(page, c->first_ns, c->last_ns);
    if (open)
        return;
    page_text(page, "<span class=\"muted\">");
    text_arg(&page->text, word_duration(&page->text, c->last_ns - c->first_ns).text);
    page_text(page, "</span>");
}

static void place_line(struct page *page, const char *value)
{
    page_text(page, "<span class=\"place\">");
    text_figure(&page->text, value);
    page_text(page, "</span>");
}

/* The place, in the three spellings that people exchange. */
static void where(struct page *page, const struct tf_conflict_pair *pair)
{
    struct tf_latlng at = tf_geodesic_interpolate(pair->place_a, pair->place_b, 0.5);
    char mgrs[TF_MGRS_SIZE], grouped[TF_MGRS_SIZE + 4];
    place_line(page, word_decimal(at).text);
    place_line(page, word_dms(at).text);
    tf_mgrs_format(at, 5, mgrs);
    int zone = (int)strlen(mgrs) - 12; /* two letters and ten digits follow */
    if (zone < 1)
        return;
    snprintf(grouped, sizeof grouped, "%.*s %.2s %.5s %.5s", zone, mgrs, mgrs + zone,
             mgrs + zone + 2, mgrs + zone + 7);
    place_line(page, grouped);
}

static void horizontally(struct page *page, const struct tf_conflict *c,
                         const struct tf_conflict_pair *pair)
{
    struct word least = word_distance(&page->text, pair->minima.horizontal_m);
    if (c->distance_m > 0)
        text_say(&page->text, TF_TEXT("horizontally %1 apart; at least %2 is required"),
                 word_distance(&page->text, c->distance_m).text, least.text, NULL, NULL);
    else
        text_say(&page->text, TF_TEXT("horizontally overlapping; at least %1 is required"),
                 least.text, NULL, NULL, NULL);
}

static void vertically(struct page *page, const struct tf_conflict *c,
                       const struct tf_conflict_pair *pair)
{
    struct word least = word_height(&page->text, pair->minima.vertical_m);
    struct word gap = word_height(&page->text, fabs(c->vertical_gap_m));
    if (c->vertical_gap_m > 0)
        text_say(&page->text, TF_TEXT("vertically %1 apart; at least %2 is required"), gap.text,
                 least.text, NULL, NULL);
    else if (isfinite(c->vertical_gap_m))
        text_say(&page->text, TF_TEXT("vertically overlapping by %1; at least %2 is required"),
                 gap.text, least.text, NULL, NULL);
    else
        text_say(&page->text,
                 TF_TEXT("vertically overlapping without limit; at least %1 is "
                         "required"),
                 least.text, NULL, NULL, NULL);
}

static void how_close(struct page *page, const struct tf_conflict *c,
                      const struct tf_conflict_pair *pair)
{
    page_text(page, "<span class=\"who\">");
    horizontally(page, c, pair);
    page_text(page, "</span><span class=\"who\">");
    vertically(page, c, pair);
    page_text(page, "</span>");
    if (pair->minima.time_ns > 0) {
        page_text(page, "<span class=\"who\">");
        text_say(&page->text, TF_TEXT("times are taken %1 apart"),
                 word_duration(&page->text, pair->minima.time_ns).text, NULL, NULL, NULL);
        page_text(page, "</span>");
    }
}

/* The flags of enum tf_decided in words. */
static void why(struct page *page, unsigned decided)
{
    static const struct {
        unsigned flag;
        const char *words;
    } reasons[] = {
        {TF_DECIDED_HORIZONTAL,
         TF_TEXT("The outlines do not overlap: the horizontal minimum makes it a conflict.")},
        {TF_DECIDED_VERTICAL,
         TF_TEXT("The altitudes do not overlap: the vertical minimum makes it a conflict.")},
        {TF_DECIDED_TIME,
         TF_TEXT("The times do not overlap: the minimum in time makes it a conflict.")},
        {TF_DECIDED_ALTITUDE_UNCERTAIN, TF_TEXT("Altitude comparison uncertain: the limits have "
                                                "different references.")},
        {TF_DECIDED_OUTLINE_UNCERTAIN,
         TF_TEXT("Within the stated error of an outline: it may just be clear.")}};
    unsigned margins = TF_DECIDED_HORIZONTAL | TF_DECIDED_VERTICAL | TF_DECIDED_TIME;
    if (!(decided & margins)) {
        page_text(page, "<span class=\"who\">");
        page_say(page, TF_TEXT("They overlap plainly in space and time."));
        page_text(page, "</span>");
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!(decided & reasons[i].flag))
            continue;
        bool flag = reasons[i].flag == TF_DECIDED_ALTITUDE_UNCERTAIN;
        page_text(page, flag ? "<span class=\"who flag\">" : "<span class=\"who\">");
        page_say(page, reasons[i].words);
        page_text(page, "</span>");
    }
}

static void row(struct page *page, size_t i)
{
    const struct tf_conflict *c = page_conflict(page, i);
    const struct tf_conflict_pair *pair = page_closest(page, c);
    tf_buf_printf(
        page->out,
        "<tr id=\"c%zu\"><th scope=\"row\"><a class=\"no\" href=\"#mapm%zu\">%zu</a></th><td>",
        i + 1, i + 1, i + 1);
    section_entity(page, c->a);
    section_entity(page, c->b);
    if (c->pair_count > 1) {
        page_text(page, "<span class=\"who muted\">");
        text_count(&page->text, TF_TEXT_PLURAL("%1 pair of volumes", "%1 pairs of volumes"),
                   c->pair_count, NULL, NULL);
        page_text(page, "</span>");
    }
    page_text(page, "</td><td>");
    when(page, c);
    page_text(page, "</td><td>");
    where(page, pair);
    page_text(page, "</td><td>");
    how_close(page, c, pair);
    page_text(page, "</td><td>");
    why(page, c->decided);
    page_text(page, "</td></tr>\n");
}

void section_conflicts(struct page *page)
{
    size_t count = page_conflict_count(page);
    size_t shown = count < PAGE_MAX_CONFLICTS ? count : PAGE_MAX_CONFLICTS;
    if (count == 0)
        return;
    section_open(page, "conflicts", TF_TEXT("Conflicts"));
    page_text(page, "<div class=\"scroll\"><table><caption>");
    page_say(page, TF_TEXT("Times are UTC. The place is where the two come closest. Numbers are "
                           "the same on the maps and in the diagrams."));
    page_text(page, "</caption><thead><tr>");
    section_column(page, TF_TEXT("No."));
    section_column(page, TF_TEXT("Who"));
    section_column(page, TF_TEXT("When"));
    section_column(page, TF_TEXT("Where"));
    section_column(page, TF_TEXT("How close"));
    section_column(page, TF_TEXT("What decided"));
    page_text(page, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        row(page, i);
    page_text(page, "</tbody></table></div>\n");
    section_more(page, count - shown);
    section_close(page);
}
