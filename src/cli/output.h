/*
 * output.h - bytes to standard output and to files, whole or not at all.
 */
#ifndef TF_CLI_OUTPUT_H
#define TF_CLI_OUTPUT_H

#include "base/buf.h"
#include <stdbool.h>

/* The largest text that the program makes. */
#define OUTPUT_MAX ((size_t)1 << 31)

/*
 * Writes everything in `text` to standard output. False after a complaint: the
 * text is incomplete (no memory), the disk is full, the output is closed. A
 * reader that has gone away (EPIPE) is not worth a complaint, but false.
 */
bool output_print(const struct tf_buf *text);

/*
 * Writes a file atomically: a temporary file beside it, synced, then renamed, so
 * that a reader sees the old content or the new, never a part. "-" is standard
 * output; devices and pipes are written directly. False after a complaint.
 */
bool output_file(const char *path, const struct tf_buf *content);

/* True if standard output is a terminal that shows colours and the user has not
 * asked for none (NO_COLOR, TERM=dumb). */
bool output_has_colour(void);

#endif
