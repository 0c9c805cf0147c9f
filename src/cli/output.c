/*
 * output.c - writing, with every failure noticed.
 */
#define _XOPEN_SOURCE 700 /* realpath */
#include "cli/output.h"

#include "cli/say.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, data, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool is_whole(const struct tf_buf *content)
{
    if (tf_buf_status(content) == TF_OK)
        return true;
    say_complain(tf_buf_status(content) == TF_NOMEM
                     ? TR("out of memory")
                     : TR("the output is larger than is supported; check fewer files at a time"),
                 NULL);
    return false;
}

bool output_print(const struct tf_buf *text)
{
    if (!is_whole(text))
        return false;
    if (write_all(STDOUT_FILENO, text->data, text->len))
        return true;
    if (errno != EPIPE)
        say_complain(TR("standard output: %1"), strerror(errno), NULL);
    return false;
}

/* The name of a temporary file in the directory of `path`; owned by the caller. */
static char *temporary_name(const char *path)
{
    static const char suffix[] = ".XXXXXX";
    struct tf_buf name = TF_BUF_INIT(1 << 16);
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    tf_buf_append(&name, path, folder);
    tf_buf_char(&name, '.');
    tf_buf_text(&name, path + folder);
    tf_buf_text(&name, suffix);
    if (tf_buf_status(&name)) {
        tf_buf_release(&name);
        return NULL;
    }
    return name.data;
}

/* So that the rename itself is on disk. A folder that cannot be synced (some network
 * file systems refuse) is no failure: the file is. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

static mode_t file_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return (mode_t)0666 & ~mask;
}

/* 0 or an errno. */
static int replace_file(const char *path, const struct tf_buf *content)
{
    int error = 0;
    char *name = temporary_name(path);
    int fd = name ? mkstemp(name) : -1;
    if (fd < 0) {
        error = name ? errno : ENOMEM;
        goto out;
    }
    if (!write_all(fd, content->data, content->len) || fchmod(fd, file_mode()) || fsync(fd))
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error && rename(name, path))
        error = errno;
    if (error)
        unlink(name);
    else
        sync_folder(path);
out:
    free(name);
    return error;
}

/* For what cannot be replaced: devices, pipes. 0 or an errno. */
static int write_special(const char *path, const struct tf_buf *content)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = write_all(fd, content->data, content->len) ? 0 : errno;
    if (close(fd) && !error)
        error = errno;
    return error;
}

bool output_file(const char *path, const struct tf_buf *content)
{
    if (!strcmp(path, "-"))
        return output_print(content);
    if (!is_whole(content))
        return false;
    struct stat info;
    bool exists = stat(path, &info) == 0;
    bool special = exists && !S_ISREG(info.st_mode);
    char *target = exists ? realpath(path, NULL) : NULL; /* keeps a symbolic link a link */
    int error =
        special ? write_special(path, content) : replace_file(target ? target : path, content);
    free(target);
    if (error)
        say_complain(TR("%1: cannot be written: %2"), path, strerror(error), NULL);
    return error == 0;
}

bool output_has_colour(void)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    if ((no_colour && *no_colour) || !term || !strcmp(term, "dumb"))
        return false;
    return isatty(STDOUT_FILENO) == 1;
}
