/*
 * record.c - records of the database: read, listed, and written with their history and ledger.
 */
#include "ops/internal.h"

#include <stdio.h>

#define WORD(name, word) word,
static const char *const class_words[] = {OPS_CLASS_LIST(WORD)};
#undef WORD

const char *ops_class_word(enum ops_class class)
{
    return class < OPS_CLASS_COUNT ? class_words[class] : "?";
}

enum tf_status ops_class_from_word(const char *word, enum ops_class *out)
{
    for (int i = 0; i < OPS_CLASS_COUNT; i++)
        if (strcmp(word, class_words[i]) == 0) {
            *out = (enum ops_class)i;
            return TF_OK;
        }
    return TF_NOT_FOUND;
}

/* --- reading ------------------------------------------------------------------------- */

/* In the order of OPS_COLUMNS. */
enum {
    NUMBER,
    OWNER,
    CLASS,
    ID,
    VERSION,
    CHANGE,
    STATE,
    ETAG,
    KIND,
    PRIORITY,
    IS_TEMPLATE,
    NAME,
    SOURCE,
    START_US,
    END_US,
    FEATURE,
    EXTRA,
    DECISIONS,
    MADE_US,
    MADE_BY,
    CHANGED_US,
    CHANGED_BY,
    ACT,
    ROLE,
    REASON
};

enum tf_status ops_row(const struct sql_rows *rows, size_t row, struct ops_record *out)
{
    const struct sql_value *v = sql_at(rows, row, 0);
    struct ops_record r = {.number = v[NUMBER].number,
                           .owner = v[OWNER].bytes,
                           .id = v[ID].bytes,
                           .version = v[VERSION].number,
                           .change = v[CHANGE].number,
                           .etag = v[ETAG].bytes,
                           .priority = (int)v[PRIORITY].number,
                           .is_template = v[IS_TEMPLATE].number != 0,
                           .name = v[NAME].bytes,
                           .source = v[SOURCE].bytes,
                           .start_us = v[START_US].number,
                           .end_us = v[END_US].number,
                           .feature = v[FEATURE].bytes,
                           .feature_len = v[FEATURE].len,
                           .extra = v[EXTRA].bytes,
                           .extra_len = v[EXTRA].len,
                           .decisions = v[DECISIONS].bytes,
                           .decisions_len = v[DECISIONS].len,
                           .made_us = v[MADE_US].number,
                           .made_by = v[MADE_BY].bytes,
                           .changed_us = v[CHANGED_US].number,
                           .changed_by = v[CHANGED_BY].bytes,
                           .act = v[ACT].bytes,
                           .role = v[ROLE].bytes,
                           .reason = v[REASON].bytes};
    if (ops_class_from_word(v[CLASS].bytes, &r.class) ||
        ops_state_from_word(v[STATE].bytes, &r.state) || tf_kind_from_word(v[KIND].bytes, &r.kind))
        return TF_SYNTAX;
    *out = r;
    return TF_OK;
}

enum tf_status ops_row_find(const struct line_context *c, const char *owner, enum ops_class class,
                            const char *id, struct sql_rows *rows, struct ops_record *out)
{
    static const char text[] =
        "SELECT " OPS_COLUMNS " FROM ops_record WHERE owner = $1 AND class = $2 AND id = $3";
    enum tf_status rc =
        sql_query(c->sql, text,
                  SQL_ARGS(sql_text(owner), sql_text(ops_class_word(class)), sql_text(id)), rows);
    if (!rc)
        rc = rows->count ? ops_row(rows, 0, out) : TF_NOT_FOUND;
    return rc;
}

static enum tf_status show(const struct sql_rows *rows, ops_record_visit visit, void *ctx,
                           size_t *shown, bool *stopped)
{
    for (size_t i = 0; i < rows->count && !*stopped; i++) {
        struct ops_record record;
        enum tf_status rc = ops_row(rows, i, &record);
        if (rc)
            return rc;
        ++*shown;
        *stopped = !visit(ctx, &record);
    }
    return TF_OK;
}

/* ",draft,accepted," */
static void list_states(unsigned states, struct tf_buf *out)
{
    for (int i = 0; i < OPS_STATE_COUNT; i++)
        if (states & (1u << i))
            tf_buf_printf(out, "%s%s,", out->len ? "" : ",", ops_state_word((enum ops_state)i));
}

