/*
 * lines.c - parties, lines, what is said on them, alarms and memoranda, for operators.
 */
#include "desk/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { SPEAKERS = ACCOUNT_DUTY_OFFICER | ACCOUNT_HEAD_OF_CELL, MESSAGES_MAX = 500 };

/* --- parties ----------------------------------------------------------------------------- */

static void print_card(struct tf_buf *out, const struct card *card, const char *text)
{
    uint8_t fingerprint[KEY_HASH_SIZE];
    char digits[FINGERPRINT_DIGITS_SIZE];
    static const char *const languages[] = {"en", "ar", "ru"};
    envelope_fingerprint(&card->key, fingerprint);
    fingerprint_digits(fingerprint, digits);
    desk_put_text(out, "id", card->id);
    desk_put_text(out, "title", card->title);
    desk_put_text(out, "url", card->url);
    desk_put_text(out, "ledger", card->ledger);
    desk_put_hash(out, "fingerprint", fingerprint);
    desk_put_text(out, "digits", digits);
    desk_put_open(out, "words", '{');
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        desk_put_open(out, languages[i], '[');
        for (int w = 0; w < FINGERPRINT_WORDS; w++)
            desk_put_text(out, NULL, fingerprint_word(languages[i], fingerprint[w]));
        tf_buf_char(out, ']');
    }
    tf_buf_char(out, '}');
    if (text)
        desk_put_text(out, "card", text);
}

static enum tf_status run_party(struct visit *v, const struct line_context *c)
{
    struct tf_buf card = TF_BUF_INIT(CARD_TEXT_MAX);
    enum tf_status rc = card_write(&c->card, c->key, &card);
    if (!rc) {
        tf_buf_char(v->out, '{');
        print_card(v->out, &c->card, card.data);
        desk_put_text(v->out, "version", desk_settings(v->desk)->version);
        desk_put_time(v->out, "now", c->now_us);
        tf_buf_char(v->out, '}');
    }
    tf_buf_release(&card);
    return rc;
}

