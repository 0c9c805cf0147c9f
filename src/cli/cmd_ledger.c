/*
 * cmd_ledger.c - `tafadi ledger`: a party's log looked at, verified, proved from and copied out.
 */
#include "cli/ledger.h"

#include "cli/output.h"
#include "cli/readers.h"
#include "ledger/checkpoint.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag ledger_flags[] = {
    {"state-dir", 0, "DIR", &text_reader, offsetof(struct ledger_args, state_dir),
     TF_TEXT("the party's state directory, where its database and its key are")},
    {"database", 0, "WHERE", &text_reader, offsetof(struct ledger_args, database),
     TF_TEXT("the database, if it is not there: a file or a connection string")},
    {"key", 0, "KEY", &text_reader, offsetof(struct ledger_args, key),
     TF_TEXT("the key that is trusted: as text (name+id+key), or a file with it, a card or a "
             "party's key")},
    {"json", 0, NULL, NULL, offsetof(struct ledger_args, json),
     TF_TEXT("print for programs (verify, audit)")},
};
static const struct flag prove_flags[] = {
    {"output", 'o', "FILE", &text_reader, offsetof(struct ledger_args, output),
     TF_TEXT("where the proof goes (standard output)")},
    {"verify", 0, "FILE", &text_reader, offsetof(struct ledger_args, verify),
     TF_TEXT("check a proof against --key instead, and print its entry; needs no database")},
};
static const struct flag audit_flags[] = {
    {"since", 0, "TIME", &time_reader, offsetof(struct ledger_args, since_ns),
     TF_TEXT("leave out what was entered before")},
    {"kind", 0, "WORD", &text_reader, offsetof(struct ledger_args, kind),
     TF_TEXT("entries of this kind only")},
};
static const struct flag_table ledger_tables[] = {FLAG_TABLE(TF_TEXT("Ledger"), ledger_flags, 0),
                                                  FLAG_TABLE(TF_TEXT("Prove"), prove_flags, 0),
                                                  FLAG_TABLE(TF_TEXT("Audit"), audit_flags, 0),
                                                  COMMON_TABLE,
                                                  {.count = 0}};

/* --- verify --------------------------------------------------------------------------------------
 */

struct finding {
    bool is_whole, is_signed;
    uint64_t size, signed_size;
    size_t cosignatures; /* on the latest checkpoint */
    uint64_t cosigned;   /* up to here by some witness */
    char why[SQL_WHY_SIZE];
};

static void print_finding_json(const struct ledger_source *source, const struct finding *f,
                               struct tf_buf *out)
{
    tf_buf_printf(out, "{\"valid\":%s,\"origin\":", f->is_whole ? "true" : "false");
    tf_buf_json(out, ledger_origin(source->ledger));
    tf_buf_printf(out, ",\"size\":%" PRIu64, f->size);
    if (f->is_signed)
        tf_buf_printf(out, ",\"signed\":%" PRIu64 ",\"cosignatures\":%zu,\"cosigned\":%" PRIu64,
                      f->signed_size, f->cosignatures, f->cosigned);
    if (!f->is_whole) {
        tf_buf_text(out, ",\"why\":");
        tf_buf_json(out, f->why);
    }
    tf_buf_text(out, "}\n");
}

static void print_finding(const struct ledger_source *source, const struct finding *f,
                          struct tf_buf *out)
{
    char size[24], covered[24], others[24];
    snprintf(size, sizeof size, "%" PRIu64, f->size);
    snprintf(covered, sizeof covered, "%" PRIu64, f->signed_size);
    snprintf(others, sizeof others, "%zu", f->cosignatures);
    say_fill(
        out,
        TRN("The ledger %1 is whole: %2 entry.", "The ledger %1 is whole: %2 entries.", f->size),
        ledger_origin(source->ledger), size, NULL);
    tf_buf_char(out, '\n');
    if (f->is_signed) {
        say_fill(out, TR("The latest checkpoint covers %1; cosignatures of witnesses on it: %2."),
                 covered, others, NULL);
        tf_buf_char(out, '\n');
    }
    if (f->cosigned) {
        snprintf(covered, sizeof covered, "%" PRIu64, f->cosigned);
        say_fill(out, TR("Witnesses have cosigned it up to %1."), covered, NULL);
        tf_buf_char(out, '\n');
    }
}

