/*
 * formats.h - one fuzz target for each format: whatever the bytes, reading ends
 * within its limits, and what was read can be written.
 */
#ifndef FUZZ_FORMATS_H
#define FUZZ_FORMATS_H

#include "format/format.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the picture; reading that again must give as many entities if the format can
 * say everything (GeoJSON). */
static void fuzz_write(enum tf_format format, const struct tf_picture *picture)
{
    struct tf_buf buf = TF_BUF_INIT(64 << 20);
    struct tf_notes notes = {0};
    struct tf_picture again = {0};
    struct tf_read_options options = {.format = format};
    enum tf_status rc = tf_format_write(format, picture, &buf, &notes);
    if (!rc && format == TF_FORMAT_GEOJSON &&
        (tf_format_read(buf.data, buf.len, &options, &again, &notes) ||
         again.count != picture->count))
        abort();
    tf_buf_release(&buf);
    tf_notes_release(&notes);
    tf_picture_release(&again);
}

/* Large pictures take seconds to write under the sanitizers. */
static bool is_small(const struct tf_picture *picture)
{
    size_t volumes = 0;
    for (size_t i = 0; i < picture->count; i++)
        volumes += picture->entities[i].volume_count;
    return volumes <= 50;
}

/* An odd last byte asks to keep going. `format` AUTO:
 * detected, and written in every format. */
static int fuzz_format(enum tf_format format, const uint8_t *data, size_t size)
{
    struct tf_picture picture = {0};
    struct tf_notes notes = {0};
    struct tf_read_options options = {.format = format, .max_entities = 1000};
    options.keep_going = size > 0 && (data[size - 1] & 1);
    enum tf_status rc = tf_format_read(data, size, &options, &picture, &notes);
    if (rc && picture.count > 0)
        abort();
    for (int f = 1; !rc && is_small(&picture) && f < TF_FORMAT_COUNT; f++)
        if (tf_format_can_write((enum tf_format)f) &&
            (format == TF_FORMAT_AUTO || format == (enum tf_format)f))
            fuzz_write((enum tf_format)f, &picture);
    tf_picture_release(&picture);
    tf_notes_release(&notes);
    return 0;
}

#endif
