/*
 * status.h - what a libtafadi function answers, and how it explains a refusal.
 *
 * Every function that can fail returns enum tf_status (TF_OK is 0) and writes
 * its results through out-pointers, on success only. A refusal of *input* also
 * fills a struct tf_fault that the caller owns. The library never prints,
 * aborts or keeps a "last error".
 */
#ifndef TAFADI_STATUS_H
#define TAFADI_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One list: the code, and one sentence for people. */
#define TF_STATUS_LIST(X)                                                                          \
    X(OK, "success")                                                                               \
    X(NOMEM, "out of memory")                                                                      \
    X(RANGE, "a value is outside its permitted range")                                             \
    X(RING, "a ring or line of the outline is not valid")                                          \
    X(TOO_LARGE, "an area or a file is larger than is supported")                                  \
    X(ALTITUDE, "an altitude or altitude band is not valid")                                       \
    X(TIME, "a time or time interval is not valid")                                                \
    X(SYNTAX, "the text does not follow its format")                                               \
    X(MISSING, "a required field is missing")                                                      \
    X(UNSUPPORTED, "valid, but not supported here")                                                \
    X(EXISTS, "an item with this key is there already")                                            \
    X(NOT_FOUND, "there is no item with this key")                                                 \
    X(LIMIT, "a stated limit was reached")                                                         \
    X(BUSY, "no free slot; try again")

enum tf_status {
#define TF_STATUS_ENUM(name, text) TF_##name,
    TF_STATUS_LIST(TF_STATUS_ENUM)
#undef TF_STATUS_ENUM
        TF_STATUS_COUNT
};

#if defined(__GNUC__)
#define TF_MUST_CHECK __attribute__((warn_unused_result))
#else
#define TF_MUST_CHECK
#endif

/* Marks a message for translation (xgettext -kTF_TEXT); itself does nothing. */
#define TF_TEXT(english) english

enum { TF_FAULT_ARGS = 3, TF_FAULT_ARG_SIZE = 64, TF_FAULT_FIELD_SIZE = 96 };

/*
 * Why an input was refused. `message` is a static English sentence with the
 * places %1 %2 %3 for `arg` (so that a program can translate the sentence and
 * then fill it in); it says what is wrong and what to do. `field` is the path
 * of the first offending value, as in "rings[0].vertices[3].lat_deg"; empty if
 * there is none. `at` is the index of the offending element (vertex, waypoint,
 * row), or TF_NO_INDEX.
 */
#define TF_NO_INDEX ((size_t)-1)
struct tf_fault {
    enum tf_status code;
    size_t at;
    char field[TF_FAULT_FIELD_SIZE];
    const char *message;
    char arg[TF_FAULT_ARGS][TF_FAULT_ARG_SIZE];
};

/* The sentence of a status, in English. Never NULL. */
const char *tf_status_text(enum tf_status status);

/*
 * Fills `fault` (may be NULL, then only the code is returned) and returns
 * `code`, so that `return tf_fault_set(...)` reads well. Copies field and args,
 * cutting what is too long at a UTF-8 boundary. Unused args: NULL.
 */
enum tf_status tf_fault_set(struct tf_fault *fault, enum tf_status code, size_t at,
                            const char *field, const char *message, const char *arg1,
                            const char *arg2, const char *arg3);

/*
 * Writes `message` with its %1..%3 filled from `arg` into out (size > 0, always
 * terminated). `message` is fault->message or its translation. Returns the
 * length that the whole text has, like snprintf.
 */
size_t tf_fault_text(const struct tf_fault *fault, const char *message, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
