/*
 * take.c - members of a request's body and query, each refused by name.
 */
#include "desk/internal.h"

#include <errno.h>
#include <stdlib.h>

static enum tf_status refuse(struct visit *v, enum tf_status code, const char *name,
                             const char *message)
{
    return tf_fault_set(&v->fault, code, TF_NO_INDEX, name, message, NULL, NULL, NULL);
}

static const json_t *member(const struct visit *v, const char *name)
{
    const json_t *value = json_object_get(v->json, name);
    return json_is_null(value) ? NULL : value;
}

enum tf_status desk_text(struct visit *v, const char *name, bool required, size_t max,
                         const char **out)
{
    const json_t *value = member(v, name);
    *out = NULL;
    if (!value)
        return required ? refuse(v, TF_MISSING, name, TF_TEXT("this member is needed")) : TF_OK;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return refuse(v, TF_SYNTAX, name, TF_TEXT("this must be a text"));
    if (json_string_length(value) > max || (required && json_string_length(value) == 0))
        return refuse(v, TF_RANGE, name, TF_TEXT("this text is empty or too long"));
    *out = json_string_value(value);
    return TF_OK;
}

enum tf_status desk_number(struct visit *v, const char *name, int64_t least, int64_t most,
                           int64_t absent, int64_t *out)
{
    const json_t *value = member(v, name);
    *out = absent;
    if (!value)
        return TF_OK;
    if (!json_is_integer(value))
        return refuse(v, TF_SYNTAX, name, TF_TEXT("this must be a whole number"));
    *out = json_integer_value(value);
    if (*out < least || *out > most)
        return refuse(v, TF_RANGE, name, TF_TEXT("this number is out of its range"));
    return TF_OK;
}

enum tf_status desk_flag(struct visit *v, const char *name, bool absent, bool *out)
{
    const json_t *value = member(v, name);
    *out = absent;
    if (!value)
        return TF_OK;
    if (!json_is_boolean(value))
        return refuse(v, TF_SYNTAX, name, TF_TEXT("this must be true or false"));
    *out = json_is_true(value);
    return TF_OK;
}

enum tf_status desk_time(struct visit *v, const char *name, int64_t absent, int64_t *out_us)
{
    const json_t *value = member(v, name);
    int64_t t_ns;
    *out_us = absent;
    if (!value)
        return TF_OK;
    if (!json_is_string(value) ||
        tf_time_parse(json_string_value(value), json_string_length(value), &t_ns))
        return refuse(v, TF_TIME, name, TF_TEXT("this must be a time like 2026-11-24T02:00:00Z"));
    *out_us = t_ns / 1000;
    return TF_OK;
}

enum tf_status desk_query_number(struct visit *v, const char *name, int64_t least, int64_t most,
                                 int64_t absent, int64_t *out)
{
    char text[24], *end;
    struct http_slice query = v->exchange->head->query;
    *out = absent;
    if (!http_query_has(query, name))
        return TF_OK;
    if (!http_query_value(query, name, text, sizeof text) || !text[0] ||
        strspn(text, "-0123456789") != strlen(text))
        return refuse(v, TF_SYNTAX, name, TF_TEXT("this must be a whole number"));
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno || *end || *out < least || *out > most)
        return refuse(v, TF_RANGE, name, TF_TEXT("this number is out of its range"));
    return TF_OK;
}
