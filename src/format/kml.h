/*
 * kml.h - what the reader and the writer of KML share.
 */
#ifndef TF_FORMAT_KML_H
#define TF_FORMAT_KML_H

#include "format/text.h"

/* KML text in the reader's bytes; kmz.c hands over what it has unpacked. */
enum tf_status tf_kml_read(struct tf_reader *reader);
enum tf_status tf_kml_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes);

#endif
