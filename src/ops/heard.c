/*
 * heard.c - what a peer declares: read strictly, kept as it was said, and as a record of the
 * register whose owner is the line, so that every check meets it.
 *
 * A declaration becomes volumes that hold all that it may mean: cells and areas from the ground to
 * space, for all of their time. That there is an operation somewhere ("existence") is kept, and
 * has no volume.
 */
#include "format/text.h"
#include "line/fields.h"
#include "ops/declaration.h"
#include "ops/internal.h"
#include "ops/talk.h"
#include <stdio.h>
#include <stdlib.h>

/* A cell's edges as geodesics leave the true ones by less than this, up to level 2. */
#define CELL_ERROR_M 20000.0
#define CELL_ERROR_FINE_M 60.0

static const char *const levels[] = {"nothing", "existence", "window", "cells", "full", NULL};

static const struct message_kind kinds[] = {
    {"op.declare", false, 0},
    {"op.update", false, 0},
    {"op.withdraw", false, 0},
    {"site.declare", false, MESSAGE_ASKS_SEEN | MESSAGE_ASKS_READBACK},
    {"site.update", false, MESSAGE_ASKS_SEEN | MESSAGE_ASKS_READBACK},
    {"site.withdraw", false, MESSAGE_ASKS_SEEN},
};

static const struct message_kind *kind_of(void *ctx, const char *type)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, type) == 0)
            return &kinds[i];
    return NULL;
}

static bool is_withdrawal(const char *type)
{
    return strstr(type, ".withdraw") != NULL;
}

static enum ops_class class_of(const char *type)
{
    return strncmp(type, "site.", 5) == 0 ? OPS_SITE : OPS_OPERATION;
}

/* --- reading -------------------------------------------------------------------------------- */

struct heard {
    const char *id;
    int64_t version, breach_s, start_us, end_us;
    int level, state, kind;
    struct tf_entity entity; /* without volumes for existence */
};

static enum tf_status read_id(const struct tf_json *body, struct heard *out, struct tf_fault *fault)
{
    struct tf_json id = tf_json_get(body, "id"), version = tf_json_get(body, "version");
    enum tf_status rc = fields_text(&id, 64, &out->id, fault);
    if (!rc && !ops_id_is_valid(out->id))
        rc = tf_json_fault(&id, TF_SYNTAX, TF_TEXT("This is no id."), NULL, NULL, fault);
    return rc ? rc : fields_integer(&version, 1, FIELDS_INTEGER_MAX, &out->version, fault);
}

static enum tf_status read_times(const struct tf_json *body, struct heard *out,
                                 struct tf_fault *fault)
{
    struct tf_json start = tf_json_get(body, "start"), end = tf_json_get(body, "end");
    out->start_us = TF_TIME_MIN / 1000;
    out->end_us = TF_TIME_MAX / 1000;
    enum tf_status rc = tf_json_there(&start) ? fields_time(&start, &out->start_us, fault) : TF_OK;
    if (!rc && tf_json_there(&end))
        rc = fields_time(&end, &out->end_us, fault);
    if (!rc && out->start_us >= out->end_us)
        rc = tf_json_fault(&end, TF_TIME, TF_TEXT("The end is not after the start."), NULL, NULL,
                           fault);
    return rc;
}

