/*
 * cmd_evidence.c - `tafadi evidence`: makes evidence bundles, and verifies them.
 */
#include "cli/command.h"

#include "cli/evidence.h"
#include "cli/input.h"
#include "cli/ledger.h"
#include "cli/output.h"
#include "cli/readers.h"
#include "cli/state.h"
#include "desk/print.h"
#include "ops/declaration.h"
#include "ops/matter.h"
#include "uss/exchange.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct near {
    bool given;
    double lat_deg, lng_deg, radius_m;
};
struct evidence_args {
    struct common_args common;
    const char *line, *about, *incident, *case_id, *output, *state_dir, *database;
    int64_t from_ns, until_ns;
    struct near near;
    struct words fingerprints;
    bool json;
};

/* LAT,LNG,RADIUS */
static bool read_near(const char *text, void *out)
{
    struct near near = {.given = true};
    char *end;
    near.lat_deg = strtod(text, &end);
    if (end == text || *end != ',')
        return false;
    const char *second = end + 1;
    near.lng_deg = strtod(second, &end);
    if (end == second || *end != ',')
        return false;
    if (!tf_latlng_is_valid((struct tf_latlng){near.lat_deg, near.lng_deg}) ||
        !read_length_m(end + 1, strlen(end + 1), &near.radius_m) || !(near.radius_m > 0))
        return false;
    *(struct near *)out = near;
    return true;
}

static const struct flag_reader near_reader = {
    read_near, TF_TEXT("--%1: \"%2\" is not a place and a radius; write it as in 36.2,37.1,5km"),
    NULL};

static const struct flag make_flags[] = {
    {"line", 0, "LINE", &text_reader, offsetof(struct evidence_args, line),
     TF_TEXT("the line: its id, the beginning of it, or the other party's id")},
    {"about", 0, "SENDER/N", &text_reader, offsetof(struct evidence_args, about),
     TF_TEXT("message N of a party, or N-M, and all that is about it")},
    {"incident", 0, "ID", &text_reader, offsetof(struct evidence_args, incident),
     TF_TEXT("what a report of an incident names, and what speaks of its place and time")},
    {"case", 0, "ID", &text_reader, offsetof(struct evidence_args, case_id),
     TF_TEXT("what was said about a conflict case, and what was declared of both")},
    {"from", 0, "TIME", &time_reader, offsetof(struct evidence_args, from_ns),
     TF_TEXT("leave out what was sent before; with --near, what ends before")},
    {"until", 0, "TIME", &time_reader, offsetof(struct evidence_args, until_ns),
     TF_TEXT("leave out what was sent at that time or later; with --near, what begins later")},
    {"near", 0, "LAT,LNG,RADIUS", &near_reader, offsetof(struct evidence_args, near),
     TF_TEXT("what speaks of a place within the radius")},
    {"output", 'o', "FILE", &text_reader, offsetof(struct evidence_args, output),
     TF_TEXT("where the bundle goes (standard output)")},
    {"state-dir", 0, "DIR", &text_reader, offsetof(struct evidence_args, state_dir),
     TF_TEXT("the party's state directory, where its database and its card are")},
    {"database", 0, "WHERE", &text_reader, offsetof(struct evidence_args, database),
     TF_TEXT("the database, if it is not there: a file or a connection string")},
};
static const struct flag verify_flags[] = {
    {"fingerprint", 0, "ID=DIGITS", &list_reader, offsetof(struct evidence_args, fingerprints),
     TF_TEXT("what you know of a party's key: its 40 digits, or 64 hexadecimal ones; for "
             "each party")},
    {"json", 0, NULL, NULL, offsetof(struct evidence_args, json),
     TF_TEXT("print the verdict and the story as JSON")},
};
static const struct flag_table evidence_tables[] = {FLAG_TABLE(TF_TEXT("Make"), make_flags, 0),
                                                    FLAG_TABLE(TF_TEXT("Verify"), verify_flags, 0),
                                                    COMMON_TABLE,
                                                    {.count = 0}};

