/*
 * party_init.c - `tafadi party init` and `tafadi party set`.
 *
 * The key file comes last: where it is, all the rest is there too.
 */
#include "cli/party_init.h"

#include "cli/output.h"
#include "cli/party_tls.h"
#include "cli/readers.h"
#include "cli/word_readers.h"
#include "party/account.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct init_args {
    struct common_args common;
    struct party_args party;
    const char *id, *title, *url, *admin, *password_file;
    bool no_url;
};
static const struct flag init_flags[] = {
    {"id", 0, "ID", &party_id_reader, offsetof(struct init_args, id),
     TF_TEXT("the party's id, for ever: a-z, 0-9, '.' and '-', as in north.example")},
    {"title", 0, "TEXT", &party_title_reader, offsetof(struct init_args, title),
     TF_TEXT("its name for people")},
    {"url", 0, "URL", &party_url_reader, offsetof(struct init_args, url),
     TF_TEXT("where other nodes reach this one; without it, this node reaches them")},
    {"admin", 0, "NAME", &operator_reader, offsetof(struct init_args, admin),
     TF_TEXT("the first operator's name (admin)")},
    {"password-file", 0, "FILE", &text_reader, offsetof(struct init_args, password_file),
     TF_TEXT("file with the first operator's password (one is made and printed)")},
};
static const struct flag_table init_tables[] = {FLAG_TABLE(TF_TEXT("Party"), init_flags, 0),
                                                {.title = TF_TEXT("Where"),
                                                 .flags = party_flags,
                                                 .count = PARTY_FLAG_COUNT,
                                                 .base = offsetof(struct init_args, party)},
                                                COMMON_TABLE,
                                                {.count = 0}};

static const struct flag set_flags[] = {
    {"title", 0, "TEXT", &party_title_reader, offsetof(struct init_args, title),
     TF_TEXT("its name for people")},
    {"url", 0, "URL", &party_url_reader, offsetof(struct init_args, url),
     TF_TEXT("where other nodes reach this one; without it, this node reaches them")},
    {"no-url", 0, NULL, NULL, offsetof(struct init_args, no_url),
     TF_TEXT("other nodes cannot reach this one any more")},
};
static const struct flag_table set_tables[] = {FLAG_TABLE(TF_TEXT("Party"), set_flags, 0),
                                               {.title = TF_TEXT("Where"),
                                                .flags = party_flags,
                                                .count = PARTY_FLAG_COUNT,
                                                .base = offsetof(struct init_args, party)},
                                               COMMON_TABLE,
                                               {.count = 0}};

/* Without letters and digits that look alike. */
void party_make_password(char out[PASSWORD_SIZE])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    for (int i = 0; i < PASSWORD_SIZE - 1; i++)
        out[i] = i % 5 == 4 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
    out[PASSWORD_SIZE - 1] = '\0';
}

static void fill_card(const struct init_args *args, const struct key_secret *key, struct card *card)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    card->made_ns = (int64_t)now.tv_sec * 1000000000;
    card->key = key_public_of(key);
    if (args->id) {
        snprintf(card->id, sizeof card->id, "%s", args->id);
        snprintf(card->ledger, sizeof card->ledger, "%s/ledger", args->id);
    }
    if (args->title)
        snprintf(card->title, sizeof card->title, "%s", args->title);
    if (args->url)
        snprintf(card->url, sizeof card->url, "%s", args->url);
}

static bool is_writable(const struct card *card, const struct key_secret *key, struct tf_buf *out)
{
    enum tf_status rc = card_write(card, key, out);
    if (rc)
        say_complain(
            TR("a card cannot be made of this: the id needs a-z, 0-9, '.' and '-', the URL "
               "http(s)://host:port without a path, the title one line"),
            NULL);
    return rc == TF_OK;
}

