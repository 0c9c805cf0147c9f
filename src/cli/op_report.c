/*
 * op_report.c - `tafadi op position`, `reports`, `report`: where an operation is, as its people
 * say; and reports of what happened somewhere, with the positions that were reported there.
 */
#include "cli/op_work.h"

#include "base/put.h"
#include "cli/output.h"
#include "format/coords.h"
#include "ops/incident.h"
#include "uss/position.h"
#include <math.h>
#include <string.h>

enum { LISTED = 1000 };

static const struct flag place_flags[] = {
    {"at", 0, "PLACE", &text_reader, OP(at),
     TF_TEXT("where it is: \"36.2 37.1\", degrees and minutes, MGRS or UTM")},
    {"altitude", 0, "HEIGHT", &text_reader, OP(upper),
     TF_TEXT("how high, above the WGS84 ellipsoid, as in 350m or 1200ft")},
    {"time", 0, "TIME", &time_reader, OP(start_ns), TF_TEXT("when it was there (now)")},
    {"accuracy", 0, "LENGTH", &length_reader, OP(radius_m),
     TF_TEXT("how exact the place is (as it is written)")},
    {"height-accuracy", 0, "LENGTH", &length_reader, OP(accuracy_v_m),
     TF_TEXT("how exact the height is (as it is written)")},
    OP_ROLE_FLAG,
};
static const struct flag_table position_tables[] = {
    FLAG_TABLE(TF_TEXT("Operations"), place_flags, 0),
    PARTY_TABLE(OP(party)),
    COMMON_TABLE,
    {.count = 0}};
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(OP(party)), COMMON_TABLE, {.count = 0}};

/* --- position -------------------------------------------------------------------------------- */

static enum tf_status refuse(struct op_work *work, enum tf_status rc, const char *flag,
                             const char *message, const char *arg)
{
    return tf_fault_set(&work->act.fault, rc, TF_NO_INDEX, flag, message, arg, NULL, NULL);
}

static enum tf_status read_height(struct op_work *work, double *out)
{
    const char *text = work->args->upper;
    if (!text)
        return refuse(work, TF_MISSING, "--altitude", TF_TEXT("say how high it is"), NULL);
    if (!read_length_m(text, strlen(text), out) || *out < TF_ALT_MIN_M || *out > TF_ALT_MAX_M)
        return refuse(work, TF_RANGE, "--altitude", TF_TEXT("\"%1\" is not an altitude"), text);
    return TF_OK;
}

static enum tf_status read_report(struct op_work *work, const struct line_context *c,
                                  struct uss_report *out)
{
    const struct op_args *args = work->args;
    struct tf_coord place;
    if (!args->at)
        return refuse(work, TF_MISSING, "--at", TF_TEXT("say where it is"), NULL);
    enum tf_status rc = tf_coord_parse(args->at, strlen(args->at), &place, &work->act.fault);
    if (rc)
        return rc;
    *out = (struct uss_report){
        .position = {.at_us = args->start_ns ? args->start_ns / 1000 : c->now_us,
                     .lat_deg = place.at.lat_deg,
                     .lng_deg = place.at.lng_deg,
                     .speed_mps = NAN,
                     .track_deg = 360},
        .accuracy_h_m = args->radius_m > 0 ? args->radius_m : NAN,
        .accuracy_v_m = args->accuracy_v_m > 0 ? args->accuracy_v_m : NAN};
    if (place.uncertainty_m > 0 && !(args->radius_m > place.uncertainty_m))
        out->accuracy_h_m = place.uncertainty_m; /* a square of a grid is no point */
    return read_height(work, &out->position.alt_m);
}

static const char *conformance_word(enum ops_conformance conformance)
{
    static const char *const words[] = {TF_TEXT("within its volumes"),
                                        TF_TEXT("perhaps within its volumes"),
                                        TF_TEXT("outside of its volumes")};
    return say_tr(words[conformance]);
}