static int complain_of(const char *path, const struct tf_fault *fault)
{
    char text[1024];
    tf_fault_text(fault, say_tr(fault->message ? fault->message : tf_status_text(fault->code)),
                  text, sizeof text);
    if (*fault->field)
        say_complain("%1: %2: %3", path, fault->field, text, NULL);
    else
        say_complain(*path ? "%1: %2" : "%2", path, text, NULL);
    return EXIT_ERROR;
}

/* --- make ----------------------------------------------------------------------------------- */

struct making {
    const struct evidence_args *args;
    struct ledger_source source;
    struct tf_buf card, bundle;
    char sender[KEY_NAME_SIZE];
    struct evidence_selection selection;
    struct ops_matter matter;
    struct evidence_report report;
};

/* "17" or "17-40" */
static bool read_numbers(const char *text, struct evidence_selection *out)
{
    char *end;
    out->first = out->last = strtoll(text, &end, 10);
    if (end == text || *text < '0' || *text > '9')
        return false;
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        out->last = strtoll(end + 1, &end, 10);
    return !*end && out->first >= 1 && out->last >= out->first;
}

/* SENDER/N; whose it is will be known from the line. */
static bool read_about(struct making *m, const char *text)
{
    const char *slash = strrchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : 0;
    m->selection.has_messages = true;
    if (len < 1 || len >= sizeof m->sender)
        return false;
    memcpy(m->sender, text, len);
    m->sender[len] = '\0';
    return key_name_is_valid(m->sender) && read_numbers(slash + 1, &m->selection);
}

/* An incident or a case says by itself what belongs to it. */
static bool is_matter_alone(const struct evidence_args *args)
{
    bool has_other = args->about || args->near.given || args->from_ns != TF_TIME_MIN ||
                     args->until_ns != TF_TIME_MAX || (args->incident && args->case_id);
    if (has_other)
        say_complain(TR("--incident or --case goes with no other choice than --line"), NULL);
    return !has_other;
}

static bool select_all(struct making *m)
{
    const struct evidence_args *args = m->args;
    struct evidence_selection *s = &m->selection;
    if (args->incident || args->case_id)
        return is_matter_alone(args);
    if (args->about && !read_about(m, args->about)) {
        say_complain(
            TR("--about: \"%1\" is not a party's id, a slash, and a message's number or two "
               "with a hyphen between them"),
            args->about, NULL);
        return false;
    }
    s->line = args->line ? args->line : m->sender;
    if (!*s->line) {
        say_complain(TR("which line? --line or --about says it"), NULL);
        return false;
    }
    s->has_time = args->from_ns != TF_TIME_MIN || args->until_ns != TF_TIME_MAX;
    s->from_us = args->from_ns / 1000;
    s->until_us = args->until_ns / 1000;
    s->has_place = args->near.given;
    s->lat_deg = args->near.lat_deg;
    s->lng_deg = args->near.lng_deg;
    s->radius_m = args->near.radius_m;
    return true;
}

/* The party's own card, if it is where nodes keep it. */
static bool find_card(struct making *m)
{
    char dir[STATE_PATH_SIZE], path[STATE_PATH_SIZE];
    if (m->args->database)
        return true;
    if (!state_name(m->args->state_dir, dir) || !state_path(dir, "party.card", path))
        return false;
    if (access(path, R_OK) != 0)
        return true;
    if (!state_read(path, &m->card))
        return false;
    m->selection.card = m->card.data;
    return true;
}

/* The messages of an incident or a case, as the party's register knows them. */
static enum tf_status select_matter(struct making *m, struct ops *ops, const struct line_context *c,
                                    struct tf_fault *fault)
{
    const struct evidence_args *args = m->args;
    struct ops_matter *matter = &m->matter;
    enum tf_status rc = args->incident
                            ? ops_incident_matter(ops, c, args->incident, args->line, matter, fault)
                            : ops_case_matter(c, args->case_id, matter, fault);
    m->selection = desk_selection_of(&m->matter, m->card.data);
    return rc && !fault->message ? tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL)
                                 : rc;
}

