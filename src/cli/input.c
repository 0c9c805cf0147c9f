/*
 * input.c - reading files into a picture, and saying what is wrong with them.
 */
#include "cli/input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct flag input_flags[INPUT_FLAG_COUNT] = {
    {"format", 'f', "FORMAT", &format_reader, offsetof(struct input_args, format),
     TF_TEXT("format of the input (otherwise recognised from the content)")},
    {"party", 0, "NAME", &text_reader, offsetof(struct input_args, party),
     TF_TEXT("party of what names none")},
    {"kind", 0, "KIND", &kind_reader, offsetof(struct input_args, kind),
     TF_TEXT("kind of operations whose file does not say: other, crewed, rotorcraft, uncrewed, "
             "ground, sea, hazard or balloon")},
    {"as", 0, "CLASS", &class_reader, offsetof(struct input_args, as),
     TF_TEXT("take features whose format has no classes as operations, sites or zones")},
    {"keep-going", 'k', NULL, NULL, offsetof(struct input_args, keep_going),
     TF_TEXT("leave bad features out and go on with the good ones (the exit code is still 1)")},
    {"area", 0, "S,W,N,E", &area_reader, offsetof(struct input_args, area),
     TF_TEXT("where everything is expected to be, in degrees; warn about what is not")},
    {"half-width", 0, "LENGTH", &length_reader, offsetof(struct input_args, half_width_m),
     TF_TEXT("half-width of routes that state none (50m)")},
    {"site-radius", 0, "LENGTH", &length_reader, offsetof(struct input_args, site_radius_m),
     TF_TEXT("protective radius of sites that state none (500m)")},
    {"terrain", 0, "LOW,HIGH", &terrain_reader, offsetof(struct input_args, terrain),
     TF_TEXT("how low and how high the ground is wherever the files are, above sea level, as in "
             "120m,900m (unknown)")}};

static void append_place(const struct tf_note *note, struct tf_buf *out)
{
    say_safe(out, note->file ? note->file : "-");
    if (note->line > 0)
        tf_buf_printf(out, ":%zu", note->line);
    tf_buf_text(out, ": ");
    if (note->fault.at != TF_NO_INDEX) {
        say_fill(out, TR("feature %1"), say_count(note->fault.at + 1).s, NULL);
        tf_buf_text(out, ": ");
    }
    if (note->fault.field[0]) {
        say_safe(out, note->fault.field);
        tf_buf_text(out, ": ");
    }
}

void input_note_text(const struct tf_note *note, struct tf_buf *out)
{
    const char *english =
        note->fault.message ? note->fault.message : tf_status_text(note->fault.code);
    char message[1024];
    tf_fault_text(&note->fault, say_tr(english), message, sizeof message);
    append_place(note, out);
    if (note->severity == TF_NOTE_WARNING)
        say_fill(out, "%1: ", TR("warning"), NULL);
    else if (note->severity == TF_NOTE_INFO)
        say_fill(out, "%1: ", TR("note"), NULL);
    say_safe(out, message);
}

void input_show_notes(struct input *input, const struct common_args *common)
{
    for (; input->notes_shown < input->notes.count; input->notes_shown++) {
        const struct tf_note *note = &input->notes.items[input->notes_shown];
        input->errors += note->severity == TF_NOTE_ERROR;
        input->warnings += note->severity == TF_NOTE_WARNING;
        if (common->quiet && note->severity != TF_NOTE_ERROR)
            continue;
        struct tf_buf line = TF_BUF_INIT(1 << 16);
        input_note_text(note, &line);
        fprintf(stderr, "%s\n", line.data ? line.data : "");
        tf_buf_release(&line);
    }
}

static bool make_area(const struct area *area, struct tf_shape **out)
{
    struct tf_fault fault;
    *out = NULL;
    if (!area->given)
        return true;
    if (!tf_shape_rectangle(area->south_deg, area->west_deg, area->north_deg, area->east_deg, out,
                            &fault))
        return true;
    char message[1024];
    tf_fault_text(&fault, say_tr(fault.message), message, sizeof message);
    say_complain(TR("--area: %1"), message, NULL);
    return false;
}

const struct tf_alt_context *input_altitudes(const struct input_args *args,
                                             struct tf_alt_context *context)
{
    if (!args->terrain.given)
        return NULL;
    tf_alt_context_at(NULL, context);
    context->undulation_low_m = context->undulation_high_m = NAN; /* by place */
    context->terrain_low_m = args->terrain.low_m;
    context->terrain_high_m = args->terrain.high_m;
    return context;
}

static struct tf_read_options read_options(const struct input_args *args,
                                           const struct tf_shape *area,
                                           const struct tf_alt_context *altitudes)
{
    return (struct tf_read_options){
        .format = args->format,
        .keep_going = args->keep_going,
        .party = args->party,
        .kind = args->kind,
        .as_sites = args->as == AS_SITES,
        .as_zones = args->as == AS_ZONES,
        .half_width_m = args->half_width_m,
        .site_radius_m = args->site_radius_m,
        .expected_area = area,
        .altitudes = altitudes,
    };
}

bool input_options(const struct input_args *args, struct tf_alt_context *context,
                   struct tf_shape **area, struct tf_read_options *out)
{
    if (!make_area(&args->area, area))
        return false;
    *out = read_options(args, *area, input_altitudes(args, context));
    return true;
}

/* Files from this size on take long enough to say that they are being read. */
#define SHOWN_BYTES ((size_t)2 << 20)

/* One file. False: refused, and counted as an error. */
static bool read_file(struct input *input, struct tf_read_options *options,
                      const struct common_args *common, const char *path, enum tf_format *format)
{
    struct tf_buf bytes;
    if (!input_bytes(path, &bytes)) {
        input->errors++;
        return false;
    }
    const char *data = bytes.len ? bytes.data : "";
    options->file_name = path;
    if (format)
        *format = options->format ? options->format : tf_format_detect(data, bytes.len, path);
    size_t before = input->errors;
    bool shown = !common->quiet && bytes.len >= SHOWN_BYTES && isatty(STDERR_FILENO) == 1;
    if (shown)
        say_progress(TR("reading: %1"), path);
    enum tf_status status =
        tf_format_read(data, bytes.len, options, &input->picture, &input->notes);
    tf_buf_release(&bytes);
    if (shown)
        say_progress_end();
    input->files++;
    input_show_notes(input, common);
    if (status && input->errors == before) {
        say_complain("%1: %2", path, say_tr(tf_status_text(status)), NULL);
        input->errors++;
    }
    return status == TF_OK;
}

bool input_read(struct input *input, const struct input_args *args,
                const struct common_args *common, const struct words *files,
                enum tf_format *last_format)
{
    struct tf_shape *area;
    if (!make_area(&args->area, &area))
        return false;
    struct tf_alt_context context;
    struct tf_read_options options = read_options(args, area, input_altitudes(args, &context));
    bool good = true;
    for (size_t i = 0; i < files->count && (good || args->keep_going); i++)
        good = read_file(input, &options, common, files->items[i], last_format) && good;
    if (input->notes.dropped > 0 && !common->quiet)
        say_complain(TRN("%1 more remark is not shown", "%1 more remarks are not shown",
                         input->notes.dropped),
                     say_count(input->notes.dropped).s, NULL);
    tf_shape_unref(area);
    return good;
}

void input_release(struct input *input)
{
    tf_picture_release(&input->picture);
    tf_notes_release(&input->notes);
}
