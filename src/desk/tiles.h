/*
 * tiles.h - the base map's file: a PMTiles archive of version 3, read in parts where it lies.
 *
 * It is opened anew for each part, and its header looked at: so it may be replaced, cut short or
 * taken away while the node runs, and nothing of it is kept in memory. It is read, never mapped: a
 * file that gets shorter gives fewer bytes, not a signal.
 *
 * Format: github.com/protomaps/PMTiles, spec/v3/spec.md.
 */
#ifndef TF_DESK_TILES_H
#define TF_DESK_TILES_H

#include "base/buf.h"
#include "http/range.h"
#include <tafadi/status.h>

enum {
    TILES_HEADER_SIZE = 127,
    TILES_PART_MAX = 1 << 20, /* bytes in one answer */
    TILES_ETAG_SIZE = 72
};

struct tiles {
    int fd;
    uint64_t size;
    char etag[TILES_ETAG_SIZE]; /* strong, with its quotes: of another file, or of one that was
                                 * written to, it is another */
};

/*
 * The header of an archive of so many bytes: magic, version, every section inside the file,
 * compressions and kinds of tiles that a browser can read. The fault names the header's field.
 */
TF_MUST_CHECK enum tf_status tiles_check(const uint8_t header[TILES_HEADER_SIZE],
                                         uint64_t file_size, struct tf_fault *fault);
/* The file, with its header checked. TF_NOT_FOUND: it cannot be opened (the fault says why). */
TF_MUST_CHECK enum tf_status tiles_open(const char *path, struct tiles *out,
                                        struct tf_fault *fault);
/* Appends a part of at most TILES_PART_MAX bytes. TF_RANGE: the file has become shorter; TF_LIMIT:
 * it cannot be read; what has been appended is then of no use. */
TF_MUST_CHECK enum tf_status tiles_read(const struct tiles *tiles, const struct http_part *part,
                                        struct tf_buf *out);
void tiles_close(struct tiles *tiles);

#endif
