/*
 * fuzz_evidence.c - evidence bundles: whatever is in one, the verdict and the story hang together.
 * The digest in the first line is set right, so that what follows it is reached.
 */
#include "evidence/evidence.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t wrong, said, forks;
};

static void on_wrong(void *ctx, const struct tf_fault *fault)
{
    if (!fault->message)
        abort();
    ((struct seen *)ctx)->wrong++;
}

static void on_event(void *ctx, const struct evidence_event *event)
{
    struct seen *seen = ctx;
    if (!event->sentence || !event->from || !event->to || !event->type || !event->role)
        abort();
    for (int i = 0; i < 4; i++)
        if (!event->arg[i])
            abort();
    seen->said += event->kind == EVIDENCE_SAID;
    seen->forks += event->kind == EVIDENCE_FORK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { TITLE = sizeof EVIDENCE_FORMAT, HEAD = TITLE + 2 * KEY_HASH_SIZE + 1 };
    struct seen seen = {0};
    struct evidence_visitor visitor = {on_event, on_wrong, &seen};
    struct evidence_report report;
    struct tf_fault fault = {0};
    uint8_t hash[KEY_HASH_SIZE];
    if (size <= HEAD)
        return 0;
    char *bytes = malloc(size);
    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    key_sha256(&(struct key_piece){bytes + HEAD, size - HEAD}, 1, hash);
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(hash, sizeof hash, hex);
    memcpy(bytes + TITLE, hex, sizeof hex - 1);
    if (evidence_verify(bytes, size, NULL, 0, &visitor, &report, &fault) == TF_OK &&
        (report.is_valid != (seen.wrong == 0) || report.wrong != seen.wrong ||
         report.forks != seen.forks ||
         report.party[0].messages + report.party[1].messages != seen.said ||
         report.party[0].received > report.party[0].messages))
        abort();
    free(bytes);
    return 0;
}
