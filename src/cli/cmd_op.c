/*
 * cmd_op.c - `tafadi op`: a party's own operations: registered, checked, submitted, decided upon.
 */
#include "cli/op_work.h"

#include "cli/output.h"
#include "cli/table.h"
#include "ops/declaration.h"
#include "ops/talk.h"
#include "uss/enquiry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- flags ------------------------------------------------------------------------------- */

static const struct flag file_flags[] = {
    OP_REPLACE_FLAG,
    {"submit", 0, NULL, NULL, OP(submits), TF_TEXT("submit each of them, too")},
    OP_ALL_FLAG,
    OP_ROLE_FLAG};
static const struct flag act_flags[] = {
    {"allow", 0, "KEYS", &list_reader, OP(allow),
     TF_TEXT("conflicts that are allowed, by the keys that were shown")},
    {"options", 0, NULL, NULL, OP(options), TF_TEXT("look for ways out if there are conflicts")},
    OP_MATCH_FLAG,
    OP_ROLE_FLAG,
    OP_REASON_FLAG};
static const struct flag list_flags[] = {
    {"state", 0, "STATE", &text_reader, OP(state), TF_TEXT("only those in this state")}};
static const struct flag repeat_flags[] = {
    {"every", 0, "DURATION", &duration_reader, OP(every_ns), TF_TEXT("how often (24h)")},
    {"count", 'n', "N", &count_reader, OP(count), TF_TEXT("how many copies")},
    {"until", 0, "TIME", &time_reader, OP(until_ns), TF_TEXT("no start at or after this")},
    {"days", 0, "DAYS", &list_reader, OP(days),
     TF_TEXT("only on these days: mon,tue,wed,thu,fri,sat,sun (all)")},
    {"submit", 0, NULL, NULL, OP(submits), TF_TEXT("submit each of them, too")},
    OP_ROLE_FLAG};

static const struct flag case_flags[] = {
    {"all", 0, NULL, NULL, OP(all), TF_TEXT("also those that are over")}};

#define OF_FLAG                                                                                    \
    {                                                                                              \
        "of", 0, "HASH", &text_reader, OP(of),                                                     \
            TF_TEXT("which proposal of the other side, by its hash")                               \
    }
static const struct flag propose_flags[] = {
    {"option", 'n', "N", &count_reader, OP(option), TF_TEXT("which option, from 1 (1)")},
    {"expires", 0, "DURATION", &duration_reader, OP(every_ns),
     TF_TEXT("how long it stands (as long as the memorandum gives for answers)")},
    OF_FLAG,
    OP_ROLE_FLAG};
static const struct flag answer_flags[] = {OF_FLAG, OP_ROLE_FLAG};
static const struct flag disown_flags[] = {OP_ROLE_FLAG, OP_REASON_FLAG};

#define TABLES(name, flags, ...)                                                                   \
    static const struct flag_table name[] = {FLAG_TABLE(TF_TEXT("Operations"), flags, 0),          \
                                             __VA_ARGS__ PARTY_TABLE(OP(party)),                   \
                                             COMMON_TABLE,                                         \
                                             {.count = 0}}
TABLES(file_tables, file_flags, INPUT_TABLE(OP(input)), );
TABLES(act_tables, act_flags, );
TABLES(list_tables, list_flags, );
TABLES(repeat_tables, repeat_flags, );
TABLES(case_tables, case_flags, );
TABLES(propose_tables, propose_flags, );
TABLES(answer_tables, answer_flags, );
TABLES(disown_tables, disown_flags, );
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(OP(party)), COMMON_TABLE, {.count = 0}};

/* --- add, import ----------------------------------------------------------------------------- */

/* --- list, show, history -----------------------------------------------------------------------
 */