static enum tf_status position_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    struct uss_report report;
    enum uss_publish publish;
    enum ops_conformance found = OPS_OUTSIDE;
    bool known = false;
    enum tf_status rc = op_begin(work, "planner");
    if (!rc && !ops_role_covers(work->who.role, "planner"))
        rc = refuse(work, TF_UNSUPPORTED, "--role", TF_TEXT("this role does not report positions"),
                    NULL);
    if (!rc)
        rc = read_report(work, c, &report);
    if (!rc)
        rc = uss_publish_get(c, &publish);
    if (!rc)
        rc = uss_report_position(work->ops, c, work->id, &report, publish != USS_PUBLISH_OFF,
                                 &known, &found, &act->fault);
    if (rc)
        return rc;
    work->has_conflicts = known && found == OPS_OUTSIDE;
    if (work->args->party.json) {
        tf_buf_text(work->out, "{\"taken\":true");
        tf_put_text(work->out, "conformance", known ? ops_conformance_word(found) : NULL);
        tf_buf_text(work->out, "}\n");
    } else {
        tf_buf_printf(work->out, "%s: %s\n", work->id,
                      known ? conformance_word(found) : TR("taken"));
    }
    return op_told(work, c, rc);
}

static int run_position(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 1, OPS_OPERATION, OPS_ACT_END, position_run, NULL, 1);
}
const struct command op_position = {
    .name = "op position",
    .summary = TF_TEXT("Reports where an operation is; it is held against its volumes."),
    .synopsis = "ID --at PLACE --altitude HEIGHT",
    .tables = position_tables,
    .run = run_position};

/* --- incidents ------------------------------------------------------------------------------- */

static void text_cell(struct op_work *work, const json_t *report, const char *name)
{
    const char *text = json_string_value(json_object_get(report, name));
    table_cell(work->table, TABLE_PLAIN, text ? text : "");
}

static bool list_incident(void *ctx, const char *json, size_t len)
{
    struct op_work *work = ctx;
    if (work->args->party.json) {
        tf_put_json(work->out, NULL, json, len);
        return tf_buf_status(work->out) == TF_OK;
    }
    json_t *report = json_loadb(json, len, 0, NULL);
    char place[TF_COORD_TEXT_SIZE];
    struct tf_latlng at = {.lat_deg = json_number_value(json_object_get(report, "lat_deg")),
                           .lng_deg = json_number_value(json_object_get(report, "lng_deg"))};
    tf_coord_format_decimal(at, 5, place);
    text_cell(work, report, "id");
    text_cell(work, report, "at");
    table_cell(work->table, TABLE_PLAIN, place);
    table_cell(work->table, TABLE_PLAIN,
               say_count(json_array_size(json_object_get(report, "found"))).s);
    table_cell(work->table, TABLE_PLAIN,
               say_count(json_array_size(json_object_get(report, "positions"))).s);
    text_cell(work, report, "text");
    json_decref(report);
    return true;
}

static enum tf_status incidents_run(struct party_act *act, const struct line_context *c)
{
    static const char *const titles[] = {TF_TEXT("Incident"),  TF_TEXT("When"),
                                         TF_TEXT("Where"),     TF_TEXT("Found"),
                                         TF_TEXT("Positions"), TF_TEXT("What")};
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "duty-officer");
    for (size_t i = 0; !work->args->party.json && i < sizeof titles / sizeof *titles; i++)
        table_cell(work->table, TABLE_BOLD, say_tr(titles[i]));
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"incidents\":[");
    return rc ? rc : ops_incident_each(work->ops, c, NULL, LISTED, list_incident, work);
}

static bool show_incident(void *ctx, const char *json, size_t len)
{
    struct op_work *work = ctx;
    tf_buf_append(work->out, json, len);
    tf_buf_char(work->out, '\n');
    return tf_buf_status(work->out) == TF_OK;
}

static enum tf_status incident_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "duty-officer");
    if (!rc)
        rc = ops_incident_each(work->ops, c, work->id, 1, show_incident, work);
    return rc == TF_NOT_FOUND
               ? refuse(work, rc, "", TF_TEXT("there is no report of an incident \"%1\""), work->id)
               : rc;
}

static int run_incidents(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 0, OPS_OPERATION, OPS_ACT_END, incidents_run, op_list_end, 6);
}
const struct command op_reports = {.name = "op reports",
                                   .summary = TF_TEXT("Lists the reports of incidents."),
                                   .synopsis = "",
                                   .tables = plain_tables,
                                   .run = run_incidents};

static int run_incident(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 1, OPS_OPERATION, OPS_ACT_END, incident_run, NULL, 1);
}
const struct command op_report = {
    .name = "op report",
    .summary = TF_TEXT("Shows a report of an incident, as JSON: what was known around it."),
    .synopsis = "ID",
    .tables = plain_tables,
    .run = run_incident};
