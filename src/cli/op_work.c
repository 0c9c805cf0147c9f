/*
 * op_work.c - see op_work.h.
 */
#include "cli/op_work.h"

#include "cli/output.h"
#include "cli/table.h"
#include "ops/turn.h"
#include "uss/enquiry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CELL_MAX = 4096 };

enum tf_status op_begin(struct op_work *work, const char *role)
{
    const struct op_args *args = work->args;
    work->who = (struct ops_who){
        .role = args->role ? args->role : role, .source = "operator", .reason = args->reason};
    work->has_conflicts = false;
    if (!work->is_again)
        work->is_held = work->is_asked = false;
    work->shown = 0;
    memset(work->counts, 0, sizeof work->counts);
    tf_buf_clear(work->out);
    return TF_OK;
}

const char *op_state(enum ops_state state)
{
    return state == OPS_STATE_SUBMITTED ? TR("submitted") : say_tr(ops_state_word(state));
}

json_t *op_words(const struct words *words)
{
    json_t *list = words->count ? json_array() : NULL;
    for (size_t i = 0; list && i < words->count; i++)
        if (json_array_append_new(list, json_string(words->items[i]))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* --- verdicts ---------------------------------------------------------------------------- */

static void text_cell(struct table *table, enum table_colour colour, struct tf_buf *cell)
{
    table->failed = table->failed || tf_buf_status(cell) == TF_NOMEM;
    table_cell(table, colour, cell->data ? cell->data : "");
    tf_buf_release(cell);
}

static void other_cell(struct table *table, const struct ops_conflict *x)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    say_safe(&cell, x->id);
    if (x->name[0] && strcmp(x->name, x->id) != 0) {
        tf_buf_char(&cell, '\n');
        say_safe(&cell, x->name);
    }
    tf_buf_char(&cell, '\n');
    if (x->party[0]) {
        say_safe(&cell, x->party);
        tf_buf_text(&cell, ", ");
    }
    tf_buf_text(&cell, say_tr(tf_kind_word(x->kind)));
    text_cell(table, TABLE_PLAIN, &cell);
}

static void when_cell(struct table *table, const struct ops_conflict *x)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    char from[TF_TIME_TEXT_SIZE], until[TF_TIME_TEXT_SIZE];
    tf_time_format(x->span.first_ns, from);
    tf_time_format(x->span.last_ns, until);
    tf_buf_printf(&cell, "%s\n%s", from, until);
    text_cell(table, TABLE_PLAIN, &cell);
}

static void gap_cell(struct table *table, double gap_m, double minimum_m)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    tf_buf_text(&cell, gap_m > 0 ? say_metres(gap_m).s : TR("overlap"));
    if (minimum_m > 0) {
        tf_buf_char(&cell, '\n');
        say_fill(&cell, TR("of %1"), say_metres(minimum_m).s, NULL);
    }
    text_cell(table, TABLE_PLAIN, &cell);
}

/* What the rules say, and the key to allow it by. */
static void outcome_cell(struct table *table, const struct ops_conflict *x)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    if (x->is_allowed)
        say_fill(&cell, TR("allowed by %1 (%2)"), x->allowed_by, x->allowed_role, NULL);
    else if (x->outcome == OPS_REFUSE)
        tf_buf_text(&cell, TR("refused"));
    else if (x->outcome == OPS_DECIDE)
        say_fill(&cell, TR("%1 decides"), x->role, NULL);
    else
        tf_buf_text(&cell, TR("noted"));
    tf_buf_char(&cell, '\n');
    say_safe(&cell, x->key);
    text_cell(table,
              x->is_allowed || x->outcome == OPS_NOTE ? TABLE_PLAIN
              : x->outcome == OPS_REFUSE              ? TABLE_RED
                                                      : TABLE_YELLOW,
              &cell);
}

static enum tf_status conflict_table(struct op_work *work, const struct ops_verdict *verdict)
{
    static const char *const titles[] = {TF_TEXT("Conflict with"), TF_TEXT("When"),
                                         TF_TEXT("Horizontal"), TF_TEXT("Vertical"),
                                         TF_TEXT("Rules")};
    struct table table = TABLE_INIT(5);
    for (size_t i = 0; i < 5; i++)
        table_cell(&table, TABLE_BOLD, say_tr(titles[i]));
    for (size_t i = 0; i < verdict->count; i++) {
        const struct ops_conflict *x = &verdict->conflicts[i];
        other_cell(&table, x);
        when_cell(&table, x);
        gap_cell(&table, x->span.distance_m, x->pair.minima.horizontal_m);
        gap_cell(&table, x->span.vertical_gap_m, x->pair.minima.vertical_m);
        outcome_cell(&table, x);
    }
    enum tf_status rc = table_print(&table, output_has_colour(), true, work->out);
    table_release(&table);
    return rc;
}

