/*
 * register.c - requests about records: who, which version, which feature; answers and clashes.
 */
#include "desk/register.h"

#include "uss/constraint.h"

#include <stdio.h>
#include <stdlib.h>

enum tf_status register_who(struct visit *v, unsigned allowed, struct ops_who *who)
{
    *who = (struct ops_who){.source = "operator"};
    enum tf_status rc = desk_role(v, allowed, &who->role);
    return rc ? rc : desk_text(v, "reason", false, OPS_TEXT_MAX, &who->reason);
}

const char *register_if_match(const struct visit *v, char out[OPS_ETAG_SIZE])
{
    struct http_slice value = http_header(v->exchange->head, "if-match");
    if (!value.at)
        return NULL;
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"') {
        value.at++;
        value.len -= 2;
    }
    size_t len = value.len < OPS_ETAG_SIZE - 1 ? value.len : OPS_ETAG_SIZE - 1;
    memcpy(out, value.at, len);
    out[len] = '\0';
    return out;
}

enum tf_status register_feature(struct visit *v, const json_t *feature, enum ops_class class,
                                const char *id, struct tf_entity *entity)
{
    if (!json_is_object(feature))
        return tf_fault_set(&v->fault, TF_MISSING, TF_NO_INDEX, "feature",
                            TF_TEXT("a GeoJSON feature is needed"), NULL, NULL, NULL);
    return ops_read_feature(feature, class, id, entity, NULL, &v->fault);
}

struct ops *register_ops(const struct visit *v)
{
    return party_ops(desk_party(v->desk));
}

/* --- answers ------------------------------------------------------------------------- */

/* Beside the language that a refusal has named. */
static void name_version(struct visit *v, const char *etag)
{
    struct http_exchange *x = v->exchange;
    size_t used = x->headers == x->room ? strlen(x->room) : 0;
    snprintf(x->room + used, sizeof x->room - used, "ETag: \"%s\"\r\n", etag);
    x->headers = x->room;
}

static bool show_record(void *ctx, const struct ops_record *record)
{
    struct visit *v = ctx;
    name_version(v, record->etag);
    ops_print_record(v->out, record, true);
    return true;
}

static bool show_site(void *ctx, const struct ops_site *site)
{
    struct visit *v = ctx;
    name_version(v, site->record.etag);
    ops_print_site(v->out, site, true);
    return true;
}

enum tf_status register_show(struct visit *v, const struct line_context *c, enum ops_class class,
                             const char *id)
{
    struct ops *ops = register_ops(v);
    if (class != OPS_SITE && desk_uss(v->desk)) {
        enum tf_status found = ops_find(ops, c, "", class, id, show_record, v);
        if (!found) {
            v->out->len--; /* the bracket: a member more */
            tf_buf_text(v->out, class == OPS_ZONE ? ",\"constraint\":" : ",\"intent\":");
            found = class == OPS_ZONE ? uss_constraint_show(c, id, v->out)
                                      : uss_operation_print(c, id, v->out);
            tf_buf_char(v->out, '}');
        }
        return found;
    }
    if (class != OPS_SITE)
        return ops_find(ops, c, "", class, id, show_record, v);
    size_t before = v->out->len;
    struct ops_filter filter = {.owner = "", .id = id, .limit = 1};
    enum tf_status rc = ops_site_each(ops, c, &filter, "read", show_site, v);
    return rc ? rc : v->out->len > before ? TF_OK : TF_NOT_FOUND;
}

void register_text(struct visit *v, const struct tf_fault *fault, char *out, size_t size)
{
    const char *english = fault->message ? fault->message : tf_status_text(fault->code);
    tf_fault_text(fault, desk_say(v, english), out, size);
}

