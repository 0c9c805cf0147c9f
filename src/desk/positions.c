/*
 * positions.c - where an operation's aircraft is, as its people report it: held against what was
 * planned; and for the peers of this node's USS, while the operation is outside of that.
 */
#include "desk/register.h"
#include "ops/conform.h"
#include "uss/telemetry.h"

#include <math.h>

static enum tf_status take_number(struct visit *v, const char *name, double least, double most,
                                  double absent, double *out)
{
    struct tf_json root = tf_json_root(v->json), at = tf_json_get(&root, name);
    bool required = isinf(absent);
    *out = absent;
    if (!required && !tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = tf_json_number(&at, out, &v->fault);
    if (!rc && !(*out >= least && *out <= most))
        rc = tf_json_fault(&at, TF_RANGE, TF_TEXT("this number is out of its range"), NULL, NULL,
                           &v->fault);
    return rc;
}

static enum tf_status take_position(struct visit *v, const struct line_context *c,
                                    struct uss_position *out, struct ops_position *place)
{
    double accuracy_h_m, accuracy_v_m;
    enum tf_status rc = take_number(v, "lat_deg", -90, 90, INFINITY, &out->lat_deg);
    if (!rc)
        rc = take_number(v, "lng_deg", -180, 180, INFINITY, &out->lng_deg);
    if (!rc)
        rc = take_number(v, "altitude_m", TF_ALT_MIN_M, TF_ALT_MAX_M, INFINITY, &out->alt_m);
    if (!rc)
        rc = take_number(v, "speed_mps", 0, 100000, NAN, &out->speed_mps);
    if (!rc)
        rc = take_number(v, "track_deg", 0, 360, 360, &out->track_deg);
    if (!rc)
        rc = take_number(v, "accuracy_h_m", 0, 1e6, NAN, &accuracy_h_m);
    if (!rc)
        rc = take_number(v, "accuracy_v_m", 0, 1e6, NAN, &accuracy_v_m);
    if (!rc)
        rc = desk_time(v, "at", c->now_us, &out->at_us);
    if (!rc)
        uss_accuracy_words(out, accuracy_h_m, accuracy_v_m);
    *place = (struct ops_position){.lat_deg = out->lat_deg,
                                   .lng_deg = out->lng_deg,
                                   .alt_m = out->alt_m,
                                   .accuracy_h_m = rc || isnan(accuracy_h_m) ? 0 : accuracy_h_m,
                                   .accuracy_v_m = rc || isnan(accuracy_v_m) ? 0 : accuracy_v_m,
                                   .at_us = out->at_us};
    return rc;
}

/* *known: it is an operation of the register that is in force. */
static enum tf_status hold_against_plan(struct visit *v, const struct line_context *c,
                                        const struct ops_position *place, bool *known,
                                        enum ops_conformance *conformance)
{
    enum tf_status rc = ops_conform(register_ops(v), c, v->param[0], place, conformance);
    *known = !rc;
    return rc == TF_NOT_FOUND || rc == TF_UNSUPPORTED ? TF_OK : rc;
}

static enum tf_status run_position(struct visit *v, const struct line_context *c)
{
    struct uss_position position = {.at_us = 0};
    struct ops_position place;
    struct uss_operation operation = {.due_us = 0};
    enum ops_conformance conformance;
    bool known = false;
    enum tf_status rc = take_position(v, c, &position, &place);
    if (!rc)
        rc = hold_against_plan(v, c, &place, &known, &conformance);
    if (rc)
        return rc;
    rc = desk_uss(v->desk) ? uss_operation_find(c, v->param[0], &operation) : TF_NOT_FOUND;
    if (rc == TF_NOT_FOUND && !known)
        return tf_fault_set(&v->fault, TF_UNSUPPORTED, TF_NO_INDEX, "id",
                            TF_TEXT("\"%1\" is no operation that is in force."), v->param[0], NULL,
                            NULL);
    if (!rc)
        rc = uss_telemetry_add(c, &operation.intent, &position);
    uss_operation_release(&operation);
    tf_buf_text(v->out, "{\"taken\":true");
    tf_put_text(v->out, "conformance", known ? ops_conformance_word(conformance) : NULL);
    tf_buf_char(v->out, '}');
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static const struct desk_route routes[] = {
    {HTTP_POST, "/api/v1/operations/{}/position", REGISTER_PLANNERS, true, run_position, NULL},
};
const struct desk_routes desk_position_routes = {routes, sizeof routes / sizeof *routes};
