/*
 * fuzz_message.c - payloads of messages: what is read is printed, and then read the same; its
 * body is judged, its place found, whatever is in it.
 */
#include "line/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_body(const struct message *m)
{
    struct message_place place;
    struct tf_fault fault;
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    bool is_good = message_check_body(m->type, m->body, &fault) == TF_OK;
    if (message_place(m->type, m->body, &place) && !message_readback_matches(&place, &place))
        abort();
    if (m->type == MESSAGE_NOTICE && is_good && !message_place(m->type, m->body, &place))
        abort();
    if (m->type == MESSAGE_PHRASE && is_good) {
        const char *id = json_string_value(json_object_get(m->body, "phrase"));
        if (phrase_text(phrase_named(id), "ar", json_object_get(m->body, "args"), &text))
            abort();
    }
    tf_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_buf text = TF_BUF_INIT(8 * ENVELOPE_PAYLOAD_MAX);
    struct message m, again;
    struct tf_fault fault;
    if (message_parse((const char *)data, size, &m, &fault))
        return 0;
    judge_body(&m);
    if (message_print(&m, &text))
        abort();
    if (text.len <= ENVELOPE_PAYLOAD_MAX) {
        if (message_parse(text.data, text.len, &again, &fault) || again.seq != m.seq ||
            again.sent_us != m.sent_us || again.answer_by_us != m.answer_by_us ||
            again.type != m.type)
            abort();
        message_release(&again);
    }
    message_release(&m);
    tf_buf_release(&text);
    return 0;
}