static enum tf_status read_words(const struct tf_json *body, enum ops_class class,
                                 struct heard *out, struct tf_fault *fault)
{
    static const char *const states[] = {"accepted", "activated", "nonconforming", "contingent",
                                         NULL};
    struct tf_json level = tf_json_get(body, "disclosure"), kind = tf_json_get(body, "kind"),
                   state = tf_json_get(body, "state"),
                   breach = tf_json_get(body, "notice_breach_s"),
                   sensitive = tf_json_get(body, "sensitive");
    const char *word;
    enum tf_kind read;
    enum tf_status rc = tf_json_word(&level, levels, &out->level, fault);
    if (!rc && out->level == MEMO_NOTHING)
        rc = tf_json_fault(&level, TF_SYNTAX, TF_TEXT("This declares nothing."), NULL, NULL, fault);
    if (!rc)
        rc = tf_json_text(&kind, &word, fault);
    if (!rc && (tf_kind_from_word(word, &read) || read == TF_KIND_ZONE ||
                (read == TF_KIND_SITE) != (class == OPS_SITE)))
        rc = tf_json_fault(&kind, TF_SYNTAX, TF_TEXT("\"%1\" is none of the words that are known."),
                           word, NULL, fault);
    if (rc)
        return rc;
    out->kind = (int)read;
    if (tf_json_there(&state))
        rc = tf_json_word(&state, states, &out->state, fault);
    out->state += OPS_STATE_ACCEPTED;
    if (class == OPS_SITE)
        out->state = OPS_STATE_ACTIVATED;
    if (!rc && tf_json_there(&sensitive) && !json_is_boolean(sensitive.value))
        rc = tf_json_fault(&sensitive, TF_SYNTAX, TF_TEXT("This must be true or false."), NULL,
                           NULL, fault);
    if (!rc && tf_json_there(&breach))
        rc = fields_integer(&breach, 0, FIELDS_INTEGER_MAX, &out->breach_s, fault);
    return rc;
}

/* Takes the shape over. From the ground to space, for all of the time. */
static enum tf_status add_shape(struct heard *heard, struct tf_shape *shape, struct tf_fault *fault)
{
    struct tf_volume4 volume = {.shape = NULL};
    struct tf_alt_context context;
    struct tf_band band;
    int64_t start_ns = heard->start_us <= TF_TIME_MIN / 1000 ? TF_TIME_MIN : heard->start_us * 1000,
            end_ns = heard->end_us >= TF_TIME_MAX / 1000 ? TF_TIME_MAX : heard->end_us * 1000;
    tf_alt_context_at(shape, &context);
    enum tf_status rc =
        tf_band_make(tf_alt_unlimited(true), tf_alt_unlimited(false), &context, &band, fault);
    if (!rc)
        rc = tf_volume4_make(shape, &band, start_ns, end_ns, &volume, fault);
    if (!rc)
        rc = tf_entity_add_volume(&heard->entity, &volume);
    tf_volume4_release(&volume);
    tf_shape_unref(shape);
    return rc;
}

static enum tf_status add_cell(struct heard *heard, tf_cell cell, struct tf_fault *fault)
{
    struct tf_latlng corners[4];
    struct tf_shape *plain, *grown;
    struct tf_ring ring = {corners, 4};
    tf_cell_vertices(cell, corners);
    enum tf_status rc = tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0, &plain, fault);
    if (rc)
        return rc;
    rc = tf_shape_grow(plain, tf_cell_level(cell) < 7 ? CELL_ERROR_M : CELL_ERROR_FINE_M, &grown,
                       fault);
    tf_shape_unref(plain);
    return rc ? rc : add_shape(heard, grown, fault);
}

static enum tf_status read_cells(const struct tf_json *body, struct heard *heard,
                                 struct tf_fault *fault)
{
    struct tf_json cells = tf_json_get(body, "cells");
    enum tf_status rc = tf_json_array(&cells, fault);
    if (!rc && (tf_json_count(&cells) == 0 || tf_json_count(&cells) > OPS_CELLS_MAX))
        rc = tf_json_fault(&cells, TF_RANGE, TF_TEXT("1 to 1,000 cells are read."), NULL, NULL,
                           fault);
    for (size_t i = 0; !rc && i < tf_json_count(&cells); i++) {
        struct tf_json at = tf_json_item(&cells, i);
        const char *token;
        rc = tf_json_text(&at, &token, fault);
        tf_cell cell = rc ? 0 : tf_cell_from_token(token);
        if (!rc && (!tf_cell_is_valid(cell) || tf_cell_level(cell) < 2))
            rc = tf_json_fault(&at, TF_SYNTAX, TF_TEXT("\"%1\" is no cell, or a too large one."),
                               token, NULL, fault);
        if (!rc)
            rc = add_cell(heard, cell, fault);
    }
    return rc;
}