enum tf_status register_clash(struct visit *v, const struct line_context *c, enum ops_class class,
                              const char *id, const char *etag, enum tf_status rc)
{
    struct tf_buf changed = TF_BUF_INIT(1 << 20);
    char text[512];
    bool is_match = v->fault.message && strcmp(v->fault.field, "if_match") == 0;
    if ((rc != TF_EXISTS && rc != TF_NOT_FOUND) || !is_match)
        return rc;
    register_text(v, &v->fault, text, sizeof text);
    v->exchange->status = 412;
    tf_buf_char(v->out, '{');
    tf_put_text(v->out, "message", text);
    rc = ops_changed_since(register_ops(v), c, class, id, etag, &changed);
    if (rc == TF_OK)
        tf_put_json(v->out, "changed", changed.data, changed.len);
    else if (rc == TF_NOT_FOUND) /* a version that there never was */
        tf_put_text(v->out, "changed", NULL);
    tf_buf_release(&changed);
    if (rc && rc != TF_NOT_FOUND)
        return rc;
    tf_put_json(v->out, "current", "", 0);
    rc = register_show(v, c, class, id);
    if (rc == TF_NOT_FOUND) {
        tf_buf_text(v->out, "null");
        rc = TF_OK;
    }
    tf_buf_char(v->out, '}');
    return rc;
}

void register_conflicts(struct visit *v, const struct ops_verdict *verdict,
                        const struct tf_entity *entity)
{
    v->exchange->status = 409;
    tf_buf_char(v->out, '{');
    tf_put_text(
        v->out, "message",
        desk_say(v, verdict->outcome == OPS_REFUSE
                        ? TF_TEXT("nothing was changed: there are conflicts that the rules refuse")
                        : TF_TEXT("nothing was changed: there are conflicts that somebody has to "
                                  "allow")));
    tf_put_json(v->out, "check", "", 0);
    ops_print_verdict(v->out, verdict, entity);
    tf_buf_char(v->out, '}');
}

/* --- what waits for the USS
 * ----------------------------------------------------------------------- */

void register_wait(struct visit *v, const char *id)
{
    snprintf(v->waits_for, sizeof v->waits_for, "%s", id);
}

static enum tf_status put_refusal(struct visit *v, const struct line_context *c, const char *id,
                                  const struct uss_operation *o)
{
    bool is_refused = strcmp(o->result, "refused") == 0;
    v->exchange->status = 409;
    tf_buf_char(v->out, '{');
    tf_put_text(
        v->out, "message",
        desk_say(v, is_refused ? TF_TEXT("Nothing was changed: what the DSS, other systems or this "
                                         "party's register know does not allow it.")
                               : TF_TEXT("Nothing was changed: the DSS, or another system that had "
                                         "to be asked, could not be asked.")));
    tf_put_open(v->out, "said", '{'); /* by programs, to programs: English */
    tf_put_text(v->out, "lang", "en");
    tf_put_text(v->out, "text", o->why);
    tf_buf_char(v->out, '}');
    if (o->check[0])
        tf_put_json(v->out, "check", o->check, strlen(o->check));
    tf_put_json(v->out, "operation", "", 0);
    enum tf_status rc = register_show(v, c, OPS_OPERATION, id);
    tf_buf_char(v->out, '}');
    return rc;
}

enum tf_status register_outcome(struct visit *v, const struct line_context *c, const char *id,
                                bool with_check)
{
    struct uss_operation o;
    enum tf_status rc = uss_operation_find(c, id, &o);
    if (rc)
        return rc;
    if (!o.due_us && strcmp(o.result, "done") != 0) {
        rc = put_refusal(v, c, id, &o);
    } else {
        v->exchange->status = o.due_us ? 202 : 200;
        if (with_check)
            tf_buf_text(v->out, "{\"operation\":");
        rc = register_show(v, c, OPS_OPERATION, id);
        if (with_check) {
            tf_buf_text(v->out, ",\"check\":");
            tf_buf_text(v->out, o.check[0] ? o.check : "null");
            tf_buf_char(v->out, '}');
        }
    }
    uss_operation_release(&o);
    return rc;
}

/* --- limits of options --------------------------------------------------------------------- */

