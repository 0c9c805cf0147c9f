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
    tf_put_text(out, "id", card->id);
    tf_put_text(out, "title", card->title);
    tf_put_text(out, "url", card->url);
    tf_put_text(out, "ledger", card->ledger);
    desk_put_hash(out, "fingerprint", fingerprint);
    tf_put_text(out, "digits", digits);
    tf_put_open(out, "words", '{');
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        tf_put_open(out, languages[i], '[');
        for (int w = 0; w < FINGERPRINT_WORDS; w++)
            tf_put_text(out, NULL, fingerprint_word(languages[i], fingerprint[w]));
        tf_buf_char(out, ']');
    }
    tf_buf_char(out, '}');
    if (text)
        tf_put_text(out, "card", text);
}

bool desk_visit_party(void *ctx, const struct card *card, const char *text)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
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
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "id", info->id);
    tf_put_text(out, "peer", info->peer);
    tf_put_text(out, "state", line_state_name(info->state));
    tf_put_text(out, "own_stance", desk_stance_name(info->own));
    tf_put_text(out, "peer_stance", desk_stance_name(info->other));
    tf_put_flag(out, "degraded", info->is_degraded);
    tf_put_flag(out, "forked", info->is_forked);
    tf_put_text(out, "reason", info->reason);
    tf_put_int(out, "round", info->round);
    tf_put_int(out, "own_seq", info->own_seq);
    tf_put_int(out, "own_receipted", info->own_receipted);
    tf_put_int(out, "peer_seq", info->peer_seq);
    tf_put_int(out, "peer_sent", info->peer_sent);
    tf_put_time_us(out, "heard", info->heard_us);
    tf_put_time_us(out, "beat", info->beat_us);
    tf_put_time_us(out, "drilled", info->checked_us);
    tf_put_int(out, "memorandum", info->memo_number);
    tf_put_int(out, "alarms", info->open_alarms);
    tf_put_int(out, "waiting", info->waiting);
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
    tf_put_open(out, "asks", '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (asks & words[i].bit)
            tf_put_text(out, NULL, words[i].word);
    tf_buf_char(out, ']');
}

static void print_acknowledged(struct tf_buf *out, const struct line_message *m)
{
    tf_put_open(out, "acknowledged", '{');
    tf_put_time_us(out, "delivered", m->is_own ? m->receipt_us : m->received_us);
    tf_put_time_us(out, "seen", m->seen_us);
    tf_put_text(out, "seen_role", m->seen_role);
    tf_put_time_us(out, "forwarded", m->forwarded_us);
    tf_put_time_us(out, "answered", m->answered_us);
    tf_put_text(out, "assessment", m->assessment);
    tf_put_text(out, "reason", m->reason);
    tf_buf_char(out, '}');
    tf_put_open(out, "deadlines", '{');
    tf_put_time_us(out, "deliver_by", m->deliver_by_us);
    tf_put_time_us(out, "seen_by", m->seen_by_us);
    tf_put_time_us(out, "answer_by", m->answer_by_us);
    tf_buf_char(out, '}');
}

static void print_place(struct tf_buf *out, const struct line_message *m)
{
    char numbers[80];
    if (!m->has_place) {
        tf_put_json(out, "place", "null", 4);
        return;
    }
    int len = snprintf(numbers, sizeof numbers, "\"lat_deg\":%.7f,\"lng_deg\":%.7f",
                       m->place.lat_deg, m->place.lng_deg);
    tf_put_open(out, "place", '{');
    tf_buf_append(out, numbers, (size_t)len);
    tf_put_time_us(out, "start", m->place.start_us);
    tf_put_time_us(out, "end", m->place.end_us);
    tf_buf_char(out, '}');
}

