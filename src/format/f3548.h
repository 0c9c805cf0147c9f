/*
 * f3548.h - the writer of F3548 JSON, which f3548.c's table names.
 */
#ifndef TF_FORMAT_F3548_H
#define TF_FORMAT_F3548_H

#include "format/json.h"

enum tf_status tf_f3548_write(const struct tf_picture *picture, struct tf_buf *out,
                              struct tf_notes *notes);

#endif
