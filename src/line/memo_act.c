/*
 * memo_act.c - proposing, accepting and declining a memorandum, by the rules of docs/line.md that
 * let at most one document of a number get both signatures, however the messages cross.
 */
#include "line/internal.h"

#include <stdio.h>

/* What one side has done with a document: the number of its act; 0: nothing. */
struct side {
    int64_t proposed, accepted, declined;
};
struct memo {
    int64_t number, agreed_us;
    uint8_t hash[KEY_HASH_SIZE];
    struct side own, peer;
};

#define MEMO                                                                                       \
    "SELECT number, agreed_us, hash, own_proposed, own_accepted, own_declined, peer_proposed,"     \
    " peer_accepted, peer_declined FROM line_memo "

static void take_memo(const struct sql_rows *rows, size_t row, struct memo *out)
{
    const struct sql_value *at = sql_at(rows, row, 0);
    memset(out, 0, sizeof *out);
    out->number = at[0].number;
    out->agreed_us = at[1].number;
    if (at[2].len == KEY_HASH_SIZE)
        memcpy(out->hash, at[2].bytes, KEY_HASH_SIZE);
    out->own = (struct side){at[3].number, at[4].number, at[5].number};
    out->peer = (struct side){at[6].number, at[7].number, at[8].number};
}

static enum tf_status load(const struct act *act, const uint8_t hash[KEY_HASH_SIZE],
                           struct memo *out, bool *found)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(act->c->sql, MEMO "WHERE line = $1 AND hash = $2",
                  SQL_ARGS(sql_text(act->row->id), sql_blob(hash, KEY_HASH_SIZE)), &rows);
    if (rc)
        return rc;
    *found = rows.count > 0;
    if (*found)
        take_memo(&rows, 0, out);
    sql_rows_release(&rows);
    return TF_OK;
}

