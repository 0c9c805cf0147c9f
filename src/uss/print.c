/*
 * print.c - writing references and details as F3548 JSON.
 */
#include "uss/model.h"

#include "format/f3548.h"

void uss_put_uuid(struct tf_buf *out, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    tf_buf_printf(out, "\"%s\"", text);
}

static void put_time(struct tf_buf *out, const char *name, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, text);
    tf_buf_printf(out, ",\"%s\":{\"value\":\"%s\",\"format\":\"RFC3339\"}", name, text);
}

void uss_put_reference(struct tf_buf *out, const struct uss_reference *r)
{
    tf_buf_text(out, "{\"id\":");
    uss_put_uuid(out, &r->id);
    tf_buf_text(out, ",\"manager\":");
    tf_buf_json(out, r->manager);
    tf_buf_text(out, ",\"uss_availability\":\"Unknown\",\"version\":");
    tf_buf_int(out, r->version);
    if (!r->is_constraint)
        tf_buf_printf(out, ",\"state\":\"%s\"", uss_state_word(r->state));
    tf_buf_text(out, ",\"ovn\":");
    tf_buf_json(out, r->ovn);
    put_time(out, "time_start", r->start_ns);
    put_time(out, "time_end", r->end_ns);
    tf_buf_text(out, ",\"uss_base_url\":");
    tf_buf_json(out, r->url);
    if (!tf_uuid_is_zero(&r->subscription)) {
        tf_buf_text(out, ",\"subscription_id\":");
        uss_put_uuid(out, &r->subscription);
    }
    tf_buf_char(out, '}');
}

enum tf_status uss_put_volumes(struct tf_buf *out, const struct uss_volumes *volumes, bool more)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < volumes->count; i++) {
        if (more || i > 0)
            tf_buf_char(out, ',');
        rc = tf_f3548_put_volume(out, &volumes->at[i]);
    }
    return rc ? rc : tf_buf_status(out);
}

enum tf_status uss_put_details(struct tf_buf *out, const struct uss_details *details)
{
    tf_buf_text(out, "{\"volumes\":[");
    enum tf_status rc = uss_put_volumes(out, &details->nominal, false);
    if (rc)
        return rc;
    tf_buf_text(out, "],\"off_nominal_volumes\":[");
    rc = uss_put_volumes(out, &details->off_nominal, false);
    if (rc)
        return rc;
    tf_buf_printf(out, "],\"priority\":%d}", details->priority);
    return tf_buf_status(out);
}
