/*
 * entities.c - what was compared, and remarks on the input; helpers of all sections.
 */
#include "report/sections.h"

#include <stdio.h>

void section_open(struct page *page, const char *id, const char *heading)
{
    tf_buf_printf(page->out, "<section id=\"%s\" aria-labelledby=\"%s-h\"><h2 id=\"%s-h\">", id, id,
                  id);
    page_say(page, heading);
    page_text(page, "</h2>\n");
}

void section_close(struct page *page)
{
    page_text(page, "</section>\n");
}

void section_column(struct page *page, const char *heading)
{
    page_text(page, "<th scope=\"col\">");
    page_say(page, heading);
    page_text(page, "</th>");
}

void section_more(struct page *page, size_t more)
{
    if (more == 0)
        return;
    page_text(page, "<p class=\"flag\">");
    text_count(&page->text,
               TF_TEXT_PLURAL("%1 more is not listed here.", "%1 more are not listed here."), more,
               NULL, NULL);
    page_text(page, "</p>\n");
}

void section_times(struct page *page, int64_t start_ns, int64_t end_ns)
{
    page_text(page, "<span class=\"place\">");
    text_say(&page->text, TF_TEXT("from %1"), word_time(&page->text, start_ns).text, NULL, NULL,
             NULL);
    page_text(page, "</span> <span class=\"place\">");
    text_say(&page->text, TF_TEXT("until %1"), word_time(&page->text, end_ns).text, NULL, NULL,
             NULL);
    page_text(page, "</span>");
}

void section_entity(struct page *page, uint64_t index)
{
    const struct tf_entity *e = page_entity(page, index);
    page_text(page, "<span class=\"who\"><strong>");
    text_arg(&page->text, page_name(e));
    page_text(page, "</strong> ");
    if (e->name && e->id) {
        page_text(page, "<span class=\"tag\">");
        text_arg(&page->text, e->id);
        page_text(page, "</span> ");
    }
    text_arg(&page->text, word_kind(&page->text, e->kind).text);
    if (e->party) {
        page_text(page, " \xC2\xB7 ");
        text_arg(&page->text, e->party);
    }
    page_text(page, "</span>");
}

static void cell(struct page *page, const char *value)
{
    page_text(page, "<td>");
    text_arg(&page->text, value);
    page_text(page, "</td>");
}

static void volume_cells(struct page *page, const struct tf_entity *e)
{
    if (e->volume_count == 0) {
        page_text(page, "<td></td><td></td>");
        return;
    }
    const struct tf_volume4 *v = &e->volumes[0];
    int64_t start = v->start_ns, end = v->end_ns;
    for (size_t i = 1; i < e->volume_count; i++) {
        start = e->volumes[i].start_ns < start ? e->volumes[i].start_ns : start;
        end = e->volumes[i].end_ns > end ? e->volumes[i].end_ns : end;
    }
    page_text(page, "<td>");
    text_say(&page->text, TF_TEXT("%1 to %2"), word_altitude(&page->text, v->alt.lower).text,
             word_altitude(&page->text, v->alt.upper).text, NULL, NULL);
    if (e->volume_count > 1) {
        page_text(page, " <span class=\"muted\">");
        text_count(&page->text, TF_TEXT_PLURAL("(first of %1 volume)", "(first of %1 volumes)"),
                   e->volume_count, NULL, NULL);
        page_text(page, "</span>");
    }
    page_text(page, "</td><td>");
    section_times(page, start, end);
    page_text(page, "</td>");
}

static void entity_row(struct page *page, size_t i)
{
    const struct tf_entity *e = page_entity(page, i);
    page_text(page, "<tr><th scope=\"row\">");
    text_arg(&page->text, page_name(e));
    page_text(page, "</th>");
    cell(page, word_kind(&page->text, e->kind).text);
    cell(page, e->party ? e->party : "");
    cell(page, e->kind == TF_KIND_ZONE ? word_restriction(&page->text, e->restriction).text
                                       : word_state(&page->text, e->state).text);
    volume_cells(page, e);
    page_text(page, "<td class=\"num\">");
    text_figure(&page->text, word_count(page->conflicts_of[i]).text);
    page_text(page, "</td>");
    cell(page, e->source ? e->source : "");
    page_text(page, "</tr>\n");
}

void section_entities(struct page *page)
{
    size_t count = page->report->picture->count, listed = 0;
    if (count == 0)
        return;
    section_open(page, "picture", TF_TEXT("Everything in the picture"));
    page_text(page, "<div class=\"scroll\"><table><thead><tr>");
    section_column(page, TF_TEXT("Name"));
    section_column(page, TF_TEXT("Kind"));
    section_column(page, TF_TEXT("Party"));
    section_column(page, TF_TEXT("State"));
    section_column(page, TF_TEXT("Altitude"));
    section_column(page, TF_TEXT("Time (UTC)"));
    section_column(page, TF_TEXT("Conflicts"));
    section_column(page, TF_TEXT("Source"));
    page_text(page, "</tr></thead><tbody>\n");
    for (int hot = 1; hot >= 0; hot--)
        for (size_t i = 0; i < count && listed < PAGE_MAX_ENTITIES; i++)
            if ((page->conflicts_of[i] > 0) == (hot == 1)) {
                entity_row(page, i);
                listed++;
            }
    page_text(page, "</tbody></table></div>\n");
    section_more(page, count - listed);
    section_close(page);
}

/* --- remarks on the input ------------------------------------------------------------------- */

static void note(struct page *page, const struct tf_note *n)
{
    static const char *const severities[] = {TF_TEXT("Remark"), TF_TEXT("Warning"),
                                             TF_TEXT("Error")};
    const char *args[4] = {n->fault.arg[0], n->fault.arg[1], n->fault.arg[2], NULL};
    const char *message = n->fault.message ? n->fault.message : tf_status_text(n->fault.code);
    page_text(page, n->severity == TF_NOTE_ERROR ? "<li><strong class=\"flag\">" : "<li><strong>");
    page_say(page, severities[n->severity]);
    page_text(page, "</strong> ");
    if (n->file)
        text_arg(&page->text, n->file);
    if (n->line > 0) {
        page_text(page, ", ");
        text_say(&page->text, TF_TEXT("line %1"), word_count(n->line).text, NULL, NULL, NULL);
    }
    page_text(page, ": ");
    text_fill(&page->text, text_get(&page->text, message), args);
    if (n->fault.field[0]) {
        page_text(page, " <code dir=\"ltr\">");
        tf_buf_xml(page->out, n->fault.field);
        page_text(page, "</code>");
    }
    page_text(page, "</li>\n");
}

void section_notes(struct page *page)
{
    const struct tf_notes *notes = page->report->notes;
    if (!notes || notes->count == 0)
        return;
    size_t shown = notes->count < PAGE_MAX_NOTES ? notes->count : PAGE_MAX_NOTES;
    section_open(page, "notes", TF_TEXT("Remarks on the input"));
    page_text(page, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < shown; i++)
        note(page, &notes->items[i]);
    page_text(page, "</ul>\n");
    section_more(page, notes->count - shown + notes->dropped);
    section_close(page);
}
