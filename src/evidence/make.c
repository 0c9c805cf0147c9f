/*
 * make.c - a bundle written from a party's database: docs/evidence.md. What is written is verified
 * before it is handed out.
 */
#include "evidence/make.h"
#include "evidence/choose.h"

#include "line/fields.h"
#include <string.h>

/* --- parties -------------------------------------------------------------------------------- */

bool make_knows_key(const struct making *m, const struct key_public *key)
{
    for (size_t i = 0; i < m->choice.key_count; i++)
        if (memcmp(m->choice.keys[i].bytes, key->bytes, KEY_PUBLIC_SIZE) == 0)
            return true;
    return memcmp(m->first[0].bytes, key->bytes, KEY_PUBLIC_SIZE) == 0 ||
           memcmp(m->first[1].bytes, key->bytes, KEY_PUBLIC_SIZE) == 0;
}

/* A card that was made with a key of another time proves nothing here. */
static void put_card(struct making *m, const char *text, bool is_own)
{
    struct card card;
    if (!text || card_read(text, strlen(text), &card, NULL) || !make_knows_key(m, &card.key) ||
        strcmp(card.id, is_own ? m->choice.own : m->line.peer) != 0)
        return;
    tf_json_put_text(&m->body, "card", text);
    if (!is_own)
        memcpy(m->peer_ledger, card.ledger, sizeof m->peer_ledger);
}

struct peer_card {
    struct making *m;
    bool is_found;
};

static bool find_card(void *ctx, const struct card *card, const char *text)
{
    struct peer_card *peer = ctx;
    if (strcmp(card->id, peer->m->line.peer) != 0)
        return true;
    put_card(peer->m, text, false);
    peer->is_found = true;
    return false;
}

static void put_party(struct making *m, bool is_own)
{
    tf_buf_text(&m->body, "{\"id\":");
    tf_buf_json(&m->body, is_own ? m->choice.own : m->line.peer);
    tf_buf_text(&m->body, ",\"key\":\"");
    key_base64(m->first[is_own].bytes, KEY_PUBLIC_SIZE, &m->body);
    tf_buf_char(&m->body, '"');
}

static enum tf_status put_parties(struct making *m)
{
    struct peer_card peer = {.m = m};
    enum tf_status rc = line_first_keys(m->c, m->line.id, &m->first[1], &m->first[0]);
    if (rc)
        return rc;
    tf_buf_text(&m->body, ",\"parties\":[");
    put_party(m, true);
    put_card(m, m->selection->card, true);
    tf_buf_text(&m->body, "},");
    put_party(m, false);
    rc = line_each_party(m->c, find_card, &peer);
    tf_buf_text(&m->body, "}]");
    return rc;
}

static void put_ranges(struct making *m)
{
    const char *comma = "";
    tf_buf_text(&m->body, ",\"ranges\":[");
    for (int s = 0; s < CHOOSE_SIDES; s++) {
        if (!m->choice.first[s])
            continue;
        tf_buf_printf(&m->body, "%s{\"from\":\"%s\"", comma, s ? m->choice.own : m->line.peer);
        fields_put_integer(&m->body, "first", m->choice.first[s]);
        fields_put_integer(&m->body, "last", m->choice.last[s]);
        tf_buf_char(&m->body, '}');
        comma = ",";
    }
    tf_buf_char(&m->body, ']');
}

/* --- messages ------------------------------------------------------------------------------- */

static bool put_message(void *ctx, const struct line_message *message)
{
    struct making *m = ctx;
    tf_buf_text(&m->body, m->messages++ ? ",\n{\"envelope\":" : "\n{\"envelope\":");
    tf_buf_append(&m->body, message->envelope, message->envelope_len);
    if (message->receipt) {
        tf_buf_text(&m->body, ",\"receipt\":");
        tf_buf_text(&m->body, message->receipt);
    }
    tf_buf_char(&m->body, '}');
    if (m->selection->taken)
        m->selection->taken(m->selection->ctx, message);
    return m->body.status == TF_OK;
}

/* Runs of chosen messages, one query for each. */
static enum tf_status put_side(struct making *m, bool is_own)
{
    const struct pick *list = m->choice.pick[is_own];
    size_t count = m->choice.count[is_own], end;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < count; i = end) {
        enum { RUN = 500 };
        for (end = i; end < count && end < i + RUN && list[end].is_chosen; end++)
            ;
        if (end == i)
            end++;
        else
            rc = line_each_message(m->c, m->line.id, is_own, list[i].seq - 1, end - i, put_message,
                                   m);
        rc = rc ? rc : tf_buf_status(&m->body);
    }
    return rc;
}

/* --- contradictions ------------------------------------------------------------------------- */

