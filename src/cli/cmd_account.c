/*
 * cmd_account.c - `tafadi account`: a party's operators and the tokens of their programs.
 */
#include "cli/command.h"

#include "cli/output.h"
#include "cli/party_init.h"
#include "cli/readers.h"
#include "cli/table.h"
#include "cli/word_readers.h"
#include "desk/print.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct account_args {
    struct common_args common;
    struct party_args party;
    const char *roles, *title, *password_file;
    int64_t lifetime_ns;
};

#define ROLES_FLAG                                                                                 \
    {                                                                                              \
        "roles", 0, "ROLES", &roles_reader, offsetof(struct account_args, roles),                  \
            TF_TEXT("viewer, planner, duty-officer, head-of-cell, admin; commas between them")     \
    }
#define PASSWORD_FLAG                                                                              \
    {                                                                                              \
        "password-file", 0, "FILE", &text_reader, offsetof(struct account_args, password_file),    \
            TF_TEXT("file with the password (one is made and printed)")                            \
    }
static const struct flag add_flags[] = {
    ROLES_FLAG,
    {"title", 0, "TEXT", &text_reader, offsetof(struct account_args, title),
     TF_TEXT("the operator's name for people")},
    PASSWORD_FLAG,
};
static const struct flag password_flags[] = {PASSWORD_FLAG};
static const struct flag token_flags[] = {
    ROLES_FLAG,
    {"title", 0, "TEXT", &text_reader, offsetof(struct account_args, title),
     TF_TEXT("what the token is for")},
    {"lifetime", 0, "TIME", &duration_reader, offsetof(struct account_args, lifetime_ns),
     TF_TEXT("how long it is valid (90 days)")},
};
#define TABLES(name, flags)                                                                        \
    static const struct flag_table name[] = {FLAG_TABLE(TF_TEXT("Operator"), flags, 0),            \
                                             PARTY_TABLE(offsetof(struct account_args, party)),    \
                                             COMMON_TABLE,                                         \
                                             {.count = 0}}
TABLES(add_tables, add_flags);
TABLES(password_tables, password_flags);
TABLES(token_tables, token_flags);
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(offsetof(struct account_args, party)), COMMON_TABLE, {.count = 0}};

/* One act of these commands. */
struct work {
    struct party_act act; /* first */
    const struct account_args *args;
    const char *name, *secret; /* secret: what was made and is printed once */
    struct account account;
    struct tf_buf *out;
    struct table table;
    unsigned roles;
    char token[ACCOUNT_SECRET_SIZE];
};

static bool parse_roles(const char *text, unsigned *roles)
{
    const char *bad;
    if (account_roles_parse(text, roles, &bad))
        return true;
    say_complain(TR("there is no role \"%1\": viewer, planner, duty-officer, head-of-cell, admin"),
                 bad, NULL);
    return false;
}

/* The hash of a password that is given, or made. Slow on purpose, so not in the transaction. */
static bool take_password(struct work *w, char password[ACCOUNT_PASSWORD_MAX + 2])
{
    const char *file = w->args->password_file;
    if (file && !party_first_line(file, password, ACCOUNT_PASSWORD_MAX + 2))
        return false;
    if (!file) {
        party_make_password(password);
        w->secret = password;
    }
    enum tf_status rc = account_hash(password, strlen(password), false, w->account.hash);
    if (rc == TF_RANGE)
        say_complain(TR("a password has 10 to 256 bytes"), NULL);
    else if (rc)
        party_complain(rc, NULL);
    return rc == TF_OK;
}

static void print_account(struct work *w)
{
    const char *name = w->account.name;
    if (w->args->party.json) {
        tf_buf_char(w->out, '{');
        tf_put_text(w->out, "name", name);
        tf_put_text(w->out, "password", w->secret);
        tf_buf_text(w->out, "}\n");
    } else if (w->secret) {
        say_fill(w->out,
                 TR("%1 has the password %2, which must be changed at the first log-in and is not "
                    "shown again."),
                 name, w->secret, NULL);
        tf_buf_char(w->out, '\n');
    }
}

/* --- add, password, disable, enable -------------------------------------------------------- */

static enum tf_status add_run(struct party_act *act, const struct line_context *c)
{
    struct work *w = (struct work *)act;
    struct account old;
    enum tf_status rc = account_find(c, w->account.name, &old);
    if (rc == TF_OK)
        return tf_fault_set(&act->fault, TF_EXISTS, TF_NO_INDEX, "name",
                            TF_TEXT("there is an operator \"%1\" already"), old.name, NULL, NULL);
    return rc == TF_NOT_FOUND ? account_put(c, &w->account, &act->fault) : rc;
}