static bool list_one(void *ctx, const struct ops_record *record)
{
    struct op_work *work = ctx;
    if (work->args->party.json) {
        work->shown++;
        ops_print_record(work->out, record, false);
        return tf_buf_status(work->out) == TF_OK;
    }
    table_cell(work->table, TABLE_BOLD, record->id);
    table_cell(work->table, TABLE_PLAIN, record->name);
    table_cell(work->table, TABLE_PLAIN, say_tr(tf_kind_word(record->kind)));
    table_cell(work->table, TABLE_PLAIN,
               record->is_template ? TR("template") : op_state(record->state));
    op_time_cell(work->table, record->start_us);
    op_time_cell(work->table, record->end_us);
    table_cell(work->table, TABLE_PLAIN, record->etag);
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct ops_filter filter = {.owner = "", .class = OPS_OPERATION, .limit = 10000};
    enum ops_state state;
    enum tf_status rc = op_begin(work, "viewer");
    if (!rc && work->args->state) {
        if (ops_state_from_word(work->args->state, &state))
            return tf_fault_set(&act->fault, TF_SYNTAX, TF_NO_INDEX, "--state",
                                TF_TEXT("there is no state \"%1\""), work->args->state, NULL, NULL);
        filter.states = 1u << state;
    }
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"operations\":[");
    return rc ? rc : ops_each(work->ops, c, &filter, list_one, work);
}

static enum tf_status show_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    if (!rc)
        rc = ops_find(work->ops, c, "", OPS_OPERATION, work->id, op_show_one, work);
    if (!rc) {
        work->out->len--; /* the bracket: a member more */
        rc = op_print_intent(work, c, work->id, true);
        tf_buf_char(work->out, '}');
    }
    tf_buf_char(work->out, '\n');
    return op_none(work, rc);
}

static enum tf_status history_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    tf_buf_text(work->out, "{\"versions\":[");
    if (!rc)
        rc = ops_history(work->ops, c, "", OPS_OPERATION, work->id, op_show_one, work);
    tf_buf_text(work->out, "]}\n");
    return op_none(work, rc);
}

/* --- acts
 * ------------------------------------------------------------------------------------------ */

struct found {
    struct tf_entity entity;
    int64_t number;
    struct ops_written written; /* as it is */
    json_t *decisions;
    enum tf_status rc;
};

static bool take_found(void *ctx, const struct ops_record *record)
{
    struct found *found = ctx;
    found->number = record->number;
    found->written = (struct ops_written){.version = record->version, .state = record->state};
    snprintf(found->written.id, sizeof found->written.id, "%s", record->id);
    snprintf(found->written.etag, sizeof found->written.etag, "%s", record->etag);
    found->rc = ops_entity_of(record, &found->entity);
    found->decisions = json_loadb(record->decisions, record->decisions_len, 0, NULL);
    return true;
}

enum tf_status op_held_run(struct op_work *work, const struct line_context *c)
{
    struct found found = {.rc = TF_OK};
    struct uss_operation o;
    enum tf_status rc = op_begin(work, "viewer");
    if (!rc)
        rc = ops_find(work->ops, c, "", OPS_OPERATION, work->id, take_found, &found);
    rc = rc ? rc : found.rc;
    if (!rc)
        rc = uss_operation_find(c, work->id, &o);
    if (!rc) {
        op_print_written(work, &found.written, strcmp(o.result, "done") == 0);
        if (work->args->party.json)
            tf_buf_text(work->out, o.check[0] ? o.check : "null");
        uss_operation_release(&o);
        rc = op_print_intent(work, c, work->id, work->args->party.json);
    }
    if (!rc && work->args->party.json)
        tf_buf_text(work->out, "}\n");
    tf_entity_release(&found.entity);
    json_decref(found.decisions);
    return op_none(work, rc);
}

