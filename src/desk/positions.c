/*
 * positions.c - where an operation's aircraft is, as its people report it: held against what was
 * planned; and for the peers of this node's USS, while the operation is outside of that.
 */
#include "desk/register.h"
#include "uss/position.h"

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

static enum tf_status take_report(struct visit *v, const struct line_context *c,
                                  struct uss_report *out)
{
    struct uss_position *p = &out->position;
    enum tf_status rc = take_number(v, "lat_deg", -90, 90, INFINITY, &p->lat_deg);
    if (!rc)
        rc = take_number(v, "lng_deg", -180, 180, INFINITY, &p->lng_deg);
    if (!rc)
        rc = take_number(v, "altitude_m", TF_ALT_MIN_M, TF_ALT_MAX_M, INFINITY, &p->alt_m);
    if (!rc)
        rc = take_number(v, "speed_mps", 0, 100000, NAN, &p->speed_mps);
    if (!rc)
        rc = take_number(v, "track_deg", 0, 360, 360, &p->track_deg);
    if (!rc)
        rc = take_number(v, "accuracy_h_m", 0, 1e6, NAN, &out->accuracy_h_m);
    if (!rc)
        rc = take_number(v, "accuracy_v_m", 0, 1e6, NAN, &out->accuracy_v_m);
    return rc ? rc : desk_time(v, "at", c->now_us, &p->at_us);
}

static enum tf_status run_position(struct visit *v, const struct line_context *c)
{
    struct uss_report report = {.position.at_us = 0};
    enum ops_conformance conformance = OPS_OUTSIDE;
    bool known = false;
    enum tf_status rc = take_report(v, c, &report);
    if (!rc)
        rc = uss_report_position(register_ops(v), c, v->param[0], &report,
                                 desk_uss(v->desk) != NULL, &known, &conformance, &v->fault);
    tf_buf_text(v->out, "{\"taken\":true");
    tf_put_text(v->out, "conformance", known ? ops_conformance_word(conformance) : NULL);
    tf_buf_char(v->out, '}');
    return rc;
}

static const struct desk_route routes[] = {
    {HTTP_POST, "/api/v1/operations/{}/position", REGISTER_PLANNERS, true, run_position, NULL},
};
const struct desk_routes desk_position_routes = {routes, sizeof routes / sizeof *routes};
