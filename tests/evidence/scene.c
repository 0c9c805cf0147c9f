/*
 * scene.c - see scene.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_US (60 * SECOND_US)
#define VOLUME(lat, lng)                                                                           \
    "{'volume':{'volume':{'outline_circle':{'center':{'lat':" lat ",'lng':" lng "},"               \
    "'radius':{'value':2000,'units':'M'}},"                                                        \
    "'altitude_lower':{'value':0,'reference':'W84','units':'M'},"                                  \
    "'altitude_upper':{'value':300,'reference':'W84','units':'M'}},"                               \
    "'time_start':{'value':'2026-11-25T06:00:00Z','format':'RFC3339'},"                            \
    "'time_end':{'value':'2026-11-25T07:00:00Z','format':'RFC3339'}},"                             \
    "'kind':'uncrewed'"

/* Says it, and brings it over with the answer; a minute passes. */
static int64_t say(struct scene *scene, int side, const char *type, const char *body)
{
    struct pair *pair = &scene->pair;
    int64_t seq = side_say(&pair->side[side], pair->line, type, body);
    pair_pass_time(pair, MINUTE_US);
    pair_exchange(pair, side);
    return seq;
}

/* {"format":...,"number"...} escaped into a body. */
static void agree(struct scene *scene)
{
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX), body = TF_BUF_INIT((size_t)2 * MEMO_MAX);
    struct side *north = &scene->pair.side[0];
    struct tf_fault fault;
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1], accept[128];
    int64_t seq = 0;
    assert_int_equal(
        memo_template(scene->pair.line, 1, NULL, T0_US, T0_US + 86400 * SECOND_US, &text), TF_OK);
    memo_hash(text.data, text.len, hash);
    key_hex(hash, sizeof hash, hex);
    json_t *value = json_pack("{s:s}", "document", text.data);
    struct line_draft draft = {.type = "memo.propose", .role = "head-of-cell", .body = value};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_say(&north->c, scene->pair.line, &draft, &seq, &fault), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    pair_exchange(&scene->pair, 0);
    snprintf(accept, sizeof accept, "{'document':'%s'}", hex);
    say(scene, 1, "memo.accept", accept);
    json_decref(value);
    tf_buf_release(&text);
    tf_buf_release(&body);
}

static void put_signed(const struct side *side, const char *type, const struct tf_buf *payload,
                       struct tf_buf *out)
{
    uint8_t hash[KEY_HASH_SIZE];
    assert_int_equal(envelope_make(side->key, type, payload->data, payload->len, out, hash), TF_OK);
}

/* South signs another message under the number of `seen`, and posts it. */
static void contradict(struct scene *scene)
{
    struct pair *pair = &scene->pair;
    struct side *south = &pair->side[1];
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), post = TF_BUF_INIT(LINE_POST_MAX);
    struct message m = {.from = "south.example",
                        .to = "north.example",
                        .seq = scene->seen,
                        .sent_us = south->c.now_us,
                        .type = MESSAGE_TEXT,
                        .type_name = "text",
                        .role = "duty-officer",
                        .body = json_pack("{s:s,s:s}", "text", "never seen", "lang", "en")};
    struct beat beat = {.from = "south.example", .to = "north.example", .at_us = south->c.now_us};
    memcpy(m.line, pair->line, sizeof m.line);
    memcpy(beat.line, pair->line, sizeof beat.line);
    m.prev[0] = 1;
    tf_buf_printf(&post,
                  "{\"format\":\"tafadi-post/v1\",\"line\":\"%s\",\"from\":\"south.example\","
                  "\"to\":\"north.example\",\"beat\":",
                  pair->line);
    assert_int_equal(beat_print(&beat, &payload), TF_OK);
    put_signed(south, ENVELOPE_BEAT, &payload, &post);
    tf_buf_text(&post, ",\"envelopes\":[");
    tf_buf_clear(&payload);
    assert_int_equal(message_print(&m, &payload), TF_OK);
    put_signed(south, ENVELOPE_MESSAGE, &payload, &post);
    tf_buf_text(&post, "],\"receipts\":[],\"returned\":[]}");
    assert_int_equal(side_take(&pair->side[0], &post).forks, 1);
    message_release(&m);
    tf_buf_release(&payload);
    tf_buf_release(&post);
}

void scene_play(struct scene *scene, const char *const where[2])
{
    struct pair *pair = &scene->pair;
    char body[512];
    *scene = (struct scene){.seen = 0};
    pair_open(pair, where);
    pair_open_line(pair);
    agree(scene);
    scene->notice = say(scene, 0, "notice", VOLUME("40.5", "11.5") "}");
    snprintf(body, sizeof body,
             "{'of':%lld,'readback':{'lat_deg':40.5,'lng_deg':11.5,"
             "'start':'2026-11-25T06:00:00Z','end':'2026-11-25T07:00:00Z'}}",
             (long long)scene->notice);
    scene->seen = say(scene, 1, "ack.seen", body);
    snprintf(body, sizeof body, "{'of':%lld,'assessment':'conflict','reason':'we fly there'}",
             (long long)scene->notice);
    scene->answered = say(scene, 1, "ack.answered", body);
    snprintf(body, sizeof body, VOLUME("40.6", "11.5") ",'amends':%lld}", (long long)scene->notice);
    scene->amended = say(scene, 0, "notice", body);
    scene->text = say(scene, 0, "text", "{'text':'good morning','lang':'en'}");
    scene->danger = say(scene, 1, "danger",
                        "{'text':'balloon adrift','lang':'en','lat_deg':40.51,'lng_deg':11.5,"
                        "'at':'2026-11-25T06:10:00Z'}");
    scene->second = say(scene, 1, "notice", VOLUME("43", "11.5") "}");
    for (int i = 0; i < 3; i++)
        pair_exchange(pair, i % 2);
    pair_pass_time(pair, MINUTE_US);
    scene->lost = side_say(&pair->side[0], pair->line, "text", "{'text':'anyone?','lang':'en'}");
    contradict(scene);
}

enum tf_status scene_bundle(struct scene *scene, int side, struct evidence_selection selection,
                            struct tf_buf *out, struct evidence_report *report,
                            struct tf_fault *fault)
{
    struct side *at = &scene->pair.side[side];
    struct line_context c = at->c;
    c.key = NULL; /* not needed */
    c.card = (struct card){.id = ""};
    selection.line = selection.line ? selection.line : scene->pair.line;
    assert_int_equal(sql_begin_reading(at->sql), TF_OK);
    enum tf_status rc = evidence_make(&c, &selection, out, report, fault);
    sql_rollback(at->sql);
    return rc;
}
