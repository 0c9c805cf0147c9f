/*
 * cmd_zone.c - `tafadi zone`: areas that are closed, restricted or to be known, from the files that
 * they are published in.
 */
#include "cli/op_work.h"

#include "cli/output.h"
#include "cli/table.h"

static const struct flag file_flags[] = {OP_REPLACE_FLAG, OP_ALL_FLAG, OP_ROLE_FLAG};
static const struct flag withdraw_flags[] = {OP_REASON_FLAG, OP_MATCH_FLAG, OP_ROLE_FLAG};
static const struct flag_table file_tables[] = {FLAG_TABLE(TF_TEXT("Zones"), file_flags, 0),
                                                INPUT_TABLE(OP(input)),
                                                PARTY_TABLE(OP(party)),
                                                COMMON_TABLE,
                                                {.count = 0}};
static const struct flag_table withdraw_tables[] = {FLAG_TABLE(TF_TEXT("Zones"), withdraw_flags, 0),
                                                    PARTY_TABLE(OP(party)),
                                                    COMMON_TABLE,
                                                    {.count = 0}};
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(OP(party)), COMMON_TABLE, {.count = 0}};

/* --- list, show --------------------------------------------------------------------------- */

static bool list_one(void *ctx, const struct ops_record *record)
{
    struct op_work *work = ctx;
    struct tf_entity entity = {0};
    if (work->args->party.json) {
        work->shown++;
        ops_print_record(work->out, record, false);
        return tf_buf_status(work->out) == TF_OK;
    }
    enum tf_status rc = ops_entity_of(record, &entity);
    table_cell(work->table, TABLE_BOLD, record->id);
    table_cell(work->table, TABLE_PLAIN, record->name);
    table_cell(work->table, TABLE_PLAIN,
               rc ? "?" : say_tr(tf_restriction_word(entity.restriction)));
    op_time_cell(work->table, record->start_us);
    op_time_cell(work->table, record->end_us);
    table_cell(work->table, TABLE_PLAIN, op_state(record->state));
    table_cell(work->table, TABLE_PLAIN, record->etag);
    tf_entity_release(&entity);
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    const struct ops_filter filter = {.owner = "", .class = OPS_ZONE, .limit = 10000};
    enum tf_status rc = op_begin(work, "viewer");
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"zones\":[");
    return rc ? rc : ops_each(work->ops, c, &filter, list_one, work);
}

static enum tf_status show_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "viewer");
    if (!rc)
        rc = ops_find(work->ops, c, "", OPS_ZONE, work->id, op_show_one, work);
    tf_buf_char(work->out, '\n');
    return op_none(work, rc);
}

static enum tf_status withdraw_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    const struct ops_deed deed = {
        .class = OPS_ZONE, .id = work->id, .act = OPS_ACT_WITHDRAW, .if_match = work->args->match};
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_act(work->ops, c, &deed, &work->who, &verdict, &written, &act->fault);
    if (!rc)
        op_print_written(work, &written, true);
    if (!rc && work->args->party.json)
        tf_buf_text(work->out, "null}\n");
    ops_verdict_release(&verdict);
    return op_told(work, c, op_none(work, rc));
}

#define COMMAND(function, title, arguments, deed, run_it, finish, columns, tables_of, usage, text) \
    static int run_##function(const struct command *self, int argc, char **argv)                   \
    {                                                                                              \
        return op_run(self, argc, argv, arguments, OPS_ZONE, deed, run_it, finish, columns);       \
    }                                                                                              \
    static const struct command zone_##function = {.name = "zone " title,                          \
                                                   .summary = text,                                \
                                                   .synopsis = usage,                              \
                                                   .tables = tables_of,                            \
                                                   .run = run_##function}
COMMAND(import, "import", 1, OPS_ACT_CHANGE, op_import_run, op_import_end, 1, file_tables, "FILE",
        TF_TEXT("Registers the zones of a file, with a result for each."));
COMMAND(list, "list", 0, OPS_ACT_END, list_run, op_list_end, 7, plain_tables, "",
        TF_TEXT("Lists the zones, also those that were withdrawn."));
COMMAND(show, "show", 1, OPS_ACT_END, show_run, NULL, 1, plain_tables, "ID",
        TF_TEXT("Shows a zone, as JSON."));
COMMAND(withdraw, "withdraw", 1, OPS_ACT_END, withdraw_run, NULL, 1, withdraw_tables,
        "ID --reason TEXT", TF_TEXT("Lifts a zone; it stays in the list."));

static const struct command *const children[] = {&zone_import, &zone_list, &zone_show,
                                                 &zone_withdraw, NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_zone = {
    .name = "zone",
    .summary = TF_TEXT("Keeps the zones that plans are checked against."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
