/*
 * state.c - the state directory.
 */
#include "cli/state.h"

#include "cli/say.h"
#include "http/token.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *path)
{
    say_complain("%1: %2", path, strerror(errno), NULL);
    return false;
}

bool state_path(const char *dir, const char *name, char out[STATE_PATH_SIZE])
{
    if (snprintf(out, STATE_PATH_SIZE, "%s/%s", dir, name) < STATE_PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return complain(dir);
}

/* Makes the directory and those above it. */
static bool make_all(char *path)
{
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char was = *p;
        *p = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *p = was;
        if (!made)
            return complain(path);
        if (was == '\0')
            return true;
    }
}

bool state_name(const char *given, char out[STATE_PATH_SIZE])
{
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *dir = given;
    if (!dir || !*dir)
        dir = getenv("TAFADI_STATE_DIR");
    if (!dir || !*dir)
        dir = getenv("STATE_DIRECTORY");
    bool fits;
    if (dir && *dir)
        fits = snprintf(out, STATE_PATH_SIZE, "%s", dir) < STATE_PATH_SIZE;
    else if (xdg && *xdg)
        fits = state_path(xdg, "tafadi", out);
    else
        fits = state_path(home && *home ? home : ".", ".local/state/tafadi", out);
    if (!fits) {
        errno = ENAMETOOLONG;
        return complain("--state-dir");
    }
    return true;
}

bool state_open(const char *given, char out[STATE_PATH_SIZE])
{
    return state_name(given, out) && make_all(out);
}

bool state_is_locked(const char *dir)
{
    char path[STATE_PATH_SIZE];
    int fd = state_path(dir, "lock", path) ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

bool state_lock(const char *dir)
{
    char path[STATE_PATH_SIZE];
    if (!state_path(dir, "lock", path))
        return false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return complain(path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true; /* held until the process ends */
    close(fd);
    say_complain(TR("another node is using %1: stop it, or choose another --state-dir"), dir, NULL);
    return false;
}

bool state_read(const char *path, struct tf_buf *out)
{
    char block[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 0;
    if (fd >= 0)
        while ((n = read(fd, block, sizeof block)) > 0)
            tf_buf_append(out, block, (size_t)n);
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = tf_buf_status(out) ? EFBIG : error;
    return (n == 0 && !tf_buf_status(out)) || complain(path);
}

bool state_create(const char *path, const struct tf_buf *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return complain(path);
    bool whole = write(fd, content->data, content->len) == (ssize_t)content->len && fsync(fd) == 0;
    if (close(fd) || !whole) {
        complain(path);
        unlink(path);
        return false;
    }
    return true;
}

bool state_issuer(const char *dir, struct tf_buf *private_pem, struct tf_buf *public_pem)
{
    char key[STATE_PATH_SIZE], pub[STATE_PATH_SIZE];
    if (!state_path(dir, "issuer.key", key) || !state_path(dir, "issuer.pub", pub))
        return false;
    if (access(key, F_OK) != 0) {
        if (token_make_keys(private_pem, public_pem)) {
            say_complain(TR("the issuer's keys could not be made"), NULL);
            return false;
        }
        /* The public half first: a key file that is there is a complete pair. */
        unlink(pub);
        return state_create(pub, public_pem) && state_create(key, private_pem);
    }
    return state_read(key, private_pem) && state_read(pub, public_pem);
}