static bool add(struct work *w, struct party_state *state)
{
    char password[ACCOUNT_PASSWORD_MAX + 2];
    const struct account_args *args = w->args;
    if (!args->roles) {
        say_complain(TR("--roles is needed"), NULL);
        return false;
    }
    if (strlen(w->name) >= sizeof w->account.name)
        w->name = "";
    snprintf(w->account.name, sizeof w->account.name, "%s", w->name);
    snprintf(w->account.title, sizeof w->account.title, "%s", args->title ? args->title : "");
    w->act.run = add_run;
    bool good = parse_roles(args->roles, &w->account.roles) && take_password(w, password);
    w->account.must_change = w->secret;
    good = good && party_state_do(state, &w->act);
    if (good)
        print_account(w);
    sodium_memzero(password, sizeof password);
    return good;
}

/* What is there, changed in one point. */
static enum tf_status change(struct work *w, const struct line_context *c,
                             void (*what)(struct account *account, const struct account *wanted))
{
    struct account account;
    enum tf_status rc = account_find(c, w->name, &account);
    if (rc == TF_NOT_FOUND)
        return tf_fault_set(&w->act.fault, rc, TF_NO_INDEX, "name",
                            TF_TEXT("there is no operator \"%1\""), w->name, NULL, NULL);
    if (rc)
        return rc;
    account.hash[0] = '\0'; /* as before */
    what(&account, &w->account);
    return account_put(c, &account, &w->act.fault);
}

static void set_password(struct account *account, const struct account *wanted)
{
    memcpy(account->hash, wanted->hash, sizeof account->hash);
    account->must_change = wanted->must_change;
}

static void set_disabled(struct account *account, const struct account *wanted)
{
    account->is_disabled = wanted->is_disabled;
}

static enum tf_status password_run(struct party_act *act, const struct line_context *c)
{
    return change((struct work *)act, c, set_password);
}

static enum tf_status disabled_run(struct party_act *act, const struct line_context *c)
{
    return change((struct work *)act, c, set_disabled);
}

static bool change_password(struct work *w, struct party_state *state)
{
    char password[ACCOUNT_PASSWORD_MAX + 2];
    w->act.run = password_run;
    snprintf(w->account.name, sizeof w->account.name, "%.64s", w->name);
    bool good = take_password(w, password);
    w->account.must_change = w->secret;
    good = good && party_state_do(state, &w->act);
    if (good)
        print_account(w);
    sodium_memzero(password, sizeof password);
    return good;
}

static bool disable(struct work *w, struct party_state *state)
{
    w->act.run = disabled_run;
    w->account.is_disabled = true;
    return party_state_do(state, &w->act);
}

static bool enable(struct work *w, struct party_state *state)
{
    w->act.run = disabled_run;
    return party_state_do(state, &w->act);
}

/* --- list --------------------------------------------------------------------------------------
 */

static bool list_one(void *ctx, const struct account *account)
{
    struct work *w = ctx;
    char roles[96];
    if (w->args->party.json)
        return desk_visit_account(w->out, account);
    account_roles_print(account->roles, roles);
    table_cell(&w->table, TABLE_BOLD, account->name);
    table_cell(&w->table, TABLE_PLAIN, account->title);
    table_cell(&w->table, TABLE_PLAIN, roles);
    table_cell(&w->table, TABLE_PLAIN, account->is_disabled ? TR("disabled") : "");
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct work *w = (struct work *)act;
    tf_buf_clear(w->out);
    tf_buf_text(w->out, w->args->party.json ? "{\"operators\":[" : "");
    return account_each(c, list_one, w);
}

/* A list is there: its end, or its table. */
static bool close_list(struct work *w)
{
    if (!w->args->party.json)
        return table_print(&w->table, output_has_colour(), false, w->out) == TF_OK;
    tf_buf_text(w->out, "]}\n");
    return true;
}

static bool list(struct work *w, struct party_state *state)
{
    w->act.run = list_run;
    return party_state_do(state, &w->act) && close_list(w);
}

/* --- tokens --------------------------------------------------------------------------------------
 */

static enum tf_status token_run(struct party_act *act, const struct line_context *c)
{
    struct work *w = (struct work *)act;
    int64_t lifetime_us = w->args->lifetime_ns / 1000;
    return account_token_make(c, w->name, w->args->title ? w->args->title : "command line",
                              w->roles, c->now_us + lifetime_us, w->token, &act->fault);
}

static bool make_token(struct work *w, struct party_state *state)
{
    w->act.run = token_run;
    if (!w->args->roles) {
        say_complain(TR("--roles is needed"), NULL);
        return false;
    }
    if (!parse_roles(w->args->roles, &w->roles) || !party_state_do(state, &w->act))
        return false;
    if (w->args->party.json)
        tf_buf_printf(w->out, "{\"token\":\"%s\"}\n", w->token);
    else
        tf_buf_printf(w->out, "%s\n", w->token);
    return true;
}

