/*
 * cmd_policy.c - `tafadi policy`: the local rules, which say of each conflict that it is refused,
 * to be decided upon, or only noted.
 */
#include "cli/op_work.h"

#include <errno.h>
#include <stdlib.h>

static const struct flag set_flags[] = {
    {"if-version", 0, "N", &text_reader, OP(match),
     TF_TEXT("only if this is still the version in force; 0: the default rules")},
    {"role", 0, "ROLE", &role_reader, OP(role),
     TF_TEXT("the role acted in: planner, duty-officer, head-of-cell")}};
static const struct flag_table set_tables[] = {FLAG_TABLE(TF_TEXT("Policy"), set_flags, 0),
                                               PARTY_TABLE(OP(party)),
                                               COMMON_TABLE,
                                               {.count = 0}};
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(OP(party)), COMMON_TABLE, {.count = 0}};

/* The document alone, so that it can be changed and set again; its version only in JSON. */
static enum tf_status print(struct op_work *work, const struct tf_buf *document, int64_t version)
{
    bool is_json = work->args->party.json;
    json_t *json = json_loadb(document->data, document->len, 0, NULL);
    char *text = json ? json_dumps(json, is_json ? JSON_COMPACT : JSON_INDENT(2)) : NULL;
    if (text && is_json)
        tf_buf_printf(work->out, "{\"version\":%lld,\"document\":", (long long)version);
    tf_buf_text(work->out, text ? text : "");
    tf_buf_text(work->out, is_json ? "}\n" : "\n");
    json_decref(json);
    enum tf_status rc = text ? TF_OK : TF_NOMEM;
    free(text);
    return rc;
}

static enum tf_status show(struct op_work *work, const struct line_context *c)
{
    struct tf_buf document = TF_BUF_INIT(OPS_POLICY_MAX);
    int64_t version;
    enum tf_status rc = ops_policy(work->ops, c, &document, &version);
    if (!rc)
        rc = print(work, &document, version);
    tf_buf_release(&document);
    return rc;
}

static enum tf_status show_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    return rc ? rc : show(work, c);
}

/* The version that is replaced: the one that was named, or the one in force. */
static enum tf_status replaced(struct op_work *work, const struct line_context *c, int64_t *out)
{
    const char *text = work->args->match;
    struct tf_buf document = TF_BUF_INIT(OPS_POLICY_MAX);
    char *end;
    if (!text) {
        enum tf_status rc = ops_policy(work->ops, c, &document, out);
        tf_buf_release(&document);
        return rc;
    }
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno || end == text || *end || *out < 0)
        return tf_fault_set(&work->act.fault, TF_SYNTAX, TF_NO_INDEX, "--if-version",
                            TF_TEXT("\"%1\" is not a version; tafadi policy show --json names it"),
                            text, NULL, NULL);
    return TF_OK;
}

static enum tf_status set_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    int64_t version;
    enum tf_status rc = op_begin(work, "head-of-cell");
    if (!rc)
        rc = replaced(work, c, &version);
    if (!rc)
        rc = ops_set_policy(work->ops, c, work->bytes.data ? work->bytes.data : "", work->bytes.len,
                            version, &work->who, &act->fault);
    return rc ? rc : show(work, c);
}

static int run_show(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 0, OPS_OPERATION, OPS_ACT_END, show_run, NULL, 1);
}

static int run_set(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 1, OPS_OPERATION, OPS_ACT_CHANGE, set_run, NULL, 1);
}

static const struct command policy_show = {.name = "policy show",
                                           .summary = TF_TEXT("Shows the rules in force, as JSON."),
                                           .synopsis = "",
                                           .tables = plain_tables,
                                           .run = run_show};
static const struct command policy_set = {.name = "policy set",
                                          .summary = TF_TEXT("Sets other rules, from a file."),
                                          .synopsis = "FILE",
                                          .tables = set_tables,
                                          .run = run_set};
static const struct command *const children[] = {&policy_show, &policy_set, NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_policy = {
    .name = "policy",
    .summary = TF_TEXT("Shows and sets the rules on what a conflict means."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