static enum tf_status look(struct ledger *ledger, struct finding *f)
{
    struct tf_buf text = TF_BUF_INIT(NOTE_MAX);
    struct note *note = malloc(sizeof *note);
    enum tf_status rc = note ? ledger_size(ledger, &f->size) : TF_NOMEM;
    if (!rc)
        rc = ledger_cosigned(ledger, &f->cosigned);
    if (!rc)
        rc = ledger_checkpoint(ledger, &f->signed_size, &text);
    if (!rc && note_read(text.data, text.len, note) == TF_OK) {
        f->is_signed = true;
        f->cosignatures = note->count - 1;
    }
    free(note);
    tf_buf_release(&text);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

/* What ledger_verify() says is a marked sentence, with a number at its end as a rule. */
static void put_why(struct tf_buf *out, const char *why)
{
    char what[SQL_WHY_SIZE];
    const char *end = strrchr(why, ' ');
    bool numbered = end && end[1] != '\0' && strspn(end + 1, "0123456789") == strlen(end + 1);
    snprintf(what, sizeof what, "%.*s", (int)(numbered ? (size_t)(end - why) : strlen(why)), why);
    say_safe(out, TR(what));
    if (numbered)
        tf_buf_text(out, end);
}

static void complain_of(const struct ledger_source *source, const char *why)
{
    struct tf_buf text = TF_BUF_INIT(2048);
    put_why(&text, why);
    if (tf_buf_status(&text) == TF_OK)
        say_complain(TR("the ledger %1 is NOT as it was signed: %2"), ledger_origin(source->ledger),
                     text.data, NULL);
    tf_buf_release(&text);
}

static int run_verify(const struct ledger_args *args)
{
    struct ledger_source source;
    struct finding f = {0};
    struct tf_buf out = TF_BUF_INIT(65536);
    if (!ledger_source_open(args, true, &source))
        return EXIT_ERROR;
    struct ledger_progress progress = {TR("verifying: %1 %"), 0};
    enum tf_status rc = look(source.ledger, &f);
    if (!rc)
        rc = ledger_verify(source.ledger, ledger_shows_progress(args) ? ledger_progress : NULL,
                           &progress, f.why);
    int code = EXIT_NONE;
    f.is_whole = rc == TF_OK;
    if (rc == TF_SYNTAX) {
        code = EXIT_CONFLICTS;
        complain_of(&source, f.why);
    } else if (rc) {
        code = ledger_complain(&source, rc);
    }
    if (args->json && code != EXIT_ERROR)
        print_finding_json(&source, &f, &out);
    else if (f.is_whole)
        print_finding(&source, &f, &out);
    if (!output_print(&out))
        code = EXIT_ERROR;
    tf_buf_release(&out);
    ledger_source_close(&source);
    return code;
}

/* --- show, checkpoint ----------------------------------------------------------------------------
 */

struct shown {
    struct tf_buf text;
    bool is_there;
};

static bool show_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct shown *shown = ctx;
    (void)index;
    tf_buf_append(&shown->text, entry, len);
    tf_buf_char(&shown->text, '\n');
    shown->is_there = true;
    return false;
}

static int run_show(const struct ledger_args *args, const char *index)
{
    struct ledger_source source;
    struct shown shown = {.text = TF_BUF_INIT(LEDGER_ENTRY_MAX + 2)};
    char *end;
    unsigned long long at = strtoull(index, &end, 10);
    if (*end || index[0] < '0' || index[0] > '9') {
        say_complain(TR("\"%1\" is not an entry's number"), index, NULL);
        return EXIT_USAGE;
    }
    if (!ledger_source_open(args, false, &source))
        return EXIT_ERROR;
    int code = EXIT_NONE;
    enum tf_status rc = ledger_each(source.ledger, at, 1, show_entry, &shown);
    if (rc) {
        code = ledger_complain(&source, rc);
    } else if (!shown.is_there) {
        say_complain(TR("there is no entry %1 in the ledger"), index, NULL);
        code = EXIT_ERROR;
    } else if (!output_print(&shown.text)) {
        code = EXIT_ERROR;
    }
    tf_buf_release(&shown.text);
    ledger_source_close(&source);
    return code;
}

static int run_checkpoint(const struct ledger_args *args)
{
    struct ledger_source source;
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX);
    uint64_t size;
    if (!ledger_source_open(args, false, &source))
        return EXIT_ERROR;
    int code = EXIT_NONE;
    enum tf_status rc = ledger_checkpoint(source.ledger, &size, &note);
    if (rc == TF_NOT_FOUND) {
        say_complain(TR("no checkpoint has been signed yet"), NULL);
        code = EXIT_ERROR;
    } else if (rc) {
        code = ledger_complain(&source, rc);
    } else if (!output_print(&note)) {
        code = EXIT_ERROR;
    }
    tf_buf_release(&note);
    ledger_source_close(&source);
    return code;
}

/* --- which
 * ----------------------------------------------------------------------------------------- */

static int run_prove(const struct ledger_args *args, const char *index)
{
    return ledger_run_prove(args, index);
}

static const struct action {
    const char *name;
    bool takes_word; /* one, after the name */
    int (*plain)(const struct ledger_args *args);
    int (*with)(const struct ledger_args *args, const char *word);
} actions[] = {
    {"verify", false, run_verify, NULL},
    {"show", true, NULL, run_show},
    {"checkpoint", false, run_checkpoint, NULL},
    {"audit", false, ledger_run_audit, NULL},
    {"prove", true, NULL, run_prove},
    {"export", true, NULL, ledger_run_export},
};

static int act(const struct command *self, const struct ledger_args *args,
               const struct words *words)
{
    const char *name = words->count > 0 ? words->items[0] : "";
    if (args->verify && words->count == 1 && strcmp(name, "prove") == 0)
        return ledger_run_check(args);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        const struct action *a = &actions[i];
        if (strcmp(a->name, name) != 0 || words->count != 1u + a->takes_word)
            continue;
        return a->takes_word ? a->with(args, words->items[1]) : a->plain(args);
    }
    say_complain(TR("one of these is needed: verify, show INDEX, checkpoint, audit, prove INDEX, "
                    "prove --verify FILE, export DIR"),
                 NULL);
    return command_usage_error(self);
}

static int run_ledger(const struct command *self, int argc, char **argv)
{
    struct ledger_args args = {.since_ns = TF_TIME_MIN};
    struct words words = {0};
    int code;
    if (command_parse(self, &args, argc, argv, &words, &code))
        code = act(self, &args, &words);
    words_release(&words);
    return code;
}

const struct command command_ledger = {
    .name = "ledger",
    .summary = TF_TEXT("Verifies, reads, proves from and exports a party's ledger."),
    .synopsis = "verify|show INDEX|checkpoint|audit|prove INDEX|export DIR",
    .tables = ledger_tables,
    .run = run_ledger,
};