bool party_write_card(const char *dir, const struct card *card, const struct key_secret *key)
{
    char path[STATE_PATH_SIZE];
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX);
    bool good = is_writable(card, key, &text) && state_path(dir, "party.card", path) &&
                output_file(path, &text);
    tf_buf_release(&text);
    return good;
}

static bool is_https(const char *url)
{
    return url && strncmp(url, "https://", 8) == 0;
}

/* --- the first operator ---------------------------------------------------------------------- */

struct first {
    struct party_act act; /* first */
    struct account account;
};

static enum tf_status first_run(struct party_act *act, const struct line_context *c)
{
    return account_put(c, &((struct first *)act)->account, &act->fault);
}

static bool make_operator(struct party_state *state, const struct init_args *args,
                          const char *password, bool must_change)
{
    struct first first = {
        .act.run = first_run,
        .account = {.roles = ACCOUNT_ADMIN | ACCOUNT_HEAD_OF_CELL | ACCOUNT_DUTY_OFFICER,
                    .must_change = must_change}};
    snprintf(first.account.name, sizeof first.account.name, "%s",
             args->admin ? args->admin : "admin");
    enum tf_status rc = account_hash(password, strlen(password), false, first.account.hash);
    if (rc == TF_RANGE)
        say_complain(TR("a password has 10 to 256 bytes"), NULL);
    else if (rc)
        party_complain(rc, NULL);
    return rc == TF_OK && party_state_do(state, &first.act);
}

/* --- init ---------------------------------------------------------------------------------------
 */

static bool write_key(const struct init_args *args, const char *dir, const struct key_secret *key)
{
    char path[STATE_PATH_SIZE], passphrase[1024] = "";
    struct tf_buf text = TF_BUF_INIT(65536);
    const char *file = party_setting(args->party.passphrase_file, "TAFADI_PASSPHRASE_FILE");
    bool good = (!file || party_first_line(file, passphrase, sizeof passphrase)) &&
                key_write(key, *passphrase ? passphrase : NULL, &text) == TF_OK &&
                state_path(dir, "party.key", path) && state_create(path, &text);
    sodium_memzero(passphrase, sizeof passphrase);
    if (text.data)
        sodium_memzero(text.data, text.len);
    tf_buf_release(&text);
    return good;
}

