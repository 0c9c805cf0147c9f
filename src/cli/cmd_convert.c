/*
 * cmd_convert.c - `tafadi convert`: one format into another.
 */
#include "cli/convert.h"

#include "cli/output.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct format_args {
    enum tf_format to;
};
struct convert_args {
    struct common_args common;
    struct input_args input;
    struct format_args formats;
};

static const struct flag convert_flags[] = {
    {"from", 0, "FORMAT", &format_reader, offsetof(struct convert_args, input.format),
     TF_TEXT("format of the input (otherwise recognised from the content)")},
    {"to", 't', "FORMAT", &format_reader, offsetof(struct convert_args, formats.to),
     TF_TEXT("format of the output (otherwise that of its suffix)")}};

static const struct flag_table convert_tables[] = {
    FLAG_TABLE(TF_TEXT("Formats"), convert_flags, 0),
    INPUT_TABLE(offsetof(struct convert_args, input)),
    COMMON_TABLE,
    {.count = 0}};

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len >= end_len && !strncasecmp(text + len - end_len, end, end_len);
}

enum tf_format convert_format_of(const char *path)
{
    static const struct {
        const char *suffix;
        enum tf_format format;
    } suffixes[] = {
        {".geojson", TF_FORMAT_GEOJSON},  {".ed269.json", TF_FORMAT_ED269},
        {".ed318.json", TF_FORMAT_ED318}, {".f3548.json", TF_FORMAT_F3548},
        {".json", TF_FORMAT_GEOJSON},     {".kml", TF_FORMAT_KML},
        {".kmz", TF_FORMAT_KMZ},          {".openair", TF_FORMAT_OPENAIR},
        {".txt", TF_FORMAT_OPENAIR},      {".aco", TF_FORMAT_ACO},
        {".csv", TF_FORMAT_CSV},          {".gpx", TF_FORMAT_GPX},
    };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_with(path, strlen(path), suffixes[i].suffix))
            return suffixes[i].format;
    return TF_FORMAT_AUTO;
}

/* What a writer has to say is about the file that it writes. */
static void name_notes(struct tf_notes *notes, const char *path)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->items[i].file);
        notes->items[i].file = strdup(path);
    }
}

bool convert_write(const char *path, enum tf_format format, const struct tf_picture *picture,
                   const struct common_args *common)
{
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    struct input said = {0}; /* only its notes are used */
    bool good = false;
    if (format == TF_FORMAT_AUTO) {
        say_complain(TR("%1: which format? The suffix does not say it; use --to, or a suffix such "
                        "as .geojson"),
                     path, NULL);
    } else if (!tf_format_can_write(format)) {
        say_complain(TR("%1: the format %2 can only be read; write geojson instead"), path,
                     tf_format_word(format), NULL);
    } else {
        enum tf_status status = tf_format_write(format, picture, &out, &said.notes);
        name_notes(&said.notes, path);
        input_show_notes(&said, common);
        if (status && said.errors == 0)
            say_complain("%1: %2", path, say_tr(tf_status_text(status)), NULL);
        good = !status && output_file(path, &out);
    }
    input_release(&said);
    tf_buf_release(&out);
    return good;
}

static int run_convert(const struct command *self, int argc, char **argv)
{
    struct convert_args args = {0};
    struct words files = {0};
    struct input input = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &files, &code))
        goto out;
    if (files.count != 2) {
        say_complain(TR("give one file to read and one to write; \"-\" is standard input or "
                        "output"),
                     NULL);
        code = command_usage_error(self);
        goto out;
    }
    const char *to = files.items[1];
    struct words from = {.items = files.items, .count = 1};
    enum tf_format format = args.formats.to ? args.formats.to : convert_format_of(to);
    code = EXIT_ERROR;
    if (!input_read(&input, &args.input, &args.common, &from, NULL) && !args.input.keep_going)
        goto out;
    if (convert_write(to, format, &input.picture, &args.common) && input.errors == 0)
        code = EXIT_NONE;
out:
    input_release(&input);
    words_release(&files);
    return code;
}

const struct command command_convert = {
    .name = "convert",
    .summary = TF_TEXT("Reads a file and writes it in another format."),
    .synopsis = "[FLAGS] IN OUT",
    .tables = convert_tables,
    .run = run_convert,
};
