/*
 * test_report.c - reports are well-formed, safe, bounded, and say what they leave out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

/* --- helpers -------------------------------------------------------------------------------- */

struct seen {
    size_t texts, paths, titles, depth;
    bool bad; /* an element or attribute that must not be there */
};

static void on_start(void *ctx, const char *name, const char **attributes)
{
    static const char *const known[] = {"svg",   "g",       "path",    "rect", "circle",
                                        "line",  "text",    "defs",    "desc", "title",
                                        "style", "pattern", "clipPath"};
    struct seen *seen = ctx;
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found |= strcmp(known[i], name) == 0;
    seen->bad |= !found;
    for (size_t i = 0; attributes[i]; i += 2)
        seen->bad |= strncmp(attributes[i], "on", 2) == 0 || strstr(attributes[i], "href");
    seen->texts += strcmp(name, "text") == 0;
    seen->paths += strcmp(name, "path") == 0;
    seen->titles += strcmp(name, "title") == 0;
}

/* Parses as XML; fails the test with the place if it is not. */
static struct seen parse(const char *data, size_t len)
{
    struct seen seen = {0};
    XML_Parser parser = XML_ParserCreate("UTF-8");
    assert_non_null(parser);
    XML_SetUserData(parser, &seen);
    XML_SetStartElementHandler(parser, on_start);
    if (XML_Parse(parser, data, (int)len, 1) != XML_STATUS_OK)
        fail_msg("line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(parser),
                 XML_ErrorString(XML_GetErrorCode(parser)));
    XML_ParserFree(parser);
    return seen;
}

static struct tf_buf svg_of(const struct sample *s)
{
    struct tf_buf out = TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    assert_int_equal(tf_report_svg(&s->report, &out), TF_OK);
    return out;
}

static struct tf_buf html_of(const struct sample *s)
{
    struct tf_buf out = TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    assert_int_equal(tf_report_html(&s->report, &out), TF_OK);
    return out;
}

static size_t occurrences(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *p = strstr(text, part); p; p = strstr(p + 1, part))
        n++;
    return n;
}

/* Every drawing within a page, parsed as XML by itself. */
static size_t parse_drawings(const char *html)
{
    size_t n = 0;
    for (const char *p = strstr(html, "<svg"); p; p = strstr(p + 1, "<svg")) {
        const char *end = strstr(p, "</svg>");
        assert_non_null(end);
        assert_false(parse(p, (size_t)(end - p) + 6).bad);
        n++;
    }
    return n;
}

/* No coordinate that is not a number, and none far outside of the drawing. */
static void check_numbers(const char *svg)
{
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "inf\""));
    for (const char *p = svg; (p = strpbrk(p, "ML")); p++) {
        char *end;
        double x = strtod(p + 1, &end);
        if (end == p + 1 || *end != ' ')
            continue;
        assert_true(x > -200 && x < 1200);
    }
}

/* --- tests ---------------------------------------------------------------------------------- */

static void a_map_is_well_formed(void **state)
{
    (void)state;
    struct sample s;
    sample_two_parties(&s);
    assert_int_equal(s.conflicts.count, 9);
    struct tf_buf out = svg_of(&s);
    struct seen seen = parse(out.data, out.len);
    assert_false(seen.bad);
    assert_true(seen.paths > 40 && seen.texts > 20);
    for (int i = 1; i <= 9; i++) {
        char id[32];
        snprintf(id, sizeof id, "id=\"mapm%d\"", i);
        assert_non_null(strstr(out.data, id));
    }
    assert_non_null(strstr(out.data, "class=\"clash\""));
    check_numbers(out.data);
    tf_buf_release(&out);
    sample_release(&s);
}

