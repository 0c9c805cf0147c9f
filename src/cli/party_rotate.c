/*
 * party_rotate.c - `tafadi party rotate`: another key for the party, said on all lines and written
 * into the ledger by both keys.
 *
 *     party.key.next is written --> the transaction --> it takes the name of party.key
 *
 * Until the transaction the old key holds, after it the new one; the next run finishes what was
 * interrupted.
 */
#include "cli/party_init.h"

#include "cli/output.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct rotate_args {
    struct common_args common;
    struct party_args party;
};
static const struct flag_table rotate_tables[] = {
    PARTY_TABLE(offsetof(struct rotate_args, party)), COMMON_TABLE, {.count = 0}};

struct rotating {
    struct party_act act; /* first */
    const struct key_secret *next;
    char (*lines)[LINE_ID_SIZE]; /* owned */
    size_t count, capacity;
    bool failed; /* no memory */
};

static bool note_line(void *ctx, const struct line_info *info)
{
    struct rotating *r = ctx;
    if (info->own == STANCE_NONE || info->state == LINE_CLOSED)
        return true;
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 16;
        char(*more)[LINE_ID_SIZE] = realloc(r->lines, capacity * sizeof *more);
        r->failed = !more;
        if (!more)
            return false;
        r->lines = more;
        r->capacity = capacity;
    }
    memcpy(r->lines[r->count++], info->id, LINE_ID_SIZE);
    return true;
}

static enum tf_status rotate_run(struct party_act *act, const struct line_context *c)
{
    struct rotating *r = (struct rotating *)act;
    int64_t seq;
    r->count = 0;
    enum tf_status rc = line_each(c, note_line, r);
    if (!rc && r->failed)
        rc = TF_NOMEM;
    if (!rc)
        rc = ops_keep_ids(c);
    for (size_t i = 0; i < r->count && !rc; i++)
        rc = line_rotate(c, r->lines[i], r->next, "head-of-cell", &seq, &act->fault);
    return rc ? rc : ledger_rotate(c->ledger, r->next, c->now_us);
}

/* --- files -------------------------------------------------------------------------------- */

static bool complain(const char *path)
{
    say_complain("%1: %2", path, strerror(errno), NULL);
    return false;
}

static bool write_next(const char *path, const char *passphrase_file, const struct key_secret *key)
{
    char passphrase[1024] = "";
    struct tf_buf text = TF_BUF_INIT(65536);
    bool good =
        (!passphrase_file || party_first_line(passphrase_file, passphrase, sizeof passphrase)) &&
        key_write(key, *passphrase ? passphrase : NULL, &text) == TF_OK &&
        state_create(path, &text);
    sodium_memzero(passphrase, sizeof passphrase);
    if (text.data)
        sodium_memzero(text.data, text.len);
    tf_buf_release(&text);
    return good;
}

/* The new key takes its place; the card is of it. */
static bool settle(const struct party_state *state, const char *next_path,
                   const struct key_secret *next)
{
    struct card card = state->card;
    struct timespec now;
    char path[STATE_PATH_SIZE];
    clock_gettime(CLOCK_REALTIME, &now);
    card.key = key_public_of(next);
    card.made_ns = (int64_t)now.tv_sec * 1000000000;
    if (!party_write_card(state->dir, &card, next) || !state_path(state->dir, "party.key", path))
        return false;
    return rename(next_path, path) == 0 || complain(path);
}

/* Whether the ledger is under the key already; then its checkpoint is signed by it. */
static bool sign_under(struct sql *sql, const char *origin, const struct key_secret *key)
{
    char why[SQL_WHY_SIZE];
    struct ledger *ledger = NULL;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    bool good = ledger_open(sql, origin, key, &ledger, why) == TF_OK;
    if (good)
        party_sign(sql, ledger, (int64_t)now.tv_sec * 1000000);
    ledger_close(ledger);
    return good;
}

/* What an earlier run has left: finished, or thrown away. *done: nothing is left to do. */
static bool finish_earlier(const struct party_args *args, const char *next_path, bool *done)
{
    struct party_state state;
    struct key_secret *next = NULL;
    char why[SQL_WHY_SIZE] = "", path[STATE_PATH_SIZE];
    *done = false;
    if (access(next_path, F_OK) != 0)
        return true;
    bool good = party_state_keys(&state, args) &&
                party_read_key_file(next_path,
                                    party_setting(args->passphrase_file, "TAFADI_PASSPHRASE_FILE"),
                                    &next) &&
                party_database_name(state.dir,
                                    party_setting(args->database, "TAFADI_PARTY_DATABASE"), path);
    if (good && sql_open(path, &state.sql, why)) {
        say_complain(TR("the party's database: %1"), why, NULL);
        good = false;
    }
    if (good && sign_under(state.sql, state.card.ledger, next)) {
        good = settle(&state, next_path, next);
        *done = good;
    } else if (good) {
        good = unlink(next_path) == 0 || complain(next_path);
    }
    key_free(next);
    party_state_close(&state);
    return good;
}

static bool rotate(const struct rotate_args *args, struct tf_buf *out)
{
    struct party_state state = {.sql = NULL};
    struct rotating r = {.act.run = rotate_run};
    struct key_secret *next = NULL;
    char dir[STATE_PATH_SIZE], next_path[STATE_PATH_SIZE];
    const char *passphrase = party_setting(args->party.passphrase_file, "TAFADI_PASSPHRASE_FILE");
    bool done = false;
    umask(077);
    bool good = sodium_init() >= 0 && state_name(args->party.state_dir, dir) &&
                state_path(dir, "party.key.next", next_path) && state_lock(dir) &&
                finish_earlier(&args->party, next_path, &done);
    if (good && !done) {
        good = party_state_open(&state, &args->party) && key_make(&next) == TF_OK &&
               write_next(next_path, passphrase, next);
        r.next = next;
        good = good && party_state_do(&state, &r.act) && settle(&state, next_path, next) &&
               sign_under(state.sql, state.card.ledger, next);
    }
    if (good) {
        say_fill(out,
                 TR("The party has a new key; the other sides learn it on the lines, signed by the "
                    "old one. Hand the new card to those without a line, and keep a new copy."),
                 NULL);
        tf_buf_char(out, '\n');
    }
    free(r.lines);
    key_free(next);
    party_state_close(&state);
    return good;
}

static int run_rotate(const struct command *self, int argc, char **argv)
{
    struct rotate_args args = {0};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        if (rest.count > 0)
            code = command_usage_error(self);
        else if (rotate(&args, &out) && output_print(&out))
            code = EXIT_NONE;
    }
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

const struct command command_party_rotate = {
    .name = "party rotate",
    .summary = TF_TEXT("Gives the party a new key, while no node of it runs."),
    .synopsis = "",
    .tables = rotate_tables,
    .run = run_rotate,
};