enum tf_status op_print_verdict(struct op_work *work, const struct ops_verdict *verdict,
                                const struct tf_entity *entity)
{
    enum tf_status rc = TF_OK;
    work->has_conflicts = verdict->outcome > OPS_NOTE;
    if (work->args->party.json) {
        ops_print_verdict(work->out, verdict, entity);
        return TF_OK;
    }
    if (verdict->count == 0) {
        tf_buf_text(work->out, TR("No conflict."));
        tf_buf_char(work->out, '\n');
        return TF_OK;
    }
    rc = conflict_table(work, verdict);
    if (!rc && verdict->has_options)
        rc = print_options(entity, &verdict->options, output_has_colour(), work->out);
    return rc;
}

void op_print_written(struct op_work *work, const struct ops_written *written, bool applied)
{
    struct tf_buf *out = work->out;
    if (work->args->party.json) {
        tf_buf_text(out, "{\"id\":");
        tf_buf_json(out, written->id);
        tf_buf_printf(out, ",\"state\":\"%s\",\"etag\":\"%s\",\"applied\":%s,\"check\":",
                      ops_state_word(written->state), written->etag, applied ? "true" : "false");
        return;
    }
    say_safe(out, written->id);
    tf_buf_text(out, ": ");
    if (!applied)
        tf_buf_text(out, TR("nothing was changed, it is still: "));
    tf_buf_text(out, op_state(written->state));
    tf_buf_char(out, '\n');
}

void op_time_cell(struct table *table, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    bool is_open = t_us <= TF_TIME_MIN / 1000 || t_us >= TF_TIME_MAX / 1000;
    if (!is_open)
        tf_time_format(t_us * 1000, text);
    table_cell(table, TABLE_PLAIN, is_open ? "-" : text);
}

/* --- files ------------------------------------------------------------------------------------ */

static void print_row(struct op_work *work, const struct ops_import_row *row)
{
    static const char *const words[] = {"added", "updated", "unchanged", "refused"};
    struct tf_buf *out = work->out;
    char text[512] = "";
    if (row->fault)
        tf_fault_text(row->fault, say_tr(row->fault->message), text, sizeof text);
    if (work->args->party.json) {
        tf_buf_text(out, work->shown++ ? "," : "");
        tf_buf_printf(out, "{\"feature\":%zu,\"line\":%zu,\"id\":", row->feature + 1, row->line);
        if (row->id)
            tf_buf_json(out, row->id);
        else
            tf_buf_text(out, "null");
        tf_buf_printf(out, ",\"outcome\":\"%s\",\"state\":\"%s\",\"message\":", words[row->outcome],
                      row->fault ? "" : ops_state_word(row->state));
        tf_buf_json(out, text);
        tf_buf_char(out, '}');
    } else if (row->fault || row->verdict) {
        say_safe(out, row->id ? row->id : work->file);
        if (!row->id && row->line > 0)
            tf_buf_printf(out, ":%zu", row->line);
        tf_buf_text(out, ": ");
        tf_buf_text(out, row->fault ? text : op_state(row->state));
        tf_buf_char(out, '\n');
    }
}

static bool take_row(void *ctx, const struct ops_import_row *row)
{
    struct op_work *work = ctx;
    work->counts[row->outcome]++;
    work->has_conflicts = work->has_conflicts || (row->verdict && row->state == OPS_STATE_DRAFT) ||
                          (row->verdict && row->state == OPS_STATE_SUBMITTED);
    print_row(work, row);
    return true;
}

