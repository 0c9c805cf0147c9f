/*
 * evidence_text.c - an evidence bundle's verdict and story as text and as JSON (docs/evidence.md).
 */
#include "cli/evidence.h"

#include "cli/line_text.h"
#include "cli/say.h"
#include "format/json.h"
#include "line/fields.h"
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"said", "agreed", "fork", "logged", "checkpoint"};

static void put_time(struct tf_buf *out, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE] = "-";
    if (t_us)
        tf_time_format(t_us * 1000, text);
    tf_buf_text(out, text);
}

/* --- what is wrong --------------------------------------------------------------------------- */

static void say_fault(struct tf_buf *out, const struct tf_fault *fault, const char *message)
{
    char text[1024];
    tf_fault_text(fault, message, text, sizeof text);
    say_safe(out, text);
}

static void note_wrong(void *ctx, const struct tf_fault *fault)
{
    struct evidence_print *print = ctx;
    struct tf_buf *out = &print->wrong;
    char text[1024];
    if (print->is_json) {
        tf_buf_text(out, print->wrongs ? ",{\"where\":" : "{\"where\":");
        tf_buf_json(out, fault->field);
        tf_fault_text(fault, fault->message, text, sizeof text);
        tf_json_put_text(out, "what", text);
        tf_buf_char(out, '}');
    } else {
        tf_buf_text(out, "  ");
        if (*fault->field) {
            say_safe(out, fault->field);
            tf_buf_text(out, ": ");
        }
        say_fault(out, fault, say_tr(fault->message));
        tf_buf_char(out, '\n');
    }
    print->wrongs++;
}

/* --- the story ------------------------------------------------------------------------------- */

