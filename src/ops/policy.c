/*
 * policy.c - local rules: what a conflict means for an operation, and who may allow it.
 */
#include "ops/internal.h"

#include "line/fields.h"
#include <stdio.h>
#include <stdlib.h>

/* What holds until the head of the cell says otherwise. */
static const char default_policy[] =
    "{\"format\":\"tafadi-policy/v1\",\"rules\":["
    "{\"other\":\"zone\",\"restriction\":\"prohibited\",\"outcome\":\"refuse\"},"
    "{\"other\":\"zone\",\"restriction\":\"restricted\",\"outcome\":\"decide\","
    "\"role\":\"duty-officer\"},"
    "{\"other\":\"zone\",\"outcome\":\"note\"},"
    "{\"other\":\"site\",\"outcome\":\"decide\",\"role\":\"head-of-cell\"},"
    "{\"other\":\"operation\",\"priority\":\"higher\",\"outcome\":\"refuse\"},"
    "{\"other\":\"operation\",\"outcome\":\"decide\",\"role\":\"duty-officer\"},"
    "{\"other\":\"declaration\",\"priority\":\"higher\",\"outcome\":\"refuse\"},"
    "{\"other\":\"declaration\",\"outcome\":\"decide\",\"role\":\"head-of-cell\"},"
    "{\"other\":\"foreign\",\"priority\":\"higher\",\"outcome\":\"refuse\"},"
    "{\"other\":\"foreign\",\"outcome\":\"decide\",\"role\":\"head-of-cell\"}]}";

#define WORD(name, word) word,
static const char *const other_words[] = {OPS_OTHER_LIST(WORD) NULL};
static const char *const outcome_words[] = {OPS_OUTCOME_LIST(WORD) NULL};
#undef WORD
static const char *const priority_words[] = {"lower", "equal", "higher", NULL};
static const char *const role_words[] = {"viewer", "planner", "duty-officer", "head-of-cell"};

const char *ops_outcome_word(enum ops_outcome outcome)
{
    return outcome < OPS_OUTCOME_COUNT ? outcome_words[outcome] : "?";
}

static int rank_of(const char *role)
{
    for (int i = 0; i < (int)(sizeof role_words / sizeof *role_words); i++)
        if (strcmp(role, role_words[i]) == 0)
            return i;
    return -1;
}

bool ops_role_covers(const char *role, const char *needed)
{
    int have = rank_of(role), need = rank_of(needed);
    return have >= 0 && need >= 0 ? have >= need : strcmp(role, needed) == 0;
}

/* --- reading --------------------------------------------------------------------------- */

static enum tf_status read_word(const struct tf_json *object, const char *name,
                                const char *const *words, int absent, int *out,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    *out = absent;
    return tf_json_there(&at) ? tf_json_word(&at, words, out, fault) : TF_OK;
}

static enum tf_status read_listed(const struct tf_json *object, const char *name,
                                  enum tf_status (*find)(const char *word, int *out), int *out,
                                  struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    const char *text;
    *out = -1;
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = tf_json_text(&at, &text, fault);
    if (!rc && find(text, out))
        rc = tf_json_fault(&at, TF_SYNTAX, TF_TEXT("\"%1\" is none of the words that are known."),
                           text, NULL, fault);
    return rc;
}

static enum tf_status find_restriction(const char *word, int *out)
{
    enum tf_restriction restriction;
    enum tf_status rc = tf_restriction_from_word(word, &restriction);
    if (!rc)
        *out = (int)restriction;
    return rc;
}

static enum tf_status find_kind(const char *word, int *out)
{
    enum tf_kind kind;
    enum tf_status rc = tf_kind_from_word(word, &kind);
    if (!rc)
        *out = (int)kind;
    return rc;
}

static enum tf_status read_role(const struct tf_json *object, struct ops_rule *rule,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, "role");
    rule->role[0] = '\0';
    if (rule->outcome != OPS_DECIDE)
        return TF_OK;
    enum tf_status rc = fields_word(&at, rule->role, sizeof rule->role, fault);
    if (!rc && rank_of(rule->role) < 1)
        rc = tf_json_fault(&at, TF_SYNTAX,
                           TF_TEXT("\"%1\" is no role that may decide: planner, duty-officer or "
                                   "head-of-cell."),
                           rule->role, NULL, fault);
    return rc;
}

