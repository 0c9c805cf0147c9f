/*
 * import.c - a whole file, feature by feature, with a result for each; and copies in time.
 */
#include "ops/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- files ---------------------------------------------------------------------------- */

struct importing {
    struct ops *ops;
    const struct line_context *c;
    const struct ops_import *import;
    const struct ops_who *who;
    bool (*visit)(void *ctx, const struct ops_import_row *row);
    void *ctx;
    size_t refused;
};

static enum ops_class class_of(const struct tf_entity *entity)
{
    return entity->kind == TF_KIND_SITE   ? OPS_SITE
           : entity->kind == TF_KIND_ZONE ? OPS_ZONE
                                          : OPS_OPERATION;
}

/* What the reader refused: a row for each feature that has an error. */
static void show_errors(struct importing *im, const struct tf_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct tf_note *note = &notes->items[i];
        if (note->severity != TF_NOTE_ERROR)
            continue;
        struct ops_import_row row = {.feature = note->fault.at,
                                     .line = note->line,
                                     .outcome = OPS_REFUSED,
                                     .fault = &note->fault};
        im->refused++;
        (void)im->visit(im->ctx, &row);
    }
}

static const char *present_etag(struct importing *im, enum ops_class class, const char *id,
                                struct sql_rows *rows, enum tf_status *rc)
{
    struct ops_record record;
    *rc = ops_row_find(im->c, "", class, id, rows, &record);
    if (*rc == TF_NOT_FOUND) {
        *rc = TF_OK;
        return NULL;
    }
    return *rc ? NULL : record.etag;
}

static enum tf_status submit_one(struct importing *im, struct ops_import_row *row,
                                 struct ops_written *written, struct ops_verdict *verdict,
                                 struct tf_fault *fault)
{
    struct ops_deed deed = {.class = OPS_OPERATION, .id = written->id, .act = OPS_ACT_SUBMIT};
    struct ops_written after;
    if (!im->import->submits || row->class != OPS_OPERATION || written->state != OPS_STATE_DRAFT)
        return TF_OK;
    enum tf_status rc = ops_act(im->ops, im->c, &deed, im->who, verdict, &after, fault);
    if (rc)
        return rc;
    row->verdict = verdict;
    written->state = after.state;
    return TF_OK;
}

/* Nothing is written before all of it has been looked at: a refusal leaves nothing behind. */
static bool is_refusal(enum tf_status rc)
{
    return rc != TF_OK && rc != TF_NOMEM && rc != TF_BUSY && rc != TF_LIMIT;
}

static enum tf_status import_one(struct importing *im, const struct tf_entity *entity, size_t at)
{
    struct sql_rows rows = {0};
    struct tf_fault fault = {.message = NULL};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR}, submitted = {.outcome = OPS_CLEAR};
    struct ops_written written = {.version = 0};
    struct ops_draft draft = {.class = class_of(entity), .entity = entity};
    struct ops_import_row row = {.feature = at, .id = entity->id, .class = draft.class};
    enum tf_status rc = TF_OK;
    if (im->import->replaces)
        draft.if_match = present_etag(im, draft.class, entity->id, &rows, &rc);
    draft.extra = draft.if_match ? NULL : im->import->extra;
    if (!rc)
        rc = ops_put(im->ops, im->c, &draft, im->who, &verdict, &written, &fault);
    if (!rc && !verdict.is_applied)
        rc = ops_refuse(&fault, TF_UNSUPPORTED, "feature",
                        TF_TEXT("\"%1\" is in use, and so changed it would be in conflict."),
                        entity->id);
    if (!rc)
        rc = submit_one(im, &row, &written, &submitted, &fault);
    row.outcome = rc                   ? OPS_REFUSED
                  : written.is_new     ? OPS_ADDED
                  : written.is_changed ? OPS_UPDATED
                                       : OPS_UNCHANGED;
    row.fault = rc ? &fault : NULL;
    row.state = written.state;
    if (rc && !fault.message)
        (void)ops_refuse(&fault, rc, "", tf_status_text(rc), NULL);
    if (is_refusal(rc)) {
        im->refused++;
        rc = TF_OK;
    }
    if (!rc)
        (void)im->visit(im->ctx, &row);
    ops_verdict_release(&verdict);
    ops_verdict_release(&submitted);
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status import_all(struct importing *im, const struct tf_picture *picture,
                                 struct tf_fault *fault)
{
    enum tf_status rc = TF_OK;
    if (picture->count > OPS_IMPORT_MAX)
        return ops_refuse(fault, TF_TOO_LARGE, "",
                          TF_TEXT("A file may have 5,000 features. Cut it into several."), NULL);
    for (size_t i = 0; i < picture->count && !rc; i++)
        rc = import_one(im, &picture->entities[i], i);
    if (!rc && im->import->all_or_nothing && im->refused > 0)
        rc = ops_refuse(fault, TF_UNSUPPORTED, "",
                        TF_TEXT("Not every feature could be taken; nothing was changed."), NULL);
    return rc;
}

