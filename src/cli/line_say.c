/*
 * line_say.c - the commands of `tafadi line` that say something.
 */
#include "cli/line_work.h"

#include "cli/input.h"
#include "cli/readers.h"
#include "cli/word_readers.h"
#include "desk/print.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLAG(member, name_of, value_of, reader_of, text_of)                                        \
    {                                                                                              \
        name_of, 0, value_of, &reader_of, offsetof(struct line_args, member), text_of              \
    }
#define ROLE_FLAG(text) FLAG(role, "role", "ROLE", role_reader, text)
#define LANGUAGE_FLAG                                                                              \
    FLAG(language, "language", "LANG", text_reader,                                                \
         TF_TEXT("the language of the text (that of the output)"))
#define AT_FLAG FLAG(at, "at", "LAT,LON", place_reader, TF_TEXT("the place, in degrees"))
#define DUTY TF_TEXT("in which role (duty-officer)")
#define HEAD TF_TEXT("in which role (head-of-cell)")

/* --- one message ------------------------------------------------------------------------ */

static bool print_said(void *ctx, const struct line_message *m)
{
    struct line_work *w = ctx;
    char number[24];
    if (w->args->party.json) {
        desk_visit_message(w->out, m);
        tf_buf_char(w->out, '\n');
        return true;
    }
    snprintf(number, sizeof number, "%lld", (long long)m->seq);
    say_fill(w->out, TR("Said to %1 as number %2; it is delivered as soon as they can be reached."),
             w->info.peer, number, NULL);
    tf_buf_char(w->out, '\n');
    return true;
}

static enum tf_status say_run(struct party_act *act, const struct line_context *c)
{
    struct line_work *w = (struct line_work *)act;
    struct line_draft draft = {.type = w->type, .role = w->args->role, .body = w->body};
    enum tf_status rc = line_work_find(w, c);
    if (!rc)
        rc = line_say(c, w->info.id, &draft, &w->seq, &act->fault);
    if (rc)
        return rc;
    tf_buf_clear(w->out);
    return line_each_message(c, w->info.id, true, w->seq - 1, 1, print_said, w);
}

/* `args` is the command's own: the role has its default here. */
bool line_work_say(struct line_work *w, struct party_state *state, const char *type,
                   const char *role)
{
    struct line_args args = *w->args;
    const struct line_args *given = w->args;
    if (!args.role)
        args.role = role;
    w->args = &args;
    w->type = type;
    w->act.run = say_run;
    bool good = w->body && line_work_do(w, state);
    w->args = given;
    return good;
}

static void put(struct line_work *w, const char *name, json_t *value)
{
    if (json_object_set_new(w->body, name, value))
        say_complain(TR("\"%1\" is not text in UTF-8"), name, NULL);
}

static void put_text(struct line_work *w, const char *text)
{
    put(w, "text", json_string(text));
    put(w, "lang", json_string(w->args->language ? w->args->language : say_language()));
}

static void put_time(struct line_work *w, const char *name, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns / 1000 * 1000, text);
    put(w, name, json_string(text));
}

static bool put_place(struct line_work *w, const char *text)
{
    double lat_deg, lng_deg;
    if (!text)
        return true;
    if (!read_place(text, &lat_deg, &lng_deg))
        return false;
    put(w, "lat_deg", json_real(lat_deg));
    put(w, "lng_deg", json_real(lng_deg));
    return true;
}

static bool begin(struct line_work *w)
{
    w->body = json_object();
    return w->body;
}

/* --- say: any type, its body as JSON ------------------------------------------------------- */

static bool say(struct line_work *w, struct party_state *state)
{
    struct tf_buf text = TF_BUF_INIT(65536);
    bool good = w->args->type;
    if (!good)
        say_complain(TR("--type is needed"), NULL);
    if (good && w->args->body && w->args->body[0] != '{')
        good = input_bytes(w->args->body, &text);
    else
        tf_buf_text(&text, w->args->body ? w->args->body : "{}");
    if (good) {
        w->body = json_loadb(text.data ? text.data : "", text.len, JSON_REJECT_DUPLICATES, NULL);
        good = json_is_object(w->body);
        if (!good)
            say_complain(TR("--body must be a JSON object, or a file with one"), NULL);
    }
    tf_buf_release(&text);
    return good && line_work_say(w, state, w->args->type, "duty-officer");
}

static bool text(struct line_work *w, struct party_state *state)
{
    if (!begin(w))
        return false;
    put_text(w, w->words->items[1]);
    return line_work_say(w, state, w->args->type ? w->args->type : "text", "duty-officer");
}

static bool danger(struct line_work *w, struct party_state *state)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!begin(w) || !put_place(w, w->args->at))
        return false;
    put_text(w, w->words->items[1]);
    put_time(w, "at",
             w->args->time_ns ? w->args->time_ns : (int64_t)now.tv_sec * INT64_C(1000000000));
    return line_work_say(w, state, w->args->type ? w->args->type : "danger", "duty-officer");
}

/* --- notice: an activity in an area and time ---------------------------------------------------
 */