static enum tf_status read_rule(const struct tf_json *at, struct ops_rule *rule,
                                struct tf_fault *fault)
{
    int outcome, priority;
    struct tf_json by = tf_json_get(at, "outcome"), margin = tf_json_get(at, "only_by_margin");
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = read_word(at, "other", other_words, -1, &rule->other, fault);
    if (!rc)
        rc = read_listed(at, "restriction", find_restriction, &rule->restriction, fault);
    if (!rc)
        rc = read_listed(at, "kind", find_kind, &rule->kind, fault);
    if (!rc)
        rc = read_word(at, "priority", priority_words, 3, &priority, fault);
    if (!rc)
        rc = tf_json_word(&by, outcome_words, &outcome, fault);
    if (!rc && outcome == OPS_CLEAR)
        rc = tf_json_fault(&by, TF_SYNTAX,
                           TF_TEXT("A conflict is refused, decided or noted; it is never "
                                   "\"clear\"."),
                           NULL, NULL, fault);
    if (rc)
        return rc;
    rule->priority = priority - 1;
    rule->outcome = (enum ops_outcome)outcome;
    rule->only_by_margin = json_is_true(margin.value);
    return read_role(at, rule, fault);
}

static enum tf_status read_rules(const char *text, size_t len, struct ops_rules *out,
                                 struct tf_fault *fault)
{
    json_t *json = NULL;
    enum tf_status rc = fields_parse(text, len, OPS_POLICY_MAX, &json, fault);
    struct ops_rules read = {.count = 0};
    if (!rc) {
        struct tf_json root = tf_json_root(json), format = tf_json_get(&root, "format"),
                       list = tf_json_get(&root, "rules");
        const char *const formats[] = {"tafadi-policy/v1", NULL};
        int index;
        rc = tf_json_word(&format, formats, &index, fault);
        if (!rc)
            rc = tf_json_array(&list, fault);
        if (!rc && tf_json_count(&list) > OPS_RULES_MAX)
            rc = tf_json_fault(&list, TF_TOO_LARGE, TF_TEXT("There are more than 64 rules."), NULL,
                               NULL, fault);
        for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
            struct tf_json item = tf_json_item(&list, i);
            rc = read_rule(&item, &read.at[read.count++], fault);
        }
    }
    json_decref(json);
    if (!rc)
        *out = read;
    return rc;
}

/* --- keeping ------------------------------------------------------------------------------- */

static const char latest_text[] =
    "SELECT version, document FROM ops_policy ORDER BY version DESC LIMIT 1";

