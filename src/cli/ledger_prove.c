/*
 * ledger_prove.c - `tafadi ledger prove`: proof files, made and checked.
 */
#include "cli/ledger.h"

#include "cli/output.h"
#include "cli/state.h"
#include "ledger/proof.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ledger_run_prove(const struct ledger_args *args, const char *index)
{
    struct ledger_source source;
    struct tf_buf out = TF_BUF_INIT(PROOF_MAX);
    char *end;
    unsigned long long at = strtoull(index, &end, 10);
    if (*end || index[0] < '0' || index[0] > '9') {
        say_complain(TR("\"%1\" is not an entry's number"), index, NULL);
        return EXIT_USAGE;
    }
    if (!ledger_source_open(args, false, &source))
        return EXIT_ERROR;
    int code = EXIT_NONE;
    enum tf_status rc = ledger_proof_file(source.ledger, at, &out);
    if (rc == TF_RANGE) {
        say_complain(TR("no signed checkpoint covers the entry %1"), index, NULL);
        code = EXIT_ERROR;
    } else if (rc) {
        code = ledger_complain(&source, rc);
    } else if (!output_file(args->output ? args->output : "-", &out)) {
        code = EXIT_ERROR;
    }
    tf_buf_release(&out);
    ledger_source_close(&source);
    return code;
}

static const char *words_of(enum proof_verdict verdict)
{
    static const char *const words[] = {
        [PROOF_UNSIGNED] = TF_TEXT("its checkpoint is not signed by this key"),
        [PROOF_FORGED] = TF_TEXT("its checkpoint has a signature that does not verify"),
        [PROOF_OTHER_LOG] = TF_TEXT("its checkpoint is of another log"),
        [PROOF_NOT_IN] = TF_TEXT("its hashes do not lead from the entry to the checkpoint"),
    };
    return TR(words[verdict]);
}

/* Who only has a key takes the name from the file: the key decides. */
static bool make_key(const struct proof_file *file, const char *name, const struct key_public *key,
                     struct note_key *out)
{
    char origin[NOTE_NAME_SIZE];
    if (file->checkpoint.origin_len >= sizeof origin)
        return false;
    snprintf(origin, sizeof origin, "%.*s", (int)file->checkpoint.origin_len,
             file->checkpoint.origin);
    return note_key_make(name[0] ? name : origin, NOTE_ED25519, key, out);
}

static int report(const struct ledger_args *args, const struct proof_file *file,
                  enum proof_verdict verdict)
{
    struct tf_buf out = TF_BUF_INIT(PROOF_MAX);
    char index[24];
    if (verdict != PROOF_VALID) {
        say_complain(TR("%1 proves nothing: %2"), args->verify, words_of(verdict), NULL);
        return EXIT_CONFLICTS;
    }
    snprintf(index, sizeof index, "%" PRIu64, file->index);
    if (!args->common.quiet)
        say_complain(TR("valid: this is entry %1 of that ledger"), index, NULL);
    tf_buf_append(&out, file->extra, file->extra_len);
    tf_buf_char(&out, '\n');
    int code = output_print(&out) ? EXIT_NONE : EXIT_ERROR;
    tf_buf_release(&out);
    return code;
}

static int check(const struct ledger_args *args, const struct tf_buf *bytes)
{
    struct key_public key;
    struct note_key as;
    char name[NOTE_NAME_SIZE];
    struct proof_file *file = calloc(1, sizeof *file);
    int code = EXIT_ERROR;
    if (!file || !ledger_key_read(args->key, name, &key))
        goto out;
    enum tf_status rc = proof_read(bytes->data ? bytes->data : "", bytes->len, file);
    if (rc || !file->extra || !make_key(file, name, &key, &as)) {
        say_complain(TR("%1 is not a proof of an entry"), args->verify, NULL);
        code = rc == TF_NOMEM ? EXIT_ERROR : EXIT_CONFLICTS;
    } else {
        code = report(args, file, proof_check(file, file->extra, file->extra_len, &as));
    }
    if (!rc)
        proof_release(file);
out:
    free(file);
    return code;
}

int ledger_run_check(const struct ledger_args *args)
{
    struct tf_buf bytes = TF_BUF_INIT(PROOF_MAX + 1);
    if (!args->key) {
        say_complain(TR("--key is needed: the key of the ledger that the proof is of"), NULL);
        return EXIT_USAGE;
    }
    int code = state_read(args->verify, &bytes) ? check(args, &bytes) : EXIT_ERROR;
    tf_buf_release(&bytes);
    return code;
}
