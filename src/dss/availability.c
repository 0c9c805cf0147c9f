/*
 * availability.c - what is known of a USS: Unknown, Normal or Down (F3548 A4).
 */
#include "dss/internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *known_state(const char *text)
{
    static const char *const states[] = {"Unknown", "Normal", "Down"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcasecmp(text, states[i]) == 0)
            return states[i];
    return *text ? NULL : states[0];
}

enum tf_status dss_availability_put(struct dss_db *db, const struct dss_context *context,
                                    const char *uss, const char *state, const char *old_version,
                                    struct dss_reply *reply)
{
    struct dss_availability record;
    const char *known = known_state(state);
    if (!known)
        return dss_refuse(reply, 400, "must be Unknown, Normal or Down", "availability");
    if (!*uss || strlen(uss) >= sizeof record.uss)
        return dss_refuse(reply, 400, "must have 1 to 255 bytes", "uss_id");
    enum tf_status rc = db->ops->get_availability(db, uss, &record);
    if (rc)
        return rc;
    if (strcmp(record.version, old_version) != 0)
        return dss_refuse(reply, 409, "is not the current version of this record", "old_version");
    char version[DSS_OVN_SIZE];
    record.updated_us = context->stamp_us;
    dss_ovn_make(uss, record.updated_us, version);
    if (strcmp(version, record.version) == 0)
        dss_ovn_make(uss, ++record.updated_us, version);
    snprintf(record.uss, sizeof record.uss, "%s", uss);
    snprintf(record.state, sizeof record.state, "%s", known);
    snprintf(record.version, sizeof record.version, "%.60s", version);
    reply->status = 200;
    reply->availability = record;
    return db->ops->put_availability(db, &record);
}
