/*
 * lines.c - parties, lines, what is said on them, alarms and memoranda, for operators.
 */
#include "desk/internal.h"
#include "ops/reading.h"

#include <stdio.h>
#include <stdlib.h>

enum { SPEAKERS = ACCOUNT_DUTY_OFFICER | ACCOUNT_HEAD_OF_CELL, MESSAGES_MAX = 500 };

/* --- parties ----------------------------------------------------------------------------- */

static enum tf_status run_party(struct visit *v, const struct line_context *c)
{
    struct tf_buf card = TF_BUF_INIT(CARD_TEXT_MAX);
    enum tf_status rc = card_write(&c->card, c->key, &card);
    if (!rc) {
        tf_buf_char(v->out, '{');
        desk_print_card(v->out, &c->card, card.data);
        tf_put_text(v->out, "version", desk_settings(v->desk)->version);
        tf_put_time_us(v->out, "now", c->now_us);
        tf_put_flag(v->out, "map_tiles", desk_settings(v->desk)->map_tiles);
        tf_buf_char(v->out, '}');
    }
    tf_buf_release(&card);
    return rc;
}

static enum tf_status run_parties(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"parties\":[");
    enum tf_status rc = line_each_party(c, desk_visit_party, v->out);
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
    desk_print_card(v->out, &card, text);
    tf_buf_char(v->out, '}');
    return TF_OK;
}

/* --- lines ---------------------------------------------------------------------------------- */

static enum tf_status run_lines(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"lines\":[");
    enum tf_status rc = line_each(c, desk_visit_line, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_line(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        desk_visit_line(v->out, &info);
    return rc;
}

static enum tf_status run_stages(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    int64_t after, limit;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        rc = desk_query_number(v, "after", 0, INT64_MAX, 0, &after);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, MESSAGES_MAX, 100, &limit);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"changes\":[");
    rc = line_each_change(c, info.id, after, (size_t)limit, desk_visit_stage, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_open_line(struct visit *v, const struct line_context *c)
{
    const char *peer, *role;
    char id[LINE_ID_SIZE];
    enum tf_status rc = desk_text(v, "peer", true, KEY_NAME_SIZE - 1, &peer);
    if (!rc)
        rc = desk_role(v, ACCOUNT_HEAD_OF_CELL, &role);
    if (!rc)
        rc = line_open(c, peer, role, id, &v->fault);
    if (rc)
        return rc;
    struct line_info info;
    rc = line_find(c, id, &info);
    v->exchange->status = 201;
    if (!rc)
        desk_visit_line(v->out, &info);
    return rc;
}

/* --- messages ----------------------------------------------------------------------------------
 */

struct showing {
    struct tf_buf *out;
    struct ops_site_reading reading;
};

/* A message that declares a site shows it. */
static bool show_message(void *ctx, const struct line_message *m)
{
    struct showing *s = ctx;
    return ops_reading_message(&s->reading, m) == TF_OK && desk_visit_message(s->out, m);
}

static enum tf_status run_messages(struct visit *v, const struct line_context *c)
{
    struct showing showing = {v->out, {.c = c, .purpose = "messages"}};
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
    rc = line_each_message(c, info.id, own != 0, after, (size_t)limit, show_message, &showing);
    tf_buf_text(v->out, "]}");
    enum tf_status kept = ops_reading_end(&showing.reading);
    return rc ? rc : kept;
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
        rc = desk_role(v, who_may_say(message_type_named(draft->type, strlen(draft->type))),
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
    rc = line_each_message(c, info.id, true, seq - 1, 1, desk_visit_message, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- alarms --------------------------------------------------------------------------------------
 */

static enum tf_status run_alarms(struct visit *v, const struct line_context *c)
{
    int64_t cleared;
    enum tf_status rc = desk_query_number(v, "cleared", 0, 1, 0, &cleared);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"alarms\":[");
    rc = line_each_alarm(c, NULL, cleared != 0, desk_visit_alarm, v->out);
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

/* --- phrases
 * ------------------------------------------------------------------------------------------ */

static enum tf_status run_phrases(struct visit *v, const struct line_context *c)
{
    size_t count;
    const struct phrase *list = phrase_list(&count);
    (void)c;
    tf_buf_text(v->out, "{\"phrases\":[");
    for (size_t i = 0; i < count; i++) {
        tf_put_open(v->out, NULL, '{');
        tf_put_text(v->out, "id", list[i].id);
        tf_put_text(v->out, "en", list[i].english);
        tf_put_text(v->out, "ar", list[i].arabic);
        tf_put_text(v->out, "ru", list[i].russian);
        tf_put_open(v->out, "args", '[');
        for (int a = 0; a < 3 && list[i].args[a]; a++)
            tf_put_text(v->out, NULL, list[i].args[a]);
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
    {HTTP_GET, "/api/v1/lines/{}/history", ACCOUNT_ALL_ROLES, false, run_stages, NULL},
    {HTTP_GET, "/api/v1/lines/{}/messages", ACCOUNT_ALL_ROLES, false, run_messages, NULL},
    {HTTP_POST, "/api/v1/lines/{}/messages", SPEAKERS | ACCOUNT_PLANNER, true, run_say, NULL},
    {HTTP_GET, "/api/v1/alarms", ACCOUNT_ALL_ROLES, false, run_alarms, NULL},
    {HTTP_POST, "/api/v1/alarms/{}/clear", SPEAKERS, false, run_clear, NULL},
    {HTTP_GET, "/api/v1/phrases", ACCOUNT_ALL_ROLES, false, run_phrases, NULL},
};
const struct desk_routes desk_line_routes = {routes, sizeof routes / sizeof *routes};
