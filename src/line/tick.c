/*
 * tick.c - what time does to a line: silence, deadlines and the ladder, drills, beats.
 */
#include "line/internal.h"

#include <stdio.h>

enum { DUE_MAX = 64 };

struct ticking {
    const struct line_context *c;
    struct line_row *row;
    struct memorandum rules; /* read when first needed */
    bool has_rules;
    int64_t next_us;
};

static void come_again(struct ticking *t, int64_t at_us)
{
    if (at_us < t->next_us)
        t->next_us = at_us;
}

static enum tf_status need_rules(struct ticking *t)
{
    if (t->has_rules)
        return TF_OK;
    enum tf_status rc = rules_load(t->c, t->row, &t->rules);
    t->has_rules = rc == TF_OK;
    return rc;
}

/* --- silence ---------------------------------------------------------------------------------- */

static enum tf_status listen(struct ticking *t)
{
    struct line_row *row = t->row;
    struct line_hot *h = &row->hot;
    int64_t interval_us = row->cold.heartbeat_s * LINE_SECOND_US, now_us = t->c->now_us;
    char text[LINE_TEXT_SIZE];
    if (!row_is_watched(row) || h->is_degraded)
        return TF_OK;
    if (h->heard_us <= now_us && now_us - h->heard_us < interval_us) {
        come_again(t, h->heard_us + interval_us);
        return TF_OK;
    }
    enum line_state before = row_state(row);
    h->is_degraded = 1;
    snprintf(text, sizeof text, "nothing was heard of %s for %lld s", row->peer,
             (long long)row->cold.heartbeat_s);
    enum tf_status rc = state_changed(t->c, row, before, "silence", "", false, 0);
    return rc ? rc : alarm_raise(t->c, row, "silence", false, 0, NULL, text);
}

/* --- deadlines -------------------------------------------------------------------------------- */

static void describe(const struct ticking *t, const struct stored *m, int64_t bit, int64_t by_us,
                     char out[LINE_TEXT_SIZE])
{
    char by[TF_TIME_TEXT_SIZE];
    tf_time_format(by_us * 1000, by);
    snprintf(out, LINE_TEXT_SIZE, "message %lld (%s) of %s was not %s by %s", (long long)m->seq,
             m->type, m->is_own ? t->c->card.id : t->row->peer,
             bit == OPEN_DELIVER ? "receipted"
             : bit == OPEN_SEEN  ? "acknowledged as seen"
                                 : "answered",
             by);
}

/* The alarm is the first role's; each next one takes over after its own time. */
static enum tf_status raise_due(struct ticking *t, struct stored *m)
{
    const int64_t by_us[] = {m->deliver_by_us, m->seen_by_us, m->answer_by_us};
    const struct memorandum *rules = &t->rules;
    char text[LINE_TEXT_SIZE];
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < 3; i++) {
        int64_t bit = INT64_C(1) << i;
        if (!(m->open & bit) || (m->alarmed & bit) || by_us[i] <= 0 || by_us[i] > t->c->now_us)
            continue;
        if (!(m->alarmed & m->open)) {
            m->rung = 0;
            m->rung_us = rules->rungs > 1
                             ? by_us[i] + (rules->ladder[0].after_s + rules->ladder[1].after_s) *
                                              LINE_SECOND_US
                             : 0;
        }
        m->alarmed |= bit;
        describe(t, m, bit, by_us[i], text);
        rc = alarm_raise(t->c, t->row, stored_alarm_kind(bit), m->is_own, m->seq,
                         rules->ladder[m->rung].role, text);
    }
    return rc;
}

static enum tf_status climb(struct ticking *t, struct stored *m)
{
    const struct memorandum *rules = &t->rules;
    int64_t last = (int64_t)rules->rungs - 1, before = m->rung;
    while (m->rung < last && m->rung_us > 0 && m->rung_us <= t->c->now_us) {
        m->rung++;
        m->rung_us =
            m->rung < last ? m->rung_us + rules->ladder[m->rung + 1].after_s * LINE_SECOND_US : 0;
    }
    if (m->rung >= last)
        m->rung_us = 0;
    if (m->rung == before)
        return TF_OK;
    return alarm_pass_on(t->c, t->row, m->is_own, m->seq, rules->ladder[m->rung].role);
}

static enum tf_status escalate(struct ticking *t, struct stored *m)
{
    enum tf_status rc = need_rules(t);
    if (!rc && m->rung >= (int64_t)t->rules.rungs) /* the ladder has become shorter */
        m->rung = (int64_t)t->rules.rungs - 1;
    if (!rc)
        rc = raise_due(t, m);
    if (!rc)
        rc = climb(t, m);
    return rc ? rc : stored_save(t->c, t->row, m);
}

