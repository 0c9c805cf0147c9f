/*
 * json.c - reading hostile JSON by path.
 */
#include "format/json.h"

#include "base/utf8.h"
#include "format/text.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_DEPTH = 64 };

/* The line of the first bracket that is too deep, 0 if none is. */
static size_t too_deep_line(const char *bytes, size_t len)
{
    size_t depth = 0, line = 1;
    bool in_text = false;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        line += c == '\n';
        if (in_text) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_DEPTH)
                return line;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return 0;
}

enum tf_status tf_json_parse(struct tf_reader *reader, json_t **out, struct tf_fault *fault)
{
    size_t mark = tf_utf8_mark(reader->bytes, reader->len), len = reader->len - mark;
    const char *bytes = reader->bytes + mark;
    size_t deep = too_deep_line(bytes, len);
    if (deep > 0) {
        reader->line = deep;
        return tf_fault_set(fault, TF_LIMIT, TF_NO_INDEX, "",
                            TF_TEXT("The JSON is nested more than 64 levels deep."), NULL, NULL,
                            NULL);
    }
    json_error_t error = {.text = ""};
    *out = json_loadb(len ? bytes : "", len, JSON_REJECT_DUPLICATES, &error);
    if (*out)
        return TF_OK;
    /* jansson does not always say that it lacked memory; then it says nothing. */
    if (json_error_code(&error) == json_error_out_of_memory || !*error.text)
        return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    reader->line = error.line > 0 ? (size_t)error.line : 0;
    return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                        TF_TEXT("The file is not valid JSON: %1."), error.text, NULL, NULL);
}

enum tf_status tf_json_read_document(struct tf_reader *reader,
                                     enum tf_status (*read)(struct tf_reader *reader,
                                                            const struct tf_json *root))
{
    json_t *document = NULL;
    struct tf_fault fault;
    enum tf_status rc = tf_json_parse(reader, &document, &fault);
    if (rc)
        return tf_reader_refuse(reader, &fault);
    struct tf_json root = tf_json_root(document);
    rc = read(reader, &root);
    json_decref(document);
    return rc;
}

enum tf_status tf_json_each_feature(struct tf_reader *reader, const struct tf_json *list,
                                    enum tf_status (*read)(struct tf_reader *reader,
                                                           const struct tf_json *item))
{
    struct tf_fault fault;
    enum tf_status rc = tf_json_array(list, &fault);
    if (rc)
        return tf_reader_refuse(reader, &fault);
    for (size_t i = 0; !rc && i < tf_json_count(list); i++) {
        struct tf_json item = tf_json_item(list, i);
        reader->feature = i;
        rc = read(reader, &item);
    }
    return rc;
}

struct tf_json tf_json_root(const json_t *value)
{
    return (struct tf_json){.value = value};
}

struct tf_json tf_json_get(const struct tf_json *object, const char *key)
{
    const json_t *value = object->value ? json_object_get(object->value, key) : NULL;
    return (struct tf_json){object, key, 0, json_is_null(value) ? NULL : value};
}

struct tf_json tf_json_get_any(const struct tf_json *object, const char *const *keys)
{
    for (const char *const *key = keys; *key; key++) {
        struct tf_json found = tf_json_get(object, *key);
        if (found.value)
            return found;
    }
    return tf_json_get(object, keys[0]);
}

struct tf_json tf_json_item(const struct tf_json *array, size_t index)
{
    const json_t *value = array->value ? json_array_get(array->value, index) : NULL;
    return (struct tf_json){array, NULL, index, json_is_null(value) ? NULL : value};
}

size_t tf_json_count(const struct tf_json *array)
{
    return array->value ? json_array_size(array->value) : 0;
}

bool tf_json_there(const struct tf_json *at)
{
    return at->value != NULL;
}

/* Writes the path of `at`; returns its length. Recursion: at most MAX_DEPTH. */
static size_t write_path(const struct tf_json *at, char *out, size_t size)
{
    if (!at->up)
        return 0;
    size_t n = write_path(at->up, out, size);
    int more;
    size_t left = n < size ? size - n : 0;
    char *to = left ? out + n : NULL;
    if (at->key)
        more = snprintf(to, left, "%s%.40s", n ? "." : "", at->key);
    else
        more = snprintf(to, left, "[%zu]", at->index);
    return n + (size_t)(more > 0 ? more : 0);
}

void tf_json_path(const struct tf_json *at, char out[TF_JSON_PATH_SIZE])
{
    out[0] = '\0';
    write_path(at, out, TF_JSON_PATH_SIZE);
}

enum tf_status tf_json_fault(const struct tf_json *at, enum tf_status code, const char *message,
                             const char *arg1, const char *arg2, struct tf_fault *fault)
{
    char path[TF_JSON_PATH_SIZE];
    tf_json_path(at, path);
    return tf_fault_set(fault, code, TF_NO_INDEX, path, message, arg1, arg2, NULL);
}

/* "rings[1].vertices[2].lat_deg" as "[1][2]"; others with a dot before them. */
static void coordinate_suffix(const char *field, char *out, size_t size)
{
    size_t ring, vertex;
    if (sscanf(field, "rings[%zu].vertices[%zu]", &ring, &vertex) == 2)
        snprintf(out, size, "[%zu][%zu]", ring, vertex);
    else if (sscanf(field, "rings[%zu]", &ring) == 1)
        snprintf(out, size, "[%zu]", ring);
    else if (sscanf(field, "vertices[%zu]", &vertex) == 1)
        snprintf(out, size, "[%zu]", vertex);
    else
        snprintf(out, size, "%s%s", *field ? "." : "", field);
}

