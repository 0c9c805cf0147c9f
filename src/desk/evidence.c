/*
 * evidence.c - evidence bundles for operators: of an incident, a case, messages, entries of the
 * ledger. Who made which is in the ledger.
 */
#include "evidence/evidence.h"
#include "desk/register.h"
#include "ops/matter.h"
#include "ops/reading.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS_MAX = 1000 };

/* What a bundle is asked to be about. */
struct request {
    struct visit *v;
    const struct line_context *c;
    const char *line; /* NULL: not said */
    struct ops_matter matter;
    char about[64]; /* for the ledger */
};

static enum tf_status refuse(struct visit *v, enum tf_status rc, const char *field,
                             const char *message)
{
    return tf_fault_set(&v->fault, rc, TF_NO_INDEX, field, message, NULL, NULL, NULL);
}

/* --- messages by their numbers ------------------------------------------------------------- */

static enum tf_status find_line(struct request *r)
{
    struct line_info info;
    if (!r->line)
        return refuse(r->v, TF_MISSING, "line", TF_TEXT("this member is needed"));
    enum tf_status rc = line_find(r->c, r->line, &info);
    if (rc == TF_NOT_FOUND)
        return tf_fault_set(&r->v->fault, rc, TF_NO_INDEX, "line",
                            TF_TEXT("There is no line \"%1\" here."), r->line, NULL, NULL);
    if (!rc)
        memcpy(r->matter.line, info.id, sizeof info.id);
    return rc;
}

static enum tf_status take_messages(struct request *r, const json_t *list)
{
    const json_t *item;
    size_t i;
    enum tf_status rc = find_line(r);
    json_array_foreach(list, i, item)
    {
        int64_t seq = json_integer_value(json_object_get(item, "seq"));
        const json_t *own = json_object_get(item, "own");
        if (!rc && (seq < 1 || !json_is_boolean(own)))
            rc = refuse(r->v, TF_SYNTAX, "messages",
                        TF_TEXT("a message is named by \"own\" and \"seq\""));
        rc = rc ? rc : ops_matter_add(&r->matter, json_is_true(own), seq);
    }
    return rc;
}

/* --- entries of the ledger ---------------------------------------------------------------------
 */

struct entry {
    json_t *json; /* owned; NULL: there is none */
};

static bool keep_entry(void *ctx, uint64_t index, const char *text, size_t len)
{
    (void)index;
    ((struct entry *)ctx)->json = json_loadb(text, len, 0, NULL);
    return false;
}

/* The message that an entry notes. */
static enum tf_status take_entry(struct request *r, const json_t *entry)
{
    const char *kind = json_string_value(json_object_get(entry, "kind")),
               *line = json_string_value(json_object_get(entry, "line"));
    int64_t seq = json_integer_value(json_object_get(entry, "seq"));
    bool is_own = kind && (strcmp(kind, "sent") == 0 || strcmp(kind, "returned") == 0);
    if (!line || seq < 1 || strlen(line) >= sizeof r->matter.line ||
        (!is_own && (!kind || strcmp(kind, "received") != 0)))
        return refuse(r->v, TF_UNSUPPORTED, "entries",
                      TF_TEXT("an entry that notes no message cannot be in a bundle; take its "
                              "proof instead"));
    if (!*r->matter.line)
        memcpy(r->matter.line, line, strlen(line) + 1);
    if (strcmp(r->matter.line, line) != 0)
        return refuse(r->v, TF_UNSUPPORTED, "entries",
                      TF_TEXT("a bundle is about one line; these entries are of several"));
    return ops_matter_add(&r->matter, is_own, seq);
}

static enum tf_status take_entries(struct request *r, const json_t *list)
{
    const json_t *item;
    size_t i;
    uint64_t size;
    enum tf_status rc = ledger_size(r->c->ledger, &size);
    json_array_foreach(list, i, item)
    {
        struct entry entry = {.json = NULL};
        json_int_t index = json_is_integer(item) ? json_integer_value(item) : -1;
        if (!rc && (index < 0 || (uint64_t)index >= size))
            rc = refuse(r->v, TF_NOT_FOUND, "entries", TF_TEXT("there is no such entry"));
        if (!rc)
            rc = ledger_each(r->c->ledger, (uint64_t)index, 1, keep_entry, &entry);
        if (!rc)
            rc = entry.json ? take_entry(r, entry.json) : TF_NOMEM;
        json_decref(entry.json);
    }
    return rc;
}

/* --- what it is about
 * ----------------------------------------------------------------------------- */

static enum tf_status take_list(struct request *r, const char *name,
                                enum tf_status (*take)(struct request *r, const json_t *list))
{
    const json_t *list = json_object_get(r->v->json, name);
    size_t count = json_array_size(list);
    if (count < 1 || count > NUMBERS_MAX)
        return refuse(r->v, TF_RANGE, name, TF_TEXT("between 1 and 1,000 of them"));
    snprintf(r->about, sizeof r->about, "%s", name);
    return take(r, list);
}

