/*
 * memo_template.c - a memorandum to start from: every point with its default, one in a line, so
 * that people can go through it.
 */
#include "line/memo_floor.h"

#include "line/fields.h"

static void put_time(struct tf_buf *out, const char *name, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us * 1000, text);
    tf_buf_printf(out, "  \"%s\": \"%s\",\n", name, text);
}

static void put_head(struct tf_buf *out, const char *line, int64_t number,
                     const uint8_t replaces[KEY_HASH_SIZE])
{
    char hex[2 * KEY_HASH_SIZE + 1] = "";
    if (replaces)
        key_hex(replaces, KEY_HASH_SIZE, hex);
    tf_buf_printf(out, "{\n  \"format\": \"%s\",\n  \"line\": \"%s\",\n  \"number\": %lld,\n",
                  MEMO_FORMAT, line, (long long)number);
    tf_buf_printf(out, replaces ? "  \"replaces\": \"%s\",\n" : "  \"replaces\": null%s,\n", hex);
}

static void put_minimum(struct tf_buf *out, const char *name, double value, const char *end)
{
    tf_buf_printf(out, "\"%s\": ", name);
    tf_buf_double(out, value);
    tf_buf_text(out, end);
}

/* The pairs that are kept apart at all. */
static void put_separation(struct tf_buf *out)
{
    struct tf_separation_table table;
    const char *comma = "";
    tf_separation_defaults(&table);
    tf_buf_text(out, "  \"separation\": [");
    for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
        for (enum tf_kind b = a; b < TF_KIND_COUNT; b++) {
            const struct tf_separation *minima = &table.pair[a][b];
            if (minima->horizontal_m <= 0 || !table.compared[a][b])
                continue;
            tf_buf_printf(out, "%s\n    {\"a\": \"%s\", \"b\": \"%s\", ", comma, tf_kind_word(a),
                          tf_kind_word(b));
            put_minimum(out, "horizontal_m", minima->horizontal_m, ", ");
            put_minimum(out, "vertical_m", minima->vertical_m, ", ");
            put_minimum(out, "time_s", (double)minima->time_ns / (double)TF_SECOND_NS, "}");
            comma = ",";
        }
    tf_buf_text(out, "\n  ],\n");
}

static void put_times(struct tf_buf *out, const struct memorandum *memo)
{
    tf_buf_printf(
        out, "  \"acknowledge\": {\"deliver_s\": %lld, \"seen_s\": %lld, \"answer_s\": %lld},\n",
        (long long)memo->deliver_s, (long long)memo->seen_s, (long long)memo->answer_s);
    tf_buf_text(out, "  \"ladder\": [");
    for (size_t i = 0; i < memo->rungs; i++)
        tf_buf_printf(out, "%s\n    {\"role\": \"%s\", \"after_s\": %lld}", i ? "," : "",
                      memo->ladder[i].role, (long long)memo->ladder[i].after_s);
    tf_buf_printf(out, "\n  ],\n  \"no_agreement\": \"%s\",\n",
                  memo_default_name(memo->no_agreement));
    tf_buf_printf(out, "  \"heartbeat_s\": %lld,\n  \"drill_every_s\": %lld,\n",
                  (long long)memo->heartbeat_s, (long long)memo->drill_every_s);
}

static void put_texts(struct tf_buf *out)
{
    tf_buf_text(out, "  \"languages\": [\"en\", \"ar\", \"ru\"],\n  \"safety_floor\": [");
    for (size_t i = 0; i < MEMO_FLOOR_COUNT; i++)
        tf_buf_printf(out, "%s\"%s\"", i ? ", " : "", memo_floor[i]);
    tf_buf_text(out, "],\n  \"frequencies\": [],\n  \"phrases\": [],\n  \"other\": {}\n}\n");
}

enum tf_status memo_template(const char *line, int64_t number,
                             const uint8_t replaces[KEY_HASH_SIZE], int64_t from_us,
                             int64_t until_us, struct tf_buf *out)
{
    struct memorandum memo;
    memo_defaults(&memo);
    put_head(out, line, number, replaces);
    put_time(out, "valid_from", from_us);
    put_time(out, "valid_until", until_us);
    put_separation(out);
    tf_buf_printf(out,
                  "  \"kinds\": [\n    {\"kind\": \"*\", \"notice_s\": 0, \"disclosure\": "
                  "\"%s\"}\n  ],\n",
                  memo_disclosure_name(MEMO_NOTHING));
    put_times(out, &memo);
    put_texts(out);
    return tf_buf_status(out);
}
