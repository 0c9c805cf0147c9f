/*
 * line_text.h - what was said on a line, for people: its place, its gist, what became of it.
 */
#ifndef TF_CLI_LINE_TEXT_H
#define TF_CLI_LINE_TEXT_H

#include "base/buf.h"
#include "line/line.h"

/* "40.50000, 11.50000, 2026-11-24T03:00:00Z / 2026-11-24T04:00:00Z", appended. */
void line_text_place(struct tf_buf *out, const struct message_place *place);
/* What a message is about, then its place and times in rows of their own, appended; a phrase is in
 * the reader's language. */
void line_text_gist(struct tf_buf *out, const struct line_message *message);
/* A phrase without the isolates (U+2068, U+2069) of right-to-left sentences, which no terminal is
 * shown. */
void line_text_plain(struct tf_buf *out, const char *text);
/* What an alarm is about, in the reader's language; its kind, if that is not known here. */
const char *line_text_alarm(const char *kind);
/* "seen", "no-conflict", ... in the reader's language. */
const char *line_text_standing(const struct line_message *message);

#endif