#define WHERE                                                                                      \
    " FROM ops_record WHERE class = $1 AND ($2 = '*' OR owner = $2) AND number > $3"               \
    " AND change > $4 AND ($5 = '' OR $5 LIKE '%,' || state || ',%')"                              \
    " AND start_us < $6 AND end_us > $7 AND ($8 = '' OR id = $8) AND is_template <= $9"

enum tf_status ops_each(struct ops *ops, const struct line_context *c,
                        const struct ops_filter *filter, ops_record_visit visit, void *ctx)
{
    static const char by_number[] = "SELECT " OPS_COLUMNS WHERE " ORDER BY number LIMIT $10";
    static const char by_change[] = "SELECT " OPS_COLUMNS WHERE " ORDER BY change LIMIT $10";
    struct tf_buf states = TF_BUF_INIT(256);
    struct sql_rows rows = {0};
    bool any_time = filter->from_us == 0 && filter->until_us == 0, stopped = false;
    size_t shown = 0;
    list_states(filter->states, &states);
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = tf_buf_status(&states);
    if (!rc)
        rc = sql_query(c->sql, filter->in_order_of_change ? by_change : by_number,
                       SQL_ARGS(sql_text(ops_class_word(filter->class)),
                                sql_text(filter->owner ? filter->owner : "*"),
                                sql_int(filter->after), sql_int(filter->changed_after),
                                sql_text(states.data ? states.data : ""),
                                sql_int(any_time ? INT64_MAX : filter->until_us),
                                sql_int(any_time ? INT64_MIN : filter->from_us),
                                sql_text(filter->id ? filter->id : ""),
                                sql_int(filter->without_templates ? 0 : 1),
                                sql_int((int64_t)(filter->limit ? filter->limit : 100))),
                       &rows);
    if (!rc)
        rc = show(&rows, visit, ctx, &shown, &stopped);
    sql_rows_release(&rows);
    tf_buf_release(&states);
    return rc;
}

enum tf_status ops_find(struct ops *ops, const struct line_context *c, const char *owner,
                        enum ops_class class, const char *id, ops_record_visit visit, void *ctx)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, owner, class, id, &rows, &record);
    if (!rc)
        (void)visit(ctx, &record);
    sql_rows_release(&rows);
    return rc;
}

enum { HISTORY_PAGE = 100 };

enum tf_status ops_history(struct ops *ops, const struct line_context *c, const char *owner,
                           enum ops_class class, const char *id, ops_record_visit visit, void *ctx)
{
    static const char text[] = "SELECT " OPS_COLUMNS " FROM ops_version WHERE number = $1"
                               " AND version > $2 ORDER BY version LIMIT $3";
    struct sql_rows rows = {0};
    struct ops_record record;
    int64_t number = 0;
    bool stopped = false;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, owner, class, id, &rows, &record);
    if (!rc)
        number = record.number;
    sql_rows_release(&rows);
    for (int64_t after = 0; !rc && !stopped; after += HISTORY_PAGE) {
        size_t shown = 0;
        rc = sql_query(c->sql, text,
                       SQL_ARGS(sql_int(number), sql_int(after), sql_int(HISTORY_PAGE)), &rows);
        if (!rc)
            rc = show(&rows, visit, ctx, &shown, &stopped);
        stopped = stopped || shown < HISTORY_PAGE;
        sql_rows_release(&rows);
    }
    return rc;
}

enum tf_status ops_last_change(struct ops *ops, const struct line_context *c, int64_t *change)
{
    static const char text[] = "SELECT COALESCE(MAX(change), 0) FROM ops_record";
    struct sql_rows rows = {0};
    (void)ops;
    enum tf_status rc = sql_query(c->sql, text, SQL_NO_ARGS, &rows);
    if (!rc)
        *change = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    return rc;
}

/* --- writing ----------------------------------------------------------------------------- */

/* The content's fingerprint: with the version it names exactly this one. */
static void make_etag(const struct ops_record *r, char etag[OPS_ETAG_SIZE])
{
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * 8 + 1];
    const char *state = ops_state_word(r->state);
    struct key_piece pieces[] = {
        {state, strlen(state)},   {"\n", 1}, {r->feature, r->feature_len},    {"\n", 1},
        {r->extra, r->extra_len}, {"\n", 1}, {r->decisions, r->decisions_len}};
    key_sha256(pieces, sizeof pieces / sizeof *pieces, hash);
    key_hex(hash, 8, hex);
    snprintf(etag, OPS_ETAG_SIZE, "%lld-%s", (long long)r->version, hex);
}