static enum tf_status read_area(const struct tf_json *body, struct heard *heard,
                                struct tf_fault *fault)
{
    struct tf_json area = tf_json_get(body, "area"), lat = tf_json_get(&area, "lat_deg"),
                   lng = tf_json_get(&area, "lng_deg"), radius = tf_json_get(&area, "radius_m");
    struct tf_latlng at;
    double radius_m;
    struct tf_shape *shape;
    enum tf_status rc = tf_json_number(&lat, &at.lat_deg, fault);
    if (!rc)
        rc = tf_json_number(&lng, &at.lng_deg, fault);
    if (!rc)
        rc = tf_json_number(&radius, &radius_m, fault);
    if (!rc) {
        rc = tf_shape_circle(at, radius_m, &shape, fault);
        if (rc)
            tf_json_prefix(&area, false, fault);
    }
    return rc ? rc : add_shape(heard, shape, fault);
}

static enum tf_status read_feature(const struct tf_json *body, enum ops_class class,
                                   struct heard *heard, struct tf_fault *fault)
{
    struct tf_json feature = tf_json_get(body, "feature");
    enum tf_status rc = tf_json_object(&feature, fault);
    if (rc)
        return rc;
    rc = ops_read_feature(feature.value, class, heard->id, &heard->entity, NULL, fault);
    if (!rc && heard->entity.volume_count > OPS_HEARD_VOLUMES_MAX)
        rc = tf_json_fault(&feature, TF_TOO_LARGE,
                           TF_TEXT("A declaration may have 2,000 volumes. Cut it less finely."),
                           NULL, NULL, fault);
    if (!rc && (int)heard->entity.kind != heard->kind)
        rc = tf_json_fault(&feature, TF_SYNTAX, TF_TEXT("Its kind is not the one declared."), NULL,
                           NULL, fault);
    return rc;
}

static enum tf_status read_body(const char *type, const json_t *json, struct heard *out,
                                struct tf_fault *fault)
{
    struct tf_json body = tf_json_root(json), priority = tf_json_get(&body, "priority"),
                   category = tf_json_get(&body, "category");
    enum ops_class class = class_of(type);
    int64_t value = 0;
    *out = (struct heard){.level = 0};
    enum tf_status rc = read_id(&body, out, fault);
    if (rc || is_withdrawal(type))
        return rc;
    rc = read_words(&body, class, out, fault);
    if (!rc)
        rc = read_times(&body, out, fault);
    if (!rc && tf_json_there(&priority))
        rc = fields_integer(&priority, -1000000, 1000000, &value, fault);
    out->entity.kind = rc ? TF_KIND_OTHER : (enum tf_kind)out->kind;
    if (!rc && out->level == MEMO_CELLS)
        rc = read_cells(&body, out, fault);
    if (!rc && out->level == MEMO_WINDOW)
        rc = read_area(&body, out, fault);
    if (!rc && out->level == MEMO_FULL)
        rc = read_feature(&body, class, out, fault);
    out->entity.priority = (int)value;
    if (!rc && class == OPS_SITE && json_is_string(category.value))
        rc = tf_entity_set_text(&out->entity.category, json_string_value(category.value));
    if (rc)
        tf_entity_release(&out->entity);
    return rc;
}

static enum tf_status check(void *ctx, const char *type, const json_t *body, struct tf_fault *fault)
{
    struct heard heard;
    (void)ctx;
    enum tf_status rc = read_body(type, body, &heard, fault);
    if (!rc)
        tf_entity_release(&heard.entity);
    return rc;
}

enum tf_status ops_declaration_read(const json_t *body, struct tf_entity *out,
                                    struct tf_fault *fault)
{
    struct heard heard;
    enum tf_status rc = read_body("op.update", body, &heard, fault);
    if (rc)
        return rc;
    *out = heard.entity;
    return TF_OK;
}

static bool place(void *ctx, const char *type, const json_t *body, struct message_place *out)
{
    struct heard heard;
    struct tf_fault fault;
    double extent_m;
    (void)ctx;
    if (is_withdrawal(type) || read_body(type, body, &heard, &fault))
        return false;
    struct tf_latlng centre;
    bool is_there =
        heard.entity.volume_count > 0 && ops_cap_of(&heard.entity, &centre, &extent_m) == TF_OK;
    if (is_there) {
        *out = (struct message_place){.lat_deg = centre.lat_deg, .lng_deg = centre.lng_deg};
        if (heard.start_us > TF_TIME_MIN / 1000)
            out->start_us = heard.start_us;
        if (heard.end_us < TF_TIME_MAX / 1000)
            out->end_us = heard.end_us;
    }
    tf_entity_release(&heard.entity);
    return is_there;
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static enum tf_status known_version(const struct line_context *c, const struct line_applied *m,
                                    const char *id, int64_t *version)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT version FROM ops_declared WHERE line = $1"
                  " AND is_own = $2 AND id = $3",
                  SQL_ARGS(sql_text(m->line), sql_int(m->is_own), sql_text(id)), &rows);
    *version = !rc && rows.count ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return rc;
}

