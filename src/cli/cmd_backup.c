/*
 * cmd_backup.c - `tafadi backup` and `tafadi restore`: the data file and the party, out and back.
 *
 * A file gets its name only when it is whole: both write beside the target, check, and rename.
 */
#include "cli/command.h"

#include "cli/backup_party.h"
#include "cli/party_state.h"
#include "cli/readers.h"
#include "cli/state.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct backup_args {
    struct common_args common;
    const char *state_dir;
};

static const struct flag backup_flags[] = {
    {"state-dir", 0, "DIR", &text_reader, offsetof(struct backup_args, state_dir),
     TF_TEXT("the node's state directory, where its data file is")},
};
static const struct flag_table backup_tables[] = {
    FLAG_TABLE(TF_TEXT("Backup"), backup_flags, 0), COMMON_TABLE, {.count = 0}};
static const struct flag_table restore_tables[] = {
    FLAG_TABLE(TF_TEXT("Restore"), backup_flags, 0), COMMON_TABLE, {.count = 0}};

static bool complain(const char *path)
{
    say_complain("%1: %2", path, strerror(errno), NULL);
    return false;
}

/* What SQLite may have left beside a file. */
static void remove_companions(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    char name[STATE_PATH_SIZE + 16];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* The directory's entries are on the disk. */
static bool sync_folder(const char *path)
{
    char copy[STATE_PATH_SIZE];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0)
        close(fd);
    return good || complain(path);
}

/* A whole, checked copy of the data file `from` at `to`, which must not be in use. */
static bool copy_checked(const char *from, const char *to)
{
    char why[256] = "";
    unlink(to);
    remove_companions(to);
    enum tf_status rc = dss_store_backup(from, to, why);
    if (!rc)
        rc = dss_store_check(to, why);
    remove_companions(to);
    if (rc) {
        unlink(to);
        say_complain("%1: %2", from, why[0] ? why : tf_status_text(rc), NULL);
    }
    return rc == TF_OK;
}

static int backup(const char *state_dir, const char *to)
{
    char dir[STATE_PATH_SIZE], data[STATE_PATH_SIZE], part[STATE_PATH_SIZE];
    umask(077);
    if (!state_name(state_dir, dir) || !state_path(dir, "node.db", data) || !backup_party(dir, to))
        return EXIT_ERROR;
    if (access(data, F_OK) != 0 && party_is_there(dir))
        return EXIT_NONE; /* the DSS of a pool has its data elsewhere */
    if (access(data, R_OK) != 0) {
        complain(data);
        return EXIT_ERROR;
    }
    if (snprintf(part, sizeof part, "%s.part", to) >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        complain(to);
        return EXIT_ERROR;
    }
    if (!copy_checked(data, part))
        return EXIT_ERROR;
    if (rename(part, to) != 0) {
        complain(to);
        unlink(part);
        return EXIT_ERROR;
    }
    return sync_folder(to) ? EXIT_NONE : EXIT_ERROR;
}

/* Brings what stands in the old file's log into the file. It may be damaged: then its log is
 * moved with it, so that no log of one file can meet another. */
static bool settle_old(const char *data, const char *aside)
{
    struct dss_store *store;
    char why[256], from[STATE_PATH_SIZE + 16], to[STATE_PATH_SIZE + 16];
    if (dss_store_open(data, &store, why) == TF_OK && dss_store_close(store, NULL) == TF_OK) {
        remove_companions(data);
        return true;
    }
    snprintf(from, sizeof from, "%s-wal", data);
    snprintf(to, sizeof to, "%s-wal", aside);
    if (rename(from, to) != 0 && errno != ENOENT)
        return complain(from);
    remove_companions(data);
    return true;
}

/* data -> aside, fresh -> data. At each moment there is a whole file at `data`. */
static bool exchange(const char *fresh, const char *data, char aside[STATE_PATH_SIZE])
{
    struct timespec now;
    struct tm utc;
    char stamp[32];
    if (access(data, F_OK) != 0) {
        aside[0] = '\0';
        remove_companions(data);
    } else {
        clock_gettime(CLOCK_REALTIME, &now);
        strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", gmtime_r(&now.tv_sec, &utc));
        if (snprintf(aside, STATE_PATH_SIZE, "%s.before-%s.%03ldZ", data, stamp,
                     now.tv_nsec / 1000000) >= STATE_PATH_SIZE) {
            errno = ENAMETOOLONG;
            return complain(data);
        }
        if (!settle_old(data, aside))
            return false;
        if (link(data, aside) != 0)
            return complain(aside);
    }
    return rename(fresh, data) == 0 ? sync_folder(data) : complain(data);
}

static int restore(const char *state_dir, const char *from)
{
    char dir[STATE_PATH_SIZE], data[STATE_PATH_SIZE], fresh[STATE_PATH_SIZE],
        aside[STATE_PATH_SIZE], why[256] = "";
    umask(077);
    bool has_party = backup_has_party(from);
    if (access(from, R_OK) != 0 && !has_party) {
        complain(from);
        return EXIT_ERROR;
    }
    if (has_party && (!state_open(state_dir, dir) || !state_lock(dir) || !restore_party(dir, from)))
        return EXIT_ERROR;
    if (access(from, F_OK) != 0)
        return EXIT_NONE;
    enum tf_status rc = dss_store_check(from, why);
    if (rc) {
        say_complain("%1: %2", from, why[0] ? why : tf_status_text(rc), NULL);
        return EXIT_ERROR;
    }
    if (!state_open(state_dir, dir) || (!has_party && !state_lock(dir)) ||
        !state_path(dir, "node.db", data) || !state_path(dir, "node.db.new", fresh) ||
        !copy_checked(from, fresh))
        return EXIT_ERROR;
    if (!exchange(fresh, data, aside)) {
        unlink(fresh);
        return EXIT_ERROR;
    }
    if (aside[0])
        say_complain(TR("the data file as it was is kept as %1"), aside, NULL);
    return EXIT_NONE;
}

static int run_with(const struct command *self, int argc, char **argv,
                    int (*act)(const char *state_dir, const char *file), const char *need)
{
    struct backup_args args = {0};
    struct words rest = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &rest, &code))
        goto out;
    if (rest.count == 1) {
        code = act(args.state_dir, rest.items[0]);
    } else {
        say_complain("%1", need, NULL);
        code = command_usage_error(self);
    }
out:
    words_release(&rest);
    return code;
}

static int run_backup(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, backup, TR("one file is needed: where the copy goes"));
}

static int run_restore(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, restore, TR("one file is needed: the copy to go back to"));
}

const struct command command_backup = {
    .name = "backup",
    .summary = TF_TEXT("Copies a node's data and its party, also while the node runs."),
    .synopsis = "TO [--state-dir DIR]",
    .tables = backup_tables,
    .run = run_backup,
};
const struct command command_restore = {
    .name = "restore",
    .summary = TF_TEXT("Puts a copy in the place of a stopped node's data and party."),
    .synopsis = "FROM [--state-dir DIR]",
    .tables = restore_tables,
    .run = run_restore,
};
