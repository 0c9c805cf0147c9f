/*
 * f3548.h - the writer of F3548 JSON, which f3548.c's table names; and the readers of one volume or
 * outline.
 */
#ifndef TF_FORMAT_F3548_H
#define TF_FORMAT_F3548_H

#include "format/json.h"

enum tf_status tf_f3548_write(const struct tf_picture *picture, struct tf_buf *out,
                              struct tf_notes *notes);

/* One Volume4D, {"volume":{...},"time_start":...,"time_end":...}, for documents that hold one.
 * What it leaves open (a time, an altitude) is open in *out: tf_volume4_release. */
TF_MUST_CHECK enum tf_status tf_f3548_volume(const struct tf_json *at, struct tf_volume4 *out,
                                             struct tf_fault *fault);
/* One outline, {"outline_circle":...} or {"outline_polygon":...}; what else is in it is let be.
 * *out: tf_shape_unref. */
TF_MUST_CHECK enum tf_status tf_f3548_outline(const struct tf_json *at, struct tf_shape **out,
                                              struct tf_fault *fault);
/* Appends a Volume4D; of an outline that F3548 does not have, as many as hold it, with commas. */
TF_MUST_CHECK enum tf_status tf_f3548_put_volume(struct tf_buf *out,
                                                 const struct tf_volume4 *volume);

#endif
