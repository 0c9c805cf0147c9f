/*
 * story.c - what a bundle tells, in time order: one event for each message with both clocks,
 * agreed memoranda, contradictions, checkpoints, and what else the ledgers hold.
 *
 * The sentences say who says what, never what is so: "says that it has seen", not "has seen".
 */
#include "evidence/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An event before it is told. */
struct step {
    enum evidence_kind kind;
    int64_t at_us;
    int64_t seq; /* order among equal times */
    int side;
    const struct item *item;
    const struct log *log;
    size_t index; /* in the log's list */
};
struct story {
    struct bundle *bundle;
    struct step *steps; /* owned */
    size_t count;
};

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void tell(struct bundle *bundle, const struct evidence_event *event)
{
    if (bundle->visitor && bundle->visitor->event)
        bundle->visitor->event(bundle->visitor->ctx, event);
}

/* --- a message ------------------------------------------------------------------------------- */

/* %1 who, %2 whose message is spoken of, %3 a word or a reason of the body. */
static const struct sentence {
    const char *text, *member; /* of the body, for %3; NULL: none */
} sentences[MESSAGE_TYPE_COUNT] = {
    [MESSAGE_OPEN] = {TF_TEXT("%1 opens its side of the line."), NULL},
    [MESSAGE_SUSPEND] = {TF_TEXT("%1 suspends the line: %3"), "reason"},
    [MESSAGE_RESUME] = {TF_TEXT("%1 resumes the line: %3"), "reason"},
    [MESSAGE_CLOSE] = {TF_TEXT("%1 closes the line: %3"), "reason"},
    [MESSAGE_ROTATE] = {TF_TEXT("%1 changes its key."), NULL},
    [MESSAGE_SEEN] = {TF_TEXT("%1 says that it has seen message %2."), NULL},
    [MESSAGE_FORWARDED] = {TF_TEXT("%1 says that it has passed on message %2 to: %3"), "to"},
    [MESSAGE_ANSWERED] = {TF_TEXT("%1 answers message %2 with \"%3\". This is not an approval."),
                          "assessment"},
    [MESSAGE_DANGER] = {TF_TEXT("%1 warns of a danger."), NULL},
    [MESSAGE_DISTRESS] = {TF_TEXT("%1 reports distress."), NULL},
    [MESSAGE_INCIDENT] = {TF_TEXT("%1 reports an incident."), NULL},
    [MESSAGE_TEXT] = {TF_TEXT("%1 writes."), NULL},
    [MESSAGE_PHRASE] = {TF_TEXT("%1 sends a phrase: %3"), "phrase"},
    [MESSAGE_NOTICE] = {TF_TEXT("%1 gives notice of an activity of kind %3."), "kind"},
    [MESSAGE_WITHDRAW] = {TF_TEXT("%1 withdraws message %2: %3"), "reason"},
    [MESSAGE_QUESTION] = {TF_TEXT("%1 asks."), NULL},
    [MESSAGE_ANSWER] = {TF_TEXT("%1 replies to question %2."), NULL},
    [MESSAGE_DRILL] = {TF_TEXT("%1 checks the line."), NULL},
    [MESSAGE_PROPOSE] = {TF_TEXT("%1 proposes a memorandum and signs it."), NULL},
    [MESSAGE_ACCEPT] = {TF_TEXT("%1 accepts and signs the memorandum %3."), "document"},
    [MESSAGE_DECLINE] = {TF_TEXT("%1 declines the memorandum %3."), "document"},
    [MESSAGE_UNKNOWN] = {TF_TEXT("%1 sends a message of type %3, which is not explained here."),
                         NULL},
};

/* Whose message a body speaks of: acts on messages are about the other's, but for one's own that
 * are withdrawn or amended. */
static int about_side(const struct message *m, int side)
{
    return m->type == MESSAGE_WITHDRAW ? side : !side;
}