static bool list_token(void *ctx, const struct account_token *token)
{
    struct work *w = ctx;
    char roles[96], until[TF_TIME_TEXT_SIZE];
    if (w->args->party.json)
        return desk_visit_token(w->out, token);
    account_roles_print(token->roles, roles);
    tf_time_format(token->expires_us * 1000, until);
    table_cell(&w->table, TABLE_BOLD, token->id);
    table_cell(&w->table, TABLE_PLAIN, token->name);
    table_cell(&w->table, TABLE_PLAIN, roles);
    table_cell(&w->table, TABLE_PLAIN, until);
    table_cell(&w->table, TABLE_PLAIN, token->title);
    return true;
}

static enum tf_status tokens_run(struct party_act *act, const struct line_context *c)
{
    struct work *w = (struct work *)act;
    tf_buf_clear(w->out);
    tf_buf_text(w->out, w->args->party.json ? "{\"tokens\":[" : "");
    return account_token_each(c, list_token, w);
}

static bool list_tokens(struct work *w, struct party_state *state)
{
    w->act.run = tokens_run;
    w->table.columns = 5;
    return party_state_do(state, &w->act) && close_list(w);
}

static enum tf_status revoke_run(struct party_act *act, const struct line_context *c)
{
    struct work *w = (struct work *)act;
    enum tf_status rc = account_token_revoke(c, w->name);
    return rc == TF_NOT_FOUND
               ? tf_fault_set(&act->fault, rc, TF_NO_INDEX, "id",
                              TF_TEXT("there is no token \"%1\""), w->name, NULL, NULL)
               : rc;
}

static bool revoke(struct work *w, struct party_state *state)
{
    w->act.run = revoke_run;
    return party_state_do(state, &w->act);
}

/* --- the commands
 * ---------------------------------------------------------------------------------- */

static int run_with(const struct command *self, int argc, char **argv, size_t words,
                    bool (*act)(struct work *w, struct party_state *state))
{
    struct account_args args = {.lifetime_ns = 90 * TF_DAY_NS};
    struct party_state state = {.sql = NULL};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 26);
    struct work w = {.act.out = &out, .args = &args, .out = &out, .table = TABLE_INIT(4)};
    w.act.table = &w.table;
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        w.name = words && rest.count ? rest.items[0] : NULL;
        if (rest.count != words)
            code = command_usage_error(self);
        else if (party_state_open(&state, &args.party) && act(&w, &state) && output_print(&out))
            code = EXIT_NONE;
        else
            code = party_state_code(&state);
    }
    party_state_close(&state);
    table_release(&w.table);
    sodium_memzero(w.token, sizeof w.token);
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

#define COMMAND(function, title, count, act_of, tables_of, usage, text)                            \
    static int run_##function(const struct command *self, int argc, char **argv)                   \
    {                                                                                              \
        return run_with(self, argc, argv, count, act_of);                                          \
    }                                                                                              \
    static const struct command account_##function = {.name = "account " title,                    \
                                                      .summary = text,                             \
                                                      .synopsis = usage,                           \
                                                      .tables = tables_of,                         \
                                                      .run = run_##function}
COMMAND(add, "add", 1, add, add_tables, "NAME --roles ROLES", TF_TEXT("Adds an operator."));
COMMAND(list, "list", 0, list, plain_tables, "", TF_TEXT("Lists the operators."));
COMMAND(disable, "disable", 1, disable, plain_tables, "NAME",
        TF_TEXT("Ends an operator's sessions and tokens, and lets nobody in by that name."));
COMMAND(enable, "enable", 1, enable, plain_tables, "NAME", TF_TEXT("Lets an operator in again."));
COMMAND(password, "password", 1, change_password, password_tables, "NAME [--password-file FILE]",
        TF_TEXT("Gives an operator a new password."));
COMMAND(token, "token", 1, make_token, token_tables, "NAME --roles ROLES",
        TF_TEXT("Makes a token for a program that acts for an operator."));
COMMAND(tokens, "tokens", 0, list_tokens, plain_tables, "", TF_TEXT("Lists the tokens."));
COMMAND(revoke, "revoke", 1, revoke, plain_tables, "ID", TF_TEXT("Ends a token."));

static const struct command *const children[] = {
    &account_add,    &account_list,     &account_disable,
    &account_enable, &account_password, &account_token,
    &account_tokens, &account_revoke,   NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_account = {
    .name = "account",
    .summary = TF_TEXT("Keeps a party's operators, their roles and passwords, and tokens."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