/* As it is kept. Of our own without what is no content: it is compared with what would be said. */
static char *text_of(const struct line_applied *m)
{
    static const char *const beside[] = {"version", "amends", "notice_breach_s"};
    json_t *body = json_copy((json_t *)(uintptr_t)m->body);
    for (size_t i = 0; body && m->is_own && i < sizeof beside / sizeof *beside; i++)
        (void)json_object_del(body, beside[i]);
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(body);
    return text;
}

static enum tf_status keep(const struct line_context *c, const struct line_applied *m,
                           const struct heard *heard)
{
    static const char text[] =
        "INSERT INTO ops_declared (line, is_own, id, class, own_id, own_version, version, seq,"
        " at_us, disclosure, breach_s, is_withdrawn, body) VALUES ($1, $2, $3, $4, '', 0, $5, $6,"
        " $7, $8, $9, $10, $11) ON CONFLICT (line, is_own, id) DO UPDATE SET version = $5,"
        " seq = $6, at_us = $7, disclosure = $8, breach_s = $9, is_withdrawn = $10, body = $11";
    char *body = text_of(m);
    bool gone = is_withdrawal(m->type);
    if (!body)
        return TF_NOMEM;
    enum tf_status rc = sql_exec(
        c->sql, text,
        SQL_ARGS(sql_text(m->line), sql_int(m->is_own), sql_text(heard->id),
                 sql_text(ops_class_word(class_of(m->type))), sql_int(heard->version),
                 sql_int(m->seq), sql_int(m->sent_us), sql_text(levels[gone ? 1 : heard->level]),
                 sql_int(heard->breach_s), sql_int(gone), sql_text(body)),
        NULL);
    free(body);
    return rc;
}

/* Something of our own that was lost here has come back: whose it is, is known by its id, and it is
 * held against the register again, which may be older. */
