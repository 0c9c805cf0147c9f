/*
 * site.c - the rules of sites: what has to be said, what a correction takes back, who has seen.
 */
#include "ops/site.h"

#include "line/fields.h"
#include "ops/internal.h"
#include "ops/reading.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* --- categories ------------------------------------------------------------------------ */

/* The first name is the word; then what lists of the field say, in lower case. */
static const char *const category_names[OPS_SITE_CATEGORY_COUNT][9] = {
    [OPS_SITE_HOSPITAL] = {"hospital", "مستشفى", "مشفى", "больниц", "госпитал", "hôpital"},
    [OPS_SITE_CLINIC] = {"clinic", "health", "medical", "عيادة", "مستوصف", "مركز صحي", "клиник",
                         "поликлиник"},
    [OPS_SITE_SCHOOL] = {"school", "education", "مدرسة", "школ", "école"},
    [OPS_SITE_CAMP] = {"camp", "idp", "refugee", "مخيم", "лагер"},
    [OPS_SITE_SHELTER] = {"shelter", "مأوى", "ملجأ", "убежищ", "приют"},
    [OPS_SITE_WAREHOUSE] = {"warehouse", "مستودع", "склад"},
    [OPS_SITE_OFFICE] = {"office", "مكتب", "офис", "контор"},
    [OPS_SITE_RESIDENCE] = {"residence", "guest house", "guesthouse", "سكن", "резиденц", "жил"},
    [OPS_SITE_CONVOY] = {"convoy", "قافلة", "конвой", "колонна"},
    [OPS_SITE_WATER] = {"water", "مياه", "محطة مياه", "вод"},
    [OPS_SITE_POWER] = {"power", "electric", "كهرباء", "محطة كهرباء", "электр"},
    [OPS_SITE_DAM] = {"dam", "سد", "плотин"},
    [OPS_SITE_HERITAGE] = {"heritage", "museum", "تراث", "متحف", "наслед", "музе"},
    [OPS_SITE_RELIGIOUS] = {"religious", "mosque", "church", "مسجد", "كنيسة", "мечет", "церк",
                            "храм"},
    [OPS_SITE_OTHER] = {"other"},
};

const char *ops_site_category_word(enum ops_site_category category)
{
    return category < OPS_SITE_CATEGORY_COUNT ? category_names[category][0] : "?";
}

enum ops_site_category ops_site_category_of(const char *text)
{
    for (int i = 0; i < OPS_SITE_CATEGORY_COUNT; i++)
        for (int n = 0; n < 9 && category_names[i][n]; n++)
            if (strncasecmp(text, category_names[i][n], strlen(category_names[i][n])) == 0)
                return (enum ops_site_category)i;
    return OPS_SITE_OTHER;
}

/* --- what a site says ---------------------------------------------------------------------- */

/* Copies a member that is there, after a look at it. */
static enum tf_status take_text(const struct tf_json *from, const char *name, json_t *to,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(from, name);
    const char *text;
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = fields_text(&at, OPS_TEXT_MAX, &text, fault);
    if (!rc && json_object_set_new(to, name, json_string(text)))
        rc = TF_NOMEM;
    return rc;
}

static enum tf_status take_time(const struct tf_json *from, const char *name, json_t *to,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(from, name);
    int64_t t_ns;
    char text[TF_TIME_TEXT_SIZE];
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = tf_json_time(&at, &t_ns, fault);
    if (rc)
        return rc;
    tf_time_format(t_ns, text);
    return json_object_set_new(to, name, json_string(text)) ? TF_NOMEM : TF_OK;
}

