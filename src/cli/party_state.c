/*
 * party_state.c - a party's files and database, opened by a command.
 *
 * A command and a running node may have the database open at the same time: each act is one
 * serialisable transaction of either, and the node looks for what others have written.
 */
#include "cli/party_state.h"

#include "cli/readers.h"
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 12, PASSPHRASE_SIZE = 1024 };

const struct flag party_flags[PARTY_FLAG_COUNT] = {
    {"state-dir", 0, "DIR", &text_reader, offsetof(struct party_args, state_dir),
     TF_TEXT("the node's state directory, where the party's key is")},
    {"party-database", 0, "WHERE", &text_reader, offsetof(struct party_args, database),
     TF_TEXT("the party's database: a file, or a connection string (party.db there)")},
    {"passphrase-file", 0, "FILE", &text_reader, offsetof(struct party_args, passphrase_file),
     TF_TEXT("file with the passphrase of the party's key")},
    {"actor", 0, "NAME", &text_reader, offsetof(struct party_args, actor),
     TF_TEXT("who acts, for the ledger (the name you are logged in by)")},
    {"json", 0, NULL, NULL, offsetof(struct party_args, json), TF_TEXT("print JSON")},
};

const char *party_setting(const char *flag, const char *variable)
{
    if (flag && *flag)
        return flag;
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

bool party_is_there(const char *dir)
{
    char path[STATE_PATH_SIZE];
    return state_path(dir, "party.key", path) && access(path, F_OK) == 0;
}

bool party_first_line(const char *path, char *out, size_t size)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    bool good = file && fgets(out, (int)size, file);
    if (good)
        out[strcspn(out, "\r\n")] = '\0';
    if (file && !is_stdin)
        fclose(file);
    if (!good || !*out)
        say_complain(TR("%1: there is no first line to be read"), path, NULL);
    return good && *out;
}

bool party_read_key(const char *dir, const char *passphrase_file, struct key_secret **out)
{
    char path[STATE_PATH_SIZE];
    return state_path(dir, "party.key", path) && party_read_key_file(path, passphrase_file, out);
}

bool party_read_key_file(const char *path, const char *passphrase_file, struct key_secret **out)
{
    char passphrase[PASSPHRASE_SIZE] = "";
    struct tf_buf text = TF_BUF_INIT(65536);
    bool good =
        state_read(path, &text) &&
        (!passphrase_file || party_first_line(passphrase_file, passphrase, sizeof passphrase));
    if (good) {
        enum tf_status rc =
            key_read(text.data ? text.data : "", text.len, *passphrase ? passphrase : NULL, out);
        good = rc == TF_OK;
        if (rc == TF_MISSING)
            say_complain(TR("%1 is sealed: --passphrase-file is needed"), path, NULL);
        else if (rc == TF_NOT_FOUND)
            say_complain(TR("the passphrase does not open %1"), path, NULL);
        else if (rc)
            say_complain(TR("%1 is not a key file"), path, NULL);
    }
    sodium_memzero(passphrase, sizeof passphrase);
    if (text.data)
        sodium_memzero(text.data, text.len);
    tf_buf_release(&text);
    return good;
}

bool party_read_card(const char *dir, struct card *out)
{
    char path[STATE_PATH_SIZE];
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX + 1);
    struct tf_fault fault = {.message = NULL};
    bool good = state_path(dir, "party.card", path) && state_read(path, &text);
    if (good) {
        enum tf_status rc = card_read(text.data ? text.data : "", text.len, out, &fault);
        good = rc == TF_OK;
        if (rc)
            party_complain(rc, &fault);
    }
    tf_buf_release(&text);
    return good;
}

bool party_database_name(const char *dir, const char *configured, char out[STATE_PATH_SIZE])
{
    if (!configured)
        return state_path(dir, "party.db", out);
    if (snprintf(out, STATE_PATH_SIZE, "%s", configured) < STATE_PATH_SIZE)
        return true;
    say_complain(TR("--party-database is too long"), NULL);
    return false;
}

static void name_actor(struct party_state *state)
{
    const struct passwd *user = state->args->actor ? NULL : getpwuid(getuid());
    const char *name = state->args->actor ? state->args->actor : user ? user->pw_name : "?";
    snprintf(state->actor, sizeof state->actor, "%.64s (cli)", name);
}