static enum tf_status act_run(struct party_act *act, const struct line_context *c)
{
    if (((struct op_work *)act)->is_again)
        return op_held_run((struct op_work *)act, c);
    static const struct tf_option_limits limits = {.max_options = 5};
    struct op_work *work = (struct op_work *)act;
    bool plans = work->deed == OPS_ACT_SUBMIT || work->deed == OPS_ACT_RECALL ||
                 work->deed == OPS_ACT_WITHDRAW;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct found found = {.rc = TF_OK};
    json_t *allow = op_words(&work->args->allow);
    struct ops_deed deed = {.class = OPS_OPERATION,
                            .id = work->id,
                            .act = work->deed,
                            .if_match = work->args->match,
                            .allow = allow,
                            .options = work->args->options ? &limits : NULL};
    enum tf_status rc = op_begin(work, plans ? "planner" : "duty-officer");
    if (!rc)
        rc = ops_act(work->ops, c, &deed, &work->who, &verdict, &written, &act->fault);
    if (!rc)
        rc = ops_find(work->ops, c, "", OPS_OPERATION, work->id, take_found, &found);
    rc = rc ? rc : found.rc;
    if (!rc)
        op_print_written(work, &written, verdict.is_applied);
    work->is_held = !rc && verdict.is_held;
    if (!rc && verdict.checked_us)
        rc = op_print_verdict(work, &verdict, &found.entity);
    else if (!rc && work->args->party.json)
        tf_buf_text(work->out, "null");
    if (!rc && work->args->party.json)
        tf_buf_text(work->out, "}\n");
    ops_verdict_release(&verdict);
    tf_entity_release(&found.entity);
    json_decref(found.decisions);
    json_decref(allow);
    return op_told(work, c, op_none(work, rc));
}

/* --- check, options
 * ------------------------------------------------------------------------------------ */

/* Where a DSS is to be asked, the node does it, and the check comes when it has: *waits. What it
 * has not answered by then is unknown, and no check calls it clear. */
static enum tf_status ask_dss(struct op_work *work, const struct line_context *c,
                              const struct found *found, struct uss_enquiry *enquiry, bool *waits)
{
    enum uss_publish publish;
    enum tf_status rc = uss_publish_get(c, &publish);
    if (rc || publish == USS_PUBLISH_OFF)
        return rc;
    if (!work->is_again) {
        *waits = work->is_asked = true;
        return uss_enquiry_put(c, work->id, found->written.etag, &found->entity);
    }
    rc = uss_enquiry_take(c, work->id, found->written.etag, enquiry);
    if (!rc && !enquiry->near)
        say_complain(TR("the DSS %1 was not asked: no node with its USS has answered"),
                     enquiry->dss, NULL);
    if (!rc)
        uss_enquiry_use(work->ops, enquiry);
    return rc;
}

static enum tf_status check_with(struct op_work *work, const struct line_context *c,
                                 const struct tf_option_limits *limits)
{
    struct found found = {.rc = TF_OK};
    struct uss_enquiry enquiry = {.near = NULL};
    bool waits = false;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = op_begin(work, "planner");
    if (!rc)
        rc = ops_find(work->ops, c, "", OPS_OPERATION, work->id, take_found, &found);
    rc = rc ? rc : found.rc;
    if (!rc)
        rc = ask_dss(work, c, &found, &enquiry, &waits);
    char *decisions = rc ? NULL : json_dumps(found.decisions, JSON_COMPACT);
    struct ops_query query = {.entity = &found.entity,
                              .number = found.number,
                              .decisions = decisions,
                              .decisions_len = decisions ? strlen(decisions) : 0,
                              .options = limits};
    if (!rc && !waits)
        rc = ops_check(work->ops, c, &query, &verdict, &work->act.fault);
    if (!rc && !waits)
        rc = op_print_verdict(work, &verdict, &found.entity);
    if (!rc && !waits && work->args->party.json)
        tf_buf_char(work->out, '\n');
    uss_enquiry_use(work->ops, NULL);
    uss_enquiry_release(&enquiry);
    free(decisions);
    ops_verdict_release(&verdict);
    tf_entity_release(&found.entity);
    json_decref(found.decisions);
    return op_none(work, rc);
}

static enum tf_status check_run(struct party_act *act, const struct line_context *c)
{
    return check_with((struct op_work *)act, c, NULL);
}

static enum tf_status options_run(struct party_act *act, const struct line_context *c)
{
    static const struct tf_option_limits limits = {.max_options = 8};
    return check_with((struct op_work *)act, c, &limits);
}

/* --- repeat
 * -----------------------------------------------------------------------------------------------
 */