static bool visit_party(void *ctx, const struct card *card, const char *text)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    print_card(out, card, text);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status run_parties(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"parties\":[");
    enum tf_status rc = line_each_party(c, visit_party, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_add_party(struct visit *v, const struct line_context *c)
{
    const char *text;
    struct card card;
    enum tf_status rc = desk_text(v, "card", true, CARD_TEXT_MAX, &text);
    if (!rc)
        rc = line_add_party(c, text, strlen(text), &card, &v->fault);
    if (rc)
        return rc;
    v->exchange->status = 201;
    tf_buf_char(v->out, '{');
    print_card(v->out, &card, text);
    tf_buf_char(v->out, '}');
    return TF_OK;
}

/* --- lines ---------------------------------------------------------------------------------- */

static const char *stance_name(enum line_stance stance)
{
    static const char *const names[] = {"none", "open", "suspended", "closed"};
    return names[stance];
}

static bool print_line(void *ctx, const struct line_info *info)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "id", info->id);
    desk_put_text(out, "peer", info->peer);
    desk_put_text(out, "state", line_state_name(info->state));
    desk_put_text(out, "own_stance", stance_name(info->own));
    desk_put_text(out, "peer_stance", stance_name(info->other));
    desk_put_flag(out, "degraded", info->is_degraded);
    desk_put_flag(out, "forked", info->is_forked);
    desk_put_text(out, "reason", info->reason);
    desk_put_number(out, "round", info->round);
    desk_put_number(out, "own_seq", info->own_seq);
    desk_put_number(out, "own_receipted", info->own_receipted);
    desk_put_number(out, "peer_seq", info->peer_seq);
    desk_put_number(out, "peer_sent", info->peer_sent);
    desk_put_time(out, "heard", info->heard_us);
    desk_put_time(out, "beat", info->beat_us);
    desk_put_time(out, "drilled", info->checked_us);
    desk_put_number(out, "memorandum", info->memo_number);
    desk_put_number(out, "alarms", info->open_alarms);
    desk_put_number(out, "waiting", info->waiting);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status run_lines(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"lines\":[");
    enum tf_status rc = line_each(c, print_line, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_line(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        print_line(v->out, &info);
    return rc;
}

/* The role that somebody acts in: the one named, if it is theirs; else their highest. */
static enum tf_status take_role(struct visit *v, unsigned allowed, const char **role)
{
    unsigned theirs = v->who.roles & allowed, bit = ACCOUNT_HEAD_OF_CELL;
    enum tf_status rc = desk_text(v, "role", false, MESSAGE_ROLE_SIZE - 1, role);
    if (rc)
        return rc;
    if (*role) {
        unsigned named = account_role_named(*role, strlen(*role));
        if (named & theirs)
            return TF_OK;
        return tf_fault_set(&v->fault, TF_UNSUPPORTED, TF_NO_INDEX, "role",
                            TF_TEXT("you do not have the role \"%1\", or it may not do this"),
                            *role, NULL, NULL);
    }
    while (bit && !(bit & theirs))
        bit >>= 1;
    *role = account_role_name((enum account_role)bit);
    return bit ? TF_OK
               : tf_fault_set(&v->fault, TF_UNSUPPORTED, TF_NO_INDEX, "role",
                              TF_TEXT("your roles do not allow this"), NULL, NULL, NULL);
}

static enum tf_status run_open_line(struct visit *v, const struct line_context *c)
{
    const char *peer, *role;
    char id[LINE_ID_SIZE];
    enum tf_status rc = desk_text(v, "peer", true, KEY_NAME_SIZE - 1, &peer);
    if (!rc)
        rc = take_role(v, ACCOUNT_HEAD_OF_CELL, &role);
    if (!rc)
        rc = line_open(c, peer, role, id, &v->fault);
    if (rc)
        return rc;
    struct line_info info;
    rc = line_find(c, id, &info);
    v->exchange->status = 201;
    if (!rc)
        print_line(v->out, &info);
    return rc;
}

/* --- messages ----------------------------------------------------------------------------------
 */

static void print_acknowledged(struct tf_buf *out, const struct line_message *m)
{
    desk_put_open(out, "acknowledged", '{');
    desk_put_time(out, "delivered", m->is_own ? m->receipt_us : m->received_us);
    desk_put_time(out, "seen", m->seen_us);
    desk_put_text(out, "seen_role", m->seen_role);
    desk_put_time(out, "forwarded", m->forwarded_us);
    desk_put_time(out, "answered", m->answered_us);
    desk_put_text(out, "assessment", m->assessment);
    desk_put_text(out, "reason", m->reason);
    tf_buf_char(out, '}');
    desk_put_open(out, "deadlines", '{');
    desk_put_time(out, "deliver_by", m->deliver_by_us);
    desk_put_time(out, "seen_by", m->seen_by_us);
    desk_put_time(out, "answer_by", m->answer_by_us);
    tf_buf_char(out, '}');
}

static bool print_message(void *ctx, const struct line_message *m)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "line", m->line);
    desk_put_flag(out, "own", m->is_own);
    desk_put_number(out, "seq", m->seq);
    desk_put_text(out, "type", m->type);
    desk_put_text(out, "role", m->role);
    desk_put_time(out, "sent", m->sent_us);
    desk_put_time(out, "received", m->received_us);
    print_acknowledged(out, m);
    desk_put_number(out, "rung", m->rung);
    desk_put_number(out, "superseded_by", m->superseded_by);
    desk_put_flag(out, "late", m->is_late);
    desk_put_flag(out, "void", m->is_void);
    desk_put_number(out, "ledger_index", (int64_t)m->ledger_index);
    desk_put_hash(out, "hash", m->hash);
    desk_put_json(out, "message", m->payload, m->payload_len);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_messages(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    int64_t after, limit, own;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        rc = desk_query_number(v, "after", 0, INT64_MAX, 0, &after);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, MESSAGES_MAX, 100, &limit);
    if (!rc)
        rc = desk_query_number(v, "own", 0, 1, 0, &own);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"messages\":[");
    rc = line_each_message(c, info.id, own != 0, after, (size_t)limit, print_message, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* Who may say what: acts on the line and the memorandum are the head's. */
static unsigned who_may_say(enum message_type type)
{
    switch (type) {
    case MESSAGE_OPEN:
    case MESSAGE_SUSPEND:
    case MESSAGE_RESUME:
    case MESSAGE_CLOSE:
    case MESSAGE_PROPOSE:
    case MESSAGE_ACCEPT:
    case MESSAGE_DECLINE:
        return ACCOUNT_HEAD_OF_CELL;
    case MESSAGE_NOTICE:
    case MESSAGE_WITHDRAW:
        return SPEAKERS | ACCOUNT_PLANNER;
    case MESSAGE_ROTATE:
    case MESSAGE_UNKNOWN:
        return 0; /* not from a desk */
    default:
        return SPEAKERS;
    }
}

static enum tf_status take_draft(struct visit *v, struct line_draft *draft)
{
    enum tf_status rc = desk_text(v, "type", true, MESSAGE_TYPE_SIZE - 1, &draft->type);
    if (!rc)
        rc = take_role(v, who_may_say(message_type_named(draft->type, strlen(draft->type))),
                       &draft->role);
    if (!rc)
        rc = desk_time(v, "deliver_by", 0, &draft->deliver_by_us);
    if (!rc)
        rc = desk_time(v, "seen_by", 0, &draft->seen_by_us);
    if (!rc)
        rc = desk_time(v, "answer_by", 0, &draft->answer_by_us);
    draft->body = json_object_get(v->json, "body");
    if (!rc && !json_is_object(draft->body))
        rc = tf_fault_set(&v->fault, TF_MISSING, TF_NO_INDEX, "body",
                          TF_TEXT("the message's body must be an object"), NULL, NULL, NULL);
    return rc;
}

static enum tf_status run_say(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    struct line_draft draft = {.type = NULL};
    int64_t seq;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        rc = take_draft(v, &draft);
    if (!rc)
        rc = line_say(c, info.id, &draft, &seq, &v->fault);
    if (rc)
        return rc;
    v->exchange->status = 201;
    tf_buf_text(v->out, "{\"messages\":[");
    rc = line_each_message(c, info.id, true, seq - 1, 1, print_message, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- alarms --------------------------------------------------------------------------------------
 */

static bool print_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_number(out, "id", alarm->id);
    desk_put_text(out, "line", alarm->line);
    desk_put_text(out, "kind", alarm->kind);
    desk_put_time(out, "at", alarm->at_us);
    desk_put_time(out, "cleared", alarm->cleared_us);
    desk_put_flag(out, "own", alarm->is_own);
    desk_put_number(out, "seq", alarm->seq);
    desk_put_text(out, "role", alarm->role);
    desk_put_text(out, "text", alarm->text);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status run_alarms(struct visit *v, const struct line_context *c)
{
    int64_t cleared;
    enum tf_status rc = desk_query_number(v, "cleared", 0, 1, 0, &cleared);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"alarms\":[");
    rc = line_each_alarm(c, NULL, cleared != 0, print_alarm, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_clear(struct visit *v, const struct line_context *c)
{
    char *end;
    long long id = strtoll(v->param[0], &end, 10);
    enum tf_status rc = *end || id <= 0 ? TF_NOT_FOUND : line_clear_alarm(c, id, &v->fault);
    tf_buf_text(v->out, "{}");
    return rc;
}

/* --- memoranda
 * ------------------------------------------------------------------------------------- */

static bool print_memo(void *ctx, const struct line_memo *memo)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_number(out, "number", memo->number);
    desk_put_hash(out, "hash", memo->hash);
    desk_put_flag(out, "own", memo->is_own);
    desk_put_flag(out, "in_force", memo->in_force);
    desk_put_number(out, "own_signed", memo->own_signed);
    desk_put_number(out, "peer_signed", memo->peer_signed);
    desk_put_flag(out, "own_declined", memo->own_declined);
    desk_put_flag(out, "peer_declined", memo->peer_declined);
    desk_put_time(out, "agreed", memo->agreed_us);
    desk_put_text(out, "document", memo->document);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_memoranda(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"memoranda\":[");
    rc = line_each_memo(c, info.id, print_memo, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_template(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    struct memorandum memo;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        rc = line_rules(c, info.id, &memo);
    if (rc)
        return rc;
    uint8_t replaces[KEY_HASH_SIZE];
    bool has = memo.number > 0 && memo.document;
    memcpy(replaces, memo.replaces, sizeof replaces);
    int64_t number = memo.number;
    memo_release(&memo);
    (void)has;
    int64_t day_us = TF_DAY_NS / 1000, from_us = c->now_us / day_us * day_us;
    return memo_template(info.id, number + 1, number ? replaces : NULL, from_us,
                         from_us + 365 * day_us, v->out);
}

/* --- phrases
 * ------------------------------------------------------------------------------------------ */

static enum tf_status run_phrases(struct visit *v, const struct line_context *c)
{
    size_t count;
    const struct phrase *list = phrase_list(&count);
    (void)c;
    tf_buf_text(v->out, "{\"phrases\":[");
    for (size_t i = 0; i < count; i++) {
        desk_put_open(v->out, NULL, '{');
        desk_put_text(v->out, "id", list[i].id);
        desk_put_text(v->out, "en", list[i].english);
        desk_put_text(v->out, "ar", list[i].arabic);
        desk_put_text(v->out, "ru", list[i].russian);
        desk_put_open(v->out, "args", '[');
        for (int a = 0; a < 3 && list[i].args[a]; a++)
            desk_put_text(v->out, NULL, list[i].args[a]);
        tf_buf_text(v->out, "]}");
    }
    tf_buf_text(v->out, "]}");
    return TF_OK;
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/party", ACCOUNT_ALL_ROLES, false, run_party, NULL},
    {HTTP_GET, "/api/v1/parties", ACCOUNT_ALL_ROLES, false, run_parties, NULL},
    {HTTP_POST, "/api/v1/parties", ACCOUNT_HEAD_OF_CELL | ACCOUNT_ADMIN, true, run_add_party, NULL},
    {HTTP_GET, "/api/v1/lines", ACCOUNT_ALL_ROLES, false, run_lines, NULL},
    {HTTP_POST, "/api/v1/lines", ACCOUNT_HEAD_OF_CELL, true, run_open_line, NULL},
    {HTTP_GET, "/api/v1/lines/{}", ACCOUNT_ALL_ROLES, false, run_line, NULL},
    {HTTP_GET, "/api/v1/lines/{}/messages", ACCOUNT_ALL_ROLES, false, run_messages, NULL},
    {HTTP_POST, "/api/v1/lines/{}/messages", SPEAKERS | ACCOUNT_PLANNER, true, run_say, NULL},
    {HTTP_GET, "/api/v1/lines/{}/memoranda", ACCOUNT_ALL_ROLES, false, run_memoranda, NULL},
    {HTTP_GET, "/api/v1/lines/{}/memoranda/template", ACCOUNT_HEAD_OF_CELL, false, run_template,
     NULL},
    {HTTP_GET, "/api/v1/alarms", ACCOUNT_ALL_ROLES, false, run_alarms, NULL},
    {HTTP_POST, "/api/v1/alarms/{}/clear", SPEAKERS, false, run_clear, NULL},
    {HTTP_GET, "/api/v1/phrases", ACCOUNT_ALL_ROLES, false, run_phrases, NULL},
};
const struct desk_routes desk_line_routes = {routes, sizeof routes / sizeof *routes};
