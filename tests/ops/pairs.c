/*
 * pairs.c - see pairs.h: nodes, their transactions, and what lies between them.
 */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pairs_fail(const struct world *w, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("seed %llu, step %u: %s\n", (unsigned long long)w->seed, w->step, text);
    fail();
    abort();
}

/* --- a node ----------------------------------------------------------------------------------- */

struct faulty {
    struct world *w;
    int which;
};

/* The fault of the n-th write: as of a full disk, or the moment of a crash. */
static enum tf_status fault(void *ctx)
{
    struct world *w = ((struct faulty *)ctx)->w;
    int which = ((struct faulty *)ctx)->which;
    if (w->writes_left[which] == 0 || --w->writes_left[which] > 0)
        return TF_OK;
    w->has_faulted[which] = true;
    return TF_LIMIT;
}

static void new_memory(struct world *w, int which)
{
    struct side *side = &w->pair.side[which];
    w->ops[which] = test_ops_start(&side->c, w->extensions[which]);
}

void pairs_restart(struct world *w, int which)
{
    ops_free(w->ops[which]);
    ledger_forget(w->pair.side[which].ledger);
    new_memory(w, which);
}

static enum tf_status due(struct world *w, int which)
{
    const struct line_context *c = &w->pair.side[which].c;
    return ops_turn(w->ops[which], c, NULL, NULL);
}

/* As run_one() of src/party/party.c. */
static enum tf_status run_alone(struct world *w, int which,
                                enum tf_status (*run)(struct world *, int, void *), void *arg,
                                enum tf_status *said)
{
    struct side *side = &w->pair.side[which];
    enum tf_status rc = sql_mark(side->sql);
    if (rc)
        return rc;
    *said = run(w, which, arg);
    if (*said == TF_OK)
        return sql_keep(side->sql);
    ledger_forget(side->ledger);
    rc = sql_undo(side->sql);
    return w->has_faulted[which] ? TF_LIMIT : rc;
}

/* --- the judge -------------------------------------------------------------------------------- */

struct judging {
    struct world *w;
    int which;
    const struct memorandum *rules;
};

static bool is_named(const char *body, const struct world *w, int which)
{
    if (strstr(body, "secret"))
        return true;
    for (int i = 0; i < SLOTS; i++)
        if (strstr(body, w->slots[which][i].id))
            return true;
    return false;
}