static bool take_copy(void *ctx, const char *id, const struct ops_verdict *verdict,
                      const struct tf_fault *fault)
{
    struct op_work *work = ctx;
    char text[512];
    const char *state = !verdict || !verdict->is_applied                  ? "draft"
                        : verdict->outcome > OPS_NOTE || verdict->is_held ? "submitted"
                                                                          : "accepted";
    if (fault)
        tf_fault_text(fault, say_tr(fault->message), text, sizeof text);
    work->counts[fault ? OPS_REFUSED : OPS_ADDED]++;
    work->has_conflicts = work->has_conflicts || (verdict && verdict->outcome > OPS_NOTE);
    if (work->args->party.json) {
        tf_buf_text(work->out, work->shown++ ? ",{\"id\":" : "{\"id\":");
        tf_buf_json(work->out, id);
        tf_buf_printf(work->out, ",\"outcome\":\"%s\",\"message\":", fault ? "refused" : state);
        tf_buf_json(work->out, fault ? text : "");
        tf_buf_char(work->out, '}');
    } else {
        say_safe(work->out, id);
        tf_buf_printf(work->out, ": %s\n", fault ? text : say_tr(state));
    }
    return true;
}

static bool take_days(const struct words *words, unsigned *days)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (size_t i = 0; i < words->count; i++) {
        size_t day = 0;
        while (day < 7 && strcmp(words->items[i], names[day]) != 0)
            day++;
        if (day == 7)
            return false;
        *days |= 1u << day;
    }
    return true;
}

static enum tf_status repeat_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    const struct op_args *args = work->args;
    struct ops_repeat repeat = {.id = work->id,
                                .every_ns = args->every_ns ? args->every_ns : TF_DAY_NS,
                                .until_ns = args->until_ns,
                                .count = args->count,
                                .submits = args->submits};
    enum tf_status rc = op_begin(work, "planner");
    if (!rc && !take_days(&args->days, &repeat.weekdays))
        return tf_fault_set(&act->fault, TF_SYNTAX, TF_NO_INDEX, "--days",
                            TF_TEXT("days are mon, tue, wed, thu, fri, sat, sun"), NULL, NULL,
                            NULL);
    if (args->party.json)
        tf_buf_text(work->out, "{\"rows\":[");
    if (!rc)
        rc = ops_repeat(work->ops, c, &repeat, &work->who, take_copy, work, &act->fault);
    if (args->party.json)
        tf_buf_text(work->out, "]}\n");
    return op_told(work, c, op_none(work, rc));
}

/* --- the commands
 * ---------------------------------------------------------------------------------------------- */

static bool list_declared(void *ctx, const struct ops_declaration *one)
{
    struct op_work *work = ctx;
    if (work->args->party.json) {
        work->shown++;
        ops_print_declaration(work->out, one);
        return tf_buf_status(work->out) == TF_OK;
    }
    table_cell(work->table, TABLE_BOLD, one->id);
    table_cell(work->table, TABLE_PLAIN, one->is_own ? one->own_id : "");
    table_cell(work->table, TABLE_PLAIN, memo_disclosure_name(one->disclosure));
    table_cell(work->table, one->is_old ? TABLE_YELLOW : TABLE_PLAIN,
               one->is_withdrawn ? TR("withdrawn")
               : one->is_old     ? TR("old")
                                 : "");
    op_time_cell(work->table, one->at_us);
    table_cell(work->table, TABLE_PLAIN, one->line);
    return true;
}

static enum tf_status declared_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"declarations\":[");
    return rc ? rc
              : ops_declaration_each(work->ops, c, NULL, work->args->all, "declarations",
                                     list_declared, work);
}

static enum tf_status disown_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_disown(work->ops, c, work->id, &work->who, &act->fault);
    if (!rc && work->args->party.json) {
        tf_buf_text(work->out, "{\"id\":");
        tf_buf_json(work->out, work->id);
        tf_buf_text(work->out, ",\"withdrawn\":true}\n");
    } else if (!rc) {
        tf_buf_printf(work->out, "%s: %s\n", work->id, TR("withdrawn"));
    }
    return op_told(work, c, rc);
}