static enum tf_status take_file(struct op_work *work, const struct line_context *c)
{
    char source[256];
    struct tf_notes notes = {0};
    struct tf_alt_context context;
    struct tf_shape *area = NULL;
    struct ops_import import = {.bytes = work->bytes.data,
                                .len = work->bytes.len,
                                .replaces = work->args->replaces,
                                .all_or_nothing = work->args->all,
                                .submits = work->args->submits};
    if (!input_options(&work->args->input, &context, &area, &import.options))
        return TF_RANGE;
    import.options.file_name = work->file;
    import.options.as_sites = import.options.as_sites || work->class == OPS_SITE;
    import.options.as_zones = import.options.as_zones || work->class == OPS_ZONE;
    snprintf(source, sizeof source, "file:%s", work->file);
    work->who.source = source;
    if (work->args->party.json)
        tf_buf_text(work->out, "{\"rows\":[");
    enum tf_status rc =
        ops_import(work->ops, c, &import, &work->who, take_row, work, &notes, &work->act.fault);
    bool is_said = work->args->common.quiet || work->has_warned;
    for (size_t i = 0; !rc && i < notes.count && !is_said; i++) {
        struct tf_buf line = TF_BUF_INIT(CELL_MAX);
        if (notes.items[i].severity == TF_NOTE_WARNING) {
            input_note_text(&notes.items[i], &line);
            fprintf(stderr, "%s\n", line.data ? line.data : "");
        }
        tf_buf_release(&line);
    }
    work->has_warned = work->has_warned || !rc;
    tf_notes_release(&notes);
    tf_shape_unref(area);
    work->who.source = "operator";
    return rc;
}

enum tf_status op_import_run(struct party_act *act, const struct line_context *c)
{
    struct op_work *work = (struct op_work *)act;
    enum tf_status rc = op_begin(work, "planner");
    return op_told(work, c, rc ? rc : take_file(work, c));
}

/* --- words and lists -------------------------------------------------------------------------- */

enum tf_status op_none(struct op_work *work, enum tf_status rc)
{
    static const char *const sentences[] = {[OPS_OPERATION] =
                                                TF_TEXT("there is no operation \"%1\""),
                                            [OPS_SITE] = TF_TEXT("there is no site \"%1\""),
                                            [OPS_ZONE] = TF_TEXT("there is no zone \"%1\"")};
    if (rc != TF_NOT_FOUND || work->act.fault.message)
        return rc;
    return tf_fault_set(&work->act.fault, rc, TF_NO_INDEX, "", sentences[work->class], work->id,
                        NULL, NULL);
}

bool op_show_one(void *ctx, const struct ops_record *record)
{
    struct op_work *work = ctx;
    ops_print_record(work->out, record, true);
    return tf_buf_status(work->out) == TF_OK;
}

void op_list_end(struct op_work *work)
{
    if (work->args->party.json)
        tf_buf_text(work->out, "]}\n");
    else
        (void)!table_print(work->table, output_has_colour(), false, work->out);
}

void op_import_end(struct op_work *work)
{
    const size_t *n = work->counts;
    if (work->args->party.json)
        tf_buf_printf(work->out,
                      "],\"added\":%zu,\"updated\":%zu,\"unchanged\":%zu,\"refused\":%zu}\n", n[0],
                      n[1], n[2], n[3]);
    else
        say_fill(work->out, TR("%1 added, %2 updated, %3 unchanged, %4 refused\n"),
                 say_count(n[0]).s, say_count(n[1]).s, say_count(n[2]).s, say_count(n[3]).s, NULL);
}

/* --- what the node's USS does
 * --------------------------------------------------------------------- */

enum { HELD_ROUNDS = 40, ASKED_ROUNDS = 20, HELD_PAUSE_MS = 250 };

static void intent_line(struct tf_buf *out, const struct uss_operation *o, const json_t *intent)
{
    const char *state = json_string_value(json_object_get(intent, "state"));
    const char *ovn = json_string_value(json_object_get(intent, "ovn"));
    const char *dss = json_string_value(json_object_get(intent, "dss"));
    if (o->due_us)
        say_fill(out,
                 o->tries ? TR("waiting for the DSS %1, tried again: %2\n")
                          : TR("waiting for the node's USS and the DSS %1\n"),
                 dss ? dss : "", o->why, NULL);
    else if (strcmp(o->result, "done") != 0 && o->result[0])
        say_fill(out, TR("not done: %1\n"), o->why, NULL);
    if (state)
        say_fill(out, TR("operational intent %1 at %2, OVN %3\n"), state, dss ? dss : "",
                 ovn ? ovn : "", NULL);
}

enum tf_status op_print_intent(struct op_work *work, const struct line_context *c, const char *id,
                               bool as_json)
{
    struct uss_operation o;
    struct tf_buf text = TF_BUF_INIT(1 << 22);
    enum tf_status rc = uss_operation_find(c, id, &o);
    if (rc == TF_NOT_FOUND) {
        if (as_json)
            tf_buf_text(work->out, ",\"intent\":null");
        return TF_OK;
    }
    if (rc)
        return rc;
    rc = uss_operation_print(c, id, &text);
    work->has_conflicts = work->is_held && strcmp(o.result, "done") != 0;
    if (!rc && as_json) {
        tf_buf_text(work->out, ",\"intent\":");
        tf_buf_append(work->out, text.data, text.len);
    } else if (!rc) {
        json_t *intent = json_loadb(text.data, text.len, 0, NULL);
        intent_line(work->out, &o, intent);
        json_decref(intent);
    }
    uss_operation_release(&o);
    tf_buf_release(&text);
    return rc;
}