/* Whose number --about names. */
static enum tf_status select_side(struct making *m, const struct line_context *c,
                                  struct tf_fault *fault)
{
    struct line_info line;
    enum tf_status rc = line_find(c, m->selection.line, &line);
    if (rc && rc != TF_NOT_FOUND)
        return tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    m->selection.is_own = rc || strcmp(line.peer, m->sender) != 0;
    return TF_OK; /* that there is no such line is said when the bundle is made */
}

static enum tf_status make_now(struct making *m, struct tf_fault *fault)
{
    struct line_extension extensions[OPS_EXTENSIONS]; /* for the places of declarations */
    struct line_context c = {.sql = m->source.sql,
                             .ledger = m->source.ledger,
                             .now_us = (int64_t)time(NULL) * 1000000,
                             .actor = "",
                             .extensions = extensions,
                             .extension_count = OPS_EXTENSIONS};
    struct ops *ops = NULL;
    enum tf_status rc = ops_new(&ops);
    if (!rc)
        rc = sql_begin_reading(m->source.sql);
    if (rc) {
        ops_free(ops);
        return tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    }
    ops_extensions(ops, extensions);
    rc = m->args->incident || m->args->case_id ? select_matter(m, ops, &c, fault)
                                               : select_side(m, &c, fault);
    if (!rc)
        rc = evidence_make(&c, &m->selection, &m->bundle, &m->report, fault);
    sql_rollback(m->source.sql);
    ops_free(ops);
    return rc;
}

/* What went into it, on standard error: the bundle itself may be on standard output. */
static void say_made(const struct making *m)
{
    const struct evidence_party *p = m->report.party;
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(m->report.digest, KEY_HASH_SIZE, hex);
    if (!m->args->common.quiet)
        say_complain(TR("messages: %1; with a receipt: %2; proved entries: %3; SHA-256 %4"),
                     say_count(p[0].messages + p[1].messages).s,
                     say_count(p[0].received + p[1].received).s, say_count(m->report.entries).s,
                     hex, NULL);
}

static int run_make(const struct evidence_args *args)
{
    struct making m = {
        .args = args, .card = TF_BUF_INIT(CARD_TEXT_MAX), .bundle = TF_BUF_INIT(EVIDENCE_MAX)};
    const struct ledger_args where = {.state_dir = args->state_dir, .database = args->database};
    struct tf_fault fault = {0};
    int code = EXIT_ERROR;
    if (!select_all(&m))
        return command_usage_error(&command_evidence);
    if (!find_card(&m) || !ledger_source_open(&where, false, &m.source))
        goto out;
    if (make_now(&m, &fault)) {
        code = complain_of("", &fault);
    } else if (output_file(args->output ? args->output : "-", &m.bundle)) {
        say_made(&m);
        code = EXIT_NONE;
    }
    ledger_source_close(&m.source);
out:
    ops_matter_release(&m.matter);
    tf_buf_release(&m.card);
    tf_buf_release(&m.bundle);
    return code;
}

/* --- verify ---------------------------------------------------------------------------------- */

/* False after a complaint. *out is the caller's to free. */
static bool read_expected(const struct words *words, struct evidence_expected **out)
{
    struct evidence_expected *list = calloc(words->count + 1, sizeof *list);
    bool is_good = list != NULL;
    if (!list)
        say_complain("%1", say_tr(tf_status_text(TF_NOMEM)), NULL);
    for (size_t i = 0; is_good && i < words->count; i++) {
        is_good = evidence_expect(words->items[i], &list[i]);
        if (!is_good)
            say_complain(TR("--fingerprint: \"%1\" is not a party's id, '=', and 40 digits or 64 "
                            "hexadecimal digits"),
                         words->items[i], NULL);
    }
    if (is_good)
        *out = list;
    else
        free(list);
    return is_good;
}

