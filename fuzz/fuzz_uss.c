/*
 * fuzz_uss.c - whatever the bytes: a notification, details and a DSS's answers are read or refused;
 * details that are read are written, and read again as many.
 */
#include "uss/rules.h"
#include "uss/telemetry.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct uss_details *details)
{
    struct tf_buf text = TF_BUF_INIT(8 << 20);
    struct uss_details again;
    struct tf_fault fault;
    json_t *json;
    if (uss_put_details(&text, details) || uss_parse(text.data, text.len, &json, &fault) ||
        uss_read_details(json, &again, &fault))
        abort();
    if (again.nominal.count != details->nominal.count ||
        again.off_nominal.count != details->off_nominal.count ||
        again.priority != details->priority)
        abort();
    json_decref(json);
    uss_details_release(&again);
    tf_buf_release(&text);
}

static void read_notice(const json_t *json, bool is_constraint)
{
    struct uss_notice notice;
    struct tf_fault fault;
    if (uss_read_notice(json, is_constraint, &notice, &fault))
        return;
    if (!notice.has_ended) {
        struct tf_fault why;
        enum tf_status rc = uss_check_answer(&notice.reference, &notice.reference, &notice.details,
                                             &notice.details.nominal, &why);
        (void)rc;
        write_and_read(&notice.details);
    }
    uss_notice_release(&notice);
}

static void read_answers(const json_t *json)
{
    struct uss_reference reference;
    struct uss_details details;
    struct uss_references list;
    struct uss_subscribers subscribers;
    struct uss_position position;
    struct tf_fault fault;
    if (uss_read_intent(json, &reference, &details, &fault) == TF_OK) {
        write_and_read(&details);
        uss_details_release(&details);
    }
    if (uss_read_constraint(json, &reference, &details, &fault) == TF_OK) {
        write_and_read(&details);
        uss_details_release(&details);
    }
    if (uss_read_references(json, "operational_intent_references", false, &list, &fault) == TF_OK)
        uss_references_release(&list);
    if (uss_read_references(json, "constraint_references", true, &list, &fault) == TF_OK)
        uss_references_release(&list);
    if (uss_read_aircraft(json, "", &position, &fault) == TF_OK &&
        !(position.lat_deg >= -90 && position.lat_deg <= 90 && position.accuracy_h[0]))
        abort();
    if (uss_read_change(json, &reference, &subscribers, &fault) == TF_OK)
        free(subscribers.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_fault fault;
    json_t *json;
    if (uss_parse((const char *)data, size, &json, &fault))
        return 0;
    read_notice(json, false);
    read_notice(json, true);
    read_answers(json);
    json_decref(json);
    return 0;
}
