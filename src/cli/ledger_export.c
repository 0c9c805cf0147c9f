/*
 * ledger_export.c - `tafadi ledger export`: the log as a folder of files that any web server can
 * give out (C2SP tlog-tiles): checkpoint, tile/..., and the key to verify them with.
 *
 * The checkpoint comes last: what it covers is then there.
 */
#include "cli/ledger.h"

#include "cli/output.h"
#include "cli/state.h"
#include "ledger/tile.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct export
{
    const char *dir;
    struct ledger *ledger;
    uint64_t size, done, all; /* in tiles */
    struct tf_buf tile;
    struct ledger_progress progress;
    bool shows;
};

static bool complain(const char *path)
{
    say_complain("%1: %2", path, strerror(errno), NULL);
    return false;
}

/* The folders that lead to a file. */
static bool make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool good = mkdir(path, 0755) == 0 || errno == EEXIST;
        if (!good)
            complain(path);
        *at = '/';
        if (!good)
            return false;
    }
    return true;
}

/* Many small files: whether they are on the disk is for who copies them on to see to. */
static bool write_file(char *path, const struct tf_buf *content)
{
    FILE *f = fopen(path, "wb");
    if (!f && errno == ENOENT) {
        if (!make_folders(path))
            return false;
        f = fopen(path, "wb");
    }
    if (!f)
        return complain(path);
    bool good = content->len == 0 || fwrite(content->data, 1, content->len, f) == content->len;
    if (fclose(f) != 0 || !good)
        return complain(path);
    return true;
}

static bool path_of(const struct export *export, const char *name, char out[STATE_PATH_SIZE])
{
    if (snprintf(out, STATE_PATH_SIZE, "%s/%s", export->dir, name) < STATE_PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return complain(export->dir);
}

static bool write_tile(struct export *export, int level, uint64_t number, unsigned width)
{
    char name[TILE_PATH_SIZE], path[STATE_PATH_SIZE];
    tf_buf_clear(&export->tile);
    enum tf_status rc = ledger_tile(export->ledger, level, number, width, &export->tile);
    if (rc) {
        say_complain("%1", TR(tf_status_text(rc)), NULL);
        return false;
    }
    bool good = tile_path(level, number, width, name) && path_of(export, name, path) &&
                write_file(path, &export->tile);
    export->done++;
    if (export->shows)
        ledger_progress(&export->progress, export->done, export->all);
    return good;
}

static bool write_level(struct export *export, int level)
{
    uint64_t full = tile_full(level, export->size);
    unsigned rest = tile_rest(level, export->size);
    for (uint64_t i = 0; i < full; i++)
        if (!write_tile(export, level, i, TILE_WIDTH))
            return false;
    return rest == 0 || write_tile(export, level, full, rest);
}

static bool write_key(const struct export *export, const struct key_public *key)
{
    struct tf_buf text = TF_BUF_INIT(1024);
    struct note_key as;
    char path[STATE_PATH_SIZE];
    bool good = note_key_make(ledger_origin(export->ledger), NOTE_ED25519, key, &as);
    if (good)
        note_key_print(&as, &text);
    tf_buf_char(&text, '\n');
    good = good && path_of(export, "vkey", path) && output_file(path, &text);
    tf_buf_release(&text);
    return good;
}

static bool write_all(struct export *export, const struct tf_buf *note,
                      const struct key_public *key)
{
    char path[STATE_PATH_SIZE];
    for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++)
        export->all += tile_full(level, export->size) + (tile_rest(level, export->size) > 0);
    for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++)
        if (!write_level(export, level))
            return false;
    return write_key(export, key) && path_of(export, "checkpoint", path) && output_file(path, note);
}

int ledger_run_export(const struct ledger_args *args, const char *dir)
{
    struct ledger_source source;
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX);
    struct export export = {.dir = dir,
                            .tile = TF_BUF_INIT((size_t)TILE_WIDTH * (LEDGER_ENTRY_MAX + 2) + 1),
                            .progress = {TR("exporting: %1 %"), 0},
                            .shows = ledger_shows_progress(args)};
    struct key_public key;
    if (!ledger_source_open(args, false, &source))
        return EXIT_ERROR;
    export.ledger = source.ledger;
    int code = EXIT_ERROR;
    enum tf_status rc = ledger_checkpoint(source.ledger, &export.size, &note);
    if (!rc)
        rc = ledger_public(source.ledger, &key);
    if (rc == TF_NOT_FOUND)
        say_complain(TR("no checkpoint has been signed yet"), NULL);
    else if (rc)
        ledger_complain(&source, rc);
    else if (write_all(&export, &note, &key))
        code = EXIT_NONE;
    tf_buf_release(&export.tile);
    tf_buf_release(&note);
    ledger_source_close(&source);
    return code;
}
