/*
 * notes.c - remarks about files, kept up to a maximum.
 */
#include "format/internal.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MAX_NOTES = 1000 };

static enum tf_status make_room(struct tf_notes *notes)
{
    if (notes->count < notes->capacity)
        return TF_OK;
    size_t capacity = notes->capacity ? 2 * notes->capacity : 16;
    struct tf_note *items = realloc(notes->items, capacity * sizeof *items);
    if (!items)
        return TF_NOMEM;
    notes->items = items;
    notes->capacity = capacity;
    return TF_OK;
}

static enum tf_status append(struct tf_notes *notes, enum tf_severity severity, const char *file,
                             size_t line, const struct tf_fault *fault)
{
    char *copy = strdup(file ? file : "-");
    if (!copy || make_room(notes)) {
        free(copy);
        return TF_NOMEM;
    }
    notes->items[notes->count++] =
        (struct tf_note){.severity = severity, .line = line, .file = copy, .fault = *fault};
    return TF_OK;
}

enum tf_status tf_notes_add(struct tf_notes *notes, enum tf_severity severity, const char *file,
                            size_t line, const struct tf_fault *fault)
{
    if (!notes)
        return TF_OK;
    if (notes->count >= (notes->max ? notes->max : DEFAULT_MAX_NOTES)) {
        notes->dropped++;
        return TF_OK;
    }
    return append(notes, severity, file, line, fault);
}

enum tf_status tf_notes_add_reason(struct tf_notes *notes, const char *file, size_t line,
                                   const struct tf_fault *fault)
{
    return notes ? append(notes, TF_NOTE_ERROR, file, line, fault) : TF_OK;
}

enum tf_status tf_write_warn(struct tf_notes *notes, size_t index, const char *message,
                             const char *arg1, const char *arg2)
{
    struct tf_fault fault;
    tf_fault_set(&fault, TF_UNSUPPORTED, index, "", message, arg1, arg2, NULL);
    return tf_notes_add(notes, TF_NOTE_WARNING, NULL, 0, &fault);
}

void tf_write_warn_entity(struct tf_buf *out, struct tf_notes *notes,
                          const struct tf_entity *entity, size_t index, const char *message)
{
    enum tf_status rc = tf_write_warn(notes, index, message, entity->id, NULL);
    if (rc && !out->status)
        out->status = rc;
}

void tf_notes_release(struct tf_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->items[i].file);
    free(notes->items);
    notes->items = NULL;
    notes->count = notes->capacity = notes->dropped = 0;
}
