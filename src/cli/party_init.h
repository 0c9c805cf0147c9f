/*
 * party_init.h - making a party, and changing what is on its card.
 */
#ifndef TF_CLI_PARTY_INIT_H
#define TF_CLI_PARTY_INIT_H

#include "cli/command.h"
#include "cli/party_state.h"

extern const struct command command_party_init, command_party_set, command_party_rotate;

/* Writes dir/party.card anew. False after a complaint. */
bool party_write_card(const char *dir, const struct card *card, const struct key_secret *key);
/* A password of 80 random bits that can be typed: "abcd-efgh-ijkl-mnop". */
enum { PASSWORD_SIZE = 20 };
void party_make_password(char out[PASSWORD_SIZE]);

#endif