static enum tf_status take_category(const struct tf_json *from, const struct ops_draft *draft,
                                    json_t *to, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(from, "category");
    const char *text = draft->entity->category;
    enum tf_status rc = tf_json_there(&at) ? tf_json_text(&at, &text, fault) : TF_OK;
    if (rc)
        return rc;
    enum ops_site_category category = text ? ops_site_category_of(text) : OPS_SITE_OTHER;
    if (draft->entity->waypoint_count > 0)
        category = OPS_SITE_CONVOY; /* what moves along a route in time */
    if (category == OPS_SITE_CONVOY) {
        int64_t start_us, end_us;
        ops_times_of(draft->entity, &start_us, &end_us);
        if (start_us <= TF_TIME_MIN / 1000 || end_us >= TF_TIME_MAX / 1000)
            return ops_refuse(fault, TF_MISSING, "feature.properties.start",
                              TF_TEXT("A convoy needs its times: a start and an end, or one for "
                                      "each point."),
                              NULL);
    }
    return json_object_set_new(to, "category", json_string(ops_site_category_word(category)))
               ? TF_NOMEM
               : TF_OK;
}

static enum tf_status take_flag(const struct tf_json *from, const char *name, json_t *to,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(from, name);
    if (tf_json_there(&at) && !json_is_boolean(at.value))
        return tf_json_fault(&at, TF_SYNTAX, TF_TEXT("This must be true or false."), NULL, NULL,
                             fault);
    return json_object_set_new(to, name, json_boolean(json_is_true(at.value))) ? TF_NOMEM : TF_OK;
}

/* Who verified it has to be said with when; a correction that says neither is unverified. */
static enum tf_status take_verification(const struct tf_json *from, json_t *to,
                                        struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(from, "verification"), by = tf_json_get(&at, "by"),
                   when = tf_json_get(&at, "at");
    json_t *verification = json_object();
    enum tf_status rc = verification ? TF_OK : TF_NOMEM;
    bool is_said = tf_json_there(&by) || tf_json_there(&when);
    if (!rc && is_said && !tf_json_there(&by))
        rc = tf_json_fault(&by, TF_MISSING, TF_TEXT("Who verified it?"), NULL, NULL, fault);
    if (!rc && is_said && !tf_json_there(&when))
        rc = tf_json_fault(&when, TF_MISSING, TF_TEXT("When was it verified?"), NULL, NULL, fault);
    if (!rc && json_object_set_new(verification, "state",
                                   json_string(is_said ? "verified" : "unverified")))
        rc = TF_NOMEM;
    if (!rc)
        rc = take_text(&at, "by", verification, fault);
    if (!rc)
        rc = take_time(&at, "at", verification, fault);
    if (!rc)
        rc = take_text(&at, "note", verification, fault);
    if (!rc)
        return json_object_set_new(to, "verification", verification) ? TF_NOMEM : TF_OK;
    json_decref(verification);
    return rc;
}

/* What a correction does not say again stays: all but the verification. */
static json_t *said_before(const struct ops_record *before)
{
    json_t *kept = before ? json_loadb(before->extra, before->extra_len, 0, NULL) : NULL;
    if (kept)
        (void)json_object_del(kept, "verification");
    return kept;
}

enum tf_status ops_site_extra(const struct ops_draft *draft, const struct ops_record *before,
                              json_t **out, struct tf_fault *fault)
{
    json_t *said =
        draft->extra ? json_incref((json_t *)(uintptr_t)draft->extra) : said_before(before);
    json_t *made = json_object();
    struct tf_json root = tf_json_root(said);
    enum tf_status rc = made ? TF_OK : TF_NOMEM;
    if (!rc)
        rc = take_category(&root, draft, made, fault);
    if (!rc)
        rc = take_flag(&root, "sensitive", made, fault);
    if (!rc)
        rc = take_verification(&root, made, fault);
    if (!rc)
        rc = take_time(&root, "data_at", made, fault);
    if (!rc)
        rc = take_text(&root, "contact", made, fault);
    if (!rc)
        rc = take_text(&root, "disclosure", made, fault);
    json_decref(said);
    if (rc)
        json_decref(made);
    else
        *out = made;
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

enum tf_status ops_site_put(struct ops *ops, const struct line_context *c,
                            const struct ops_draft *draft, const json_t *feature,
                            const struct ops_who *who, struct ops_written *written,
                            struct tf_fault *fault)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = feature ? ops_site_readback(ops, c, draft, feature, fault) : TF_OK;
    if (!rc)
        rc = ops_put(ops, c, draft, who, &verdict, written, fault);
    ops_verdict_release(&verdict);
    return rc;
}

