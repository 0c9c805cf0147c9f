/*
 * survey.c - how the lines stand, for metrics; and which event is the latest.
 */
#include "party/internal.h"

static bool count_line(void *ctx, const struct line_info *info)
{
    struct party_survey *s = ctx;
    s->lines[info->state]++;
    s->alarms += (uint64_t)info->open_alarms;
    s->waiting += (uint64_t)info->waiting;
    if (info->state == LINE_CLOSED || s->shown == PARTY_LINES_SHOWN)
        return true;
    memcpy(s->line[s->shown].peer, info->peer, sizeof info->peer);
    s->line[s->shown].state = info->state;
    s->line[s->shown].heard_us = info->heard_us;
    s->line[s->shown].undelivered = info->own_seq - info->own_receipted;
    s->shown++;
    return true;
}

static bool count_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct party_survey *s = ctx;
    (void)alarm;
    s->alarms++;
    return true;
}

enum tf_status survey_take(const struct line_context *c, struct party_survey *out)
{
    struct party_survey fresh = {.at_us = c->now_us};
    enum tf_status rc = ledger_size(c->ledger, &fresh.ledger_size);
    if (!rc)
        rc = line_each(c, count_line, &fresh);
    if (!rc) /* those of no line */
        rc = line_each_alarm(c, "", false, count_alarm, &fresh);
    if (!rc)
        *out = fresh;
    return rc;
}

enum tf_status party_last_event(const struct line_context *c, int64_t *id)
{
    int64_t gone;
    return line_event_span(c, &gone, id);
}