enum tf_status ops_rules_follow(struct ops *ops, const struct line_context *c)
{
    struct sql_rows rows = {0};
    struct ops_rules rules;
    struct tf_fault fault;
    enum tf_status rc = sql_query(c->sql, latest_text, SQL_NO_ARGS, &rows);
    int64_t version = rows.count ? sql_at(&rows, 0, 0)->number : 0;
    const char *text = rows.count ? sql_at(&rows, 0, 1)->bytes : default_policy;
    if (!rc && (version != ops->rules.version || ops->has_new_rules)) {
        rc = read_rules(text, strlen(text), &rules, &fault);
        if (!rc) {
            ops->rules = rules;
            ops->rules.version = version;
        }
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_policy(struct ops *ops, const struct line_context *c, struct tf_buf *document,
                          int64_t *version)
{
    struct sql_rows rows = {0};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = sql_query(c->sql, latest_text, SQL_NO_ARGS, &rows);
    if (!rc) {
        *version = rows.count ? sql_at(&rows, 0, 0)->number : 0;
        tf_buf_text(document, rows.count ? sql_at(&rows, 0, 1)->bytes : default_policy);
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status load_version(const struct line_context *c, int64_t version, json_t **out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT document FROM ops_policy WHERE version = $1",
                                  SQL_ARGS(sql_int(version)), &rows);
    if (!rc && rows.count == 0 && version != 0)
        rc = TF_NOT_FOUND;
    if (!rc) {
        *out = json_loads(rows.count ? sql_at(&rows, 0, 0)->bytes : default_policy, 0, NULL);
        rc = *out ? TF_OK : TF_NOMEM;
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_policy_changed_since(struct ops *ops, const struct line_context *c,
                                        int64_t since, struct tf_buf *out)
{
    json_t *before = NULL, *now = NULL;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = load_version(c, since, &before);
    if (!rc)
        rc = load_version(c, ops->rules.version, &now);
    if (!rc)
        ops_diff(out, before, now);
    json_decref(before);
    json_decref(now);
    return rc ? rc : tf_buf_status(out);
}

static enum tf_status log_policy(const struct line_context *c, int64_t version, const char *text,
                                 const struct ops_who *who)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&out, "policy", c);
    tf_put_int(&out, "version", version);
    tf_put_text(&out, "actor", c->actor);
    tf_put_text(&out, "role", who->role);
    tf_put_text(&out, "document", text);
    enum tf_status rc = ops_append_entry(&out, c);
    tf_buf_release(&out);
    return rc;
}

enum tf_status ops_set_policy(struct ops *ops, const struct line_context *c, const char *document,
                              size_t len, int64_t if_version, const struct ops_who *who,
                              struct tf_fault *fault)
{
    static const char text[] =
        "INSERT INTO ops_policy (version, document, at_us, made_by) VALUES ($1, $2, $3, $4)";
    struct ops_rules rules;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = read_rules(document, len, &rules, fault);
    if (!rc && !ops_role_covers(who->role, "head-of-cell"))
        rc = ops_refuse(fault, TF_UNSUPPORTED, "role",
                        TF_TEXT("The policy is the head of the cell's."), NULL);
    if (!rc && if_version != ops->rules.version)
        rc = ops_refuse(fault, TF_EXISTS, "version",
                        TF_TEXT("The policy has been changed since; read it again."), NULL);
    struct sql_value args[] = {sql_int(if_version + 1),
                               {SQL_TEXT, 0, document, len},
                               sql_int(c->now_us),
                               sql_text(c->actor)};
    if (!rc)
        rc = sql_exec(c->sql, text, args, sizeof args / sizeof *args, NULL);
    char *copy = rc ? NULL : strndup(document, len);
    if (!rc)
        rc = copy ? log_policy(c, if_version + 1, copy, who) : TF_NOMEM;
    free(copy);
    if (!rc) {
        ops->rules = rules;
        ops->rules.version = if_version + 1;
    }
    ops->has_new_rules = true;
    return rc;
}

/* --- judging --------------------------------------------------------------------------------- */

static bool fits(const struct ops_rule *rule, int relation, const struct ops_conflict *conflict)
{
    unsigned margin = TF_DECIDED_ALTITUDE_UNCERTAIN | TF_DECIDED_OUTLINE_UNCERTAIN;
    return (rule->other < 0 || rule->other == (int)conflict->other) &&
           (rule->restriction < 0 ||
            (conflict->kind == TF_KIND_ZONE && rule->restriction == (int)conflict->restriction)) &&
           (rule->kind < 0 || rule->kind == (int)conflict->kind) &&
           (rule->priority > 1 || rule->priority == relation) &&
           (!rule->only_by_margin || (conflict->span.decided & margin));
}

void ops_rules_judge(const struct ops_rules *rules, int priority, struct ops_conflict *conflict)
{
    int relation = (conflict->priority > priority) - (conflict->priority < priority);
    conflict->outcome = OPS_REFUSE;
    conflict->role[0] = '\0';
    conflict->rule = 0;
    for (size_t i = 0; i < rules->count; i++)
        if (fits(&rules->at[i], relation, conflict)) {
            conflict->outcome = rules->at[i].outcome;
            conflict->rule = (unsigned)i + 1;
            snprintf(conflict->role, sizeof conflict->role, "%s", rules->at[i].role);
            return;
        }
}
