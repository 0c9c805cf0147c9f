/*
 * format.c - the table of codecs, and reading and writing through it.
 */
#include "format/internal.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Files are read whole; a larger one must be split. */
static const size_t MAX_FILE_BYTES = (size_t)256 << 20;
enum { SNIFF_BYTES = 65536 };

static const struct tf_codec *const codecs[TF_FORMAT_COUNT] = {
    [TF_FORMAT_GEOJSON] = &tf_codec_geojson, [TF_FORMAT_KML] = &tf_codec_kml,
    [TF_FORMAT_KMZ] = &tf_codec_kmz,         [TF_FORMAT_ED269] = &tf_codec_ed269,
    [TF_FORMAT_ED318] = &tf_codec_ed318,     [TF_FORMAT_F3548] = &tf_codec_f3548,
    [TF_FORMAT_OPENAIR] = &tf_codec_openair, [TF_FORMAT_ACO] = &tf_codec_aco,
    [TF_FORMAT_CSV] = &tf_codec_csv,         [TF_FORMAT_GPX] = &tf_codec_gpx,
    [TF_FORMAT_OPENSKY] = &tf_codec_opensky, [TF_FORMAT_READSB] = &tf_codec_readsb,
};

static const struct {
    const char *word, *suffix;
} names[TF_FORMAT_COUNT] = {[TF_FORMAT_AUTO] = {"auto", ""},
#define FORMAT_NAME(name, word, suffix) [TF_FORMAT_##name] = {word, suffix},
                            TF_FORMAT_LIST(FORMAT_NAME)
#undef FORMAT_NAME
};

static const struct tf_codec *codec_of(enum tf_format format)
{
    return (unsigned)format < TF_FORMAT_COUNT ? codecs[format] : NULL;
}

const char *tf_format_word(enum tf_format format)
{
    return (unsigned)format < TF_FORMAT_COUNT ? names[format].word : "?";
}

enum tf_status tf_format_from_word(const char *word, enum tf_format *out)
{
    for (int f = 0; f < TF_FORMAT_COUNT; f++) {
        if (strcasecmp(word, names[f].word) == 0) {
            *out = (enum tf_format)f;
            return TF_OK;
        }
    }
    return TF_NOT_FOUND;
}

bool tf_format_can_read(enum tf_format format)
{
    return codec_of(format) && codec_of(format)->read;
}

bool tf_format_can_write(enum tf_format format)
{
    return codec_of(format) && codec_of(format)->write;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t len = name ? strlen(name) : 0, suffix_len = strlen(suffix);
    return len > suffix_len && strcasecmp(name + len - suffix_len, suffix) == 0;
}

enum tf_format tf_format_detect(const void *bytes, size_t len, const char *file_name)
{
    enum tf_format best = TF_FORMAT_AUTO;
    int best_score = 0;
    for (int f = 0; f < TF_FORMAT_COUNT; f++) {
        const struct tf_codec *codec = codecs[f];
        if (!codec || !codec->detect)
            continue;
        int score = codec->detect(bytes, len < SNIFF_BYTES ? len : SNIFF_BYTES);
        bool tie = score > 0 && score == best_score;
        if (score > best_score || (tie && has_suffix(file_name, names[f].suffix) &&
                                   !has_suffix(file_name, names[best].suffix))) {
            best_score = score;
            best = (enum tf_format)f;
        }
    }
    return best;
}

/* Notes `code` as the reason, in the words of `message` (NULL: the code's). */
static enum tf_status refuse(const struct tf_read_options *options, struct tf_notes *notes,
                             enum tf_status code, const char *message, const char *arg)
{
    struct tf_fault fault;
    tf_fault_set(&fault, code, TF_NO_INDEX, "", message, arg, NULL, NULL);
    enum tf_status rc = tf_notes_add_reason(notes, options->file_name, 0, &fault);
    return rc ? rc : code;
}

/* The formats whose readers take any bytes as text. */
static bool is_plain_text(enum tf_format format)
{
    return format == TF_FORMAT_CSV || format == TF_FORMAT_OPENAIR || format == TF_FORMAT_ACO;
}

static bool is_utf16(const char *bytes, size_t len)
{
    return len >= 2 && (!memcmp(bytes, "\xFF\xFE", 2) || !memcmp(bytes, "\xFE\xFF", 2));
}

/* Why bytes whose type is not known are none. */
static const char *unknown_reason(const char *bytes, size_t len)
{
    size_t blanks = 0;
    while (blanks < len && strchr(" \t\r\n", bytes[blanks]) && bytes[blanks])
        blanks++;
    return blanks == len ? TF_TEXT("The file is empty.")
                         : TF_TEXT("The type of the file is not known: say which it is, or save it "
                                   "in a format that is read here.");
}