static enum tf_status attach(struct ops *ops, const struct line_context *c,
                             const struct line_applied *m, const struct heard *heard)
{
    static const char name[] = "UPDATE ops_declared SET own_id = $3 WHERE line = $1 AND is_own = 1"
                               " AND id = $2 AND own_id = ''";
    static const char again[] = "UPDATE ops_told SET change = $2 WHERE line = $1 AND change > $2";
    struct sql_rows rows = {0};
    struct ops_record record;
    char own_id[OPS_ID_SIZE];
    int64_t changed = 0;
    enum tf_status rc = ops_alias_owner(ops, c, m->line, class_of(m->type), heard->id, own_id);
    if (!rc)
        rc = ops_row_find(c, "", class_of(m->type), own_id, &rows, &record);
    if (!rc)
        rc = sql_exec(c->sql, name,
                      SQL_ARGS(sql_text(m->line), sql_text(heard->id), sql_text(own_id)), &changed);
    if (!rc && changed > 0)
        rc = sql_exec(c->sql, again, SQL_ARGS(sql_text(m->line), sql_int(record.change - 1)), NULL);
    sql_rows_release(&rows);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static enum tf_status put_extra(const struct line_applied *m, const struct heard *heard, char **out)
{
    json_t *extra = json_pack("{s:s, s:s, s:I, s:I}", "peer", m->peer, "disclosure",
                              levels[heard->level], "declared_version", (json_int_t)heard->version,
                              "notice_breach_s", (json_int_t)heard->breach_s);
    static const char *const told[] = {"category", "verification", "data_at", "sensitive"};
    int bad = extra == NULL;
    for (size_t i = 0; i < 4 && !bad && class_of(m->type) == OPS_SITE; i++) {
        json_t *value = json_object_get(m->body, told[i]);
        if (value)
            bad = json_object_set(extra, told[i], value);
    }
    *out = bad ? NULL : json_dumps(extra, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(extra);
    return *out ? TF_OK : TF_NOMEM;
}

/* The record of the register: what is in the way of our own plans. */
static enum tf_status write(struct ops *ops, const struct line_context *c,
                            const struct line_applied *m, struct heard *heard,
                            struct sql_rows *rows)
{
    struct line_context peers = *c;
    struct ops_record record;
    struct tf_buf feature = TF_BUF_INIT(OPS_FEATURE_MAX);
    char *extra = NULL, etag[OPS_ETAG_SIZE];
    enum ops_class class = class_of(m->type);
    bool gone = is_withdrawal(m->type) || heard->level == MEMO_EXISTENCE;
    struct tf_entity stored = {0}, *entity = &heard->entity;
    enum tf_status rc = ops_row_find(c, m->line, class, heard->id, rows, &record);
    bool is_new = rc == TF_NOT_FOUND;
    if (is_new && gone)
        return TF_OK;
    if (is_new)
        record = (struct ops_record){.number = 0};
    if (!rc && gone) {
        rc = ops_entity_of(&record, &stored);
        entity = &stored;
    }
    rc = is_new ? TF_OK : rc;
    record.owner = m->line;
    record.class = class;
    record.id = heard->id;
    record.state = gone ? OPS_STATE_WITHDRAWN : (enum ops_state)heard->state;
    entity->state = ops_state_outside(record.state);
    if (!rc)
        rc = tf_entity_set_text(&entity->id, heard->id);
    if (!rc)
        rc = tf_entity_set_text(&entity->party, m->peer);
    if (!rc)
        rc = ops_put_feature(&feature, entity);
    if (rc == TF_LIMIT) /* no message is so long: never a reason to refuse one for ever */
        goto out;
    if (!rc && !gone)
        rc = put_extra(m, heard, &extra);
    if (!rc) {
        record.feature = feature.data;
        record.feature_len = feature.len;
        record.extra = extra ? extra : record.extra;
        record.extra_len = extra ? strlen(extra) : record.extra_len;
        record.decisions = "[]";
        record.decisions_len = 2;
        record.kind = entity->kind;
        record.priority = entity->priority;
        record.name = "";
        record.source = "line";
        record.act = strchr(m->type, '.') + 1;
        record.role = m->role ? m->role : "";
        record.reason = "";
        ops_times_of(entity, &record.start_us, &record.end_us);
        peers.actor = m->peer;
        rc = ops_write(ops, &peers, &record, entity, etag);
    }
out:
    tf_entity_release(&stored);
    free(extra);
    if (rc == TF_LIMIT && tf_buf_status(&feature) == TF_LIMIT)
        rc = TF_OK;
    tf_buf_release(&feature);
    return rc;
}

/* What cannot be kept is no reason to lose the message: it is kept by the line, without effect. */
static enum tf_status apply(void *ctx, const struct line_context *c, const struct line_applied *m)
{
    struct ops *ops = ctx;
    struct heard heard;
    struct tf_fault fault;
    struct sql_rows rows = {0};
    int64_t version;
    enum tf_status rc = ops_enter(ops, c);
    if (rc)
        return rc;
    rc = read_body(m->type, m->body, &heard, &fault);
    if (rc)
        return rc == TF_NOMEM ? rc : TF_OK;
    rc = known_version(c, m, heard.id, &version);
    if (!rc && heard.version > version) { /* an older one has no effect */
        rc = keep(c, m, &heard);
        if (!rc && m->is_own)
            rc = attach(ops, c, m, &heard);
        else if (!rc)
            rc = write(ops, c, m, &heard, &rows);
    }
    sql_rows_release(&rows);
    tf_entity_release(&heard.entity);
    return rc;
}

void ops_extensions(struct ops *ops, struct line_extension out[OPS_EXTENSIONS])
{
    static const char *const prefixes[] = {"op.", "site."};
    out[2] = ops_case_extension(ops);
    for (int i = 0; i < 2; i++)
        out[i] = (struct line_extension){.prefix = prefixes[i],
                                         .ctx = ops,
                                         .kind = kind_of,
                                         .check = check,
                                         .apply = apply,
                                         .place = place};
}
