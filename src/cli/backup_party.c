/*
 * backup_party.c - copies of a party's files, out and back.
 */
#include "cli/backup_party.h"

#include "cli/output.h"
#include "cli/party_state.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The key is last: a copy that has it is whole. */
static const char *const files[] = {"party.card", "party.crt", "party.tls", "party.key"};
enum { FILES = sizeof files / sizeof *files };

static bool complain(const char *path)
{
    say_complain("%1: %2", path, strerror(errno), NULL);
    return false;
}

static bool name_copy(const char *copy, const char *name, char out[STATE_PATH_SIZE])
{
    if (snprintf(out, STATE_PATH_SIZE, "%s.%s", copy, name) < STATE_PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return complain(copy);
}

/* A small file, whole or not at all. */
static bool copy_file(const char *from, const char *to)
{
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    bool good = state_read(from, &text) && output_file(to, &text);
    if (text.data)
        memset(text.data, 0, text.len);
    tf_buf_release(&text);
    return good;
}

/* A copy of the database that opens. */
static bool copy_database(const char *from, const char *to)
{
    char why[SQL_WHY_SIZE] = "", part[STATE_PATH_SIZE];
    struct sql *sql = NULL;
    if (!name_copy(to, "part", part))
        return false;
    unlink(part);
    enum tf_status rc = sql_copy(from, part, why);
    if (!rc)
        rc = sql_open(part, &sql, why);
    if (!rc)
        rc = party_prepare(sql, why);
    sql_close(sql);
    if (!rc && rename(part, to) == 0)
        return true;
    if (rc)
        say_complain("%1: %2", from, why[0] ? why : tf_status_text(rc), NULL);
    else
        complain(to);
    unlink(part);
    return false;
}

bool backup_party(const char *dir, const char *to)
{
    char from[STATE_PATH_SIZE], copy[STATE_PATH_SIZE];
    if (!party_is_there(dir))
        return true;
    if (!state_path(dir, "party.db", from) || !name_copy(to, "party.db", copy))
        return false;
    if (access(from, F_OK) == 0 && !copy_database(from, copy))
        return false;
    if (access(from, F_OK) != 0)
        say_complain(TR("the party's database is a server's: copy it with that server's tools"),
                     NULL);
    for (size_t i = 0; i < FILES; i++)
        if (state_path(dir, files[i], from) && access(from, F_OK) == 0 &&
            !(name_copy(to, files[i], copy) && copy_file(from, copy)))
            return false;
    return true;
}

bool backup_has_party(const char *from)
{
    char copy[STATE_PATH_SIZE];
    return name_copy(from, "party.key", copy) && access(copy, F_OK) == 0;
}

/* What is there goes aside under a name with the time, with its log. */
static bool move_aside(const char *dir, const char *name, const char *stamp)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char path[STATE_PATH_SIZE], from[STATE_PATH_SIZE + 8], to[STATE_PATH_SIZE + 64];
    if (!state_path(dir, name, path))
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(from, sizeof from, "%s%s", path, endings[i]);
        snprintf(to, sizeof to, "%s.before-%s%s", path, stamp, endings[i]);
        if (rename(from, to) != 0 && errno != ENOENT)
            return complain(from);
    }
    return true;
}

static enum tf_status restored_run(struct party_act *act, const struct line_context *c)
{
    (void)act;
    return line_restored(c);
}

/* What was said since the copy was made may be under way: nothing new is said before that is
 * known. */
static bool mark_restored(const char *dir)
{
    struct party_args args = {.state_dir = dir};
    struct party_state state = {.sql = NULL};
    struct party_act act = {.run = restored_run};
    bool good = party_state_open(&state, &args) && party_state_do(&state, &act);
    party_state_close(&state);
    return good;
}

static bool key_opens(const char *from)
{
    char path[STATE_PATH_SIZE];
    struct key_secret *key = NULL;
    bool good = name_copy(from, "party.key", path) &&
                party_read_key_file(path, party_setting(NULL, "TAFADI_PASSPHRASE_FILE"), &key);
    key_free(key);
    return good;
}

bool restore_party(const char *dir, const char *from)
{
    if (!key_opens(from))
        return false;
    char copy[STATE_PATH_SIZE], path[STATE_PATH_SIZE], stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    bool had = party_is_there(dir), has_database = false;
    if (name_copy(from, "party.db", copy) && access(copy, F_OK) == 0 &&
        !(state_path(dir, "party.db", path) && move_aside(dir, "party.db", stamp) &&
          copy_database(copy, path)))
        return false;
    has_database = state_path(dir, "party.db", path) && access(path, F_OK) == 0;
    for (size_t i = 0; i < FILES; i++)
        if (name_copy(from, files[i], copy) && access(copy, F_OK) == 0 &&
            !(state_path(dir, files[i], path) && move_aside(dir, files[i], stamp) &&
              copy_file(copy, path)))
            return false;
    if (has_database && !mark_restored(dir))
        return false;
    if (had)
        say_complain(TR("the party as it was is kept in files named .before-%1"), stamp, NULL);
    return true;
}