static enum tf_status take_incident(struct request *r, const char *id)
{
    snprintf(r->about, sizeof r->about, "incident %s", id);
    return ops_incident_matter(register_ops(r->v), r->c, id, r->line, &r->matter, &r->v->fault);
}

static enum tf_status take_case(struct request *r, const char *id)
{
    snprintf(r->about, sizeof r->about, "case %s", id);
    return ops_case_matter(r->c, id, &r->matter, &r->v->fault);
}

static enum tf_status take_about(struct request *r)
{
    static const char *const names[] = {"incident", "case", "messages", "entries"};
    struct visit *v = r->v;
    const char *incident, *id;
    size_t given = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        given += json_object_get(v->json, names[i]) != NULL;
    if (given != 1)
        return refuse(v, TF_MISSING, "incident",
                      TF_TEXT("one of incident, case, messages and entries says what it is about"));
    enum tf_status rc = desk_text(v, "line", false, LINE_ID_SIZE - 1, &r->line);
    if (!rc)
        rc = desk_text(v, "incident", false, 40, &incident);
    if (!rc)
        rc = desk_text(v, "case", false, 40, &id);
    if (rc)
        return rc;
    if (incident)
        return take_incident(r, incident);
    if (id)
        return take_case(r, id);
    return json_object_get(v->json, "messages") ? take_list(r, "messages", take_messages)
                                                : take_list(r, "entries", take_entries);
}

/* --- making -------------------------------------------------------------------------------------
 */

static enum tf_status note_bundle(const struct request *r, const char *role,
                                  const struct evidence_report *report)
{
    struct tf_buf entry = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    tf_put_open(&entry, NULL, '{');
    tf_put_text(&entry, "kind", "bundle");
    tf_put_time_us(&entry, "at", r->c->now_us);
    tf_put_text(&entry, "actor", r->c->actor);
    tf_put_text(&entry, "role", role);
    tf_put_text(&entry, "line", report->line);
    tf_put_text(&entry, "about", r->about);
    tf_put_int(&entry, "messages",
               (int64_t)(report->party[0].messages + report->party[1].messages));
    desk_put_hash(&entry, "sha256", report->digest);
    tf_buf_char(&entry, '}');
    enum tf_status rc = tf_buf_status(&entry);
    if (!rc)
        rc = ledger_append(r->c->ledger, entry.data, entry.len, NULL);
    tf_buf_release(&entry);
    return rc;
}

/* As a file with a name that tells whose line it is of, and when it was made. */
static enum tf_status name_file(const struct request *r)
{
    struct line_info info;
    struct http_exchange *x = r->v->exchange;
    char at[TF_TIME_TEXT_SIZE], stamp[TF_TIME_TEXT_SIZE];
    size_t n = 0;
    enum tf_status rc = line_find(r->c, r->matter.line, &info);
    if (rc)
        return rc;
    tf_time_format(r->c->now_us / 1000000 * 1000000000, at);
    for (const char *p = at; *p; p++)
        if (*p != '-' && *p != ':')
            stamp[n++] = *p;
    stamp[n] = '\0';
    snprintf(x->room, sizeof x->room,
             "Content-Disposition: attachment; filename=\"%s-%s.evidence\"\r\n", info.peer, stamp);
    x->headers = x->room;
    x->content_type = "application/octet-stream";
    return TF_OK;
}

static void note_message(void *ctx, const struct line_message *message)
{
    (void)!ops_reading_message(ctx, message); /* its failure stays */
}

static enum tf_status make(struct request *r, const char *role)
{
    struct ops_site_reading reading = {.c = r->c, .purpose = "export"};
    struct tf_buf card = TF_BUF_INIT(CARD_TEXT_MAX);
    struct evidence_report report;
    enum tf_status rc = card_write(&r->c->card, r->c->key, &card);
    struct evidence_selection selection = desk_selection_of(&r->matter, card.data);
    selection.taken = note_message;
    selection.ctx = &reading;
    if (!rc)
        rc = evidence_make(r->c, &selection, r->v->out, &report, &r->v->fault);
    enum tf_status kept = ops_reading_end(&reading);
    rc = rc ? rc : kept;
    if (!rc)
        rc = note_bundle(r, role, &report);
    if (!rc)
        rc = name_file(r);
    tf_buf_release(&card);
    return rc;
}

static enum tf_status run_evidence(struct visit *v, const struct line_context *c)
{
    struct request r = {.v = v, .c = c};
    struct ops_who who;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = take_about(&r);
    if (!rc)
        rc = make(&r, who.role);
    ops_matter_release(&r.matter);
    return rc;
}

static const struct desk_route routes[] = {
    {HTTP_POST, "/api/v1/evidence", REGISTER_OFFICERS, true, run_evidence, NULL},
};
const struct desk_routes desk_evidence_routes = {routes, sizeof routes / sizeof *routes};
