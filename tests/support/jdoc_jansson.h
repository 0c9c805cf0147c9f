/*
 * jdoc_jansson.h - whether base/jdoc reads a text as jansson does: both refuse it, or both
 * find the same values. Texts with a NUL are to be refused; jansson passes over one that
 * stands behind a number.
 */
#ifndef TESTS_SUPPORT_JDOC_JANSSON_H
#define TESTS_SUPPORT_JDOC_JANSSON_H

#include "base/jdoc.h"
#include <jansson.h>
#include <string.h>

/* A value that jansson must have as well; *next is what stands behind it. */
static inline bool jdoc_same_scalar(const struct tf_jvalue *ours, const json_t *theirs)
{
    static const json_type types[TF_JKIND_COUNT] = {JSON_NULL,   JSON_FALSE, JSON_TRUE,  JSON_REAL,
                                                    JSON_STRING, JSON_ARRAY, JSON_OBJECT};
    if (!theirs || !ours)
        return false;
    if (ours->kind == TF_JNUMBER)
        return json_is_number(theirs) && ours->as.number == json_number_value(theirs);
    if (json_typeof(theirs) != types[ours->kind])
        return false;
    return ours->kind != TF_JSTRING ||
           (ours->count == json_string_length(theirs) && ours->as.text[ours->count] == '\0' &&
            memcmp(ours->as.text, json_string_value(theirs), ours->count) == 0);
}

/* Recursive: at most TF_JDOC_MAX_DEPTH levels. */
static inline bool jdoc_same(const struct tf_jvalue *ours, json_t *theirs)
{
    if (!jdoc_same_scalar(ours, theirs))
        return false;
    const struct tf_jvalue *at = ours + 1;
    bool array = ours->kind == TF_JARRAY, object = ours->kind == TF_JOBJECT;
    if ((array && ours->count != json_array_size(theirs)) ||
        (object && ours->count != json_object_size(theirs)))
        return false;
    for (uint32_t i = 0; (array || object) && i < ours->count; i++) {
        json_t *member = array ? json_array_get(theirs, i) : NULL;
        const struct tf_jvalue *value = at + object;
        if (object)
            member = at->kind == TF_JSTRING ? json_object_get(theirs, at->as.text) : NULL;
        if (!jdoc_same(value, member))
            return false;
        /* A look-up walks over what is in front: of very many names, some are enough. */
        bool look_up = object && (i < 1000 || i % 1009 == 0);
        if (look_up && tf_jdoc_member(ours, at->as.text) != value)
            return false;
        at = tf_jdoc_next(value);
    }
    return at == ours + ours->span;
}

static inline bool jdoc_agrees(const char *text, size_t len)
{
    struct tf_jdoc doc;
    json_error_t error;
    size_t error_at = 0;
    json_t *theirs = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    enum tf_status rc = tf_jdoc_read(text, len, &doc, &error_at);
    bool nul = len > 0 && memchr(text, 0, len);
    bool agree =
        (rc == TF_OK) == (theirs && !nul) && (rc == TF_OK || rc == TF_SYNTAX) && error_at <= len;
    if (agree && rc == TF_OK)
        agree = jdoc_same(doc.values, theirs);
    json_decref(theirs);
    tf_jdoc_release(&doc);
    return agree;
}

#endif