/* --- verifying, withdrawing --------------------------------------------------------------------
 */

struct verifying {
    const struct line_context *c;
    const struct ops_who *who;
    const char *note;
    struct tf_entity entity;
    json_t *extra;
    bool is_over;
    char etag[OPS_ETAG_SIZE];
    enum tf_status rc;
};

static bool take_verified(void *ctx, const struct ops_record *record)
{
    struct verifying *v = ctx;
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(v->c->now_us * 1000, at);
    v->is_over = ops_state_is_final(record->state);
    snprintf(v->etag, sizeof v->etag, "%s", record->etag);
    v->rc = ops_entity_of(record, &v->entity);
    v->extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    json_t *verification = json_pack("{s:s, s:s, s:s}", "by", v->c->actor ? v->c->actor : "", "at",
                                     at, "note", v->note ? v->note : "");
    if (v->note && !v->note[0])
        (void)json_object_del(verification, "note");
    if (!v->rc && (!v->extra || json_object_set_new(v->extra, "verification", verification)))
        v->rc = TF_NOMEM;
    return true;
}

enum tf_status ops_site_verify(struct ops *ops, const struct line_context *c, const char *id,
                               const char *if_match, const char *note, const struct ops_who *who,
                               struct ops_written *written, struct tf_fault *fault)
{
    struct verifying v = {.c = c, .who = who, .note = note};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = note && note[0] ? TF_OK
                                        : ops_refuse(fault, TF_MISSING, "note",
                                                     TF_TEXT("Say how it was verified."), NULL);
    if (!rc)
        rc = ops_find(ops, c, "", OPS_SITE, id, take_verified, &v);
    if (!rc)
        rc = v.rc;
    if (!rc && v.is_over)
        rc =
            ops_refuse(fault, TF_UNSUPPORTED, "act", TF_TEXT("The site \"%1\" was withdrawn."), id);
    struct ops_draft draft = {.class = OPS_SITE,
                              .entity = &v.entity,
                              .extra = v.extra,
                              .if_match = if_match ? if_match : v.etag};
    if (!rc)
        rc = ops_put(ops, c, &draft, who, &verdict, written, fault);
    ops_verdict_release(&verdict);
    tf_entity_release(&v.entity);
    json_decref(v.extra);
    return rc;
}

enum tf_status ops_site_withdraw(struct ops *ops, const struct line_context *c, const char *id,
                                 const char *if_match, const struct ops_who *who,
                                 struct ops_written *written, struct tf_fault *fault)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_deed deed = {
        .class = OPS_SITE, .id = id, .act = OPS_ACT_WITHDRAW, .if_match = if_match};
    enum tf_status rc = ops_act(ops, c, &deed, who, &verdict, written, fault);
    ops_verdict_release(&verdict);
    return rc;
}

/* --- listing
 * ---------------------------------------------------------------------------------------- */

struct listing {
    const struct line_context *c;
    struct ops_site_reading reading;
    bool (*visit)(void *ctx, const struct ops_site *site);
    void *ctx;
    enum tf_status rc;
};

static int64_t time_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    int64_t t_ns;
    return text && tf_time_parse(text, strlen(text), &t_ns) == TF_OK ? t_ns / 1000 : 0;
}