static const struct item *about(const struct bundle *bundle, const struct item *item)
{
    int64_t of = json_integer_value(json_object_get(item->message.body, "of"));
    return of > 0 ? bundle_message(bundle, about_side(&item->message, item->side), of) : NULL;
}

/* "south.example/17" */
static void name_about(const struct bundle *bundle, const struct item *item, char *out, size_t size)
{
    int64_t of = json_integer_value(json_object_get(item->message.body, "of"));
    out[0] = '\0';
    if (of > 0)
        snprintf(out, size, "%s/%lld", bundle->side[about_side(&item->message, item->side)].id,
                 (long long)of);
}

/* A member of the body as text: itself, or the texts of a list. */
static void put_member(const json_t *body, const char *name, char *out, size_t size)
{
    const json_t *value = name ? json_object_get(body, name) : NULL;
    size_t at = 0;
    out[0] = '\0';
    if (json_is_string(value))
        snprintf(out, size, "%s", json_string_value(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        if (text && at < size)
            at += (size_t)snprintf(out + at, size - at, "%s%s", i ? ", " : "", text);
    }
}

/* Whether the body follows the rules of its type. Lack of memory is no breach. */
static bool is_sound(struct bundle *bundle, const struct item *item)
{
    enum tf_status rc = item->message.type == MESSAGE_UNKNOWN
                            ? TF_OK
                            : message_check_body(item->message.type, item->message.body, NULL);
    if (rc == TF_NOMEM)
        bundle->status = rc;
    return rc == TF_OK;
}

/* A sound notice has a place: where none is found, memory was short. */
static bool place_of(struct bundle *bundle, const struct item *item, struct message_place *out)
{
    bool is_found = message_place(item->message.type, item->message.body, out);
    if (!is_found && item->message.type == MESSAGE_NOTICE && is_sound(bundle, item))
        bundle->status = TF_NOMEM;
    return is_found;
}

static bool reads_back_wrong(struct bundle *bundle, const struct item *item)
{
    const struct item *of = about(bundle, item);
    struct message_place said, read;
    return item->message.type == MESSAGE_SEEN && of && place_of(bundle, of, &said) &&
           (!message_place(MESSAGE_SEEN, item->message.body, &read) ||
            !message_readback_matches(&said, &read));
}

/* What limits a message. */
static const char *limit_of(struct bundle *bundle, const struct item *item)
{
    int64_t of = json_integer_value(json_object_get(item->message.body, "of"));
    if (!is_sound(bundle, item))
        return TF_TEXT("What it says breaks the rules of its type: it has no effect.");
    if (of > 0 && !about(bundle, item))
        return TF_TEXT("The message that it speaks of is not in this bundle.");
    if (reads_back_wrong(bundle, item))
        return TF_TEXT("The place and time were not read back as they were said.");
    return NULL;
}

static const char *words_of(const struct item *item)
{
    const char *text = json_string_value(json_object_get(item->message.body, "text"));
    bool has_reason =
        item->message.type == MESSAGE_ANSWERED || item->message.type == MESSAGE_DECLINE;
    return !text && has_reason ? json_string_value(json_object_get(item->message.body, "reason"))
                               : text;
}

static void tell_message(struct bundle *bundle, const struct step *step)
{
    enum { DETAIL_SIZE = 600 };
    const struct item *item = step->item;
    const struct message *m = &item->message;
    char name[KEY_NAME_SIZE + 24], detail[DETAIL_SIZE];
    struct evidence_event event = {.kind = step->kind,
                                   .at_us = m->sent_us,
                                   .from = m->from,
                                   .to = m->to,
                                   .seq = m->seq,
                                   .type = m->type_name,
                                   .role = m->role,
                                   .hash = item->envelope.hash,
                                   .sentence = sentences[m->type].text,
                                   .arg = {m->from, name, detail, ""},
                                   .text = words_of(item),
                                   .is_logged_by_sender = item->is_logged[item->side],
                                   .is_logged_by_receiver = item->is_logged[!item->side],
                                   .but = limit_of(bundle, item)};
    name_about(bundle, item, name, sizeof name);
    put_member(m->body, sentences[m->type].member, detail, sizeof detail);
    if (m->type == MESSAGE_UNKNOWN)
        snprintf(detail, sizeof detail, "%s", m->type_name);
    event.received_us = item->is_received ? item->received.received_us : 0;
    event.has_place = place_of(bundle, item, &event.place);
    if (step->kind == EVIDENCE_FORK)
        event.but = TF_TEXT("It contradicts another message that the same party signed.");
    tell(bundle, &event);
}

/* --- memoranda ------------------------------------------------------------------------------ */

/* The proposal that brought a document. */
static const struct item *proposal_of(const struct bundle *bundle, int side,
                                      const uint8_t hash[KEY_HASH_SIZE])
{
    for (size_t i = bundle->side[side].begin; i < bundle->side[side].end; i++) {
        const struct item *item = bundle->order[i];
        if (item->is_good && item->message.type == MESSAGE_PROPOSE &&
            memcmp(item->document, hash, KEY_HASH_SIZE) == 0)
            return item;
    }
    return NULL;
}

/* One proposed it, the other accepted it: both signatures are here. */
static void tell_agreement(struct bundle *bundle, const struct step *step)
{
    const struct item *item = step->item;
    const char *hex = json_string_value(json_object_get(item->message.body, "document"));
    uint8_t hash[KEY_HASH_SIZE];
    if (!hex || !key_unhex(hex, strlen(hex), hash, sizeof hash))
        return;
    const struct item *proposal = proposal_of(bundle, !item->side, hash);
    const char *text =
        proposal ? json_string_value(json_object_get(proposal->message.body, "document")) : NULL;
    struct memorandum memo;
    if (!text)
        return;
    enum tf_status rc = memo_read(text, strlen(text), &memo, NULL);
    bool is_read = rc == TF_OK;
    if (rc == TF_NOMEM)
        bundle->status = rc;
    bool is_ours = is_read && strcmp(memo.line, bundle->line) == 0;
    char number[24];
    snprintf(number, sizeof number, "%lld", is_read ? (long long)memo.number : 0);
    tell(bundle,
         &(struct evidence_event){
             .kind = EVIDENCE_AGREED,
             .at_us = step->at_us,
             .from = item->message.from,
             .to = item->message.to,
             .type = "memorandum",
             .role = item->message.role,
             .sentence = TF_TEXT("Both parties have signed memorandum %1: %2."),
             .arg = {number, hex, "", ""},
             .text = text,
             .but = is_ours ? NULL
                            : TF_TEXT("Its document breaks the format of memoranda, or is of "
                                      "another line: it is not in force.")});
    if (is_read)
        memo_release(&memo);
}

/* --- ledgers --------------------------------------------------------------------------------- */

static void tell_point(struct bundle *bundle, const struct step *step)
{
    const struct point *point = &step->log->points[step->index];
    const char *owner = bundle->side[step->log->side].id;
    const char *other = bundle->side[!step->log->side].id;
    char size[24];
    snprintf(size, sizeof size, "%llu", (unsigned long long)point->checkpoint.size);
    tell(bundle,
         &(struct evidence_event){
             .kind = EVIDENCE_CHECKPOINT,
             .at_us = point->cosigned_s * 1000000,
             .from = point->cosigned_s ? other : owner,
             .to = point->cosigned_s ? owner : other,
             .type = "checkpoint",
             .role = "",
             .sentence = point->cosigned_s
                             ? TF_TEXT("%1 cosigned the ledger of %2 at %3 entries: what is proved "
                                       "to be in it had been written by then.")
                             : TF_TEXT("%1 signed its ledger at %3 entries. The other party's "
                                       "cosignature is not here: when that was is not proved."),
             .arg = {point->cosigned_s ? other : owner, owner, size, ""}});
}

static int64_t entry_time(const struct entry *entry)
{
    const char *at = json_string_value(json_object_get(entry->json, "at"));
    int64_t at_us = 0;
    return at && fields_is_time(at, strlen(at), &at_us) ? at_us : 0;
}

static void tell_entry(struct bundle *bundle, const struct step *step)
{
    const struct entry *entry = &step->log->entries[step->index];
    const char *owner = bundle->side[step->log->side].id;
    const char *kind = json_string_value(json_object_get(entry->json, "kind"));
    char index[24];
    snprintf(index, sizeof index, "%llu", (unsigned long long)entry->index);
    tell(bundle,
         &(struct evidence_event){.kind = EVIDENCE_LOGGED,
                                  .at_us = step->at_us,
                                  .from = owner,
                                  .to = "",
                                  .type = kind ? kind : "",
                                  .role = "",
                                  .sentence = TF_TEXT("%1 wrote in its ledger, entry %2: %3"),
                                  .arg = {owner, index, kind ? kind : "", ""},
                                  .text = entry->text});
}

/* --- all of it ------------------------------------------------------------------------------- */

static void add_items(struct story *story)
{
    struct bundle *bundle = story->bundle;
    for (size_t i = 0; i < bundle->item_count; i++) {
        const struct item *item = &bundle->items[i];
        struct step step = {.kind = item->is_fork ? EVIDENCE_FORK : EVIDENCE_SAID,
                            .at_us = item->message.sent_us,
                            .seq = item->message.seq,
                            .side = item->side,
                            .item = item};
        if (!item->is_good)
            continue;
        story->steps[story->count++] = step;
        step.kind = EVIDENCE_AGREED;
        if (!item->is_fork && item->message.type == MESSAGE_ACCEPT)
            story->steps[story->count++] = step;
    }
}

static void add_log(struct story *story, const struct log *log)
{
    for (size_t i = 0; i < log->point_count; i++)
        if (log->points[i].is_good)
            story->steps[story->count++] = (struct step){
                .kind = EVIDENCE_CHECKPOINT,
                .at_us =
                    log->points[i].cosigned_s ? log->points[i].cosigned_s * 1000000 : INT64_MAX,
                .seq = (int64_t)log->points[i].checkpoint.size,
                .side = log->side,
                .log = log,
                .index = i};
    for (size_t i = 0; i < log->entry_count; i++)
        if (log->entries[i].is_proved && !log->entries[i].about)
            story->steps[story->count++] = (struct step){.kind = EVIDENCE_LOGGED,
                                                         .at_us = entry_time(&log->entries[i]),
                                                         .seq = (int64_t)log->entries[i].index,
                                                         .side = log->side,
                                                         .log = log,
                                                         .index = i};
}

void tell_story(struct bundle *bundle)
{
    static void (*const tellers[])(struct bundle * bundle,
                                   const struct step *step) = {[EVIDENCE_SAID] = tell_message,
                                                               [EVIDENCE_AGREED] = tell_agreement,
                                                               [EVIDENCE_FORK] = tell_message,
                                                               [EVIDENCE_LOGGED] = tell_entry,
                                                               [EVIDENCE_CHECKPOINT] = tell_point};
    size_t most = 2 * bundle->item_count + 1;
    for (size_t i = 0; i < bundle->log_count; i++)
        most += bundle->log[i].point_count + bundle->log[i].entry_count;
    struct story story = {.bundle = bundle, .steps = calloc(most, sizeof *story.steps)};
    if (!story.steps) {
        bundle->status = TF_NOMEM;
        return;
    }
    add_items(&story);
    for (size_t i = 0; i < bundle->log_count; i++)
        add_log(&story, &bundle->log[i]);
    qsort(story.steps, story.count, sizeof *story.steps, by_time);
    for (size_t i = 0; i < story.count; i++)
        tellers[story.steps[i].kind](bundle, &story.steps[i]);
    free(story.steps);
}
