/*
 * bytes.c - the bytes of a file or of standard input, unpacked if they are gzip.
 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* What the formats take (format.h). */
#define BYTES_MAX ((size_t)256 << 20)
enum { CHUNK = 1 << 16 };

static bool complain_limit(const char *path, enum tf_status status)
{
    say_complain(status == TF_NOMEM
                     ? TR("%1: out of memory")
                     : TR("%1: the file is larger than 256 MB; split it, files are read into one "
                          "picture"),
                 path, NULL);
    return false;
}

static bool read_all(int fd, const char *path, struct tf_buf *out)
{
    char chunk[CHUNK];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            say_complain(TR("%1: cannot be read: %2"), path, strerror(errno), NULL);
            return false;
        }
        if (got == 0)
            return true;
        tf_buf_append(out, chunk, (size_t)got);
        if (tf_buf_status(out))
            return complain_limit(path, tf_buf_status(out));
    }
}

/* All members of a gzip file. Z_OK, or what went wrong; Z_BUF_ERROR: cut short. */
static int inflate_all(const struct tf_buf *packed, struct tf_buf *out)
{
    char chunk[CHUNK];
    z_stream stream = {0};
    int code = inflateInit2(&stream, 15 + 16); /* 16: gzip wrapper only */
    if (code != Z_OK)
        return code;
    stream.next_in = (unsigned char *)packed->data;
    stream.avail_in = (unsigned)packed->len;
    do {
        stream.next_out = (unsigned char *)chunk;
        stream.avail_out = sizeof chunk;
        code = inflate(&stream, Z_NO_FLUSH);
        tf_buf_append(out, chunk, sizeof chunk - stream.avail_out);
        if (code == Z_STREAM_END && stream.avail_in > 0)
            code = inflateReset(&stream);
    } while (code == Z_OK && !tf_buf_status(out));
    inflateEnd(&stream);
    return code == Z_STREAM_END ? Z_OK : code == Z_OK ? Z_BUF_ERROR : code;
}

static bool unpack(const char *path, struct tf_buf *bytes)
{
    struct tf_buf plain = TF_BUF_INIT(BYTES_MAX);
    int code = inflate_all(bytes, &plain);
    tf_buf_release(bytes);
    *bytes = plain;
    if (tf_buf_status(&plain))
        return complain_limit(path, tf_buf_status(&plain));
    if (code != Z_OK)
        say_complain(TR("%1: the gzip data is damaged or cut short; fetch the file again"), path,
                     NULL);
    return code == Z_OK;
}

bool input_bytes(const char *path, struct tf_buf *out)
{
    static const unsigned char gzip[] = {0x1F, 0x8B};
    *out = (struct tf_buf)TF_BUF_INIT(BYTES_MAX);
    bool standard = !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_complain(TR("%1: cannot be opened: %2"), path, strerror(errno), NULL);
        return false;
    }
    bool good = read_all(fd, path, out);
    if (!standard)
        close(fd);
    if (good && out->len > sizeof gzip && !memcmp(out->data, gzip, sizeof gzip))
        good = unpack(path, out);
    if (!good)
        tf_buf_release(out);
    return good;
}
