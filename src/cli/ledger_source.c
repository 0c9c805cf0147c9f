/*
 * ledger_source.c - where the ledger and its key are found.
 */
#include "cli/ledger.h"

#include "cli/state.h"
#include "line/card.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 65536 };

/* --- keys ---------------------------------------------------------------------------------------
 */

static bool read_vkey(const char *text, size_t len, char name[NOTE_NAME_SIZE],
                      struct key_public *out)
{
    char line[NOTE_VKEY_SIZE];
    struct note_key key;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (len >= sizeof line || memchr(text, '\n', len))
        return false;
    snprintf(line, sizeof line, "%.*s", (int)len, text);
    if (note_key_read(line, &key) != TF_OK)
        return false;
    snprintf(name, NOTE_NAME_SIZE, "%s", key.name);
    *out = key.key;
    return true;
}

static bool read_any(const struct tf_buf *text, char name[NOTE_NAME_SIZE], struct key_public *out)
{
    struct card card;
    struct tf_fault fault;
    if (text->len == 0)
        return false;
    if (key_read_public(text->data, text->len, out) == TF_OK)
        return true;
    if (card_read(text->data, text->len, &card, &fault) == TF_OK) {
        snprintf(name, NOTE_NAME_SIZE, "%s", card.ledger);
        *out = card.key;
        return true;
    }
    return read_vkey(text->data, text->len, name, out);
}

static bool read_key_file(const char *path, char name[NOTE_NAME_SIZE], struct key_public *out)
{
    struct tf_buf text = TF_BUF_INIT(KEY_FILE_MAX);
    bool good = state_read(path, &text);
    if (good && !read_any(&text, name, out)) {
        say_complain(TR("%1: this is neither a party's key or card nor a ledger's key"), path,
                     NULL);
        good = false;
    }
    tf_buf_release(&text);
    return good;
}

bool ledger_key_read(const char *text, char name[NOTE_NAME_SIZE], struct key_public *out)
{
    name[0] = '\0';
    return read_vkey(text, strlen(text), name, out) || read_key_file(text, name, out);
}

/* The party's own, in its state directory. True if there is none: *found says so. */
static bool find_key(const char *dir, bool *found, struct key_public *out)
{
    static const char *const names[] = {"party.card", "party.key"};
    char path[STATE_PATH_SIZE], name[NOTE_NAME_SIZE];
    *found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!state_path(dir, names[i], path))
            return false;
        if (access(path, R_OK) != 0)
            continue;
        *found = true;
        return read_key_file(path, name, out);
    }
    return true;
}

/* --- the database --------------------------------------------------------------------------- */

static bool is_file(const char *where)
{
    return !strchr(where, '=') && !strstr(where, "://");
}

static bool open_database(const char *where, const struct key_public *key,
                          struct ledger_source *out)
{
    char why[SQL_WHY_SIZE] = "";
    if (is_file(where) && access(where, R_OK) != 0) {
        say_complain(TR("%1: there is no such database; --state-dir or --database names it"), where,
                     NULL);
        return false;
    }
    enum tf_status rc = sql_open(where, &out->sql, why);
    if (!rc)
        rc = ledger_open_reading(out->sql, key, &out->ledger, why);
    if (!rc)
        return true;
    say_complain("%1", why[0] ? why : TR(tf_status_text(rc)), NULL);
    ledger_source_close(out);
    return false;
}

bool ledger_source_open(const struct ledger_args *args, bool needs_key, struct ledger_source *out)
{
    char dir[STATE_PATH_SIZE], path[STATE_PATH_SIZE], name[NOTE_NAME_SIZE];
    memset(out, 0, sizeof *out);
    if (args->key) {
        if (!ledger_key_read(args->key, name, &out->key))
            return false;
        out->has_key = true;
    }
    /* With both flags nothing of the state directory is needed. */
    if (!args->database || (needs_key && !out->has_key)) {
        if (!state_name(args->state_dir, dir) || !state_path(dir, "party.db", path))
            return false;
        if (!out->has_key && !find_key(dir, &out->has_key, &out->key))
            return false;
    }
    if (needs_key && !out->has_key) {
        say_complain(TR("there is no party.card and no party.key in %1: --key says whose ledger it "
                        "is"),
                     dir, NULL);
        return false;
    }
    return open_database(args->database ? args->database : path, out->has_key ? &out->key : NULL,
                         out);
}

void ledger_source_close(struct ledger_source *source)
{
    ledger_close(source->ledger);
    sql_close(source->sql);
    source->ledger = NULL;
    source->sql = NULL;
}

/* --- saying -------------------------------------------------------------------------------------
 */

bool ledger_shows_progress(const struct ledger_args *args)
{
    return !args->common.quiet && isatty(STDERR_FILENO) == 1;
}

void ledger_progress(void *ctx, uint64_t done, uint64_t all)
{
    struct ledger_progress *progress = ctx;
    unsigned percent = (unsigned)((double)done / (double)all * 100);
    char number[16];
    if (percent == progress->shown && done < all)
        return;
    progress->shown = percent;
    snprintf(number, sizeof number, "%u", percent);
    say_progress(progress->message, number);
    if (done >= all)
        say_progress_end();
}

int ledger_complain(const struct ledger_source *source, enum tf_status rc)
{
    const char *why = sql_why(source->sql);
    say_complain("%1", (rc == TF_BUSY || rc == TF_SYNTAX) && why[0] ? why : TR(tf_status_text(rc)),
                 NULL);
    return EXIT_ERROR;
}
