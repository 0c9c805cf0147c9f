/*
 * json.h - reading hostile JSON by path, for the codecs.
 *
 * A struct tf_json is a place in a document: its value and how one gets there
 * from the root, as a chain on the stack. Every reader names the first bad field
 * by its path, as in "features[3].geometry.coordinates[0][2][1]". A member that
 * is absent and one that is null are the same: value is NULL.
 */
#ifndef TF_FORMAT_JSON_H
#define TF_FORMAT_JSON_H

#include "format/format.h"

#include <jansson.h>

struct tf_json {
    const struct tf_json *up; /* borrowed; NULL at the root */
    const char *key;          /* of a member; NULL: item `index` of an array */
    size_t index;
    const json_t *value; /* borrowed; NULL if there is none */
};

/*
 * Parses the reader's bytes: UTF-8 (a byte order mark is skipped), no duplicate
 * keys, at most 64 levels deep. TF_SYNTAX sets reader->line. *out: json_decref.
 */
enum tf_status tf_json_parse(struct tf_reader *reader, json_t **out, struct tf_fault *fault);

/* Parses the reader's bytes, calls `read` with the root, frees; notes what cannot be
 * parsed (which ends the reading, keep_going or not). */
enum tf_status tf_json_read_document(struct tf_reader *reader,
                                     enum tf_status (*read)(struct tf_reader *reader,
                                                            const struct tf_json *root));

/* Calls `read` for each item of `list`, with reader->feature its number, up to the first
 * that does not return TF_OK. A list that is none is noted and ends the reading. */
enum tf_status tf_json_each_feature(struct tf_reader *reader, const struct tf_json *list,
                                    enum tf_status (*read)(struct tf_reader *reader,
                                                           const struct tf_json *item));

struct tf_json tf_json_root(const json_t *value);
struct tf_json tf_json_get(const struct tf_json *object, const char *key);
/* The first of the keys (a list that ends with NULL) that is there. */
struct tf_json tf_json_get_any(const struct tf_json *object, const char *const *keys);
struct tf_json tf_json_item(const struct tf_json *array, size_t index);
size_t tf_json_count(const struct tf_json *array); /* 0 if it is none */
bool tf_json_there(const struct tf_json *at);

enum { TF_JSON_PATH_SIZE = TF_FAULT_FIELD_SIZE };
void tf_json_path(const struct tf_json *at, char out[TF_JSON_PATH_SIZE]);
/* Sets the fault with the path of `at` as its field; returns code. */
enum tf_status tf_json_fault(const struct tf_json *at, enum tf_status code, const char *message,
                             const char *arg1, const char *arg2, struct tf_fault *fault);
/*
 * Puts the path of `at` before the field of a fault that a constructor of
 * libtafadi has set; with `coordinates`, "rings[1].vertices[2]" is written
 * "[1][2]".
 */
void tf_json_prefix(const struct tf_json *at, bool coordinates, struct tf_fault *fault);

/* The same for one list of vertices at `at`: "rings[0].vertices[2]" is "[2]". */
void tf_json_prefix_ring(const struct tf_json *at, struct tf_fault *fault);

/* Readers: TF_MISSING if there is none, TF_SYNTAX if it is of another type. */
enum tf_status tf_json_number(const struct tf_json *at, double *out, struct tf_fault *fault);
enum tf_status tf_json_text(const struct tf_json *at, const char **out, struct tf_fault *fault);
enum tf_status tf_json_time(const struct tf_json *at, int64_t *out, struct tf_fault *fault);
/* The same of an end of an interval: tf_time_bound. */
enum tf_status tf_json_bound(const struct tf_json *at, int64_t *out, struct tf_fault *fault);
enum tf_status tf_json_object(const struct tf_json *at, struct tf_fault *fault);
enum tf_status tf_json_array(const struct tf_json *at, struct tf_fault *fault);
/* The index of the text in `words` (which ends with NULL), ignoring case. */
enum tf_status tf_json_word(const struct tf_json *at, const char *const *words, int *out,
                            struct tf_fault *fault);
/* A number, or a text that holds one. */
enum tf_status tf_json_number_or_text(const struct tf_json *at, double *out,
                                      struct tf_fault *fault);
/* The text, or the number in words; NULL if there is none of both. `buffer` has
 * 32 bytes. */
const char *tf_json_as_text(const struct tf_json *at, char *buffer);

/* [longitude, latitude] or [longitude, latitude, altitude]; the altitude is NAN
 * if there is none. TF_RANGE asks about swapping where that would help. */
enum tf_status tf_json_position(const struct tf_json *at, struct tf_latlng *out, double *altitude,
                                struct tf_fault *fault);

/* Vertices of one outline, gathered ring by ring. Zero is valid. */
struct tf_json_rings {
    struct tf_latlng *vertices; /* owned */
    size_t count, capacity, closed;
    struct tf_ring *rings; /* owned; their pointers are valid after tf_json_rings_finish */
    size_t ring_count, ring_capacity;
};
/* A vertex that repeats the one before it (within 0.1 mm) is dropped. */
enum tf_status tf_json_rings_add(struct tf_json_rings *rings, struct tf_latlng vertex);
/* Ends one; of a ring, a last vertex that repeats the first is dropped. */
enum tf_status tf_json_rings_close(struct tf_json_rings *rings, bool is_ring);
void tf_json_rings_finish(struct tf_json_rings *rings);
/* GeoJSON's coordinates of a polygon: an array of rings. */
enum tf_status tf_json_rings_read(const struct tf_json *at, struct tf_json_rings *out,
                                  struct tf_fault *fault);
/* An array of positions as ring 0. */
enum tf_status tf_json_line_read(const struct tf_json *at, struct tf_json_rings *out,
                                 struct tf_fault *fault);
void tf_json_rings_release(struct tf_json_rings *rings);
/* A polygon from GeoJSON's coordinates. */
enum tf_status tf_json_polygon(const struct tf_json *coordinates, enum tf_edges edges,
                               struct tf_shape **out, struct tf_fault *fault);

/*
 * For detection: the shape of a JSON text's beginning. `keys` and `words` end
 * with NULL; bit i of the answer is set if keys[i] is a member's name anywhere in
 * the text (or words[i] a string value).
 */
struct tf_json_sniff {
    char first;     /* '{', '[', or 0: not JSON */
    uint64_t keys;  /* bits */
    uint64_t words; /* bits */
};
struct tf_json_sniff tf_json_sniff(const char *bytes, size_t len, const char *const *keys,
                                   const char *const *words);

/* --- writing ----------------------------------------------------------------------- */

/* ,"key":"text" (nothing if text is NULL). */
void tf_json_put_text(struct tf_buf *buf, const char *key, const char *text);
void tf_json_put_number(struct tf_buf *buf, const char *key, double value);
void tf_json_put_time(struct tf_buf *buf, const char *key, int64_t t_ns);
/* [longitude,latitude] */
void tf_json_put_position(struct tf_buf *buf, struct tf_latlng p);

#endif
