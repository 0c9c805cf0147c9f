/*
 * cmd_site.c - `tafadi site`: protected places and convoys: lists as the field has them, verified,
 * corrected, withdrawn with a reason.
 */
#include "cli/op_work.h"

#include "cli/output.h"
#include "cli/table.h"
#include <stdio.h>
#include <string.h>

static const struct flag file_flags[] = {OP_REPLACE_FLAG, OP_ALL_FLAG, OP_ROLE_FLAG};
static const struct flag verify_flags[] = {
    {"note", 0, "TEXT", &text_reader, OP(note), TF_TEXT("how it was verified")},
    OP_MATCH_FLAG,
    OP_ROLE_FLAG};
static const struct flag withdraw_flags[] = {OP_REASON_FLAG, OP_MATCH_FLAG, OP_ROLE_FLAG};
static const struct flag_table file_tables[] = {FLAG_TABLE(TF_TEXT("Sites"), file_flags, 0),
                                                INPUT_TABLE(OP(input)),
                                                PARTY_TABLE(OP(party)),
                                                COMMON_TABLE,
                                                {.count = 0}};
static const struct flag_table verify_tables[] = {FLAG_TABLE(TF_TEXT("Sites"), verify_flags, 0),
                                                  PARTY_TABLE(OP(party)),
                                                  COMMON_TABLE,
                                                  {.count = 0}};
static const struct flag_table withdraw_tables[] = {FLAG_TABLE(TF_TEXT("Sites"), withdraw_flags, 0),
                                                    PARTY_TABLE(OP(party)),
                                                    COMMON_TABLE,
                                                    {.count = 0}};
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(OP(party)), COMMON_TABLE, {.count = 0}};

/* --- list, show -------------------------------------------------------------------------- */

static bool list_one(void *ctx, const struct ops_site *site)
{
    struct op_work *work = ctx;
    char text[48];
    if (work->args->party.json) {
        work->shown++;
        ops_print_site(work->out, site, work->id != NULL);
        return tf_buf_status(work->out) == TF_OK;
    }
    table_cell(work->table, TABLE_BOLD, site->record.id);
    table_cell(work->table, TABLE_PLAIN, site->record.name);
    table_cell(work->table, TABLE_PLAIN, ops_site_category_word(site->category));
    snprintf(text, sizeof text, "%.5f, %.5f", site->centre.lat_deg, site->centre.lng_deg);
    table_cell(work->table, TABLE_PLAIN, text);
    table_cell(work->table, TABLE_PLAIN, say_metres(site->extent_m).s);
    table_cell(work->table, site->is_verified ? TABLE_PLAIN : TABLE_YELLOW,
               site->is_verified ? TR("verified") : TR("unverified"));
    table_cell(work->table, TABLE_PLAIN, op_state(site->record.state));
    table_cell(work->table, TABLE_PLAIN, site->record.etag);
    work->shown++;
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct ops_filter filter = {.owner = "", .id = work->id, .limit = 10000};
    enum tf_status rc = op_begin(work, "viewer");
    if (work->args->party.json)
        tf_buf_text(work->out, work->id ? "" : "{\"sites\":[");
    if (!rc)
        rc = ops_site_each(work->ops, c, &filter, work->id ? "read" : "list", list_one, work);
    if (!rc && work->id && work->shown == 0)
        rc = TF_NOT_FOUND;
    return op_none(work, rc);
}

static void list_end(struct op_work *work)
{
    if (work->args->party.json)
        tf_buf_text(work->out, work->id ? "\n" : "]}\n");
    else
        (void)!table_print(work->table, output_has_colour(), false, work->out);
}

/* --- verify, withdraw --------------------------------------------------------------------------
 */

static void print_written(struct op_work *work, const struct ops_written *written)
{
    if (work->args->party.json) {
        tf_buf_text(work->out, "{\"id\":");
        tf_buf_json(work->out, written->id);
        tf_buf_printf(work->out, ",\"state\":\"%s\",\"etag\":\"%s\"}\n",
                      ops_state_word(written->state), written->etag);
        return;
    }
    say_safe(work->out, written->id);
    tf_buf_printf(work->out, ": %s\n", written->etag);
}

static enum tf_status verify_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct ops_written written;
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_site_verify(work->ops, c, work->id, work->args->match, work->args->note,
                             &work->who, &written, &act->fault);
    if (!rc)
        print_written(work, &written);
    return op_told(work, c, op_none(work, rc));
}

static enum tf_status withdraw_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct ops_written written;
    enum tf_status rc = op_begin(work, "planner");
    if (!rc)
        rc = ops_site_withdraw(work->ops, c, work->id, work->args->match, &work->who, &written,
                               &act->fault);
    if (!rc)
        print_written(work, &written);
    return op_told(work, c, op_none(work, rc));
}

#define COMMAND(function, title, arguments, deed, run_it, finish, columns, tables_of, usage, text) \
    static int run_##function(const struct command *self, int argc, char **argv)                   \
    {                                                                                              \
        return op_run(self, argc, argv, arguments, OPS_SITE, deed, run_it, finish, columns);       \
    }                                                                                              \
    static const struct command site_##function = {.name = "site " title,                          \
                                                   .summary = text,                                \
                                                   .synopsis = usage,                              \
                                                   .tables = tables_of,                            \
                                                   .run = run_##function}
COMMAND(import, "import", 1, OPS_ACT_CHANGE, op_import_run, op_import_end, 1, file_tables, "FILE",
        TF_TEXT("Registers a list of sites, with a result for each row."));
COMMAND(list, "list", 0, OPS_ACT_END, list_run, list_end, 8, plain_tables, "",
        TF_TEXT("Lists the sites, also those that were withdrawn."));
COMMAND(show, "show", 1, OPS_ACT_END, list_run, list_end, 8, plain_tables, "ID",
        TF_TEXT("Shows a site."));
COMMAND(verify, "verify", 1, OPS_ACT_END, verify_run, NULL, 1, verify_tables, "ID --note TEXT",
        TF_TEXT("Says that a site was verified, and how."));
COMMAND(withdraw, "withdraw", 1, OPS_ACT_END, withdraw_run, NULL, 1, withdraw_tables,
        "ID --reason TEXT", TF_TEXT("Takes a site back; it stays in the list."));

static const struct command *const children[] = {&site_import, &site_list,     &site_show,
                                                 &site_verify, &site_withdraw, NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_site = {
    .name = "site",
    .summary = TF_TEXT("Keeps the protected places and convoys that plans are checked against."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