enum tf_status ops_import(struct ops *ops, const struct line_context *c,
                          const struct ops_import *import, const struct ops_who *who,
                          bool (*visit)(void *ctx, const struct ops_import_row *row), void *ctx,
                          struct tf_notes *notes, struct tf_fault *fault)
{
    struct importing im = {
        .ops = ops, .c = c, .import = import, .who = who, .visit = visit, .ctx = ctx};
    struct tf_read_options options = import->options;
    struct tf_picture picture = {0};
    options.keep_going = true;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc) {
        rc = tf_format_read(import->bytes, import->len, &options, &picture, notes);
        if (rc && notes->count > 0)
            *fault = notes->items[notes->count - 1].fault;
        else if (rc)
            (void)ops_refuse(fault, rc, "", tf_status_text(rc), NULL);
    }
    if (!rc) {
        show_errors(&im, notes);
        rc = import_all(&im, &picture, fault);
    }
    tf_picture_release(&picture);
    return rc;
}

/* --- copies in time --------------------------------------------------------------------------- */

struct original {
    struct tf_entity entity;
    json_t *extra;
    int64_t start_us, end_us;
    enum tf_status rc;
};

static bool take_original(void *ctx, const struct ops_record *record)
{
    struct original *original = ctx;
    original->rc = ops_entity_of(record, &original->entity);
    original->extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    original->start_us = record->start_us;
    original->end_us = record->end_us;
    return true;
}

static enum tf_status check_repeat(const struct ops_repeat *repeat, const struct original *original,
                                   struct tf_fault *fault)
{
    if (original->start_us <= TF_TIME_MIN / 1000 || original->end_us >= TF_TIME_MAX / 1000)
        return ops_refuse(fault, TF_TIME, "feature.properties.start",
                          TF_TEXT("What has no start or no end cannot be repeated."), NULL);
    if (repeat->every_ns < TF_MINUTE_NS || repeat->every_ns > 366 * TF_DAY_NS)
        return ops_refuse(fault, TF_RANGE, "every_s",
                          TF_TEXT("It can be repeated every minute to every 366 days."), NULL);
    if (repeat->until_ns == 0 && repeat->count == 0)
        return ops_refuse(fault, TF_MISSING, "until",
                          TF_TEXT("Until when, or how often? Give one of both."), NULL);
    if (repeat->count > OPS_REPEAT_MAX)
        return ops_refuse(fault, TF_RANGE, "count",
                          TF_TEXT("At most 1,000 copies are made at "
                                  "once."),
                          NULL);
    return TF_OK;
}

static void shift(struct tf_entity *entity, int64_t by_ns)
{
    for (size_t i = 0; i < entity->volume_count; i++) {
        entity->volumes[i].start_ns = tf_time_add(entity->volumes[i].start_ns, by_ns);
        entity->volumes[i].end_ns = tf_time_add(entity->volumes[i].end_ns, by_ns);
    }
    for (size_t i = 0; i < entity->waypoint_count; i++)
        entity->waypoints[i].t_ns = tf_time_add(entity->waypoints[i].t_ns, by_ns);
}

