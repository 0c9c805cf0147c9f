/*
 * tiles.c - opens an archive of tiles, checks its header, reads parts.
 */
#include "desk/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION = 3,
    ROOT_END = 16384, /* where the root directory must have ended: clients read so much first */
    ZOOM_MAX = 26,    /* of a tile number that JavaScript can hold */
    DEGREE = 10000000 /* in units of the header's coordinates */
};
enum { COMPRESSION_NONE = 1, COMPRESSION_GZIP = 2 };
enum { TYPE_MVT = 1, TYPE_AVIF = 5 }; /* between them PNG, JPEG, WEBP */

/* --- the header ------------------------------------------------------------------------ */

static uint64_t number_at(const uint8_t *header, size_t at, size_t width)
{
    uint64_t value = 0;
    while (width-- > 0)
        value = value << 8 | header[at + width];
    return value;
}

static int32_t coordinate_at(const uint8_t *header, size_t at)
{
    uint32_t bits = (uint32_t)number_at(header, at, 4);
    int32_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static enum tf_status refuse(struct tf_fault *fault, enum tf_status rc, const char *field,
                             const char *message, const char *arg)
{
    return tf_fault_set(fault, rc, TF_NO_INDEX, field, message, arg, NULL, NULL);
}

static enum tf_status refuse_number(struct tf_fault *fault, const char *field, const char *message,
                                    unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    return refuse(fault, TF_UNSUPPORTED, field, message, text);
}

static enum tf_status check_kind(const uint8_t *header, struct tf_fault *fault)
{
    if (memcmp(header, "PMTiles", 7) != 0)
        return refuse(fault, TF_SYNTAX, "magic",
                      TF_TEXT("it is no PMTiles archive: it does not begin with \"PMTiles\""),
                      NULL);
    if (header[7] != VERSION)
        return refuse_number(fault, "version",
                             TF_TEXT("it is of PMTiles version %1; only version 3 is read here"),
                             header[7]);
    return TF_OK;
}

static enum tf_status check_sections(const uint8_t *header, uint64_t size, struct tf_fault *fault)
{
    static const struct {
        const char *name;
        size_t at;
        uint64_t least, end;
    } sections[] = {{"root_directory", 8, 1, ROOT_END},
                    {"metadata", 24, 0, UINT64_MAX},
                    {"leaf_directories", 40, 0, UINT64_MAX},
                    {"tile_data", 56, 1, UINT64_MAX}};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        uint64_t at = number_at(header, sections[i].at, 8),
                 len = number_at(header, sections[i].at + 8, 8),
                 end = size < sections[i].end ? size : sections[i].end;
        if (len < sections[i].least || len > end || at > end - len ||
            (len > 0 && at < TILES_HEADER_SIZE))
            return refuse(fault, TF_RANGE, sections[i].name,
                          TF_TEXT("a section does not lie where it must in the file (%1): was the "
                                  "file copied whole? pmtiles verify tells"),
                          sections[i].name);
    }
    return TF_OK;
}

static enum tf_status check_coding(const uint8_t *header, struct tf_fault *fault)
{
    static const struct {
        const char *name;
        size_t at;
    } codings[] = {{"internal_compression", 97}, {"tile_compression", 98}};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        if (header[codings[i].at] != COMPRESSION_NONE && header[codings[i].at] != COMPRESSION_GZIP)
            return refuse_number(fault, codings[i].name,
                                 TF_TEXT("it is compressed in a way that browsers cannot undo "
                                         "(number %1): gzip or none is needed"),
                                 header[codings[i].at]);
    if (header[99] < TYPE_MVT || header[99] > TYPE_AVIF)
        return refuse_number(fault, "tile_type",
                             TF_TEXT("its tiles are of a kind that is not drawn (number %1): MVT, "
                                     "PNG, JPEG, WebP or AVIF is needed"),
                             header[99]);
    return TF_OK;
}

