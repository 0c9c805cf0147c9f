/*
 * print.c - the shapes of /api/v1.
 */
#include "desk/print.h"

void desk_print_card(struct tf_buf *out, const struct card *card, const char *text)
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

bool desk_visit_party(void *ctx, const struct card *card, const char *text)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_print_card(out, card, text);
    tf_buf_char(out, '}');
    return true;
}

const char *desk_stance_name(enum line_stance stance)
{
    static const char *const names[] = {"none", "open", "suspended", "closed"};
    return names[stance];
}

bool desk_visit_line(void *ctx, const struct line_info *info)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "id", info->id);
    desk_put_text(out, "peer", info->peer);
    desk_put_text(out, "state", line_state_name(info->state));
    desk_put_text(out, "own_stance", desk_stance_name(info->own));
    desk_put_text(out, "peer_stance", desk_stance_name(info->other));
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

static void print_asks(struct tf_buf *out, unsigned asks)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{MESSAGE_ASKS_SEEN, "seen"},
                 {MESSAGE_ASKS_READBACK, "readback"},
                 {MESSAGE_ASKS_ANSWER, "answered"}};
    desk_put_open(out, "asks", '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (asks & words[i].bit)
            desk_put_text(out, NULL, words[i].word);
    tf_buf_char(out, ']');
}

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

static void print_place(struct tf_buf *out, const struct line_message *m)
{
    char numbers[80];
    if (!m->has_place) {
        desk_put_json(out, "place", "null", 4);
        return;
    }
    int len = snprintf(numbers, sizeof numbers, "\"lat_deg\":%.7f,\"lng_deg\":%.7f",
                       m->place.lat_deg, m->place.lng_deg);
    desk_put_open(out, "place", '{');
    tf_buf_append(out, numbers, (size_t)len);
    desk_put_time(out, "start", m->place.start_us);
    desk_put_time(out, "end", m->place.end_us);
    tf_buf_char(out, '}');
}

bool desk_visit_message(void *ctx, const struct line_message *m)
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
    print_asks(out, m->asks);
    print_acknowledged(out, m);
    print_place(out, m);
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

bool desk_visit_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_number(out, "id", alarm->id);
    desk_put_text(out, "line", alarm->line[0] ? alarm->line : NULL);
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

bool desk_visit_memo(void *ctx, const struct line_memo *memo)
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

bool desk_visit_stage(void *ctx, const struct line_change *change)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_number(out, "id", change->id);
    desk_put_time(out, "at", change->at_us);
    desk_put_text(out, "act", change->act);
    desk_put_flag(out, "own", change->is_own);
    desk_put_number(out, "seq", change->seq);
    desk_put_text(out, "before", line_state_name(change->before));
    desk_put_text(out, "after", line_state_name(change->after));
    desk_put_text(out, "reason", change->reason);
    desk_put_number(out, "ledger_index", (int64_t)change->ledger_index);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

bool desk_visit_change(void *ctx, const struct memo_change *change)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "path", change->path);
    desk_put_text(out, "before", change->before);
    desk_put_text(out, "after", change->after);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

void desk_print_taken(struct tf_buf *out, const struct line_taken *taken)
{
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "line", taken->line);
    desk_put_number(out, "applied", taken->applied);
    desk_put_number(out, "duplicates", taken->duplicates);
    desk_put_number(out, "early", taken->early);
    desk_put_number(out, "receipts", taken->receipts);
    desk_put_number(out, "returned", taken->returned);
    desk_put_number(out, "refused", taken->refused);
    desk_put_number(out, "forks", taken->forks);
    tf_buf_char(out, '}');
}

bool desk_visit_account(void *ctx, const struct account *account)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "name", account->name);
    desk_put_text(out, "title", account->title);
    desk_put_roles(out, "roles", account->roles);
    desk_put_flag(out, "disabled", account->is_disabled);
    desk_put_flag(out, "must_change_password", account->must_change);
    desk_put_flag(out, "has_password", account->hash[0] != '\0');
    desk_put_time(out, "made", account->made_us);
    desk_put_time(out, "last_login", account->seen_us);
    tf_buf_char(out, '}');
    return true;
}

bool desk_visit_token(void *ctx, const struct account_token *token)
{
    struct tf_buf *out = ctx;
    desk_put_open(out, NULL, '{');
    desk_put_text(out, "id", token->id);
    desk_put_text(out, "name", token->name);
    desk_put_text(out, "title", token->title);
    desk_put_roles(out, "roles", token->roles);
    desk_put_time(out, "made", token->made_us);
    desk_put_time(out, "expires", token->expires_us);
    desk_put_time(out, "used", token->used_us);
    tf_buf_char(out, '}');
    return true;
}

struct evidence_selection desk_selection_of(const struct ops_matter *matter, const char *card)
{
    return (struct evidence_selection){.line = matter->line,
                                       .card = card,
                                       .has_place = matter->has_place,
                                       .lat_deg = matter->place.lat_deg,
                                       .lng_deg = matter->place.lng_deg,
                                       .radius_m = matter->radius_m,
                                       .has_time = matter->has_place,
                                       .from_us = matter->from_us,
                                       .until_us = matter->until_us,
                                       .list = matter->messages,
                                       .list_count = matter->count};
}
