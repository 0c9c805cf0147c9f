/*
 * make_sample.c - writes a sample report, to be looked at.
 *
 * usage: make_sample html|svg two|empty|many|hot|pole|dateline en|ar > file
 */
#include "sample.h"

#include <stdio.h>
#include <string.h>

static void make(struct sample *s, const char *which)
{
    if (strcmp(which, "two") == 0)
        sample_two_parties(s);
    else if (strcmp(which, "many") == 0)
        sample_many(s, 10000, false);
    else if (strcmp(which, "hot") == 0)
        sample_many(s, 3000, true);
    else if (strcmp(which, "pole") == 0)
        sample_two_circles(s, (struct tf_latlng){89.98, 10}, "Ice camp", "Supply flight", "Polar");
    else if (strcmp(which, "dateline") == 0)
        sample_two_circles(s, (struct tf_latlng){-16.8, 179.98}, "East", "West", "Islands");
    else
        sample_empty(s);
}

int main(int argc, char **argv)
{
    struct sample s;
    struct tf_buf out = TF_BUF_INIT(TF_REPORT_MAX_BYTES);
    if (argc != 4) {
        fprintf(stderr, "usage: make_sample html|svg two|empty|many|hot|pole|dateline en|ar\n");
        return 2;
    }
    make(&s, argv[2]);
    s.report.lang = argv[3];
    if (strcmp(argv[3], "ar") == 0)
        s.report.translate = sample_arabic;
    enum tf_status status = strcmp(argv[1], "svg") == 0 ? tf_report_svg(&s.report, &out)
                                                        : tf_report_html(&s.report, &out);
    if (status)
        fprintf(stderr, "make_sample: %s\n", tf_status_text(status));
    else
        fwrite(out.data, 1, out.len, stdout);
    tf_buf_release(&out);
    sample_release(&s);
    return status ? 1 : 0;
}
