/*
 * jdoc.h - a JSON text (RFC 8259) as one array of values, for reading requests fast.
 *
 * Strict: the text is UTF-8; its root is an object or an array; no name comes twice in an
 * object; no U+0000, no lone surrogate; an integer fits 64 bits and any other number a
 * double; at most TF_JDOC_MAX_DEPTH levels. It reads what jansson reads with
 * JSON_REJECT_DUPLICATES and refuses what that refuses, and any NUL (tests/base/test_jdoc.c
 * compares).
 *
 * Values stand in the order of the text, each before what is in it; in an object the
 * name, a string, stands before its value:
 *
 *     {"a":[1,2],"b":3}      object 2  "a"  array 2  1  2  "b"  3
 *     span (itself and all in it) 7    1      3      1  1   1   1
 *
 * Cost: linear in the text, except for an object's many names, which are sorted once. Two
 * allocations mostly, of together four times the text.
 */
#ifndef TF_BASE_JDOC_H
#define TF_BASE_JDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/status.h>

enum { TF_JDOC_MAX_DEPTH = 2048, TF_JDOC_MAX_BYTES = 1 << 30 };

enum tf_jkind {
    TF_JNULL,
    TF_JFALSE,
    TF_JTRUE,
    TF_JNUMBER,
    TF_JSTRING,
    TF_JARRAY,
    TF_JOBJECT,
    TF_JKIND_COUNT
};

struct tf_jvalue {
    enum tf_jkind kind;
    uint32_t span;  /* values that this and all in it take in the array */
    uint32_t count; /* items, members, or bytes of a string */
    union {
        const char *text; /* UTF-8, terminated, without escapes; the document's */
        double number;    /* the nearest one */
    } as;
};

struct tf_jdoc {
    struct tf_jvalue *values; /* [0] is the root; NULL: none */
    char *text;
};

/* TF_OK; TF_SYNTAX with the place of the fault in *error_at (at most len), also for what
 * exceeds a limit; TF_NOMEM. `bytes` need not be terminated, and is not kept. */
enum tf_status tf_jdoc_read(const char *bytes, size_t len, struct tf_jdoc *out, size_t *error_at);
void tf_jdoc_release(struct tf_jdoc *doc); /* zero is valid, and what is left */
/* Where a byte is for people: lines and characters from 1. */
void tf_jdoc_place(const char *bytes, size_t at, unsigned *line, unsigned *column);

/* The member's value; NULL if there is none of this name, or `object` is none (or NULL). */
const struct tf_jvalue *tf_jdoc_member(const struct tf_jvalue *object, const char *name);
/* NULL is of no kind. */
static inline bool tf_jdoc_is(const struct tf_jvalue *value, enum tf_jkind kind)
{
    return value && value->kind == kind;
}
/* Items of an array; 0 if it is none. */
static inline size_t tf_jdoc_count(const struct tf_jvalue *array)
{
    return tf_jdoc_is(array, TF_JARRAY) ? array->count : 0;
}
/* The first item of an array that has one; and what follows an item or member that has one
 * after it. */
static inline const struct tf_jvalue *tf_jdoc_first(const struct tf_jvalue *array)
{
    return array + 1;
}
static inline const struct tf_jvalue *tf_jdoc_next(const struct tf_jvalue *value)
{
    return value + value->span;
}
/* NULL if it is no string. */
static inline const char *tf_jdoc_string(const struct tf_jvalue *value)
{
    return tf_jdoc_is(value, TF_JSTRING) ? value->as.text : NULL;
}

#endif
