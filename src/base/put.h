/*
 * put.h - JSON written member by member: "name":value, with a comma before it unless it follows
 * '{', '[' or ':'. name NULL: an element of an array.
 */
#ifndef TF_BASE_PUT_H
#define TF_BASE_PUT_H

#include "base/buf.h"
#include <stdbool.h>

void tf_put_name(struct tf_buf *out, const char *name); /* the value follows by other means */
void tf_put_text(struct tf_buf *out, const char *name, const char *text); /* NULL: null */
void tf_put_int(struct tf_buf *out, const char *name, int64_t value);
void tf_put_double(struct tf_buf *out, const char *name, double value);
void tf_put_flag(struct tf_buf *out, const char *name, bool value);
void tf_put_time_us(struct tf_buf *out, const char *name, int64_t t_us); /* open, 0: null */
void tf_put_time_ns(struct tf_buf *out, const char *name, int64_t t_ns); /* open: null */
void tf_put_json(struct tf_buf *out, const char *name, const char *json, size_t len); /* as it is */
void tf_put_open(struct tf_buf *out, const char *name, char bracket);

#endif
