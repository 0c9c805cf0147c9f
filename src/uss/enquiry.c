/*
 * enquiry.c - see enquiry.h.
 */
#include "uss/enquiry.h"

#include "format/format.h"
#include "uss/operation.h"
#include <stdio.h>
#include <stdlib.h>

enum { NEAR_MAX = 1 << 26 };

/* --- pictures as text ---------------------------------------------------------------------- */

static enum tf_status write_picture(const struct tf_picture *picture, struct tf_buf *out)
{
    struct tf_notes notes = {0};
    enum tf_status rc = tf_format_write(TF_FORMAT_GEOJSON, picture, out, &notes);
    tf_notes_release(&notes);
    return rc ? rc : tf_buf_status(out);
}

static enum tf_status read_picture(const char *text, struct tf_picture *out)
{
    const struct tf_read_options options = {.format = TF_FORMAT_GEOJSON, .file_name = "near"};
    struct tf_notes notes = {0};
    enum tf_status rc = tf_format_read(text, strlen(text), &options, out, &notes);
    tf_notes_release(&notes);
    return rc;
}

/* --- who asks --------------------------------------------------------------------------------- */

enum tf_status uss_enquiry_put(const struct line_context *c, const char *op, const char *etag,
                               const struct tf_entity *entity)
{
    static const char text[] =
        "INSERT INTO uss_enquiry (op, etag, feature, asked_us, near) VALUES ($1, $2, $3, $4, '')"
        " ON CONFLICT (op) DO UPDATE SET etag = excluded.etag, feature = excluded.feature,"
        " asked_us = excluded.asked_us, near = ''";
    struct tf_picture one = {.entities = (struct tf_entity *)(uintptr_t)entity, .count = 1};
    struct tf_buf feature = TF_BUF_INIT(NEAR_MAX);
    enum tf_status rc = write_picture(&one, &feature);
    if (!rc)
        rc = sql_exec(
            c->sql, text,
            SQL_ARGS(sql_text(op), sql_text(etag), sql_text(feature.data), sql_int(c->now_us)),
            NULL);
    tf_buf_release(&feature);
    return rc;
}

enum tf_status uss_enquiry_is_answered(const struct line_context *c, const char *op, bool *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT 1 FROM uss_enquiry WHERE op = $1 AND near <> ''",
                                  SQL_ARGS(sql_text(op)), &rows);
    *out = !rc && rows.count > 0;
    sql_rows_release(&rows);
    return rc;
}

void uss_enquiry_release(struct uss_enquiry *enquiry)
{
    free(enquiry->near);
    enquiry->near = NULL;
}

enum tf_status uss_enquiry_take(const struct line_context *c, const char *op, const char *etag,
                                struct uss_enquiry *out)
{
    struct sql_rows rows = {0};
    *out = (struct uss_enquiry){.near = NULL};
    enum tf_status rc =
        sql_query(c->sql, "SELECT near FROM uss_enquiry WHERE op = $1 AND etag = $2 AND near <> ''",
                  SQL_ARGS(sql_text(op), sql_text(etag)), &rows);
    if (!rc && rows.count > 0) {
        out->near = strdup(sql_at(&rows, 0, 0)->bytes);
        rc = out->near ? TF_OK : TF_NOMEM;
    }
    sql_rows_release(&rows);
    if (!rc)
        rc = uss_dss_get(c, out->dss);
    if (!rc)
        rc =
            sql_exec(c->sql, "DELETE FROM uss_enquiry WHERE op = $1", SQL_ARGS(sql_text(op)), NULL);
    if (rc)
        uss_enquiry_release(out);
    return rc;
}

static enum tf_status near_it(void *ctx, const struct line_context *c,
                              const struct tf_volume4 *volumes, size_t count,
                              struct tf_picture *out, struct tf_fault *fault)
{
    const struct uss_enquiry *enquiry = ctx;
    (void)c;
    enum tf_status rc = enquiry->near ? read_picture(enquiry->near, out)
                                      : uss_near_dss(enquiry->dss, volumes, count, out);
    return rc ? tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL) : TF_OK;
}

void uss_enquiry_use(struct ops *ops, const struct uss_enquiry *enquiry)
{
    struct ops_foreign foreign = {.ctx = (void *)(uintptr_t)enquiry, .near = near_it};
    ops_set_foreign(ops, enquiry ? &foreign : NULL);
}

/* --- who answers ------------------------------------------------------------------------------ */

enum tf_status uss_enquiry_due(const struct line_context *c, char op[OPS_ID_SIZE],
                               struct tf_entity *out)
{
    static const char text[] = "SELECT op, feature FROM uss_enquiry WHERE near = '' AND"
                               " asked_us > $1 ORDER BY asked_us, op LIMIT 1";
    struct sql_rows rows = {0};
    struct tf_picture picture = {0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_int(c->now_us - USS_ENQUIRY_LIFE_US)), &rows);
    if (!rc)
        rc = rows.count ? read_picture(sql_at(&rows, 0, 0)[1].bytes, &picture) : TF_NOT_FOUND;
    if (!rc && picture.count != 1)
        rc = TF_SYNTAX;
    if (!rc) {
        snprintf(op, OPS_ID_SIZE, "%s", sql_at(&rows, 0, 0)->bytes);
        *out = picture.entities[0];
        picture.entities[0] = (struct tf_entity){0};
    }
    tf_picture_release(&picture);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_enquiry_answer(const struct line_context *c, const char *op,
                                  const struct tf_picture *near)
{
    struct tf_buf text = TF_BUF_INIT(NEAR_MAX);
    enum tf_status rc = write_picture(near, &text);
    if (!rc)
        rc = sql_exec(c->sql, "UPDATE uss_enquiry SET near = $2 WHERE op = $1",
                      SQL_ARGS(sql_text(op), sql_text(text.data)), NULL);
    tf_buf_release(&text);
    return rc;
}