static const char *case_word(enum case_stage stage)
{
    static const char *const words[CASE_STAGE_COUNT] = {
        [CASE_OPEN] = TF_TEXT("open"),           [CASE_PROPOSED] = TF_TEXT("proposed"),
        [CASE_COUNTERED] = TF_TEXT("countered"), [CASE_AGREED] = TF_TEXT("agreed"),
        [CASE_RESOLVED] = TF_TEXT("resolved"),   [CASE_OVERTAKEN] = TF_TEXT("overtaken"),
        [CASE_ESCALATED] = TF_TEXT("escalated")};
    return say_tr(words[stage]);
}

static bool list_case(void *ctx, const struct ops_case *one)
{
    struct op_work *work = ctx;
    if (work->args->party.json) {
        work->shown++;
        ops_print_case(work->out, one);
        return tf_buf_status(work->out) == TF_OK;
    }
    table_cell(work->table, TABLE_BOLD, one->id);
    table_cell(work->table, one->is_open ? TABLE_RED : TABLE_PLAIN,
               case_word((enum case_stage)one->stage));
    table_cell(work->table, TABLE_PLAIN, one->own_id);
    table_cell(work->table, TABLE_PLAIN, one->other_id);
    op_time_cell(work->table, one->opened_us);
    op_time_cell(work->table, one->changed_us);
    return true;
}

static enum tf_status cases_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"cases\":[");
    return rc ? rc : ops_case_each(work->ops, c, work->args->all, 10000, list_case, work);
}

/* Each shows the case as it is afterwards, as JSON. */
static enum tf_status end_case(struct op_work *work, const struct line_context *c,
                               enum tf_status rc)
{
    if (!rc)
        rc = ops_case_show(work->ops, c, work->id, work->out);
    tf_buf_char(work->out, '\n');
    return rc;
}

static enum tf_status case_show_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    return end_case(work, c, op_begin(work, "viewer"));
}

static enum tf_status case_options_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "planner");
    if (!rc)
        rc = ops_case_options(work->ops, c, work->id, work->out, &act->fault);
    tf_buf_char(work->out, '\n');
    return rc;
}

static enum tf_status case_propose_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    const struct case_proposal proposal = {.id = work->id,
                                           .option =
                                               work->args->option ? (int64_t)work->args->option : 1,
                                           .counters = work->args->of,
                                           .expires_s = work->args->every_ns / TF_SECOND_NS};
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_case_propose(work->ops, c, &proposal, &work->who, &act->fault);
    return end_case(work, c, op_told(work, c, rc));
}

static enum tf_status case_answer(struct op_work *work, const struct line_context *c, bool agrees)
{
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_case_answer(work->ops, c, work->id, agrees, work->args->of, &work->who,
                             &work->act.fault);
    return end_case(work, c, op_told(work, c, rc));
}

static enum tf_status case_agree_run(struct party_act *act, const struct line_context *c)
{
    return case_answer((struct op_work *)act, c, true);
}

static enum tf_status case_decline_run(struct party_act *act, const struct line_context *c)
{
    return case_answer((struct op_work *)act, c, false);
}

#define COMMAND(function, title, arguments, deed, run_it, finish, columns, tables_of, usage, text) \
    static int run_##function(const struct command *self, int argc, char **argv)                   \
    {                                                                                              \
        return op_run(self, argc, argv, arguments, OPS_OPERATION, deed, run_it, finish, columns);  \
    }                                                                                              \
    static const struct command op_##function = {.name = "op " title,                              \
                                                 .summary = text,                                  \
                                                 .synopsis = usage,                                \
                                                 .tables = tables_of,                              \
                                                 .run = run_##function}
#define ACT(function, title, deed, text)                                                           \
    COMMAND(function, title, 1, deed, act_run, NULL, 1, act_tables, "ID", text)

COMMAND(import, "import", 1, OPS_ACT_CHANGE, op_import_run, op_import_end, 1, file_tables, "FILE",
        TF_TEXT("Registers what a file has, with a result for each feature."));
COMMAND(list, "list", 0, OPS_ACT_END, list_run, op_list_end, 7, list_tables, "",
        TF_TEXT("Lists the operations."));