static void a_page_has_its_parts(void **state)
{
    (void)state;
    static const char *const parts[] = {"<html lang=\"en\" dir=\"ltr\">",
                                        "default-src 'none'",
                                        "id=\"summary\"",
                                        "id=\"map\"",
                                        "id=\"conflicts\"",
                                        "id=\"options\"",
                                        "id=\"profile\"",
                                        "id=\"timeline\"",
                                        "id=\"notes\"",
                                        "9</bdi> conflicts found",
                                        "None within the limits.",
                                        "Altitude comparison uncertain",
                                        "imply no position",
                                        "33S V",
                                        "plan &lt;south&gt;.geojson"};
    struct sample s;
    sample_two_parties(&s);
    struct tf_buf out = html_of(&s);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.data, parts[i]))
            fail_msg("not on the page: %s", parts[i]);
    for (int i = 1; i <= 9; i++) {
        char id[32];
        snprintf(id, sizeof id, "<tr id=\"c%d\">", i);
        assert_int_equal(occurrences(out.data, id), 1);
    }
    assert_true(parse_drawings(out.data) >= 4);
    assert_null(strstr(out.data, "<script"));
    assert_null(strstr(out.data, "src="));
    assert_int_equal(occurrences(out.data, "http"),
                     occurrences(out.data, "http://www.w3.org/2000/svg") +
                         occurrences(out.data, "http-equiv"));
    tf_buf_release(&out);
    sample_release(&s);
}

static void hostile_names_stay_text(void **state)
{
    (void)state;
    static const char *const names[] = {"</script><img src=x onerror=alert(1)>",
                                        "\"><svg onload=alert(1)>",
                                        "'--><!--]]>&lt;%1%2%3",
                                        "</title></style></svg>",
                                        "\x01\x02\xFF\xC0 broken",
                                        "\342\200\256desrever\342\201\251",
                                        "%s%n%1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct sample s;
        sample_two_circles(&s, (struct tf_latlng){30, 30}, names[i], "plain", names[i]);
        s.report.title = names[i];
        struct tf_buf html = html_of(&s), svg = svg_of(&s);
        assert_false(parse(svg.data, svg.len).bad);
        parse_drawings(html.data);
        assert_null(strstr(html.data, "<img"));
        assert_null(strstr(html.data, "<svg onload"));
        assert_null(strstr(html.data, "<!--"));
        assert_null(strstr(svg.data, "<!--"));
        assert_int_equal(occurrences(html.data, "</title></style>"), 0);
        assert_null(strstr(html.data, "\342\200\256desrever\342\201\251</bdi>"));
        tf_buf_release(&html);
        tf_buf_release(&svg);
        sample_release(&s);
    }
}

static void a_name_of_any_length_is_cut(void **state)
{
    (void)state;
    struct sample s;
    char *name = malloc(1000001);
    assert_non_null(name);
    for (size_t i = 0; i < 1000000; i += 2)
        memcpy(name + i, "\xD9\x85", 2);
    name[1000000] = '\0';
    sample_two_circles(&s, (struct tf_latlng){30, 30}, name, "plain", name);
    struct tf_buf out = html_of(&s);
    assert_true(out.len < 200000);
    assert_non_null(strstr(out.data, "\xD9\x85\xE2\x80\xA6</bdi>"));
    parse_drawings(out.data);
    tf_buf_release(&out);
    sample_release(&s);
    free(name);
}

static void arabic_runs_from_the_right(void **state)
{
    (void)state;
    struct sample s;
    sample_two_parties(&s);
    s.report.lang = "ar";
    s.report.translate = sample_arabic;
    struct tf_buf out = html_of(&s);
    assert_non_null(strstr(out.data, "<html lang=\"ar\" dir=\"rtl\">"));
    assert_non_null(strstr(out.data, sample_arabic("Conflicts")));
    assert_string_not_equal(sample_arabic("Conflicts"), "Conflicts");
    /* Figures are isolated, and drawings keep their own direction. */
    assert_non_null(strstr(out.data, "<bdi dir=\"ltr\">36."));
    assert_int_equal(occurrences(out.data, "direction=\"ltr\""),
                     occurrences(out.data, "role=\"img\""));
    parse_drawings(out.data);
    tf_buf_release(&out);
    sample_release(&s);
}

/* Seamless: at each place the two circles look alike, so the conflict is hatched and
 * marked, and both are drawn. */
