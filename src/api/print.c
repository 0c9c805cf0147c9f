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
    if (plain)
        tf_buf_printf(out, "\"%s\":\"%s\"", name, text);
    else
        tf_buf_printf(out, "\"%s\":{\"value\":\"%s\",\"format\":\"RFC3339\"}", name, text);
}

static void print_subscription_state(struct tf_buf *out, const struct dss_subscriber *s)
{
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(&s->subscription->id, id);
    tf_buf_printf(out, "{\"subscription_id\":\"%s\",\"notification_index\":%d}", id,
                  s->notification_index);
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
