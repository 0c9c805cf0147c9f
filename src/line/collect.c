/*
 * collect.c - a post with all that the other misses.
 */
#include "line/internal.h"

#include <stdio.h>

enum {
    TAIL_BYTES = 40960,                   /* kept free for the checkpoint and its proof */
    RETURNED_BYTES = LINE_POST_BYTES / 4, /* of the whole */
    RECEIPTS_MAX = LINE_POST_ENVELOPES
};

/* A little later than the last one, after a clock that was set back a little. */
static int64_t beat_time(const struct line_context *c, const struct line_row *row)
{
    int64_t last_us = row->hot.beat_us;
    bool was_set_back = last_us >= c->now_us && last_us - c->now_us <= LINE_SKEW_S * LINE_SECOND_US;
    return was_set_back ? last_us + 1 : c->now_us;
}

static enum tf_status put_beat(const struct line_context *c, struct line_row *row,
                               struct tf_buf *post)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    const struct line_hot *h = &row->hot;
    uint8_t hash[KEY_HASH_SIZE];
    struct beat beat = {.at_us = beat_time(c, row),
                        .have = h->peer_seq,
                        .sent = h->own_seq,
                        .receipted = h->own_receipted,
                        .return_from = h->return_from > 0 ? h->return_from : 0};
    memcpy(beat.line, row->id, sizeof beat.line);
    memcpy(beat.from, c->card.id, sizeof beat.from);
    memcpy(beat.to, row->peer, sizeof beat.to);
    tf_buf_text(post, ",\"beat\":");
    enum tf_status rc = beat_print(&beat, &payload);
    if (!rc)
        rc = envelope_make(c->key, ENVELOPE_BEAT, payload.data, payload.len, post, hash);
    tf_buf_release(&payload);
    row->hot.beat_us = beat.at_us;
    return rc;
}

/* --- lists -------------------------------------------------------------------------------------
 */

/* Envelopes of one side from `first` on, while there is room; one may always go. *last: the last
 * one that went. */
static enum tf_status put_envelopes(const struct line_context *c, const struct line_row *row,
                                    bool is_own, int64_t first, size_t room, const char *name,
                                    struct tf_buf *post, int64_t *last)
{
    struct sql_rows rows;
    size_t start = post->len;
    *last = first - 1;
    enum tf_status rc = sql_query(
        c->sql,
        "SELECT envelope, seq FROM line_message WHERE line = $1 AND own = $2"
        " AND seq >= $3 ORDER BY seq LIMIT $4",
        SQL_ARGS(sql_text(row->id), sql_int(is_own), sql_int(first), sql_int(LINE_POST_ENVELOPES)),
        &rows);
    if (rc)
        return rc;
    tf_buf_printf(post, ",\"%s\":[", name);
    for (size_t i = 0; i < rows.count; i++) {
        const struct sql_value *text = sql_at(&rows, i, 0);
        if (i > 0 && post->len - start + text->len > room)
            break;
        if (i > 0)
            tf_buf_char(post, ',');
        tf_buf_append(post, text->bytes, text->len);
        *last = sql_at(&rows, i, 1)->number;
    }
    tf_buf_char(post, ']');
    sql_rows_release(&rows);
    return TF_OK;
}

/* Signed before the key was changed: once more, with the present one. */
static enum tf_status put_receipt(const struct line_context *c, const uint8_t keyid[KEY_HASH_SIZE],
                                  const struct sql_value *text, struct tf_buf *post)
{
    struct envelope envelope;
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(keyid, KEY_HASH_SIZE, hex);
    if (strstr(text->bytes, hex)) {
        tf_buf_append(post, text->bytes, text->len);
        return TF_OK;
    }
    enum tf_status rc = envelope_parse(text->bytes, text->len, &envelope, NULL);
    if (rc)
        return rc;
    rc =
        envelope_make(c->key, ENVELOPE_RECEIPT, envelope.payload, envelope.payload_len, post, hash);
    envelope_release(&envelope);
    return rc;
}

static enum tf_status put_receipts(const struct line_context *c, const struct line_row *row,
                                   struct tf_buf *post)
{
    struct key_public key = key_public_of(c->key);
    uint8_t keyid[KEY_HASH_SIZE];
    struct sql_rows rows;
    if (row->hot.peer_receipted >= row->hot.peer_seq)
        return TF_OK;
    enum tf_status rc = sql_query(
        c->sql,
        "SELECT receipt FROM line_message WHERE line = $1 AND own = 0 AND seq > $2"
        " ORDER BY seq LIMIT $3",
        SQL_ARGS(sql_text(row->id), sql_int(row->hot.peer_receipted), sql_int(RECEIPTS_MAX)),
        &rows);
    if (rc)
        return rc;
    envelope_fingerprint(&key, keyid);
    tf_buf_text(post, ",\"receipts\":[");
    for (size_t i = 0; !rc && i < rows.count && post->len < LINE_POST_BYTES - TAIL_BYTES; i++) {
        if (i > 0)
            tf_buf_char(post, ',');
        rc = put_receipt(c, keyid, sql_at(&rows, i, 0), post);
    }
    tf_buf_char(post, ']');
    sql_rows_release(&rows);
    return rc;
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static enum tf_status put_lists(const struct line_context *c, struct line_row *row,
                                struct tf_buf *post)
{
    struct line_hot *h = &row->hot;
    int64_t last = h->own_seq, ignored;
    enum tf_status rc = put_receipts(c, row, post);
    if (!rc && h->peer_return_from > 0 && h->peer_return_from <= h->peer_seq)
        rc = put_envelopes(c, row, false, h->peer_return_from, RETURNED_BYTES, "returned", post,
                           &ignored);
    size_t used = post->len + TAIL_BYTES;
    size_t room = used < LINE_POST_BYTES ? LINE_POST_BYTES - used : 0;
    if (!rc && h->peer_have < h->own_seq)
        rc = put_envelopes(c, row, true, h->peer_have + 1, room, "envelopes", post, &last);
    h->posted_us = c->now_us;
    h->posted_seq = h->own_seq;
    h->posted_to = last;
    h->posted_have = h->peer_seq;
    return rc;
}

static enum tf_status put_post(const struct line_context *c, struct line_row *row, bool is_whole,
                               struct tf_buf *post)
{
    tf_buf_text(post, "{\"format\":\"tafadi-post/v1\"");
    tf_json_put_text(post, "line", row->id);
    tf_json_put_text(post, "from", c->card.id);
    tf_json_put_text(post, "to", row->peer);
    enum tf_status rc = put_beat(c, row, post);
    if (!rc && is_whole)
        rc = put_lists(c, row, post);
    if (!rc && is_whole)
        rc = collect_witness(c, row, post);
    tf_buf_char(post, '}');
    return rc ? rc : tf_buf_status(post);
}

static enum tf_status collect(const struct line_context *c, const char *line, bool is_whole,
                              struct tf_buf *post)
{
    struct line_row row;
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = put_post(c, &row, is_whole, post);
    return rc ? rc : row_save(c, &row);
}

enum tf_status line_collect(const struct line_context *c, const char *line, struct tf_buf *post)
{
    return collect(c, line, true, post);
}

enum tf_status line_collect_beat(const struct line_context *c, const char *line,
                                 struct tf_buf *post)
{
    return collect(c, line, false, post);
}