static enum tf_status look_at_deadlines(struct ticking *t)
{
    struct stored due[DUE_MAX];
    size_t count;
    int64_t next_us;
    enum tf_status rc = stored_due(t->c, t->row, t->c->now_us, DUE_MAX, due, &count, &next_us);
    for (size_t i = 0; !rc && i < count; i++) {
        rc = escalate(t, &due[i]);
        if (!rc && due[i].due_us > 0)
            come_again(t, due[i].due_us);
    }
    if (!rc && next_us > 0)
        come_again(t, next_us);
    return rc;
}

/* --- drills ----------------------------------------------------------------------------------- */

static bool may_speak(const struct line_context *c, const struct line_row *row)
{
    struct key_public key = key_public_of(c->key);
    return row_state(row) == LINE_OPEN && row->hot.return_from <= 0 && !row->cold.is_wary &&
           memcmp(key.bytes, row->cold.own_key, KEY_PUBLIC_SIZE) == 0;
}

static enum tf_status say_drill(struct ticking *t)
{
    int64_t seq;
    json_t *body = json_object();
    enum tf_status rc = body ? need_rules(t) : TF_NOMEM;
    if (!rc) {
        const struct line_draft draft = {
            .type = "drill", .role = t->rules.ladder[0].role, .body = body};
        rc = say_in(t->c, t->row, &draft, false, &seq, NULL);
    }
    json_decref(body);
    return rc;
}

static enum tf_status look_at_drills(struct ticking *t)
{
    struct line_cold *cold = &t->row->cold;
    int64_t every_us = cold->drill_s * LINE_SECOND_US, now_us = t->c->now_us;
    if (every_us <= 0 || row_state(t->row) == LINE_CLOSED)
        return TF_OK;
    if (cold->drill_us == 0 || cold->drill_us > now_us) /* counted from now on */
        cold->drill_us = now_us;
    if (now_us - cold->drill_us < every_us) {
        come_again(t, cold->drill_us + every_us);
        return TF_OK;
    }
    return may_speak(t->c, t->row) ? say_drill(t) : TF_OK;
}

/* --- beats and retries ---------------------------------------------------------------------------
 */

/* Half of the time for which it has waited: the other may never take it (a fork). What has been
 * lost comes back as fast as it can. */
static int64_t retry_us(const struct line_hot *h, int64_t now_us)
{
    bool returns = h->return_from > 0 || h->peer_return_from > 0;
    int64_t half_us = (now_us - h->moved_us) / 2;
    return returns || half_us < LINE_RETRY_US ? LINE_RETRY_US : half_us;
}

static bool look_at_posts(struct ticking *t)
{
    const struct line_hot *h = &t->row->hot;
    int64_t beat_us = t->row->cold.heartbeat_s * LINE_SECOND_US / LINE_BEATS;
    bool is_closed = row_state(t->row) == LINE_CLOSED;
    bool waits = h->own_seq > h->own_receipted || h->return_from > 0 || h->peer_return_from > 0;
    int64_t again_us = retry_us(h, t->c->now_us);
    if (row_has_news(t->row))
        return true;
    if (is_closed && !waits)
        return false;
    int64_t wait_us = waits && !is_closed && beat_us > again_us ? again_us : beat_us;
    int64_t since_us = t->c->now_us - h->posted_us;
    bool is_due = since_us < 0 || since_us >= wait_us;
    come_again(t, is_due ? t->c->now_us + wait_us : h->posted_us + wait_us);
    return is_due;
}

enum tf_status line_tick(const struct line_context *c, const char *line, int64_t *next_us,
                         bool *wants_post)
{
    struct line_row row;
    struct ticking t = {.c = c, .row = &row, .next_us = c->now_us + 3600 * LINE_SECOND_US};
    bool wants = false;
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = rules_refresh(c, &row, false);
    if (!rc)
        rc = listen(&t);
    if (!rc)
        rc = look_at_deadlines(&t);
    if (!rc)
        rc = look_at_drills(&t);
    if (!rc) {
        come_again(&t, row.cold.rules_until_us);
        wants = look_at_posts(&t);
        rc = row_save(c, &row);
    }
    if (t.has_rules)
        memo_release(&t.rules);
    if (rc)
        return rc;
    *next_us = t.next_us;
    *wants_post = wants;
    return TF_OK;
}