/* What an attempt that failed has left: without party.key it is of no use. */
static void clear_remains(const char *dir)
{
    static const char *const names[] = {"party.crt", "party.tls",    "party.card",
                                        "party.db",  "party.db-wal", "party.db-shm"};
    char path[STATE_PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (state_path(dir, names[i], path))
            unlink(path);
}

static bool open_database(struct party_state *state, const struct party_args *args)
{
    char why[SQL_WHY_SIZE] = "";
    if (!party_database_name(state->dir, party_setting(args->database, "TAFADI_PARTY_DATABASE"),
                             state->database))
        return false;
    enum tf_status rc = sql_open(state->database, &state->sql, why);
    if (!rc)
        rc = party_prepare(state->sql, why);
    if (!rc)
        rc = ledger_open(state->sql, state->card.ledger, state->key, &state->ledger, why);
    if (rc)
        say_complain(TR("the party's database: %1"), why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

static void announce(const struct init_args *args, const struct party_state *state,
                     const char *password, struct tf_buf *out)
{
    const char *name = args->admin ? args->admin : "admin";
    if (args->party.json) {
        tf_buf_text(out, "{\"id\":");
        tf_buf_json(out, state->card.id);
        tf_buf_text(out, ",\"operator\":");
        tf_buf_json(out, name);
        tf_buf_text(out, ",\"password\":");
        tf_buf_json(out, password ? password : "");
        tf_buf_text(out, "}\n");
        return;
    }
    say_fill(out, TR("The party %1 has its key in %2."), state->card.id, state->dir, NULL);
    tf_buf_char(out, '\n');
    if (password) {
        say_fill(out,
                 TR("The first operator is %1, with the password %2, which must be changed at the "
                    "first log-in and is not shown again."),
                 name, password, NULL);
        tf_buf_char(out, '\n');
    }
    say_fill(out, TR("Next: tafadi party card, to hand it over; tafadi party add, to take theirs."),
             NULL);
    tf_buf_char(out, '\n');
}

static bool init(const struct init_args *args, struct party_state *state, struct tf_buf *out)
{
    char password[257];
    struct tf_buf card = TF_BUF_INIT(CARD_TEXT_MAX);
    state->args = &args->party;
    snprintf(state->actor, sizeof state->actor, "(init)");
    umask(077);
    if (sodium_init() < 0 || !state_open(args->party.state_dir, state->dir))
        return false;
    if (party_is_there(state->dir)) {
        say_complain(TR("there is a party in %1 already"), state->dir, NULL);
        return false;
    }
    party_make_password(password);
    if (args->password_file && !party_first_line(args->password_file, password, sizeof password))
        return false;
    bool good = key_make(&state->key) == TF_OK;
    if (good)
        fill_card(args, state->key, &state->card);
    good = good && is_writable(&state->card, state->key, &card);
    tf_buf_release(&card);
    if (!good)
        return false;
    clear_remains(state->dir);
    good = (!is_https(args->url) || party_tls_make(state->dir, args->url, state->card.tls)) &&
           party_write_card(state->dir, &state->card, state->key) &&
           open_database(state, &args->party) &&
           make_operator(state, args, password, !args->password_file) &&
           write_key(args, state->dir, state->key);
    if (good)
        announce(args, state, args->password_file ? NULL : password, out);
    sodium_memzero(password, sizeof password);
    return good;
}

/* --- set
 * ------------------------------------------------------------------------------------------ */

static bool set(const struct init_args *args, struct party_state *state, struct tf_buf *out)
{
    char path[STATE_PATH_SIZE];
    if (!party_state_keys(state, &args->party))
        return false;
    fill_card(args, state->key, &state->card);
    if (args->no_url || (args->url && !is_https(args->url)))
        state->card.tls[0] = '\0';
    if (args->no_url)
        state->card.url[0] = '\0';
    umask(077);
    /* The certificate stays: its pin is on cards that others have. */
    if (is_https(args->url) && state_path(state->dir, "party.crt", path) &&
        !(access(path, F_OK) == 0 ? party_tls_pin(path, state->card.tls)
                                  : party_tls_make(state->dir, args->url, state->card.tls)))
        return false;
    if (!party_write_card(state->dir, &state->card, state->key))
        return false;
    say_fill(out, TR("The card is new: hand it over again, and start the node again."), NULL);
    tf_buf_char(out, '\n');
    return true;
}

static int run_with(const struct command *self, int argc, char **argv,
                    bool (*act)(const struct init_args *args, struct party_state *state,
                                struct tf_buf *out),
                    bool is_init)
{
    struct init_args args = {0};
    struct party_state state = {.sql = NULL};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        if (is_init && (!args.id || !args.title)) {
            say_complain(TR("--id and --title are needed"), NULL);
            code = command_usage_error(self);
        } else if (rest.count > 0) {
            code = command_usage_error(self);
        } else if (act(&args, &state, &out) && output_print(&out)) {
            code = EXIT_NONE;
        }
    }
    party_state_close(&state);
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

static int run_init(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, init, true);
}

static int run_set(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, set, false);
}

const struct command command_party_init = {
    .name = "party init",
    .summary = TF_TEXT("Makes the party of this node: key, certificate, card, first operator."),
    .synopsis = "--id ID --title TEXT [--url URL]",
    .tables = init_tables,
    .run = run_init,
};
const struct command command_party_set = {
    .name = "party set",
    .summary = TF_TEXT("Changes the title or the address on this party's card."),
    .synopsis = "[--title TEXT] [--url URL | --no-url]",
    .tables = set_tables,
    .run = run_set,
};