void tf_json_prefix(const struct tf_json *at, bool coordinates, struct tf_fault *fault)
{
    char path[TF_JSON_PATH_SIZE], suffix[TF_FAULT_FIELD_SIZE + 2],
        both[2 * TF_FAULT_FIELD_SIZE + 2];
    tf_json_path(at, path);
    if (coordinates)
        coordinate_suffix(fault->field, suffix, sizeof suffix);
    else
        snprintf(suffix, sizeof suffix, "%s%s", *fault->field ? "." : "", fault->field);
    snprintf(both, sizeof both, "%s%s", path, suffix);
    struct tf_fault old = *fault;
    tf_fault_set(fault, old.code, old.at, both, old.message, old.arg[0], old.arg[1], old.arg[2]);
}

void tf_json_prefix_ring(const struct tf_json *at, struct tf_fault *fault)
{
    size_t vertex;
    struct tf_fault inner = *fault;
    if (sscanf(fault->field, "rings[0].vertices[%zu]", &vertex) == 1)
        snprintf(inner.field, sizeof inner.field, "vertices[%zu]", vertex);
    else
        inner.field[0] = '\0';
    tf_json_prefix(at, true, &inner);
    *fault = inner;
}

static enum tf_status missing(const struct tf_json *at, struct tf_fault *fault)
{
    return tf_json_fault(at, TF_MISSING, TF_TEXT("A required field is missing."), NULL, NULL,
                         fault);
}

enum tf_status tf_json_number(const struct tf_json *at, double *out, struct tf_fault *fault)
{
    if (!at->value)
        return missing(at, fault);
    if (!json_is_number(at->value))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be a number."), NULL, NULL, fault);
    *out = json_number_value(at->value);
    return TF_OK;
}

enum tf_status tf_json_text(const struct tf_json *at, const char **out, struct tf_fault *fault)
{
    if (!at->value)
        return missing(at, fault);
    if (!json_is_string(at->value))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be a text."), NULL, NULL, fault);
    *out = json_string_value(at->value);
    return TF_OK;
}

static enum tf_status read_time(const struct tf_json *at,
                                enum tf_status (*parse)(const char *, size_t, int64_t *),
                                int64_t *out, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (rc)
        return rc;
    rc = parse(text, strlen(text), out);
    if (rc)
        return tf_json_fault(at, TF_TIME,
                             rc == TF_RANGE
                                 ? TF_TEXT("%1 is not a date and time that exists.")
                                 : TF_TEXT("%1 is not a time as in 2026-11-24T02:00:00Z."),
                             text, NULL, fault);
    return TF_OK;
}

enum tf_status tf_json_time(const struct tf_json *at, int64_t *out, struct tf_fault *fault)
{
    return read_time(at, tf_time_parse, out, fault);
}

enum tf_status tf_json_bound(const struct tf_json *at, int64_t *out, struct tf_fault *fault)
{
    return read_time(at, tf_time_bound, out, fault);
}

enum tf_status tf_json_object(const struct tf_json *at, struct tf_fault *fault)
{
    if (!at->value)
        return missing(at, fault);
    if (!json_is_object(at->value))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be an object."), NULL, NULL, fault);
    return TF_OK;
}

enum tf_status tf_json_array(const struct tf_json *at, struct tf_fault *fault)
{
    if (!at->value)
        return missing(at, fault);
    if (!json_is_array(at->value))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This must be an array."), NULL, NULL, fault);
    return TF_OK;
}

enum tf_status tf_json_word(const struct tf_json *at, const char *const *words, int *out,
                            struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    for (int i = 0; !rc && words[i]; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *out = i;
            return TF_OK;
        }
    }
    return rc ? rc
              : tf_json_fault(at, TF_SYNTAX,
                              TF_TEXT("%1 is not one of the words that are known here."), text,
                              NULL, fault);
}

enum tf_status tf_json_number_or_text(const struct tf_json *at, double *out, struct tf_fault *fault)
{
    if (!json_is_string(at->value))
        return tf_json_number(at, out, fault);
    const char *text = json_string_value(at->value);
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || strpbrk(text, "xXnN"))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("%1 is not a number."), text, NULL, fault);
    *out = value;
    return TF_OK;
}

const char *tf_json_as_text(const struct tf_json *at, char *buffer)
{
    if (json_is_string(at->value))
        return json_string_value(at->value);
    if (json_is_integer(at->value))
        snprintf(buffer, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(at->value));
    else if (json_is_real(at->value))
        snprintf(buffer, 32, "%.15g", json_real_value(at->value));
    else
        return NULL;
    return buffer;
}

void tf_json_put_text(struct tf_buf *buf, const char *key, const char *text)
{
    if (!text)
        return;
    tf_buf_printf(buf, ",\"%s\":", key);
    tf_buf_json(buf, text);
}

void tf_json_put_number(struct tf_buf *buf, const char *key, double value)
{
    tf_buf_printf(buf, ",\"%s\":", key);
    tf_buf_double(buf, value);
}

void tf_json_put_time(struct tf_buf *buf, const char *key, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, text);
    tf_json_put_text(buf, key, text);
}

void tf_json_put_position(struct tf_buf *buf, struct tf_latlng p)
{
    tf_buf_char(buf, '[');
    tf_buf_double(buf, p.lng_deg);
    tf_buf_char(buf, ',');
    tf_buf_double(buf, p.lat_deg);
    tf_buf_char(buf, ']');
}
