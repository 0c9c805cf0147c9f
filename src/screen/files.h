/*
 * files.h - the table of the screen's files, made by scripts/embed-ui.
 */
#ifndef TF_SCREEN_FILES_H
#define TF_SCREEN_FILES_H

#include <stddef.h>
#include <stdint.h>

struct screen_file {
    const char *path; /* "/", "/ui/js/main.js" */
    const char *type;
    const char *etag;    /* with its quotes */
    const char *headers; /* whole lines; the first is Content-Encoding */
    size_t at, len;      /* of screen_bytes: the gzip'd file */
    size_t plain;        /* its length when unpacked */
};
/* Sorted by path. */
extern const struct screen_file screen_files[];
extern const size_t screen_file_count;
extern const unsigned char screen_bytes[];

#endif
