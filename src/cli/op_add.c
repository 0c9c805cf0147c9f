/*
 * op_add.c - `tafadi op add`: one operation, a circle by flags or any GeoJSON feature, as a draft
 * or submitted at once.
 */
#include "cli/op_work.h"

#include "format/coords.h"
#include "format/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RADIUS_M = 500, PRIORITY_MAX = 100 };

static const struct flag place_flags[] = {
    {"feature", 'f', "FILE", &text_reader, OP(feature),
     TF_TEXT("a GeoJSON feature instead of the flags on what it is; - is standard input")},
    {"id", 0, "ID", &text_reader, OP(new_id), TF_TEXT("its id (one is made)")},
    {"name", 0, "TEXT", &text_reader, OP(name), TF_TEXT("what people call it")},
    {"kind", 0, "KIND", &kind_reader, OP(input.kind), TF_TEXT("what moves there (other)")},
    {"at", 0, "PLACE", &text_reader, OP(at),
     TF_TEXT("centre of a circle: \"36.2 37.1\", degrees and minutes, MGRS or UTM")},
    {"radius", 0, "LENGTH", &length_reader, OP(radius_m), TF_TEXT("its radius (500m)")},
    {"lower", 0, "ALTITUDE", &text_reader, OP(lower),
     TF_TEXT("lower limit, as in GND, 120m AGL, 3000ft AMSL, FL95 (GND)")},
    {"upper", 0, "ALTITUDE", &text_reader, OP(upper), TF_TEXT("upper limit (UNL: none)")},
    {"start", 0, "TIME", &time_reader, OP(start_ns), TF_TEXT("when it begins")},
    {"end", 0, "TIME", &time_reader, OP(end_ns), TF_TEXT("when it is over")},
    {"priority", 0, "N", &text_reader, OP(priority),
     TF_TEXT("from 0 to 100; higher goes first (0)")},
};
static const struct flag add_flags[] = {
    {"disclosure", 0, "LEVEL", &disclosure_reader, OP(disclosure),
     TF_TEXT("the most that lines are told: full, cells, window, existence or nothing")},
    {"template", 0, NULL, NULL, OP(is_template), TF_TEXT("a draft that is only copied")},
    {"submit", 0, NULL, NULL, OP(submits), TF_TEXT("submit it, too")},
    {"allow", 0, "KEYS", &list_reader, OP(allow),
     TF_TEXT("conflicts that are allowed, by the keys that were shown")},
    {"options", 0, NULL, NULL, OP(options), TF_TEXT("look for ways out if there are conflicts")},
    {"role", 0, "ROLE", &role_reader, OP(role),
     TF_TEXT("the role acted in: planner, duty-officer, head-of-cell")},
    OP_REASON_FLAG};
static const struct flag_table tables[] = {FLAG_TABLE(TF_TEXT("The operation"), place_flags, 0),
                                           FLAG_TABLE(TF_TEXT("Operations"), add_flags, 0),
                                           PARTY_TABLE(OP(party)),
                                           COMMON_TABLE,
                                           {.count = 0}};

static enum tf_status refuse(struct op_work *work, enum tf_status code, const char *flag,
                             const char *message, const char *arg)
{
    return tf_fault_set(&work->act.fault, code, TF_NO_INDEX, flag, message, arg, NULL, NULL);
}

static enum tf_status read_altitude(struct op_work *work, const char *flag, const char *text,
                                    bool is_lower, struct tf_alt *out)
{
    const struct tf_alt otherwise = {0, TF_ALT_UNIT_M, TF_ALT_AMSL};
    *out = is_lower ? tf_alt_ground : tf_alt_unlimited(false);
    if (!text || tf_alt_from_text(tf_span_of(text), is_lower, otherwise, out) == TF_OK)
        return TF_OK;
    return refuse(work, TF_SYNTAX, flag, TF_TEXT("\"%1\" is not an altitude"), text);
}

static enum tf_status read_priority(struct op_work *work, int *out)
{
    const char *text = work->args->priority;
    char *end;
    if (!text)
        return TF_OK;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < 0 || value > PRIORITY_MAX)
        return refuse(work, TF_RANGE, "--priority", TF_TEXT("\"%1\" is not between 0 and 100"),
                      text);
    *out = (int)value;
    return TF_OK;
}

static enum tf_status make_volume(struct op_work *work, struct tf_latlng at, struct tf_volume4 *out)
{
    const struct op_args *args = work->args;
    struct tf_fault *fault = &work->act.fault;
    struct tf_alt lower = tf_alt_ground, upper = lower;
    struct tf_alt_context context;
    struct tf_shape *shape = NULL;
    struct tf_band band;
    enum tf_status rc = read_altitude(work, "--lower", args->lower, true, &lower);
    if (!rc)
        rc = read_altitude(work, "--upper", args->upper, false, &upper);
    if (!rc)
        rc = tf_shape_circle(at, args->radius_m > 0 ? args->radius_m : RADIUS_M, &shape, fault);
    if (!rc) {
        tf_alt_context_at(shape, &context);
        rc = tf_band_make(lower, upper, &context, &band, fault);
    }
    if (!rc)
        rc = tf_volume4_make(shape, &band, args->start_ns, args->end_ns, out, fault);
    tf_shape_unref(shape);
    return rc;
}

