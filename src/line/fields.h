/*
 * fields.h - reading a line's JSON strictly, field by field, and writing it; what is shared by
 * envelopes, messages, receipts and beats. Every refusal names the field by its path.
 */
#ifndef TF_LINE_FIELDS_H
#define TF_LINE_FIELDS_H

#include "format/json.h"
#include "line/card.h"

/* Numbers in JSON are exact up to here. */
#define FIELDS_INTEGER_MAX INT64_C(9007199254740991)

/* One JSON text: UTF-8 without byte order mark, no key twice, at most 64 levels (else TF_SYNTAX).
 * TF_TOO_LARGE: more than `max` bytes. *out: json_decref. */
TF_MUST_CHECK enum tf_status fields_parse(const char *text, size_t len, size_t max, json_t **out,
                                          struct tf_fault *fault);

TF_MUST_CHECK enum tf_status fields_integer(const struct tf_json *at, int64_t least, int64_t most,
                                            int64_t *out, struct tf_fault *fault);
/* Exactly `size` bytes, in lower case hexadecimal, or in base64. */
TF_MUST_CHECK enum tf_status fields_hex(const struct tf_json *at, uint8_t *out, size_t size,
                                        struct tf_fault *fault);
TF_MUST_CHECK enum tf_status fields_base64(const struct tf_json *at, uint8_t *out, size_t size,
                                           struct tf_fault *fault);
/* RFC 3339 in UTC: 'T', 'Z', no more than microseconds. */
TF_MUST_CHECK enum tf_status fields_time(const struct tf_json *at, int64_t *out_us,
                                         struct tf_fault *fault);
bool fields_is_time(const char *text, size_t len, int64_t *out_us);
/* 1 to `most` bytes for people: no control characters but tab and line feed, nothing that turns
 * the direction of what follows (U+202A to U+202E). */
TF_MUST_CHECK enum tf_status fields_text(const struct tf_json *at, size_t most, const char **out,
                                         struct tf_fault *fault);
/* Whether the bytes are such a text. */
bool fields_is_text(const char *text, size_t len);
/* [a-z0-9][a-z0-9.-]*, shorter than `size`: roles, types, words. */
TF_MUST_CHECK enum tf_status fields_word(const struct tf_json *at, char *out, size_t size,
                                         struct tf_fault *fault);
bool fields_is_word(const char *text, size_t size);
/* A party's id. */
TF_MUST_CHECK enum tf_status fields_name(const struct tf_json *at, char out[KEY_NAME_SIZE],
                                         struct tf_fault *fault);

/* What each payload begins with. */
struct fields_head {
    char line[LINE_ID_SIZE];
    char from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
};
TF_MUST_CHECK enum tf_status fields_head(const struct tf_json *root, struct fields_head *out,
                                         struct tf_fault *fault);

/* --- writing --------------------------------------------------------------------------- */

/* {"v":1,"line":"...","from":"...","to":"..." */
void fields_put_head(struct tf_buf *buf, const char *line, const char *from, const char *to);
/* ,"key":value */
void fields_put_integer(struct tf_buf *buf, const char *key, int64_t value);
void fields_put_hex(struct tf_buf *buf, const char *key, const uint8_t *bytes, size_t size);
void fields_put_time(struct tf_buf *buf, const char *key, int64_t t_us);
/* A JSON value, compact, members in their order, numbers as short as is exact. TF_LIMIT:
 * nested more than 64 levels deep. */
TF_MUST_CHECK enum tf_status fields_put_json(struct tf_buf *buf, const json_t *value);

#endif
