/*
 * options.c - ways out, ranked, with what they cost; or what blocks them.
 */
#include "report/sections.h"

#include <math.h>
#include <stdio.h>

static void change(struct page *page, const struct tf_option *o)
{
    const struct text *text = &page->text;
    int64_t away = o->shift_ns < 0 ? -o->shift_ns : o->shift_ns;
    char direction[32];
    if (o->moves & TF_OPTION_TIME) {
        page_text(page, "<span class=\"who\">");
        text_say(text, o->shift_ns < 0 ? TF_TEXT("%1 earlier") : TF_TEXT("%1 later"),
                 word_duration(text, away).text, NULL, NULL, NULL);
        page_text(page, "</span>");
    }
    if (o->moves & TF_OPTION_LEVEL) {
        page_text(page, "<span class=\"who\">");
        text_say(text, o->level_m < 0 ? TF_TEXT("%1 lower") : TF_TEXT("%1 higher"),
                 word_height(text, fabs(o->level_m)).text, NULL, NULL, NULL);
        page_text(page, "</span>");
    }
    if (o->moves & TF_OPTION_LATERAL) {
        double azimuth = fmod(o->offset_azimuth_deg + 360, 360);
        snprintf(direction, sizeof direction, "%03d\xC2\xB0", (int)lround(azimuth) % 360);
        page_text(page, "<span class=\"who\">");
        text_say(text, TF_TEXT("%1 to the side, towards %2"), word_distance(text, o->offset_m).text,
                 direction, NULL, NULL);
        page_text(page, "</span>");
    }
}

static void cell(struct page *page, const char *value)
{
    page_text(page, "<td class=\"num\">");
    text_arg(&page->text, value);
    page_text(page, "</td>");
}

/* A signed duration or height; a dash for none. */
static struct word signed_word(struct word w, bool negative, bool none)
{
    struct word out;
    snprintf(out.text, sizeof out.text, "%s%.80s",
             none       ? "\xE2\x80\x93"
             : negative ? "\xE2\x88\x92"
                        : "+",
             none ? "" : w.text);
    return out;
}

static void row(struct page *page, const struct tf_option *o, size_t rank)
{
    const struct text *text = &page->text;
    int64_t away = o->shift_ns < 0 ? -o->shift_ns : o->shift_ns;
    tf_buf_printf(page->out, "<tr><th scope=\"row\">%zu</th><td>", rank);
    change(page, o);
    page_text(page, "</td>");
    cell(page, signed_word(word_duration(text, away), o->shift_ns < 0, away == 0).text);
    cell(page,
         signed_word(word_height(text, fabs(o->level_m)), o->level_m < 0, fabs(o->level_m) < 0.5)
             .text);
    cell(page, signed_word(word_distance(text, o->extra_distance_m), false,
                           fabs(o->extra_distance_m) < 0.5)
                   .text);
    cell(page, word_fixed(o->cost, 0).text);
    page_text(page, "</tr>\n");
}

static void table(struct page *page, const struct tf_options *found)
{
    page_text(page, "<div class=\"scroll\"><table><thead><tr>");
    section_column(page, TF_TEXT("Rank"));
    section_column(page, TF_TEXT("Change"));
    section_column(page, TF_TEXT("Delay"));
    section_column(page, TF_TEXT("Height"));
    section_column(page, TF_TEXT("Extra distance"));
    section_column(page, TF_TEXT("Cost"));
    page_text(page, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < found->count; i++)
        row(page, &found->options[i], i + 1);
    page_text(page, "</tbody></table></div>\n");
}

/* Why there is no option of one kind of move alone. */
static void blocked(struct page *page, const char *move, enum tf_blocked_by by)
{
    static const char *const reasons[] = {
        [TF_BLOCKED_NOT] = NULL,
        [TF_BLOCKED_TIME] = TF_TEXT("blocked by the earliest or the latest start"),
        [TF_BLOCKED_LEVEL] = TF_TEXT("blocked by the floor, the ceiling or the largest change of "
                                     "level"),
        [TF_BLOCKED_OFFSET] = TF_TEXT("blocked by the largest offset to the side"),
        [TF_BLOCKED_DISTANCE] = TF_TEXT("blocked by the largest extra distance"),
        [TF_BLOCKED_FIXED] = TF_TEXT("not possible for this operation")};
    if ((size_t)by >= sizeof reasons / sizeof *reasons || !reasons[by])
        return;
    page_text(page, "<li>");
    page_say(page, move);
    page_text(page, " ");
    page_say(page, reasons[by]);
    page_text(page, "</li>");
}

static void one(struct page *page, const struct tf_report_options *item)
{
    const struct tf_options *found = &item->found;
    page_text(page, "<h3>");
    text_arg(&page->text, page_name(page_entity(page, item->entity)));
    page_text(page, "</h3><p class=\"muted\">");
    text_count(&page->text,
               TF_TEXT_PLURAL("In conflict with %1 other.", "In conflict with %1 others."),
               found->conflict_count, NULL, NULL);
    page_text(page, "</p>\n");
    if (found->count > 0) {
        table(page, found);
    } else if (found->conflict_count > 0) {
        page_text(page, "<p><strong>");
        page_say(page, TF_TEXT("None within the limits."));
        page_text(page, "</strong></p>\n");
    }
    page_text(page, "<ul class=\"notes\">");
    blocked(page, TF_TEXT("Another time alone:"), found->blocked_time);
    blocked(page, TF_TEXT("Another level alone:"), found->blocked_level);
    blocked(page, TF_TEXT("Going round alone:"), found->blocked_lateral);
    page_text(page, "</ul>\n");
}

void section_options(struct page *page)
{
    size_t count = page->report->option_count;
    size_t shown = count < PAGE_MAX_OPTIONS ? count : PAGE_MAX_OPTIONS;
    if (count == 0)
        return;
    section_open(page, "options", TF_TEXT("Options"));
    page_text(page, "<p>");
    page_say(page, TF_TEXT("Each option was checked against everything that was compared and found "
                           "free of conflict. The cheapest comes first."));
    page_text(page, "</p>\n");
    for (size_t i = 0; i < shown; i++)
        one(page, &page->report->options[i]);
    section_more(page, count - shown);
    section_close(page);
}