static int verify(const struct evidence_args *args, const char *path,
                  const struct evidence_expected *expected)
{
    struct tf_buf bundle = TF_BUF_INIT(EVIDENCE_MAX + 1), out = TF_BUF_INIT(OUTPUT_MAX);
    struct evidence_print print = {
        .is_json = args->json, .wrong = TF_BUF_INIT(OUTPUT_MAX), .story = TF_BUF_INIT(OUTPUT_MAX)};
    struct evidence_visitor visitor = evidence_visitor_of(&print);
    struct evidence_report report;
    struct tf_fault fault = {0};
    int code = EXIT_ERROR;
    if (sodium_init() < 0 || !input_bytes(path, &bundle))
        goto out;
    if (evidence_verify(bundle.data, bundle.len, expected, args->fingerprints.count, &visitor,
                        &report, &fault)) {
        code = complain_of(path, &fault);
        goto out;
    }
    evidence_print_all(&print, &report, &out);
    if (output_print(&out))
        code = report.is_valid ? EXIT_NONE : EXIT_CONFLICTS;
out:
    evidence_print_release(&print);
    tf_buf_release(&bundle);
    tf_buf_release(&out);
    return code;
}

static int run_verify(const struct evidence_args *args, const struct words *files)
{
    struct evidence_expected *expected = NULL;
    if (files->count != 2) {
        say_complain(TR("one bundle is verified at a time"), NULL);
        return command_usage_error(&command_evidence);
    }
    if (!read_expected(&args->fingerprints, &expected))
        return command_usage_error(&command_evidence);
    int code = verify(args, files->items[1], expected);
    free(expected);
    return code;
}

/* --- log-set ---------------------------------------------------------------------------------- */

static enum tf_status log_set_now(struct sql *sql, const struct evidence_args *args,
                                  struct tf_buf *out, size_t *count)
{
    enum tf_status rc = sql_begin_reading(sql);
    if (rc)
        return rc;
    rc = uss_log_set_print(sql, args->from_ns / 1000, args->until_ns / 1000, out, count);
    sql_rollback(sql);
    return rc;
}

static int run_log_set(const struct evidence_args *args)
{
    struct tf_buf out = TF_BUF_INIT((size_t)1 << 30);
    const struct ledger_args where = {.state_dir = args->state_dir, .database = args->database};
    struct ledger_source source;
    int code = EXIT_ERROR;
    size_t count = 0;
    if (!ledger_source_open(&where, false, &source))
        return code;
    enum tf_status rc = log_set_now(source.sql, args, &out, &count);
    if (rc == TF_LIMIT)
        say_complain(TR("the log set is larger than 1 GB; choose a shorter time with --from and "
                        "--until"),
                     NULL);
    else if (rc)
        say_complain("%1 (%2)", say_tr(tf_status_text(rc)), sql_why(source.sql), NULL);
    else if (output_file(args->output ? args->output : "-", &out))
        code = EXIT_NONE;
    if (code == EXIT_NONE && !args->common.quiet)
        say_complain(TR("exchanges: %1"), say_count(count).s, NULL);
    ledger_source_close(&source);
    tf_buf_release(&out);
    return code;
}

static int run_evidence(const struct command *self, int argc, char **argv)
{
    struct evidence_args args = {.from_ns = TF_TIME_MIN, .until_ns = TF_TIME_MAX};
    struct words rest = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &rest, &code))
        goto out;
    if (rest.count > 0 && strcmp(rest.items[0], "verify") == 0) {
        code = run_verify(&args, &rest);
    } else if (rest.count == 1 && strcmp(rest.items[0], "make") == 0) {
        code = run_make(&args);
    } else if (rest.count == 1 && strcmp(rest.items[0], "log-set") == 0) {
        code = run_log_set(&args);
    } else {
        say_complain(TR("what is to be done: make, log-set, or verify?"), NULL);
        code = command_usage_error(self);
    }
out:
    words_release(&args.fingerprints);
    words_release(&rest);
    return code;
}

const struct command command_evidence = {
    .name = "evidence",
    .summary = TF_TEXT("Makes a file that proves what was said on a line, or verifies one."),
    .synopsis = "make|log-set|verify FILE",
    .tables = evidence_tables,
    .run = run_evidence,
};
