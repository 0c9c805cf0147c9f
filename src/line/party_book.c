/*
 * party_book.c - the other parties, by the cards that they handed over.
 */
#include "line/internal.h"

#include "ledger/witness.h"
#include <stdio.h>

#define PARTY "SELECT id, title, key, ledger, url, tls, made_ns, card FROM line_party "

static void take_card(const struct sql_rows *rows, size_t row, struct card *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->id, sizeof out->id, "%s", sql_at(rows, row, 0)->bytes);
    snprintf(out->title, sizeof out->title, "%s", sql_at(rows, row, 1)->bytes);
    if (sql_at(rows, row, 2)->len == KEY_PUBLIC_SIZE)
        memcpy(out->key.bytes, sql_at(rows, row, 2)->bytes, KEY_PUBLIC_SIZE);
    snprintf(out->ledger, sizeof out->ledger, "%s", sql_at(rows, row, 3)->bytes);
    snprintf(out->url, sizeof out->url, "%s", sql_at(rows, row, 4)->bytes);
    snprintf(out->tls, sizeof out->tls, "%s", sql_at(rows, row, 5)->bytes);
    out->made_ns = sql_at(rows, row, 6)->number;
}

enum tf_status party_load(const struct line_context *c, const char *id, struct card *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql, PARTY "WHERE id = $1", SQL_ARGS(sql_text(id)), &rows);
    if (rc)
        return rc;
    if (rows.count > 0)
        take_card(&rows, 0, out);
    else
        rc = TF_NOT_FOUND;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status line_each_party(const struct line_context *c,
                               bool (*visit)(void *ctx, const struct card *card, const char *text),
                               void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql, PARTY "ORDER BY id", SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < rows.count; i++) {
        struct card card;
        take_card(&rows, i, &card);
        goes_on = visit(ctx, &card, sql_at(&rows, i, 7)->bytes);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

/* --- adding ---------------------------------------------------------------------------------- */

static enum tf_status check_new(const struct line_context *c, const struct card *card, bool *is_old,
                                struct tf_fault *fault)
{
    struct card known;
    *is_old = false;
    if (strcmp(card->id, c->card.id) == 0)
        return tf_fault_set(fault, TF_EXISTS, TF_NO_INDEX, "id",
                            TF_TEXT("This is the card of this party itself."), NULL, NULL, NULL);
    enum tf_status rc = party_load(c, card->id, &known);
    if (rc == TF_NOT_FOUND)
        return TF_OK;
    if (rc)
        return rc;
    if (memcmp(known.key.bytes, card->key.bytes, KEY_PUBLIC_SIZE) != 0)
        return tf_fault_set(fault, TF_EXISTS, TF_NO_INDEX, "key",
                            TF_TEXT("%1 is known here with another key. A key changes by "
                                    "key.rotate on the line; who lost it comes under a new id."),
                            card->id, NULL, NULL);
    *is_old = card->made_ns < known.made_ns;
    return TF_OK;
}

static enum tf_status write_card(const struct line_context *c, const struct card *card,
                                 const char *text, size_t len)
{
    static const char insert[] =
        "INSERT INTO line_party (id, title, key, ledger, url, tls, made_ns, card, added_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET"
        " title = excluded.title, ledger = excluded.ledger, url = excluded.url,"
        " tls = excluded.tls, made_ns = excluded.made_ns, card = excluded.card";
    const struct sql_value card_text = {.type = SQL_TEXT, .bytes = text, .len = len};
    enum tf_status rc =
        sql_exec(c->sql, insert,
                 SQL_ARGS(sql_text(card->id), sql_text(card->title),
                          sql_blob(card->key.bytes, KEY_PUBLIC_SIZE), sql_text(card->ledger),
                          sql_text(card->url), sql_text(card->tls), sql_int(card->made_ns),
                          card_text, sql_int(c->now_us)),
                 NULL);
    return rc ? rc : witness_trust(c->sql, card->ledger, card->ledger, &card->key);
}

static enum tf_status tell(const struct line_context *c, const struct card *card)
{
    struct tf_buf entry = LINE_ENTRY_INIT, event = LINE_ENTRY_INIT;
    uint8_t fingerprint[KEY_HASH_SIZE];
    envelope_fingerprint(&card->key, fingerprint);
    log_begin(c, NULL, "party", &entry);
    tf_json_put_text(&entry, "party", card->id);
    tf_json_put_text(&entry, "title", card->title);
    fields_put_hex(&entry, "fingerprint", fingerprint, sizeof fingerprint);
    tf_json_put_text(&entry, "ledger", card->ledger);
    if (*card->url)
        tf_json_put_text(&entry, "url", card->url);
    enum tf_status rc = log_end(c, &entry, NULL);
    if (rc)
        return rc;
    event_begin(NULL, &event);
    tf_json_put_text(&event, "party", card->id);
    return event_add(c, "party", &event);
}

enum tf_status line_add_party(const struct line_context *c, const char *card, size_t len,
                              struct card *out, struct tf_fault *fault)
{
    struct card read;
    bool is_old;
    enum tf_status rc = card_read(card, len, &read, fault);
    if (!rc)
        rc = check_new(c, &read, &is_old, fault);
    if (!rc && !is_old) {
        rc = write_card(c, &read, card, len);
        if (!rc)
            rc = tell(c, &read);
    }
    if (!rc)
        *out = read;
    return rc;
}

enum tf_status party_set_key(const struct line_context *c, const char *id,
                             const struct key_public *key)
{
    struct card card;
    enum tf_status rc = party_load(c, id, &card);
    if (!rc)
        rc = sql_exec(c->sql, "UPDATE line_party SET key = $1 WHERE id = $2",
                      SQL_ARGS(sql_blob(key->bytes, KEY_PUBLIC_SIZE), sql_text(id)), NULL);
    if (!rc)
        rc = witness_trust(c->sql, card.ledger, card.ledger, key);
    if (rc)
        return rc;
    card.key = *key;
    return tell(c, &card);
}
