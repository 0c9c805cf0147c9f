/*
 * convert.h - a picture into a file of another format.
 */
#ifndef TF_CLI_CONVERT_H
#define TF_CLI_CONVERT_H

#include "cli/input.h"

/* The format that a path's suffix stands for (".kml", ".ed269.json", ...), GeoJSON for
 * ".json"; TF_FORMAT_AUTO if none. */
enum tf_format convert_format_of(const char *path);
/* Writes the picture to `path` ("-": standard output), and what the format cannot
 * say to standard error. False after a complaint. */
bool convert_write(const char *path, enum tf_format format, const struct tf_picture *picture,
                   const struct common_args *common);

#endif
