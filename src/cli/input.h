/*
 * input.h - files read into one picture, with what was to be said about them.
 */
#ifndef TF_CLI_INPUT_H
#define TF_CLI_INPUT_H

#include "cli/command.h"
#include "cli/readers.h"
#include "format/format.h"

/* The flags on how files are read. */
struct input_args {
    enum tf_format format;
    const char *party;
    enum tf_kind kind;
    enum class_as as;
    bool keep_going;
    struct area area;
    double half_width_m, site_radius_m;
    struct terrain terrain;
};
enum { INPUT_FLAG_COUNT = 9 };
extern const struct flag input_flags[INPUT_FLAG_COUNT];
#define INPUT_TABLE(part) FLAG_TABLE(TF_TEXT("Reading"), input_flags, part)

/* Zero is a valid empty input. */
struct input {
    struct tf_picture picture;
    struct tf_notes notes;
    size_t files, errors, warnings;
    size_t notes_shown; /* how many notes have been printed */
};

/*
 * Reads the files ("-": standard input; gzip is unpacked) into the picture,
 * appending, and prints errors to standard error, and warnings unless quiet.
 * False after a complaint: a file was refused. With keep_going the others have
 * still been read. input->errors counts everything that was left out.
 * last_format (may be NULL): the format of the last file.
 */
bool input_read(struct input *input, const struct input_args *args,
                const struct common_args *common, const struct words *files,
                enum tf_format *last_format);
/* How the flags say that files are read. *context and *area (tf_shape_unref) are what *out borrows.
 * False after a complaint. */
bool input_options(const struct input_args *args, struct tf_alt_context *context,
                   struct tf_shape **area, struct tf_read_options *out);
/* What the flags say about altitudes, in *context; NULL if they say nothing. */
const struct tf_alt_context *input_altitudes(const struct input_args *args,
                                             struct tf_alt_context *context);
/* Prints the notes that have not been printed yet. */
void input_show_notes(struct input *input, const struct common_args *common);
void input_release(struct input *input);

/* All bytes of a file, unpacked; "-" is standard input. False after a complaint. */
bool input_bytes(const char *path, struct tf_buf *out);

/* A note as one line: "file:line: feature 3: field: message" in the user's language. */
void input_note_text(const struct tf_note *note, struct tf_buf *out);

#endif
