/*
 * message.c - the table of message types, and payloads in and out.
 */
#include "line/message.h"

#include "line/fields.h"
#include <string.h>

enum { SEEN = MESSAGE_ASKS_SEEN, ANSWER = MESSAGE_ASKS_SEEN | MESSAGE_ASKS_ANSWER };

static const struct message_kind kinds[MESSAGE_TYPE_COUNT] = {
    [MESSAGE_OPEN] = {"line.open", true, 0},
    [MESSAGE_SUSPEND] = {"line.suspend", true, SEEN},
    [MESSAGE_RESUME] = {"line.resume", true, SEEN},
    [MESSAGE_CLOSE] = {"line.close", true, 0},
    [MESSAGE_ROTATE] = {"key.rotate", true, 0},
    [MESSAGE_SEEN] = {"ack.seen", true, 0},
    [MESSAGE_FORWARDED] = {"ack.forwarded", true, 0},
    [MESSAGE_ANSWERED] = {"ack.answered", true, 0},
    [MESSAGE_DANGER] = {"danger", true, ANSWER},
    [MESSAGE_DISTRESS] = {"distress", true, ANSWER},
    [MESSAGE_INCIDENT] = {"incident", true, ANSWER},
    [MESSAGE_TEXT] = {"text", false, SEEN},
    [MESSAGE_PHRASE] = {"phrase", false, SEEN},
    [MESSAGE_NOTICE] = {"notice", false, ANSWER | MESSAGE_ASKS_READBACK},
    [MESSAGE_WITHDRAW] = {"withdraw", false, SEEN},
    [MESSAGE_QUESTION] = {"question", false, ANSWER},
    [MESSAGE_ANSWER] = {"answer", false, SEEN},
    [MESSAGE_DRILL] = {"drill", false, SEEN},
    [MESSAGE_PROPOSE] = {"memo.propose", false, SEEN},
    [MESSAGE_ACCEPT] = {"memo.accept", false, 0},
    [MESSAGE_DECLINE] = {"memo.decline", false, 0},
    [MESSAGE_UNKNOWN] = {"unknown", false, 0},
};

const struct message_kind *message_kind(enum message_type type)
{
    return &kinds[type < MESSAGE_UNKNOWN ? type : MESSAGE_UNKNOWN];
}

enum message_type message_type_named(const char *name, size_t len)
{
    for (int i = 0; i < MESSAGE_UNKNOWN; i++)
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
            return (enum message_type)i;
    return MESSAGE_UNKNOWN;
}

void message_release(struct message *message)
{
    json_decref(message->body);
    message->body = NULL;
}

/* --- out ---------------------------------------------------------------------------------- */

static void put_deadlines(const struct message *m, struct tf_buf *out)
{
    static const char *const names[] = {"deliver_by", "seen_by", "answer_by"};
    const int64_t times[] = {m->deliver_by_us, m->seen_by_us, m->answer_by_us};
    bool has_one = false;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[TF_TIME_TEXT_SIZE];
        if (!times[i])
            continue;
        tf_time_format(times[i] * 1000, text);
        tf_buf_printf(out, "%s\"%s\":\"%s\"", has_one ? "," : ",\"ack\":{", names[i], text);
        has_one = true;
    }
    if (has_one)
        tf_buf_char(out, '}');
}

enum tf_status message_print(const struct message *message, struct tf_buf *out)
{
    fields_put_head(out, message->line, message->from, message->to);
    fields_put_integer(out, "seq", message->seq);
    fields_put_hex(out, "prev", message->prev, KEY_HASH_SIZE);
    fields_put_time(out, "sent_at", message->sent_us);
    tf_json_put_text(out, "type", message->type_name);
    tf_json_put_text(out, "role", message->role);
    put_deadlines(message, out);
    tf_buf_text(out, ",\"body\":");
    enum tf_status rc = fields_put_json(out, message->body);
    tf_buf_char(out, '}');
    return rc ? rc : tf_buf_status(out);
}

/* --- in ----------------------------------------------------------------------------------- */

static enum tf_status read_deadlines(const struct tf_json *ack, struct message *out,
                                     struct tf_fault *fault)
{
    static const char *const names[] = {"deliver_by", "seen_by", "answer_by"};
    int64_t *const times[] = {&out->deliver_by_us, &out->seen_by_us, &out->answer_by_us};
    enum tf_status rc = tf_json_there(ack) ? tf_json_object(ack, fault) : TF_OK;
    for (size_t i = 0; !rc && i < sizeof times / sizeof times[0]; i++) {
        struct tf_json at = tf_json_get(ack, names[i]);
        if (!tf_json_there(&at))
            continue;
        rc = fields_time(&at, times[i], fault);
        if (!rc && *times[i] <= 0)
            rc = tf_json_fault(&at, TF_TIME, TF_TEXT("This time is long past."), NULL, NULL, fault);
    }
    return rc;
}

static enum tf_status read_chain(const struct tf_json *root, struct message *out,
                                 struct tf_fault *fault)
{
    static const uint8_t none[KEY_HASH_SIZE];
    struct tf_json seq = tf_json_get(root, "seq"), prev = tf_json_get(root, "prev");
    enum tf_status rc = fields_integer(&seq, 1, FIELDS_INTEGER_MAX, &out->seq, fault);
    if (!rc)
        rc = fields_hex(&prev, out->prev, KEY_HASH_SIZE, fault);
    if (!rc && (out->seq == 1) != (memcmp(out->prev, none, sizeof none) == 0))
        rc = tf_json_fault(&prev, TF_SYNTAX,
                           TF_TEXT("Zeros stand for the message before the first, and only there."),
                           NULL, NULL, fault);
    return rc;
}

static enum tf_status read_message(const struct tf_json *root, struct message *out,
                                   struct tf_fault *fault)
{
    struct tf_json sent = tf_json_get(root, "sent_at"), type = tf_json_get(root, "type");
    struct tf_json role = tf_json_get(root, "role"), ack = tf_json_get(root, "ack");
    struct tf_json body = tf_json_get(root, "body");
    struct fields_head head = {0};
    enum tf_status rc = fields_head(root, &head, fault);
    if (!rc)
        rc = read_chain(root, out, fault);
    if (!rc)
        rc = fields_time(&sent, &out->sent_us, fault);
    if (!rc)
        rc = fields_word(&type, out->type_name, sizeof out->type_name, fault);
    if (!rc)
        rc = fields_word(&role, out->role, sizeof out->role, fault);
    if (!rc)
        rc = read_deadlines(&ack, out, fault);
    if (!rc)
        rc = tf_json_object(&body, fault);
    if (rc)
        return rc;
    memcpy(out->line, head.line, sizeof out->line);
    memcpy(out->from, head.from, sizeof out->from);
    memcpy(out->to, head.to, sizeof out->to);
    out->type = message_type_named(out->type_name, strlen(out->type_name));
    out->body = json_incref(json_object_get(root->value, "body"));
    return TF_OK;
}

enum tf_status message_parse(const char *payload, size_t len, struct message *out,
                             struct tf_fault *fault)
{
    json_t *json = NULL;
    struct message message = {0};
    enum tf_status rc = fields_parse(payload, len, ENVELOPE_PAYLOAD_MAX, &json, fault);
    if (!rc) {
        struct tf_json root = tf_json_root(json);
        rc = read_message(&root, &message, fault);
    }
    json_decref(json);
    if (!rc)
        *out = message;
    return rc;
}