bool party_state_keys(struct party_state *state, const struct party_args *args)
{
    *state = (struct party_state){.args = args};
    if (sodium_init() < 0 || !state_name(args->state_dir, state->dir))
        return false;
    if (!party_is_there(state->dir)) {
        say_complain(TR("there is no party in %1 yet: tafadi party init makes one"), state->dir,
                     NULL);
        return false;
    }
    name_actor(state);
    const char *passphrase = party_setting(args->passphrase_file, "TAFADI_PASSPHRASE_FILE");
    if (!party_read_key(state->dir, passphrase, &state->key) ||
        !party_read_card(state->dir, &state->card))
        return false;
    struct key_public own = key_public_of(state->key);
    if (memcmp(own.bytes, state->card.key.bytes, sizeof own.bytes) == 0)
        return true;
    say_complain(TR("party.card and party.key in %1 do not fit each other"), state->dir, NULL);
    return false;
}

bool party_state_open(struct party_state *state, const struct party_args *args)
{
    char why[SQL_WHY_SIZE] = "";
    if (!party_state_keys(state, args) ||
        !party_database_name(state->dir, party_setting(args->database, "TAFADI_PARTY_DATABASE"),
                             state->database))
        return false;
    enum tf_status rc = sql_open(state->database, &state->sql, why);
    if (!rc)
        rc = party_prepare(state->sql, why);
    if (!rc)
        rc = ledger_open(state->sql, state->card.ledger, state->key, &state->ledger, why);
    if (!rc)
        rc = ops_new(&state->ops);
    if (!rc)
        ops_extensions(state->ops, state->extensions);
    if (rc)
        say_complain(TR("the party's database: %1"), why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

void party_state_close(struct party_state *state)
{
    ops_free(state->ops);
    ledger_close(state->ledger);
    sql_close(state->sql);
    key_free(state->key);
    *state = (struct party_state){.sql = NULL};
}

void party_complain(enum tf_status rc, const struct tf_fault *fault)
{
    char text[512];
    const char *message =
        rc == TF_NOT_FOUND ? TR("there is no such line, party or message") : tf_status_text(rc);
    if (fault && fault->message) {
        tf_fault_text(fault, TR(fault->message), text, sizeof text);
        message = text;
    }
    if (fault && fault->message && fault->field[0])
        say_complain("%1: %2", fault->field, message, NULL);
    else
        say_complain("%1", message, NULL);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum tf_status attempt(struct party_state *state, struct party_act *act)
{
    struct line_context c = {.sql = state->sql,
                             .ledger = state->ledger,
                             .key = state->key,
                             .card = state->card,
                             .now_us = now_us(),
                             .actor = state->actor,
                             .extensions = state->extensions,
                             .extension_count = OPS_EXTENSIONS};
    enum tf_status rc = sql_begin(state->sql);
    if (rc)
        return rc;
    act->fault.message = NULL;
    rc = act->run(act, &c);
    if (rc)
        sql_rollback(state->sql);
    else
        rc = sql_commit(state->sql);
    if (rc)
        ledger_forget(state->ledger);
    return rc;
}

/* Busy: the node, or the next command, does it. Unsupported: another key has just taken over. */
void party_sign(struct sql *sql, struct ledger *ledger, int64_t at_us)
{
    enum tf_status rc = ledger_sign(ledger, at_us);
    if (rc && rc != TF_BUSY && rc != TF_UNSUPPORTED)
        say_complain(TR("the ledger's checkpoint could not be signed: %1"), sql_why(sql), NULL);
}

bool party_state_do(struct party_state *state, struct party_act *act)
{
    enum tf_status rc = TF_BUSY;
    size_t shown = act->out ? act->out->len : 0;
    struct table_mark mark = {0};
    if (act->table)
        mark = table_mark(act->table);
    for (int tries = 0; rc == TF_BUSY && tries < TRIES; tries++) {
        struct timespec pause = {.tv_nsec = tries * 20000000L};
        nanosleep(&pause, NULL);
        if (tries > 0 && act->out && act->out->len > shown)
            tf_buf_cut(act->out, shown);
        if (tries > 0 && act->table)
            table_cut(act->table, mark);
        rc = attempt(state, act);
    }
    if (rc) {
        party_complain(rc, &act->fault);
        state->is_usage = act->fault.message && strncmp(act->fault.field, "--", 2) == 0;
        return false;
    }
    party_sign(state->sql, state->ledger, now_us());
    return true;
}

int party_state_code(const struct party_state *state)
{
    return state->is_usage ? EXIT_USAGE : EXIT_ERROR;
}
