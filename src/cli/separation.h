/*
 * separation.h - separation tables from files.
 *
 *     # kind  kind       H      V       T
 *     *       *          500m   150m    60s     every pair
 *     crewed  crewed     5NM    1000ft  2min
 *     zone    site       none                   not compared
 *
 * One pair per line, columns apart by spaces, tabs or commas; '#' begins a
 * comment; '*' is every kind. A later line overrules an earlier one. What no
 * line names keeps its default (docs/separation.md).
 */
#ifndef TF_CLI_SEPARATION_H
#define TF_CLI_SEPARATION_H

#include <stdbool.h>
#include <stddef.h>
#include <tafadi/tafadi.h>

/* Reads `len` bytes over the defaults. On a refusal, *line is the 1-based line. */
TF_MUST_CHECK enum tf_status separation_parse(const char *text, size_t len,
                                              struct tf_separation_table *out, size_t *line,
                                              struct tf_fault *fault);
/* The same from a file. False after a complaint. */
bool separation_file(const char *path, struct tf_separation_table *out);

#endif