static json_t *metres(double value)
{
    return json_pack("{s:f,s:s,s:s}", "value", value, "reference", "W84", "units", "M");
}

static json_t *when(int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns / 1000 * 1000, text);
    return json_pack("{s:s,s:s}", "value", text, "format", "RFC3339");
}

static json_t *circle_volume(const struct line_args *args, double lat_deg, double lng_deg)
{
    return json_pack("{s:{s:{s:{s:f,s:f},s:{s:f,s:s}},s:o,s:o},s:o,s:o}", "volume",
                     "outline_circle", "center", "lat", lat_deg, "lng", lng_deg, "radius", "value",
                     args->radius_m, "units", "M", "altitude_lower", metres(args->lower_m),
                     "altitude_upper", metres(args->upper_m), "time_start", when(args->from_ns),
                     "time_end", when(args->until_ns));
}

static json_t *take_volume(const struct line_args *args)
{
    struct tf_buf text = TF_BUF_INIT(65536);
    double lat_deg, lng_deg;
    json_t *volume = NULL;
    if (args->volume) {
        if (input_bytes(args->volume, &text))
            volume = json_loadb(text.data ? text.data : "", text.len, JSON_REJECT_DUPLICATES, NULL);
        if (!volume)
            say_complain(TR("%1 is not JSON"), args->volume, NULL);
    } else if (!args->at || !args->from_ns || !args->until_ns) {
        say_complain(TR("--at, --from and --until are needed, or --volume"), NULL);
    } else if (read_place(args->at, &lat_deg, &lng_deg)) {
        volume = circle_volume(args, lat_deg, lng_deg);
    }
    tf_buf_release(&text);
    return volume;
}

static bool notice(struct line_work *w, struct party_state *state)
{
    json_t *volume = take_volume(w->args);
    if (!volume || !begin(w)) {
        json_decref(volume);
        return false;
    }
    put(w, "volume", volume);
    put(w, "kind", json_string(w->args->kind ? w->args->kind : "other"));
    if (w->args->text)
        put_text(w, w->args->text);
    if (w->args->amends)
        put(w, "amends", json_integer((json_int_t)w->args->amends));
    return line_work_say(w, state, "notice", "duty-officer");
}

/* --- acknowledging ---------------------------------------------------------------------------- */

static bool put_number(struct line_work *w)
{
    int64_t of;
    if (!line_work_number(w->words->items[1], &of))
        return false;
    put(w, "of", json_integer((json_int_t)of));
    return true;
}

/* What has a place and time is read back: by the person, not by the machine. */
static bool ack(struct line_work *w, struct party_state *state)
{
    const struct line_args *args = w->args;
    if (!begin(w) || !put_number(w))
        return false;
    if (args->at || args->from_ns || args->until_ns) {
        json_t *body = w->body;
        w->body = json_object();
        bool good = w->body && put_place(w, args->at);
        if (good && args->from_ns)
            put_time(w, "start", args->from_ns);
        if (good && args->until_ns)
            put_time(w, "end", args->until_ns);
        json_t *readback = w->body;
        w->body = body;
        if (!good) {
            json_decref(readback);
            return false;
        }
        put(w, "readback", readback);
    }
    return line_work_say(w, state, "ack.seen", "duty-officer");
}

static bool answer(struct line_work *w, struct party_state *state)
{
    const struct line_args *args = w->args;
    if (!begin(w) || !put_number(w))
        return false;
    if (w->words->count > 2) { /* a question's answer, in words */
        put_text(w, w->words->items[2]);
        return line_work_say(w, state, "answer", "duty-officer");
    }
    if (!args->assessment) {
        say_complain(TR("--assessment is needed, or a text that answers a question"), NULL);
        return false;
    }
    put(w, "assessment", json_string(args->assessment));
    if (args->reason)
        put(w, "reason", json_string(args->reason));
    return line_work_say(w, state, "ack.answered", "duty-officer");
}

/* --- acts on the line
 * ----------------------------------------------------------------------------- */

static bool act(struct line_work *w, struct party_state *state, const char *type)
{
    if (!w->args->reason) {
        say_complain(TR("--reason is needed: the other side reads it"), NULL);
        return false;
    }
    if (!begin(w))
        return false;
    put(w, "reason", json_string(w->args->reason));
    return line_work_say(w, state, type, "head-of-cell");
}

static bool suspend(struct line_work *w, struct party_state *state)
{
    return act(w, state, "line.suspend");
}

static bool resume(struct line_work *w, struct party_state *state)
{
    return act(w, state, "line.resume");
}

static bool end(struct line_work *w, struct party_state *state)
{
    return act(w, state, "line.close");
}

static bool drill(struct line_work *w, struct party_state *state)
{
    return begin(w) && line_work_say(w, state, "drill", "duty-officer");
}

/* --- the commands --------------------------------------------------------------------------------
 */

static const struct flag say_flags[] = {
    FLAG(type, "type", "TYPE", text_reader,
         TF_TEXT("the message's type, as docs/line.md has them")),
    FLAG(body, "body", "JSON", text_reader,
         TF_TEXT("its body: an object, or a file (- for input)")),
    ROLE_FLAG(DUTY)};