static enum tf_status take_moves(const struct tf_json *limits, unsigned *moves,
                                 struct tf_fault *fault)
{
    static const char *const words[] = {"time", "level", "lateral", NULL};
    struct tf_json list = tf_json_get(limits, "moves");
    enum tf_status rc = tf_json_there(&list) ? tf_json_array(&list, fault) : TF_OK;
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i);
        int index;
        rc = tf_json_word(&item, words, &index, fault);
        if (!rc)
            *moves |= 1u << index;
    }
    return rc;
}

static enum tf_status take_number(const struct tf_json *limits, const char *name, double factor,
                                  double *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(limits, name);
    double value;
    enum tf_status rc = tf_json_there(&at) ? tf_json_number(&at, &value, fault) : TF_NOT_FOUND;
    if (!rc && (value < -1e9 || value > 1e9))
        rc = tf_json_fault(&at, TF_RANGE, TF_TEXT("this number is out of its range"), NULL, NULL,
                           fault);
    if (!rc)
        *out = value * factor;
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static enum tf_status take_time(const struct tf_json *limits, const char *name, int64_t *out,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(limits, name);
    return tf_json_there(&at) ? tf_json_time(&at, out, fault) : TF_OK;
}

enum tf_status register_limits(struct visit *v, struct tf_option_limits *out)
{
    struct tf_json root = tf_json_root(v->json), limits = tf_json_get(&root, "limits");
    double step_s = 0, most = 0;
    const struct {
        const char *name;
        double *to;
    } numbers[] = {{"floor_m", &out->floor_m},
                   {"ceiling_m", &out->ceiling_m},
                   {"max_level_change_m", &out->max_level_change_m},
                   {"max_offset_m", &out->max_offset_m},
                   {"max_extra_distance_m", &out->max_extra_distance_m},
                   {"level_step_m", &out->level_step_m},
                   {"time_step_s", &step_s},
                   {"max_options", &most}};
    *out = (struct tf_option_limits){.max_options = 5};
    if (!tf_json_there(&limits))
        return TF_OK;
    enum tf_status rc = tf_json_object(&limits, &v->fault);
    if (!rc)
        rc = take_moves(&limits, &out->moves, &v->fault);
    for (size_t i = 0; !rc && i < sizeof numbers / sizeof *numbers; i++)
        rc = take_number(&limits, numbers[i].name, 1, numbers[i].to, &v->fault);
    if (!rc)
        rc = take_time(&limits, "earliest_start", &out->earliest_start_ns, &v->fault);
    if (!rc)
        rc = take_time(&limits, "latest_start", &out->latest_start_ns, &v->fault);
    if (!rc && (step_s < 0 || most < 0 || most > 20))
        rc = tf_json_fault(&limits, TF_RANGE, TF_TEXT("this number is out of its range"), NULL,
                           NULL, &v->fault);
    out->time_step_ns = (int64_t)(step_s * 1e9);
    out->max_options = most >= 1 ? (size_t)most : 5;
    return rc;
}

/* --- lists --------------------------------------------------------------------------------------
 */

static enum tf_status refuse_query(struct visit *v, const char *name)
{
    return tf_fault_set(&v->fault, TF_SYNTAX, TF_NO_INDEX, name,
                        TF_TEXT("this value of the query is not understood"), NULL, NULL, NULL);
}

static enum tf_status query_time(struct visit *v, const char *name, int64_t *out_us)
{
    char text[48];
    int64_t t_ns;
    struct http_slice query = v->exchange->head->query;
    if (!http_query_has(query, name))
        return TF_OK;
    if (!http_query_value(query, name, text, sizeof text) ||
        tf_time_parse(text, strlen(text), &t_ns))
        return refuse_query(v, name);
    *out_us = t_ns / 1000;
    return TF_OK;
}

static enum tf_status query_states(struct visit *v, unsigned *states)
{
    char text[128], *rest = text;
    struct http_slice query = v->exchange->head->query;
    if (!http_query_has(query, "state"))
        return TF_OK;
    if (!http_query_value(query, "state", text, sizeof text))
        return refuse_query(v, "state");
    while (rest) {
        enum ops_state state;
        char *word = rest, *comma = strchr(rest, ',');
        rest = comma ? comma + 1 : NULL;
        if (comma)
            *comma = '\0';
        if (ops_state_from_word(word, &state))
            return refuse_query(v, "state");
        *states |= 1u << state;
    }
    return TF_OK;
}

enum tf_status register_filter(struct visit *v, struct ops_filter *filter, bool *is_full)
{
    int64_t limit = 100, full = 0, templates = 1;
    int64_t from_us = TF_TIME_MIN / 1000, until_us = TF_TIME_MAX / 1000;
    *filter = (struct ops_filter){.owner = ""};
    filter->in_order_of_change = http_query_has(v->exchange->head->query, "changed_after");
    enum tf_status rc = desk_query_number(v, "after", 0, INT64_MAX, 0, &filter->after);
    if (!rc)
        rc = desk_query_number(v, "changed_after", 0, INT64_MAX, 0, &filter->changed_after);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, 10000, 1000, &limit);
    if (!rc)
        rc = desk_query_number(v, "full", 0, 1, 0, &full);
    if (!rc)
        rc = desk_query_number(v, "templates", 0, 1, 1, &templates);
    if (!rc)
        rc = query_states(v, &filter->states);
    if (!rc)
        rc = query_time(v, "from", &from_us);
    if (!rc)
        rc = query_time(v, "until", &until_us);
    filter->from_us = from_us;
    filter->until_us = until_us;
    filter->limit = (size_t)limit;
    filter->without_templates = templates == 0;
    *is_full = full != 0;
    return rc;
}