static enum tf_status check_extent(const uint8_t *header, struct tf_fault *fault)
{
    int32_t west = coordinate_at(header, 102), south = coordinate_at(header, 106),
            east = coordinate_at(header, 110), north = coordinate_at(header, 114);
    if (header[100] > header[101] || header[101] > ZOOM_MAX)
        return refuse(fault, TF_RANGE, "max_zoom",
                      TF_TEXT("its zoom levels are not in order, or above 26"), NULL);
    if (west < -180 * DEGREE || east > 180 * DEGREE || west > east || south < -90 * DEGREE ||
        north > 90 * DEGREE || south > north)
        return refuse(fault, TF_RANGE, "bounds",
                      TF_TEXT("its bounds are no longitudes and latitudes in order"), NULL);
    return TF_OK;
}

enum tf_status tiles_check(const uint8_t header[TILES_HEADER_SIZE], uint64_t file_size,
                           struct tf_fault *fault)
{
    enum tf_status rc = check_kind(header, fault);
    if (!rc)
        rc = check_coding(header, fault);
    if (!rc)
        rc = check_sections(header, file_size, fault);
    if (!rc)
        rc = check_extent(header, fault);
    return rc;
}

/* --- the file ----------------------------------------------------------------------------------
 */

/* Reads exactly so many bytes. */
static enum tf_status read_at(int fd, uint64_t at, void *to, size_t len)
{
    char *bytes = to;
    while (len > 0) {
        ssize_t n = pread(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? TF_LIMIT : TF_RANGE;
        bytes += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return TF_OK;
}

/* Which file it is, and when it was last written to or made to look otherwise. */
static void name_state(const struct stat *s, char etag[TILES_ETAG_SIZE])
{
    snprintf(etag, TILES_ETAG_SIZE, "\"%llx-%llx-%llx%08lx\"", (unsigned long long)s->st_ino,
             (unsigned long long)s->st_size, (unsigned long long)s->st_ctim.tv_sec,
             (unsigned long)s->st_ctim.tv_nsec);
}

static enum tf_status look_at(struct tiles *tiles, struct tf_fault *fault)
{
    uint8_t header[TILES_HEADER_SIZE];
    struct stat s;
    if (fstat(tiles->fd, &s) != 0 || !S_ISREG(s.st_mode))
        return refuse(fault, TF_NOT_FOUND, "", TF_TEXT("it is no file"), NULL);
    tiles->size = (uint64_t)s.st_size;
    name_state(&s, tiles->etag);
    enum tf_status rc = read_at(tiles->fd, 0, header, sizeof header);
    if (rc)
        return refuse(fault, rc, "magic",
                      rc == TF_RANGE ? TF_TEXT("it is too short for a PMTiles archive")
                                     : TF_TEXT("it cannot be read: %1"),
                      strerror(errno));
    return tiles_check(header, tiles->size, fault);
}

enum tf_status tiles_open(const char *path, struct tiles *out, struct tf_fault *fault)
{
    /* Not waiting: what is no file may be a pipe. */
    struct tiles tiles = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (tiles.fd < 0)
        return refuse(fault, TF_NOT_FOUND, "", TF_TEXT("it cannot be opened: %1"), strerror(errno));
    enum tf_status rc = look_at(&tiles, fault);
    if (rc)
        tiles_close(&tiles);
    else
        *out = tiles;
    return rc;
}

enum tf_status tiles_read(const struct tiles *tiles, const struct http_part *part,
                          struct tf_buf *out)
{
    char piece[16384];
    uint64_t at = part->first, end = part->first + part->len;
    enum tf_status rc = part->len <= TILES_PART_MAX ? TF_OK : TF_LIMIT;
    while (!rc && at < end) {
        size_t len = end - at < sizeof piece ? (size_t)(end - at) : sizeof piece;
        rc = read_at(tiles->fd, at, piece, len);
        if (!rc) {
            tf_buf_append(out, piece, len);
            rc = tf_buf_status(out);
        }
        at += len;
    }
    return rc;
}

void tiles_close(struct tiles *tiles)
{
    close(tiles->fd);
    tiles->fd = -1;
}