static const struct flag text_flags[] = {
    FLAG(type, "type", "TYPE", text_type_reader, TF_TEXT("text or question (text)")), LANGUAGE_FLAG,
    ROLE_FLAG(DUTY)};
static const struct flag danger_flags[] = {
    FLAG(type, "type", "TYPE", danger_type_reader,
         TF_TEXT("danger, distress or incident (danger)")),
    AT_FLAG, FLAG(time_ns, "time", "TIME", time_reader, TF_TEXT("when (now)")), LANGUAGE_FLAG,
    ROLE_FLAG(DUTY)};
static const struct flag notice_flags[] = {
    AT_FLAG,
    FLAG(radius_m, "radius", "LENGTH", length_reader, TF_TEXT("of the circle around it (500 m)")),
    FLAG(lower_m, "lower", "LENGTH", level_reader, TF_TEXT("above the WGS84 ellipsoid (0 m)")),
    FLAG(upper_m, "upper", "LENGTH", level_reader, TF_TEXT("above the WGS84 ellipsoid (150 m)")),
    FLAG(from_ns, "from", "TIME", time_reader, TF_TEXT("when it begins")),
    FLAG(until_ns, "until", "TIME", time_reader, TF_TEXT("when it ends")),
    FLAG(volume, "volume", "FILE", text_reader,
         TF_TEXT("instead of these: an F3548 Volume4D as JSON")),
    FLAG(kind, "kind", "WORD", activity_reader,
         TF_TEXT("other, crewed, rotorcraft, uncrewed, ground, sea, hazard or balloon (other)")),
    FLAG(text, "text", "TEXT", text_reader, TF_TEXT("what to say about it")),
    LANGUAGE_FLAG,
    FLAG(amends, "amends", "N", count_reader, TF_TEXT("our notice that this one replaces")),
    ROLE_FLAG(DUTY)};
static const struct flag ack_flags[] = {
    AT_FLAG, FLAG(from_ns, "from", "TIME", time_reader, TF_TEXT("the beginning, read back")),
    FLAG(until_ns, "until", "TIME", time_reader, TF_TEXT("the end, read back")), ROLE_FLAG(DUTY)};
static const struct flag answer_flags[] = {
    FLAG(assessment, "assessment", "WORD", assessment_reader,
         TF_TEXT("no-conflict, conflict, objection or noted")),
    FLAG(reason, "reason", "TEXT", text_reader, TF_TEXT("why; a conflict or objection needs it")),
    LANGUAGE_FLAG, ROLE_FLAG(DUTY)};
static const struct flag act_flags[] = {
    FLAG(reason, "reason", "TEXT", text_reader, TF_TEXT("why; the other side reads it")),
    ROLE_FLAG(HEAD)};
static const struct flag drill_flags[] = {ROLE_FLAG(DUTY)};
LINE_TABLES(say_tables, say_flags);
LINE_TABLES(text_tables, text_flags);
LINE_TABLES(danger_tables, danger_flags);
LINE_TABLES(notice_tables, notice_flags);
LINE_TABLES(ack_tables, ack_flags);
LINE_TABLES(answer_tables, answer_flags);
LINE_TABLES(act_tables, act_flags);
LINE_TABLES(drill_tables, drill_flags);

LINE_COMMAND("say", say, 1, 1, say_tables, "LINE --type TYPE [--body JSON]",
             TF_TEXT("Says a message of any type."));
LINE_COMMAND("text", text, 2, 2, text_tables, "LINE TEXT", TF_TEXT("Says a text, or asks."));
LINE_COMMAND("notice", notice, 1, 1, notice_tables, "LINE --at LAT,LON --from TIME --until TIME",
             TF_TEXT("Gives notice of an activity in an area and time."));
LINE_COMMAND("danger", danger, 2, 2, danger_tables, "LINE TEXT [--at LAT,LON]",
             TF_TEXT("Warns of a danger; it passes also while the line is suspended."));
LINE_COMMAND("ack", ack, 2, 2, ack_tables, "LINE NUMBER [--at LAT,LON --from TIME --until TIME]",
             TF_TEXT("Says that a message was seen, and reads its place and time back."));
LINE_COMMAND("answer", answer, 2, 3, answer_tables,
             "LINE NUMBER --assessment WORD | LINE NUMBER TEXT",
             TF_TEXT("Answers a message; an answer never means approval."));
LINE_COMMAND("suspend", suspend, 1, 1, act_tables, "LINE --reason TEXT",
             TF_TEXT("Suspends a line; the safety floor still passes."));
LINE_COMMAND("resume", resume, 1, 1, act_tables, "LINE --reason TEXT",
             TF_TEXT("Resumes a line that this side suspended."));
LINE_COMMAND("close", end, 1, 1, act_tables, "LINE --reason TEXT",
             TF_TEXT("Closes a line for good."));
LINE_COMMAND("drill", drill, 1, 1, drill_tables, "LINE",
             TF_TEXT("Checks the line: the other side has to say that it was seen."));