/* The greatest number that has both signatures, and its document; 0: none. */
static enum tf_status load_agreed(const struct act *act, int64_t *number,
                                  uint8_t hash[KEY_HASH_SIZE])
{
    struct sql_rows rows;
    struct memo memo;
    enum tf_status rc = sql_query(
        act->c->sql, MEMO "WHERE line = $1 AND agreed_us > 0 ORDER BY number DESC LIMIT 1",
        SQL_ARGS(sql_text(act->row->id)), &rows);
    if (rc)
        return rc;
    *number = 0;
    if (rows.count > 0) {
        take_memo(&rows, 0, &memo);
        *number = memo.number;
        memcpy(hash, memo.hash, KEY_HASH_SIZE);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

static const struct side *actor(const struct act *act, const struct memo *memo)
{
    return act->is_own ? &memo->own : &memo->peer;
}
static const struct side *other(const struct act *act, const struct memo *memo)
{
    return act->is_own ? &memo->peer : &memo->own;
}

static bool hash_of(const struct act *act, const char *field, uint8_t out[KEY_HASH_SIZE])
{
    const char *text = act_text(act, field);
    return key_unhex(text, strlen(text), out, KEY_HASH_SIZE);
}

/* --- judging -------------------------------------------------------------------------------- */

/* A document that the other side proposed: the receiver's own, if it is heard. */
static enum tf_status check_others(struct act *act, const char *field, struct memo *out)
{
    uint8_t hash[KEY_HASH_SIZE];
    char path[32];
    bool found = false;
    enum tf_status rc = hash_of(act, field, hash) ? load(act, hash, out, &found) : TF_OK;
    if (rc || (found && other(act, out)->proposed))
        return rc;
    snprintf(path, sizeof path, "body.%s", field);
    act_refuse(act, TF_NOT_FOUND, path, TF_TEXT("The other side has proposed no such document."),
               NULL, NULL);
    if (!found && (!act->is_own || act->is_returned))
        act->verdict = ACT_ASIDE;
    return TF_OK;
}

static enum tf_status check_decline(struct act *act, const char *field)
{
    struct memo memo;
    char path[32];
    enum tf_status rc = check_others(act, field, &memo);
    if (rc || act->verdict)
        return rc;
    snprintf(path, sizeof path, "body.%s", field);
    if (actor(act, &memo)->accepted)
        return act_refuse(act, TF_EXISTS, path,
                          TF_TEXT("This document was accepted; a signature is not taken back."),
                          NULL, NULL);
    return TF_OK;
}

/* All documents of one number; what this side has done about them decides. */
static enum tf_status check_number(struct act *act, int64_t number,
                                   const uint8_t wanted[KEY_HASH_SIZE])
{
    struct sql_rows rows;
    bool is_acceptance = wanted != NULL;
    enum tf_status rc = sql_query(act->c->sql, MEMO "WHERE line = $1 AND number = $2",
                                  SQL_ARGS(sql_text(act->row->id), sql_int(number)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; !act->verdict && i < rows.count; i++) {
        struct memo x;
        take_memo(&rows, i, &x);
        bool is_other = is_acceptance && memcmp(x.hash, wanted, KEY_HASH_SIZE) != 0;
        if (actor(act, &x)->accepted)
            act_refuse(act, TF_EXISTS, "body.document",
                       TF_TEXT("This side has accepted a document of this number already."), NULL,
                       NULL);
        else if (is_other && actor(act, &x)->proposed && !other(act, &x)->declined &&
                 memcmp(wanted, x.hash, KEY_HASH_SIZE) > 0)
            act_refuse(act, TF_UNSUPPORTED, "body.document",
                       TF_TEXT("A proposal of this side is still before the other. It may be "
                               "accepted only when that was declined."),
                       NULL, NULL);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

static enum tf_status check_accept(struct act *act)
{
    struct memo memo;
    uint8_t latest[KEY_HASH_SIZE];
    int64_t agreed;
    enum tf_status rc = check_others(act, "document", &memo);
    if (rc || act->verdict)
        return rc;
    if (actor(act, &memo)->declined)
        return act_refuse(act, TF_EXISTS, "body.document",
                          TF_TEXT("This document was declined; propose it anew with a change."),
                          NULL, NULL);
    rc = load_agreed(act, &agreed, latest);
    /* Both proposed these bytes, and both accept: agreed already, which changes nothing. */
    if (!rc && memo.agreed_us && !actor(act, &memo)->accepted && (!act->is_own || act->is_returned))
        return TF_OK;
    if (!rc && memo.number != agreed + 1)
        return act_refuse(act, TF_RANGE, "body.document",
                          TF_TEXT("A document of this number has both signatures already."), NULL,
                          NULL);
    return rc ? rc : check_number(act, memo.number, memo.hash);
}

/*
 * A proposal's document, its line, and that it follows the one that both have signed. What was
 * agreed while it was under way leaves it behind: it changes nothing.
 */
static enum tf_status check_document(struct act *act, const struct memorandum *memo)
{
    uint8_t latest[KEY_HASH_SIZE];
    int64_t agreed;
    enum tf_status rc = load_agreed(act, &agreed, latest);
    if (rc)
        return rc;
    if (strcmp(memo->line, act->row->id) != 0)
        return act_refuse(act, TF_RANGE, "body.document.line",
                          TF_TEXT("The document is of another line."), NULL, NULL);
    if (memo->number > agreed + 1 || (act->is_own && !act->is_returned && memo->number <= agreed))
        return act_refuse(act, TF_RANGE, "body.document.number",
                          TF_TEXT("The next number is proposed when the one before has both "
                                  "signatures."),
                          NULL, NULL);
    if (memo->number == agreed + 1 && agreed > 0 &&
        (!memo->has_replaced || memcmp(memo->replaces, latest, KEY_HASH_SIZE) != 0))
        return act_refuse(act, TF_RANGE, "body.document.replaces",
                          TF_TEXT("This is not the document that both have signed last."), NULL,
                          NULL);
    return check_number(act, memo->number, NULL);
}

static enum tf_status check_propose(struct act *act)
{
    const char *text = act_text(act, "document");
    struct memorandum memo;
    enum tf_status rc = memo_read(text, strlen(text), &memo, &act->fault);
    if (rc == TF_NOMEM)
        return rc;
    if (rc) {
        act->verdict = ACT_REFUSED;
        return TF_OK;
    }
    rc = check_document(act, &memo);
    memo_release(&memo);
    if (!rc && !act->verdict && json_object_get(act->m->body, "counters"))
        rc = check_decline(act, "counters");
    return rc;
}

enum tf_status memo_act_check(struct act *act)
{
    if (act->m->type == MESSAGE_PROPOSE)
        return check_propose(act);
    return act->m->type == MESSAGE_ACCEPT ? check_accept(act) : check_decline(act, "document");
}

/* --- doing ---------------------------------------------------------------------------------- */

static enum tf_status tell(struct act *act, const char *what, const uint8_t hash[KEY_HASH_SIZE],
                           int64_t number)
{
    struct tf_buf both[2] = {LINE_ENTRY_INIT, LINE_ENTRY_INIT};
    log_begin(act->c, act->row, "memorandum", &both[0]);
    event_begin(act->row, &both[1]);
    for (size_t i = 0; i < 2; i++) {
        tf_json_put_text(&both[i], "act", what);
        tf_json_put_text(&both[i], "by", act->is_own ? "own" : "peer");
        fields_put_integer(&both[i], "seq", act->m->seq);
        fields_put_hex(&both[i], "document", hash, KEY_HASH_SIZE);
        fields_put_integer(&both[i], "number", number);
    }
    enum tf_status rc = log_end(act->c, &both[0], NULL);
    if (rc) {
        tf_buf_release(&both[1]);
        return rc;
    }
    return event_add(act->c, "memorandum", &both[1]);
}

static enum tf_status decline(struct act *act, const char *field)
{
    static const char own[] = "UPDATE line_memo SET own_declined = $1 WHERE line = $2"
                              " AND hash = $3 AND own_declined = 0";
    static const char peer[] = "UPDATE line_memo SET peer_declined = $1 WHERE line = $2"
                               " AND hash = $3 AND peer_declined = 0";
    struct memo memo = {0};
    uint8_t hash[KEY_HASH_SIZE] = {0};
    bool found = false;
    enum tf_status rc = hash_of(act, field, hash) ? load(act, hash, &memo, &found) : TF_OK;
    if (!rc)
        rc = sql_send(
            act->c->sql, act->is_own ? own : peer,
            SQL_ARGS(sql_int(act->m->seq), sql_text(act->row->id), sql_blob(hash, sizeof hash)));
    return rc ? rc : tell(act, "declined", hash, memo.number);
}

static enum tf_status accept(struct act *act)
{
    static const char own[] = "UPDATE line_memo SET own_accepted = $1, agreed_us = CASE"
                              " WHEN agreed_us = 0 THEN $2 ELSE agreed_us END"
                              " WHERE line = $3 AND hash = $4";
    static const char peer[] = "UPDATE line_memo SET peer_accepted = $1, agreed_us = CASE"
                               " WHEN agreed_us = 0 THEN $2 ELSE agreed_us END"
                               " WHERE line = $3 AND hash = $4";
    struct memo memo = {0};
    uint8_t hash[KEY_HASH_SIZE] = {0};
    bool found = false;
    enum tf_status rc = hash_of(act, "document", hash) ? load(act, hash, &memo, &found) : TF_OK;
    if (!rc)
        rc = sql_send(act->c->sql, act->is_own ? own : peer,
                      SQL_ARGS(sql_int(act->m->seq), sql_int(act->c->now_us),
                               sql_text(act->row->id), sql_blob(hash, sizeof hash)));
    if (!rc)
        rc = tell(act, "accepted", hash, memo.number);
    return rc ? rc : rules_refresh(act->c, act->row, true);
}

static enum tf_status propose(struct act *act)
{
    static const char own[] =
        "INSERT INTO line_memo (line, hash, number, document, valid_from_us, valid_until_us,"
        " own_proposed) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (line, hash) DO UPDATE SET own_proposed = excluded.own_proposed";
    static const char peer[] =
        "INSERT INTO line_memo (line, hash, number, document, valid_from_us, valid_until_us,"
        " peer_proposed) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (line, hash) DO UPDATE SET peer_proposed = excluded.peer_proposed";
    const char *text = act_text(act, "document");
    struct memorandum memo;
    uint8_t hash[KEY_HASH_SIZE];
    enum tf_status rc = memo_read(text, strlen(text), &memo, NULL);
    if (rc)
        return rc;
    memo_hash(text, strlen(text), hash);
    rc = sql_send(act->c->sql, act->is_own ? own : peer,
                  SQL_ARGS(sql_text(act->row->id), sql_blob(hash, sizeof hash),
                           sql_int(memo.number), sql_text(text), sql_int(memo.valid_from_us),
                           sql_int(memo.valid_until_us), sql_int(act->m->seq)));
    if (!rc)
        rc = tell(act, "proposed", hash, memo.number);
    memo_release(&memo);
    if (!rc && json_object_get(act->m->body, "counters"))
        rc = decline(act, "counters");
    return rc;
}

enum tf_status memo_act_apply(struct act *act)
{
    if (act->m->type == MESSAGE_PROPOSE)
        return propose(act);
    return act->m->type == MESSAGE_ACCEPT ? accept(act) : decline(act, "document");
}
