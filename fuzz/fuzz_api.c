/*
 * fuzz_api.c - every route from the request's bytes to the answer, over the memory engine,
 * without sockets and threads: this file is server and node.
 *
 * An input is a row of requests, separated by lines of "---": a line "METHOD target", then
 * the body. '@' in a target is the OVN or version of the last answer. Whatever is
 * asked, the answer is JSON with a status that is not the node's own fault.
 */
#include "api/api.h"
#include "dss/memory.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_MAX = 16384 };

/* The one node of this process. */
static struct {
    struct dss_memory *memory;
    struct api *api;
    char *token;
    int64_t now_us;
    char last[DSS_OVN_SIZE]; /* OVN or version in the last answer */
    int answers;
} all;

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* --- instead of the node ------------------------------------------------------------- */

static enum tf_status run(struct node_command *command)
{
    struct dss_context context = {.now_us = ++all.now_us,
                                  .stamp_us = all.now_us,
                                  .caller = command->caller,
                                  .may_monitor = command->may_monitor};
    memcpy(context.random, &all.now_us, sizeof all.now_us);
    return command->run(command, dss_memory_db(all.memory), &context, &command->reply);
}

enum tf_status node_submit(struct node *node, struct node_command *command)
{
    (void)node;
    size_t mark = dss_memory_mark(all.memory);
    enum tf_status rc = run(command);
    if (rc || command->reply.status >= 400)
        dss_memory_rollback(all.memory, mark);
    dss_memory_settle(all.memory);
    command->done(command, rc);
    return TF_OK;
}

void node_read(struct node *node, struct node_command *command)
{
    (void)node;
    size_t mark = dss_memory_mark(all.memory);
    enum tf_status rc = run(command);
    must(dss_memory_mark(all.memory) == mark);
    command->done(command, rc);
}

void node_metrics(struct node *node, struct node_metrics *out)
{
    (void)node;
    memset(out, 0, sizeof *out);
}

bool node_is_ready(struct node *node)
{
    return node;
}

/* --- instead of the server ------------------------------------------------------------ */

/* Remembers what the next request may want to name. */
static void remember(const json_t *answer)
{
    const char *key;
    json_t *one;
    json_object_foreach((json_t *)(uintptr_t)answer, key, one)
    {
        const char *name = json_string_value(json_object_get(one, "ovn"));
        if (!name)
            name = json_string_value(json_object_get(one, "version"));
        if (name)
            snprintf(all.last, sizeof all.last, "%s", name);
    }
}

bool http_claim(struct http_exchange *x)
{
    return x != NULL;
}

void http_reply(struct http_exchange *x)
{
    all.answers++;
    if (x->complete)
        x->complete(x);
    must(x->status >= 200 && x->status < 500 && !tf_buf_status(&x->out));
    if (x->content_type && !strstr(x->content_type, "json")) {
        tf_buf_release(&x->out);
        return;
    }
    json_t *answer = json_loadb(x->out.data, x->out.len, JSON_REJECT_DUPLICATES, NULL);
    must(json_is_object(answer));
    must(x->status < 400 || json_string_value(json_object_get(answer, "message")));
    remember(answer);
    json_decref(answer);
    tf_buf_release(&x->out);
}

/* --- requests ----------------------------------------------------------------------------- */

static void start(void)
{
    static const char *const audiences[] = {"localhost"};
    const struct api_config config = {.audiences = audiences,
                                      .audience_count = 1,
                                      .version = "1",
                                      .pool_identity = "x",
                                      .quiet = true};
    struct tf_buf private_pem = TF_BUF_INIT(4096), public_pem = TF_BUF_INIT(4096);
    struct tf_buf token = TF_BUF_INIT(8192);
    struct token_keys *keys = NULL;
    char why[160];
    const struct token_request request = {
        .issuer = "x",
        .sub = "uss1",
        .aud = "localhost",
        .jti = "x",
        .scope =
            "utm.strategic_coordination utm.conformance_monitoring_sa utm.constraint_management "
            "utm.constraint_processing utm.availability_arbitration rid.display_provider "
            "rid.service_provider dss.read.identification_service_areas "
            "dss.write.identification_service_areas interuss.pool_status.read "
            "interuss.pool_status.heartbeat.write interuss.versioning.read_system_versions",
        .now_s = (int64_t)time(NULL),
        .lifetime_s = 3600};
    must(sodium_init() >= 0);
    must(!api_new(&config, &all.api) && !token_make_keys(&private_pem, &public_pem) &&
         !token_issue(&request, private_pem.data, &token) && !token_keys_new(&keys) &&
         !token_keys_add_pem(keys, public_pem.data, public_pem.len, why));
    api_set_keys(all.api, keys);
    all.token = token.data; /* kept */
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
}

/* The head around a request's first line, '@' replaced. */
static size_t write_head(const char *line, size_t len, char *head)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n < HEAD_MAX - 4096; i++) {
        if (line[i] == '@')
            n += (size_t)snprintf(head + n, DSS_OVN_SIZE, "%s", all.last);
        else
            head[n++] = line[i];
    }
    return n + (size_t)snprintf(head + n, HEAD_MAX - n,
                                " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
                                all.token);
}

static void ask(const char *text, size_t len)
{
    static char head_bytes[HEAD_MAX];
    const char *line = memchr(text, '\n', len), *why;
    size_t first = line ? (size_t)(line - text) : len, body = line ? first + 1 : len;
    struct http_head head;
    size_t n = write_head(text, first < 8000 ? first : 8000, head_bytes);
    if (http_parse_head(head_bytes, n, NULL, &head, &why) <= 0)
        return;
    struct http_exchange x = {.head = &head,
                              .body = text + body,
                              .body_len = len - body,
                              .request_id = "x",
                              .out = TF_BUF_INIT((size_t)64 << 20)};
    int before = all.answers;
    api_handle(all.api, &x);
    must(all.answers == before + 1); /* exactly once */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    if (!all.api)
        start();
    all.now_us = INT64_C(1795514400000000); /* 2026-11-24T10:00:00Z */
    all.last[0] = '\0';
    must(!dss_memory_new(&all.memory) && !dss_memory_introduce(all.memory, "x", NULL));
    for (int i = 0; i < 20 && at < end; i++) {
        const char *stop = at;
        while (stop < end && !(end - stop >= 5 && memcmp(stop, "\n---\n", 5) == 0))
            stop++;
        ask(at, (size_t)(stop - at));
        at = stop < end ? stop + 5 : end;
    }
    dss_memory_free(all.memory);
    return 0;
}