struct history {
    struct tf_buf *out;
    bool is_full;
};

static bool print_version(void *ctx, const struct ops_record *record)
{
    struct history *h = ctx;
    ops_print_record(h->out, record, h->is_full);
    return tf_buf_status(h->out) == TF_OK;
}

enum tf_status register_history(struct visit *v, const struct line_context *c, enum ops_class class)
{
    int64_t full;
    struct ops *ops = register_ops(v);
    enum tf_status rc = desk_query_number(v, "full", 0, 1, 0, &full);
    if (rc)
        return rc;
    if (class == OPS_SITE) /* all that was ever said is read: on record, if it is sensitive */
        rc = register_show(v, c, class, v->param[0]);
    tf_buf_clear(v->out);
    v->exchange->headers = NULL;
    struct history h = {v->out, full != 0};
    tf_buf_text(v->out, "{\"versions\":[");
    if (!rc)
        rc = ops_history(ops, c, "", class, v->param[0], print_version, &h);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- files
 * ---------------------------------------------------------------------------------------- */

struct counts {
    struct visit *visit;
    size_t of[4];
};

static bool print_row(void *ctx, const struct ops_import_row *row)
{
    static const char *const words[] = {"added", "updated", "unchanged", "refused"};
    struct counts *counts = ctx;
    struct tf_buf *out = counts->visit->out;
    char text[512];
    counts->of[row->outcome]++;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "feature", row->feature == TF_NO_INDEX ? 0 : (int64_t)row->feature + 1);
    tf_put_int(out, "line", (int64_t)row->line);
    tf_put_text(out, "id", row->id);
    tf_put_text(out, "class", row->id ? ops_class_word(row->class) : NULL);
    tf_put_text(out, "outcome", words[row->outcome]);
    if (!row->fault)
        tf_put_text(out, "state", ops_state_word(row->state));
    if (row->verdict)
        tf_put_text(out, "check", ops_outcome_word(row->verdict->outcome));
    if (row->fault) {
        register_text(counts->visit, row->fault, text, sizeof text);
        tf_put_text(out, "message", text);
        tf_put_text(out, "field", row->fault->field);
    }
    tf_buf_char(out, '}');
    return true;
}