/* Letters in another encoding are lost: one warning, with the first line of them. */
static void check_encoding(struct tf_reader *reader)
{
    const char *bytes = reader->bytes;
    size_t line = 1;
    uint32_t code;
    for (size_t i = 0, n; i < reader->len; i += n) {
        line += bytes[i] == '\n';
        n = (unsigned char)bytes[i] < 0x80 ? 1 : tf_utf8_decode(bytes + i, reader->len - i, &code);
        if (n > 0)
            continue;
        struct tf_fault fault;
        tf_fault_set(&fault, TF_SYNTAX, TF_NO_INDEX, "",
                     TF_TEXT("The text is not UTF-8: some letters are lost. Save the file as "
                             "UTF-8."),
                     NULL, NULL, NULL);
        reader->state->status =
            tf_notes_add(reader->notes, TF_NOTE_WARNING, reader->options->file_name, line, &fault);
        return;
    }
}

static enum tf_status choose(const void *bytes, size_t len, const struct tf_read_options *options,
                             struct tf_notes *notes, const struct tf_codec **out)
{
    enum tf_format format = options->format;
    if (len > MAX_FILE_BYTES)
        return refuse(options, notes, TF_TOO_LARGE,
                      TF_TEXT("The file is larger than 256 MB. Split it."), NULL);
    if (format == TF_FORMAT_AUTO)
        format = tf_format_detect(bytes, len, options->file_name);
    if ((format == TF_FORMAT_AUTO || is_plain_text(format)) && is_utf16(bytes, len))
        return refuse(options, notes, TF_SYNTAX,
                      TF_TEXT("The file is in UTF-16. Save it as UTF-8."), NULL);
    if (format == TF_FORMAT_AUTO)
        return refuse(options, notes, TF_SYNTAX, unknown_reason(bytes, len), NULL);
    if (!tf_format_can_read(format))
        return refuse(options, notes, TF_UNSUPPORTED,
                      TF_TEXT("Files of type %1 cannot be read, only written."),
                      tf_format_word(format));
    *out = codec_of(format);
    return TF_OK;
}

/* Moves all entities; either all or none. */
static enum tf_status merge(struct tf_picture *from, struct tf_picture *into)
{
    size_t need = into->count + from->count;
    if (need > into->capacity) {
        struct tf_entity *entities = realloc(into->entities, need * sizeof *entities);
        if (!entities)
            return TF_NOMEM;
        into->entities = entities;
        into->capacity = need;
    }
    if (from->count > 0)
        memcpy(into->entities + into->count, from->entities, from->count * sizeof *from->entities);
    into->count = need;
    from->count = 0;
    return TF_OK;
}

/* Whether the last note, added since `before`, is an ERROR with this code. */
static bool explained(const struct tf_notes *notes, size_t before, enum tf_status code)
{
    if (!notes)
        return true;
    const struct tf_note *last = notes->count > before ? &notes->items[notes->count - 1] : NULL;
    return last && last->severity == TF_NOTE_ERROR && last->fault.code == code;
}

enum tf_status tf_format_read(const void *bytes, size_t len, const struct tf_read_options *options,
                              struct tf_picture *out, struct tf_notes *notes)
{
    static const struct tf_read_options no_options = {0};
    if (!options)
        options = &no_options;
    const struct tf_codec *codec = NULL;
    enum tf_status rc = choose(bytes, len, options, notes, &codec);
    if (rc)
        return rc;
    size_t notes_before = notes ? notes->count : 0;
    struct tf_picture picture = {0};
    struct tf_reader_state state = {0};
    struct tf_reader reader = {.bytes = bytes,
                               .len = len,
                               .options = options,
                               .out = &picture,
                               .notes = notes,
                               .state = &state};
    if (is_plain_text(codec->format))
        check_encoding(&reader);
    rc = codec->read(&reader);
    if (!rc)
        rc = tf_sanity_file(&reader, out);
    if (!rc)
        rc = merge(&picture, out);
    if (rc && !explained(notes, notes_before, rc))
        rc = refuse(options, notes, rc, NULL, NULL);
    tf_reader_state_release(&state);
    tf_picture_release(&picture);
    return rc;
}

enum tf_status tf_format_write(enum tf_format format, const struct tf_picture *picture,
                               struct tf_buf *out, struct tf_notes *notes)
{
    static const struct tf_read_options no_options = {0};
    if (!tf_format_can_write(format))
        return refuse(&no_options, notes, TF_UNSUPPORTED,
                      TF_TEXT("Files of type %1 cannot be written."), tf_format_word(format));
    enum tf_status rc = codec_of(format)->write(picture, out, notes);
    return rc ? rc : tf_buf_status(out);
}