static bool show_site(void *ctx, const struct ops_record *record)
{
    struct listing *l = ctx;
    json_t *extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    const json_t *verification = json_object_get(extra, "verification");
    const char *category = json_string_value(json_object_get(extra, "category"));
    const char *state = json_string_value(json_object_get(verification, "state"));
    struct tf_entity entity = {0};
    struct ops_site site = {.record = *record,
                            .category = ops_site_category_of(category ? category : ""),
                            .is_sensitive = json_is_true(json_object_get(extra, "sensitive")),
                            .is_verified = state && strcmp(state, "verified") == 0,
                            .verified_by = json_string_value(json_object_get(verification, "by")),
                            .verified_note =
                                json_string_value(json_object_get(verification, "note")),
                            .contact = json_string_value(json_object_get(extra, "contact")),
                            .verified_us = time_of(verification, "at"),
                            .data_us = time_of(extra, "data_at")};
    site.age_s = site.data_us ? (l->c->now_us - site.data_us) / 1000000 : -1;
    site.is_old = site.age_s > OPS_SITE_OLD_S;
    l->rc = ops_entity_of(record, &entity);
    if (!l->rc)
        l->rc = ops_cap_of(&entity, &site.centre, &site.extent_m);
    if (!l->rc)
        l->rc = ops_reading_add(&l->reading, record);
    bool more = !l->rc && l->visit(l->ctx, &site);
    tf_entity_release(&entity);
    json_decref(extra);
    return more;
}

enum tf_status ops_site_each(struct ops *ops, const struct line_context *c,
                             const struct ops_filter *filter, const char *purpose,
                             bool (*visit)(void *ctx, const struct ops_site *site), void *ctx)
{
    struct ops_filter sites = *filter;
    struct listing l = {
        .c = c, .reading = {.c = c, .purpose = purpose}, .visit = visit, .ctx = ctx};
    sites.class = OPS_SITE;
    enum tf_status rc = ops_each(ops, c, &sites, show_site, &l);
    enum tf_status kept = ops_reading_end(&l.reading);
    return rc ? rc : l.rc ? l.rc : kept;
}

void ops_print_site(struct tf_buf *out, const struct ops_site *site, bool with_feature)
{
    tf_put_open(out, NULL, '{');
    ops_print_members(out, &site->record, with_feature);
    tf_put_text(out, "category", ops_site_category_word(site->category));
    tf_put_flag(out, "sensitive", site->is_sensitive);
    tf_put_open(out, "place", '{');
    tf_put_double(out, "lat", site->centre.lat_deg);
    tf_put_double(out, "lng", site->centre.lng_deg);
    tf_buf_char(out, '}');
    tf_put_double(out, "extent_m", site->extent_m);
    tf_put_open(out, "verification", '{');
    tf_put_text(out, "state", site->is_verified ? "verified" : "unverified");
    tf_put_text(out, "by", site->verified_by);
    tf_put_time_us(out, "at", site->verified_us);
    tf_put_text(out, "note", site->verified_note);
    tf_buf_char(out, '}');
    tf_put_time_us(out, "data_at", site->data_us);
    if (site->age_s >= 0)
        tf_put_int(out, "age_s", site->age_s);
    else
        tf_put_text(out, "age_s", NULL);
    tf_put_flag(out, "old", site->is_old);
    tf_put_text(out, "contact", site->contact);
    tf_buf_char(out, '}');
}

/* --- acknowledgements
 * ---------------------------------------------------------------------------------- */

static enum tf_status log_ack(const struct line_context *c, const char *id, int64_t version,
                              const char *by, bool is_peer, const char *role)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&out, "site-acknowledged", c);
    tf_put_text(&out, "id", id);
    tf_put_int(&out, "version", version);
    tf_put_text(&out, is_peer ? "peer" : "actor", by);
    tf_put_text(&out, "role", role);
    enum tf_status rc = ops_append_entry(&out, c);
    tf_buf_release(&out);
    return rc;
}

