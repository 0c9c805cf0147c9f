/*
 * reading.h - reads a text or a file and keeps what came of it, for tests.
 */
#ifndef TESTS_FORMAT_READING_H
#define TESTS_FORMAT_READING_H

#include "format/format.h"

struct reading {
    enum tf_status rc;
    struct tf_picture picture;
    struct tf_notes notes;
};
/* `options` may be NULL. */
struct reading read_bytes(const char *bytes, size_t len, const struct tf_read_options *options);
struct reading read_text(const char *text, const struct tf_read_options *options);
void reading_release(struct reading *reading);

/* Reads, expecting success; prints the notes if not. */
struct reading read_good(const char *text, const struct tf_read_options *options);
/* Expects a refusal with this code whose reason names this field. */
void assert_refused(const char *text, const struct tf_read_options *options, enum tf_status code,
                    const char *field);
size_t count_notes(const struct tf_notes *notes, enum tf_severity severity);
/* Whether a note's filled sentence contains `piece`. */
bool notes_say(const struct tf_notes *notes, const char *piece);
void print_notes(const struct tf_notes *notes);

#endif
