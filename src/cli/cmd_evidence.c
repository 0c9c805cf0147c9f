/*
 * cmd_evidence.c - `tafadi evidence`: makes evidence bundles, and verifies them.
 */
#include "cli/command.h"

#include "cli/evidence.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/readers.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct evidence_args {
    struct common_args common;
    struct words fingerprints;
    bool json;
};

static const struct flag verify_flags[] = {
    {"fingerprint", 0, "ID=DIGITS", &list_reader, offsetof(struct evidence_args, fingerprints),
     TF_TEXT("verify: what you know of a party's key: its 40 digits, or 64 hexadecimal ones; for "
             "each party")},
    {"json", 0, NULL, NULL, offsetof(struct evidence_args, json),
     TF_TEXT("verify: print the verdict and the story as JSON")},
};
static const struct flag_table evidence_tables[] = {
    FLAG_TABLE(TF_TEXT("Evidence"), verify_flags, 0), COMMON_TABLE, {.count = 0}};

/* --- verify
 * ---------------------------------------------------------------------------------------- */

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

static int complain_of(const char *path, const struct tf_fault *fault)
{
    char text[1024];
    tf_fault_text(fault, say_tr(fault->message ? fault->message : tf_status_text(fault->code)),
                  text, sizeof text);
    say_complain(*fault->field ? "%1: %2: %3" : "%1: %3", path, fault->field, text, NULL);
    return EXIT_ERROR;
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

static int run_evidence(const struct command *self, int argc, char **argv)
{
    struct evidence_args args = {0};
    struct words rest = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &rest, &code))
        goto out;
    if (rest.count > 0 && strcmp(rest.items[0], "verify") == 0) {
        code = run_verify(&args, &rest);
    } else {
        say_complain(TR("what is to be done: make, or verify?"), NULL);
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
    .synopsis = "verify FILE [--fingerprint ID=DIGITS ...] [--json]",
    .tables = evidence_tables,
    .run = run_evidence,
};
