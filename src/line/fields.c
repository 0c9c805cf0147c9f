/*
 * fields.c - strict reading of a line's JSON, and its writing.
 */
#include "line/fields.h"

#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

enum tf_status fields_parse(const char *text, size_t len, size_t max, json_t **out,
                            struct tf_fault *fault)
{
    struct tf_reader reader = {.bytes = text, .len = len};
    if (len > max)
        return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                            TF_TEXT("This is longer than it may be."), NULL, NULL, NULL);
    if (tf_utf8_mark(text, len))
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                            TF_TEXT("A byte order mark is not allowed here."), NULL, NULL, NULL);
    enum tf_status rc = tf_json_parse(&reader, out, fault);
    return rc == TF_LIMIT ? TF_SYNTAX : rc; /* too deep: TF_LIMIT is a full disk's word here */
}

enum tf_status fields_integer(const struct tf_json *at, int64_t least, int64_t most, int64_t *out,
                              struct tf_fault *fault)
{
    double number;
    enum tf_status rc = tf_json_number(at, &number, fault);
    if (rc)
        return rc;
    if (!json_is_integer(at->value))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be a whole number."), NULL, NULL,
                             fault);
    int64_t value = json_integer_value(at->value);
    if (value < least || value > most) {
        char low[24], high[24];
        snprintf(low, sizeof low, "%lld", (long long)least);
        snprintf(high, sizeof high, "%lld", (long long)most);
        return tf_json_fault(at, TF_RANGE, TF_TEXT("This must be between %1 and %2."), low, high,
                             fault);
    }
    *out = value;
    return TF_OK;
}

enum tf_status fields_hex(const struct tf_json *at, uint8_t *out, size_t size,
                          struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && !key_unhex(text, strlen(text), out, size)) {
        char digits[24];
        snprintf(digits, sizeof digits, "%zu", 2 * size);
        rc = tf_json_fault(at, TF_SYNTAX,
                           TF_TEXT("This must be %1 digits 0-9 and a-f (lower case)."), digits,
                           NULL, fault);
    }
    return rc;
}

enum tf_status fields_base64(const struct tf_json *at, uint8_t *out, size_t size,
                             struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && !key_unbase64(text, strlen(text), out, size)) {
        char bytes[24];
        snprintf(bytes, sizeof bytes, "%zu", size);
        rc = tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be %1 bytes in base64, padded."),
                           bytes, NULL, fault);
    }
    return rc;
}

/* "2026-11-24T02:00:00Z" to "2026-11-24T02:00:00.123456Z". */
static bool is_plain_time(const char *text, size_t len)
{
    enum { LEAST = 20, MOST = 27 };
    return len >= LEAST && len <= MOST && text[10] == 'T' && text[len - 1] == 'Z' &&
           strncmp(text + 17, "60", 2) != 0 && (len == LEAST || (text[19] == '.' && len > 21));
}

bool fields_is_time(const char *text, size_t len, int64_t *out_us)
{
    int64_t t_ns;
    if (!is_plain_time(text, len) || tf_time_parse(text, len, &t_ns))
        return false;
    *out_us = t_ns / 1000 - (t_ns % 1000 < 0);
    return true;
}

enum tf_status fields_time(const struct tf_json *at, int64_t *out_us, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && !fields_is_time(text, strlen(text), out_us))
        rc = tf_json_fault(at, TF_TIME,
                           TF_TEXT("%1 is not a time in UTC as in 2026-11-24T02:00:00.123456Z."),
                           text, NULL, fault);
    return rc;
}

static bool is_for_people(uint32_t code)
{
    bool is_control =
        (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
    bool turns = code >= 0x202A && code <= 0x202E;
    return !is_control && !turns;
}

bool fields_is_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = tf_utf8_decode(text + i, len - i, &code);
        if (!n || !is_for_people(code))
            return false;
        i += n;
    }
    return true;
}

enum tf_status fields_text(const struct tf_json *at, size_t most, const char **out,
                           struct tf_fault *fault)
{
    enum tf_status rc = tf_json_text(at, out, fault);
    if (rc)
        return rc;
    size_t len = strlen(*out);
    if (len < 1 || len > most) {
        char limit[24];
        snprintf(limit, sizeof limit, "%zu", most);
        return tf_json_fault(at, TF_RANGE, TF_TEXT("A text here has 1 to %1 bytes."), limit, NULL,
                             fault);
    }
    if (!fields_is_text(*out, len))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("The text has control characters."), NULL, NULL,
                             fault);
    return TF_OK;
}

bool fields_is_word(const char *text, size_t size)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    return len > 0 && len < size && !text[len] && text[0] != '.' && text[0] != '-';
}

enum tf_status fields_word(const struct tf_json *at, char *out, size_t size, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && !fields_is_word(text, size)) {
        char most[24];
        snprintf(most, sizeof most, "%zu", size - 1);
        rc = tf_json_fault(at, TF_SYNTAX,
                           TF_TEXT("This must be 1 to %1 of a-z, 0-9, dot and hyphen."), most, NULL,
                           fault);
    }
    if (!rc)
        memcpy(out, text, strlen(text) + 1);
    return rc;
}