/* "patrol" at 06:00 becomes "patrol/20261129T0600Z". */
static enum tf_status name_copy(struct tf_entity *entity, const char *id, int64_t start_ns,
                                struct tf_fault *fault)
{
    struct tf_civil t;
    char name[OPS_ID_SIZE + 32];
    tf_time_to_civil(start_ns, &t);
    snprintf(name, sizeof name, "%s/%04d%02d%02dT%02d%02dZ", id, t.year, t.month, t.day, t.hour,
             t.minute);
    if (!ops_id_is_valid(name))
        return ops_refuse(fault, TF_RANGE, "id",
                          TF_TEXT("The id \"%1\" is too long to be repeated."), id);
    return tf_entity_set_text(&entity->id, name);
}

struct repeating {
    struct ops *ops;
    const struct line_context *c;
    const struct ops_repeat *repeat;
    const struct ops_who *who;
    struct original *original;
};

static enum tf_status write_copy(struct repeating *r, struct ops_verdict *verdict,
                                 struct tf_fault *fault)
{
    struct ops_verdict put = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct ops_draft draft = {
        .class = OPS_OPERATION, .entity = &r->original->entity, .extra = r->original->extra};
    enum tf_status rc = ops_put(r->ops, r->c, &draft, r->who, &put, &written, fault);
    ops_verdict_release(&put);
    if (rc || !r->repeat->submits)
        return rc;
    struct ops_deed deed = {.class = OPS_OPERATION, .id = written.id, .act = OPS_ACT_SUBMIT};
    return ops_act(r->ops, r->c, &deed, r->who, verdict, &written, fault);
}

static bool is_wanted(const struct ops_repeat *repeat, int64_t start_ns)
{
    struct tf_civil t;
    tf_time_to_civil(start_ns, &t);
    return repeat->weekdays == 0 || (repeat->weekdays & (1u << t.weekday));
}

enum tf_status ops_repeat(struct ops *ops, const struct line_context *c,
                          const struct ops_repeat *repeat, const struct ops_who *who,
                          bool (*visit)(void *ctx, const char *id,
                                        const struct ops_verdict *verdict,
                                        const struct tf_fault *fault),
                          void *ctx, struct tf_fault *fault)
{
    struct original original = {.rc = TF_OK};
    struct repeating r = {.ops = ops, .c = c, .repeat = repeat, .who = who, .original = &original};
    size_t made = 0, most = repeat->count ? repeat->count : OPS_REPEAT_MAX;
    enum tf_status rc = ops_find(ops, c, "", OPS_OPERATION, repeat->id, take_original, &original);
    rc = rc ? rc : original.rc;
    if (!rc)
        rc = check_repeat(repeat, &original, fault);
    int64_t start_ns = original.start_us * 1000;
    for (int step = 0; !rc && made < most && step < 7 * OPS_REPEAT_MAX; step++) {
        struct ops_verdict verdict = {.outcome = OPS_CLEAR};
        struct tf_fault why = {.message = NULL};
        start_ns = tf_time_add(start_ns, repeat->every_ns);
        if (start_ns == TF_TIME_MAX || (repeat->until_ns && start_ns >= repeat->until_ns))
            break;
        shift(&original.entity, repeat->every_ns);
        if (!is_wanted(repeat, start_ns))
            continue;
        rc = name_copy(&original.entity, repeat->id, start_ns, fault);
        if (rc)
            break;
        rc = write_copy(&r, &verdict, &why);
        made++;
        if (is_refusal(rc) && !why.message)
            (void)ops_refuse(&why, rc, "", tf_status_text(rc), NULL);
        bool refused = is_refusal(rc);
        rc = refused ? TF_OK : rc;
        if (!rc && !visit(ctx, original.entity.id, repeat->submits ? &verdict : NULL,
                          refused ? &why : NULL))
            made = most;
        ops_verdict_release(&verdict);
    }
    tf_entity_release(&original.entity);
    json_decref(original.extra);
    return rc;
}
