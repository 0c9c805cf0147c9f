/*
 * print.c - what the answers of all APIs share.
 */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

void api_print_message(struct tf_buf *out, const char *message, const char *detail)
{
    tf_buf_text(out, "{\"message\":");
    if (detail && *detail) {
        char text[400];
        size_t n = strlen(detail);
        if (n > 120)
            n = 120;
        memcpy(text, detail, n);
        memcpy(text + n, ": ", 3);
        strncat(text, message, sizeof text - n - 4);
        tf_buf_json(out, text);
    } else {
        tf_buf_json(out, message);
    }
}

void api_print_time(struct tf_buf *out, const char *name, int64_t t_us, bool plain)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us * 1000, text);
    tf_buf_char(out, '"');
    tf_buf_text(out, name);
    tf_buf_text(out, plain ? "\":\"" : "\":{\"value\":\"");
    tf_buf_text(out, text);
    tf_buf_text(out, plain ? "\"" : "\",\"format\":\"RFC3339\"}");
}

void api_print_id(struct tf_buf *out, const char *name, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    tf_buf_char(out, '"');
    tf_buf_text(out, name);
    tf_buf_text(out, "\":\"");
    tf_buf_append(out, text, TF_UUID_TEXT_SIZE - 1);
    tf_buf_char(out, '"');
}

/* The hottest text of all: hundreds in an answer from a busy cell. */
static void print_subscription_state(struct tf_buf *out, const struct dss_subscriber *s)
{
    static const char head[] = "{\"subscription_id\":\"", middle[] = "\",\"notification_index\":";
    char text[sizeof head + sizeof middle + TF_UUID_TEXT_SIZE];
    memcpy(text, head, sizeof head - 1);
    tf_uuid_format(&s->subscription->id, text + sizeof head - 1);
    memcpy(text + sizeof head + TF_UUID_TEXT_SIZE - 2, middle, sizeof middle);
    tf_buf_append(out, text, sizeof head + sizeof middle + TF_UUID_TEXT_SIZE - 3);
    tf_buf_int(out, s->notification_index);
    tf_buf_char(out, '}');
}

static int by_url(const void *a, const void *b)
{
    const struct dss_subscriber *x = a, *y = b;
    int order = strcmp(x->subscription->url, y->subscription->url);
    return order ? order
                 : memcmp(x->subscription->id.bytes, y->subscription->id.bytes,
                          sizeof x->subscription->id.bytes);
}

/* Each URL once, with all its subscriptions. */
void api_print_subscribers(struct tf_buf *out, const struct dss_reply *reply, const char *url_name)
{
    struct dss_subscriber *s = reply->subscribers;
    size_t n = reply->subscriber_count;
    if (n > 1)
        qsort(s, n, sizeof *s, by_url);
    tf_buf_text(out, "\"subscribers\":[");
    for (size_t i = 0; i < n;) {
        const char *url = s[i].subscription->url;
        tf_buf_text(out, i ? ",{\"subscriptions\":[" : "{\"subscriptions\":[");
        for (size_t first = i; i < n && strcmp(s[i].subscription->url, url) == 0; i++) {
            if (i > first)
                tf_buf_char(out, ',');
            print_subscription_state(out, &s[i]);
        }
        tf_buf_printf(out, "],\"%s\":", url_name);
        tf_buf_json(out, url);
        tf_buf_char(out, '}');
    }
    tf_buf_char(out, ']');
}