enum tf_status fields_name(const struct tf_json *at, char out[KEY_NAME_SIZE],
                           struct tf_fault *fault)
{
    return fields_word(at, out, KEY_NAME_SIZE, fault);
}

enum tf_status fields_head(const struct tf_json *root, struct fields_head *out,
                           struct tf_fault *fault)
{
    struct tf_json v = tf_json_get(root, "v"), line = tf_json_get(root, "line");
    struct tf_json from = tf_json_get(root, "from"), to = tf_json_get(root, "to");
    uint8_t id[(LINE_ID_SIZE - 1) / 2];
    int64_t version = 0;
    enum tf_status rc = tf_json_object(root, fault);
    if (!rc)
        rc = fields_integer(&v, 1, FIELDS_INTEGER_MAX, &version, fault);
    if (!rc && version != 1)
        rc = tf_json_fault(&v, TF_UNSUPPORTED, TF_TEXT("Only version 1 is known here."), NULL, NULL,
                           fault);
    if (!rc)
        rc = fields_hex(&line, id, sizeof id, fault);
    if (!rc)
        rc = fields_name(&from, out->from, fault);
    if (!rc)
        rc = fields_name(&to, out->to, fault);
    if (!rc && strcmp(out->from, out->to) == 0)
        rc = tf_json_fault(&to, TF_SYNTAX, TF_TEXT("The sender and the receiver are the same."),
                           NULL, NULL, fault);
    if (!rc)
        key_hex(id, sizeof id, out->line);
    return rc;
}

void fields_put_head(struct tf_buf *buf, const char *line, const char *from, const char *to)
{
    tf_buf_text(buf, "{\"v\":1");
    tf_json_put_text(buf, "line", line);
    tf_json_put_text(buf, "from", from);
    tf_json_put_text(buf, "to", to);
}

void fields_put_integer(struct tf_buf *buf, const char *key, int64_t value)
{
    tf_buf_printf(buf, ",\"%s\":%lld", key, (long long)value);
}

void fields_put_hex(struct tf_buf *buf, const char *key, const uint8_t *bytes, size_t size)
{
    char hex[2 * KEY_SIGNATURE_SIZE + 1];
    key_hex(bytes, size, hex);
    tf_json_put_text(buf, key, hex);
}

void fields_put_time(struct tf_buf *buf, const char *key, int64_t t_us)
{
    tf_json_put_time(buf, key, t_us * 1000);
}

/* --- any JSON value --------------------------------------------------------------------- */

static enum tf_status put_value(struct tf_buf *buf, const json_t *value, int depth);

static enum tf_status put_object(struct tf_buf *buf, const json_t *object, int depth)
{
    enum tf_status rc = TF_OK;
    json_t *all = (json_t *)object; /* jansson's iterators are not const */
    bool is_first = true;
    tf_buf_char(buf, '{');
    for (void *i = json_object_iter(all); !rc && i; i = json_object_iter_next(all, i)) {
        if (!is_first)
            tf_buf_char(buf, ',');
        is_first = false;
        tf_buf_json(buf, json_object_iter_key(i));
        tf_buf_char(buf, ':');
        rc = tf_buf_status(buf);
        if (!rc)
            rc = put_value(buf, json_object_iter_value(i), depth + 1);
    }
    tf_buf_char(buf, '}');
    return rc;
}

static enum tf_status put_array(struct tf_buf *buf, const json_t *array, int depth)
{
    enum tf_status rc = TF_OK;
    tf_buf_char(buf, '[');
    for (size_t i = 0; !rc && i < json_array_size(array); i++) {
        if (i > 0)
            tf_buf_char(buf, ',');
        rc = put_value(buf, json_array_get(array, i), depth + 1);
    }
    tf_buf_char(buf, ']');
    return rc;
}

/* Recursion: at most MAX_DEPTH. */
static enum tf_status put_value(struct tf_buf *buf, const json_t *value, int depth)
{
    if (depth > MAX_DEPTH)
        return TF_LIMIT;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(buf, value, depth);
    case JSON_ARRAY:
        return put_array(buf, value, depth);
    case JSON_STRING:
        tf_buf_json(buf, json_string_value(value));
        break;
    case JSON_INTEGER:
        tf_buf_int(buf, json_integer_value(value));
        break;
    case JSON_REAL:
        tf_buf_double(buf, json_real_value(value));
        break;
    case JSON_TRUE:
        tf_buf_text(buf, "true");
        break;
    case JSON_FALSE:
        tf_buf_text(buf, "false");
        break;
    case JSON_NULL:
        tf_buf_text(buf, "null");
        break;
    }
    return tf_buf_status(buf);
}

enum tf_status fields_put_json(struct tf_buf *buf, const json_t *value)
{
    enum tf_status rc = tf_buf_status(buf);
    return rc ? rc : put_value(buf, value, 1);
}