static void put_hash(struct tf_buf *out, const char *name, const char *bytes, size_t len)
{
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_sha256(&(struct key_piece){bytes, len}, 1, hash);
    key_hex(hash, KEY_HASH_SIZE, hex);
    tf_put_text(out, name, hex);
}

void ops_put_entry(struct tf_buf *out, const char *kind, const struct line_context *c)
{
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(c->now_us * 1000, at);
    tf_buf_text(out, "{\"kind\":");
    tf_buf_json(out, kind);
    tf_put_text(out, "at", at);
}

enum tf_status ops_append_entry(struct tf_buf *entry, const struct line_context *c)
{
    tf_buf_char(entry, '}');
    enum tf_status rc = tf_buf_status(entry);
    return rc ? rc : ledger_append(c->ledger, entry->data, entry->len, NULL);
}

void ops_alarm_kind(const char *word, const char *id, char *out, size_t size)
{
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * 8 + 1];
    key_sha256(&(struct key_piece){id, strlen(id)}, 1, hash);
    key_hex(hash, 8, hex);
    snprintf(out, size, "%s.%s", word, hex);
}

/* What is large stands in the entry by its hash; ops_version has it. */
enum { ENTRY_DECISIONS_MAX = 32768 };

static enum tf_status write_entry(const struct line_context *c, const struct ops_record *r)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX + 1);
    ops_put_entry(&out, ops_class_word(r->class), c);
    tf_put_text(&out, "act", r->act);
    tf_put_text(&out, "id", r->id);
    if (r->owner[0])
        tf_put_text(&out, "line", r->owner);
    tf_put_int(&out, "version", r->version);
    tf_put_text(&out, "state", ops_state_word(r->state));
    tf_put_text(&out, "actor", r->changed_by);
    tf_put_text(&out, "role", r->role);
    tf_put_text(&out, "source", r->source);
    if (r->reason[0])
        tf_put_text(&out, "reason", r->reason);
    put_hash(&out, "feature_sha256", r->feature, r->feature_len);
    put_hash(&out, "extra_sha256", r->extra, r->extra_len);
    if (r->decisions_len > ENTRY_DECISIONS_MAX)
        put_hash(&out, "decisions_sha256", r->decisions, r->decisions_len);
    else if (r->decisions_len > 2)
        tf_put_json(&out, "decisions", r->decisions, r->decisions_len);
    enum tf_status rc = ops_append_entry(&out, c);
    tf_buf_release(&out);
    return rc;
}

/* For event streams: what was changed, not to what. */
static enum tf_status write_event(const struct line_context *c, const struct ops_record *r)
{
    struct tf_buf out = TF_BUF_INIT(4096);
    tf_buf_text(&out, "{\"v\":1");
    tf_put_text(&out, "class", ops_class_word(r->class));
    tf_put_text(&out, "line", r->owner[0] ? r->owner : NULL);
    tf_put_text(&out, "id", r->id);
    tf_put_int(&out, "version", r->version);
    tf_put_int(&out, "change", r->change);
    tf_put_text(&out, "act", r->act);
    tf_put_text(&out, "state", ops_state_word(r->state));
    tf_buf_char(&out, '}');
    enum tf_status rc = tf_buf_status(&out);
    if (!rc)
        rc = line_add_event(c, "register", out.data);
    tf_buf_release(&out);
    return rc;
}

#define PLACES_2_25                                                                                \
    "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, " \
    "$22, $23, $24, $25"

static const char insert_text[] =
    "INSERT INTO ops_record (owner, class, id, version, change, state, etag, kind, priority, "
    "is_template, name, source, start_us, end_us, feature, extra, decisions, made_us, made_by, "
    "changed_us, changed_by, act, role, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
    "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) RETURNING number";
static const char update_text[] =
    "UPDATE ops_record SET version = $5, change = $6, state = $7, etag = $8, kind = $9, "
    "priority = $10, is_template = $11, name = $12, source = $13, start_us = $14, end_us = $15, "
    "feature = $16, extra = $17, decisions = $18, changed_us = $21, changed_by = $22, act = $23, "
    "role = $24, reason = $25 WHERE number = $1 AND owner = $2 AND class = $3 AND id = $4 "
    "AND made_us = $19 AND made_by = $20";