static void print_notes(struct visit *v, const struct tf_notes *notes)
{
    struct tf_buf *out = v->out;
    static const char *const severities[] = {"info", "warning", "error"};
    char text[512];
    tf_put_open(out, "notes", '[');
    for (size_t i = 0; i < notes->count; i++) {
        const struct tf_note *note = &notes->items[i];
        if (note->severity == TF_NOTE_ERROR)
            continue; /* a row says it */
        register_text(v, &note->fault, text, sizeof text);
        tf_put_open(out, NULL, '{');
        tf_put_text(out, "severity", severities[note->severity]);
        tf_put_int(out, "line", (int64_t)note->line);
        tf_put_int(out, "feature", note->fault.at == TF_NO_INDEX ? 0 : (int64_t)note->fault.at + 1);
        tf_put_text(out, "message", text);
        tf_buf_char(out, '}');
    }
    tf_buf_char(out, ']');
}

static enum tf_status take_words(struct visit *v, struct tf_read_options *options, char name[96])
{
    char word[32];
    struct http_slice query = v->exchange->head->query;
    if (http_query_has(query, "format") && (!http_query_value(query, "format", word, sizeof word) ||
                                            tf_format_from_word(word, &options->format)))
        return refuse_query(v, "format");
    if (http_query_has(query, "kind") && (!http_query_value(query, "kind", word, sizeof word) ||
                                          tf_kind_from_word(word, &options->kind)))
        return refuse_query(v, "kind");
    if (http_query_has(query, "name") && !http_query_value(query, "name", name, 96))
        return refuse_query(v, "name");
    return TF_OK;
}

static enum tf_status take_import(struct visit *v, struct ops_import *import, char name[96])
{
    int64_t replaces = 0, all = 0, submits = 0, start_us = 0, end_us = 0;
    enum tf_status rc = desk_query_number(v, "replace", 0, 1, 0, &replaces);
    if (!rc)
        rc = desk_query_number(v, "all", 0, 1, 0, &all);
    if (!rc)
        rc = desk_query_number(v, "submit", 0, 1, 0, &submits);
    if (!rc)
        rc = query_time(v, "start", &start_us);
    if (!rc)
        rc = query_time(v, "end", &end_us);
    if (!rc)
        rc = take_words(v, &import->options, name);
    if (!rc && (start_us != 0) != (end_us != 0))
        rc = refuse_query(v, start_us ? "end" : "start");
    import->options.start_ns = start_us * 1000;
    import->options.end_ns = end_us * 1000;
    import->options.file_name = name;
    import->replaces = replaces != 0;
    import->all_or_nothing = all != 0;
    import->submits = submits != 0;
    return rc;
}

enum tf_status register_import(struct visit *v, const struct line_context *c, enum ops_class class)
{
    char name[96] = "file", source[112];
    struct counts counts = {.visit = v};
    struct tf_notes notes = {0};
    struct ops_who who;
    struct ops_import import = {
        .bytes = v->exchange->body,
        .len = v->exchange->body_len,
        .options = {.as_sites = class == OPS_SITE, .as_zones = class == OPS_ZONE}};
    enum tf_status rc = take_import(v, &import, name);
    if (!rc)
        rc = register_who(v, REGISTER_PLANNERS, &who);
    if (rc)
        return rc;
    snprintf(source, sizeof source, "file:%s", name);
    who.source = source;
    tf_buf_text(v->out, "{\"rows\":[");
    rc = ops_import(register_ops(v), c, &import, &who, print_row, &counts, &notes, &v->fault);
    tf_buf_char(v->out, ']');
    tf_put_int(v->out, "added", (int64_t)counts.of[OPS_ADDED]);
    tf_put_int(v->out, "updated", (int64_t)counts.of[OPS_UPDATED]);
    tf_put_int(v->out, "unchanged", (int64_t)counts.of[OPS_UNCHANGED]);
    tf_put_int(v->out, "refused", (int64_t)counts.of[OPS_REFUSED]);
    print_notes(v, &notes);
    tf_buf_char(v->out, '}');
    tf_notes_release(&notes);
    return rc;
}
