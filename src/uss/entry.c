/*
 * entry.c - the ledger's entries of a USS.
 */
#include "uss/entry.h"

#include <sodium.h>
#include <tafadi/time.h>

void uss_entry_begin(struct uss_entry *entry, const struct line_context *c, const char *kind)
{
    char at[TF_TIME_TEXT_SIZE];
    entry->text = (struct tf_buf)TF_BUF_INIT(LEDGER_ENTRY_MAX);
    tf_time_format(c->now_us * 1000, at);
    tf_buf_printf(&entry->text, "{\"kind\":\"%s\",\"at\":\"%s\"", kind, at);
}

void uss_entry_id(struct uss_entry *entry, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    uss_entry_text(entry, "id", text);
}

void uss_entry_text(struct uss_entry *entry, const char *name, const char *text)
{
    tf_buf_printf(&entry->text, ",\"%s\":", name);
    tf_buf_json(&entry->text, text);
}

void uss_entry_number(struct uss_entry *entry, const char *name, int64_t number)
{
    tf_buf_printf(&entry->text, ",\"%s\":", name);
    tf_buf_int(&entry->text, number);
}

void uss_entry_hash(struct uss_entry *entry, const char *name, const char *bytes, size_t len)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256(hash, (const uint8_t *)bytes, len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    uss_entry_text(entry, name, hex);
}

enum tf_status uss_entry_end(struct uss_entry *entry, const struct line_context *c)
{
    tf_buf_char(&entry->text, '}');
    enum tf_status rc = tf_buf_status(&entry->text);
    if (!rc)
        rc = ledger_append(c->ledger, entry->text.data, entry->text.len, NULL);
    tf_buf_release(&entry->text);
    return rc;
}
