/*
 * say.h - what the program says: in the user's language, with its places filled.
 *
 * English is the source language and needs no catalogue. The others are made
 * from po/ (gettext) at build time and are part of the binary, so that
 * `--lang ar` works on a machine that has neither the locale nor any installed file.
 *
 * Places in a message are %1 to %9, so that a translation may reorder them and a
 * wrong one can never read a wrong argument.
 */
#ifndef TF_CLI_SAY_H
#define TF_CLI_SAY_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message, marked and translated (xgettext -kTR), and one with plural forms
 * (xgettext -kTRN:1,2). TF_TEXT marks without translating. */
#define TR(english) say_tr(english)
#define TRN(one, many, n) say_trn(one, many, n)

/* "en", "ar", "ru", or a locale name such as "ar_SY.UTF-8". False, and nothing
 * changed, if there is no catalogue for it. */
bool say_set_language(const char *name);
/* As the environment says (LC_ALL, LC_MESSAGES, LANG; LANGUAGE comes first, as in
 * gettext); English if it says nothing that is known. */
void say_language_from_environment(void);
const char *say_language(void); /* "en", "ar", "ru" */

const char *say_tr(const char *english);
/* In a language of its own, for whoever asks from outside; any thread. */
const char *say_translated(const char *language, const char *english);
const char *say_trn(const char *one, const char *many, unsigned long n);

/* Appends `message` with its places filled from the const char * that follow, up to NULL. */
void say_fill(struct tf_buf *out, const char *message, ...) __attribute__((sentinel));
/* The same as one line on standard error, after "tafadi: ". */
void say_complain(const char *message, ...) __attribute__((sentinel));

/* Progress of something long: a line on standard error that the next one replaces,
 * and its removal. */
void say_progress(const char *message, const char *arg);
void say_progress_end(void);

/* A number as text, to be used within one expression. */
struct say_number {
    char s[48];
};
struct say_number say_count(size_t n);
struct say_number say_metres(double m); /* "9260 m", "12.3 km" from 10 km up, "0.4 m" below 10 m */

/* Appends a duration >= 0, as "1 h 30 min" or "45 s"; parts of a second are left out. */
void say_duration(struct tf_buf *out, int64_t duration_ns);

/* Appends text from a file as it may be shown on a terminal: control characters,
 * escapes and changes of direction become '?'. NULL is nothing. */
void say_safe(struct tf_buf *out, const char *text);
/* The same of `len` bytes, cut with an ellipsis where they take more than `columns`. */
void say_line(struct tf_buf *out, const char *text, size_t len, size_t columns);
/* Columns that UTF-8 text of `len` bytes takes on a terminal. */
size_t say_width(const char *text, size_t len);

#endif
