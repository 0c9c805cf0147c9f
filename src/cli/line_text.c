/*
 * line_text.c - see line_text.h.
 */
#include "cli/line_text.h"

#include "cli/command.h"
#include "line/message.h"
#include <string.h>

static void put_time(struct tf_buf *out, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us * 1000, text);
    tf_buf_text(out, t_us ? text : "-");
}

void line_text_place(struct tf_buf *out, const struct message_place *place)
{
    tf_buf_printf(out, "%.5f, %.5f", place->lat_deg, place->lng_deg);
    if (!place->start_us && !place->end_us)
        return;
    tf_buf_text(out, ", ");
    put_time(out, place->start_us);
    tf_buf_text(out, " / ");
    put_time(out, place->end_us);
}

void line_text_plain(struct tf_buf *out, const char *text)
{
    while (*text) {
        const char *isolate = strstr(text, "\xE2\x81\xA8"), *end = strstr(text, "\xE2\x81\xA9");
        const char *next = !isolate || (end && end < isolate) ? end : isolate;
        size_t len = next ? (size_t)(next - text) : strlen(text);
        tf_buf_append(out, text, len);
        text += len + (next ? 3 : 0);
    }
}

/* The other side said it in its language; a phrase that is not known here is shown by its id. */
static void put_phrase(struct tf_buf *out, const json_t *body)
{
    struct tf_buf text = TF_BUF_INIT(65536);
    const char *id = json_string_value(json_object_get(body, "phrase"));
    const struct phrase *phrase = id ? phrase_named(id) : NULL;
    if (phrase &&
        phrase_text(phrase, say_language(), json_object_get(body, "args"), &text) == TF_OK)
        id = text.data;
    if (id)
        line_text_plain(out, id);
    tf_buf_text(out, id ? " " : "");
    tf_buf_release(&text);
}

/* In rows of its own: it is to be read back. */
static void put_rows(struct tf_buf *out, const struct message_place *place)
{
    tf_buf_printf(out, "%s%.5f, %.5f", out->len ? "\n" : "", place->lat_deg, place->lng_deg);
    const int64_t times[] = {place->start_us, place->end_us};
    for (size_t i = 0; i < 2; i++)
        if (times[i]) {
            tf_buf_char(out, '\n');
            put_time(out, times[i]);
        }
}

void line_text_gist(struct tf_buf *out, const struct line_message *message)
{
    static const char *const members[] = {"text", "reason"};
    json_t *payload = json_loadb(message->payload, message->payload_len, 0, NULL);
    const json_t *body = json_object_get(payload, "body");
    const json_t *of = json_object_get(body, "of");
    const char *assessment = json_string_value(json_object_get(body, "assessment"));
    enum message_type type = message_type_named(message->type, strlen(message->type));
    struct message_place place;
    size_t before = out->len;
    if (json_is_integer(of))
        tf_buf_printf(out, "#%lld ", (long long)json_integer_value(of));
    if (assessment)
        tf_buf_printf(out, "%s ", say_tr(assessment));
    put_phrase(out, body);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *text = json_string_value(json_object_get(body, members[i]));
        if (text)
            tf_buf_printf(out, "%s ", text);
    }
    if (tf_buf_status(out) == TF_OK && out->len > before)
        out->data[--out->len] = '\0';
    if (body && message_place(type, body, &place))
        put_rows(out, &place);
    json_decref(payload);
}

const char *line_text_standing(const struct line_message *m)
{
    static const char *const assessments[] = {TF_TEXT("no-conflict"), TF_TEXT("conflict"),
                                              TF_TEXT("objection"), TF_TEXT("noted")};
    if (m->is_void)
        return TR("without effect");
    if (m->superseded_by)
        return TR("superseded");
    for (size_t i = 0; m->answered_us && m->assessment && i < 4; i++)
        if (strcmp(m->assessment, assessments[i]) == 0)
            return say_tr(assessments[i]);
    if (m->answered_us)
        return TR("answered");
    if (m->seen_us)
        return TR("seen");
    return !m->is_own || m->receipt_us ? TR("delivered") : TR("under way");
}

/* Of several alarms of one sort the kind has more after a point. */
static bool is_kind(const char *kind, const char *sort)
{
    size_t len = strlen(sort);
    return strncmp(kind, sort, len) == 0 && (kind[len] == '\0' || kind[len] == '.');
}

const char *line_text_alarm(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } known[] = {{"delivery", TF_TEXT("not receipted in time")},
                 {"seen", TF_TEXT("not seen in time")},
                 {"answer", TF_TEXT("not answered in time")},
                 {"danger", TF_TEXT("danger")},
                 {"distress", TF_TEXT("distress")},
                 {"incident", TF_TEXT("incident")},
                 {"silence", TF_TEXT("silence")},
                 {"fork", TF_TEXT("two messages of one number")},
                 {"contradiction", TF_TEXT("contradiction")},
                 {"readback", TF_TEXT("read back wrongly")},
                 {"ledger", TF_TEXT("two histories of a ledger")},
                 {"closed", TF_TEXT("closed by them")},
                 {"aside", TF_TEXT("about what is not here")},
                 {"return", TF_TEXT("our own are missing here")},
                 {"witness", TF_TEXT("a ledger does not go on")},
                 {"case", TF_TEXT("a case is not settled")},
                 {"overtime", TF_TEXT("its time has passed")},
                 {"outside", TF_TEXT("it is not where it should be")},
                 {"unheard", TF_TEXT("it does not say where it is any more")}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_kind(kind, known[i].kind))
            return say_tr(known[i].words);
    return kind;
}