/* What words say that a level does not give, whatever the rules' own judge thinks. */
static const char *word_beyond(const char *body, enum memo_disclosure level)
{
    static const struct {
        const char *word;
        enum memo_disclosure from;
    } words[] = {{"altitude", MEMO_FULL},    {"geometry", MEMO_FULL},   {"level_m", MEMO_FULL},
                 {"\"feature\"", MEMO_FULL}, {"\"cost\"", MEMO_FULL},   {"\"cells\":", MEMO_CELLS},
                 {"\"area\"", MEMO_WINDOW},  {"\"start\"", MEMO_WINDOW}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (level < words[i].from && strstr(body, words[i].word))
            return words[i].word;
    return NULL;
}

static bool judge(void *ctx, const struct line_message *m)
{
    struct judging *j = ctx;
    struct message message;
    struct tf_fault fault;
    j->w->judged[j->which] = m->seq;
    assert_int_equal(message_parse(m->payload, m->payload_len, &message, &fault), TF_OK);
    bool is_case = strcmp(m->type, "case.propose") == 0,
         is_ours = strncmp(m->type, "op.", 3) == 0 || strncmp(m->type, "site.", 5) == 0;
    if (!is_case && !is_ours) {
        message_release(&message);
        return true;
    }
    const json_t *declared = is_case ? json_object_get(message.body, "declared") : message.body;
    const char *kind = json_string_value(json_object_get(declared, "kind"));
    char *body = json_dumps(message.body, 0);
    if (ops_disclosure_check(j->rules, m->type, message.body, &fault) != TF_OK)
        pairs_fail(j->w, "%s says too much (%s): %s", m->type, fault.field, body);
    const char *beyond =
        word_beyond(body, kind ? memo_rule_of(j->rules, kind).disclosure : MEMO_NOTHING);
    if (beyond)
        pairs_fail(j->w, "%s says %s: %s", m->type, beyond, body);
    if (is_named(body, j->w, j->which))
        pairs_fail(j->w, "%s names what is ours: %s", m->type, body);
    j->w->seen.said++;
    free(body);
    message_release(&message);
    return true;
}

/* All that was said since, by the rules that hold now. */
static void judge_said(struct world *w, int which)
{
    struct side *side = &w->pair.side[which];
    struct memorandum rules;
    struct judging j = {.w = w, .which = which, .rules = &rules};
    if (side_info(side, w->pair.line).own_seq == w->judged[which])
        return;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(line_rules(&side->c, w->pair.line, &rules), TF_OK);
    assert_int_equal(
        line_each_message(&side->c, w->pair.line, true, w->judged[which], 1000, judge, &j), TF_OK);
    sql_rollback(side->sql);
    memo_release(&rules);
}

enum tf_status pairs_do(struct world *w, int which,
                        enum tf_status (*run)(struct world *w, int which, void *arg), void *arg)
{
    struct side *side = &w->pair.side[which];
    struct faulty faulty = {w, which};
    enum tf_status said = TF_OK;
    w->has_faulted[which] = false;
    sql_set_fault(side->sql, fault, &faulty);
    enum tf_status rc = sql_begin(side->sql);
    if (!rc)
        rc = run_alone(w, which, run, arg, &said);
    if (!rc)
        rc = due(w, which);
    if (!rc)
        rc = sql_commit(side->sql);
    else
        sql_rollback(side->sql);
    sql_set_fault(side->sql, NULL, NULL);
    w->writes_left[which] = 0;
    if (rc) {
        if (!w->has_faulted[which])
            pairs_fail(w, "a transaction of side %d: %d %s", which, rc, sql_why(side->sql));
        ledger_forget(side->ledger);
        w->seen.faults++;
        if (chance(w, 50))
            pairs_restart(w, which);
        return TF_LIMIT;
    }
    judge_said(w, which);
    pairs_promises(w, which);
    return said;
}

static enum tf_status nothing(struct world *w, int which, void *arg)
{
    (void)w, (void)which, (void)arg;
    return TF_OK;
}

void pairs_turn(struct world *w, int which)
{
    (void)pairs_do(w, which, nothing, NULL);
}

void pairs_tick(struct world *w, int which)
{
    (void)side_tick(&w->pair.side[which], w->pair.line, NULL);
    judge_said(w, which);
}

/* --- the transport ---------------------------------------------------------------------------- */

/* Nothing leaves that was not judged when it was said. */
static void was_judged(void *ctx, const struct message *message)
{
    const struct judging *j = ctx;
    if (message->seq > j->w->judged[j->which])
        pairs_fail(j->w, "message %lld leaves unseen", (long long)message->seq);
}

static enum tf_status take(struct world *w, int which, void *arg)
{
    const struct tf_buf *post = arg;
    struct line_taken taken;
    struct tf_fault fault;
    return line_take(&w->pair.side[which].c, post->data, post->len, &taken, &fault);
}

static void collect(struct world *w, int from, struct tf_buf *post)
{
    struct judging j = {.w = w, .which = from};
    side_collect(&w->pair.side[from], w->pair.line, post);
    post_each_message(post, was_judged, &j);
}

void pairs_send(struct world *w, int from)
{
    struct tf_buf *post = &w->posts[from][w->count[from]];
    if (w->count[from] == POSTS)
        return;
    collect(w, from, post);
    if (chance(w, 25))
        tf_buf_release(post); /* lost */
    else
        w->count[from]++;
}

void pairs_deliver(struct world *w, int from)
{
    if (w->count[from] == 0)
        return;
    size_t at = below(w, (unsigned)w->count[from]);
    struct tf_buf *post = &w->posts[from][at];
    bool is_changed = chance(w, 5);
    if (is_changed) /* by somebody on the way */
        post->data[below(w, (unsigned)post->len)] ^= (char)(1 << below(w, 7));
    (void)pairs_do(w, 1 - from, take, post);
    if (!is_changed && chance(w, 25))
        return; /* it comes once more */
    tf_buf_release(post);
    w->posts[from][at] = w->posts[from][--w->count[from]];
}

void pairs_carry(struct world *w, int from)
{
    struct tf_buf post;
    collect(w, from, &post);
    enum tf_status rc = pairs_do(w, 1 - from, take, &post);
    if (rc)
        pairs_fail(w, "a post of side %d is not taken: %d", from, rc);
    tf_buf_release(&post);
}

static void drop_posts(struct world *w)
{
    for (int i = 0; i < 2; i++)
        for (; w->count[i] > 0; w->count[i]--)
            tf_buf_release(&w->posts[i][w->count[i] - 1]);
}

void pairs_calm(struct world *w)
{
    enum { ENOUGH = 4, TOO_LONG = 200 };
    int64_t before[2] = {-1, -1};
    drop_posts(w);
    for (int i = 0; i < 2; i++) {
        w->writes_left[i] = 0;
        pairs_resume(w, i);
    }
    for (int quiet = 0, i = 0; quiet < ENOUGH; i++) {
        pair_pass_time(&w->pair, 11 * SECOND_US);
        for (int side = 0; side < 2; side++) {
            pairs_tick(w, side);
            pairs_carry(w, side);
        }
        bool more = false;
        for (int side = 0; side < 2; side++) {
            struct line_info info = side_info(&w->pair.side[side], w->pair.line);
            more = more || info.own_seq != before[side] || info.own_receipted != info.own_seq;
            before[side] = info.own_seq;
        }
        quiet = more ? 0 : quiet + 1;
        if (i > TOO_LONG)
            pairs_fail(w, "the line does not come to rest");
    }
}

/* --- a world ---------------------------------------------------------------------------------- */

void pairs_open(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = w->random = seed;
    tf_separation_defaults(&w->table);
    w->changes_memo = chance(w, 20);
    pair_open(&w->pair, NULL);
    pair_pass_time(&w->pair, TEST_NOW_US - T0_US);
    for (int i = 0; i < 2; i++) {
        test_prepare(w->pair.side[i].sql, i);
        new_memory(w, i);
        for (int k = 0; k < SLOTS; k++)
            snprintf(w->slots[i][k].id, sizeof w->slots[i][k].id, "own-%d-%d", i, k);
    }
    pair_open_line(&w->pair);
    w->pair.side[1].c.now_us += (int64_t)below(w, 20) * SECOND_US; /* no two clocks are alike */
    pairs_propose_memo(w, 0);
    pairs_carry(w, 0);
    pairs_accept_memo(w, 1);
    pairs_calm(w);
    assert_int_equal(w->memos, 1);
    w->memos = 0;
}

void pairs_close(struct world *w)
{
    drop_posts(w);
    for (int i = 0; i < 2; i++)
        ops_free(w->ops[i]);
    pair_close(&w->pair);
}