/* Of a message that is here. What it contradicts is here, too, then. */
static bool take_fork(void *ctx, const struct line_evidence *evidence)
{
    struct making *m = ctx;
    struct envelope envelope = {0};
    struct message message = {0};
    enum tf_status rc = TF_NOT_FOUND;
    if (strcmp(evidence->kind, "fork") == 0 && m->forks < EVIDENCE_FORKS_MAX)
        rc = envelope_parse(evidence->text, evidence->len, &envelope, NULL);
    if (!rc)
        rc = message_parse(envelope.payload, envelope.payload_len, &message, NULL);
    if (rc == TF_NOMEM)
        m->fork_text.status = rc;
    bool is_fork = rc == TF_OK;
    bool is_own = is_fork && strcmp(message.from, m->choice.own) == 0;
    const struct pick *same = is_fork ? choice_find(&m->choice, is_own, message.seq) : NULL;
    const struct pick *before = is_fork ? choice_find(&m->choice, is_own, message.seq - 1) : NULL;
    if ((same && same->is_chosen) || (!same && before && before->is_chosen)) {
        choice_add(&m->choice, is_own, message.seq - 1);
        tf_buf_text(&m->fork_text, m->forks++ ? "," : "");
        tf_buf_append(&m->fork_text, evidence->text, evidence->len);
    }
    message_release(&message);
    envelope_release(&envelope);
    return m->fork_text.status == TF_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum tf_status put_document(struct making *m)
{
    enum tf_status rc;
    tf_buf_text(&m->body, "{\"line\":");
    tf_buf_json(&m->body, m->line.id);
    fields_put_integer(&m->body, "round", m->line.round);
    rc = put_parties(m);
    if (rc)
        return rc;
    put_ranges(m);
    tf_buf_text(&m->body, ",\"messages\":[");
    for (int s = 1; !rc && s >= 0; s--)
        rc = put_side(m, s == 1);
    tf_buf_text(&m->body, "]");
    if (m->forks)
        tf_buf_printf(&m->body, ",\"forks\":[%s]", m->fork_text.data);
    tf_buf_text(&m->body, ",\n\"ledgers\":[");
    if (!rc)
        rc = make_ledgers(m);
    tf_buf_text(&m->body, "]}\n");
    return rc ? rc : tf_buf_status(&m->body);
}

struct first_wrong {
    struct tf_fault fault;
    bool is_set;
};

static void keep_first(void *ctx, const struct tf_fault *fault)
{
    struct first_wrong *first = ctx;
    if (!first->is_set)
        first->fault = *fault;
    first->is_set = true;
}

/* What is handed out is valid, or it is not handed out. */
static enum tf_status put_bundle(const struct making *m, struct tf_buf *out,
                                 struct evidence_report *report, struct tf_fault *fault)
{
    struct tf_buf bundle = TF_BUF_INIT(EVIDENCE_MAX);
    struct first_wrong first = {0};
    struct evidence_visitor visitor = {.wrong = keep_first, .ctx = &first};
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_sha256(&(struct key_piece){m->body.data, m->body.len}, 1, hash);
    key_hex(hash, sizeof hash, hex);
    tf_buf_printf(&bundle, "%s %s\n", EVIDENCE_FORMAT, hex);
    tf_buf_append(&bundle, m->body.data, m->body.len);
    enum tf_status rc = tf_buf_status(&bundle);
    if (!rc)
        rc = evidence_verify(bundle.data, bundle.len, NULL, 0, &visitor, report, fault);
    if (!rc && !report->is_valid) {
        *fault = first.fault;
        rc = fault->code = TF_SYNTAX;
    }
    if (!rc) {
        tf_buf_append(out, bundle.data, bundle.len);
        rc = tf_buf_status(out);
    }
    tf_buf_release(&bundle);
    return rc;
}

static enum tf_status refuse(enum tf_status rc, struct tf_fault *fault)
{
    return tf_fault_set(fault, rc, TF_NO_INDEX, "",
                        rc == TF_LIMIT
                            ? TF_TEXT("This is too much for one bundle. Choose a shorter "
                                      "time, or fewer messages.")
                            : NULL,
                        NULL, NULL, NULL);
}

static enum tf_status make(struct making *m, struct tf_buf *out, struct evidence_report *report,
                           struct tf_fault *fault)
{
    enum tf_status rc = choice_make(m->c, &m->line, m->selection, &m->choice, fault);
    if (rc)
        return rc;
    rc = line_each_evidence(m->c, m->line.id, take_fork, m);
    rc = rc ? rc : tf_buf_status(&m->fork_text);
    if (!rc && m->choice.chosen > EVIDENCE_MESSAGES_MAX)
        rc = TF_LIMIT;
    if (!rc)
        rc = put_document(m);
    return rc ? refuse(rc, fault) : put_bundle(m, out, report, fault);
}

enum tf_status evidence_make(const struct line_context *c,
                             const struct evidence_selection *selection, struct tf_buf *out,
                             struct evidence_report *report, struct tf_fault *fault)
{
    struct tf_fault unused;
    struct making m = {.c = c,
                       .selection = selection,
                       .body = TF_BUF_INIT(EVIDENCE_MAX),
                       .fork_text = TF_BUF_INIT(EVIDENCE_MAX)};
    fault = fault ? fault : &unused;
    enum tf_status rc = line_find(c, selection->line, &m.line);
    if (rc == TF_NOT_FOUND)
        rc = tf_fault_set(fault, rc, TF_NO_INDEX, "", TF_TEXT("There is no line \"%1\" here."),
                          selection->line, NULL, NULL);
    else
        rc = rc ? refuse(rc, fault) : make(&m, out, report, fault);
    choice_release(&m.choice);
    tf_buf_release(&m.body);
    tf_buf_release(&m.fork_text);
    return rc;
}
