/*
 * fuzz_declared.c - bodies of declarations as a peer sends them, and the judge of what leaves. The
 * first byte chooses the type. What is read has a place or none, whatever it says; what may be
 * said under a memorandum may be said under one that gives more.
 */
#include "ops/declaration.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {"op.declare",   "op.update",   "op.withdraw",
                                    "site.declare", "site.update", "site.withdraw"};

static void judge(const char *type, const json_t *body)
{
    bool before = false;
    for (int level = MEMO_NOTHING; level <= MEMO_FULL; level++) {
        struct memorandum rules;
        struct tf_fault fault;
        memo_defaults(&rules);
        rules.number = 1;
        rules.kind_rules = 1;
        memcpy(rules.kinds[0].kind, "*", 2);
        rules.kinds[0].disclosure = (enum memo_disclosure)level;
        bool now = ops_disclosure_check(&rules, type, body, &fault) == TF_OK;
        if (before && !now)
            abort();
        before = now;
        memo_release(&rules);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct line_extension extensions[OPS_EXTENSIONS];
    struct message_place place;
    struct tf_fault fault;
    if (size < 2)
        return 0;
    const char *type = types[data[0] % 6];
    json_t *body = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES, NULL);
    ops_extensions(NULL, extensions);
    const struct line_extension *extension = &extensions[strncmp(type, "site.", 5) == 0];
    if (!extension->kind(NULL, type) || extension->kind(NULL, "op.nothing"))
        abort();
    if (json_is_object(body)) {
        bool is_good = extension->check(NULL, type, body, &fault) == TF_OK;
        if (extension->place(NULL, type, body, &place) &&
            (!is_good || !message_readback_matches(&place, &place)))
            abort();
        judge(type, body);
    }
    json_decref(body);
    return 0;
}
