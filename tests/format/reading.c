/*
 * reading.c - reads a text and keeps what came of it.
 */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct reading read_bytes(const char *bytes, size_t len, const struct tf_read_options *options)
{
    struct reading r = {0};
    r.rc = tf_format_read(bytes, len, options, &r.picture, &r.notes);
    return r;
}

struct reading read_text(const char *text, const struct tf_read_options *options)
{
    return read_bytes(text, strlen(text), options);
}

void reading_release(struct reading *reading)
{
    tf_picture_release(&reading->picture);
    tf_notes_release(&reading->notes);
}

static void note_text(const struct tf_note *note, char *out, size_t size)
{
    tf_fault_text(&note->fault, note->fault.message, out, size);
}

void print_notes(const struct tf_notes *notes)
{
    for (size_t i = 0; i < notes->count && i < 10; i++) {
        char text[512];
        note_text(&notes->items[i], text, sizeof text);
        print_message("note: severity %d, feature %zu, field \"%s\": %s\n",
                      notes->items[i].severity, notes->items[i].fault.at,
                      notes->items[i].fault.field, text);
    }
}

struct reading read_good(const char *text, const struct tf_read_options *options)
{
    struct reading r = read_text(text, options);
    if (r.rc)
        print_notes(&r.notes);
    assert_int_equal(r.rc, TF_OK);
    return r;
}

void assert_refused(const char *text, const struct tf_read_options *options, enum tf_status code,
                    const char *field)
{
    struct reading r = read_text(text, options);
    const struct tf_note *last = r.notes.count ? &r.notes.items[r.notes.count - 1] : NULL;
    if (r.rc != code || !last || strcmp(last->fault.field, field) != 0) {
        print_message("%.300s\nexpected %s at \"%s\", got %s\n", text, tf_status_text(code), field,
                      tf_status_text(r.rc));
        print_notes(&r.notes);
    }
    assert_int_equal(r.rc, code);
    assert_non_null(last);
    assert_string_equal(last->fault.field, field);
    assert_int_equal(last->severity, TF_NOTE_ERROR);
    assert_int_equal(r.picture.count, 0);
    reading_release(&r);
}

size_t count_notes(const struct tf_notes *notes, enum tf_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < notes->count; i++)
        n += notes->items[i].severity == severity;
    return n;
}

bool notes_say(const struct tf_notes *notes, const char *piece)
{
    for (size_t i = 0; i < notes->count; i++) {
        char text[512];
        note_text(&notes->items[i], text, sizeof text);
        if (strstr(text, piece))
            return true;
    }
    return false;
}
