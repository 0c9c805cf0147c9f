/*
 * backup_party.h - a party's files beside the data file's copy: COPY.party.db, COPY.party.key, ...
 */
#ifndef TF_CLI_BACKUP_PARTY_H
#define TF_CLI_BACKUP_PARTY_H

#include <stdbool.h>

/* Copies the party of `dir`, also while the node runs. Nothing to do without one. False after a
 * complaint, as below. */
bool backup_party(const char *dir, const char *to);
/* Is there a copy of a party beside `from`? */
bool backup_has_party(const char *from);
/* Puts it into `dir`, whose lock is held; what was there is kept under another name. */
bool restore_party(const char *dir, const char *from);

#endif