static void anywhere_on_earth(void **state)
{
    (void)state;
    static const struct tf_latlng places[] = {
        {-16.8, 179.98}, {0, 180}, {89.98, 10},   {90, 0},   {-89.97, -120},
        {-90, 0},        {0, 0},   {71, -179.99}, {45, -90}, {-45, 135}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct sample s;
        sample_two_circles(&s, places[i], "one", "two", "us");
        assert_int_equal(s.conflicts.count, 1);
        struct tf_buf out = svg_of(&s);
        assert_false(parse(out.data, out.len).bad);
        check_numbers(out.data);
        assert_int_equal(occurrences(out.data, "<path class=\"vol\" fill-rule"), 2);
        assert_int_equal(occurrences(out.data, "<path class=\"clash\""), 1);
        assert_non_null(strstr(out.data, "id=\"mapm1\""));
        tf_buf_release(&out);
        sample_release(&s);
    }
}

static void nothing_is_an_answer(void **state)
{
    (void)state;
    struct sample s;
    sample_empty(&s);
    struct tf_buf html = html_of(&s), svg = svg_of(&s);
    assert_non_null(strstr(html.data, "No conflicts found"));
    assert_null(strstr(html.data, "id=\"conflicts\""));
    parse_drawings(html.data);
    parse(svg.data, svg.len);
    tf_buf_release(&html);
    tf_buf_release(&svg);
    sample_release(&s);
}

static void no_conflict_says_what_was_compared(void **state)
{
    (void)state;
    struct sample s;
    sample_many(&s, 40, false);
    s.report.from_ns = 1;
    s.report.until_ns = TF_DAY_NS;
    struct tf_buf out = html_of(&s);
    assert_non_null(strstr(out.data, "No conflicts found"));
    assert_non_null(strstr(out.data, "3.00 km"));
    assert_non_null(strstr(out.data, "Times compared"));
    tf_buf_release(&out);
    sample_release(&s);
}

static void ten_thousand_volumes_are_bounded_and_counted(void **state)
{
    (void)state;
    struct sample s;
    sample_many(&s, 10000, true);
    struct tf_buf out = html_of(&s);
    assert_true(out.len < TF_REPORT_MAX_BYTES / 2);
    assert_non_null(strstr(out.data, "volumes are not drawn, only counted"));
    assert_non_null(strstr(out.data, "are not hatched"));
    assert_non_null(strstr(out.data, "more are not listed here"));
    assert_non_null(strstr(out.data, "further rows are not drawn here"));
    parse_drawings(out.data);
    tf_buf_release(&out);
    sample_release(&s);
}

static void a_small_buffer_is_a_limit(void **state)
{
    (void)state;
    struct sample s;
    sample_two_parties(&s);
    for (size_t max = 1; max < 200000; max = max * 3 + 7) {
        struct tf_buf out = TF_BUF_INIT(max);
        assert_int_equal(tf_report_html(&s.report, &out), TF_LIMIT);
        tf_buf_release(&out);
    }
    sample_release(&s);
}

static void conflicts_of_nobody_are_refused(void **state)
{
    (void)state;
    struct sample s;
    struct tf_buf out = TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    sample_two_circles(&s, (struct tf_latlng){1, 1}, "one", "two", NULL);
    s.conflicts.pairs[0].volume_b = 7;
    assert_int_equal(tf_report_html(&s.report, &out), TF_RANGE);
    s.conflicts.pairs[0].volume_b = 0;
    s.conflicts.conflicts[0].b = 2;
    assert_int_equal(tf_report_svg(&s.report, &out), TF_RANGE);
    s.conflicts.conflicts[0].b = 1;
    s.conflicts.conflicts[0].pair_count = SIZE_MAX;
    assert_int_equal(tf_report_svg(&s.report, &out), TF_RANGE);
    tf_buf_release(&out);
    sample_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_well_formed),
        cmocka_unit_test(a_page_has_its_parts),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(a_name_of_any_length_is_cut),
        cmocka_unit_test(arabic_runs_from_the_right),
        cmocka_unit_test(anywhere_on_earth),
        cmocka_unit_test(nothing_is_an_answer),
        cmocka_unit_test(no_conflict_says_what_was_compared),
        cmocka_unit_test(ten_thousand_volumes_are_bounded_and_counted),
        cmocka_unit_test(a_small_buffer_is_a_limit),
        cmocka_unit_test(conflicts_of_nobody_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
