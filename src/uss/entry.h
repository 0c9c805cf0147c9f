/*
 * entry.h - the ledger's entries of a USS, member by member.
 */
#ifndef TF_USS_ENTRY_H
#define TF_USS_ENTRY_H

#include "base/uuid.h"
#include "line/line.h"

struct uss_entry {
    struct tf_buf text;
};
void uss_entry_begin(struct uss_entry *entry, const struct line_context *c, const char *kind);
void uss_entry_id(struct uss_entry *entry, const struct tf_uuid *id);
void uss_entry_text(struct uss_entry *entry, const char *name, const char *text);
void uss_entry_number(struct uss_entry *entry, const char *name, int64_t number);
/* The SHA-256 of what is kept beside the ledger. */
void uss_entry_hash(struct uss_entry *entry, const char *name, const char *bytes, size_t len);
/* Appends it to the ledger, and frees it. */
TF_MUST_CHECK enum tf_status uss_entry_end(struct uss_entry *entry, const struct line_context *c);

#endif
