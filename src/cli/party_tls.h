/*
 * party_tls.h - a certificate of a party's own, which peers know by the pin on its card.
 */
#ifndef TF_CLI_PARTY_TLS_H
#define TF_CLI_PARTY_TLS_H

#include "line/card.h"
#include <stdbool.h>

/* Writes dir/party.crt and dir/party.tls (EC P-256, 10 years, for the host of the URL) and says the
 * pin. False after a complaint. */
bool party_tls_make(const char *dir, const char *url, char pin[CARD_TLS_SIZE]);
/* The pin of a PEM certificate's key. False: it cannot be read. */
bool party_tls_pin(const char *path, char pin[CARD_TLS_SIZE]);

#endif