bool desk_visit_message(void *ctx, const struct line_message *m)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "line", m->line);
    tf_put_flag(out, "own", m->is_own);
    tf_put_int(out, "seq", m->seq);
    tf_put_text(out, "type", m->type);
    tf_put_text(out, "role", m->role);
    tf_put_time_us(out, "sent", m->sent_us);
    tf_put_time_us(out, "received", m->received_us);
    print_asks(out, m->asks);
    print_acknowledged(out, m);
    print_place(out, m);
    tf_put_int(out, "rung", m->rung);
    tf_put_int(out, "superseded_by", m->superseded_by);
    tf_put_flag(out, "late", m->is_late);
    tf_put_flag(out, "void", m->is_void);
    tf_put_int(out, "ledger_index", (int64_t)m->ledger_index);
    desk_put_hash(out, "hash", m->hash);
    tf_put_json(out, "message", m->payload, m->payload_len);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

bool desk_visit_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "id", alarm->id);
    tf_put_text(out, "line", alarm->line[0] ? alarm->line : NULL);
    tf_put_text(out, "kind", alarm->kind);
    tf_put_time_us(out, "at", alarm->at_us);
    tf_put_time_us(out, "cleared", alarm->cleared_us);
    tf_put_flag(out, "own", alarm->is_own);
    tf_put_int(out, "seq", alarm->seq);
    tf_put_text(out, "role", alarm->role);
    tf_put_text(out, "text", alarm->text);
    tf_buf_char(out, '}');
    return true;
}

bool desk_visit_memo(void *ctx, const struct line_memo *memo)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "number", memo->number);
    desk_put_hash(out, "hash", memo->hash);
    tf_put_flag(out, "own", memo->is_own);
    tf_put_flag(out, "in_force", memo->in_force);
    tf_put_int(out, "own_signed", memo->own_signed);
    tf_put_int(out, "peer_signed", memo->peer_signed);
    tf_put_flag(out, "own_declined", memo->own_declined);
    tf_put_flag(out, "peer_declined", memo->peer_declined);
    tf_put_time_us(out, "agreed", memo->agreed_us);
    tf_put_text(out, "document", memo->document);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

bool desk_visit_stage(void *ctx, const struct line_change *change)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "id", change->id);
    tf_put_time_us(out, "at", change->at_us);
    tf_put_text(out, "act", change->act);
    tf_put_flag(out, "own", change->is_own);
    tf_put_int(out, "seq", change->seq);
    tf_put_text(out, "before", line_state_name(change->before));
    tf_put_text(out, "after", line_state_name(change->after));
    tf_put_text(out, "reason", change->reason);
    tf_put_int(out, "ledger_index", (int64_t)change->ledger_index);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

bool desk_visit_change(void *ctx, const struct memo_change *change)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "path", change->path);
    tf_put_text(out, "before", change->before);
    tf_put_text(out, "after", change->after);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

void desk_print_taken(struct tf_buf *out, const struct line_taken *taken)
{
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "line", taken->line);
    tf_put_int(out, "applied", taken->applied);
    tf_put_int(out, "duplicates", taken->duplicates);
    tf_put_int(out, "early", taken->early);
    tf_put_int(out, "receipts", taken->receipts);
    tf_put_int(out, "returned", taken->returned);
    tf_put_int(out, "refused", taken->refused);
    tf_put_int(out, "forks", taken->forks);
    tf_buf_char(out, '}');
}

bool desk_visit_account(void *ctx, const struct account *account)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "name", account->name);
    tf_put_text(out, "title", account->title);
    desk_put_roles(out, "roles", account->roles);
    tf_put_flag(out, "disabled", account->is_disabled);
    tf_put_flag(out, "must_change_password", account->must_change);
    tf_put_flag(out, "has_password", account->hash[0] != '\0');
    tf_put_time_us(out, "made", account->made_us);
    tf_put_time_us(out, "last_login", account->seen_us);
    tf_buf_char(out, '}');
    return true;
}

bool desk_visit_token(void *ctx, const struct account_token *token)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "id", token->id);
    tf_put_text(out, "name", token->name);
    tf_put_text(out, "title", token->title);
    desk_put_roles(out, "roles", token->roles);
    tf_put_time_us(out, "made", token->made_us);
    tf_put_time_us(out, "expires", token->expires_us);
    tf_put_time_us(out, "used", token->used_us);
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
