/*
 * kmz.c - KMZ: the KML file in a zip archive.
 *
 * Taken is doc.kml, else the first entry whose name ends with .kml. Hostile archives: the number
 * of entries, the size unpacked and its ratio are limited before and while unpacking.
 */
#include "format/kml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

enum { MAX_ENTRIES = 10000, CHUNK_BYTES = 1 << 16 };
static const size_t MAX_KML_BYTES = (size_t)128 << 20;

static enum tf_status fail(struct tf_fault *fault, enum tf_status code, const char *message)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, "", message, NULL, NULL, NULL);
}

static enum tf_status open_archive(const struct tf_reader *reader, zip_t **out,
                                   struct tf_fault *fault)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(reader->bytes, reader->len, 0, &error);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    bool memory = zip_error_code_zip(&error) == ZIP_ER_MEMORY;
    if (!archive && source)
        zip_source_free(source);
    zip_error_fini(&error);
    if (memory)
        return fail(fault, TF_NOMEM, NULL);
    if (!archive)
        return fail(fault, TF_SYNTAX,
                    TF_TEXT("The zip archive is damaged or incomplete. Export it again."));
    *out = archive;
    return TF_OK;
}

static bool ends_with_kml(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && strcasecmp(name + len - 4, ".kml") == 0;
}

static enum tf_status find_kml(zip_t *archive, zip_uint64_t *out, struct tf_fault *fault)
{
    zip_int64_t count = zip_get_num_entries(archive, 0);
    bool found = false;
    if (count > MAX_ENTRIES)
        return fail(fault, TF_TOO_LARGE,
                    TF_TEXT("The archive has more than 10,000 entries. Give the KML file itself."));
    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
        if (!name || !ends_with_kml(name))
            continue;
        bool main = strcasecmp(name, "doc.kml") == 0;
        if (!found || main)
            *out = (zip_uint64_t)i;
        found = true;
        if (main)
            break;
    }
    return found ? TF_OK : fail(fault, TF_MISSING, TF_TEXT("The archive holds no .kml file."));
}

/* Unpacks until the end or the limit; what the archive says of sizes is not trusted. */
static enum tf_status unpack(zip_t *archive, zip_uint64_t index, struct tf_buf *out,
                             struct tf_fault *fault)
{
    zip_file_t *file = zip_fopen_index(archive, index, 0);
    char *chunk = malloc(CHUNK_BYTES);
    enum tf_status rc = TF_OK;
    zip_int64_t n = 0;
    if (!chunk)
        rc = fail(fault, TF_NOMEM, NULL);
    else if (!file)
        rc = fail(fault, TF_UNSUPPORTED,
                  TF_TEXT("The KML file in the archive cannot be opened. Is it encrypted?"));
    while (!rc && (n = zip_fread(file, chunk, CHUNK_BYTES)) > 0) {
        tf_buf_append(out, chunk, (size_t)n);
        rc = tf_buf_status(out);
        if (rc)
            fail(fault, rc == TF_LIMIT ? TF_TOO_LARGE : rc,
                 rc == TF_LIMIT ? TF_TEXT("The KML file in the archive is larger than 128 MB. "
                                          "Split it.")
                                : NULL);
    }
    if (!rc && n < 0)
        rc = fail(fault, TF_SYNTAX,
                  TF_TEXT("The zip archive is damaged or incomplete. Export it again."));
    if (file)
        zip_fclose(file);
    free(chunk);
    return rc;
}

static enum tf_status kmz_read(struct tf_reader *reader)
{
    struct tf_fault fault;
    struct tf_buf text = TF_BUF_INIT(MAX_KML_BYTES);
    zip_t *archive = NULL;
    zip_uint64_t index = 0;
    enum tf_status rc = open_archive(reader, &archive, &fault);
    if (!rc)
        rc = find_kml(archive, &index, &fault);
    if (!rc)
        rc = unpack(archive, index, &text, &fault);
    if (archive)
        zip_discard(archive);
    if (rc) {
        rc = tf_reader_reject(reader, &fault);
    } else {
        const char *bytes = reader->bytes;
        size_t len = reader->len;
        reader->bytes = text.data ? text.data : "";
        reader->len = text.len;
        rc = tf_kml_read(reader);
        reader->bytes = bytes;
        reader->len = len;
    }
    tf_buf_release(&text);
    return rc;
}

/* Any zip archive: no other format here is one. */
static int kmz_detect(const char *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0 ? 80 : 0;
}

const struct tf_codec tf_codec_kmz = {
    .format = TF_FORMAT_KMZ,
    .detect = kmz_detect,
    .read = kmz_read,
};
