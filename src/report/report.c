/*
 * report.c - the two documents, put together from their parts.
 */
#include "report/map.h"
#include "report/sections.h"
#include "report/style.h"

enum tf_status tf_report_svg(const struct tf_report *report, struct tf_buf *out)
{
    struct page page;
    struct map map;
    struct map_request request = {.id = "map", .inset = true, .standalone = true};
    enum tf_status status = page_init(&page, report, out);
    if (status)
        return status;
    status = map_focus(&page, MAP_WIDTH, MAP_HEIGHT, &request.view);
    if (!status) {
        tf_buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        status = map_write(&page, &request, &map);
    }
    page_release(&page);
    return status;
}

/* `marked`: where markup may stand, and a title of the other direction is isolated. */
static void title(struct page *page, bool marked)
{
    if (!page->report->title || !*page->report->title)
        page_say(page, TF_TEXT("Deconfliction report"));
    else if (marked)
        text_arg(&page->text, page->report->title);
    else
        tf_buf_xml(page->out, page->report->title);
}

/* Nothing may be loaded, run or sent from the page. */
static void head(struct page *page)
{
    const char *lang = page->report->lang ? page->report->lang : "en";
    page_text(page, "<!DOCTYPE html>\n<html lang=\"");
    tf_buf_xml(page->out, lang);
    tf_buf_printf(page->out,
                  "\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
                  page->rtl ? "rtl" : "ltr");
    title(page, false);
    page_text(page, "</title>\n<style>\n");
    style_drawing(page->out);
    style_page(page->out);
    page_text(page, "</style>\n</head>\n<body>\n"
                    "<svg class=\"defs\" aria-hidden=\"true\" focusable=\"false\"><defs>\n");
    style_patterns(page->out);
    page_text(page, "</defs></svg>\n<header><h1>");
    title(page, true);
    page_text(page, "</h1><p class=\"muted\">");
    text_say(&page->text, TF_TEXT("Made at %1"),
             word_time(&page->text, page->report->made_at_ns).text, NULL, NULL, NULL);
    page_text(page, "</p>\n");
}

static void link_to(struct page *page, const char *id, const char *words)
{
    tf_buf_printf(page->out, "<li><a href=\"#%s\">", id);
    page_say(page, words);
    page_text(page, "</a></li>");
}

static void navigation(struct page *page)
{
    page_text(page, "<nav aria-label=\"");
    page_say(page, TF_TEXT("Contents"));
    page_text(page, "\"><ul>");
    link_to(page, "summary", TF_TEXT("Summary"));
    link_to(page, "maps", TF_TEXT("Map"));
    if (page_conflict_count(page) > 0)
        link_to(page, "conflicts", TF_TEXT("Conflicts"));
    if (page->report->option_count > 0)
        link_to(page, "options", TF_TEXT("Options"));
    if (page->report->notes && page->report->notes->count > 0)
        link_to(page, "notes", TF_TEXT("Remarks on the input"));
    page_text(page, "</ul></nav></header>\n");
}

enum tf_status tf_report_html(const struct tf_report *report, struct tf_buf *out)
{
    struct page page;
    enum tf_status status = page_init(&page, report, out);
    if (status)
        return status;
    head(&page);
    navigation(&page);
    page_text(&page, "<main>\n");
    section_summary(&page);
    status = section_maps(&page);
    if (status)
        goto out;
    section_conflicts(&page);
    section_options(&page);
    section_profile(&page);
    section_timeline(&page);
    section_entities(&page);
    section_notes(&page);
    page_text(&page, "</main>\n</body>\n</html>\n");
    status = tf_buf_status(out);
out:
    page_release(&page);
    return status;
}