struct awaited {
    struct party_act act; /* first */
    const struct op_work *work;
    bool is_settled;
};

static enum tf_status look(struct party_act *act, const struct line_context *c)
{
    struct awaited *a = (struct awaited *)act;
    struct uss_operation o;
    if (a->work->is_asked)
        return uss_enquiry_is_answered(c, a->work->id, &a->is_settled);
    enum tf_status rc = uss_operation_find(c, a->work->id, &o);
    a->is_settled = rc == TF_NOT_FOUND || (!rc && (!o.due_us || o.tries > 0));
    if (!rc)
        uss_operation_release(&o);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

/* The node that runs beside does it, as a rule within a second or two. */
static bool await(struct party_state *state, const struct op_work *work)
{
    struct awaited a = {.act = {.run = look}, .work = work};
    int rounds = work->is_asked ? ASKED_ROUNDS : HELD_ROUNDS;
    for (int i = 0; i < rounds && !a.is_settled; i++) {
        struct timespec pause = {.tv_nsec = HELD_PAUSE_MS * 1000000L};
        nanosleep(&pause, NULL);
        if (!party_state_do(state, &a.act))
            return false;
    }
    return true;
}

/* What the node did first is taken up. */
static bool finish_held(struct party_state *state, struct op_work *work)
{
    if (!work->is_held && !work->is_asked)
        return true;
    if (!await(state, work))
        return false;
    work->is_again = true;
    return party_state_do(state, &work->act);
}

/* As a node with a USS would: acts that a DSS has to be asked about are only written down. */
static bool attach(struct party_state *state)
{
    char why[SQL_WHY_SIZE] = "";
    enum tf_status rc = uss_prepare(state->sql, why);
    if (rc)
        say_complain(TR("the party's database: %1"), why[0] ? why : tf_status_text(rc), NULL);
    else
        uss_gate_close(state->ops);
    return rc == TF_OK;
}

/* --- the frame of all of them ------------------------------------------------------------------
 */

enum tf_status op_told(struct op_work *work, const struct line_context *c, enum tf_status rc)
{
    return rc ? rc : ops_turn(work->ops, c, NULL, NULL);
}

/* Its answer is known by now: the file's features that were refused, conflicts. */
static int code_of(const struct op_work *work)
{
    return work->counts[OPS_REFUSED] > 0 ? EXIT_ERROR
           : work->has_conflicts         ? EXIT_CONFLICTS
                                         : EXIT_NONE;
}

int op_run(const struct command *self, int argc, char **argv, size_t arguments,
           enum ops_class class, enum ops_act deed,
           enum tf_status (*run)(struct party_act *act, const struct line_context *c),
           void (*finish)(struct op_work *work), size_t columns)
{
    struct op_args args = {.input = {.half_width_m = 0}};
    struct party_state state = {.sql = NULL};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    struct table table = TABLE_INIT(columns);
    struct op_work work = {.act = {.run = run, .out = &out, .table = &table},
                           .args = &args,
                           .class = class,
                           .deed = deed,
                           .bytes = TF_BUF_INIT((size_t)1 << 28),
                           .out = &out,
                           .table = &table};
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        work.id = work.file = arguments && rest.count ? rest.items[0] : NULL;
        work.file = work.file ? work.file : args.feature;
        if (rest.count != arguments)
            code = command_usage_error(self);
        else if (party_state_open(&state, &args.party) && attach(&state) &&
                 (work.ops = state.ops) &&
                 (deed != OPS_ACT_CHANGE || !work.file || input_bytes(work.file, &work.bytes)) &&
                 party_state_do(&state, &work.act) && finish_held(&state, &work)) {
            if (finish)
                finish(&work);
            code = output_print(&out) ? code_of(&work) : EXIT_ERROR;
        } else {
            code = party_state_code(&state);
        }
    }
    party_state_close(&state);
    table_release(&table);
    tf_buf_release(&work.bytes);
    tf_buf_release(&out);
    words_release(&args.allow);
    words_release(&args.days);
    words_release(&rest);
    return code;
}