static void put_flag(struct tf_buf *out, const char *key, bool value)
{
    tf_buf_printf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void put_optional_time(struct tf_buf *out, const char *key, int64_t t_us)
{
    if (t_us)
        fields_put_time(out, key, t_us);
}

static void put_place(struct tf_buf *out, const struct message_place *place)
{
    tf_buf_text(out, ",\"place\":{\"lat_deg\":");
    tf_buf_double(out, place->lat_deg);
    tf_buf_text(out, ",\"lng_deg\":");
    tf_buf_double(out, place->lng_deg);
    put_optional_time(out, "start", place->start_us);
    put_optional_time(out, "end", place->end_us);
    tf_buf_char(out, '}');
}

static void event_json(struct evidence_print *print, const struct evidence_event *event)
{
    struct tf_buf *out = &print->story, says = TF_BUF_INIT(65536);
    say_fill(&says, event->sentence, event->arg[0], event->arg[1], event->arg[2], event->arg[3],
             NULL);
    tf_buf_printf(out, "%s{\"kind\":\"%s\"", print->events ? ",\n" : "\n", kinds[event->kind]);
    put_optional_time(out, "at", event->at_us);
    put_optional_time(out, "received_at", event->received_us);
    tf_json_put_text(out, "from", event->from);
    tf_json_put_text(out, "to", event->to);
    if (event->seq)
        fields_put_integer(out, "seq", event->seq);
    tf_json_put_text(out, "type", event->type);
    tf_json_put_text(out, "role", event->role);
    if (event->hash)
        fields_put_hex(out, "hash", event->hash, KEY_HASH_SIZE);
    tf_json_put_text(out, "says", says.data);
    tf_json_put_text(out, "text", event->text);
    if (event->has_place)
        put_place(out, &event->place);
    if (event->hash) {
        put_flag(out, "logged_by_sender", event->is_logged_by_sender);
        put_flag(out, "logged_by_receiver", event->is_logged_by_receiver);
    }
    tf_json_put_text(out, "but", event->but);
    tf_buf_char(out, '}');
    tf_buf_release(&says);
}

/* One line, indented below the event. */
static void put_line(struct tf_buf *out, const char *text)
{
    tf_buf_text(out, "    ");
    say_safe(out, text);
    tf_buf_char(out, '\n');
}

static void put_delivery(struct tf_buf *out, const struct evidence_event *event)
{
    char time[TF_TIME_TEXT_SIZE];
    tf_buf_text(out, "    ");
    if (event->received_us) {
        tf_time_format(event->received_us * 1000, time);
        say_fill(out, TR("received by %1 at %2 by its clock; its signed receipt is here"),
                 event->to, time, NULL);
    } else {
        say_fill(out, TR("not proved to have arrived: no receipt of %1 is here"), event->to, NULL);
    }
    tf_buf_char(out, '\n');
}

static void put_words(struct tf_buf *out, const struct evidence_event *event)
{
    const char *at = event->kind == EVIDENCE_AGREED ? NULL : event->text;
    while (at && *at) {
        size_t len = strcspn(at, "\n");
        tf_buf_text(out, "    | ");
        say_line(out, at, len, 160);
        tf_buf_char(out, '\n');
        at += len + (at[len] == '\n');
    }
}

static void put_where(struct tf_buf *out, const struct message_place *place)
{
    tf_buf_text(out, "    ");
    line_text_place(out, place);
    tf_buf_char(out, '\n');
}

static void event_text(struct evidence_print *print, const struct evidence_event *event)
{
    struct tf_buf *out = &print->story, says = TF_BUF_INIT(65536);
    put_time(out, event->at_us);
    tf_buf_text(out, "  ");
    if (event->seq)
        tf_buf_printf(out, "%s/%lld (%s)  ", event->from, (long long)event->seq, event->role);
    say_fill(&says, say_tr(event->sentence), event->arg[0], event->arg[1], event->arg[2],
             event->arg[3], NULL);
    say_safe(out, says.data);
    tf_buf_char(out, '\n');
    put_words(out, event);
    if (event->has_place)
        put_where(out, &event->place);
    if (event->kind == EVIDENCE_SAID)
        put_delivery(out, event);
    if (event->is_logged_by_sender)
        put_line(out, TR("it stands in the sender's ledger"));
    if (event->is_logged_by_receiver)
        put_line(out, TR("it stands in the receiver's ledger"));
    if (event->but)
        put_line(out, say_tr(event->but));
    tf_buf_release(&says);
}

static void note_event(void *ctx, const struct evidence_event *event)
{
    struct evidence_print *print = ctx;
    if (print->is_json)
        event_json(print, event);
    else
        event_text(print, event);
    print->events++;
}

struct evidence_visitor evidence_visitor_of(struct evidence_print *print)
{
    return (struct evidence_visitor){.event = note_event, .wrong = note_wrong, .ctx = print};
}

/* --- the whole ------------------------------------------------------------------------------- */

static void party_json(struct tf_buf *out, const struct evidence_party *party)
{
    tf_buf_text(out, "{\"id\":");
    tf_buf_json(out, party->id);
    if (*party->title)
        tf_json_put_text(out, "title", party->title);
    fields_put_hex(out, "fingerprint", party->fingerprint, KEY_HASH_SIZE);
    put_flag(out, "compared", party->is_compared);
    fields_put_integer(out, "rotations", (int64_t)party->rotations);
    if (party->first)
        tf_buf_printf(out, ",\"complete\":[%lld,%lld]", (long long)party->first,
                      (long long)party->last);
    fields_put_integer(out, "messages", (int64_t)party->messages);
    fields_put_integer(out, "received", (int64_t)party->received);
    tf_buf_char(out, '}');
}

static void all_json(const struct evidence_print *print, const struct evidence_report *report,
                     struct tf_buf *out)
{
    tf_buf_printf(out, "{\"valid\":%s", report->is_valid ? "true" : "false");
    fields_put_hex(out, "sha256", report->digest, KEY_HASH_SIZE);
    tf_json_put_text(out, "line", report->line);
    tf_buf_text(out, ",\"parties\":[");
    party_json(out, &report->party[0]);
    tf_buf_char(out, ',');
    party_json(out, &report->party[1]);
    tf_buf_char(out, ']');
    fields_put_integer(out, "entries", (int64_t)report->entries);
    fields_put_integer(out, "checkpoints", (int64_t)report->checkpoints);
    fields_put_integer(out, "cosignatures", (int64_t)report->cosignatures);
    fields_put_integer(out, "forks", (int64_t)report->forks);
    tf_buf_printf(out, ",\"wrong\":[%s],\"story\":[%s]}\n", print->wrongs ? print->wrong.data : "",
                  print->events ? print->story.data : "");
}

static void party_text(struct tf_buf *out, const struct evidence_party *party)
{
    char digits[FINGERPRINT_DIGITS_SIZE], first[24], last[24];
    fingerprint_digits(party->fingerprint, digits);
    snprintf(first, sizeof first, "%lld", (long long)party->first);
    snprintf(last, sizeof last, "%lld", (long long)party->last);
    tf_buf_printf(out, "%s", party->id);
    if (*party->title) {
        tf_buf_text(out, " (");
        say_safe(out, party->title);
        tf_buf_char(out, ')');
    }
    tf_buf_printf(out, "\n    %s\n    ", digits);
    tf_buf_text(out, party->is_compared
                         ? TR("This key has the fingerprint that you gave.")
                         : TR("This key was taken from the bundle itself. Compare its digits with "
                              "what you know of the party, and give them by --fingerprint."));
    tf_buf_text(out, "\n    ");
    say_fill(out, TR("messages: %1; with the other party's receipt: %2"),
             say_count(party->messages).s, say_count(party->received).s, NULL);
    tf_buf_text(out, "\n    ");
    if (party->first)
        say_fill(out,
                 TR("complete from message %1 to message %2: between these, nothing else was "
                    "said"),
                 first, last, NULL);
    else
        tf_buf_text(out, TR("not complete: other messages may exist"));
    tf_buf_char(out, '\n');
}

static void verdict_text(struct tf_buf *out, const struct evidence_report *report)
{
    if (!report->is_valid) {
        tf_buf_text(out, TR("NOT VALID. Do not rely on this bundle: part of it is wrong or "
                            "missing. Ask for it again, or for what is missing."));
    } else if (report->party[0].is_compared && report->party[1].is_compared) {
        tf_buf_text(out, TR("VALID. Everything in this bundle is as the two parties signed it."));
    } else {
        tf_buf_text(out, TR("VALID by the keys in it. Whose keys these are is not proved until "
                            "both fingerprints are compared."));
    }
    tf_buf_char(out, '\n');
    if (report->forks)
        tf_buf_printf(out, "%s\n",
                      TR("A party contradicted itself: it signed two different messages with one "
                         "number. Both are below."));
}

static void all_text(const struct evidence_print *print, const struct evidence_report *report,
                     struct tf_buf *out)
{
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(report->digest, KEY_HASH_SIZE, hex);
    verdict_text(out, report);
    if (print->wrongs)
        tf_buf_append(out, print->wrong.data, print->wrong.len);
    tf_buf_printf(out, "\nSHA-256 %s\n", hex);
    say_fill(out, TR("on the line %1"), report->line, NULL);
    tf_buf_text(out, "\n\n");
    party_text(out, &report->party[0]);
    party_text(out, &report->party[1]);
    say_fill(out,
             TR("ledgers: proved entries: %1; checkpoints: %2; of these cosigned by the other "
                "party: %3"),
             say_count(report->entries).s, say_count(report->checkpoints).s,
             say_count(report->cosignatures).s, NULL);
    tf_buf_printf(out, "\n\n%s\n",
                  TR("To have received, seen or answered is not to have approved."));
    if (print->events)
        tf_buf_append(out, print->story.data, print->story.len);
}

void evidence_print_all(const struct evidence_print *print, const struct evidence_report *report,
                        struct tf_buf *out)
{
    if (!out->status)
        out->status = print->wrong.status ? print->wrong.status : print->story.status;
    if (print->is_json)
        all_json(print, report, out);
    else
        all_text(print, report, out);
}

void evidence_print_release(struct evidence_print *print)
{
    tf_buf_release(&print->wrong);
    tf_buf_release(&print->story);
}