COMMAND(show, "show", 1, OPS_ACT_END, show_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows an operation, as JSON."));
COMMAND(history, "history", 1, OPS_ACT_END, history_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows every version of an operation, as JSON."));
COMMAND(check, "check", 1, OPS_ACT_END, check_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows what is in the way of an operation."));
COMMAND(options, "options", 1, OPS_ACT_END, options_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows what is in the way of an operation, and ways out."));
COMMAND(repeat, "repeat", 1, OPS_ACT_END, repeat_run, NULL, 1, repeat_tables, "ID --count N",
        TF_TEXT("Copies an operation, each time later."));
COMMAND(declared, "declared", 0, OPS_ACT_END, declared_run, op_list_end, 6, case_tables, "",
        TF_TEXT("Lists what was declared over lines, both ways."));
COMMAND(disown, "disown", 1, OPS_ACT_END, disown_run, NULL, 1, disown_tables, "ID --reason TEXT",
        TF_TEXT("Withdraws a declaration that the register lost by a restore."));
COMMAND(cases, "cases", 0, OPS_ACT_END, cases_run, op_list_end, 6, case_tables, "",
        TF_TEXT("Lists the conflicts with what others declared over lines."));
COMMAND(case_show, "case show", 1, OPS_ACT_END, case_show_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows a case with all that was said about it, as JSON."));
COMMAND(case_options, "case options", 1, OPS_ACT_END, case_options_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows ways out for this party's operation of a case, as JSON."));
COMMAND(case_propose, "case propose", 1, OPS_ACT_END, case_propose_run, NULL, 1, propose_tables,
        "ID", TF_TEXT("Proposes to the other side to move this party's operation."));
COMMAND(case_agree, "case agree", 1, OPS_ACT_END, case_agree_run, NULL, 1, answer_tables, "ID",
        TF_TEXT("Agrees to a proposal of the other side; this binds both."));
COMMAND(case_decline, "case decline", 1, OPS_ACT_END, case_decline_run, NULL, 1, answer_tables,
        "ID", TF_TEXT("Declines a proposal of the other side."));
static const struct command *const case_children[] = {
    &op_case_show, &op_case_options, &op_case_propose, &op_case_agree, &op_case_decline, NULL};
static const struct flag_table case_own_tables[] = {COMMON_TABLE, {.count = 0}};
static const struct command op_case = {
    .name = "op case",
    .summary = TF_TEXT("Settles a conflict with the other side of a line."),
    .synopsis = "COMMAND ...",
    .tables = case_own_tables,
    .run = command_run_child,
    .children = case_children,
};
ACT(submit, "submit", OPS_ACT_SUBMIT,
    TF_TEXT("Submits a draft: it is checked, and accepted or waits for decisions."));
ACT(accept, "accept", OPS_ACT_ACCEPT, TF_TEXT("Decides upon a submitted operation."));
ACT(recall, "recall", OPS_ACT_RECALL, TF_TEXT("Makes a submitted operation a draft again."));
ACT(hold, "hold", OPS_ACT_HOLD,
    TF_TEXT("Takes an acceptance back: the operation has to be decided upon anew."));
ACT(activate, "activate", OPS_ACT_ACTIVATE, TF_TEXT("Says that it begins; it is checked again."));
ACT(depart, "depart", OPS_ACT_DEPART, TF_TEXT("Says that it is outside of what was accepted."));
ACT(recover, "recover", OPS_ACT_RECOVER, TF_TEXT("Says that it is back inside."));
ACT(lose, "lose", OPS_ACT_LOSE, TF_TEXT("Says that it cannot be brought back."));
ACT(end, "end", OPS_ACT_END, TF_TEXT("Says that it is over."));
ACT(withdraw, "withdraw", OPS_ACT_WITHDRAW, TF_TEXT("Withdraws what has not begun."));

static const struct command *const children[] = {
    &op_add,    &op_import,   &op_list,    &op_show,     &op_history, &op_submit,  &op_accept,
    &op_recall, &op_hold,     &op_check,   &op_options,  &op_case,    &op_cases,   &op_declared,
    &op_disown, &op_position, &op_repeat,  &op_activate, &op_depart,  &op_recover, &op_lose,
    &op_end,    &op_withdraw, &op_reports, &op_report,   NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_op = {
    .name = "op",
    .summary = TF_TEXT("Keeps a party's operations: registers, checks, submits them."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
