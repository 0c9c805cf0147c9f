/*
 * doctor_party.c - the doctor's look at the party: key, card, database, certificate.
 */
#include "cli/doctor.h"

#include "cli/party_state.h"
#include "cli/party_tls.h"
#include "party/account.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_key(struct doctor *d, struct key_secret **key)
{
    char path[STATE_PATH_SIZE];
    struct stat s;
    if (state_path(d->dir, "party.key", path) && stat(path, &s) == 0 && s.st_mode & 077)
        doctor_say(d, FINDING_BAD,
                   TR("%1 can be read by other users, who could speak for the party: run chmod 600 "
                      "on it"),
                   path, NULL);
    if (!party_read_key(d->dir, d->config->passphrase_file, key))
        d->bad++; /* it has complained */
}

static void check_card(struct doctor *d, const struct key_secret *key, struct card *card)
{
    if (!party_read_card(d->dir, card)) {
        d->bad++;
        return;
    }
    struct key_public own = key_public_of(key);
    if (memcmp(own.bytes, card->key.bytes, sizeof own.bytes) != 0)
        doctor_say(d, FINDING_BAD,
                   TR("party.card in %1 is of another key: take both from one copy"), d->dir, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the party is %1"), card->id, NULL);
}

/* What others pin must be what this node shows. */
static void check_pin(struct doctor *d, const struct card *card)
{
    char path[STATE_PATH_SIZE], pin[CARD_TLS_SIZE];
    const char *certificate = d->config->certificate;
    if (!card->tls[0])
        return;
    if (!certificate && state_path(d->dir, "party.crt", path))
        certificate = path;
    if (!party_tls_pin(certificate, pin))
        doctor_say(d, FINDING_BAD, TR("%1 is no PEM certificate that can be read"), certificate,
                   NULL);
    else if (strcmp(pin, card->tls) != 0)
        doctor_say(d, FINDING_BAD,
                   TR("the certificate %1 is not the one that the party's card names: other nodes "
                      "will not take it"),
                   certificate, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the party's card names the certificate %1"), certificate,
                   NULL);
}

static bool count_admins(void *ctx, const struct account *account)
{
    *(size_t *)ctx += (account->roles & ACCOUNT_ADMIN) && !account->is_disabled;
    return true;
}

static void check_database(struct doctor *d, const struct key_secret *key, const struct card *card)
{
    char database[STATE_PATH_SIZE], why[SQL_WHY_SIZE] = "";
    struct sql *sql = NULL;
    struct ledger *ledger = NULL;
    size_t admins = 0;
    if (!party_database_name(d->dir, d->config->party_database, database))
        return;
    if (!d->config->party_database && access(database, F_OK) != 0) {
        doctor_say(d, FINDING_BAD, TR("%1 is missing: restore a copy with tafadi restore"),
                   database, NULL);
        return;
    }
    enum tf_status rc = sql_open(database, &sql, why);
    if (!rc)
        rc = party_prepare(sql, why);
    if (!rc)
        rc = ledger_open(sql, card->ledger, key, &ledger, why);
    if (!rc)
        rc = account_each(&(struct line_context){.sql = sql, .ledger = ledger}, count_admins,
                          &admins);
    if (rc)
        doctor_say(d, FINDING_BAD,
                   TR("the party's database cannot be used (%1): restore a copy with tafadi "
                      "restore, or see that the server runs"),
                   why[0] ? why : tf_status_text(rc), NULL);
    else if (admins == 0)
        doctor_say(d, FINDING_BAD,
                   TR("no operator may administer the desk: run tafadi account add NAME --roles "
                      "admin"),
                   NULL, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the party's database opens"), NULL, NULL);
    ledger_close(ledger);
    sql_close(sql);
}

void doctor_party(struct doctor *d)
{
    struct key_secret *key = NULL;
    struct card card = {.id = ""};
    if (!d->has_dir || !party_is_there(d->dir))
        return;
    check_key(d, &key);
    if (key)
        check_card(d, key, &card);
    if (card.id[0]) {
        check_pin(d, &card);
        check_database(d, key, &card);
    }
    key_free(key);
}
