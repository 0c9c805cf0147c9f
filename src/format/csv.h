/*
 * csv.h - what the parts of the CSV codec share: records, and what their columns mean.
 */
#ifndef TF_FORMAT_CSV_H
#define TF_FORMAT_CSV_H

#include "format/text.h"

enum { TF_CSV_MAX_FIELDS = 128, TF_CSV_MAX_RECORD = 1 << 16 };

/* Walks records (RFC 4180; also with CR, without a last line end). */
struct tf_csv {
    const char *at, *end;
    char separator;
    size_t line; /* 1-based, of the record read last */
    size_t next_line;
    struct tf_buf text; /* its fields, unquoted */
    struct tf_span fields[TF_CSV_MAX_FIELDS];
    size_t count;
};
/* Skips a byte order mark and a line "sep=;", and finds the separator: the most frequent of
 * ; , tab and | in the first line. Release with tf_csv_close. */
void tf_csv_open(struct tf_csv *csv, const char *bytes, size_t len);
/* The next record that is not empty. TF_NOT_FOUND: none. TF_SYNTAX: a quote is not closed;
 * TF_LIMIT: too many fields or bytes; TF_NOMEM. */
enum tf_status tf_csv_next(struct tf_csv *csv);
void tf_csv_close(struct tf_csv *csv);
/* A field of the record; empty if the record is shorter or column < 0. */
struct tf_span tf_csv_field(const struct tf_csv *csv, int column);

/* Columns: the word that is written, and named in messages. */
#define TF_CSV_COLUMN_LIST(X)                                                                      \
    X(ID, "id")                                                                                    \
    X(NAME, "name")                                                                                \
    X(CATEGORY, "category")                                                                        \
    X(PARTY, "party")                                                                              \
    X(LAT, "lat")                                                                                  \
    X(LNG, "lon")                                                                                  \
    X(COORD, "coordinates")                                                                        \
    X(RADIUS, "radius_m")                                                                          \
    X(LOWER, "altitude_lower")                                                                     \
    X(UPPER, "altitude_upper")                                                                     \
    X(FROM, "valid_from")                                                                          \
    X(TO, "valid_to")                                                                              \
    X(KIND, "kind")                                                                                \
    X(STATE, "state")                                                                              \
    X(RESTRICTION, "restriction")                                                                  \
    X(PRIORITY, "priority")                                                                        \
    X(NOTE, "note")                                                                                \
    X(VOLUME, "volume")
enum tf_csv_column {
#define TF_CSV_COLUMN_ENUM(name, word) TF_CSV_##name,
    TF_CSV_COLUMN_LIST(TF_CSV_COLUMN_ENUM)
#undef TF_CSV_COLUMN_ENUM
        TF_CSV_COLUMN_COUNT
};
extern const char *const tf_csv_words[TF_CSV_COLUMN_COUNT];

struct tf_csv_map {
    int column[TF_CSV_COLUMN_COUNT]; /* -1: none */
    bool has_header;
    double radius_unit_m;        /* of the radius column: 1, or 1000 (radius_km), ... */
    struct tf_alt altitude_unit; /* of altitudes that name none */
};
/* What the record in `csv` means, as header or, failing that, as data. False if no column
 * holds places. */
bool tf_csv_map(const struct tf_csv *csv, struct tf_csv_map *out);
/* The column that a header word means; TF_CSV_COLUMN_COUNT: none. */
enum tf_csv_column tf_csv_column_of(struct tf_span header);

enum tf_status tf_csv_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes);

#endif