/* A circle, as the flags have it. */
static enum tf_status by_flags(struct op_work *work, struct tf_entity *out)
{
    const struct op_args *args = work->args;
    struct tf_coord centre;
    struct tf_volume4 volume = {.shape = NULL};
    if (!args->at || !args->start_ns || !args->end_ns)
        return refuse(work, TF_MISSING,
                      !args->at         ? "--at"
                      : !args->start_ns ? "--start"
                                        : "--end",
                      TF_TEXT("an operation has a place, a start and an end, or is a --feature"),
                      NULL);
    out->kind = args->input.kind;
    out->state = TF_STATE_DRAFT;
    struct tf_fault *fault = &work->act.fault;
    enum tf_status rc = tf_coord_parse(args->at, strlen(args->at), &centre, fault);
    if (rc)
        snprintf(fault->field, sizeof fault->field, "--at");
    else
        rc = read_priority(work, &out->priority);
    if (!rc)
        rc = make_volume(work, centre.at, &volume);
    if (!rc)
        rc = tf_entity_add_volume(out, &volume);
    tf_volume4_release(&volume);
    if (!rc)
        rc = tf_entity_set_text(&out->id, args->new_id ? args->new_id : "");
    if (!rc && args->name)
        rc = tf_entity_set_text(&out->name, args->name);
    return rc;
}

static enum tf_status by_feature(struct op_work *work, struct tf_entity *out)
{
    const struct op_args *args = work->args;
    if (args->name || args->at || args->lower || args->upper || args->priority ||
        args->radius_m > 0 || args->start_ns || args->end_ns || args->input.kind)
        return refuse(work, TF_UNSUPPORTED, "--feature",
                      TF_TEXT("the feature says all of what the operation is but its id"), NULL);
    json_error_t error = {.text = ""};
    json_t *json = json_loadb(work->bytes.data ? work->bytes.data : "", work->bytes.len,
                              JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return refuse(work, TF_SYNTAX, "--feature", TF_TEXT("The file is not valid JSON: %1."),
                      error.text);
    enum tf_status rc =
        ops_read_feature(json, OPS_OPERATION, work->args->new_id, out, NULL, &work->act.fault);
    json_decref(json);
    return rc;
}

static enum tf_status submit(struct op_work *work, const struct line_context *c,
                             struct ops_verdict *verdict, struct ops_written *written)
{
    static const struct tf_option_limits limits = {.max_options = 5};
    json_t *allow = op_words(&work->args->allow);
    snprintf(work->made_id, sizeof work->made_id, "%s", written->id);
    const struct ops_deed deed = {.class = OPS_OPERATION,
                                  .id = work->made_id,
                                  .act = OPS_ACT_SUBMIT,
                                  .allow = allow,
                                  .options = work->args->options ? &limits : NULL};
    ops_verdict_release(verdict);
    enum tf_status rc =
        ops_act(work->ops, c, &deed, &work->who, verdict, written, &work->act.fault);
    json_decref(allow);
    work->id = work->made_id;
    work->is_held = !rc && verdict->is_held;
    return rc;
}

static enum tf_status print(struct op_work *work, const struct ops_verdict *verdict,
                            const struct ops_written *written, const struct tf_entity *entity)
{
    enum tf_status rc = TF_OK;
    op_print_written(work, written, verdict->is_applied);
    if (work->args->submits)
        rc = op_print_verdict(work, verdict, entity);
    else if (work->args->party.json)
        tf_buf_text(work->out, "null");
    if (work->args->party.json)
        tf_buf_text(work->out, "}\n");
    return rc;
}

static enum tf_status add_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    if (work->is_again) /* the second time: what became of it */
        return op_held_run(work, c);
    const struct op_args *args = work->args;
    struct tf_entity entity = {0};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    json_t *extra = args->disclosure ? json_pack("{s:s}", "disclosure", args->disclosure) : NULL;
    struct ops_draft draft = {.class = OPS_OPERATION,
                              .entity = &entity,
                              .extra = extra,
                              .is_template = args->is_template};
    enum tf_status rc = op_begin(work, "planner");
    if (!rc && args->disclosure && !extra)
        rc = TF_NOMEM;
    if (!rc)
        rc = args->feature ? by_feature(work, &entity) : by_flags(work, &entity);
    if (!rc)
        rc = ops_put(work->ops, c, &draft, &work->who, &verdict, &written, &act->fault);
    if (!rc && args->submits)
        rc = submit(work, c, &verdict, &written);
    if (!rc)
        rc = tf_entity_set_text(&entity.id, written.id);
    if (!rc)
        rc = print(work, &verdict, &written, &entity);
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    json_decref(extra);
    return op_told(work, c, rc);
}

static int run_add(const struct command *self, int argc, char **argv)
{
    return op_run(self, argc, argv, 0, OPS_OPERATION, OPS_ACT_CHANGE, add_run, NULL, 1);
}
const struct command op_add = {.name = "op add",
                               .summary = TF_TEXT("Registers one operation."),
                               .synopsis = "--at PLACE --start TIME --end TIME | --feature FILE",
                               .tables = tables,
                               .run = run_add};
