/*
 * judge.c - judges bundles that come on standard input, each after a line with its length; one JSON
 * object in a line for each: verdict, counts, the story's steps. For test_evidence.py.
 */
#include "evidence/evidence.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static void put_event(void *ctx, const struct evidence_event *event)
{
    struct tf_buf *out = ctx;
    char hex[2 * KEY_HASH_SIZE + 1] = "";
    if (event->hash)
        key_hex(event->hash, KEY_HASH_SIZE, hex);
    tf_buf_printf(out, "%s\"%d %lld %lld %lld %s ", out->len ? "," : "", (int)event->kind,
                  (long long)event->at_us, (long long)event->received_us, (long long)event->seq,
                  hex);
    tf_buf_printf(out, "%s %s\"", event->from, event->type);
}

static void judge(const char *bytes, size_t len)
{
    struct tf_buf story = TF_BUF_INIT((size_t)1 << 30);
    struct evidence_visitor visitor = {.event = put_event, .ctx = &story};
    struct evidence_report r;
    struct tf_fault fault = {0};
    if (evidence_verify(bytes, len, NULL, 0, &visitor, &r, &fault))
        printf("{\"verdict\":\"unreadable\",\"field\":\"%s\"}\n", fault.field);
    else
        printf("{\"verdict\":\"%s\",\"counts\":{\"messages\":%zu,\"received\":%zu,\"entries\":%zu,"
               "\"checkpoints\":%zu,\"cosignatures\":%zu,\"forks\":%zu},\"story\":[%s]}\n",
               r.is_valid ? "valid" : "invalid", r.party[0].messages + r.party[1].messages,
               r.party[0].received + r.party[1].received, r.entries, r.checkpoints, r.cosignatures,
               r.forks, story.data ? story.data : "");
    tf_buf_release(&story);
}

int main(void)
{
    char line[32];
    if (sodium_init() < 0)
        return 1;
    while (fgets(line, sizeof line, stdin)) {
        size_t len = strtoul(line, NULL, 10);
        char *bytes = malloc(len + 1);
        if (!bytes || fread(bytes, 1, len, stdin) != len)
            return 1;
        judge(bytes, len);
        free(bytes);
    }
    return 0;
}
