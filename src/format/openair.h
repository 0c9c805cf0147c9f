/*
 * openair.h - what the reader and the writer of OpenAir share.
 */
#ifndef TF_FORMAT_OPENAIR_H
#define TF_FORMAT_OPENAIR_H

#include "format/text.h"

/* What class (AC) and type (AY) demand: the stricter of both; RESTRICTED if neither is
 * known. */
enum tf_restriction tf_openair_restriction(const char *class_word, const char *type_word);
/* Whether the word is a class of its own, so that AC can say it. */
bool tf_openair_is_class(const char *word);
enum tf_status tf_openair_write(const struct tf_picture *picture, struct tf_buf *out,
                                struct tf_notes *notes);

#endif
