/*
 * word_readers.h - how values of a party's commands are read that stay texts (const char *): words
 * of a list, names, addresses, places.
 */
#ifndef TF_CLI_WORD_READERS_H
#define TF_CLI_WORD_READERS_H

#include "cli/flags.h"

extern const struct flag_reader roles_reader;       /* of operators, commas between them */
extern const struct flag_reader role_reader;        /* one, of messages and decisions: any word */
extern const struct flag_reader place_reader;       /* "34.5,36.1" */
extern const struct flag_reader text_type_reader;   /* of `line text` */
extern const struct flag_reader danger_type_reader; /* of `line danger` */
extern const struct flag_reader assessment_reader;
extern const struct flag_reader activity_reader;   /* kinds of a notice */
extern const struct flag_reader disclosure_reader; /* of an operation */
extern const struct flag_reader party_id_reader;
extern const struct flag_reader party_title_reader;
extern const struct flag_reader party_url_reader;
extern const struct flag_reader operator_reader; /* an operator's name */

/* Keeps the text; whether it is one of the words, which end with NULL. */
bool read_word(const char *const *words, const char *text, void *out);
/* What place_reader has let pass. */
bool read_place(const char *text, double *lat_deg, double *lng_deg);

#endif