enum tf_status ops_site_acknowledge(struct ops *ops, const struct line_context *c, const char *id,
                                    int64_t version, const char *by, bool is_peer,
                                    const struct ops_who *who, struct tf_fault *fault)
{
    static const char text[] = "INSERT INTO ops_ack (number, version, who, is_peer, role, at_us)"
                               " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    struct sql_rows rows = {0};
    struct ops_record record;
    int64_t changed = 0;
    const char *role = who->role ? who->role : "";
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, "", OPS_SITE, id, &rows, &record);
    if (!rc && (version < 1 || version > record.version))
        rc = ops_refuse(fault, TF_RANGE, "version", TF_TEXT("There is no such version."), NULL);
    if (!rc)
        rc = sql_exec(c->sql, text,
                      SQL_ARGS(sql_int(record.number), sql_int(version), sql_text(by),
                               sql_int(is_peer), sql_text(role), sql_int(c->now_us)),
                      &changed);
    if (!rc && changed == 1)
        rc = log_ack(c, id, version, by, is_peer, role);
    sql_rows_release(&rows);
    return rc;
}

struct peer_ack {
    struct ops_site_ack ack;
    char peer[KEY_NAME_SIZE];
    int64_t seq;
    bool (*visit)(void *ctx, const struct ops_site_ack *ack);
    void *ctx;
    bool more;
};

static bool take_seen(void *ctx, const struct line_message *message)
{
    struct peer_ack *p = ctx;
    if (message->seq != p->seq || !message->seen_us)
        return false;
    p->ack.at_us = message->seen_us;
    p->ack.role = message->seen_role ? message->seen_role : "";
    p->more = p->visit(p->ctx, &p->ack);
    return false;
}

/* What was declared over lines, and seen there: the latest version that each was told. */
static enum tf_status peer_acks(const struct line_context *c, const struct ops_record *record,
                                struct peer_ack *p)
{
    static const char text[] = "SELECT line, seq, own_version FROM ops_declared WHERE is_own = 1"
                               " AND class = 'site' AND own_id = $1 AND is_withdrawn = 0"
                               " ORDER BY line";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(record->id)), &rows);
    for (size_t i = 0; !rc && p->more && i < rows.count; i++) {
        struct line_info info;
        const char *line = sql_at(&rows, i, 0)->bytes;
        rc = line_find(c, line, &info);
        if (rc)
            break;
        snprintf(p->peer, sizeof p->peer, "%s", info.peer);
        p->seq = sql_at(&rows, i, 1)->number;
        p->ack =
            (struct ops_site_ack){.version = sql_at(&rows, i, 2)->number,
                                  .by = p->peer,
                                  .is_peer = true,
                                  .is_current = sql_at(&rows, i, 2)->number == record->version};
        rc = line_each_message(c, line, true, p->seq - 1, 1, take_seen, p);
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_site_each_ack(struct ops *ops, const struct line_context *c, const char *id,
                                 bool (*visit)(void *ctx, const struct ops_site_ack *ack),
                                 void *ctx)
{
    static const char text[] = "SELECT version, at_us, who, role, is_peer FROM ops_ack"
                               " WHERE number = $1 ORDER BY version, at_us, who";
    struct sql_rows rows = {0}, acks = {0};
    struct ops_record record;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, "", OPS_SITE, id, &rows, &record);
    if (!rc)
        rc = sql_query(c->sql, text, SQL_ARGS(sql_int(record.number)), &acks);
    bool more = true;
    for (size_t i = 0; !rc && more && i < acks.count; i++) {
        struct ops_site_ack ack = {.version = sql_at(&acks, i, 0)->number,
                                   .at_us = sql_at(&acks, i, 1)->number,
                                   .by = sql_at(&acks, i, 2)->bytes,
                                   .role = sql_at(&acks, i, 3)->bytes,
                                   .is_peer = sql_at(&acks, i, 4)->number != 0};
        ack.is_current = ack.version == record.version;
        more = visit(ctx, &ack);
    }
    struct peer_ack peers = {.visit = visit, .ctx = ctx, .more = more};
    if (!rc)
        rc = peer_acks(c, &record, &peers);
    sql_rows_release(&acks);
    sql_rows_release(&rows);
    return rc;
}
