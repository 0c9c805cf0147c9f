/*
 * internal.h - what the core of src/format shares with itself (format.c,
 * notes.c, reader.c, sanity.c). Codecs need format.h only.
 */
#ifndef TF_FORMAT_INTERNAL_H
#define TF_FORMAT_INTERNAL_H

#include "format/format.h"

/* The reason why a file was refused: an ERROR that is kept beyond the maximum. */
enum tf_status tf_notes_add_reason(struct tf_notes *notes, const char *file, size_t line,
                                   const struct tf_fault *fault);

/* What reading one file gathers for the checks at its end. Zero is valid. */
struct tf_reader_state {
    size_t *features; /* owned; the feature number of each entity of reader->out */
    size_t capacity;
    size_t volumes;                         /* added so far */
    enum tf_status status;                  /* TF_NOMEM: a warning could not be kept */
    size_t assumed[TF_ASSUMED_COUNT];       /* how many features */
    size_t first_assumed[TF_ASSUMED_COUNT]; /* the first of them */
    struct tf_coarse {
        bool is_said;           /* the codec says how places were written */
        size_t count, first[3]; /* sites; rows, or features from 1, of the first */
        size_t feature;         /* of the first, from 0 */
        double worst_m;
    } coarse;
};
void tf_reader_state_release(struct tf_reader_state *state);

/* Place: outside of the expected area, latitude and longitude likely swapped. */
void tf_sanity_place(struct tf_reader *reader, const struct tf_entity *entity);
/* How finely the place of a site was written, if no codec says it: tf_reader_written. */
void tf_sanity_written(struct tf_reader *reader, const struct tf_entity *entity);
/* At the end of a file: duplicates in it and against `before`, and what was
 * assumed. Cost O(n log n). TF_NOMEM or TF_OK. */
enum tf_status tf_sanity_file(struct tf_reader *reader, const struct tf_picture *before);

#endif
