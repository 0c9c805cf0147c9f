/*
 * take.c - a post taken apart: envelopes first, for they may bring the key that verifies the rest.
 */
#include "line/internal.h"

#include <stdio.h>

enum { RECEIPTS_MAX = 1024, ROUNDS_MAX = 8 };

struct post_head {
    char line[LINE_ID_SIZE], from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
};

static enum tf_status read_head(const struct tf_json *root, struct post_head *out,
                                struct tf_fault *fault)
{
    static const char *const formats[] = {"tafadi-post/v1", NULL};
    struct tf_json format = tf_json_get(root, "format"), line = tf_json_get(root, "line");
    struct tf_json from = tf_json_get(root, "from"), to = tf_json_get(root, "to");
    uint8_t id[(LINE_ID_SIZE - 1) / 2];
    int which;
    enum tf_status rc = tf_json_object(root, fault);
    if (!rc)
        rc = tf_json_word(&format, formats, &which, fault);
    if (!rc)
        rc = fields_hex(&line, id, sizeof id, fault);
    if (!rc)
        rc = fields_name(&from, out->from, fault);
    if (!rc)
        rc = fields_name(&to, out->to, fault);
    if (rc)
        return TF_SYNTAX;
    key_hex(id, sizeof id, out->line);
    return TF_OK;
}

static enum tf_status not_ours(const char *field, const char *message, struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_NOT_FOUND, TF_NO_INDEX, field, message, NULL, NULL, NULL);
}

/* The line of the post: one that is known, or the one that these two would open next. */
static enum tf_status find_row(const struct line_context *c, const struct post_head *head,
                               struct line_row *row, struct tf_fault *fault)
{
    struct card card;
    if (strcmp(head->to, c->card.id) != 0)
        return not_ours("to", TF_TEXT("This post is for another party."), fault);
    enum tf_status rc = row_load(c, head->line, row);
    if (!rc)
        return strcmp(row->peer, head->from) == 0
                   ? TF_OK
                   : not_ours("from", TF_TEXT("This line is another party's."), fault);
    if (rc == TF_NOT_FOUND)
        rc = party_load(c, head->from, &card);
    if (rc == TF_NOT_FOUND)
        return not_ours("from", TF_TEXT("Who sends this is not known here; add its card first."),
                        fault);
    if (rc)
        return rc;
    rc = row_newest(c, head->from, row);
    if (rc && rc != TF_NOT_FOUND)
        return rc;
    if (!rc && row_state(row) != LINE_CLOSED)
        return not_ours("line", TF_TEXT("There is no such line."), fault);
    row_make(c, &card, rc ? 1 : row->round + 1, row);
    return strcmp(row->id, head->line) == 0
               ? TF_OK
               : not_ours("line", TF_TEXT("There is no such line."), fault);
}

/* --- lists -------------------------------------------------------------------------------------
 */

static enum tf_status take_list(struct taking *t, const struct tf_json *root, const char *name,
                                size_t most,
                                enum tf_status (*take)(struct taking *t, const json_t *json))
{
    const json_t *list = json_object_get(root->value, name);
    size_t count = json_array_size(list);
    enum tf_status rc = TF_OK;
    if (count > most)
        t->out->refused += (unsigned)(count - most);
    for (size_t i = 0; !rc && i < count && i < most; i++)
        rc = take(t, json_array_get(list, i));
    return rc;
}

/* After a restore what was lost of both sides comes together, and each may speak of the other:
 * in turns, while there is progress. */
static enum tf_status take_messages(struct taking *t, const struct tf_json *root)
{
    enum tf_status rc = take_list(t, root, "envelopes", LINE_POST_ENVELOPES, take_envelope);
    bool has_returned = json_array_size(json_object_get(root->value, "returned")) > 0;
    for (int i = 0; !rc && has_returned && i < ROUNDS_MAX; i++) {
        unsigned returned = t->out->returned, applied = t->out->applied;
        rc = take_list(t, root, "returned", LINE_POST_ENVELOPES, take_returned);
        if (!rc && t->out->returned > returned)
            rc = take_list(t, root, "envelopes", LINE_POST_ENVELOPES, take_envelope);
        has_returned = t->out->applied > applied;
    }
    return rc;
}

static enum tf_status take_all(struct taking *t, const struct tf_json *root)
{
    const json_t *beat = json_object_get(root->value, "beat");
    /* First, if its key is known: it says what of our own is lost here and missing for what
     * follows. Else last: the messages may bring the key. */
    enum tf_status rc = beat ? take_beat(t, beat) : TF_OK;
    bool had_beat = t->has_beat;
    if (!rc)
        rc = take_messages(t, root);
    if (!rc)
        rc = take_list(t, root, "receipts", RECEIPTS_MAX, take_receipt);
    if (!rc)
        rc = take_receipts_end(t);
    if (!rc && beat)
        rc = had_beat ? take_beat_end(t) : take_beat(t, beat);
    t->out->refused += beat && !t->has_beat;
    if (!rc)
        rc = take_witness(t, root);
    return rc;
}

static enum tf_status finish(struct taking *t)
{
    struct line_taken *out = t->out;
    if (t->row->is_new) /* nothing in it was signed by the other */
        return TF_OK;
    const struct line_hot *h = &t->row->hot;
    bool is_coming = h->peer_sent > h->peer_seq && out->applied > 0 && !h->is_forked;
    out->may_answer = t->is_good || out->applied > 0;
    /* What cannot be verified here may be under a key that was lost with the rest: the other learns
     * that it has to say it again. */
    out->may_beat = !out->may_answer && !t->has_beat && t->row->cold.is_wary;
    out->has_more = row_has_news(t->row) || is_coming || out->returned > 0;
    return row_save(t->c, t->row);
}

enum tf_status line_take(const struct line_context *c, const char *post, size_t len,
                         struct line_taken *out, struct tf_fault *fault)
{
    json_t *json = NULL;
    struct post_head head;
    struct line_row row;
    struct line_taken taken = {.applied = 0};
    struct taking t = {.c = c, .row = &row, .out = &taken};
    enum tf_status rc = fields_parse(post, len, LINE_POST_MAX, &json, fault);
    if (rc)
        return rc;
    struct tf_json root = tf_json_root(json);
    rc = read_head(&root, &head, fault);
    if (!rc)
        rc = find_row(c, &head, &row, fault);
    if (!rc)
        rc = take_all(&t, &root);
    if (!rc)
        rc = finish(&t);
    json_decref(json);
    if (rc)
        return rc;
    memcpy(taken.line, head.line, sizeof taken.line);
    *out = taken;
    return TF_OK;
}