static const char version_text[] =
    "INSERT INTO ops_version (" OPS_COLUMNS ") VALUES ($1, " PLACES_2_25 ")";

static void values_of(const struct ops_record *r, struct sql_value out[OPS_COLUMN_COUNT])
{
    const struct sql_value all[OPS_COLUMN_COUNT] = {
        [NUMBER] = sql_int(r->number),
        [OWNER] = sql_text(r->owner),
        [CLASS] = sql_text(ops_class_word(r->class)),
        [ID] = sql_text(r->id),
        [VERSION] = sql_int(r->version),
        [CHANGE] = sql_int(r->change),
        [STATE] = sql_text(ops_state_word(r->state)),
        [ETAG] = sql_text(r->etag),
        [KIND] = sql_text(tf_kind_word(r->kind)),
        [PRIORITY] = sql_int(r->priority),
        [IS_TEMPLATE] = sql_int(r->is_template),
        [NAME] = sql_text(r->name),
        [SOURCE] = sql_text(r->source),
        [START_US] = sql_int(r->start_us),
        [END_US] = sql_int(r->end_us),
        [FEATURE] = {SQL_TEXT, 0, r->feature, r->feature_len},
        [EXTRA] = {SQL_TEXT, 0, r->extra, r->extra_len},
        [DECISIONS] = {SQL_TEXT, 0, r->decisions, r->decisions_len},
        [MADE_US] = sql_int(r->made_us),
        [MADE_BY] = sql_text(r->made_by),
        [CHANGED_US] = sql_int(r->changed_us),
        [CHANGED_BY] = sql_text(r->changed_by),
        [ACT] = sql_text(r->act),
        [ROLE] = sql_text(r->role),
        [REASON] = sql_text(r->reason)};
    memcpy(out, all, sizeof all);
}

static enum tf_status write_row(const struct line_context *c, struct ops_record *r)
{
    struct sql_value values[OPS_COLUMN_COUNT];
    struct sql_rows rows = {0};
    int64_t changed = 1;
    enum tf_status rc;
    values_of(r, values);
    if (r->number == 0) {
        rc = sql_query(c->sql, insert_text, values + 1, OPS_COLUMN_COUNT - 1, &rows);
        if (!rc)
            r->number = sql_at(&rows, 0, 0)->number;
        sql_rows_release(&rows);
    } else {
        rc = sql_exec(c->sql, update_text, values, OPS_COLUMN_COUNT, &changed);
    }
    if (!rc && changed != 1)
        rc = TF_SYNTAX;
    values[NUMBER] = sql_int(r->number);
    if (!rc)
        rc = sql_exec(c->sql, version_text, values, OPS_COLUMN_COUNT, NULL);
    return rc;
}

enum tf_status ops_write(struct ops *ops, const struct line_context *c, struct ops_record *record,
                         const struct tf_entity *entity, char etag[OPS_ETAG_SIZE])
{
    enum tf_status rc = ops_last_change(ops, c, &record->change);
    if (rc)
        return rc;
    record->change++;
    record->version = record->number ? record->version + 1 : 1;
    record->changed_us = c->now_us;
    record->changed_by = c->actor ? c->actor : "";
    if (record->number == 0) {
        record->made_us = c->now_us;
        record->made_by = record->changed_by;
    }
    make_etag(record, etag);
    record->etag = etag;
    rc = write_row(c, record);
    if (!rc)
        rc = write_entry(c, record);
    if (!rc)
        rc = write_event(c, record);
    if (!rc)
        rc = ops_remember(ops, record, entity);
    return rc ? rc : ops_cases_follow(ops, c, record, entity);
}

enum tf_status ops_end_alone(const struct line_context *c, enum tf_status rc,
                             enum tf_status *undone)
{
    *undone = TF_OK;
    if (rc == TF_OK)
        return sql_keep(c->sql);
    ledger_forget(c->ledger);
    if (rc == TF_NOMEM || rc == TF_BUSY || rc == TF_LIMIT)
        return rc;
    *undone = rc;
    return sql_undo(c->sql);
}
